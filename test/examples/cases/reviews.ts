/** @file T17: Chinese reviews by topic and feeling, and an alarm on a shift. */
import { main } from '../../../examples/chinese/reviews.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'chinese/reviews.ts',
  reaches: 'topic and feeling of unseen Chinese reviews far above the majority class; the alarm comes after the shift',
  main,
  small: { steps: 60 },
  pictures: ['reviews-alarm'],
  goals: ({ byTopic, byFeeling, alarm, shift, sums, characters }, size) => ({
    'topic: 60 points above the majority class': byTopic.accuracy > byTopic.majority + 0.6,
    'praise and blame: above the majority class by 40 points, 20 when small':
      byFeeling.accuracy > byFeeling.majority + (size === 'small' ? 0.2 : 0.4),
    'no alarm before the shift, and one within five days of it':
      size === 'small' || (alarm >= shift && alarm < shift + 5),
    'without a shift the sum stays under half of the limit':
      size === 'small' || Math.max(...sums.slice(0, shift - 1)) < 2.5,
    'characters are whole: 𠮷 is one of them, halves of it are not':
      characters.includes('𠮷') && characters.every((character) => [...character].length === 1),
  }),
  says: ({ byTopic, byFeeling, alarm, shift }) =>
    `topic ${(100 * byTopic.accuracy).toFixed(1)} %, feeling ${(100 * byFeeling.accuracy).toFixed(1)} %, shift on day ${shift}, alarm on day ${alarm}`,
})

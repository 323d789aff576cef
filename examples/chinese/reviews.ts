/**
 * @file Chinese reviews of a shop, character by character: what each is about, whether it praises or blames, and an
 * alarm on the day on which the share of complaints has shifted.
 *
 *   npx tsx examples/chinese/reviews.ts [--device webgpu]
 */
import { data, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { program } from '../run.ts'
import { alphabetOf, Reader, rowsOf } from './reader.ts'
import { feelings, type Review, review, topics } from './texts.ts'

type Question = 'topic' | 'feeling'
const [LENGTH, WIDTH] = [20, 16] // characters of a review, filled up; numbers for each

/** Scores of the topics, and of praise and blame, from one reading. */
export class Judge extends nn.Module {
  reader: Reader
  topic: nn.Linear
  feeling: nn.Linear
  constructor(characters: number, options: nn.LayerOptions) {
    super()
    this.reader = new Reader(characters, WIDTH, 5, options)
    this.topic = new nn.Linear(2 * WIDTH, topics.length, options)
    this.feeling = new nn.Linear(2 * WIDTH, feelings.length, options)
  }
  forward(x: Tensor): [topic: Tensor, feeling: Tensor] {
    const read = this.reader.forward(x)
    return [this.topic.forward(read), this.feeling.forward(read)]
  }
}

/**
 * CUSUM (Page 1954): how much more than expected has been seen, added up day by day and never below 0. Noise drifts
 * back, as each day costs `slack`; a shift piles up until it passes the limit.
 */
export function cusum(shares: readonly number[], { normal, daily }: { normal: number; daily: number }): number[] {
  const sigma = Math.sqrt((normal * (1 - normal)) / daily) // of a share among `daily` reviews
  let sum = 0
  return shares.map((share) => {
    sum = Math.max(0, sum + (share - normal) / sigma - 0.5)
    return sum
  })
}
export const LIMIT = 5

export const main = program(
  import.meta.url,
  'Chinese reviews: topic, praise or blame, and an alarm when complaints become more.',
  {
    steps: [140, 'of Adam'],
    train: [400, 'reviews to learn from'],
    daily: [40, 'reviews a day'],
    shift: [25, 'the day from which complaints are 40 % in place of 20 %'],
  },
  async ({ device, seed, steps, train, daily, shift, progress, show }) => {
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const known = Array.from({ length: train }, () => review(random))
    const texts = new Set(known.map(({ text }) => text))
    const drawn = Array.from({ length: 500 }, () => review(random))
    const unseen = drawn.filter(({ text }) => !texts.has(text)).slice(0, 300)
    const alphabet = alphabetOf([...texts])
    const net = new Judge(alphabet.size + 1, { device })
    const classesOf = (reviews: readonly Review[], which: Question) =>
      tensor(Int32Array.from(reviews.map((one) => one[which])), { device })
    const scoresOf = (reviews: readonly Review[]) => {
      const texts = reviews.map(({ text }) => text)
      return net.forward(rowsOf(texts, alphabet, LENGTH, device))
    }
    const adam = new optim.Adam(net.parameters(), { lr: 0.01 })
    for (let step = 1; step <= steps; step++) {
      adam.zeroGrad()
      const some = Array.from({ length: 32 }, () => known[random.int(train)])
      scope(() => {
        const [topic, feeling] = scoresOf(some) // one body, two questions: the losses add up
        const about = nn.functional.crossEntropy(topic, classesOf(some, 'topic'))
        about.add(nn.functional.crossEntropy(feeling, classesOf(some, 'feeling'))).backward()
      })
      adam.step()
      progress(step, steps)
    }

    const read = async (reviews: readonly Review[]): Promise<number[][]> => {
      const scores = noGrad(() => scope(() => scoresOf(reviews)))
      return Promise.all(scores.map(async (score) => [...(await score.argmax(1).data())]))
    }
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    const [topic, feeling] = await read(unseen)
    unseen.slice(0, 6).forEach(({ text }, i) => console.log(`${text} → ${topics[topic[i]]}，${feelings[feeling[i]]}`))
    const judged = (which: Question, found: readonly number[]) => {
      const accuracy = unseen.filter((one, i) => one[which] === found[i]).length / unseen.length
      const counts = found.map((_, k) => unseen.filter((one) => one[which] === k).length)
      const majority = Math.max(...counts) / unseen.length // always the most frequent class
      console.log(`${which}: ${percent(accuracy)} of ${unseen.length} unseen reviews, majority ${percent(majority)}`)
      return { accuracy, majority }
    }
    const [byTopic, byFeeling] = [judged('topic', topic), judged('feeling', feeling)]

    // Forty days: the first ten say what is normal, by the classifier's own count.
    const days = Array.from({ length: 40 }, (_, day) =>
      Array.from({ length: daily }, () => review(random, day + 1 < shift ? 0.2 : 0.4)),
    )
    const counted = await Promise.all(days.map(read))
    const shares = counted.map(([, feeling]) => feeling.filter((found) => found === 1).length / daily)
    const normal = shares.slice(0, 10).reduce((sum, share) => sum + share, 0) / 10
    const sums = cusum(shares, { normal, daily })
    const alarm = sums.findIndex((sum) => sum > LIMIT) + 1
    console.log(`complaints: ${percent(normal)} in ten days; shift on day ${shift}, alarm on day ${alarm}`)
    const x = days.map((_, i) => i + 1)
    const sum = { name: 'CUSUM', x, y: sums.slice(0, alarm || days.length) }
    const lines = [sum, { name: 'limit', x, y: sums.map(() => LIMIT) }]
    const dots = { name: 'share of a day', x, y: shares, dots: true }
    const svg = show({ title: 'Complaints as counted', xLabel: 'day', yLabel: 'share', lines: [dots] })
    show({ title: 'Added up until the alarm', xLabel: 'day', yLabel: 'sum', lines }, 'reviews-alarm')
    return { byTopic, byFeeling, alarm, shift, sums, characters: [...alphabet.keys()], svg }
  },
)

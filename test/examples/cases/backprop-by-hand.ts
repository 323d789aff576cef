/** @file T2: a 3–4–2 network, every term of the chain rule beside `.grad`. */
import { main } from '../../../examples/backprop-by-hand.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'backprop-by-hand.ts',
  reaches: 'every term equals .grad, exactly in float64, and the network learns its example',
  main,
  small: { steps: 100 },
  goals: ({ checks, right, shapes, dropped, losses, reached }, size, device) => ({
    'every gradient equals the hand derivation': checks.every(({ approximate }) => approximate),
    'in float64 all bits': device.kind !== 'cpu' || checks.every(({ exact }) => exact),
    // What the text has as 0.14; its hidden layer's gradient has no shape; without tanh′ it is another gradient.
    'E of [0.7, 0.3] is 0.09': Math.abs(right - 0.09) < 1e-6,
    "the text's gradient of the hidden layer is refused":
      shapes === 'sub: [4, 1] and [2, 1] do not broadcast, axis -2 is 4 and 2 (reshape or unsqueeze one)',
    'without tanh′ all elements differ': dropped.startsWith('inspect.checkGrad: 12 of 12 elements differ'),
    'E falls': (losses.at(-1) ?? 1) < (size === 'small' ? 0.01 : 3e-4),
    'y ≈ [0.9+, 0.1−]': size === 'small' || (reached[0] > 0.9 && reached[1] < 0.1),
  }),
  says: ({ reached }) => `y = [${reached.map((v) => v.toFixed(3)).join(', ')}]`,
})

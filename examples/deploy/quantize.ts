/**
 * @file Quantization: weights as whole numbers of few bits, w ≈ s·q, with one scale s for a matrix or one for each row.
 * Accuracy, bytes and rounding errors beside what theory says; then the first layer in whole numbers alone.
 *
 *   npx tsx examples/deploy/quantize.ts [--data FOLDER] [--device webgpu]
 */
import { type nn, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { dataOption } from '../data.ts'
import { program } from '../run.ts'
import { perceptron, trained } from './trained.ts'

type Rows = number[][]

/** q = round(w/s) from −top to top, top = 2^(bits − 1) − 1, and s = max|w|/top: of all rows, or of each (a channel). */
function quantized(rows: Rows, bits: number, perRow: boolean) {
  const top = 2 ** (bits - 1) - 1
  const sizes = rows.map((row) => Math.max(...row.map(Math.abs)))
  const largest = Math.max(...sizes)
  const scales = Float32Array.from(sizes, (size) => (perRow ? size : largest) / top || 1)
  const q = rows.map((row, r) => Int8Array.from(row, (w) => Math.round(w / scales[r])))
  const bytes = Math.ceil((rows.length * rows[0].length * bits) / 8) + 4 * (perRow ? rows.length : 1)
  return { q, scales, bytes }
}

/** w ≈ s·q */
const restored = ({ q, scales }: ReturnType<typeof quantized>): Rows =>
  q.map((row, r) => Array.from(row, (v) => v * scales[r]))
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)

/** z = W₁x + b₁ of an image of bytes u, x = u/255: Σ q·u in whole numbers, then one product for each unit. */
function layerInIntegers(
  { q, scales }: ReturnType<typeof quantized>,
  bias: readonly number[],
  u: Uint8Array,
): number[] {
  return q.map((row, r) => {
    let sum = 0 // at most 784 · 127 · 255 < 2³¹: an int32 holds it
    for (let i = 0; i < u.length; i++) sum = (sum + row[i] * u[i]) | 0
    return (scales[r] / 255) * sum + bias[r]
  })
}

export const main = program(
  import.meta.url,
  'Weights of 8 bits and fewer: accuracy, bytes, and errors as theory has them.',
  { steps: [100, 'of training'], data: dataOption },
  async ({ device, steps, data: folder, progress, show }) => {
    const { model, test, accuracyOf } = await trained(device, folder, steps, (step) => progress(step, steps))
    const [w1, b1, w2, b2] = (await Promise.all(model.parameters().map((p) => p.array()))) as [
      Rows,
      number[],
      Rows,
      number[],
    ]
    const withWeights = (first: Rows, second: Rows): nn.Sequential => {
      const copy = perceptron(device)
      const state = { '0.weight': first, '0.bias': b1, '2.weight': second, '2.bias': b2 }
      copy.loadStateDict(Object.fromEntries(Object.entries(state).map(([name, v]) => [name, tensor(v, { device })])))
      return copy
    }
    const biases = 4 * (b1.length + b2.length)
    const float = { bytes: biases + 4 * (w1.flat().length + w2.flat().length), accuracy: await accuracyOf(model) }

    const found: { bits: number; perRow: boolean; bytes: number; error: number; theory: number; accuracy: number }[] =
      []
    for (const [bits, perRow] of [8, 6, 4, 3, 2].flatMap((n) => [[n, false] as const, [n, true] as const])) {
      const layers = [w1, w2].map((rows) => quantized(rows, bits, perRow))
      const [first, second] = layers.map(restored)
      const error = rms(w1.flatMap((row, r) => row.map((w, i) => first[r][i] - w)))
      // Errors of rounding are spread evenly over −s/2 … s/2: their mean square is s²/12.
      const theory = rms([...layers[0].scales]) / Math.sqrt(12)
      const bytes = biases + layers[0].bytes + layers[1].bytes
      found.push({ bits, perRow, bytes, error, theory, accuracy: await accuracyOf(withWeights(first, second)) })
    }
    const percent = (v: number): string => `${(100 * v).toFixed(1)} %`
    const head = ['bits', 'scale of', 'bytes', 'error of W₁', 's/√12', 'right']
    const rows = found.map((f) => {
      const cells = [f.bytes, f.error.toExponential(2), f.theory.toExponential(2), percent(f.accuracy)]
      return [f.bits, f.perRow ? 'each row' : 'the matrix', ...cells]
    })
    console.log(table(head, [[32, '', float.bytes, '0', '', percent(float.accuracy)], ...rows]))

    // The first layer in whole numbers, the second by the model: pixels are bytes already.
    const eight = quantized(w1, 8, true)
    const images = Array.from(test.labels, (_, i) => test.images.subarray(784 * i, 784 * (i + 1)))
    const z = images.map((u) => layerInIntegers(eight, b1, u))
    const wanted = (await withWeights(restored(eight), w2)
      .layers[0].forward(
        tensor(
          images.map((u) => Array.from(u, (v) => v / 255)),
          { device },
        ),
      )
      .array()) as Rows
    const off = Math.max(...z.flatMap((row, n) => row.map((v, r) => Math.abs(v - wanted[n][r]))))
    console.log(`\nthe first layer in whole numbers, all ${z.length} images: the same to ${off < 1e-4 ? '1e-4' : off}`)

    const lines = [false, true].map((rowwise) => {
      const some = found.filter(({ perRow }) => perRow === rowwise)
      const name = rowwise ? 'a scale for each row' : 'a scale for the matrix'
      return { name, x: some.map(({ bits }) => bits), y: some.map(({ accuracy }) => 100 * accuracy) }
    })
    const svg = show({ title: 'Accuracy by the bits of a weight', xLabel: 'bits', yLabel: 'right, %', lines })
    return { float, found, off, svg }
  },
)

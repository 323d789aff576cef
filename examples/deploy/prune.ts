/**
 * @file Magnitude pruning: the smallest weights of a trained network become 0. Accuracy and bytes for each share,
 * beside as many weights taken at random, and after some more training in which what is 0 stays 0.
 *
 *   npx tsx examples/deploy/prune.ts [--data FOLDER] [--device webgpu]
 */
import { type nn, noGrad, rand, type Tensor, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { dataOption } from '../data.ts'
import { program } from '../run.ts'
import { learn, perceptron, trained } from './trained.ts'

/** 1 for what stays, 0 for the `share` of all elements, of all matrices together, that have the least size. */
function masksOf(sizes: readonly Float32Array[], share: number): Float32Array[] {
  const sorted = Float32Array.from(sizes.flatMap((one) => [...one])).sort()
  const least = sorted[Math.round(share * sorted.length)]
  return sizes.map((one) => one.map((size) => (size >= least ? 1 : 0)))
}

/** A matrix without its zeros, row by row: values, their columns, and where each row begins (CSR). */
function compressed(matrix: Float32Array, columns: number) {
  const kept = [...matrix.keys()].filter((i) => matrix[i] !== 0)
  const starts = new Uint32Array(matrix.length / columns + 1)
  for (const i of kept) starts[Math.floor(i / columns) + 1]++ // elements of each row …
  for (let r = 1; r < starts.length; r++) starts[r] += starts[r - 1] // … and of all rows before
  const values = Float32Array.from(kept, (i) => matrix[i])
  const places = Uint16Array.from(kept, (i) => i % columns)
  return { values, places, starts, bytes: values.byteLength + places.byteLength + starts.byteLength }
}

function restored({ values, places, starts }: ReturnType<typeof compressed>, columns: number): Float32Array {
  const matrix = new Float32Array((starts.length - 1) * columns)
  for (let r = 0; r + 1 < starts.length; r++)
    for (let k = starts[r]; k < starts[r + 1]; k++) matrix[r * columns + places[k]] = values[k]
  return matrix
}

/** The matrices of a model; its biases are few, and stay. */
const weightsOf = (model: nn.Sequential): Tensor[] => model.parameters().filter(({ shape }) => shape.length === 2)
const arraysOf = (model: nn.Sequential) =>
  Promise.all(weightsOf(model).map(async (w) => Float32Array.from(await w.data())))
/** w ← w · mask */
const cut = (model: nn.Sequential, masks: readonly Tensor[]): void =>
  noGrad(() => weightsOf(model).forEach((w, i) => w.mul_(masks[i])))

export const main = program(
  import.meta.url,
  'Magnitude pruning: accuracy and bytes by the share of weights that are 0.',
  { steps: [100, 'of training'], again: [20, 'steps of training after pruning'], data: dataOption },
  async ({ device, steps, again, data: folder, progress, show }) => {
    const shares = [0, 0.5, 0.8, 0.9, 0.95, 0.98]
    const total = steps + again * shares.length
    const { model, batches, accuracyOf } = await trained(device, folder, steps, (step) => progress(step, total))
    const weights = await arraysOf(model)
    const shapes = weightsOf(model).map(({ shape }) => shape)
    const noise = await Promise.all(shapes.map(async (shape) => Float32Array.from(await rand(shape).data())))
    const biases = 4 * (64 + 10)

    const found = []
    for (const [i, share] of shares.entries()) {
      const masksBy = (sizes: Float32Array[]): Tensor[] =>
        masksOf(sizes, share).map((mask, k) => tensor(mask, { shape: shapes[k], device }))
      const pruned = (masks: readonly Tensor[]): nn.Sequential => {
        const copy = perceptron(device)
        copy.loadStateDict(model.stateDict())
        cut(copy, masks)
        return copy
      }
      const masks = masksBy(weights.map((w) => w.map(Math.abs)))
      const [small, random] = [pruned(masks), pruned(masksBy(noise))]
      const [least, any] = [await accuracyOf(small), await accuracyOf(random)]
      await learn(small, batches, again, (step) => {
        cut(small, masks) // what is 0 stays 0
        progress(steps + i * again + step, total, `${100 * share} % are 0`)
      })
      const arrays = await arraysOf(small)
      const files = arrays.map((matrix, k) => compressed(matrix, shapes[k][1]))
      const same = files.every((file, k) => restored(file, shapes[k][1]).every((w, j) => w === arrays[k][j]))
      const zeros = arrays.reduce((sum, matrix) => sum + matrix.filter((w) => w === 0).length, 0)
      const bytes = biases + files.reduce((sum, file) => sum + file.bytes, 0)
      found.push({ share, bytes, least, any, again: await accuracyOf(small), zeros, same })
    }
    const dense = biases + weights.reduce((sum, w) => sum + w.byteLength, 0)
    const percent = (v: number): string => `${(100 * v).toFixed(1)} %`
    const rows = found.map((f) => [percent(f.share), f.bytes, ...[f.least, f.any, f.again].map(percent)])
    console.log(`${dense.toLocaleString('en-US')} bytes as whole matrices; with the zeros left out:\n`)
    console.log(table(['zeros', 'bytes', 'least taken', 'any taken', 'trained again'], rows))
    const x = shares.map((share) => 100 * share)
    const lines = [
      { name: 'the least taken', x, y: found.map((f) => 100 * f.least) },
      { name: 'any taken', x, y: found.map((f) => 100 * f.any) },
      { name: 'least, trained again', x, y: found.map((f) => 100 * f.again) },
    ]
    const svg = show({ title: 'Accuracy by the share of zeros', xLabel: 'zeros, %', yLabel: 'right, %', lines })
    return { found, dense, svg }
  },
)

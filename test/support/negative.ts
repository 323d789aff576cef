/**
 * @file Negative indices count from the end, in every function that takes indices: what each gives, and its gradient,
 * is what it gives for the same places counted from the start. For any device: indexing(.webgpu).test.ts run them.
 */
import { expect, it } from 'vitest'
import {
  at,
  type Device,
  embedding,
  embeddingBag,
  gather,
  grad,
  indexAdd,
  indexCopy,
  indexFill,
  indexPut,
  indexSelect,
  scatter,
  scatterAdd,
  scatterReduce,
  type Tensor,
  take,
  takeAlongDim,
  tensor,
} from '../../src/index.ts'

const rows = [4, -1, 0, -5, -3, 2, -1, 1]
const square = (i: Tensor) => i.reshape([4, 2])
type Call = (x: Tensor, index: Tensor, source: Tensor) => Tensor

/** Of a table of 5 rows and 2 columns, 8 indices and 8 rows to write. */
const calls: Readonly<Record<string, Call>> = {
  at: (x, i) => at(x, i),
  take: (x, i) => take(x, i),
  gather: (x, i) => gather(x, 0, square(i)),
  takeAlongDim: (x, i) => takeAlongDim(x, square(i), 0),
  indexSelect: (x, i) => indexSelect(x, 0, i),
  embedding: (x, i) => embedding(x, square(i)),
  'embedding with padding': (x, i) => embedding(x, i, { paddingIdx: 4 }),
  embeddingBag: (x, i) => embeddingBag(x, square(i), { paddingIdx: -1 }),
  scatter: (x, i, s) => scatter(x, 0, square(i), s),
  scatterAdd: (x, i, s) => scatterAdd(x, 0, square(i), s),
  'scatterReduce, product': (x, i, s) => scatterReduce(x, 0, square(i), s, 'prod'),
  'scatterReduce, greatest': (x, i, s) => scatterReduce(x, 0, square(i), s, 'amax'),
  indexAdd: (x, i, s) => indexAdd(x, 0, i, s),
  indexCopy: (x, i, s) => indexCopy(x, 0, i, s),
  indexFill: (x, i) => indexFill(x, 0, i, 7),
  indexPut: (x, i, s) => indexPut(x, [i], s, { accumulate: true }),
}
/** Those that take integers of the host too, and the rows that go there: [0, 1], [1, 1], … */
const hosted: Readonly<Record<string, (x: Tensor, index: readonly number[], source: Tensor) => Tensor>> = {
  indexSelect: (x, i) => indexSelect(x, 0, i),
  indexAdd: (x, i, s) => indexAdd(x, 0, i, s),
  indexCopy: (x, i, s) => indexCopy(x, 0, i, s),
  indexFill: (x, i) => indexFill(x, 0, i, 7),
}

export function negativeTests(on: () => Device): void {
  const counted = (limit: number) => rows.map((i) => (i < 0 ? i + limit : i))
  const float = (count: number, cols: number) =>
    tensor(
      Float32Array.from({ length: count * cols }, (_, i) => Math.sin(3 * i + count)),
      { shape: [count, cols], device: on(), requiresGrad: true },
    )

  it.each(Object.entries(calls))('%s counts negative indices from the end', async (name, call) => {
    const results = [rows, counted(name === 'take' ? 10 : 5)].map((list) => {
      const [x, source] = [float(5, 2), float(8, 2)]
      const y = call(x, tensor(Int32Array.from(list), { device: on() }), source)
      const weights = tensor(
        Float32Array.from({ length: y.numel }, (_, i) => Math.cos(i)),
        { shape: y.shape, device: on() },
      )
      const grads = grad(y.mul(weights).sum(), [x, source], { allowUnused: true })
      return [y, ...grads.flatMap((g) => (g ? [g] : []))]
    })
    const [got, want] = await Promise.all(results.map((list) => Promise.all(list.map((y) => y.array()))))
    expect(got.length).toBeGreaterThan(1)
    expect(got).toEqual(want)
  })

  it.each(Object.entries(hosted))('%s of integers of the host too', async (_, call) => {
    const x = float(5, 2)
    const source = float(4, 2)
    const [got, want] = [
      [-1, 0, -5, 3],
      [4, 0, 0, 3],
    ].map((list) => call(x, list, source))
    expect(await got.array()).toEqual(await want.array())
    for (const bad of [5, -6])
      expect(() => call(x, [0, bad, 1, 1], source)).toThrow(`index ${bad} at position 1 is outside [-5, 5)`)
  })

  const named = (name: string) => (name === 'takeAlongDim' ? 'gather' : name.split(/[ ,]/)[0])
  it.each(Object.entries(calls).filter(([name]) => name !== 'take'))(
    '%s refuses what is beyond both ends',
    async (name, call) => {
      for (const bad of [5, -6]) {
        const list = rows.with(3, bad)
        const run = async () => {
          const y = call(float(5, 2), tensor(Int32Array.from(list), { device: on() }), float(8, 2))
          await y.data()
        }
        await expect(run()).rejects.toThrow(`${named(name)}: index ${bad} at position 3 is outside [-5, 5)`)
      }
    },
  )
}

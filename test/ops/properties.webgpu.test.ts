/**
 * @file Random programs on WebGPU follow the CPU's float64, values and gradients, and are bit-identical when run again;
 * and laws of what is exact on every device (fast-check). A failure prints its seed and the smallest example found;
 * HANDGRAD_SEED and HANDGRAD_RUNS repeat it, or try more.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Device,
  type DType,
  dropout,
  getDefaultDevice,
  grad,
  manualSeed,
  memory,
  openScope,
  rand,
  randint,
  type Tensor,
  type TypedArray,
  tensor,
} from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { leavesOf, type Program, programs, run } from '../support/programs.ts'
import { filled, type Host, hosts, numbers, permuted, withDim } from '../support/properties.ts'

const seed = Number(process.env.HANDGRAD_SEED ?? Date.now() % 2 ** 31)
const numRuns = Number(process.env.HANDGRAD_RUNS ?? 60)

let gpu: WebGPUDevice
beforeAll(async () => {
  console.log(`properties on WebGPU: seed ${seed}, ${numRuns} runs`)
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

/** The value of a program and its gradients, all read together. */
async function results(program: Program, on: Device, dtype: DType): Promise<TypedArray[]> {
  using s = openScope()
  const tensors = s.run(() => {
    const xs = leavesOf(program, on, dtype)
    const y = run(program, xs)
    const grads = grad(y.sum(), xs, { allowUnused: true })
    return [y, ...grads.filter((g) => g !== null)]
  })
  return await Promise.all(tensors.map((x) => x.data()))
}

it('random programs of up to 12 ops: WebGPU follows float64 and repeats itself', async () => {
  const before = memory(gpu)
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const want = await results(program, getDefaultDevice(), 'float64')
      const [got, again] = await Promise.all([results(program, gpu, 'float32'), results(program, gpu, 'float32')])
      got.forEach((list, i) => {
        const scale = Math.max(1, ...Array.from(want[i], Math.abs))
        list.forEach((v, j) => {
          if (!(Math.abs(v - want[i][j]) <= 1e-4 * scale))
            throw new Error(`result ${i}, element ${j}: ${v}, float64 says ${want[i][j]}`)
        })
      })
      expect(again).toEqual(got)
    }),
    { seed, numRuns },
  )
  const { tensors, nodes, storages, live } = memory(gpu)
  expect({ tensors, nodes, storages, live }).toMatchObject({
    tensors: before.tensors,
    nodes: before.nodes,
    storages: before.storages,
    live: before.live,
  })
}, 60_000)

/** What a function of a device gives there, bit for bit as on the CPU in float32. */
function exact<T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  f: (on: Device, ...values: T) => Tensor[],
): void {
  it(name, async () => {
    const results = async (on: Device, values: T) => {
      using s = openScope()
      const ys = s.run(() => f(on, ...values))
      return await Promise.all(
        ys.map(async (y) => ({ shape: y.shape, data: Array.from(await y.data(), (v) => v + 0) })),
      )
    }
    await fc.assert(
      fc.asyncProperty(...arbitraries, async (...values) => {
        const drawn = values as unknown as T
        const [got, want] = [await results(gpu, drawn), await results(getDefaultDevice(), drawn)]
        expect(got).toEqual(want)
      }),
      { seed, numRuns },
    )
  }, 60_000)
}

const on = (device: Device, { shape, data }: Host): Tensor =>
  tensor([...data], { shape, device, dtype: 'float32', requiresGrad: true })
const whole = fc.integer({ min: -5, max: 5 })
/** The result, and the gradient for a cotangent of whole numbers. */
const both = (y: Tensor, x: Tensor): Tensor[] => {
  const g = tensor(
    Int32Array.from({ length: y.numel }, (_, i) => (i % 7) - 3),
    { shape: y.shape, device: y.device },
  )
  return [y, ...grad(y, [x], { gradOutputs: [g.to('float32')] })]
}

exact(
  'views of views: permuted, flipped, rolled, cut, repeated, padded; values and gradients',
  [
    hosts(1, 4, 4).chain((h) => fc.tuple(fc.constant(h), permuted(h.shape.length))),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
  ],
  (device, [h, dims], shift, times) => {
    const x = on(device, h)
    const y = x
      .permute(dims)
      .roll(shift, 0)
      .flip(-1)
      .slice([null, null, -1])
      .repeat(dims.map((_, i) => (i === 0 ? times : 1)))
    return both(y.reshape([y.shape[0], -1]).transpose(), x)
  },
)

exact(
  'sort, topk, extremes and their gradients, with ties',
  [withDim(hosts(1, 3, 6, whole)), fc.boolean()],
  (device, [h, dim], descending) => {
    const x = on(device, h)
    const { values, indices } = x.sort(dim, { descending })
    const top = x.topk(Math.min(2, h.shape[dim]), dim, { largest: descending })
    const max = x.max(dim)
    return [...both(values, x), indices, ...both(top.values, x), top.indices, ...both(max.values, x), max.indices]
  },
)

exact(
  'gather, scatter, scatterAdd and indexSelect with repeats, and their gradients',
  [
    fc
      .integer({ min: 1, max: 6 })
      .chain((n) => fc.tuple(filled([n, 3], whole), fc.array(fc.nat(n - 1), { minLength: 1, maxLength: 9 }))),
  ],
  (device, [h, list]) => {
    const x = on(device, h)
    const rows = list.flatMap((i) => [i, (i + 1) % h.shape[0], i])
    const index = tensor(Int32Array.from(rows), { shape: [list.length, 3], device })
    const picked = () => x.gather(0, index)
    const zeros = x.detach().mul(0)
    return [
      ...both(picked(), x),
      ...both(x.indexSelect(0, list), x),
      ...both(zeros.scatterAdd(0, index, picked()), x),
      ...both(x.scatter(0, index, picked().mul(2)), x),
    ]
  },
)

exact(
  'sums of whole numbers in any order: sum, cumsum, matmul, comparisons and masks',
  [hosts(2, 3, 7, whole), whole],
  (device, h, bound) => {
    const x = on(device, h)
    const mask = x.gt(bound)
    const square = x.matmul(x.transpose())
    return [
      ...both(x.sum(0), x),
      ...both(x.cumsum(-1), x),
      ...both(square, x),
      ...both(x.where(mask, 0), x),
      mask.any(0),
    ]
  },
)

exact(
  'random numbers of any seed and size: uniform, integers, dropout with its gradient',
  [fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 2000 }), numbers],
  (device, seeded, n, value) => {
    manualSeed(seeded)
    const x = tensor([value], { device, requiresGrad: true })
    return [rand([n], { device }), randint(-3, 9, [n], { device }), ...both(dropout(x.expand([n]), { p: 0.5 }), x)]
  },
)

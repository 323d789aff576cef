/**
 * @file Tensors beyond one binding: with the limit lowered to 64 KiB, what is several times as large is run in parts,
 * each of which binds ranges of the same buffers. Values and gradients are those of the CPU device, or of a WebGPU
 * device that needs no parts; what cannot be cut is refused before anything ran.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  add,
  cat,
  crossEntropy,
  type Device,
  embedding,
  flip,
  full,
  gather,
  grad,
  gt,
  IndexError,
  indexAdd,
  indexSelect,
  LimitError,
  launch,
  linear,
  logSoftmax,
  manualSeed,
  matmul,
  optim,
  rand,
  randn,
  scaledDotProductAttention,
  scope,
  softmax,
  sort,
  type Tensor,
  tensor,
  where,
  zeros,
} from '../../src/index.ts'
import { device } from '../../src/node.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import type { WebGPUDevice, WebGPUOptions } from '../../src/webgpu/device.ts'
import { Pipelines } from '../../src/webgpu/pipelines.ts'

const LIMIT = 2 ** 16
const cpu = await device('cpu')

/** A device that checks each bind group against the limit. */
async function lowered(options: WebGPUOptions = {}): Promise<{ own: WebGPUDevice; bound: { most: number } }> {
  const own = await device('webgpu', { limits: { maxStorageBufferBindingSize: LIMIT }, ...options })
  const bound = { most: 0 }
  const create = own.gpu.createBindGroup.bind(own.gpu)
  own.gpu.createBindGroup = (descriptor) => {
    for (const { resource } of descriptor.entries) {
      const { buffer, offset = 0, size = buffer.size } = resource as GPUBufferBinding
      if (offset % 256 !== 0) throw new Error(`a binding begins at ${offset}`)
      bound.most = Math.max(bound.most, size)
    }
    return create(descriptor)
  }
  return { own, bound }
}

let own: WebGPUDevice
let bound: { most: number }
let free: WebGPUDevice
beforeAll(async () => {
  free = await device('webgpu')
  // Guards and NaN show what a part writes beyond its own, and what no part writes.
  const made = await lowered({ debug: true })
  own = made.own
  bound = made.bound
})
afterAll(() => {
  own?.destroy()
  free?.destroy()
})

/** Numbers in [−1.5, 1.5), the same each time. */
function numbers(shape: readonly number[], seed: number, on: Device, requiresGrad = false): Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  let state = seed
  const data = Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (3 * state) / 2 ** 32 - 1.5
  })
  return tensor(data, { shape, device: on, requiresGrad })
}

type Op = (...xs: Tensor[]) => Tensor
interface Case {
  readonly name: string
  readonly shapes: readonly (readonly number[])[]
  readonly run: Op
  readonly tolerance?: number
}
/** Whole numbers in [0, n) that hit some rows often, some never. */
const indices = (n: number, shape: readonly number[], on: Tensor): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1)
  const data = Int32Array.from({ length: count }, (_, i) => ((i * i + 7 * i) % n) - (i % 3 === 0 ? n : 0))
  return tensor(data, { shape, device: on.device })
}

const cases: Case[] = [
  {
    name: 'add',
    shapes: [
      [301, 403],
      [301, 403],
    ],
    run: (a, b) => add(a, b),
  },
  { name: 'add a row, a column', shapes: [[301, 403], [403], [301, 1]], run: (a, b, c) => a.mul(b).add(c) },
  { name: 'two axes of large rows', shapes: [[3, 20011]], run: (a) => a.exp() },
  {
    name: 'a transposed operand',
    shapes: [
      [203, 301],
      [301, 203],
    ],
    run: (a, b) => a.t().mul(b),
  },
  {
    name: 'three operands',
    shapes: [
      [251, 256],
      [251, 256],
    ],
    run: (a, b) => where(gt(a, b), a, b.mul(3)),
  },
  {
    name: 'three axes',
    shapes: [
      [5, 60, 128],
      [5, 1, 128],
    ],
    run: (a, b) => a.permute(1, 0, 2).sub(b.permute(1, 0, 2)),
  },
  { name: 'a flipped copy', shapes: [[203, 301]], run: (a) => flip(a, [0, 1]) },
  { name: 'a transposed copy', shapes: [[203, 301]], run: (a) => a.t().contiguous() },
  { name: 'a slice', shapes: [[203, 301]], run: (a) => a.slice([3, 190], [5, 290]).mul(2) },
  {
    name: 'cat of rows',
    shapes: [
      [203, 101],
      [99, 101],
      [203, 101],
    ],
    run: (...xs) => cat(xs, 0),
  },
  {
    name: 'cat of columns',
    shapes: [
      [203, 101],
      [203, 99],
      [203, 128],
    ],
    run: (...xs) => cat(xs, 1),
  },
  { name: 'sum of all', shapes: [[301, 403]], run: (a) => a.sum() },
  { name: 'row sums', shapes: [[301, 404]], run: (a) => a.sum(1) },
  { name: 'column sums', shapes: [[301, 404]], run: (a) => a.sum(0) },
  { name: 'sums of two long rows', shapes: [[2, 70000]], run: (a) => a.sum(1) },
  { name: 'sums down long columns', shapes: [[3, 40000]], run: (a) => a.sum(0) },
  { name: 'sums over a middle axis', shapes: [[9, 60, 128]], run: (a) => a.sum(1) },
  { name: 'extremes', shapes: [[301, 403]], run: (a) => a.amax(0).mul(a.amin()) },
  {
    name: 'matmul',
    shapes: [
      [301, 203],
      [203, 250],
    ],
    run: (a, b) => matmul(a, b),
  },
  {
    name: 'matmul, aligned',
    shapes: [
      [256, 192],
      [192, 256],
    ],
    run: (a, b) => matmul(a, b),
  },
  {
    name: 'matmul, b transposed',
    shapes: [
      [33, 203],
      [700, 203],
    ],
    run: (a, b) => matmul(a, b.t()),
  },
  {
    name: 'matmul, a transposed',
    shapes: [
      [203, 301],
      [203, 33],
    ],
    run: (a, b) => matmul(a.t(), b),
  },
  {
    name: 'one row',
    shapes: [
      [1, 203],
      [203, 400],
    ],
    run: (a, b) => matmul(a, b),
  },
  {
    name: 'a dot product',
    shapes: [
      [1, 50000],
      [50000, 1],
    ],
    run: (a, b) => matmul(a, b),
  },
  {
    name: 'matmul of a batch',
    shapes: [
      [5, 90, 77],
      [5, 77, 101],
    ],
    run: (a, b) => matmul(a, b),
  },
  {
    name: 'one matrix for a batch',
    shapes: [
      [5, 2, 90, 77],
      [77, 101],
    ],
    run: (a, b) => matmul(a, b),
  },
  { name: 'linear', shapes: [[90, 203], [301, 203], [301]], run: (x, w, b) => linear(x, w, b) },
  { name: 'linear of long rows', shapes: [[5, 20000], [7, 20000], [7]], run: (x, w, b) => linear(x, w, b) },
  { name: 'embedding', shapes: [[701, 67]], run: (w) => embedding(w, indices(701, [3, 200], w)) },
  { name: 'embedding, aligned', shapes: [[700, 64]], run: (w) => embedding(w, indices(700, [900], w)) },
  { name: 'embedding of few rows', shapes: [[701, 64]], run: (w) => embedding(w, indices(701, [5], w)) },
  { name: 'gather', shapes: [[301, 203]], run: (x) => gather(x, 1, indices(203, [301, 40], x).remainder(203)) },
  {
    name: 'indexAdd',
    shapes: [
      [400, 67],
      [900, 67],
    ],
    run: (x, source) => indexAdd(x, 0, indices(400, [900], x), source),
  },
  { name: 'softmax', shapes: [[301, 203]], run: (x) => softmax(x, 1) },
  { name: 'logSoftmax', shapes: [[100, 404]], run: (x) => logSoftmax(x, 1) },
  { name: 'sums over an empty axis', shapes: [[200, 0, 300]], run: (x) => x.sum(1).add(x.prod(1)) },
  {
    name: 'a product along an empty axis',
    shapes: [
      [300, 0],
      [0, 301],
    ],
    run: (a, b) => matmul(a, b),
  },
  {
    name: 'a linear of nothing, with relu',
    shapes: [[300, 0], [301, 0], [301]],
    run: (x, w, b) => linear(x, w, b, { activation: 'relu' }),
  },
  { name: 'no rows of a table', shapes: [[701, 67]], run: (w) => indexSelect(w, 0, indices(701, [0], w)) },
  { name: 'an empty slice', shapes: [[701, 67]], run: (w) => w.slice([701, 701]).mul(2) },
  {
    name: 'linear with relu, whose k is cut',
    shapes: [[77, 301], [11, 77], [11]],
    run: (x, w, b) => linear(x.t(), w, b, { activation: 'relu' }),
  },
  {
    name: 'linear with a residual',
    shapes: [[301, 11], [77, 11], [77], [301, 77]],
    run: (x, w, b, residual) => linear(x, w, b, { residual }),
  },
  {
    name: 'linear with a residual and relu, whose k is cut',
    shapes: [
      [77, 301],
      [11, 77],
      [301, 11],
    ],
    run: (x, w, residual) => linear(x.t(), w, null, { residual, activation: 'relu' }),
  },
  {
    name: 'linear with relu, a long k',
    shapes: [[3, 40000], [2, 40000], [2]],
    run: (x, w, b) => linear(x, w, b, { activation: 'relu' }),
  },
  {
    name: 'cross-entropy',
    shapes: [[301, 203]],
    run: (x) => crossEntropy(x, indices(203, [301], x).remainder(203), { labelSmoothing: 0.1 }),
  },
]

/** The result and the gradients by all inputs of Σ y·g, on a device. */
async function outcome({ shapes, run }: Case, on: Device): Promise<number[][]> {
  const xs = shapes.map((shape, i) => numbers(shape, i + 1, on, true))
  const y = run(...xs)
  const loss = y.mul(numbers(y.shape, 99, on)).sum()
  const all = [y, ...grad(loss, xs)]
  return Promise.all(all.map(async (x) => Array.from(await x.data())))
}

/** The largest difference, to the largest value. */
function furthest(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length)
  const scale = b.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30)
  return a.reduce((most, x, i) => Math.max(most, Number.isNaN(x) ? Infinity : Math.abs(x - b[i])), 0) / scale
}

describe('values and gradients are those of the CPU device', () => {
  for (const c of cases) {
    it(c.name, async () => {
      const got = await outcome(c, own)
      const wanted = await outcome(c, cpu)
      got.forEach((values, i) => {
        expect(furthest(values, wanted[i]), i === 0 ? 'values' : `gradient ${i}`).toBeLessThan(c.tolerance ?? 1e-5)
      })
      await own.sync()
      expect(bound.most).toBeLessThanOrEqual(LIMIT)
    })
  }
})

/** What is asked of a split device and of one without a limit. */
async function both(use: (on: WebGPUDevice) => Promise<number[]>): Promise<[split: number[], whole: number[]]> {
  return [await use(own), await use(free)]
}
const valuesOf = async (...xs: Tensor[]): Promise<number[]> =>
  (await Promise.all(xs.map((x) => x.data()))).flatMap((x) => Array.from(x))

describe('the same bits as without parts', () => {
  const same: Record<string, (on: WebGPUDevice) => readonly Tensor[]> = {
    'random numbers': (on) => {
      manualSeed(7)
      return [randn([301, 403], { device: on }), rand([50001], { device: on }), randn([7], { device: on })]
    },
    'fills of every dtype': (on) => [
      full([301, 403], 0.25, { device: on }),
      full([50001], -3, { device: on, dtype: 'int32' }),
      full([301, 403], true, { device: on }),
    ],
    'integers: sums, extremes, products': (on) => {
      const x = numbers([301, 403], 3, on).mul(1e6).to('int32')
      return [x.sum(), x.sum(1), x.sum(0), x.amax(0), x.amin(), x.mul(3)]
    },
    'where extremes are': (on) => {
      const x = numbers([101, 1024], 3, on)
      return [x.argmax(1), x.argmin(1), x.t().argmax(0)]
    },
    'a product along an axis': (on) => {
      const ones = numbers([203, 301], 3, on).sign()
      return [ones.prod(1), ones.prod(0), ones.prod()]
    },
    'NaN wins in extremes': (on) => {
      const x = numbers([301, 403], 3, on)
      const bad = where(gt(x, 1.499), Number.NaN, x)
      return [bad.amax(), bad.amin(1)]
    },
    'elementwise, movement, rows': (on) => {
      const [x, y] = [numbers([301, 403], 3, on), numbers([403, 301], 4, on)]
      return [x.mul(y.t()).exp(), cat([x, y.t()], 1), softmax(x, 1)]
    },
  }
  for (const [name, make] of Object.entries(same))
    it(name, async () => {
      const [split, whole] = await both((on) => valuesOf(...make(on)))
      const differs = split.findIndex((x, i) => !Object.is(x, whole[i]))
      expect(differs, `${split[differs]}, ${whole[differs]} without parts`).toBe(-1)
      expect(split.length).toBe(whole.length)
    })
})

it('scatter by products, whose parts are multiplied, and by extremes, of which rows are cut', async () => {
  const [rows, cols, count] = [701, 67, 900]
  const { MAX, PROD } = kernels.scatter.consts
  const [split, whole] = await both((on) => {
    const source = numbers([count, cols], 4, on)
    const index = indices(rows, [count], source)
    const ys = [PROD, MAX].map((OP) => {
      // The greatest of parts cannot be told from none: its source fits one binding.
      const most = OP === MAX ? 200 : count
      const y = zeros([rows, cols], { device: on })
      const sizes = { first: 0, rows, limit: rows, cols, count: most, step: 1, span: most }
      const params = { ...sizes, g_offset: 0, index_offset: 0, launch_id: 0 }
      launch('scatterReduce', kernels.scatter, [y, source.slice([0, most]).contiguous(), index], params, { OP })
      return y
    })
    return valuesOf(...ys)
  })
  expect(furthest(split, whole)).toBeLessThan(1e-6)
})

describe('training', () => {
  /** Tokens are embedded, mapped, and predicted by the table itself; the state of all parameters is one buffer. */
  function model(on: WebGPUDevice) {
    const table = numbers([701, 64], 1, on, true)
    const w = numbers([64, 64], 2, on, true)
    const b = numbers([64], 3, on, true)
    const ids = indices(701, [300], table)
    const loss = () => {
      const h = linear(embedding(table, ids), w, b).mul(0.02)
      return crossEntropy(linear(h, table), ids.remainder(701))
    }
    return { params: [table, w, b], loss }
  }
  const optimizers: Record<string, (params: Tensor[]) => { step(): void; zeroGrad(): void }> = {
    SGD: (params) => new optim.SGD(params, { lr: 0.5, weightDecay: 0.1 }),
    'SGD with momentum': (params) => new optim.SGD(params, { lr: 0.5, momentum: 0.9 }),
    Adam: (params) => new optim.Adam(params, { lr: 0.01 }),
    'Adam with amsgrad': (params) => new optim.Adam(params, { lr: 0.01, amsgrad: true }),
    RMSprop: (params) => new optim.RMSprop(params, { lr: 0.01, centered: true, momentum: 0.5 }),
    Lion: (params) => new optim.Lion(params, { lr: 0.01 }),
  }
  for (const [name, make] of Object.entries(optimizers))
    it(`a tied head by ${name}: losses and parameters of two steps, gradients clipped`, async () => {
      const [split, whole] = await both(async (on) => {
        const { params, loss } = model(on)
        const optimizer = make(params)
        const losses: Tensor[] = []
        for (let step = 0; step < 2; step++) {
          optimizer.zeroGrad()
          const l = loss()
          l.backward()
          losses.push(l, optim.clipGradNorm(params, 0.5))
          optimizer.step()
        }
        return valuesOf(...losses, ...params)
      })
      expect(furthest(split.slice(0, 4), whole.slice(0, 4)), 'losses and norms').toBeLessThan(1e-6)
      // Where a gradient is near 0, its last bits decide where Adam and Lion go.
      expect(furthest(split, whole), 'parameters').toBeLessThan(1e-4)
      await own.sync()
      expect(bound.most).toBeLessThanOrEqual(LIMIT)
    })

  it('runs again: the same bits, and no block is kept', async () => {
    const { own: fresh } = await lowered()
    const run = () =>
      scope(() => {
        const { params, loss } = model(fresh)
        loss().backward()
        return params.map((x) => x.grad as Tensor)
      })
    const first = run()
    const before = fresh.memory()
    const again = run()
    expect(furthest(await valuesOf(...again), await valuesOf(...first))).toBe(0)
    for (const x of again) x.dispose()
    expect(fresh.memory().live).toBe(before.live)
    fresh.destroy()
  })
})

it('attention of few queries takes a variant whose scratch fits', async () => {
  // A software adapter would keep 72,000 bytes of scores.
  const make = (on: WebGPUDevice) => {
    const [q, k] = [numbers([9, 2, 8], 1, on), numbers([1, 1000, 8], 2, on)]
    return valuesOf(scaledDotProductAttention(q, k, k))
  }
  const [split, whole] = await both(make)
  expect(furthest(split, whole)).toBeLessThan(1e-5)
})

it('a range that was forgotten is bound no more, of a buffer with more ranges than are remembered', async () => {
  const forgotten = new Set<unknown>()
  let bindsForgotten = false
  const { forget, group } = Pipelines.prototype
  vi.spyOn(Pipelines.prototype, 'forget').mockImplementation(function (this: Pipelines, resource) {
    forgotten.add(resource)
    forget.call(this, resource)
  })
  vi.spyOn(Pipelines.prototype, 'group').mockImplementation(function (this: Pipelines, layout, resources) {
    bindsForgotten ||= resources.some((resource) => forgotten.has(resource))
    return group.call(this, layout, resources)
  })
  try {
    // With one range more before, the last that is remembered is the first of a part, or the second.
    for (const rows of [0, 9])
      scope(() => {
        const x = numbers([515, 515], 5, own)
        x.slice([0, rows]).exp()
        x.mul(x.t())
        x.t().mul(x)
      })
    await own.sync()
    expect(forgotten.size).toBeGreaterThan(0)
    expect(bindsForgotten).toBe(false)
  } finally {
    vi.restoreAllMocks()
  }
})

describe('what is wrong is said', () => {
  const errorOf = async (call: () => unknown): Promise<Error> => {
    try {
      await call()
    } catch (error) {
      return error as Error
    }
    throw new Error('nothing was thrown')
  }

  it('kernels that do not run in parts name what they bind, the limit and a way out, before anything is run', async () => {
    const x = numbers([301, 403], 1, own)
    const q = numbers([2, 2, 200, 64], 1, own)
    await own.sync()
    const counted = () => Object.entries(own.counts()).filter(([, count]) => count > 0)
    const before = counted()
    for (const [call, what] of [
      [() => sort(x), /^sort: sort does not run in parts and binds 970424 bytes of scratch at once, /],
      [() => x.cumsum(1), /^cumsum: scan does not run in parts and binds 485216 bytes of y at once, /],
      [
        () => scaledDotProductAttention(q, q, q),
        /: attention does not run in parts and binds 204800 bytes of \w+ at once, /,
      ],
      [() => numbers([2, 20000], 1, own).argmax(1), /^max: extremum binds 80000 bytes of x at once, /],
    ] as const) {
      const error = await errorOf(() => scope(() => void call()))
      expect(error).toBeInstanceOf(LimitError)
      expect(error.message).toMatch(what)
      expect(error.message).toMatch(
        / at once, the adapter binds 65536 \(maxStorageBufferBindingSize\) \(use smaller batches, or split the tensor/,
      )
    }
    expect(counted()).toEqual(before)
  })

  it('a tensor beyond the largest buffer', async () => {
    const small = await device('webgpu', { limits: { maxBufferSize: 2 ** 20 } })
    expect(() => zeros([2 ** 18 + 1], { device: small })).toThrow(
      /^zeros: a tensor of 1048580 bytes exceeds one buffer of the adapter \(maxBufferSize 1048576\) \(split it along/,
    )
    small.destroy()
  })

  it('a bad index is named by its position in the whole', async () => {
    const table = numbers([701, 64], 1, own)
    const ids = new Int32Array(900).fill(5)
    ids[777] = 701
    const y = embedding(table, tensor(ids, { device: own }))
    expect((await errorOf(() => own.sync())).message).toBe(
      new IndexError('embedding', 'index 701 at position 777 is outside [-701, 701)').message,
    )
    expect(Array.from(await y.slice([777]).at(0).data())).toEqual(new Array(64).fill(0))
  })

  it('a void operand makes the result void', async () => {
    const limited = await lowered()
    const bad = limited.own.alloc('float32', 50000, 'bad')
    bad.error = new Error('void')
    const y = limited.own.alloc('float32', 50000, 'y')
    const params = { size: 50000, d1: 1, d2: 50000, scalar: 1, a: [0, 0, 0, 1], b: [0, 0, 0, 0], c: [0, 0, 0, 0] }
    const constants = { OP: kernels.pointwise.consts.ADD, SCALAR: 2, INT: 0 }
    limited.own.run({ kernel: kernels.pointwise, blocks: [y, bad], params, constants, label: 'add' })
    await expect(limited.own.read(y, 49999, 1)).rejects.toThrow('void')
    limited.own.destroy()
  })
})

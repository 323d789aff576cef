/**
 * @file What is held, and for how long: training leaves memory as it was, with a scope or without; backward and errors
 * release what they should; what user code holds stays readable. On WebGPU: faults.webgpu.test.ts; scopes themselves:
 * scope.test.ts.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import {
  arange,
  CpuDevice,
  getDefaultDevice,
  grad,
  HandgradError,
  keep,
  linspace,
  type Memory,
  memory,
  nn,
  noGrad,
  OutOfMemoryError,
  ones,
  openScope,
  optim,
  randint,
  randn,
  scope,
  setDefaultDevice,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'
import { collect, leftAfterCollecting } from '../support/gc.ts'
import { optimised, smallMLP } from '../support/mlp.ts'

/** Memory of a device of the test's own, and what changed since. */
function watch(device: CpuDevice) {
  const start = memory(device)
  return {
    start,
    /** New tensors, nodes and storages. */
    grown: () => {
      const now = memory(device)
      return {
        tensors: now.tensors - start.tensors,
        nodes: now.nodes - start.nodes,
        storages: now.storages - start.storages,
      }
    },
  }
}

describe('training', () => {
  // Tensors and nodes are counted over all devices: what other tests left must not go while one counts and waits.
  beforeEach(collect)

  it('10,000 steps written by hand, in a scope each, leave memory() exactly where it was at step 200', async () => {
    const device = new CpuDevice()
    const model = smallMLP(device, { sizes: [4, 4, 2], batch: 4 })
    let at200: Memory | undefined
    const losses: number[] = []
    for (let step = 1; step <= 10_000; step++) {
      const loss = scope(() => model.step())
      if (step % 2000 === 0) losses.push(await loss.item())
      loss.dispose()
      if (step === 200) at200 = memory(device)
    }
    expect(memory(device)).toEqual(at200)
    expect(losses.at(-1)).toBeLessThan(losses[0])
    model.dispose()
    expect(memory(device)).toMatchObject({ storages: 0, bytes: 0, live: 0, liveBytes: 0 })
  }, 60_000)

  it('the same with the optimizers of the library, momentum and Adam', async () => {
    const device = new CpuDevice()
    const model = smallMLP(device)
    for (const optimizer of [new optim.SGD(model.params, { lr: 0.1, momentum: 0.9 }), new optim.Adam(model.params)]) {
      const step = optimised(model, optimizer)
      scope(() => void step())
      const first = memory(device)
      for (let i = 0; i < 300; i++) scope(() => void step())
      expect(memory(device)).toEqual(first)
    }
  })

  it('without a scope, awaiting every 20 steps: bounded', async () => {
    const device = new CpuDevice()
    const model = smallMLP(device)
    let made = 0
    let peak = 0
    for (let step = 1; step <= 1500; step++) {
      const before = memory(device).storages
      const loss = model.step()
      made += memory(device).storages - before
      if (step % 20 === 0) await loss.item()
      peak = Math.max(peak, memory(device).storages)
    }
    // Everything that a step leaves behind waits for the garbage collector.
    expect(made).toBeGreaterThan(20_000)
    expect(peak).toBeLessThan(12_000)
    await collect()
    expect(memory(device).storages).toBeLessThan(100)
  })

  it('what the host makes is refused by the device before it is made', () => {
    for (const make of [() => linspace(0, 1, 2 ** 33), () => randint(0, 9, [2 ** 33]), () => arange(0.5, 2 ** 33)])
      expect(make).toThrow(OutOfMemoryError)
  })

  it('without a scope and never awaiting: OutOfMemoryError that names scope, and training can go on', async () => {
    const device = new CpuDevice({ memoryLimit: 200_000 })
    const model = smallMLP(device)
    let error: unknown
    try {
      for (let step = 0; step < 100_000; step++) model.step()
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(OutOfMemoryError)
    expect((error as Error).message).toMatch(
      /^\w+: \d+ bytes more do not fit: \d+ bytes in \d+ storages are live on cpu, its limit is 200000 bytes .*\(wrap each step in scope/,
    )
    await collect()
    for (let step = 0; step < 50; step++) scope(() => void model.step())
    expect(await model.params[0].sum().item()).not.toBeNaN()
  })

  it('gradients that nobody zeroes are one tensor a leaf', () => {
    const w = randn([3], { requiresGrad: true })
    const once = () => scope(() => w.square().sum().backward())
    once()
    const { start } = watch(getDefaultDevice() as CpuDevice)
    for (let i = 0; i < 100; i++) once()
    expect(memory()).toEqual(start)
  })

  it('a double backward each step leaves nothing', () => {
    const w = randn([3], { requiresGrad: true })
    const step = () =>
      scope(() => {
        const [g] = grad(w.pow(3).sum(), [w], { createGraph: true })
        g.square().sum().backward()
      })
    step()
    const before = memory()
    for (let i = 0; i < 100; i++) step()
    expect(memory()).toEqual(before)
  })
})

describe('backward', () => {
  it('releases what it walked; what user code holds stays readable', async () => {
    const device = new CpuDevice({ debug: true })
    const w = ones([1000], { device, requiresGrad: true })
    const { grown } = watch(device)
    const h = scope(() => w.exp().sin()) // the exponential is held by the graph alone
    const y = scope(() => h.exp().sum())
    expect(grown()).toEqual({ tensors: 2, nodes: 4, storages: 4 })
    y.backward()
    // h, y and the gradient are left.
    expect(grown()).toEqual({ tensors: 3, nodes: 0, storages: 3 })
    expect((await h.data())[0]).toBeCloseTo(Math.sin(Math.E), 6)
    expect((await y.data())[0]).toBeCloseTo(1000 * Math.exp(Math.sin(Math.E)), 0)
  })

  it('retainGraph keeps it until the tensors on it go', () => {
    const device = new CpuDevice()
    const w = ones([10], { device, requiresGrad: true })
    const { grown } = watch(device)
    const y = scope(() => w.exp().sin().sum())
    const held = grown()
    y.backward(undefined, { retainGraph: true })
    expect(grown()).toEqual({ tensors: 2, nodes: 3, storages: held.storages + 1 })
    y.dispose()
    expect(grown()).toEqual({ tensors: 1, nodes: 0, storages: 1 })
  })

  it('releases as it goes: the last of 200 large activations is not waited for', () => {
    const device = new CpuDevice()
    const w = ones([1000], { device, requiresGrad: true })
    const y = scope(() => {
      let h: Tensor = w
      for (let i = 0; i < 200; i++) h = h.sin()
      return h.sum()
    })
    const forward = memory(device).bytes
    device.memoryLimit = forward + 20 * 4000
    y.backward()
    expect(w.hasGrad).toBe(true)
  })

  it('of a graph that nobody walks is freed with its last tensor', () => {
    const device = new CpuDevice()
    const w = ones([10], { device, requiresGrad: true })
    const { grown } = watch(device)
    const y = scope(() => w.exp().sin().sum())
    const z = y.mul(2)
    y.dispose()
    expect(grown().nodes).toBe(4)
    z.dispose()
    expect(grown()).toEqual({ tensors: 0, nodes: 0, storages: 0 })
  })

  it('a leaf that is gone takes its gradient along, unless someone has it', async () => {
    const device = new CpuDevice()
    const [a, b] = [ones([2], { device, requiresGrad: true }), ones([2], { device, requiresGrad: true })]
    const { grown } = watch(device)
    scope(() => a.mul(b).sum().backward())
    expect(grown()).toEqual({ tensors: 2, nodes: 0, storages: 2 })
    const mine = a.grad
    a.dispose()
    b.dispose()
    expect(grown()).toEqual({ tensors: -1, nodes: 0, storages: -1 })
    expect(Array.from(await mine.data())).toEqual([1, 1])
  })
})

describe('views', () => {
  it('keep their storage, not their base', async () => {
    const device = new CpuDevice({ debug: true })
    const base = tensor([1, 2, 3, 4, 5, 6], { device })
    const { grown } = watch(device)
    const view = scope(() => base.reshape([2, 3]).transpose().slice([1, 3]))
    base.dispose()
    expect(grown()).toEqual({ tensors: 0, nodes: 0, storages: 0 })
    expect(await view.array()).toEqual([
      [2, 5],
      [3, 6],
    ])
    view.dispose()
    expect(memory(device)).toMatchObject({ storages: 0, live: 0 })
  })

  it('launch and allocate nothing', () => {
    const device = new CpuDevice()
    const x = zeros([4, 5], { device })
    const before = memory(device).live
    scope(() => {
      x.reshape([20]).unsqueeze(0).squeeze().flatten()
      x.transpose().permute([1, 0]).slice([1, 3], [null, null, 2]).detach()
      x.expand([3, 4, 5])
    })
    expect(memory(device).live).toBe(before)
  })
})

describe('dispose and using', () => {
  it('a block frees what it declares', () => {
    const before = memory()
    {
      using x = zeros([100])
      using y = x.add(1)
      expect(memory().tensors - before.tensors).toBe(2)
      expect(y.numel).toBe(100)
    }
    expect(memory()).toEqual(before)
  })

  it('twice is once', () => {
    const before = memory()
    const x = zeros([10])
    x.dispose()
    x.dispose()
    x[Symbol.dispose]()
    expect(memory()).toEqual(before)
    expect([x.disposed, String(x)]).toEqual([true, `Tensor(#${x.id}, disposed)`])
  })
})

describe('errors in the middle', () => {
  it('leave nothing behind in a scope, wherever they come from', () => {
    const device = new CpuDevice()
    const w = randn([4, 4], { device, requiresGrad: true })
    const bad = zeros([3, 3], { device })
    const before = memory(device)
    const faults: (() => unknown)[] = [
      () => w.exp().sin().matmul(bad),
      () => w.indexSelect(0, tensor(Int32Array.of(1, 9), { device })),
      () => w.sum(0).backward(),
      () => {
        const y = w.sigmoid()
        noGrad(() => y.detach().zero_())
        y.sum().backward()
      },
      () => {
        const h = w.exp()
        h.registerHook(() => {
          throw new HandgradError('hook', 'on purpose')
        })
        h.sin().sum().backward()
      },
      () => scope(() => scope(() => w.add(bad))),
    ]
    for (const fault of faults) {
      expect(() => scope(fault)).toThrow(HandgradError)
      w.zeroGrad()
      expect(memory(device)).toEqual(before)
    }
  })

  it('an allocation that fails in an op with several outputs or copies gives back the others', async () => {
    const device = new CpuDevice()
    const x = randn([8, 8], { device })
    const before = memory(device)
    for (const room of [0, 1, 40, 300, 600]) {
      device.memoryLimit = before.bytes + room
      for (const op of [
        () => x.max(1),
        () => x.transpose().reshape([64]).softmax(0),
        () => x.permute([1, 0]).flatten().sum(),
      ]) {
        try {
          scope(() => void op())
        } catch (error) {
          expect(error).toBeInstanceOf(OutOfMemoryError)
        }
        expect(memory(device)).toEqual(before)
      }
    }
    device.memoryLimit = 1e9
    expect(await x.max().item()).toBeGreaterThan(0)
  })
})

describe('the garbage collector', () => {
  beforeEach(collect)

  it('releases handles, their graphs and their gradients', async () => {
    const device = new CpuDevice()
    const before = memory(device)
    const make = () => {
      const w = randn([100], { device, requiresGrad: true })
      const y = w.exp().sin().sum()
      y.backward(undefined, { retainGraph: true })
      for (let i = 0; i < 50; i++) zeros([10], { device }).add(i)
    }
    make()
    expect(memory(device).storages).toBeGreaterThan(100)
    expect(await leftAfterCollecting(device, before)).toEqual({})
  })

  it('does not touch what is held: a tensor by user code, a storage by a view, values by the graph', async () => {
    const device = new CpuDevice({ debug: true })
    const w = ones([3], { device, requiresGrad: true })
    const view = ones([4], { device }).mul(3).slice([0, 2])
    const y = w.exp().mul(2).sum()
    await collect()
    expect(Array.from(await view.data())).toEqual([3, 3])
    y.backward()
    expect((await w.grad.data())[0]).toBeCloseTo(2 * Math.E, 5)
  })

  it('a scope holds its tensors until it ends, whether user code does or not', async () => {
    const device = new CpuDevice()
    const s = openScope()
    s.run(() => {
      for (let i = 0; i < 10; i++) zeros([10], { device })
    })
    await collect()
    expect(memory(device).storages).toBe(10)
    s.dispose()
    expect(memory(device).storages).toBe(0)
  })

  it('modules and optimizers that nobody holds go as a whole', async () => {
    const device = new CpuDevice()
    const before = memory(device)
    const make = () => {
      const model = new nn.Sequential(new nn.Linear(4, 5, { device }), new nn.ReLU(), new nn.Linear(5, 2, { device }))
      const adam = new optim.Adam(model.parameters())
      scope(() =>
        model
          .forward(zeros([3, 4], { device }))
          .sum()
          .backward(),
      )
      adam.step()
    }
    make()
    expect(memory(device).storages).toBeGreaterThan(8)
    expect(await leftAfterCollecting(device, before)).toEqual({})
  })
})

describe('memory()', () => {
  it('counts tensors and nodes of all devices, storages and bytes of one', () => {
    const [a, b] = [new CpuDevice(), new CpuDevice()]
    const x = zeros([10], { device: a })
    const y = zeros([3], { device: b, dtype: 'float64' })
    expect(memory(a)).toMatchObject({ storages: 1, bytes: 40, live: 1, liveBytes: 40, allocatedBytes: 40, pooled: 0 })
    expect(memory(b)).toMatchObject({ storages: 1, bytes: 24 })
    expect(memory(a).tensors).toBe(memory(b).tensors)
    keep([x, y])
  })

  it('is of the default device unless told', () => {
    const before = getDefaultDevice()
    const device = new CpuDevice()
    setDefaultDevice(device)
    try {
      const x = zeros([5])
      expect([memory().storages, x.device === device]).toEqual([1, true])
    } finally {
      setDefaultDevice(before)
    }
  })
})

/**
 * @file What can go wrong on WebGPU while tensors are trained: a device that goes away, memory that is refused, limits,
 * broken kernels, bad indices, NaN, many reads at once, and how processes end. Each fault is a typed error that names
 * the op, at the next call or await, and nothing else is harmed. Also what must go right for long: memory, determinism,
 * second order. Blocks and launches without tensors are in webgpu.webgpu.test.ts.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import {
  crossEntropy,
  DeviceLostError,
  defineKernel,
  defineOp,
  embedding,
  getDefaultDevice,
  grad,
  HandgradError,
  IndexError,
  type Kernel,
  KernelError,
  LimitError,
  launch,
  type Memory,
  memory,
  noGrad,
  OutOfMemoryError,
  openScope,
  optim,
  randn,
  scope,
  type Tensor,
  type TensorOptions,
  tap,
  tensor,
  zeros,
} from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice, WebGPUOptions } from '../../src/webgpu/device.ts'
import type { Pool } from '../../src/webgpu/pool.ts'
import { collect } from '../support/gc.ts'
import { optimised, type SmallMLP, smallMLP } from '../support/mlp.ts'
import { runRow } from '../table/run.ts'
import type { OpName } from '../table/table.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const list = (...data: number[]): Tensor => tensor(data, { device: gpu })
/** The error of a promise or a call. */
async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing went wrong')
}
/** Run with a device of its own, as users have it. */
async function withDevice<T>(options: WebGPUOptions, f: (own: WebGPUDevice) => Promise<T>): Promise<T> {
  const own = await device('webgpu', { debug: false, ...options } as object)
  try {
    return await f(own)
  } finally {
    own.destroy()
  }
}

describe('a device that goes away', () => {
  /** Parameters after each step, on the host. */
  const snapshot = (model: SmallMLP) => Promise.all(model.params.map((p) => p.data()))

  it('at any point of a training step: DeviceLostError at the next call or await; a restart from a checkpoint equals an undisturbed run', async () => {
    const steps = 6
    const undisturbed = await withDevice({}, async (own) => {
      const model = smallMLP(own)
      const history = [await snapshot(model)]
      for (let i = 0; i < steps; i++) {
        scope(() => void model.step())
        history.push(await snapshot(model))
      }
      return history
    })
    // A step is some 40 launches; the device goes at one of the first 300.
    for (let at = 1; at <= 300; at += 27) {
      const own = await device('webgpu')
      const model = smallMLP(own)
      let launches = 0
      tap(own, {
        run: (next, launch) => {
          if (++launches === at) own.destroy()
          next(launch)
        },
      })
      const error = await errorOf(async () => {
        for (let i = 0; i < 50; i++) {
          const loss = scope(() => model.step())
          if (i % 2) await loss.item()
        }
      })
      expect(error, `at launch ${at}`).toBeInstanceOf(DeviceLostError)
      expect(error.message).toMatch(/^webgpu: the device webgpu:\S+ was (destroyed|lost)/)
      // What is left can be dropped, and costs nothing.
      model.dispose()
      expect(memory(own)).toMatchObject({ live: 0, liveBytes: 0, pooled: 0 })
      expect(() => zeros([1], { device: own })).toThrow(DeviceLostError)
    }
    // On from the third step's checkpoint.
    await withDevice({}, async (own) => {
      const model = smallMLP(own)
      noGrad(() =>
        model.params.forEach((p, i) => void p.copy_(tensor(undisturbed[3][i], { shape: p.shape, device: own }))),
      )
      for (let i = 3; i < steps; i++) scope(() => void model.step())
      expect(await snapshot(model)).toEqual(undisturbed[steps])
    })
  }, 60_000)

  it('all reads under way reject, none hangs; gradients and parameters too', async () => {
    const own = await device('webgpu')
    const model = smallMLP(own)
    scope(() => model.forward().backward())
    const reading = [...model.params, ...model.params.map((p) => p.grad)].map((x) => errorOf(() => x.data()))
    own.gpu.destroy()
    for (const error of await Promise.all(reading)) expect(error).toBeInstanceOf(DeviceLostError)
    expect(await errorOf(() => model.params[0].item())).toBeInstanceOf(HandgradError)
    expect(await errorOf(() => own.sync())).toBeInstanceOf(DeviceLostError)
    expect(() => scope(() => model.step())).toThrow(DeviceLostError)
    model.dispose()
  })

  it('leaves other devices alone', async () => {
    const own = await device('webgpu')
    const there = tensor([1, 2], { device: own })
    const here = list(3, 4)
    own.destroy()
    expect(await values(here.mul(2))).toEqual([6, 8])
    await expect(there.data()).rejects.toThrow(DeviceLostError)
    await expect(there.to(gpu)).rejects.toThrow(DeviceLostError)
  })
})

describe('memory that is not there', () => {
  it('past the limit: OutOfMemoryError with bytes, naming scope; earlier tensors are readable, counts go back', async () => {
    await withDevice({ memoryLimit: 400_000 }, async (own) => {
      const model = smallMLP(own)
      const before = memory(own).storages
      const error = await errorOf(() => {
        for (let i = 0; i < 10_000; i++) model.step()
      })
      expect(error).toBeInstanceOf(OutOfMemoryError)
      expect(error.message).toMatch(
        /^\w+: \d+ bytes more do not fit: \d+ bytes in \d+ storages are live on webgpu:\S+, its limit is 400000 bytes .*\(wrap each step in scope\(\(\) => …\)/,
      )
      expect((await model.params[0].data()).every(Number.isFinite)).toBe(true)
      await collect()
      expect(memory(own).storages - before).toBeLessThan(10)
      for (let i = 0; i < 20; i++) scope(() => void model.step())
      expect(await scope(() => model.forward()).item()).toBeLessThan(2)
    })
  })

  it('a tensor larger than a buffer of the adapter: LimitError with bytes, whether it is made, computed or moved there', async () => {
    await withDevice({ limits: { maxBufferSize: 2 ** 20 } }, async (own) => {
      const column = zeros([1024, 1], { device: own })
      const row = zeros([1, 1024], { device: own })
      const before = memory(own)
      for (const fault of [() => zeros([2 ** 19], { device: own }), () => column.add(row), () => column.matmul(row)]) {
        const error = await errorOf(() => scope(fault))
        expect(error).toBeInstanceOf(LimitError)
        expect(error.message).toMatch(
          /^(zeros|add|matmul): a tensor of \d+ bytes exceeds one buffer of the adapter \(maxBufferSize 1048576\) \(split it/,
        )
        expect(memory(own)).toEqual(before)
      }
      expect(await errorOf(() => zeros([2 ** 19]).to(own))).toBeInstanceOf(LimitError)
      expect((await column.data()).length).toBe(1024)
    })
  })

  it('the n-th buffer of a step is refused: the error says so, earlier tensors are readable, and training goes on from a checkpoint', async () => {
    await withDevice({}, async (own) => {
      const model = smallMLP(own)
      const checkpoint = await Promise.all(model.params.map((p) => p.data()))
      const restore = () =>
        noGrad(() =>
          model.params.forEach((p, i) => void p.copy_(tensor(checkpoint[i], { shape: p.shape, device: own }))),
        )
      const loss = scope(() => model.step())
      const want = await loss.item()
      const bystander = tensor([1, 2, 3], { device: own })
      await collect()
      scope(restore)
      await own.sync()
      const { storages, live } = memory(own)
      // As a full GPU does it: the buffer is invalid, and the scope says so later.
      const { gpu: inner } = own
      const create = inner.createBuffer.bind(inner)
      const pop = inner.popErrorScope.bind(inner)
      let countdown = 0
      let refused = false
      inner.createBuffer = (descriptor) => {
        const buffer = create(descriptor)
        if (--countdown === 0) {
          refused = true
          buffer.destroy()
          inner.popErrorScope = async () => {
            inner.popErrorScope = pop
            await pop()
            return { message: 'full' }
          }
        }
        return buffer
      }
      let failures = 0
      for (let n = 1; n <= 40; n++) {
        // An empty pool, so that the step needs buffers; no user can ask for that, as the field is private.
        ;(own as unknown as { buffers: { pool: Pool } }).buffers.pool.trim(0)
        countdown = n
        refused = false
        const result = await errorOf(async () => {
          const value = scope(() => model.step())
          const [found] = await Promise.all([value.item(), ...model.params.map((p) => p.data())]).finally(() =>
            value.dispose(),
          )
          throw Object.assign(new Error('went well'), { found })
        })
        countdown = 0
        if (refused) {
          failures++
          expect(result, `buffer ${n}`).toBeInstanceOf(OutOfMemoryError)
          expect(result.message).toMatch(/: the system refused \d+ bytes, \d+ are allocated \(use smaller batches/)
        } else expect(result).toMatchObject({ message: 'went well', found: want })
        expect(await values(bystander)).toEqual([1, 2, 3])
        scope(restore)
        expect(memory(own)).toMatchObject({ storages, live })
      }
      expect(failures).toBeGreaterThan(10)
      const again = scope(() => model.step())
      expect(await again.item()).toBe(want)
    })
  })
})

describe('lowered limits', () => {
  const sample: readonly OpName[] = [
    'add',
    'where',
    'sum',
    'amax',
    'max',
    'matmul',
    'softmax',
    'cat',
    'slice',
    'embedding',
    'indexAdd',
    'crossEntropy',
  ]

  it('right values, or a LimitError that names the kernel', async () => {
    const limits = {
      maxStorageBufferBindingSize: 16 * 2 ** 20,
      maxStorageBuffersPerShaderStage: 4,
      maxComputeInvocationsPerWorkgroup: 64,
      maxComputeWorkgroupStorageSize: 4096,
    }
    await withDevice({ limits }, async (own) => {
      let right = 0
      const refused = new Set<string>()
      for (const op of sample) {
        const { failures } = await runRow(op, own, ['contiguous', 'transposed'])
        if (failures.length === 0) right++
        for (const { what, where } of failures) {
          expect(what, `${op}, ${where}`).toMatch(/LimitError: \w+: \w+ binds \d+ buffers, the adapter 4 /)
          refused.add(op)
        }
      }
      expect(right).toBeGreaterThanOrEqual(9)
      // It binds loss, sums, logits, targets and the status.
      expect([...refused]).toContain('crossEntropy')
      // Two state tensors, and a parameter with its gradient, three times.
      const leaves = [4, 5, 6].map((n) => zeros([n], { device: own, requiresGrad: true }))
      for (const w of leaves) w.sum().backward()
      expect(await errorOf(() => new optim.Adam(leaves).step())).toBeInstanceOf(LimitError)
    })
  })
})

/** y = 2x in WGSL, or with the mistake given. */
const kernel = (body: string, bindings = '', name = 'twice'): Kernel =>
  defineKernel({
    wgsl: `// kernel: ${name}
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;${bindings}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  ${body}
}`,
    cpu: ([y, x]: Float32Array[]) => x.forEach((v, i) => void (y[i] = 2 * v)),
  })

const opOf = (name: string, own: Kernel) =>
  defineOp({
    name,
    inputs: ['x'],
    dtypes: ['float32'],
    contiguous: ['x'],
    shape: ([x]) => ({ shape: x.shape }),
    launch: ([x], [y]) => launch(name, own, [y, x], { size: x.numel }),
    vjp: { x: ({ g }) => g.mul(2) },
  })

describe('a user’s own kernel', () => {
  it('works like the others, with workgroups of its own width', async () => {
    const twice = opOf('twice', kernel('if (id.x < p.size) { y[id.x] = 2.0 * x[id.x]; }'))
    const x = tensor(
      Array.from({ length: 1000 }, (_, i) => i),
      { device: gpu, requiresGrad: true },
    )
    const y = twice([x], {})
    y.sum().backward()
    expect(await values(y)).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i))
    expect(await values(x.grad)).toEqual(Array(1000).fill(2))
  })

  const faults: [string, Kernel, RegExp][] = [
    ['a syntax error', kernel('y[id.x] = 2.0 * x[id.x]'), /^twice: inline\.wgsl:9: .*, in "}"$/],
    [
      'a name that is not there',
      kernel('y[id.x] = double(x[id.x]);'),
      /^twice: inline\.wgsl:8: unresolved call target 'double', in "y\[id\.x\] = double\(x\[id\.x\]\);"$/,
    ],
    ['a write into an input', kernel('x[id.x] = 1.0;'), /^twice: inline\.wgsl:8: .*, in "x\[id\.x\] = 1\.0;"$/],
    [
      'a binding that no launch fills',
      kernel('y[id.x] = z[id.x];', '@group(1) @binding(0) var<storage, read> z: array<f32>;'),
      /^twice: inline\.wgsl: main: /,
    ],
    [
      'two bindings in one place',
      kernel('y[id.x] = z[id.x] + x[id.x];', '@group(0) @binding(2) var<storage, read> z: array<f32>;'),
      /^twice: inline\.wgsl/,
    ],
  ]
  it.each(faults)(
    '%s, between 50 good ops: the next read names it, what does not depend on it is good',
    async (_, broken, text) => {
      const bad = opOf('bad', broken)
      const x = list(1, 2, 3)
      let good: Tensor = x
      for (let i = 0; i < 25; i++) good = good.add(1)
      let void_ = bad([good], {})
      for (let i = 0; i < 25; i++) {
        void_ = void_.add(1)
        good = good.add(1)
      }
      const [first, second, third] = await Promise.allSettled([void_.data(), good.data(), void_.sum().data()])
      for (const result of [first, third]) {
        expect(result.status).toBe('rejected')
        const { reason } = result as PromiseRejectedResult
        expect(reason).toBeInstanceOf(KernelError)
        expect(reason.message.split('\n')[0]).toMatch(text)
      }
      expect(second).toMatchObject({ status: 'fulfilled', value: Float32Array.of(51, 52, 53) })
      await gpu.sync().catch(() => {})
      await gpu.sync()
    },
  )

  it('a parameter that a broken kernel reached is void until it is set again', async () => {
    const bad = opOf('bad', kernel('y[id.x] = nothing();'))
    const w = tensor([1, 2], { device: gpu, requiresGrad: true })
    bad([w], {}).sum().backward() // the gradient rule is sound
    noGrad(() => w.sub_(bad([w.grad], {})))
    await expect(w.data()).rejects.toThrow("unresolved call target 'nothing'")
    noGrad(() => w.add_(1))
    await expect(w.data()).rejects.toThrow(KernelError)
    noGrad(() => w.copy_(list(5, 6)))
    expect(await values(w)).toEqual([5, 6])
    noGrad(() => w.copy_(bad([w], {})))
    noGrad(() => w.fill_(3))
    expect(await values(w)).toEqual([3, 3])
  })

  it('a launch that leaves out a param or names other devices is refused at once', () => {
    const twice = kernel('y[id.x] = x[id.x];')
    const [x, y] = [list(1), list(1)]
    expect(() => launch('mine', twice, [y, x], {})).toThrow('mine: param size of kernel twice is missing')
    expect(() => opOf('mine', twice)([5 as unknown as Tensor], {})).toThrow('mine: x is 5, not a tensor')
  })
})

describe('indices that the device computed', () => {
  const computed = (...data: number[]): Tensor => list(...data).to('int32')

  it('are named at the next sync point, with op, position and bounds; then all goes on', async () => {
    const weight = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { device: gpu, requiresGrad: true },
    )
    const faults: [() => Tensor, string][] = [
      [() => embedding(weight, computed(0, 7)), 'embedding: index 7 at position 1 is outside [-3, 3)'],
      [() => weight.indexSelect(1, computed(1, -3)), 'indexSelect: index -3 at position 1 is outside [-2, 2)'],
      [
        () => weight.indexAdd(0, computed(5), zeros([1, 2], { device: gpu })),
        'indexAdd: index 5 at position 0 is outside [-3, 3)',
      ],
      [() => crossEntropy(weight, computed(0, 1, 2)), 'crossEntropy: index 2 at position 2 is outside [0, 2)'],
    ]
    for (const [fault, text] of faults) {
      const y = fault()
      const error = await errorOf(() => y.data())
      expect([error.message, error instanceof IndexError]).toEqual([text, true])
      expect(await values(weight.sum())).toEqual([21])
    }
    crossEntropy(weight, computed(0, 1, 0)).backward()
    expect((await weight.grad.data()).every(Number.isFinite)).toBe(true)
    await gpu.sync()
  })

  it('those given by the host are refused at once', () => {
    const x = list(1, 2, 3)
    expect(() => x.indexSelect(0, [3])).toThrow(IndexError)
    expect(() => x.indexSelect(0, Int32Array.of(0, -4))).toThrow(
      'indexSelect: index -4 at position 1 is outside [-3, 3)',
    )
  })
})

describe('misuse of devices', () => {
  it('tensors of two devices do not meet, and float64 stays on the CPU', async () => {
    const [here, there] = [list(1), tensor([1])]
    const { name } = gpu
    expect(() => here.add(there)).toThrow(`add: inputs are on ${name} and cpu (move one with to(device))`)
    expect(() => zeros([1], { device: gpu, dtype: 'float64' })).toThrow(
      `zeros: ${name} has no float64 (it has float32, int32, bool, float16, bfloat16)`,
    )
    expect(() => here.to('float64')).toThrow(
      `to: ${name} has no float64 (it has float32, int32, bool, float16, bfloat16)`,
    )
    await expect(tensor([1], { dtype: 'float64' }).to(gpu)).rejects.toThrow(
      `to: ${name} has no float64 (cast first: x.to('float32'))`,
    )
    expect(() =>
      here
        .requiresGrad_()
        .mul(2)
        .backward(tensor([1])),
    ).toThrow(`backward: the cotangent is on cpu, the output on ${name} (move it with to())`)
  })

  it('to(device) copies there and back; a leaf stays a leaf, a result does not', async () => {
    const w = tensor([1, 2], { requiresGrad: true })
    const moved = await w.to(gpu)
    expect([moved.device === gpu, moved.requiresGrad, moved.isLeaf]).toEqual([true, true, true])
    const y = await moved.mul(3).to(getDefaultDevice())
    expect([await values(y), y.requiresGrad]).toEqual([[3, 6], false])
  })
})

describe('NaN', () => {
  it('passes through to the loss and the gradients as on the CPU', async () => {
    const results = async (options: TensorOptions) => {
      const w = tensor(
        [
          [1, NaN, 3],
          [4, 5, 6],
        ],
        { ...options, requiresGrad: true },
      )
      const outputs = [
        w.sum(),
        w.amax(),
        w.amin(),
        w.max(1).values,
        w.min(0).values,
        w.mean(0),
        w.relu(),
        w.maximum(2),
        w.minimum(w.mul(0)),
        w.tanh(),
        w.softmax(1),
        w.matmul(w.transpose()),
        w.gt(2).to('int32'),
        w.abs(),
        w.sign(),
        w.exp(),
        w.add(1).log(),
        w.pow(2),
        w.where(w.gt(0), 7),
        w.to('int32'),
        w.to('bool').to('int32'),
      ]
      crossEntropy(w, tensor(Int32Array.of(0, 1), options)).backward()
      const data = await Promise.all([...outputs, w.grad].map((x) => x.data()))
      return data.map((d) => Array.from(d, (v) => (Number.isNaN(v) ? 'NaN' : v.toFixed(3))).join(' '))
    }
    expect(await results({ device: gpu })).toEqual(await results({}))
  })
})

describe('many reads at once', () => {
  it('100 item() calls, with launches between them, each see their own time', async () => {
    const x = list(0)
    const reads = Array.from({ length: 100 }, (_, i) => {
      const read = x.item()
      x.add_(1)
      return read.then((v) => [i, v])
    })
    for (const [i, v] of await Promise.all(reads)) expect(v).toBe(i)
    expect(await x.item()).toBe(100)
  })

  it('from two models trained by interleaved async loops, equal to training one after the other', async () => {
    const train = async (seed: number, pause: number) => {
      const model = smallMLP(gpu, { seed })
      const losses: number[] = []
      for (let step = 0; step < 25; step++) {
        using s = openScope()
        const loss = s.run(() => model.step())
        if (step % pause === 0) losses.push(await loss.item())
      }
      const data = await Promise.all(model.params.map((p) => p.data()))
      model.dispose()
      return { losses, data }
    }
    const [a, b] = [await train(1, 2), await train(2, 3)]
    expect(await Promise.all([train(1, 2), train(2, 3)])).toEqual([a, b])
  })
})

describe('training for long', () => {
  beforeEach(collect)

  it('2,000 steps in scopes leave memory() exactly where it was at step 200', async () => {
    await withDevice({}, async (own) => {
      const model = smallMLP(own, { sizes: [16, 32, 10], batch: 16 })
      const step = optimised(model, new optim.Adam(model.params, { lr: 1e-3 }))
      let at200: Memory | undefined
      for (let i = 1; i <= 2000; i++) {
        const loss = scope(step)
        if (i % 100 === 0) await loss.item()
        loss.dispose()
        if (i === 200) at200 = memory(own)
      }
      expect(memory(own)).toEqual(at200)
    })
  })

  it('without a scope, awaiting every 20 steps: bounded', async () => {
    await withDevice({}, async (own) => {
      const model = smallMLP(own)
      let [made, peak] = [0, 0]
      for (let i = 1; i <= 1000; i++) {
        const before = memory(own).storages
        const loss = model.step()
        made += memory(own).storages - before
        if (i % 20 === 0) await loss.item()
        peak = Math.max(peak, memory(own).storages)
      }
      expect(made).toBeGreaterThan(15_000)
      expect(peak).toBeLessThan(12_000)
      await collect()
      expect(memory(own).storages).toBeLessThan(100)
    })
  })

  it('two runs on one device are bit-identical, and so is one on another', async () => {
    const train = async (own: WebGPUDevice) => {
      const model = smallMLP(own, { sizes: [8, 16, 4], batch: 12 })
      const step = optimised(model, new optim.Adam(model.params, { lr: 0.01 }))
      const losses: number[] = []
      for (let i = 0; i < 60; i++) {
        const loss = scope(step)
        if (i % 10 === 0) losses.push(await loss.item())
      }
      const data = await Promise.all(model.params.map((p) => p.data()))
      model.dispose()
      return { losses, data }
    }
    const first = await train(gpu)
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0])
    expect(await train(gpu)).toEqual(first)
    await withDevice({}, async (own) => expect(await train(own)).toEqual(first))
  })
})

describe('second order', () => {
  it('a Hessian-vector product of an MLP loss equals float64 to 1e-3 relative', async () => {
    const product = async (options: TensorOptions) => {
      const model = smallMLP(getDefaultDevice() as never, { sizes: [10, 16, 5], batch: 20 })
      const on = async (x: Tensor) => tensor(await x.data(), { shape: x.shape, ...options })
      const [params, directions] = [
        await Promise.all(model.params.map(on)),
        await Promise.all(model.params.map((p) => on(p.detach().mul(3).sin().add(0.1)))),
      ]
      const x = await on(randn([20, 10]))
      const labels = tensor(
        Int32Array.from({ length: 20 }, (_, i) => (i * 7) % 5),
        options.device ? { device: options.device } : {},
      )
      const [w1, b1, w2, b2] = params.map((p) => p.requiresGrad_())
      const loss = crossEntropy(x.matmul(w1).add(b1).tanh().matmul(w2).add(b2), labels)
      const grads = grad(loss, params, { createGraph: true })
      // H v = ∇ (∇L · v)
      const slope = grads.map((g, i) => g.mul(directions[i]).sum()).reduce((a, b) => a.add(b))
      return await Promise.all(grad(slope, params).map((h) => h.data()))
    }
    const [got, want] = [await product({ device: gpu }), await product({ dtype: 'float64' })]
    got.forEach((h, i) => {
      const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((a, b) => a + b * b, 0))
      const error = norm(Array.from(h, (v, j) => v - want[i][j])) / norm(want[i])
      expect(error, `parameter ${i}`).toBeLessThan(1e-3)
      expect(norm(want[i])).toBeGreaterThan(1e-3)
    })
  })
})

describe('the end of a process', () => {
  const script = fileURLToPath(new URL('../support/ends.mjs', import.meta.url))
  /** Exit code, what was printed, and milliseconds from `done` to the end. */
  const end = (how: string, kind = 'webgpu') =>
    new Promise<{ status: number | null; out: string; err: string; late: number }>((resolve, reject) => {
      const child = spawn(process.execPath, ['--import', 'tsx', script, how, kind], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const timer = setTimeout(() => child.kill(), 25_000)
      let [out, err, done] = ['', '', Infinity]
      child.stdout.on('data', (data) => {
        out += data
        if (out.includes('done')) done = Math.min(done, performance.now())
      })
      child.stderr.on('data', (data) => {
        err += data
      })
      child.on('error', reject)
      child.on('close', (status) => {
        clearTimeout(timer)
        resolve({ status, out, err, late: performance.now() - done })
      })
    })

  test.each([
    ['undestroyed', 0],
    ['destroyed', 0],
    ['reading', 0],
    ['launched', 0],
    ['lost', 0],
    ['worker', 0],
    ['throw', 1],
    ['reject', 1],
  ])('comes by itself within 2 s: %s, exit code %i', async (how, code) => {
    const { status, out, err, late } = await end(how)
    expect(status, err).toBe(code)
    expect(out).toContain('done')
    expect(late).toBeLessThan(2000)
    if (how === 'throw') expect(err).toContain('thrown on purpose')
    if (how === 'reject') expect(err).toContain('rejected on purpose')
    if (how === 'lost') expect(out).toContain('DeviceLostError')
  })

  test('the CPU device keeps no process either', async () => {
    expect(await end('undestroyed', 'cpu')).toMatchObject({ status: 0, out: 'done\n' })
  })

  test('process.exit is for Ctrl-C, for output that nobody reads any more, and for other engines that keep threads', () => {
    const root = new URL('../../', import.meta.url)
    const found = ['src', 'examples', 'scripts', 'bench', 'test'].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ts|mjs|js)$/.test(file) && !file.includes('node_modules'))
        .map((file) => `${folder}/${file}`)
        // The word itself, not process.exitCode.
        .filter((file) => /process\s*\.\s*exit\s*\(/.test(readFileSync(new URL(file, root), 'utf8'))),
    )
    const forCtrlC = ['src/train/files.ts', 'src/train/interrupt.ts', 'bench/compare.ts']
    const forClosedPipes = ['src/cli/main.ts', 'examples/run.ts']
    const forOthers = ['bench/peers/one.ts']
    expect(found.sort()).toEqual([...forCtrlC, ...forClosedPipes, ...forOthers].sort())
  })
})

/**
 * @file The WebGPU device: order of writes, launches and reads, memory, errors that come late, indices, limits, loss,
 * exit. The kernels' mathematics is tested in shaders.webgpu.test.ts.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as shaders from '../../src/core/contracts.generated.ts'
import type { Block } from '../../src/core/device.ts'
import { DeviceLostError, IndexError, KernelError, LimitError, OutOfMemoryError } from '../../src/core/errors.ts'
import { defineKernel, type Kernel, Live, type Params } from '../../src/core/kernel.ts'
import { Storage } from '../../src/core/storage.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import { classBytes } from '../../src/webgpu/buffers.ts'
import { createWebGPUDevice, type WebGPUDevice, type WebGPUOptions } from '../../src/webgpu/device.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { findGpu } from '../support/adapters.ts'

let gpu: GPU
const open: WebGPUDevice[] = []

beforeAll(async () => {
  gpu = (await findGpu()).gpu
})
afterEach(() => {
  for (const device of open.splice(0)) device.destroy()
})

async function make(options: WebGPUOptions = {}): Promise<WebGPUDevice> {
  const device = await createWebGPUDevice(gpu, { debug: true, ...options })
  open.push(device)
  return device
}

/** Kernels for these tests: y = x + by, with the bugs asked for. */
const kernelText = (body: string, name = 'plus') => `// kernel: ${name}
struct Params { size: u32, by: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  ${body}
}
`
const define = (body: string, name?: string): Kernel => defineKernel({ wgsl: kernelText(body, name), cpu: () => {} })
const plus = define('if (id.x < p.size) { y[id.x] = x[id.x] + p.by; }')

function run(device: WebGPUDevice, kernel: Kernel, y: Block, x: Block, by: number | Live = 1, label = 'plus'): void {
  const params: Params = { size: y.length, by }
  device.run({ kernel, blocks: [y, x], params, label })
}

function upload(device: WebGPUDevice, values: number[]): Block {
  const block = device.alloc('float32', values.length, 'input')
  device.write(block, Float32Array.from(values))
  return block
}

const values = async (device: WebGPUDevice, block: Block) => [...(await device.read(block, 0, block.length))]

describe('order', () => {
  test('a write after a launch does not reach back, one before does', async () => {
    const device = await make()
    const x = upload(device, [1, 2])
    const y = device.alloc('float32', 2, 'y')
    run(device, plus, y, x)
    device.write(x, new Float32Array([10, 20]))
    const z = device.alloc('float32', 2, 'z')
    run(device, plus, z, x)
    expect(await Promise.all([values(device, y), values(device, z), values(device, x)])).toEqual([
      [2, 3],
      [11, 21],
      [10, 20],
    ])
  })

  test('a write at an offset changes those elements only, and waits for launches that use the block', async () => {
    const device = await make()
    const x = upload(device, [1, 2, 3, 4, 5])
    const y = device.alloc('float32', 5, 'y')
    run(device, plus, y, x)
    device.write(x, new Float32Array([10, 20]), 1)
    device.write(x, new Float32Array([30]), 4)
    device.write(x, new Float32Array(0), 5)
    run(device, plus, x, y, 0)
    device.write(x, new Float32Array([7]), 2)
    expect(await Promise.all([values(device, y), values(device, x)])).toEqual([
      [2, 3, 4, 5, 6],
      [2, 3, 7, 5, 6],
    ])
    const b = device.alloc('bool', 3, 'b')
    device.write(b, new Uint32Array([0, 0, 0]))
    device.write(b, new Uint32Array([1]), 1)
    expect(await device.read(b, 0, 3)).toEqual(new Uint32Array([0, 1, 0]))
    expect(await device.read(b, 1, 1)).toEqual(new Uint32Array([1]))
    const two = new Float32Array(2)
    expect(() => device.write(x, two, 4)).toThrow('write: 2 elements from 4 on do not fit a block of 5')
    expect(() => device.write(x, two, -1)).toThrow('write: offset is -1 (give an integer from 0 up)')
    expect(() => device.write(x, new Float64Array(1))).toThrow(
      'write: a Float64Array does not hold elements of float32 (give a Float32Array)',
    )
  })

  test('a read sees what was launched before it, not after', async () => {
    const device = await make()
    const x = upload(device, [1])
    const y = device.alloc('float32', 1, 'y')
    run(device, plus, y, x, 1)
    const first = values(device, y)
    run(device, plus, y, x, 5)
    const second = values(device, y)
    device.free(y)
    expect(await Promise.all([first, second])).toEqual([[2], [6]])
  })

  test('a chain of 1,000 dependent launches', async () => {
    for (const options of [{}, { debug: false }, { immediates: false }]) {
      const device = await make(options)
      let x = upload(device, [0])
      for (let i = 0; i < 1000; i++) {
        const y = device.alloc('float32', 1, 'y')
        run(device, plus, y, x)
        device.free(x)
        x = y
      }
      expect(await values(device, x)).toEqual([1000])
      expect(device.memory().live).toBe(1)
    }
  })

  test('100 reads at once, of all sizes, share submits', async () => {
    const device = await make()
    const blocks = Array.from({ length: 100 }, (_, i) =>
      upload(
        device,
        Array.from({ length: 1 + i * 37 }, () => i),
      ),
    )
    const before = device.memory().cached
    const all = await Promise.all(blocks.map((block) => values(device, block)))
    all.forEach((read, i) => expect(read).toEqual(Array(1 + i * 37).fill(i)))
    expect(device.memory().cached - before).toBeLessThan(110)
    const again = await Promise.all(blocks.map((block) => values(device, block)))
    expect(again).toEqual(all)
    expect(await device.read(blocks[99], 5, 3)).toEqual(new Float32Array([99, 99, 99]))
  })

  test('Live params are read when the launch is encoded, as immediates and as uniforms', async () => {
    for (const immediates of [true, false]) {
      const device = await make({ immediates })
      const x = upload(device, [0])
      const by = new Live(0)
      const outs = Array.from({ length: 150 }, (_, i) => {
        by.value = i
        const y = device.alloc('float32', 1, 'y')
        run(device, plus, y, x, by)
        return y
      })
      expect((await Promise.all(outs.map((y) => values(device, y)))).flat()).toEqual(outs.map((_, i) => i))
    }
  })

  test('many different params as uniforms stay within their bytes', async () => {
    const device = await make({ immediates: false, debug: false })
    const x = upload(device, [0])
    const y = device.alloc('float32', 1, 'y')
    for (let i = 0; i < 6000; i++) run(device, plus, y, x, i)
    expect(await values(device, y)).toEqual([5999])
    run(device, plus, y, x, 3)
    expect(await values(device, y)).toEqual([3])
    expect(device.memory().cachedBytes).toBeLessThan(2 ** 20)
  })

  test('more than 65,535 workgroups are folded', async () => {
    const device = await make({ debug: false })
    const size = 16_776_961 + 300
    const y = device.alloc('float32', size, 'y')
    device.run({
      kernel: kernels.random,
      blocks: [y],
      params: { size, seed_lo: 1, seed_hi: 2, offset_lo: 0, offset_hi: 0 },
      constants: { KIND: 1 },
      label: 'r',
    })
    const z = device.alloc('float32', size, 'z')
    const flat = [0, 0, 0, 1]
    const params = { size, d1: 1, d2: size, scalar: 0, a: flat, b: flat, c: flat }
    const strided = await make({ debug: false, force: { pointwise: 'strided' } })
    strided.destroy()
    device.run({
      kernel: {
        ...kernels.pointwise,
        code: { modules: wgsl.pointwise, plan: { variants: { strided: plans.pointwise.variants.strided } } },
      },
      blocks: [z, y],
      params,
      constants: { OP: shaders.pointwise.consts.NEG },
      label: 'neg',
    })
    for (const at of [0, 16_776_959, 16_776_960, 16_776_961, size - 1]) {
      const [[a], [b]] = await Promise.all([device.read(y, at, 1), device.read(z, at, 1)])
      expect(b).toBe(-a)
      expect(a).toBeGreaterThan(0)
    }
  })
})

describe('the choice of a variant', () => {
  test('a table given to the device decides, where the variant fits', async () => {
    const plain = await make()
    const entry = {
      kernel: 'softmax',
      adapter: { architecture: plain.facts.adapter.architecture },
      variant: 'thread_vec4',
    }
    const tuned = [
      { ...entry, class: '2x4' },
      { ...entry, class: '2x8' },
    ]
    const device = await make({ tuned })
    const launch = async (on: WebGPUDevice, cols: number) => {
      const x = upload(on, new Array(2 * cols).fill(0))
      const y = on.alloc('float32', 2 * cols, 'y')
      on.run({ kernel: kernels.softmax, blocks: [y, x], params: { rows: 2, cols, offset: 0 }, label: 'softmax' })
      // WGSL's quotients may be 2.5 ulp off; NVIDIA's 1/7 is.
      for (const value of await values(on, y)) expect(Math.abs(value * cols - 1)).toBeLessThan(2.5 * 2 ** -23)
    }
    for (const cols of [4, 8]) await launch(device, cols)
    expect(device.counts()).toMatchObject({ 'softmax/thread_vec4': 2 })
    // Sixteen columns are of no class of the table; seven are of one, but no vec4s: both as without a table.
    for (const cols of [16, 7]) for (const on of [plain, device]) await launch(on, cols)
    expect(device.counts()['softmax/thread_vec4']).toBe(2 + (plain.counts()['softmax/thread_vec4'] ?? 0))
  })

  test('an adapter is known by the strings of its info, in lower case', async () => {
    const { facts, info } = await make()
    const { vendor, architecture, device, description } = info
    const lower = (text: string): string => text.trim().toLowerCase()
    expect(facts.adapter).toEqual({
      vendor: lower(vendor),
      architecture: lower(architecture),
      device: lower(device),
      description: lower(description),
    })
  })
})

describe('memory', () => {
  test('size classes: multiples of 16 bytes, at most a quarter wasted', () => {
    for (let bytes = 1; bytes < 2 ** 24; bytes = Math.ceil(bytes * 1.07)) {
      const size = classBytes(bytes, 2 ** 27)
      expect(size % 16).toBe(0)
      expect(size).toBeGreaterThanOrEqual(bytes)
      if (bytes > 256) expect(size).toBeLessThanOrEqual(bytes * 1.25 + 64)
    }
    expect(classBytes(2 ** 27 - 4, 2 ** 27)).toBe(2 ** 27)
    expect(classBytes(1000, 1008)).toBe(1008)
  })

  test('counts are exact, and freed buffers come back', async () => {
    const device = await make({ debug: false })
    const start = device.memory()
    expect(start).toMatchObject({ live: 0, liveBytes: 0, pooled: 0, pooledBytes: 0 })
    const a = device.alloc('float32', 1000, 'a')
    const b = device.alloc('int32', 0, 'b')
    expect(device.memory()).toMatchObject({ live: 2, liveBytes: 4096 + 256, pooled: 0 })
    device.free(a)
    device.free(b)
    expect(device.memory()).toMatchObject({ live: 0, liveBytes: 0, pooled: 2, pooledBytes: 4096 + 256 })
    device.alloc('bool', 900, 'c')
    const { live, pooled, liveBytes, pooledBytes, cachedBytes, allocatedBytes } = device.memory()
    expect([live, pooled]).toEqual([1, 1])
    expect(allocatedBytes).toBe(liveBytes + pooledBytes + cachedBytes)
  })

  test('pooled buffers are given back before the limit is passed', async () => {
    const device = await make({ debug: false, memoryLimit: 2 ** 20 })
    device.free(device.alloc('float32', 200_000, 'a'))
    expect(device.memory().pooled).toBe(1)
    device.alloc('float32', 100_000, 'b')
    expect(device.memory()).toMatchObject({ live: 1, pooled: 0 })
  })

  test('the limit is a number from 0 up', async () => {
    const device = await make({ debug: false, memoryLimit: 2 ** 20 })
    for (const limit of [Number.NaN, -1, 'x']) {
      const text = 'device: memoryLimit is'
      // Wrong on purpose: what the type refuses.
      await expect(make({ memoryLimit: limit as number })).rejects.toThrow(text)
      expect(() => {
        device.memoryLimit = limit as number
      }).toThrow(text)
    }
    expect(device.memoryLimit).toBe(2 ** 20)
    device.memoryLimit = 0
    expect(() => new Storage(device, 'float32', 1, 'a')).toThrow('its limit is 0 bytes')
  })

  test('steady work allocates nothing and makes no bind groups', async () => {
    const device = await make({ debug: false })
    const x = upload(device, Array(100).fill(0))
    let groups = 0
    const create = device.gpu.createBindGroup.bind(device.gpu)
    device.gpu.createBindGroup = (descriptor) => {
      groups++
      return create(descriptor)
    }
    const step = () => {
      const y = device.alloc('float32', 100, 'y')
      const z = device.alloc('float32', 100, 'z')
      run(device, plus, y, x)
      run(device, plus, z, y)
      device.free(y)
      device.free(z)
    }
    for (let i = 0; i < 10; i++) step()
    await device.sync()
    const before = device.memory()
    groups = 0
    for (let i = 0; i < 1000; i++) step()
    await device.sync()
    expect(device.memory()).toEqual(before)
    expect(groups).toBe(0)
  })

  test('a block of no elements is bound and skipped', async () => {
    const device = await make()
    const y = device.alloc('float32', 0, 'y')
    run(device, plus, y, upload(device, []))
    expect(await values(device, y)).toEqual([])
    await device.sync()
  })

  test('what is not written is NaN in debug mode, also when a buffer is used again', async () => {
    const device = await make()
    const y = device.alloc('float32', 5, 'y')
    expect(await values(device, y)).toEqual(Array(5).fill(NaN))
    device.write(y, new Float32Array(5))
    device.free(y)
    expect(await values(device, device.alloc('float32', 3, 'z'))).toEqual([NaN, NaN, NaN])
    const large = device.alloc('float32', 600_000, 'large')
    const read = await device.read(large, 0, large.length)
    expect(read.every(Number.isNaN)).toBe(true)
  })

  test('freed blocks are refused', async () => {
    const device = await make()
    const [x, y] = [upload(device, [1]), upload(device, [1])]
    device.free(x)
    expect(() => device.free(x)).toThrow('input: its block was freed twice')
    expect(() => run(device, plus, y, x)).toThrow('plus: binding x is a freed block of input')
    expect(() => device.write(x, new Float32Array(1))).toThrow('write: the block of input was freed')
    await expect(device.read(x, 0, 1)).rejects.toThrow('read: the block of input was freed')
    expect(() => device.write(y, new Float32Array(2))).toThrow('write: 2 elements do not fit a block of 1')
    await expect(device.read(y, 0, 2)).rejects.toThrow('read: elements 0 to 2 are not in a block of 1')
    expect(() => device.alloc('float64', 1, 'zeros')).toThrow('zeros: float64 tensors live on the cpu device only')
  })
})

describe('kernels that are wrong', () => {
  const broken = define('y[id.x] = nothing(x[id.x]);', 'broken')
  const text = `broken: inline.wgsl:8: unresolved call target 'nothing', in "y[id.x] = nothing(x[id.x]);"`

  test('one between 50 good ops is named by the next read, and the others are good', async () => {
    const device = await make()
    let good = upload(device, [0])
    for (let i = 0; i < 25; i++) {
      const y = device.alloc('float32', 1, 'y')
      run(device, plus, y, good)
      good = y
    }
    let bad = device.alloc('float32', 1, 'bad')
    run(device, broken, bad, good, 1, 'mine')
    for (let i = 0; i < 25; i++) {
      const y = device.alloc('float32', 1, 'y')
      run(device, plus, y, bad)
      bad = y
      const z = device.alloc('float32', 1, 'z')
      run(device, plus, z, good)
      good = z
    }
    const [first, second] = await Promise.allSettled([values(device, bad), values(device, good)])
    expect(first).toMatchObject({ status: 'rejected', reason: { message: text, code: 'kernel', op: 'broken' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: [50] })
    // Later launches know at once; writing the whole block heals it.
    const y = device.alloc('float32', 1, 'y')
    run(device, plus, y, bad)
    await expect(values(device, y)).rejects.toThrow(KernelError)
    run(device, broken, y, good)
    await expect(values(device, y)).rejects.toThrow(text)
    run(device, plus, y, good)
    expect(await values(device, y)).toEqual([51])
    device.write(bad, new Float32Array([7]))
    expect(await values(device, bad)).toEqual([7])
    await device.sync()
  })

  test('in a loop that never awaits submits become larger, and one in every step of it is named still', async () => {
    const device = await make()
    const { queue } = device.gpu
    const submit = queue.submit.bind(queue)
    let submits = 0
    queue.submit = (buffers) => {
      submits++
      submit(buffers)
    }
    const loop = (each: (from: Block, to: Block) => void): Block => {
      let from = upload(device, [0])
      for (let i = 0; i < 3000; i++) {
        const to = device.alloc('float32', 1, 'to')
        each(from, to)
        device.free(from)
        from = to
      }
      return from
    }
    const good = loop((from, to) => run(device, plus, to, from))
    expect(submits).toBeLessThan(600)
    expect(await values(device, good)).toEqual([3000])
    const bad = device.alloc('float32', 1, 'bad')
    const kernel = define('y[id.x] = x[id.x] + 2;', 'two') // not known to be valid either
    const beside = loop((from, to) => {
      run(device, broken, bad, from, 1, 'mine')
      run(device, kernel, to, from)
    })
    const [first, second] = await Promise.allSettled([values(device, bad), values(device, beside)])
    expect(first).toMatchObject({ status: 'rejected', reason: { message: text, code: 'kernel', op: 'broken' } })
    // It was in one command buffer with the other, so it is void, which a read says.
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'kernel' } })
    run(device, kernel, beside, good)
    expect(await values(device, beside)).toEqual([3002])
  })

  test('sync names it too, once', async () => {
    const device = await make()
    const x = upload(device, [0])
    run(device, broken, device.alloc('float32', 1, 'y'), x)
    await expect(device.sync()).rejects.toThrow(text)
    await device.sync()
  })

  test('a kernel that fits its text but not the device', async () => {
    const device = await make()
    const threads = 2 * device.facts.maxThreads
    const wide = defineKernel({
      wgsl: kernelText('y[id.x] = x[0];', 'wide').replace('(256)', `(${threads})`),
      cpu: () => {},
    })
    const y = device.alloc('float32', 1, 'y')
    run(device, wide, y, upload(device, [1]))
    await expect(values(device, y)).rejects.toThrow(/^wide: inline\.wgsl: main: .*workgroup/)
  })

  test('a kernel that needs what the adapter lacks', async () => {
    const device = await make()
    const wgsl = kernelText('y[id.x] = x[0];', 'odd').replace(
      'struct',
      '// needs: no-such-feature\nenable no_such_feature;\nstruct',
    )
    const y = device.alloc('float32', 1, 'y')
    run(device, defineKernel({ wgsl, cpu: () => {} }), y, upload(device, [1]))
    await expect(values(device, y)).rejects.toThrow(
      /^odd: inline\.wgsl: needs no-such-feature, which webgpu:.* does not offer$/,
    )
  })

  test('writes past a block are found at its read and after it was freed, with the op that wrote', async () => {
    const device = await make()
    const over = define('if (id.x <= p.size) { y[id.x] = x[0]; }', 'over')
    const x = upload(device, [1])
    const y = device.alloc('float32', 3, 'made')
    run(device, over, y, x, 1, 'culprit')
    const damage =
      'culprit: wrote outside of a block of 3 elements (made by made), 0 past its end (check the bounds in the kernel)'
    await expect(values(device, y)).rejects.toThrow(damage)
    device.free(y)
    await expect(device.sync()).rejects.toThrow(damage)
    await device.sync()
  })

  test('an output that is also an input is refused in debug mode', async () => {
    const device = await make()
    const x = upload(device, [1])
    expect(() => run(device, plus, x, x)).toThrow('plus: bindings y and x are the same buffer')
  })

  test('a submit that fails poisons what it wrote and what was recorded until that was known', async () => {
    const device = await make({ debug: false })
    const x = upload(device, [1])
    const early = device.alloc('float32', 1, 'early')
    run(device, plus, early, x)
    expect(await values(device, early)).toEqual([2])
    const y = device.alloc('float32', 1, 'y')
    run(device, plus, y, x)
    // Destroying a buffer that the open command buffer uses makes the submit invalid.
    const victim = upload(device, [5])
    const z = device.alloc('float32', 1, 'z')
    run(device, plus, z, victim)
    ;(victim as unknown as { slab: { buffer: GPUBuffer } }).slab.buffer.destroy()
    await expect(values(device, y)).rejects.toThrow(/^webgpu: a submit failed: /)
    expect(await values(device, early)).toEqual([2])
    run(device, plus, y, x)
    expect(await values(device, y)).toEqual([2])
  })

  test('errors that no scope caught reject the next read', async () => {
    const device = await make()
    const x = upload(device, [1])
    device.gpu.createBuffer({ size: 16, usage: 0 })
    await new Promise((done) => setTimeout(done, 20))
    await expect(values(device, x)).rejects.toThrow(/^webgpu: /)
    expect(await values(device, x)).toEqual([1])
  })

  test('a missing param, a missing entry point', async () => {
    const device = await make()
    const [x, y] = [upload(device, [1]), upload(device, [1])]
    expect(() => device.run({ kernel: plus, blocks: [y, x], params: { size: 1 }, label: 'mine' })).toThrow(
      'mine: param by of kernel plus is missing',
    )
    const plan = { variants: { only: { dispatch: () => ({ entry: 'nowhere', groups: 1 }) } } }
    const lost: Kernel = { ...plus, code: { modules: [], plan } }
    expect(() => run(device, lost, y, x)).toThrow('plus: kernel plus has no entry point nowhere')
  })
})

describe('indices', () => {
  test('a bad index is named by the next read or sync, with op and position, and then forgotten', async () => {
    const device = await make()
    const table = upload(device, [0, 1, 2, 3, 4])
    const index = device.alloc('int32', 4, 'index')
    const y = device.alloc('float32', 4, 'y')
    const gather = (indices: number[], label: string) => {
      device.write(index, Int32Array.from(indices))
      const params = { count: 4, cols: 1, first: 0, rows: 5, limit: 5, x_offset: 0, index_offset: 0 }
      device.run({ kernel: kernels.gather, blocks: [y, table, index], params, label })
    }
    gather([0, 4, 2, 7], 'embedding')
    await expect(values(device, table)).rejects.toThrow(
      new IndexError('embedding', 'index 7 at position 3 is outside [-5, 5)'),
    )
    expect(await values(device, y)).toEqual([0, 4, 2, 0])
    gather([0, 1, -6, 2], 'indexSelect')
    await expect(device.sync()).rejects.toThrow('indexSelect: index -6 at position 2 is outside [-5, 5)')
    gather([4, 3, -3, -4], 'embedding')
    expect(await values(device, y)).toEqual([4, 3, 2, 1])
    await device.sync()
  })
})

describe('limits', () => {
  test('a tensor beyond the largest buffer is refused with sizes and remedy', async () => {
    const device = await make({ limits: { maxBufferSize: 16 * 2 ** 20 } })
    expect(() => device.alloc('float32', 5 * 2 ** 20, 'zeros')).toThrow(LimitError)
    expect(() => device.alloc('float32', 5 * 2 ** 20, 'zeros')).toThrow(
      /^zeros: a tensor of \d+ bytes exceeds one buffer of the adapter \(maxBufferSize 16777216\) \(split it/,
    )
    const fits = device.alloc('float32', 4 * 2 ** 20 - 20, 'zeros')
    device.run({ kernel: kernels.fill, blocks: [fits], params: { size: fits.length, value: 2 }, label: 'fill' })
    expect(await device.read(fits, fits.length - 1, 1)).toEqual(new Float32Array([2]))
    expect(device.memory().live).toBe(1)
  })

  test('with every limit lowered results are the same', async () => {
    const limits = {
      maxStorageBufferBindingSize: 16 * 2 ** 20,
      maxStorageBuffersPerShaderStage: 8,
      maxComputeWorkgroupStorageSize: 16384,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupSizeX: 256,
    }
    const device = await make({ limits })
    expect(device.facts.maxThreads).toBe(256)
    const x = upload(device, Array(1000).fill(0.5))
    const y = device.alloc('float32', 1, 'y')
    const params = { kept: [1, 1, 1, 1], reduced: [1000, 1, 1000, 1000], ks: [0, 0, 0, 0], rs: [0, 0, 0, 1] }
    device.run({ kernel: kernels.reduce, blocks: [y, x], params, constants: { OP: 0 }, label: 'sum' })
    expect(await values(device, y)).toEqual([500])
  })

  test('memory that the system refuses: an error with bytes, earlier tensors stay good', async () => {
    const device = await make({ debug: false })
    const x = upload(device, [1, 2])
    // As a full GPU does it: the buffer is invalid, and the scope says so later.
    const { gpu: inner } = device
    const create = inner.createBuffer.bind(inner)
    const pop = inner.popErrorScope.bind(inner)
    inner.createBuffer = (descriptor) => {
      inner.createBuffer = create
      const buffer = create(descriptor)
      buffer.destroy()
      return buffer
    }
    inner.popErrorScope = async () => {
      inner.popErrorScope = pop
      await pop()
      return { message: 'full' }
    }
    const y = device.alloc('float32', 2, 'zeros')
    const z = device.alloc('float32', 2, 'z')
    run(device, plus, y, x)
    run(device, plus, z, y)
    const refused = /^zeros: the system refused 256 bytes, \d+ are allocated \(use smaller batches/
    await expect(values(device, z)).rejects.toThrow(refused)
    await expect(values(device, y)).rejects.toThrow(OutOfMemoryError)
    // Known now: launches that name it are left out, others go on.
    run(device, plus, y, x)
    await expect(values(device, y)).rejects.toThrow(refused)
    expect(await values(device, x)).toEqual([1, 2])
    device.free(y)
    const again = device.alloc('float32', 2, 'zeros')
    run(device, plus, again, x)
    expect(await values(device, again)).toEqual([2, 3])
  })
})

describe('the end', () => {
  test('destroy() rejects what is under way and refuses what follows', async () => {
    const device = await make()
    const x = upload(device, [1])
    const reading = values(device, x)
    device.destroy()
    await expect(reading).rejects.toThrow(DeviceLostError)
    expect(() => device.alloc('float32', 1, 'a')).toThrow(
      /^webgpu: the device webgpu:.* was destroyed \(request a new device/,
    )
    expect(() => run(device, plus, x, x)).toThrow(DeviceLostError)
    expect(() => device.write(x, new Float32Array(1))).toThrow(DeviceLostError)
    await expect(device.read(x, 0, 1)).rejects.toThrow(DeviceLostError)
    await expect(device.sync()).rejects.toThrow(DeviceLostError)
    device.free(x)
    device.destroy()
    expect(device.memory().live).toBe(0)
  })

  test('a device that goes away by itself', async () => {
    const device = await make()
    const x = upload(device, [1])
    const reading = values(device, x)
    device.gpu.destroy()
    await expect(reading).rejects.toThrow(DeviceLostError)
    expect(() => device.alloc('float32', 1, 'a')).toThrow(/^webgpu: the device webgpu:.* was lost, /)
  })

  test('an adapter of another name is refused', async () => {
    await expect(createWebGPUDevice(gpu, { adapter: 'no such' })).rejects.toThrow(
      /^webgpu: no adapter named no such, found /,
    )
  })

  const script = fileURLToPath(new URL('../support/exit.mjs', import.meta.url))
  test.each(['success', 'undestroyed', 'throw', 'lost'])('the process exits by itself: %s', (how) => {
    const started = Date.now()
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, how], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect([how, status], stderr).toEqual([how, how === 'throw' ? 1 : 0])
    if (how === 'throw') expect(stderr).toContain('thrown on purpose')
    expect(Date.now() - started).toBeLessThan(15_000)
  })

  test('a loop that keeps a tensor of each step and never awaits ends with an error, not with the process', async () => {
    const crowded = fileURLToPath(new URL('../support/crowded.mjs', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', crowded], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(/\non beside 20000: true\n$/)
    const { name } = await make()
    // Another driver may have fewer mappings, and let it go to its end.
    expect(stdout, name).toMatch(name === 'webgpu:llvmpipe' ? refused : new RegExp(`${refused.source}|^kept 10000`))
  })
  const refused =
    /^OutOfMemoryError \w+: the process has \d+ memory mappings, and Linux ends it at \d+ \(await a value now and .*\nkept \d{3,4}\n/
})

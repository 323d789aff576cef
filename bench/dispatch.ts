/**
 * @file What an op costs before its kernel runs: 1000 dependent adds of 16 floats. On WebGPU the time until all are encoded,
 * beside a bare loop on the same GPUDevice that sets a cached bind group, sets the same params and dispatches; on the CPU
 * device the time until all are done, beside tfjs.
 */
import { readFileSync } from 'node:fs'
import { ones, scope, type Tensor, zeros } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'
import { against, type Case, type Figure, figure, type Setting, time, verify } from './harness.ts'
import { tf, tfjs } from './peers.ts'

const OPS = 1000
const perOp = (seconds: number): number => (seconds / OPS) * 1e6

/** Dispatches in a command buffer, the engine's own number. */
const BATCH = 100

export const dispatch = (setting: Setting): Promise<Figure[]> =>
  setting.device.kind === 'cpu' ? onCpu(setting) : onWebGPU(setting.device as WebGPUDevice)

/** x + 1 + 1 + … as a user may write it. */
type Loop = () => void

function loops(one: Tensor, start: Tensor, leaf: Tensor): Record<string, Loop> {
  const add = (from: Tensor) => {
    let x = from
    for (let i = 0; i < OPS; i++) x = x.add(one)
    return x
  }
  return {
    'each result freed at once': () => {
      let x = start.add(one)
      for (let i = 1; i < OPS; i++) {
        const next = x.add(one)
        x.dispose()
        x = next
      }
      x.dispose()
    },
    // A training step has some 30 to 300 ops; here ten scopes of 100.
    'in a scope': () => {
      for (let i = 0; i < OPS / 100; i++) {
        scope(() => {
          let x = start
          for (let j = 0; j < 100; j++) x = x.add(one)
        })
      }
    },
    'in a scope, recorded': () => {
      for (let i = 0; i < OPS / 100; i++) {
        scope(() => {
          let x = leaf
          for (let j = 0; j < 100; j++) x = x.add(one)
        })
      }
    },
    'in one scope of 1000': () => scope(() => void add(start)),
  }
}

async function onCpu({ device }: Setting): Promise<Figure[]> {
  const one = ones([16], { device })
  const cases = Object.entries(loops(one, zeros([16], { device }), zeros([16], { device, requiresGrad: true })))
  const peerOne = tf.ones([16])
  const peer = () =>
    void tf.tidy(() => {
      let x = tf.zeros([16])
      for (let i = 0; i < OPS; i++) x = tf.add(x, peerOne)
      return x.dataSync()
    })
  const times = await time('dispatch', [...cases.map(([name, run]) => ({ name, run })), { name: tfjs, run: peer }])
  const theirs = figure(tfjs, 'µs/op', times.get(tfjs) ?? [], perOp)
  return [...cases.map(([name]) => against(figure(name, 'µs/op', times.get(name) ?? [], perOp), theirs)), theirs]
}

async function onWebGPU(device: WebGPUDevice): Promise<Figure[]> {
  const one = ones([16], { device })
  const start = zeros([16], { device })
  const bare = bareLoop(device)
  verify('the bare loop', Math.abs((await bare.last()) - OPS), 0)
  const x = scope(() => Array.from({ length: OPS }).reduce((x: Tensor) => x.add(one), start))
  verify('a chain of adds', Math.abs((await x.data())[15] - OPS), 0)
  x.dispose()

  const encoded = new Map<string, { wall: number[]; cpu: number }>()
  const watched = (name: string, loop: Loop): Case => {
    const seen = { wall: [] as number[], cpu: 0 }
    encoded.set(name, seen)
    const run = async () => {
      const [cpu, wall] = [threadTime(), performance.now()]
      loop()
      seen.wall.push((performance.now() - wall) / 1000)
      seen.cpu += threadTime() - cpu
      await device.gpu.queue.onSubmittedWorkDone()
    }
    return { name, run }
  }
  const leaf = zeros([16], { device, requiresGrad: true })
  const cases = [
    watched('bare', bare.encode),
    ...Object.entries(loops(one, start, leaf)).map(([name, run]) => watched(name, run)),
  ]
  const times = await time('dispatch', cases)

  const encodes = cases.map(({ name }) => {
    const { wall, cpu } = encoded.get(name) as { wall: number[]; cpu: number }
    // While a software adapter computes on the same cores, wall time counts its turns too; the thread's own time does not.
    const own = cpu > 0 ? `${((cpu / wall.length / OPS) * 1e6).toFixed(2)} µs/op of the thread's own time` : ''
    return {
      figure: figure(`encode: ${name}`, 'µs/op', wall, perOp, { note: own }),
      cpu: (cpu / wall.length / OPS) * 1e6,
    }
  })
  const [base, ...rest] = encodes
  const above = rest.map(({ figure: f, cpu }) => {
    const own = cpu > 0 ? `, ${(cpu - base.cpu).toFixed(2)} of the thread's own time` : ''
    return { ...against(f, base.figure), note: `${(f.median - base.figure.median).toFixed(2)} above bare${own}` }
  })
  const done = cases.map(({ name }) => figure(`until done: ${name}`, 'µs/op', times.get(name) ?? [], perOp))
  return [base.figure, ...above, done[0], ...done.slice(1).map((f) => against(f, done[0]))]
}

/** Seconds that this thread has run, where the system tells (Linux); else 0. */
function threadTime(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9
  } catch {
    return 0
  }
}

/** The least that 1000 dependent adds cost on this device: two buffers in turn, bind groups made before, one pass per batch. */
function bareLoop({ gpu }: WebGPUDevice) {
  const immediates = ((gpu.limits as { maxImmediateSize?: number }).maxImmediateSize ?? 0) >= 64
  const code = `
${immediates ? 'requires immediate_address_space;' : ''}
struct Params { size: vec4<u32>, b: vec4<u32>, c: vec4<u32>, d: vec4<u32> }
${immediates ? 'var<immediate> p: Params;' : '@group(0) @binding(0) var<uniform> p: Params;'}
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b: array<vec4<f32>>;
@compute @workgroup_size(256)
fn add(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.size.x) { y[id.x] = a[id.x] + b[id.x]; }
}`
  const words = new Uint32Array(16)
  words[0] = 4
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM, MAP_READ } = USAGE
  const make = (fill: number) => {
    const buffer = gpu.createBuffer({ size: 64, usage: STORAGE | COPY_SRC | COPY_DST })
    gpu.queue.writeBuffer(buffer, 0, new Float32Array(16).fill(fill))
    return buffer
  }
  const [even, odd, one] = [make(0), make(0), make(1)]
  const params = gpu.createBuffer({ size: 64, usage: UNIFORM | COPY_DST })
  gpu.queue.writeBuffer(params, 0, words)
  const types = ['uniform', 'storage', 'read-only-storage', 'read-only-storage'] as const
  const used = immediates ? [1, 2, 3] : [0, 1, 2, 3]
  const layout = gpu.createBindGroupLayout({
    entries: used.map((binding) => ({ binding, visibility: 4, buffer: { type: types[binding] } })),
  })
  const pipeline = gpu.createComputePipeline({
    // immediateSize is not in the types yet.
    layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout], ...(immediates && { immediateSize: 64 }) }),
    compute: { module: gpu.createShaderModule({ code }), entryPoint: 'add' },
  })
  const group = (buffers: GPUBuffer[]) =>
    gpu.createBindGroup({
      layout,
      entries: used.map((binding) => ({ binding, resource: { buffer: buffers[binding] } })),
    })
  const groups = [group([params, odd, even, one]), group([params, even, odd, one])]

  const encode = () => {
    for (let done = 0; done < OPS; done += BATCH) {
      const encoder = gpu.createCommandEncoder()
      const pass = encoder.beginComputePass()
      pass.setPipeline(pipeline)
      for (let i = 0; i < BATCH; i++) {
        pass.setBindGroup(0, groups[i % 2])
        if (immediates) pass.setImmediates(0, words, 0, 16)
        pass.dispatchWorkgroups(1)
      }
      pass.end()
      gpu.queue.submit([encoder.finish()])
    }
  }
  /** One element of the sum after a loop. */
  const last = async (): Promise<number> => {
    encode()
    const staging = gpu.createBuffer({ size: 64, usage: MAP_READ | COPY_DST })
    const encoder = gpu.createCommandEncoder()
    encoder.copyBufferToBuffer(even, 0, staging, 0, 64)
    gpu.queue.submit([encoder.finish()])
    await staging.mapAsync(1)
    const [value] = new Float32Array(staging.getMappedRange())
    staging.destroy()
    return value
  }
  return { encode, last }
}

/** GPUBufferUsage, which Node has no global for. */
const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 }

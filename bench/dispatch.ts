/**
 * @file What an op costs before its kernel runs: dependent adds of 16 floats. On WebGPU the time to encode a command
 * buffer of 100 (JavaScript and Dawn), compared with a bare loop on the same GPUDevice that sets a cached bind group,
 * sets the same params and dispatches; and the time until 1000 are done. On the CPU device the latter, compared with
 * tfjs.
 */
import { ones, scope, type Tensor, zeros } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'
import { against, type Case, type Figure, figure, type Setting, time, verify } from './harness.ts'
import { tf, tfjs } from './peers.ts'

/** Adds of one loop: as many as the engine puts into a command buffer. */
const OPS = 100
/** Loops for the time until done. */
const LOOPS = 10

export const dispatch = (setting: Setting): Promise<Figure[]> =>
  setting.device.kind === 'cpu' ? onCpu(setting) : onWebGPU(setting.device as WebGPUDevice)

type Loop = () => void

/** x + 1 + 1 + … as a user may write it. */
function loops({ device }: Pick<Setting, 'device'>): Record<string, Loop> {
  const one = ones([16], { device })
  const start = zeros([16], { device })
  const leaf = zeros([16], { device, requiresGrad: true })
  const chain = (from: Tensor): void => {
    let x = from
    for (let i = 0; i < OPS; i++) x = x.add(one)
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
    'in a scope': () => scope(() => chain(start)),
    'in a scope, recorded': () => scope(() => chain(leaf)),
  }
}

async function onCpu(setting: Setting): Promise<Figure[]> {
  const cases = Object.entries(loops(setting)).map(([name, run]) => ({ name, run }))
  const one = tf.ones([16])
  const peer = () =>
    void tf.tidy(() => {
      let x = tf.zeros([16])
      for (let i = 0; i < OPS; i++) x = tf.add(x, one)
      return x.dataSync()[0]
    })
  const times = await time('dispatch', [...cases, { name: tfjs, run: peer }])
  const perOp = (name: string) => figure(name, 'µs/op', times.get(name) ?? [], (s) => (s / OPS) * 1e6)
  const theirs = perOp(tfjs)
  return [...cases.map(({ name }) => against(perOp(name), theirs)), theirs]
}

async function onWebGPU(device: WebGPUDevice): Promise<Figure[]> {
  const bare = bareLoop(device)
  verify('the bare loop', Math.abs((await bare.sum()) - OPS), 0)
  const sum = scope(() => Array.from({ length: OPS }).reduce((x: Tensor) => x.add(1), zeros([16], { device })))
  verify('a chain of adds', Math.abs((await sum.data())[15] - OPS), 0)
  sum.dispose()

  const all = { bare: bare.encode, ...loops({ device }) }
  const done = () => device.gpu.queue.onSubmittedWorkDone()
  // The device is idle when a loop begins, and what it computes begins with the submit at the loop's end: on a software
  // adapter, whose threads would take turns with this one, the loop's time is that of encoding alone.
  const encoding = new Map<string, number[]>()
  const cases: Case[] = []
  for (const [name, loop] of Object.entries(all)) {
    const seconds: number[] = []
    encoding.set(name, seconds)
    const run = async () => {
      for (let i = 0; i < LOOPS; i++) {
        const start = performance.now()
        loop()
        seconds.push((performance.now() - start) / 1000)
        await done()
      }
    }
    cases.push({ name: `encode: ${name}`, run })
    const together = async () => {
      for (let i = 0; i < LOOPS; i++) loop()
      await done()
    }
    cases.push({ name: `until done: ${name}`, run: together })
  }
  const times = await time('dispatch', cases)

  const encode = (name: string) => figure(`encode: ${name}`, 'µs/op', encoding.get(name) ?? [], (s) => (s / OPS) * 1e6)
  const untilDone = (name: string) => {
    const full = `until done: ${name}`
    return figure(full, 'µs/op', times.get(full) ?? [], (s) => (s / OPS / LOOPS) * 1e6)
  }
  const names = Object.keys(all).filter((name) => name !== 'bare')
  const [floor, wait] = [encode('bare'), untilDone('bare')]
  // The fastest loops are those that nothing interrupted.
  const fastest = (name: string) => (Math.min(...(encoding.get(name) ?? [])) / OPS) * 1e6
  const above = names.map((name) => {
    const [median, least] = [encode(name).median - floor.median, fastest(name) - fastest('bare')].map((d) =>
      d.toFixed(2),
    )
    return { ...against(encode(name), floor), note: `${median} above bare; fastest loops ${least}` }
  })
  const least = { ...floor, note: `fastest loop ${fastest('bare').toFixed(2)}` }
  return [least, ...above, wait, ...names.map((name) => against(untilDone(name), wait))]
}

/** y = a + b on 16 floats, with the params as the engine passes them: as immediate data where the adapter has it. */
const addCode = (immediates: boolean): string => `
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

/** The least that OPS dependent adds cost on this device: two buffers in turn, bind groups made before, one pass. */
function bareLoop({ gpu }: WebGPUDevice) {
  const immediates = ((gpu.limits as { maxImmediateSize?: number }).maxImmediateSize ?? 0) >= 64
  const { pipeline, bind } = addPipeline(gpu, immediates)
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = USAGE
  const make = (fill: number) => {
    const buffer = gpu.createBuffer({ size: 64, usage: STORAGE | COPY_SRC | COPY_DST })
    gpu.queue.writeBuffer(buffer, 0, new Float32Array(16).fill(fill))
    return buffer
  }
  const words = new Uint32Array(16)
  words[0] = 4
  const [even, odd, one] = [make(0), make(0), make(1)]
  const params = gpu.createBuffer({ size: 64, usage: UNIFORM | COPY_DST })
  gpu.queue.writeBuffer(params, 0, words)
  const groups = [bind([params, odd, even, one]), bind([params, even, odd, one])]

  const encode = () => {
    const encoder = gpu.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    for (let i = 0; i < OPS; i++) {
      pass.setBindGroup(0, groups[i % 2])
      if (immediates) pass.setImmediates(0, words, 0, 16)
      pass.dispatchWorkgroups(1)
    }
    pass.end()
    gpu.queue.submit([encoder.finish()])
  }
  /** What one loop adds up to. */
  const sum = (): Promise<number> => {
    encode()
    return firstOf(gpu, even)
  }
  return { encode, sum }
}

/** The pipeline of `addCode`, and bind groups for it of (params, y, a, b). */
function addPipeline(gpu: GPUDevice, immediates: boolean) {
  const types = ['uniform', 'storage', 'read-only-storage', 'read-only-storage'] as const
  const used = immediates ? [1, 2, 3] : [0, 1, 2, 3]
  const layout = gpu.createBindGroupLayout({
    entries: used.map((binding) => ({ binding, visibility: 4, buffer: { type: types[binding] } })),
  })
  const pipeline = gpu.createComputePipeline({
    // immediateSize is not in the types yet.
    layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout], ...(immediates && { immediateSize: 64 }) }),
    compute: { module: gpu.createShaderModule({ code: addCode(immediates) }), entryPoint: 'add' },
  })
  const bind = (buffers: GPUBuffer[]) =>
    gpu.createBindGroup({
      layout,
      entries: used.map((binding) => ({ binding, resource: { buffer: buffers[binding] } })),
    })
  return { pipeline, bind }
}

/** The first float of a buffer of 64 bytes. */
async function firstOf(gpu: GPUDevice, buffer: GPUBuffer): Promise<number> {
  const staging = gpu.createBuffer({ size: 64, usage: USAGE.MAP_READ | USAGE.COPY_DST })
  const encoder = gpu.createCommandEncoder()
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, 64)
  gpu.queue.submit([encoder.finish()])
  await staging.mapAsync(1)
  const [value] = new Float32Array(staging.getMappedRange())
  staging.destroy()
  return value
}

/** GPUBufferUsage, which Node has no global for. */
const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 }

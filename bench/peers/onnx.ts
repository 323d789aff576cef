/** @file ONNX Runtime Web, which runs models and trains none, on WebAssembly and WebGPU. */
import { readFileSync } from 'node:fs'
import { type Graph, model, type Node } from './model.ts'
import { writing } from './onnxgpt2.ts'
import {
  ATTENTION,
  COLS,
  CONV,
  type Made,
  NORMED,
  numbers,
  type Peer,
  ROWS,
  summary,
  type WorkloadName,
} from './workloads.ts'

export type Runtime = typeof import('onnxruntime-web')

export async function open(kind: string): Promise<Peer> {
  if (kind === 'webgpu') copySharedViews()
  const ort: Runtime = await (kind === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web'))
  ort.env.wasm.numThreads = 1
  const file = new URL('node_modules/onnxruntime-web/package.json', import.meta.url)
  return { version: JSON.parse(readFileSync(file, 'utf8')).version, make: (name) => make(ort, name, kind) }
}

/** Dawn's package refuses views of shared memory, which is what its WebAssembly has. */
function copySharedViews(): void {
  // shim.ts puts it there, of which the types of Node know nothing.
  const { GPUQueue } = globalThis as unknown as { GPUQueue: { prototype: GPUQueue } }
  const queue = GPUQueue.prototype
  const write = queue.writeBuffer
  queue.writeBuffer = function (this: GPUQueue, buffer, offset, data: ArrayBufferView & ArrayBuffer, from, size) {
    const whole = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data)
    const first = from ?? 0
    return write.call(this, buffer, offset, whole.slice(first, size === undefined ? undefined : first + size))
  }
}

const add = (a: string, b: string, output: string): Node => ({ op: 'Add', inputs: [a, b], output })

/** The model of a workload, with seeds of its inputs. */
function graphOf(name: WorkloadName): Graph & {
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly seeds: readonly number[]
  readonly output: string
} {
  const size = name.match(/^matmul (\d+)$/)
  if (size) {
    const n = Number(size[1])
    return {
      inputs: { a: [n, n], b: [n, n] },
      seeds: [1, 2],
      nodes: [{ op: 'MatMul', inputs: ['a', 'b'], output: 'y' }],
      output: 'y',
    }
  }
  const matrix = { inputs: { x: [ROWS, COLS] }, seeds: [3], output: 'y' }
  const heads = [ATTENTION.batch, ATTENTION.heads, ATTENTION.length, ATTENTION.width]
  switch (name) {
    case 'chain of 4, (2x + 1)·relu(x)':
      return {
        ...matrix,
        constants: { two: [2], one: [1] },
        nodes: [
          { op: 'Mul', inputs: ['x', 'two'], output: 'a' },
          add('a', 'one', 'b'),
          { op: 'Relu', inputs: ['x'], output: 'c' },
          { op: 'Mul', inputs: ['b', 'c'], output: 'y' },
        ],
      }
    case 'row sums':
      return {
        ...matrix,
        constants: { axes: [1] },
        whole: ['axes'],
        nodes: [{ op: 'ReduceSum', inputs: ['x', 'axes'], output: 'y', attributes: { keepdims: 0 } }],
      }
    case 'full sum':
      return { ...matrix, nodes: [{ op: 'ReduceSum', inputs: ['x'], output: 'y', attributes: { keepdims: 0 } }] }
    case 'softmax of rows':
      return { ...matrix, nodes: [{ op: 'Softmax', inputs: ['x'], output: 'y', attributes: { axis: 1 } }] }
    case '1000 dependent adds':
      return {
        inputs: { x0: [16], one: [16] },
        seeds: [4, 5],
        nodes: Array.from({ length: 1000 }, (_, i) => add(`x${i}`, 'one', `x${i + 1}`)),
        output: 'x1000',
      }
    case 'conv2d 16→32, 3×3': {
      const { batch, channels, side, filters } = CONV
      const inputs = { x: [batch, channels, side, side], w: [filters, channels, 3, 3] }
      const attributes = { pads: [1, 1, 1, 1] }
      return {
        inputs,
        seeds: [6, 7],
        nodes: [{ op: 'Conv', inputs: ['x', 'w'], output: 'y', attributes }],
        output: 'y',
      }
    }
    case 'layerNorm of rows': {
      const inputs = { x: NORMED, w: [NORMED[1]], b: [NORMED[1]] }
      const norm = { op: 'LayerNormalization', inputs: ['x', 'w', 'b'], output: 'y', attributes: { epsilon: 1e-5 } }
      return { inputs, seeds: [8, 9, 10], nodes: [norm], output: 'y' }
    }
    case 'attention':
      return {
        inputs: { q: heads, k: heads, v: heads },
        seeds: [11, 12, 13],
        constants: { scale: [1 / Math.sqrt(ATTENTION.width)] },
        nodes: [
          { op: 'Transpose', inputs: ['k'], output: 't', attributes: { perm: [0, 1, 3, 2] } },
          { op: 'MatMul', inputs: ['q', 't'], output: 's' },
          { op: 'Mul', inputs: ['s', 'scale'], output: 'm' },
          { op: 'Softmax', inputs: ['m'], output: 'p', attributes: { axis: 3 } },
          { op: 'MatMul', inputs: ['p', 'v'], output: 'y' },
        ],
        output: 'y',
      }
    default:
      throw new Error('it runs models, it has no gradients')
  }
}

async function make(ort: Runtime, name: WorkloadName, kind: string): Promise<Made> {
  if (name === 'GPT-2 writes 32 tokens') return writing(ort, kind)
  const graph = graphOf(name)
  const session = await ort.InferenceSession.create(model(graph), { executionProviders: [kind] })
  const feeds = Object.fromEntries(
    Object.entries(graph.inputs).map(([input, shape], i) => [
      input,
      new ort.Tensor('float32', numbers(shape, graph.seeds[i]), shape),
    ]),
  )
  // Inputs go up and results come down with every run: outputs left on the GPU abort the process.
  const result = async () => (await session.run(feeds))[graph.output]
  return {
    check: async () => summary((await (await result()).getData()) as Float32Array),
    run: async () => void (await result()),
    done: async () => {},
  }
}

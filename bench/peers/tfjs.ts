/** @file TensorFlow.js on its backends for plain JavaScript, WebAssembly and WebGPU. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import '@tensorflow/tfjs-backend-cpu'
import tf from '@tensorflow/tfjs-core'
import {
  ATTENTION,
  CNN,
  COLS,
  CONV,
  classes,
  GPT,
  initial,
  type Made,
  MLP,
  NORMED,
  numbers,
  type Parameter,
  type Peer,
  parameters,
  ROWS,
  STEPS,
  summary,
  type WorkloadName,
} from './workloads.ts'

type Tensor = ReturnType<typeof tf.tensor>

const require = createRequire(import.meta.url)
// The package's main file leaves gradients out; they register themselves in a global table.
require('@tensorflow/tfjs-core/dist/register_all_gradients.js')

export async function open(kind: string): Promise<Peer> {
  if (kind === 'wasm') await loadWasm()
  // Both builds of the package take an ES module of the core with them: the one that require gives is ours, too.
  if (kind === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu')
  tf.enableProdMode()
  if (!(await tf.setBackend(kind))) throw new Error(`the backend ${kind} does not start`)
  await tf.ready()
  return { version: tf.version_core, make: async (name) => make(name) }
}

/** Its loader fetches the binary from a server; here it lies in the package. */
async function loadWasm(): Promise<void> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))
  const files = join(folder, '..', 'wasm-out', '/')
  wasm.setWasmPaths(process.platform === 'win32' ? pathToFileURL(files).href : files)
}

const given = (shape: readonly number[], seed: number, scale = 1): Tensor =>
  tf.tensor(numbers(shape, seed, scale), [...shape])

interface WebGPUBackend {
  readonly device?: GPUDevice
  readonly commandEncoder: GPUCommandEncoder | null
  endComputePassEncoder(): void
  submitQueue(): void
}

/** Until the backend has done everything, WebGPU's queue included. */
async function done(): Promise<void> {
  // Its types show the public part of a backend only; what is done when is known by its device and encoder.
  const backend = tf.backend() as unknown as WebGPUBackend
  if (!backend.device) return
  if (backend.commandEncoder) {
    backend.endComputePassEncoder()
    backend.submitQueue()
  }
  await backend.device.queue.onSubmittedWorkDone()
}

function of(f: () => Tensor): Made {
  return {
    check: async () => {
      const y = tf.tidy(f)
      const found = summary(await y.data())
      y.dispose()
      return found
    },
    run: () => void tf.tidy(() => void f()),
    done,
  }
}

function make(name: WorkloadName): Made {
  const size = name.match(/^matmul (\d+)$/)
  if (size) {
    const n = Number(size[1])
    const [a, b] = [given([n, n], 1), given([n, n], 2)]
    return of(() => tf.matMul(a, b))
  }
  const matrix = () => given([ROWS, COLS], 3)
  const heads = [ATTENTION.batch, ATTENTION.heads, ATTENTION.length, ATTENTION.width]
  switch (name) {
    case 'chain of 4, (2x + 1)·relu(x)': {
      const x = matrix()
      return of(() => tf.mul(tf.add(tf.mul(x, 2), 1), tf.relu(x)))
    }
    case 'row sums': {
      const x = matrix()
      return of(() => tf.sum(x, 1))
    }
    case 'full sum': {
      const x = matrix()
      return of(() => tf.sum(x))
    }
    case 'softmax of rows': {
      const x = matrix()
      return of(() => tf.softmax(x))
    }
    case '1000 dependent adds': {
      const [x, one] = [given([16], 4), given([16], 5)]
      return of(() => {
        let y: Tensor = x
        for (let i = 0; i < 1000; i++) y = tf.add(y, one)
        return y
      })
    }
    case 'conv2d 16→32, 3×3': {
      const { batch, channels, side, filters } = CONV
      const x = nhwc(given([batch, channels, side, side], 6))
      const w = hwio(given([filters, channels, 3, 3], 7))
      const made = of(() => tf.conv2d(x as never, w as never, 1, 'same'))
      const check = of(() => tf.transpose(tf.conv2d(x as never, w as never, 1, 'same'), [0, 3, 1, 2])).check
      return { ...made, check }
    }
    case 'layerNorm of rows': {
      const [x, w, b] = [given(NORMED, 8), given([NORMED[1]], 9), given([NORMED[1]], 10)]
      return of(() => tf.add(tf.mul(normed(x), w), b))
    }
    case 'attention': {
      const [q, k, v] = [11, 12, 13].map((seed) => given(heads, seed))
      return of(() => attention(q, k, v))
    }
    case 'attention, forward and backward': {
      const qkv = [11, 12, 13].map((seed) => given(heads, seed))
      const c = given(heads, 14)
      const f = (q: Tensor, k: Tensor, v: Tensor) => tf.sum(tf.mul(attention(q, k, v), c))
      return of(() => tf.grads(f as never)(qkv)[0])
    }
    case 'MLP step': {
      const x = given([MLP.batch, MLP.sizes[0]], 20)
      const t = oneHot(classes(MLP.batch, 10, 21), 10)
      return training(parameters.mlp, MLP.lr, (p) => {
        const h = tf.relu(tf.add(tf.matMul(x, p[0]), p[1]))
        const g = tf.relu(tf.add(tf.matMul(h, p[2]), p[3]))
        return tf.losses.softmaxCrossEntropy(t, tf.add(tf.matMul(g, p[4]), p[5]))
      })
    }
    case 'CNN step': {
      const x = nhwc(given([CNN.batch, 1, 28, 28], 22))
      const t = oneHot(classes(CNN.batch, 10, 23), 10)
      const block = (y: Tensor, w: Tensor, b: Tensor) =>
        tf.maxPool(tf.relu(tf.add(tf.conv2d(y as never, w as never, 1, 'same'), b)) as never, 2, 2, 'valid') as Tensor
      return training(
        parameters.cnn,
        CNN.lr,
        (p) => {
          const h = block(block(x, p[0], p[1]), p[2], p[3])
          const flat = tf.reshape(tf.transpose(h, [0, 3, 1, 2]), [CNN.batch, -1])
          return tf.losses.softmaxCrossEntropy(t, tf.add(tf.matMul(flat, p[4]), p[5]))
        },
        (w) => (w.rank === 4 ? hwio(w) : w),
      )
    }
    case 'GPT step':
      return training(parameters.gpt, GPT.lr, gpt())
    default:
      throw new Error(`no ${name}`)
  }
}

const nhwc = (x: Tensor): Tensor => tf.transpose(x, [0, 2, 3, 1])
const hwio = (w: Tensor): Tensor => tf.transpose(w, [2, 3, 1, 0])
const oneHot = (ids: Int32Array, count: number): Tensor =>
  tf.cast(tf.oneHot(tf.tensor1d(ids, 'int32'), count), 'float32')

function normed(x: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true)
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)))
}

function attention(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3] as number))
  return tf.matMul(tf.softmax(mask ? tf.add(scores, mask) : scores), v)
}

function gpt(): (p: readonly Tensor[]) => Tensor {
  const { batch: B, length: T, width: C, heads: H, layers, vocabulary } = GPT
  // Its WebAssembly backend has no gradient of gather: rows are taken by a product with ones.
  const ids = oneHot(classes(B * T, vocabulary, 24), vocabulary)
  const t = oneHot(classes(B * T, vocabulary, 25), vocabulary)
  const mask = tf.tensor2d(
    Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0)),
    [T, T],
  ) as Tensor
  return (p) => {
    let x: Tensor = tf.add(tf.reshape(tf.matMul(ids, p[0]), [B, T, C]), p[1])
    // Products of three axes with two are of the rows.
    const times = (y: Tensor, w: Tensor) => tf.reshape(tf.matMul(tf.reshape(y, [B * T, -1]), w), [B, T, -1])
    for (let layer = 0; layer < layers; layer++) {
      const [n1, qkv, out, n2, up, down] = p.slice(2 + 6 * layer)
      const [q, k, v] = tf
        .split(times(tf.mul(normed(x), n1), qkv), 3, -1)
        .map((part) => tf.transpose(tf.reshape(part, [B, T, H, C / H]), [0, 2, 1, 3]))
      const y = tf.reshape(tf.transpose(attention(q, k, v, mask), [0, 2, 1, 3]), [B, T, C])
      x = tf.add(x, times(y, out))
      x = tf.add(x, times(tf.relu(times(tf.mul(normed(x), n2), up)), down))
    }
    const [n, head] = p.slice(-2)
    return tf.losses.softmaxCrossEntropy(t, tf.matMul(tf.reshape(tf.mul(normed(x), n), [B * T, C]), head))
  }
}

/** Steps of SGD. @param laid  how a parameter is stored here */
function training(
  list: readonly Parameter[],
  lr: number,
  lossOf: (p: readonly Tensor[]) => Tensor,
  laid: (w: Tensor) => Tensor = (w) => w,
): Made {
  const p = initial(list).map((data, i) => tf.variable(laid(tf.tensor(data, [...list[i][0]]))))
  const sgd = tf.train.sgd(lr)
  const step = () => sgd.minimize(() => lossOf(p) as never, true, p) as Tensor
  return {
    check: async () => {
      const losses: number[] = []
      for (let i = 0; i < STEPS; i++) {
        const loss = tf.tidy(step)
        losses.push((await loss.data())[0])
        loss.dispose()
      }
      return losses
    },
    run: () => void tf.tidy(() => void step()),
    done,
  }
}

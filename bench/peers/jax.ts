/** @file jax-js on its backends for WebAssembly and WebGPU, each workload under `jit`, as its users write it. */
import { readFileSync } from 'node:fs'
import {
  blockUntilReady,
  defaultDevice,
  getWebGPUDevice,
  grad,
  init,
  type Array as JaxArray,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax'
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

export async function open(kind: string): Promise<Peer> {
  const started = await init(kind as 'wasm' | 'webgpu')
  if (!started.includes(kind as 'wasm')) throw new Error(`the backend ${kind} does not start`)
  defaultDevice(kind as 'wasm' | 'webgpu')
  const file = new URL('node_modules/@jax-js/jax/package.json', import.meta.url)
  return { version: JSON.parse(readFileSync(file, 'utf8')).version, make: async (name) => make(name, kind) }
}

const given = (shape: readonly number[], seed: number, scale = 1): JaxArray =>
  np.array(numbers(shape, seed, scale)).reshape([...shape])

/** A function of inputs, which it owns: each call gets references. */
function of(f: (...x: JaxArray[]) => JaxArray, inputs: readonly JaxArray[], kind: string): Made {
  const fast = jit(f) as (...x: JaxArray[]) => JaxArray
  const call = () => fast(...inputs.map((x) => x.ref))
  let last: JaxArray | undefined
  return {
    check: async () => summary((await call().data()) as Float32Array),
    // Arrays are lazy: each must be waited for, or its work may be left out.
    run: async () => {
      last = await blockUntilReady(call())
      last.dispose()
    },
    done: () => idle(kind),
  }
}

async function idle(kind: string): Promise<void> {
  if (kind === 'webgpu') await getWebGPUDevice()?.queue.onSubmittedWorkDone()
}

function make(name: WorkloadName, kind: string): Made {
  const size = name.match(/^matmul (\d+)$/)
  if (size) {
    const n = Number(size[1])
    return of((a, b) => np.matmul(a, b), [given([n, n], 1), given([n, n], 2)], kind)
  }
  const matrix = () => given([ROWS, COLS], 3)
  const heads = [ATTENTION.batch, ATTENTION.heads, ATTENTION.length, ATTENTION.width]
  switch (name) {
    case 'chain of 4, (2x + 1)·relu(x)':
      return of((x) => x.ref.mul(2).add(1).mul(nn.relu(x)), [matrix()], kind)
    case 'row sums':
      return of((x) => x.sum(1), [matrix()], kind)
    case 'full sum':
      return of((x) => x.sum(), [matrix()], kind)
    case 'softmax of rows':
      return of((x) => nn.softmax(x, 1), [matrix()], kind)
    case '1000 dependent adds': {
      // One by one: under jit it would be one kernel, which is not the question.
      const [x, one] = [given([16], 4), given([16], 5)]
      const f = jit((a: JaxArray, b: JaxArray) => a.add(b))
      const chain = (): JaxArray => {
        let y = x.ref
        for (let i = 0; i < 1000; i++) y = f(y, one.ref)
        return y
      }
      return {
        check: async () => summary((await chain().data()) as Float32Array),
        run: async () => (await blockUntilReady(chain())).dispose(),
        done: () => idle(kind),
      }
    }
    case 'conv2d 16→32, 3×3': {
      const { batch, channels, side, filters } = CONV
      const inputs = [given([batch, channels, side, side], 6), given([filters, channels, 3, 3], 7)]
      return of((x, w) => lax.conv(x, w, [1, 1], 'SAME'), inputs, kind)
    }
    case 'layerNorm of rows': {
      const inputs = [given(NORMED, 8), given([NORMED[1]], 9), given([NORMED[1]], 10)]
      return of((x, w, b) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(w).add(b), inputs, kind)
    }
    case 'attention':
      return of(
        attention,
        [11, 12, 13].map((seed) => given(heads, seed)),
        kind,
      )
    case 'attention, forward and backward': {
      const inputs = [11, 12, 13, 14].map((seed) => given(heads, seed))
      const loss = (qkv: JaxArray[], c: JaxArray) => attention(qkv[0], qkv[1], qkv[2]).mul(c).sum()
      const f = (q: JaxArray, k: JaxArray, v: JaxArray, c: JaxArray) => {
        // Its types say less than it does: the gradient is a tree as the first argument is.
        const [dq, dk, dv] = grad(loss)([q, k, v], c) as unknown as JaxArray[]
        // All three are wanted; the sum keeps the others from being left out.
        return dq.add(dk.mul(0)).add(dv.mul(0))
      }
      return of(f, inputs, kind)
    }
    case 'MLP step': {
      const [x, t] = [given([MLP.batch, MLP.sizes[0]], 20), np.array(classes(MLP.batch, 10, 21))]
      return training(parameters.mlp, MLP.lr, [x, t], kind, (p, [x, t]) => {
        const h = nn.relu(np.matmul(x, p[0]).add(p[1]))
        const g = nn.relu(np.matmul(h, p[2]).add(p[3]))
        return crossEntropy(np.matmul(g, p[4]).add(p[5]), t, 10)
      })
    }
    case 'CNN step': {
      const [x, t] = [given([CNN.batch, 1, 28, 28], 22), np.array(classes(CNN.batch, 10, 23))]
      const block = (y: JaxArray, w: JaxArray, b: JaxArray) =>
        pooled(nn.relu(lax.conv(y, w, [1, 1], 'SAME').add(b.reshape([1, -1, 1, 1]))))
      return training(parameters.cnn, CNN.lr, [x, t], kind, (p, [x, t]) => {
        const h = block(block(x, p[0], p[1]), p[2], p[3])
        return crossEntropy(np.matmul(h.reshape([CNN.batch, -1]), p[4]).add(p[5]), t, 10)
      })
    }
    case 'GPT step': {
      const { batch: B, length: T, vocabulary } = GPT
      const data = [24, 25].map((seed) => np.array(classes(B * T, vocabulary, seed)))
      const mask = np.array(Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0)))
      return training(parameters.gpt, GPT.lr, [...data, mask.reshape([T, T])], kind, gpt)
    }
    default:
      throw new Error(`no ${name}`)
  }
}

/** Maxima of 2×2. */
function pooled(x: JaxArray): JaxArray {
  const [n, c, h, w] = x.shape
  return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5])
}

function attention(q: JaxArray, k: JaxArray, v: JaxArray, mask?: JaxArray): JaxArray {
  const scale = 1 / Math.sqrt(q.shape[3])
  const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(scale)
  return np.matmul(nn.softmax(mask ? scores.add(mask) : scores, -1), v)
}

function crossEntropy(logits: JaxArray, t: JaxArray, count: number): JaxArray {
  return nn.logSoftmax(logits, -1).mul(nn.oneHot(t, count)).sum(-1).mean().neg()
}

function gpt(p: JaxArray[], [ids, t, mask]: JaxArray[]): JaxArray {
  const { batch: B, length: T, width: C, heads: H, layers, vocabulary } = GPT
  const norm = (x: JaxArray, w: JaxArray) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(w)
  // Rows are taken by a product with ones: the gradient of a gather is a scatter, which it does not have.
  let x = np.matmul(nn.oneHot(ids, vocabulary), p[0]).reshape([B, T, C]).add(p[1])
  for (let layer = 0; layer < layers; layer++) {
    const [n1, qkv, out, n2, up, down] = p.slice(2 + 6 * layer)
    const [q, k, v] = np
      .split(np.matmul(norm(x.ref, n1), qkv), 3, -1)
      .map((part) => part.reshape([B, T, H, C / H]).transpose([0, 2, 1, 3]))
    const y = attention(q, k, v, mask.ref).transpose([0, 2, 1, 3]).reshape([B, T, C])
    x = x.add(np.matmul(y, out))
    x = x.ref.add(np.matmul(nn.relu(np.matmul(norm(x, n2), up)), down))
  }
  mask.dispose()
  const [n, head] = p.slice(-2)
  return crossEntropy(np.matmul(norm(x, n).reshape([B * T, C]), head), t, vocabulary)
}

/** Steps of SGD: loss, gradients and update are one function under jit. */
function training(
  list: readonly Parameter[],
  lr: number,
  data: readonly JaxArray[],
  kind: string,
  lossOf: (p: JaxArray[], data: JaxArray[]) => JaxArray,
): Made {
  let p = initial(list).map((values, i) => np.array(values).reshape([...list[i][0]]))
  const step = jit((q: JaxArray[], given: JaxArray[]) => {
    // Its types say less than it does: the gradient is a tree as the first argument is.
    const [loss, g] = valueAndGrad(lossOf)(
      q.map((x) => x.ref),
      given,
    ) as unknown as [JaxArray, JaxArray[]]
    return [loss, ...q.map((x, i) => x.sub(g[i].mul(lr)))]
  })
  const one = (): JaxArray => {
    const [loss, ...next] = step(
      p,
      data.map((x) => x.ref),
    )
    p = next
    return loss
  }
  return {
    check: async () => {
      const losses: number[] = []
      for (let i = 0; i < STEPS; i++) losses.push(((await one().data()) as Float32Array)[0])
      return losses
    },
    run: async () => {
      const loss = await blockUntilReady(one())
      await blockUntilReady(p)
      loss.dispose()
    },
    done: () => idle(kind),
  }
}

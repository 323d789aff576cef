/** @file Ours. */
import { readFileSync } from 'node:fs'
import { generate } from '../../src/generate/index.ts'
import { GPT2 } from '../../src/models/index.ts'
import type { Device, Tensor } from '../../src/node.ts'
import * as hg from '../../src/node.ts'
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
  WRITER,
  writerPrompt,
  writerWeights,
} from './workloads.ts'

export async function open(kind: string, adapter: string): Promise<Peer> {
  const device = await (kind === 'cpu' ? hg.device('cpu') : hg.device('webgpu', adapter ? { adapter } : {}))
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return { version, make: async (name) => make(name, device) }
}

function make(name: WorkloadName, device: Device): Made {
  const given = (shape: readonly number[], seed: number, scale = 1): Tensor =>
    hg.tensor(numbers(shape, seed, scale), { shape: [...shape], device })
  const done = () => device.sync()
  /** A function of tensors that is only run. */
  const of = (f: () => Tensor): Made => ({
    check: async () => summary(await hg.scope(f).data()),
    run: () => hg.scope(() => void f()),
    done,
  })
  const size = name.match(/^matmul (\d+)$/)
  if (size) {
    const n = Number(size[1])
    const [a, b] = [given([n, n], 1), given([n, n], 2)]
    return of(() => a.matmul(b))
  }
  const matrix = () => given([ROWS, COLS], 3)
  const heads = [ATTENTION.batch, ATTENTION.heads, ATTENTION.length, ATTENTION.width]
  switch (name) {
    case 'chain of 4, (2x + 1)·relu(x)': {
      const x = matrix()
      return of(() => x.mul(2).add(1).mul(x.relu()))
    }
    case 'row sums': {
      const x = matrix()
      return of(() => x.sum(1))
    }
    case 'full sum': {
      const x = matrix()
      return of(() => x.sum())
    }
    case 'softmax of rows': {
      const x = matrix()
      return of(() => x.softmax(1))
    }
    case '1000 dependent adds': {
      const [x, one] = [given([16], 4), given([16], 5)]
      return of(() => {
        let y = x
        for (let i = 0; i < 1000; i++) y = y.add(one)
        return y
      })
    }
    case 'conv2d 16→32, 3×3': {
      const { batch, channels, side, filters } = CONV
      const x = given([batch, channels, side, side], 6)
      const w = given([filters, channels, 3, 3], 7)
      return of(() => hg.conv2d(x, w, undefined, { padding: 1 }))
    }
    case 'layerNorm of rows': {
      const [x, w, b] = [given(NORMED, 8), given([NORMED[1]], 9), given([NORMED[1]], 10)]
      return of(() => hg.layerNorm(x, NORMED[1], w, b))
    }
    case 'attention': {
      const [q, k, v] = [11, 12, 13].map((seed) => given(heads, seed))
      return of(() => hg.scaledDotProductAttention(q, k, v))
    }
    case 'attention, forward and backward': {
      const [q, k, v] = [11, 12, 13].map((seed) => given(heads, seed).requiresGrad_())
      const c = given(heads, 14)
      return of(() => {
        const [dq] = hg.grad(hg.scaledDotProductAttention(q, k, v).mul(c).sum(), [q, k, v])
        return dq
      })
    }
    case 'MLP step':
      return training(parameters.mlp, MLP.lr, device, (p) => {
        const x = given([MLP.batch, MLP.sizes[0]], 20)
        const t = hg.tensor(classes(MLP.batch, 10, 21), { device })
        return () => {
          const h = hg.linear(x, p[0].t(), p[1]).relu()
          return hg.crossEntropy(hg.linear(hg.linear(h, p[2].t(), p[3]).relu(), p[4].t(), p[5]), t)
        }
      })
    case 'CNN step':
      return training(parameters.cnn, CNN.lr, device, (p) => {
        const x = given([CNN.batch, 1, 28, 28], 22)
        const t = hg.tensor(classes(CNN.batch, 10, 23), { device })
        return () => {
          const h = hg.maxPool2d(hg.conv2d(x, p[0], p[1], { padding: 1 }).relu(), 2)
          const g = hg.maxPool2d(hg.conv2d(h, p[2], p[3], { padding: 1 }).relu(), 2)
          return hg.crossEntropy(hg.linear(g.flatten(1), p[4].t(), p[5]), t)
        }
      })
    case 'GPT step':
      return training(parameters.gpt, GPT.lr, device, (p) => gpt(p, device))
    case 'GPT-2 writes 32 tokens':
      return writing(device)
    default:
      throw new Error(`no ${name}`)
  }
}

/** Greedy text of a GPT-2. */
function writing(device: Device): Made {
  const weights = Object.entries(writerWeights()).map(([name, { shape, values }]) => [
    `transformer.${name}`,
    hg.tensor(values, { shape, device }),
  ])
  const model = new GPT2(WRITER.config, { device, weights: Object.fromEntries(weights) }).eval()
  const how = { temperature: 0, maxTokens: WRITER.tokens }
  const write = async () => [...(await generate.all(model, writerPrompt(), how)).ids]
  return { check: write, run: async () => void (await write()), done: () => device.sync() }
}

function gpt(p: readonly Tensor[], device: Device): () => Tensor {
  const { batch: B, length: T, width: C, heads: H, layers, vocabulary } = GPT
  const ids = hg.tensor(classes(B * T, vocabulary, 24), { shape: [B, T], device })
  const t = hg.tensor(classes(B * T, vocabulary, 25), { device })
  const norm = (x: Tensor, w: Tensor) => hg.layerNorm(x, C, w)
  return () => {
    let x = hg.embedding(p[0], ids).add(p[1])
    for (let layer = 0; layer < layers; layer++) {
      const [n1, qkv, out, n2, up, down] = p.slice(2 + 6 * layer)
      const [q, k, v] = norm(x, n1)
        .matmul(qkv)
        .split(C, -1)
        .map((part) => part.reshape([B, T, H, C / H]).transpose(1, 2))
      const y = hg.scaledDotProductAttention(q, k, v, { isCausal: true })
      x = x.add(y.transpose(1, 2).reshape([B, T, C]).matmul(out))
      x = x.add(norm(x, n2).matmul(up).relu().matmul(down))
    }
    const [n, head] = p.slice(-2)
    return hg.crossEntropy(
      norm(x, n)
        .matmul(head)
        .reshape([B * T, vocabulary]),
      t,
    )
  }
}

/** Steps of SGD. */
function training(list: readonly Parameter[], lr: number, device: Device, lossOf: (p: Tensor[]) => () => Tensor): Made {
  const p = initial(list).map((data, i) => hg.tensor(data, { shape: [...list[i][0]], device }).requiresGrad_())
  const sgd = new hg.optim.SGD(p, { lr })
  const loss = lossOf(p)
  const step = (): Tensor => {
    sgd.zeroGrad()
    const now = loss()
    now.backward()
    sgd.step()
    return now.detach()
  }
  return {
    check: async () => {
      const losses: number[] = []
      for (let i = 0; i < STEPS; i++) losses.push(await hg.scope(step).item())
      return losses
    },
    run: () => hg.scope(() => void step()),
    done: () => device.sync(),
  }
}

/**
 * @file Three tasks, each solved by the op that it needs, as functions of raw tensors: a convolution tells bars apart
 * wherever they are, a GRU remembers the beginning of a sequence, attention looks up a value by its key.
 *
 *   npx tsx examples/ops.ts [--device webgpu]
 */
import { type Device, manualSeed, nn, noGrad, optim, randint, randn, scope, type Tensor, unfold } from 'handgrad'
import { run } from './run.ts'

const { conv2d, gru, scaledDotProductAttention, crossEntropy, oneHot } = nn.functional

interface Task {
  readonly name: string
  readonly weights: readonly Tensor[]
  /** Inputs and the class of each. */
  batch(n: number): { readonly x: Tensor; readonly t: Tensor }
  logits(x: Tensor): Tensor
}

const leaf = (shape: number[], device: Device): Tensor =>
  randn(shape, { device })
    .mul(1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1)))
    .detach()
    .requiresGrad_()
const labels = (n: number, classes: number, device: Device): Tensor => randint(classes, [n], { device })

/** A bar of five pixels in a noisy image of 10 × 10: lying or standing? The same few weights look everywhere. */
function bars(device: Device): Task {
  const [k, w] = [leaf([4, 1, 5, 5], device), leaf([2, 4], device)]
  return {
    name: 'convolution: bars lying or standing',
    weights: [k, w],
    batch(n) {
      const t = labels(n, 2, device)
      const at = (size: number) => oneHot(randint(size, [n], { device }), size).to('float32')
      // A position of the bar's begin, spread over five pixels by a sliding view of zeros around it.
      const point = at(6).unsqueeze(2).mul(at(6).unsqueeze(1))
      const lying = unfold(nn.functional.pad(point, [4, 4, 2, 2]), 2, 5, 1).sum(-1)
      const x = lying.where(t.eq(0).reshape([n, 1, 1]), lying.transpose(1, 2))
      return { x: x.add(randn([n, 10, 10], { device }).mul(0.3)).unsqueeze(1), t }
    },
    logits: (x) => conv2d(x, k).relu().amax([2, 3]).matmul(w.transpose()),
  }
}

/** Twelve symbols of four; which was the first? */
function memory(device: Device): Task {
  const hidden = 16
  const shapes = [[3 * hidden, 4], [3 * hidden, hidden], [3 * hidden], [3 * hidden]]
  const weights = shapes.map((shape) => leaf(shape, device))
  const w = leaf([4, hidden], device)
  return {
    name: 'GRU: the first of twelve symbols',
    weights: [...weights, w],
    batch(n) {
      const x = randint(4, [12, n], { device })
      return { x: oneHot(x, 4).to('float32'), t: x.at(0).clone() }
    },
    logits: (x) => gru(x, null, weights).hn.at(-1).matmul(w.transpose()),
  }
}

/** Eight pairs of a key and one of five values, and a key that is asked for. */
function lookUp(device: Device): Task {
  const [width, values] = [12, 5]
  const [wq, wk, wv] = [leaf([width, width], device), leaf([width, width], device), leaf([values, values], device)]
  return {
    name: 'attention: the value of a key among eight',
    weights: [wq, wk, wv],
    batch(n) {
      const keys = randn([n, 8, width], { device })
      const stored = randint(values, [n, 8], { device })
      const asked = randint(8, [n, 1], { device })
      const query = keys.takeAlongDim(asked.unsqueeze(-1), 1).squeeze(1)
      // One tensor holds all: a row for each pair, and the query beside each.
      const x = nn.functional
        .pad(keys, [0, values + width])
        .add(nn.functional.pad(oneHot(stored, values).to('float32'), [width, width]))
      return {
        x: x.add(nn.functional.pad(query.unsqueeze(1), [width + values, 0])),
        t: stored.takeAlongDim(asked, 1).squeeze(1),
      }
    },
    logits(x) {
      const [k, v, q] = x.split([width, values, width], 2)
      const y = scaledDotProductAttention(q.narrow(1, 0, 1).matmul(wq), k.matmul(wk), v.matmul(wv))
      return y.squeeze(1).mul(4)
    },
  }
}

/** Train a task, then ask it about new data. @returns the share of right answers */
async function solve({ name, weights, batch, logits }: Task, steps: number, device: Device): Promise<number> {
  const optimizer = new optim.Adam(weights, { lr: 0.02 })
  for (let i = 0; i < steps; i++) {
    scope(() => {
      const { x, t } = batch(64)
      crossEntropy(logits(x), t).backward()
      optimizer.step()
      optimizer.zeroGrad()
    })
    if (i % 20 === 0) await device.sync()
  }
  const right = scope(() =>
    noGrad(() => {
      const { x, t } = batch(500)
      return logits(x).argmax(1).eq(t).to('float32').mean()
    }),
  )
  const share = await right.item()
  console.log(`${name}: ${(100 * share).toFixed(1)} % after ${steps} steps on ${device.name}`)
  return share
}

export async function main(device: Device, steps = 200) {
  manualSeed(5)
  return {
    bars: await solve(bars(device), steps, device),
    memory: await solve(memory(device), steps, device),
    lookUp: await solve(lookUp(device), steps, device),
  }
}

await run(import.meta.url, main)

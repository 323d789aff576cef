/**
 * @file Three tasks, each solved by the layer that it needs: a convolution tells bars apart wherever they are, a GRU
 * remembers the beginning of a sequence, attention looks up a value by its key.
 *
 *   npx tsx examples/ops.ts [--device webgpu]
 */
import { cat, type Device, manualSeed, nn, noGrad, optim, randint, randn, scope, type Tensor, unfold } from 'handgrad'
import { run } from './run.ts'

const { scaledDotProductAttention, crossEntropy, oneHot } = nn.functional

interface Task {
  readonly name: string
  /** From inputs to logits. */
  readonly net: nn.Layer
  /** Inputs and the class of each. */
  batch(n: number): { readonly x: Tensor; readonly t: Tensor }
}

/** A bar of five pixels in a noisy image of 10 × 10: lying or standing? The same few weights look everywhere. */
function bars(device: Device): Task {
  const strongest = new nn.AdaptiveMaxPool2d(1) // of each channel, wherever it is
  const look = [new nn.Conv2d(1, 4, 5, { device }), new nn.ReLU(), strongest, new nn.Flatten()]
  return {
    name: 'convolution: bars lying or standing',
    net: new nn.Sequential(...look, new nn.Linear(4, 2, { device })),
    batch(n) {
      const t = randint(2, [n], { device })
      const at = (size: number) => oneHot(randint(size, [n], { device }), size).to('float32')
      // A position of the bar's begin, spread over five pixels by a sliding view of zeros around it.
      const point = at(6).unsqueeze(2).mul(at(6).unsqueeze(1))
      const lying = unfold(nn.functional.pad(point, [4, 4, 2, 2]), 2, 5, 1).sum(-1)
      const x = lying.where(t.eq(0).reshape([n, 1, 1]), lying.transpose(1, 2))
      return { x: x.add(randn([n, 10, 10], { device }).mul(0.3)).unsqueeze(1), t }
    },
  }
}

/** What a GRU has in mind after the last step, as logits. */
class Reader extends nn.Module {
  gru = new nn.GRU(4, 16)
  head = new nn.Linear(16, 4)
  forward(x: Tensor): Tensor {
    const [, last] = this.gru.forward(x)
    return this.head.forward(last.at(-1))
  }
}

/** Twelve symbols of four; which was the first? */
async function memory(device: Device): Promise<Task> {
  const net = await new Reader().to(device)
  // Orthogonal matrices neither shrink nor stretch what they are given: the first symbol survives twelve steps.
  for (const w of net.gru.parameters()) if (w.ndim === 2) nn.init.orthogonal_(w)
  return {
    name: 'GRU: the first of twelve symbols',
    net,
    batch(n) {
      const x = randint(4, [12, n], { device })
      return { x: oneHot(x, 4).to('float32'), t: x.at(0).clone() }
    },
  }
}

const [width, values] = [12, 5]

/** softmax(q kᵀ/√d) v, each of q, k and v a learnt product of what is read. */
class LookUp extends nn.Module {
  q = new nn.Linear(width, width, { bias: false })
  k = new nn.Linear(width, width, { bias: false })
  v = new nn.Linear(values, values, { bias: false })
  forward(x: Tensor): Tensor {
    const [key, value, query] = x.split([width, values, width], 2)
    const q = this.q.forward(query.narrow(1, 0, 1))
    return scaledDotProductAttention(q, this.k.forward(key), this.v.forward(value)).squeeze(1).mul(4)
  }
}

/** Eight pairs of a key and one of five values, and a key that is asked for. */
async function lookUp(device: Device): Promise<Task> {
  return {
    name: 'attention: the value of a key among eight',
    net: await new LookUp().to(device),
    batch(n) {
      const keys = randn([n, 8, width], { device })
      const stored = randint(values, [n, 8], { device })
      const asked = randint(8, [n, 1], { device })
      const query = keys.takeAlongDim(asked.unsqueeze(-1), 1)
      // One tensor holds all: a row for each pair, and the query beside each.
      const x = cat([keys, oneHot(stored, values).to('float32'), query.expand([n, 8, width])], 2)
      return { x, t: stored.takeAlongDim(asked, 1).squeeze(1) }
    },
  }
}

/** Train a task, then ask it about new data. @returns the share of right answers */
async function solve({ name, net, batch }: Task, steps: number, device: Device): Promise<number> {
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 })
  for (let i = 0; i < steps; i++) {
    scope(() => {
      const { x, t } = batch(64)
      crossEntropy(net.forward(x), t).backward()
      optimizer.step()
      optimizer.zeroGrad()
    })
    if (i % 20 === 0) await device.sync()
  }
  const share = await scope(() => {
    const { x, t } = batch(500)
    return noGrad(() => net.forward(x).argmax(1).eq(t).to('float32').mean())
  }).item()
  console.log(`${name}: ${(100 * share).toFixed(1)} % after ${steps} steps on ${device.name}`)
  return share
}

export async function main(device: Device, steps = 200) {
  manualSeed(5)
  return {
    bars: await solve(bars(device), steps, device),
    memory: await solve(await memory(device), steps, device),
    lookUp: await solve(await lookUp(device), steps, device),
  }
}

await run(import.meta.url, main)

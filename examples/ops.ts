/**
 * @file Three tasks, each solved by the layer that it needs: a convolution tells bars apart wherever they are, a GRU
 * remembers the beginning of a sequence, attention looks up a value by its key.
 *
 *   npx tsx examples/ops.ts [--device webgpu]
 */
import { cat, type Device, nn, noGrad, optim, randint, randn, scope, type Tensor, unfold } from 'handgrad'
import { program } from './run.ts'

const { scaledDotProductAttention, crossEntropy, oneHot } = nn.functional
const [width, values] = [12, 5] // of a key, and how many there are

/** A network from inputs to logits, and `n` inputs with the class of each. */
interface Task {
  readonly name: string
  readonly net: nn.Layer
  batch(n: number): { x: Tensor; t: Tensor }
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
      const at = (size: number) => oneHot(randint(size, [n], { device }), size).float()
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
    return this.head.forward(this.gru.forward(x)[1].at(-1))
  }
}

/** Twelve symbols of four; which was the first? */
async function memory(device: Device): Promise<Task> {
  const net = await new Reader().to(device)
  // Orthogonal matrices neither shrink nor stretch what they are given: the first symbol survives twelve steps.
  for (const w of net.gru.parameters()) if (w.ndim === 2) nn.init.orthogonal_(w)
  const batch = (n: number) => {
    const x = randint(4, [12, n], { device })
    return { x: oneHot(x, 4).float(), t: x.at(0).clone() }
  }
  return { name: 'GRU: the first of twelve symbols', net, batch }
}

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
      const x = cat([keys, oneHot(stored, values).float(), query.expand([n, 8, width])], 2)
      return { x, t: stored.takeAlongDim(asked, 1).squeeze(1) }
    },
  }
}

export const main = program(
  import.meta.url,
  'Three tasks by the layer that each needs: convolution, a GRU, attention.',
  { steps: [200, 'of training, for each'] },
  async ({ device, steps, progress, show }) => {
    const solved = []
    for (const { name, net, batch } of [bars(device), await memory(device), await lookUp(device)]) {
      const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 })
      const y: number[] = []
      for (let i = 1; i <= steps; i++) {
        using loss = scope(() => {
          const { x, t } = batch(64)
          optimizer.zeroGrad()
          const loss = crossEntropy(net.forward(x), t)
          loss.backward()
          optim.clipGradNorm(net.parameters(), 1)
          optimizer.step()
          return loss.detach()
        })
        y.push(await loss.item())
        progress(i, steps, name)
      }
      const unseen = batch(500)
      const share = await noGrad(() => net.forward(unseen.x).argmax(1).eq(unseen.t).float().mean()).item()
      console.log(`${name}: ${(100 * share).toFixed(1)} % after ${steps} steps`)
      solved.push({ name, y, share })
    }
    show({ title: 'Three tasks', xLabel: 'step', yLabel: 'loss', lines: solved, log: 'y' })
    return solved.map(({ share }) => share)
  },
)

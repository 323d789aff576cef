/**
 * @file How to go downhill. Seven optimizers side by side, first in a long valley whose theory is known, then on
 * digits. How the rate should change over time, and how many examples a step takes, is shown by schedules.ts.
 *
 *   npx tsx examples/optimizers.ts [--device webgpu] [--data FOLDER]
 */
import { type Device, data, manualSeed, nn, noGrad, optim, scope, stack, type Tensor, tensor } from 'handgrad'
import { table } from './chart.ts'
import { dataOption, digits } from './data.ts'
import { program } from './run.ts'

type Make = (parameters: Tensor[]) => optim.Optimizer

/** The valley f = ½(u² + κv²). */
const kappa = 25
const root = Math.sqrt(kappa)
/** θ are the parameters, g their gradients, η is lr: for the valley, and for digits. */
const makers: Record<string, readonly [valley: Make, digits: Make]> = {
  // θ ← θ − ηg. Best in the valley: η = 2/(κ + 1), where a step leaves (κ − 1)/(κ + 1) of the distance.
  SGD: [(p) => new optim.SGD(p, { lr: 2 / (kappa + 1) }), (p) => new optim.SGD(p, { lr: 0.3 })],
  // b ← μb + g, θ ← θ − ηb. Best: √μ = (√κ − 1)/(√κ + 1), which is also about what a step leaves.
  momentum: [
    (p) => new optim.SGD(p, { lr: 4 / (root + 1) ** 2, momentum: ((root - 1) / (root + 1)) ** 2 }),
    (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9 }),
  ],
  // b ← μb + g, θ ← θ − η(g + μb): a look at where momentum is about to lead
  Nesterov: [
    (p) => new optim.SGD(p, { lr: 1 / kappa, momentum: (root - 1) / (root + 1), nesterov: true }),
    (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true }),
  ],
  // s ← s + g², θ ← θ − ηg/√s: a rate for each parameter
  AdaGrad: [(p) => new optim.Adagrad(p, { lr: 2 }), (p) => new optim.Adagrad(p, { lr: 0.02 })],
  // v ← αv + (1 − α)g², θ ← θ − ηg/√v: the same, but it forgets
  RMSprop: [(p) => new optim.RMSprop(p, { lr: 0.2, alpha: 0.9 }), (p) => new optim.RMSprop(p, { lr: 2e-3 })],
  // m ← β₁m + (1 − β₁)g, v as above, θ ← θ − ηm̂/√v̂, where m̂ = m/(1 − β₁ᵗ) makes up for the begin at 0
  Adam: [(p) => new optim.Adam(p, { lr: 0.5 }), (p) => new optim.Adam(p, { lr: 5e-3 })],
  // θ ← (1 − ηλ)θ first, then Adam
  AdamW: [(p) => new optim.AdamW(p, { lr: 0.5 }), (p) => new optim.AdamW(p, { lr: 5e-3 })],
}

/** From u = −8, v = 2, where the valley's axes stand at an angle to those of θ: the places it goes through. */
async function descend(make: Make, degrees: number, steps: number, device: Device) {
  const [c, s] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180))
  const turn = tensor([c, s, -s, c], { shape: [2, 2], device })
  const theta = tensor([[-8 * c - 2 * s], [-8 * s + 2 * c]], { device, requiresGrad: true })
  const weights = tensor([[1], [kappa]], { device })
  const optimizer = make([theta])
  const places = Array.from({ length: steps + 1 }, () =>
    scope(() => {
      optimizer.zeroGrad()
      const place = turn.matmul(theta) // (u, v)
      place.square().mul(weights).sum().mul(0.5).backward()
      optimizer.step()
      return place.detach()
    }),
  )
  const path = (await stack(places).array()) as number[][][]
  return path.map(([[u], [v]]) => ({ u, v, f: (u * u + kappa * v * v) / 2 }))
}
/** Steps until f is a thousandth of what it was. */
const arrival = (path: { f: number }[]): number => path.findIndex(({ f }) => f < path[0].f / 1000)

/** A network 784–32–10 learns digits by batches of 32: the loss of each step, and its accuracy on others in the end. */
async function learn(make: Make, epochs: number, [train, test]: data.DigitDataset[], device: Device) {
  const net = new nn.Sequential(new nn.Linear(784, 32, { device }), new nn.ReLU(), new nn.Linear(32, 10, { device }))
  const optimizer = make(net.parameters())
  const step = (x: Tensor, y: Tensor): Tensor => {
    optimizer.zeroGrad()
    const loss = nn.functional.crossEntropy(net.forward(x), y)
    loss.backward()
    optimizer.step()
    return loss.detach()
  }
  const loader = new data.DataLoader(train, { batchSize: 32, shuffle: true, device })
  const losses: number[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    // Read once an epoch: the device is not left thousands of steps behind.
    const own = Array.from(loader, ([x, y]) => scope(() => step(x, y)))
    losses.push(...((await stack(own).array()) as number[]))
    for (const loss of own) loss.dispose()
  }
  const [[x, y]] = new data.DataLoader(test, { batchSize: test.length, device })
  const accuracy = noGrad(() => net.forward(x).argmax(1).eq(y).to('float32').mean())
  return { losses, accuracy: await accuracy.item() }
}

export const main = program(
  import.meta.url,
  'Seven optimizers side by side, in a valley and on digits.',
  { steps: [60, 'in the valley'], epochs: [4, 'of digits'], count: [480, 'digits that are made'], data: dataOption },
  async ({ device, seed, steps, epochs, count, data: folder, progress, show }) => {
    const files = await digits(folder, count)
    const sets = [files.train, files.test].map((part) => new data.DigitDataset(part))
    const results = []
    for (const [name, [valley, network]] of Object.entries(makers)) {
      const path = await descend(valley, 0, steps, device)
      const turned = await descend(valley, 30, steps, device)
      manualSeed(seed) // the same first weights and batches for all
      results.push({ name, path, turned, ...(await learn(network, epochs, sets, device)) })
      progress(results.length, 7, name)
    }
    const rows = results.map(({ name, path, turned, losses, accuracy }) => {
      const late = losses.slice(-10).reduce((sum, loss) => sum + loss / 10, 0)
      const valley = [path, turned].map((way) => (arrival(way) < 0 ? `over ${steps}` : `${arrival(way)}`))
      return [name, ...valley, late.toFixed(2), `${(100 * accuracy).toFixed(1)} %`]
    })
    console.log(table(['', 'steps in the valley', 'turned by 30°', 'loss on digits', 'accuracy'], rows))
    const lines = results.map(({ name, path }) => ({ name, x: path.map(({ u }) => u), y: path.map(({ v }) => v) }))
    const ring = Array.from({ length: 121 }, (_, i) => (i * Math.PI) / 60)
    const [a, b] = [Math.sqrt(64 + 4 * kappa), Math.sqrt(64 / kappa + 4)] // where f is as high as at the start
    lines.push({ name: 'level', x: ring.map((t) => a * Math.cos(t)), y: ring.map((t) => b * Math.sin(t)) })
    show({ title: 'Seven ways through a valley', xLabel: 'u', yLabel: 'v', lines })
    const curves = results.map(({ name, losses }) => ({ name, y: losses }))
    show({ title: 'The same on digits', xLabel: 'step', yLabel: 'loss', log: 'y', lines: curves }, 'optimizers-digits')
    return results.map((one) => ({ ...one, steps: arrival(one.path), stepsTurned: arrival(one.turned) }))
  },
)

/**
 * @file The learning rate over time, and the size of batches. Both are about noise: a step that sees few examples is
 * partly chance, and a large rate hands that chance on. Eight schedules side by side where theory knows the noise, and
 * on digits; then digits by batches of all, of 32 and of one.
 *
 *   npx tsx examples/schedules.ts [--device webgpu] [--data FOLDER]
 */
import { type Device, data, manualSeed, nn, noGrad, optim, randint, randn, scope, type Tensor, zeros } from 'handgrad'
import { table } from './chart.ts'
import { dataOption, digits } from './data.ts'
import { program } from './run.ts'

const rate = 0.3
type Make = (sgd: optim.SGD, steps: number) => optim.LRScheduler | optim.ReduceLROnPlateau
const schedules: Record<string, Make> = {
  constant: (sgd) => new optim.LambdaLR(sgd, { lrLambda: () => 1 }),
  step: (sgd, steps) => new optim.StepLR(sgd, { stepSize: Math.ceil(steps / 4), gamma: 1 / 3 }),
  exp: (sgd, steps) => new optim.ExponentialLR(sgd, { gamma: 0.01 ** (1 / steps) }),
  cosine: (sgd, steps) => new optim.CosineAnnealingLR(sgd, { tMax: steps }),
  restarts: (sgd, steps) => new optim.CosineAnnealingWarmRestarts(sgd, { t0: Math.ceil(steps / 7), tMult: 2 }),
  'warm-up': (sgd, steps) => new optim.WarmupCosineLR(sgd, { warmupSteps: Math.ceil(steps / 10), totalSteps: steps }),
  'one cycle': (sgd, steps) => new optim.OneCycleLR(sgd, { maxLr: rate, totalSteps: steps, cycleMomentum: false }),
  plateau: (sgd) => new optim.ReduceLROnPlateau(sgd, { factor: 0.3, patience: 12 }),
}

/** η·(1 + cos(πs/T))/2, s steps after a restart, where T is first t₀ and doubles each time. */
export function restartsByFormula(t: number, t0: number): number {
  let [since, period] = [t, t0]
  while (since >= period) [since, period] = [since - period, 2 * period]
  return (rate * (1 + Math.cos((Math.PI * since) / period))) / 2
}

/** `steps` steps of SGD: the loss and the rate of each. */
async function descend(parameters: Tensor[], make: Make, steps: number, lossOf: () => Tensor, lr = rate) {
  const sgd = new optim.SGD(parameters, { lr })
  const schedule = make(sgd, steps)
  const [losses, rates]: number[][] = [[], []]
  for (let step = 0; step < steps; step++) {
    rates.push(sgd.groups[0].lr)
    const loss = scope(() => {
      sgd.zeroGrad()
      const now = lossOf()
      now.backward()
      sgd.step()
      return now.detach()
    })
    losses.push(await loss.item())
    if (schedule instanceof optim.ReduceLROnPlateau) schedule.step(losses[step])
    else schedule.step()
  }
  return { losses, rates }
}

/**
 * 2000 times the mean of N(0, 1) is learned from one draw per step: L = ½(w − x)², ∂L/∂w = w − x, so
 * w ← (1 − η)w + ηx. What remains is E[w²] = (1 − η)²E[w²] + η²/B, if x is a mean of B draws: E[w²] = η/((2 − η)B).
 */
async function bowl(make: Make, steps: number, batch: number, device: Device) {
  const w = zeros([2000], { device }).add(3).requiresGrad_()
  const draw = (): Tensor => randn([2000], { device }).div(Math.sqrt(batch)) // the mean of B draws is N(0, 1/B)
  const lossOf = (): Tensor => w.sub(draw()).square().sum().mul(0.5)
  const run = await descend([w], make, steps, lossOf)
  return { ...run, left: await noGrad(() => w.square().mean()).item() }
}

/** A network 784–32–10 learns digits, by batches that are drawn: in the end its loss over all of them. */
async function learn(make: Make, steps: number, batch: number, [x, y]: readonly Tensor[], lr = rate) {
  const { device } = x
  const net = new nn.Sequential(new nn.Linear(784, 32, { device }), new nn.ReLU(), new nn.Linear(32, 10, { device }))
  const loss = (inputs: Tensor, classes: Tensor) => nn.functional.crossEntropy(net.forward(inputs), classes)
  const lossOf = (): Tensor => {
    if (batch === x.shape[0]) return loss(x, y)
    const rows = randint(0, x.shape[0], [batch], { device })
    return loss(x.indexSelect(0, rows), y.indexSelect(0, rows))
  }
  const run = await descend(net.parameters(), make, steps, lossOf, lr)
  return { ...run, left: await noGrad(() => loss(x, y)).item() }
}

export const main = program(
  import.meta.url,
  'Eight schedules of the learning rate and three sizes of batches, where theory knows the noise and on digits.',
  { steps: [105, 'of each schedule'], count: [320, 'digits that are made'], data: dataOption },
  async ({ device, seed, steps, count, data: folder, progress, show }) => {
    const { train } = await digits(folder, count, 30_000)
    const [all] = new data.DataLoader(new data.DigitDataset(train), { batchSize: train.count, device })
    const results = []
    for (const [name, make] of Object.entries(schedules)) {
      const noisy = await bowl(make, steps, 1, device)
      manualSeed(seed) // the same first weights and batches for all
      results.push({ name, noisy, learned: await learn(make, steps, 8, all) })
      progress(results.length, 11, name)
    }
    const rows = results.map(({ name, noisy, learned }) => [name, noisy.rates[steps - 1], noisy.left, learned.left])
    console.log(table(['', 'last rate', 'E[w²] left', 'loss on digits'], rows))
    const lines = results.map(({ name, noisy }) => ({ name, y: noisy.rates }))
    show({ title: 'The learning rate over time', xLabel: 'step', yLabel: 'rate', lines })

    const sizes = []
    const kinds = [
      [train.count, rate],
      [32, rate],
      [1, rate / 20],
    ]
    for (const [batch, lr] of kinds) {
      const { left } = await bowl(schedules.constant, steps, batch, device)
      manualSeed(seed)
      const learned = await learn(schedules.constant, Math.ceil((2 * train.count) / batch), batch, all, lr)
      sizes.push([batch, left, rate / ((2 - rate) * batch), lr, learned.losses.length, learned.left])
      progress(8 + sizes.length, 11, `batches of ${batch}`)
    }
    console.log(`\n${table(['batch', 'E[w²] left', 'formula', 'rate', 'steps', 'loss on digits'], sizes)}`)
    return { results, sizes }
  },
)

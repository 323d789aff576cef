/**
 * @file Learning by heart, and what helps against it: L1, L2, dropout, early stopping on a validation split, and more
 * data by a known symmetry. A network of 4,417 numbers learns two classes from 40 points whose classes overlap; what
 * it says of points that it has not seen is what counts.
 *
 *   npx tsx examples/overfitting.ts [--device webgpu] [--seeds 5]
 */
import { cat, type Device, data, manualSeed, nn, optim, randn, type Tensor, train } from 'handgrad'
import { table } from './chart.ts'
import { program } from './run.ts'

/** Two half circles that reach into each other, each point moved by noise; their centre of symmetry is 0. */
export function moons(count: number, seed: number) {
  const points = Array.from({ length: count }, (_, index) => {
    const random = data.randomOf({ seed, epoch: 0, index })
    const [t, sign] = [Math.PI * random.uniform(), index % 2 === 0 ? 1 : -1] // the other class is the mirror image
    const [x, y] = [Math.cos(t) - 0.5, Math.sin(t) - 0.25].map((v) => sign * v + 0.3 * random.normal())
    return [x, y]
  })
  return new data.TensorDataset(
    { data: Float32Array.from(points.flat()), shape: [2] },
    { data: Float32Array.from(points, (_, index) => index % 2), shape: [1] },
  )
}

/** (x, class) and (−x, other class), moved a little: what is known of the task, said in data. */
export function augment([x, y]: readonly Tensor[]): Tensor[] {
  const both = cat([x, x.neg()])
  return [both.add(randn(both.shape, { device: x.device }).mul(0.2)), cat([y, y.neg().add(1)])]
}

interface Way {
  /** λ·Σ|w| and λ·Σw², added to the loss. */
  readonly l1?: number
  readonly l2?: number
  /** The share of hidden units that a step leaves out. */
  readonly dropout?: number
  /** Epochs without a better validation loss, after which the best weights are put back. */
  readonly patience?: number
  readonly augmented?: boolean
}
const ways: Record<string, Way> = {
  none: {},
  L1: { l1: 1e-3 },
  L2: { l2: 3e-3 },
  dropout: { dropout: 0.7 },
  'early stop': { patience: 10 },
  'more data': { augmented: true },
}

/** Of one seed: 40 points to learn from, 200 to stop by, 1000 to judge by. */
async function learn({ l1, l2, dropout = 0, patience, augmented }: Way, epochs: number, seed: number, device: Device) {
  const { train: points, test: held } = data.trainTestSplit(moons(240, seed), { testSize: 200, seed })
  const batchTransform = augmented ? { batchTransform: augment } : {}
  const batches = new data.DataLoader(points, { batchSize: 20, shuffle: true, seed, device, ...batchTransform })
  const validation = new data.DataLoader(held, { batchSize: 200, device })
  const test = new data.DataLoader(moons(1000, seed + 1000), { batchSize: 1000, device })
  manualSeed(seed) // the same first weights for each way
  const block = (inputs: number) => [new nn.Linear(inputs, 64, { device }), new nn.ReLU(), new nn.Dropout(dropout)]
  const net = new nn.Sequential(...block(2), ...block(64), new nn.Linear(64, 1, { device }))
  const loss = nn.functional.bceWithLogits
  const history = await train.fit(net, {
    ...{ train: batches, validation, loss, optimizer: new optim.Adam(net.parameters(), { lr: 0.01 }), epochs, device },
    ...{ progress: false, l1: l1 ?? 0, l2: l2 ?? 0, ...(patience && { earlyStop: { patience } }) },
  })
  const weights = (await Promise.all(net.parameters().map((p) => p.reshape([-1]).array()))).flat() as number[]
  return {
    curve: history.epochs.map(({ validationLoss }) => validationLoss ?? Number.NaN),
    training: (await train.evaluate(net, new data.DataLoader(points, { batchSize: 40, device }), { loss })).loss,
    validation: (await train.evaluate(net, validation, { loss })).loss,
    test: (await train.evaluate(net, test, { loss })).loss,
    size: Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0)),
    zeros: weights.filter((w) => Math.abs(w) < 1e-3).length / weights.length,
  }
}

export const main = program(
  import.meta.url,
  'Six ways to learn from 40 points: what L1, L2, dropout, early stopping and augmentation do against overfitting.',
  { steps: [60, 'epochs of two steps'], seeds: [1, 'sets of points and first weights'] },
  async ({ device, seed, steps, seeds, progress, show }) => {
    const names = Object.keys(ways)
    type Run = Awaited<ReturnType<typeof learn>>
    const results: { name: string; runs: Run[] }[] = []
    for (const [i, name] of names.entries()) {
      const runs: Run[] = []
      for (let s = 0; s < seeds; s++) {
        progress(i * seeds + s, names.length * seeds, name)
        runs.push(await learn(ways[name], steps, seed + s, device))
      }
      results.push({ name, runs })
    }
    const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
    const rows = results.map(({ name, runs }) => {
      const of = (f: (run: Run) => number, digits = 3) => mean(runs.map(f)).toFixed(digits)
      const won = runs.filter(({ validation }, s) => validation < results[0].runs[s].validation).length
      const beaten = name === 'none' ? '' : `${won} of ${seeds}`
      const [epochs, zeros] = [of(({ curve }) => curve.length, 0), of((run) => 100 * run.zeros, 0)]
      return [
        name,
        epochs,
        of((r) => r.training),
        of((r) => r.validation),
        of((r) => r.test),
        beaten,
        of((r) => r.size, 1),
        `${zeros} %`,
      ]
    })
    console.log(table(['', 'epochs', 'training', 'validation', 'test', 'lower', '‖w‖', 'near 0'], rows))
    const lines = results.map(({ name, runs: [{ curve }] }) => ({ name, y: curve }))
    show({ title: 'Loss on points that were not learned from', xLabel: 'epoch', yLabel: 'validation loss', lines })
    return results
  },
)

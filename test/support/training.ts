/** @file A small problem to train on, and a measure, for the tests of the trainer. */
import { DataLoader } from '../../src/data/index.ts'
import {
  type Device,
  eq,
  keep,
  manualSeed,
  memory,
  nn,
  optim,
  scope,
  sum,
  type Tensor,
  tensor,
  train,
} from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'
import type { Metric } from '../../src/metrics/metric.ts'

/** 60 points of the plane; the class is the quadrant's diagonal: 0 where x·y > 0. */
export const points = {
  length: 60,
  get: (i: number) => {
    const [x, y] = [Math.sin(3 * i + 1), Math.cos(7 * i)]
    return [
      { data: Float32Array.of(x, y, x * y), shape: [3] },
      { data: Int32Array.of(x * y > 0 ? 0 : 1), shape: [] },
    ]
  },
}

/** Right answers among all, counted on the device. */
export class Accuracy implements Metric {
  private hits: Tensor | undefined
  private seen = 0
  update(prediction: Tensor, target: Tensor): void {
    const fresh = scope(() => sum(eq(prediction.argmax(1), target)))
    const all = this.hits ? scope(() => keep(fresh.add(this.hits as Tensor))) : keep(fresh)
    if (this.hits) fresh.dispose()
    this.hits?.dispose()
    this.hits = all
    this.seen += target.numel
  }
  async compute(): Promise<number> {
    return this.hits ? (await this.hits.item()) / this.seen : 0
  }
  reset(): void {
    this.hits?.dispose()
    this.hits = undefined
    this.seen = 0
  }
  dispose(): void {
    this.reset()
  }
  stateDict(): { hits: Tensor | null; seen: number } {
    return { hits: this.hits ?? null, seen: this.seen }
  }
  loadStateDict({ hits, seen }: { hits: Tensor | null; seen: number }): void {
    this.reset()
    this.hits = hits ? keep(hits.clone()) : undefined
    this.seen = seen
  }
}

/** Model, optimizer and batches of the points, the same each time. */
export function lesson(device: Device, { lr = 0.05, batchSize = 7 } = {}) {
  manualSeed(1)
  const model = new nn.Sequential(
    new nn.Linear(3, 8, { device }),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(8, 2, { device }),
  )
  const optimizer = new optim.Adam(model.parameters(), { lr })
  const train = new DataLoader(points, { batchSize, shuffle: true, seed: 3, device })
  return {
    model,
    optimizer,
    train,
    loss: nn.functional.crossEntropy,
    validation: new DataLoader(points, { batchSize: 25, device }),
  }
}

/** Batches of so many rows [1, 0], [0, 1], [1, 2] …, each with 3 as target: made once, and no loader frees them. */
export function rows(sizes: readonly number[]): [Tensor, Tensor][] {
  let n = 0
  return sizes.map((size) => {
    const list = Array.from(
      { length: size },
      () =>
        [
          [1, 0],
          [0, 1],
          [1, 2],
          [0.5, 1],
          [2, -1],
        ][n++ % 5],
    )
    return [tensor(list), tensor(list.map(() => 3))]
  })
}

/**
 * A run of so many steps with all that fit can do, saved ten times. What the device holds is looked at after each
 * tenth, and `look` is called.
 */
export async function longRun(
  device: Device,
  folder: string,
  steps: number,
  look: () => Promise<void> = async () => {},
): Promise<{ looks: string[]; history: train.History }> {
  const { model, ...rest } = lesson(device)
  const looks: string[] = []
  // Ends of epochs: what is held in the middle of one depends on where.
  const part = 9 * Math.ceil(steps / 90)
  const history = await train.fit(model, {
    ...{ ...rest, device, progress: false, epochs: Math.ceil(steps / 9), metrics: { accuracy: new Accuracy() } },
    ...{ clip: { norm: 1 }, ema: new optim.EMA(model), earlyStop: { patience: steps } },
    checkpoint: { folder, every: part },
    callbacks: [
      train.jsonLines(`${folder}/log.jsonl`),
      train.tensorBoard(`${folder}/board`),
      async ({ kind, step }) => {
        if (kind !== 'checkpoint' || step % part !== 0) return
        await look()
        const { live, liveBytes } = device.memory()
        looks.push(JSON.stringify({ live, liveBytes, ...counts(device) }))
      },
    ],
  })
  return { looks, history }
}

/**
 * 100 steps with measures of all kinds, and 50 that stop in mid-epoch with 50 more that go on from their checkpoint:
 * what the epochs came to, losses and weights of both.
 */
export async function fiftyAndFifty(device: Device, folder: string, more: () => object = () => ({})) {
  const run = async (extra: object) => {
    const { model, ...rest } = lesson(device, { batchSize: 3 })
    const measures = {
      accuracy: new metrics.Accuracy(),
      f1: new metrics.F1Score({ average: 'macro' }),
      nats: new metrics.LogLoss(),
      mean: new metrics.Mean(),
      auc: new metrics.RocAuc(),
    }
    const options = { ...rest, epochs: 5, metrics: measures, progress: false, ...more() }
    const { epochs, losses } = await train.fit(model, { ...options, ...extra })
    const weights = await Promise.all(model.parameters().map(async (x) => [...(await x.data())]))
    return { epochs: epochs.map(({ seconds: _, ...record }) => record), losses, weights }
  }
  const stop = (event: train.TrainEvent) => {
    if (event.kind === 'step' && event.step === 50) event.stop()
  }
  const whole = await run({})
  const first = await run({ checkpoint: { folder, every: 100 }, callbacks: [stop] })
  return { whole, first, resumed: await run({ resume: folder }) }
}

/** Tensors and nodes of all devices, storages of this one. */
const counts = (device: Device) => {
  const { tensors, nodes, storages, bytes } = memory(device)
  return { tensors, nodes, storages, bytes }
}

/** Rows of three numbers. */
export const lines = (count: number): number[][] => Array.from({ length: count }, (_, i) => [i, 1, -i])

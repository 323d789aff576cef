/**
 * @file A training with everything in it that a checkpoint must hold: dropout, noise from the device's generator, a
 * shuffling loader, running statistics, a schedule and Adam.
 */
import {
  type Device,
  data,
  io,
  manualSeed,
  nn,
  optim,
  rand,
  randn,
  scope,
  type Tensor,
  where,
} from '../../src/index.ts'

const [SAMPLES, FEATURES] = [90, 6]

/** A training that has not begun. @param seed  of its first weights and all random numbers */
export async function makeTraining(device: Device, seed: number) {
  manualSeed(seed)
  const model = await new nn.Sequential(
    new nn.Linear(FEATURES, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(16, 3),
  ).to(device)
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 })
  const schedule = new optim.OneCycleLR(optimizer, { maxLr: 0.05, totalSteps: 120, cycleMomentum: false })
  const values = Float32Array.from({ length: SAMPLES * FEATURES }, (_, i) => Math.sin(i * i))
  const labels = Float32Array.from({ length: SAMPLES * 3 }, (_, i) => Math.cos(i))
  const samples = new data.TensorDataset({ data: values, shape: [FEATURES] }, { data: labels, shape: [3] })
  const loader = new data.DataLoader(samples, { batchSize: 4, shuffle: true, seed, device })
  const average = new optim.EMA(model, { decay: 0.9 })
  const parts = { model, optimizer, schedule, loader, average }

  /** Noise, and features left out: what an augmentation does. */
  const augmented = (x: Tensor): Tensor =>
    where(rand(x.shape, { device }).gt(0.1), x.add(randn(x.shape, { device }).mul(0.1)), 0)

  /**
   * Steps on, through epochs.
   * @param path  where a checkpoint is saved after the last one, in the body of the loop: in mid-epoch
   * @returns the loss of each
   */
  async function run(steps: number, path?: string): Promise<number[]> {
    const losses: number[] = []
    for (;;)
      for (const batch of loader) {
        const [x, y] = batch as unknown as readonly Tensor[] // both of the data set's fields
        const loss = scope(() => {
          optimizer.zeroGrad()
          const loss = model.forward(augmented(x)).sub(y).square().mean()
          loss.backward()
          optimizer.step()
          schedule.step()
          average.update()
          return loss.detach()
        })
        losses.push(await loss.item())
        loss.dispose()
        if (losses.length < steps) continue
        if (path) await io.saveCheckpoint(path, parts, { step: steps, extra: { batch: loader.stateDict().batch } })
        return losses
      }
  }

  /** All that the training holds, as bytes. */
  async function bits(): Promise<string[]> {
    const all = [
      ...Object.entries(model.stateDict()),
      ...average.stateDict().averages.map((x, i) => [`ema.${i}`, x] as const),
    ]
    const adam = optimizer.stateDict()
    for (const [i, own] of Object.entries(adam.state))
      for (const [name, x] of Object.entries(own)) if (typeof x === 'object' && x) all.push([`${i}.${name}`, x])
    const hex = (x: ArrayBufferView) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('hex')
    return [
      ...(await Promise.all(all.map(async ([name, x]) => `${name} ${hex(await x.data())}`))),
      JSON.stringify([schedule.stateDict(), adam.param_groups]),
    ]
  }

  return { parts, run, bits }
}

/** 100 steps, and 50 with a checkpoint and 50 more by another one that loads it: losses and all bits of both. */
export async function resumed(device: Device, path: string) {
  const whole = await makeTraining(device, 7)
  const losses = await whole.run(100)
  const first = await makeTraining(device, 7)
  const before = await first.run(50, path)
  const second = await makeTraining(device, 8)
  const found = await io.loadCheckpoint(path, second.parts)
  const after = await second.run(50)
  return { whole: [losses, await whole.bits()], halves: [[...before, ...after], await second.bits()], found }
}

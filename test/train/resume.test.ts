/** @file Trainings that are saved and go on: bit for bit as if nothing had happened, also in mid-epoch. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DataLoader } from '../../src/data/index.ts'
import { CpuDevice, manualSeed, memory, nn, noGrad, optim, train } from '../../src/index.ts'
import { Accuracy, fiftyAndFifty, points, rows } from '../support/training.ts'

const root = mkdtempSync(join(tmpdir(), 'handgrad-resume-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const folder = () => join(root, String(made++))

/** Everything that has a state: dropout, BatchNorm, shuffling, a schedule, an average, early stopping. */
function lesson(extra: object, device = new CpuDevice()) {
  manualSeed(5)
  const model = new nn.Sequential(
    new nn.Linear(3, 8, { device }),
    new nn.BatchNorm1d(8, { device }),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(8, 2, { device }),
  )
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 })
  const batches = new DataLoader(points, { batchSize: 5, shuffle: true, seed: 3, device })
  const ema = new optim.EMA(model, { decay: 0.9, useBuffers: true })
  const options: train.FitOptions = {
    train: batches,
    validation: new DataLoader(points, { batchSize: 30, device }),
    loss: nn.functional.crossEntropy,
    optimizer,
    ema,
    schedule: new optim.CosineAnnealingLR(optimizer, { tMax: 18 }),
    epochs: 3,
    accumulate: 2,
    clip: { norm: 1 },
    metrics: { accuracy: new Accuracy() },
    earlyStop: { patience: 3 },
    progress: false,
    ...extra,
  }
  return { model, ema, options }
}

/** History, weights and averages at the end; seconds differ. */
async function outcome({ model, ema, options }: ReturnType<typeof lesson>) {
  const { epochs, ...history } = await train.fit(model, options)
  const weights = await Promise.all(Object.values(model.stateDict()).map((x) => x.data()))
  const averages = await Promise.all(ema.averages.map((x) => x.data()))
  return { ...history, epochs: epochs.map(({ seconds: _, ...rest }) => rest), weights, averages }
}

/** Ends the process's work after a step, as a crash would, in the middle of a batch of steps. */
const crash = (at: number) => [
  (event: train.TrainEvent) => {
    if (event.kind === 'step' && event.step === at) throw new Error('crash')
  },
]

test.each([3, 6, 8, 13])('a run that was cut after step %i and saved every third goes on bit for bit', async (at) => {
  const whole = await outcome(lesson({}))
  const checkpoint = { folder: folder(), every: 3 }
  // What comes between belongs to no step.
  await expect(outcome(lesson({ checkpoint, callbacks: crash(at + 1) }))).rejects.toThrow('crash')
  manualSeed(99)
  const again = lesson({ checkpoint, resume: checkpoint.folder })
  noGrad(() => again.model.parameters().map((x) => x.fill_(0)))
  expect(await outcome(again)).toEqual(whole)
})

test('50 steps and 50 more are 100, measures of the epoch in which they stopped among them', async () => {
  const { whole, first, resumed } = await fiftyAndFifty(new CpuDevice(), folder())
  expect([whole.losses.length, first.losses.length, first.epochs.length]).toEqual([100, 50, 2])
  expect(resumed).toEqual(whole)
})

test("batches of one's own are passed over up to where the run stood", async () => {
  const own = (extra: object) => {
    manualSeed(1)
    const model = new nn.Linear(2, 1)
    const loss = nn.functional.mseLoss
    const batches = rows([1, 1, 1, 1]).map(([x, y]) => [x, y.reshape([-1, 1])])
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 })
    return train.fit(model, { train: batches, loss, optimizer, epochs: 2, progress: false, ...extra })
  }
  const checkpoint = { folder: folder(), every: 1 }
  await expect(own({ checkpoint, callbacks: crash(7) })).rejects.toThrow('crash')
  expect((await own({ resume: checkpoint.folder })).losses).toEqual((await own({})).losses)
})

test('the last files and the best stay, and a finished run has nothing left to do', async () => {
  const checkpoint = { folder: folder(), keepLast: 1, extra: { name: 'points' } }
  const paths: string[] = []
  const callbacks = [(e: train.TrainEvent) => void (e.kind === 'checkpoint' && paths.push(e.path))]
  const first = lesson({ checkpoint, callbacks, earlyStop: undefined, monitor: 'accuracy', mode: 'min' })
  const { losses, epochs } = await train.fit(first.model, first.options)
  expect(paths).toHaveLength(3)
  const found = epochs.map(({ validation }) => validation?.['accuracy'] as number)
  const best = found.lastIndexOf(Math.min(...found))
  const kept = [...new Set([best, 2])].map((i) => `checkpoint-${String(6 * (i + 1)).padStart(8, '0')}.safetensors`)
  expect(readdirSync(checkpoint.folder)).toEqual(kept)
  const second = lesson({ resume: checkpoint.folder, earlyStop: undefined, monitor: 'accuracy', mode: 'min' })
  expect((await train.fit(second.model, second.options)).losses).toEqual(losses)
})

test('logs go on where the run does, without the steps that are taken again', async () => {
  const [checkpoint, log, table] = [{ folder: folder(), every: 5 }, join(root, 'log.jsonl'), join(root, 'log.csv')]
  const logs = () => [train.jsonLines(log), train.csv(table, { every: 'step' })]
  await expect(outcome(lesson({ checkpoint, callbacks: [...logs(), ...crash(14)] }))).rejects.toThrow('crash')
  writeFileSync(log, '{"step":3,"lo', { flag: 'a' })
  await outcome(lesson({ resume: checkpoint.folder, callbacks: logs() }))
  const lines = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.filter(({ lr }) => lr !== undefined).map(({ step }) => step)).toEqual(
    Array.from({ length: 18 }, (_, i) => i + 1),
  )
  expect(lines.filter(({ metrics }) => metrics).map(({ epoch }) => epoch)).toEqual([1, 2, 3])
  const steps = readFileSync(table, 'utf8').trimEnd().split('\n').slice(1)
  expect(steps.map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: 18 }, (_, i) => i + 1))
})

test('what cannot be saved or gone on from is refused before the first step', async () => {
  const refusal = ({ model, options }: ReturnType<typeof lesson>) =>
    train.fit(model, { ...options, callbacks: crash(1) }).then(
      () => '',
      (error: Error) => error.message,
    )
  writeFileSync(join(root, 'file'), '')
  expect(await refusal(lesson({ checkpoint: { folder: join(root, 'file') } }))).toMatch(
    /^fit: cannot make .*file, a file of that name is there \(give another folder\)$/,
  )
  const empty = mkdtempSync(join(root, 'empty-'))
  const none = join(root, 'none')
  expect(await refusal(lesson({ resume: none, checkpoint: { folder: none } }))).toMatch(
    /^latestCheckpoint: cannot read/,
  )
  expect(existsSync(none)).toBe(false)
  expect(await refusal(lesson({ resume: empty }))).toBe(
    `fit: there is no checkpoint in ${empty} (leave resume out to begin anew)`,
  )
  const saved = async () => {
    const checkpoint = { folder: folder() }
    await outcome(lesson({ checkpoint, schedule: undefined }))
    return checkpoint.folder
  }
  const checkpoint = { folder: await saved() }
  // Its files have higher steps than a new run would have for long.
  const earlier = join(checkpoint.folder, 'checkpoint-00000006.safetensors')
  for (const other of [{}, { resume: await saved() }, { resume: earlier }])
    expect(await refusal(lesson({ ...other, checkpoint, schedule: undefined }))).toMatch(
      /^fit: checkpoint.folder is .*, which holds checkpoint-00000018.safetensors of another run \(resume that one, /,
    )
  expect(await refusal(lesson({ resume: checkpoint.folder, schedule: undefined, accumulate: 3 }))).toMatch(
    /fit: the run had 6 steps in an epoch, now there are 4 \(resume with the same data\)/,
  )
})

test('a run with checkpoints and logs holds nothing more afterwards', async () => {
  const device = new CpuDevice()
  const { model, options } = lesson({ earlyStop: { patience: 9 } }, device)
  const once = () => train.fit(model, { ...options, checkpoint: { folder: folder() }, schedule: undefined, epochs: 1 })
  await once()
  // Tensors of the tests above, on other devices, are being collected.
  const held = () => ({ ...memory(device), tensors: 0 })
  const before = held()
  await once()
  expect(held()).toEqual(before)
})

test('a run that had ended early stays ended, with its best weights', async () => {
  const checkpoint = { folder: folder() }
  const all = { earlyStop: { patience: 1 }, epochs: 9, schedule: undefined }
  const high = (extra: object) => {
    const run = lesson({ ...all, ...extra })
    run.options.optimizer.lr = 0.5
    return run
  }
  const first = await outcome(high({ checkpoint }))
  expect(first.epochs.length).toBeLessThan(9)
  const again = await outcome(high({ resume: checkpoint.folder }))
  expect(again).toEqual(first)
})

test('a run that is stopped at its start takes no step', async () => {
  const { model, options } = lesson({ callbacks: [(event: train.TrainEvent) => event.stop()] })
  expect((await train.fit(model, options)).losses).toEqual([])
})

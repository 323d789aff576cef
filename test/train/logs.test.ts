/** @file What a training writes while it runs: JSON Lines, CSV and TensorBoard's event files; and what it shows. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CpuDevice, nn, optim, type Tensor, tensor, train } from '../../src/index.ts'
import { RocAuc } from '../../src/metrics/index.ts'
import { pace } from '../../src/train/display.ts'
import { eventsIn, type ProtoEvent, real, realFile } from '../support/events.ts'
import { Accuracy, lesson } from '../support/training.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-logs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

async function logged(callbacks: train.Callback[], options: object = {}) {
  const { model, ...rest } = lesson(new CpuDevice())
  const all = { ...rest, metrics: { accuracy: new Accuracy() }, gradNorm: true, epochs: 2, progress: false }
  return train.fit(model, { ...all, ...options, callbacks })
}

test('JSON Lines and CSV have every step and epoch', async () => {
  const [json, steps, epochs] = ['a/log.jsonl', 'steps.csv', 'epochs.csv'].map(at)
  writeFileSync(steps, 'of an earlier run\n')
  const callbacks = [train.jsonLines(json), train.csv(steps, { every: 'step' }), train.csv(epochs)]
  const { losses, rates, gradNorms, epochs: records } = await logged(callbacks)
  const rows = losses.map((loss, i) => {
    return { step: i + 1, epoch: i < 9 ? 1 : 2, loss, lr: rates[i], gradNorm: gradNorms[i] }
  })
  const lines = readFileSync(json, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toEqual([...rows.slice(0, 9), records[0], ...rows.slice(9), records[1]])
  const table = rows.map((row) => Object.values(row).join(','))
  expect(readFileSync(steps, 'utf8')).toBe(`${['step,epoch,loss,lr,gradNorm', ...table].join('\n')}\n`)
  const [head, first, ...more] = readFileSync(epochs, 'utf8').trimEnd().split('\n')
  expect([head, more.length]).toEqual(['step,epoch,loss,accuracy,validation_loss,validation_accuracy,seconds', 1])
  const { loss, metrics, validationLoss, validation, seconds } = records[0]
  expect(first).toBe([9, 1, loss, metrics['accuracy'], validationLoss, validation?.['accuracy'], seconds].join(','))
})

test('numbers that are not finite are written as such', async () => {
  const callback = train.jsonLines(at('nan.jsonl'))
  const history = { epochs: [], losses: [Number.NaN, 1], rates: [1, 1], gradNorms: [] }
  // What the callback reads of an event.
  const standing = { history, epoch: 1, epochs: 1, step: 0, steps: 2, stop: () => {} } as unknown as train.TrainEvent
  await callback({ ...standing, kind: 'start' } as train.TrainEvent)
  await callback({ ...standing, kind: 'read' } as train.TrainEvent)
  expect(readFileSync(at('nan.jsonl'), 'utf8')).toBe(
    '{"step":1,"epoch":1,"loss":"NaN","lr":1}\n{"step":2,"epoch":1,"loss":1,"lr":1}\n',
  )
})

test('what cannot be written ends the training, by name', async () => {
  writeFileSync(at('file'), '')
  await expect(logged([train.jsonLines(at('file/log.jsonl'))])).rejects.toThrow(
    /^jsonLines: cannot write .*log.jsonl, /,
  )
  await expect(logged([train.tensorBoard(at('file'))])).rejects.toThrow(/^tensorBoard: cannot write .*tfevents.*, /)
})

/** Scalars by tag, as pairs of step and value. */
function scalars(events: readonly ProtoEvent[]): Record<string, (readonly [number, number])[]> {
  const found: Record<string, (readonly [number, number])[]> = {}
  for (const { step = 0, summary } of events)
    for (const { tag, simple_value } of summary?.value ?? [])
      if (simple_value !== undefined) (found[tag] ??= []).push([step, simple_value])
  return found
}

test('TensorBoard is given losses, rates, norms, measures and histograms', async () => {
  const { losses, rates, gradNorms, epochs } = await logged([train.tensorBoard(at('board'), { histograms: true })])
  const [file, ...others] = readdirSync(at('board'))
  expect([file.startsWith('events.out.tfevents.'), others]).toEqual([true, []])
  const events = eventsIn(readFileSync(join(at('board'), file)))
  expect(events[0].file_version).toBe('brain.Event:2')
  const steps = (list: readonly number[]) => list.map((x, i) => [i + 1, Math.fround(x)])
  const ends = (list: readonly (number | undefined)[]) => list.map((x, i) => [9 * (i + 1), Math.fround(x as number)])
  expect(scalars(events)).toEqual({
    loss: steps(losses),
    lr: steps(rates),
    gradNorm: steps(gradNorms),
    'epoch/loss': ends(epochs.map(({ loss }) => loss)),
    'epoch/accuracy': ends(epochs.map(({ metrics }) => metrics['accuracy'])),
    'validation/loss': ends(epochs.map(({ validationLoss }) => validationLoss)),
    'validation/accuracy': ends(epochs.map(({ validation }) => validation?.['accuracy'])),
  })
  const histograms = events.flatMap(({ summary }) => summary?.value?.filter(({ histo }) => histo) ?? [])
  expect(histograms.map(({ tag }) => tag)).toEqual(
    [0, 3, 0, 3].flatMap((i) => [`parameters/${i}.weight`, `parameters/${i}.bias`]),
  )
  const { num, bucket = [], bucket_limit = [], min = 0, max = 0 } = histograms[0].histo ?? {}
  expect([num, bucket.reduce((a, b) => a + b, 0), bucket_limit.at(-1)]).toEqual([24, 24, max])
  expect(min).toBeLessThan(bucket_limit[0])
})

test('the bytes are those that a real TensorBoard has read, and it read what was written', () => {
  const written = [0, 3].map(realFile)
  expect(written.map((bytes) => Buffer.from(bytes).toString('base64'))).toEqual(real.files)
  // The reader of these tests sees what TensorBoard sees.
  expect(written.map((bytes) => eventsIn(bytes))).toEqual(real.read)
  // The run that goes on from step 3 has taken the place of what the first one did beyond it.
  expect(real.shown).toEqual({
    loss: [1, 1 / 2, 1 / 3]
      .map((x, i) => [i + 1, Math.fround(x)])
      .concat([4, 5].map((i) => [i, Math.fround(3 + 1 / i)])),
    nothing: [
      [1, 0],
      [4, 0],
    ],
    far: [[2 ** 40, 2]],
  })
  expect(real.histograms).toEqual(['parameters/0.weight', 'alike', 'none'])
})

test('a damaged record is noticed by its sums', () => {
  const bytes = realFile(0)
  for (const i of [0, 9, 14, bytes.length - 20]) {
    const bad = Uint8Array.from(bytes)
    bad[i] ^= 1
    expect(() => eventsIn(bad), `byte ${i}`).toThrow('checksum')
  }
})

/** What is written to a terminal of 100 columns. */
function screen() {
  const texts: string[] = []
  const out = { isTTY: true, columns: 100, write: (text: string) => void texts.push(text) }
  return { texts, out, terminal: { columns: 100, paint: (_: string, text: string) => text } }
}

test('the terminal shows a bar, a line for each epoch, and a plot where it is asked for', async () => {
  const { texts, out, terminal } = screen()
  await logged([], { progress: { out, live: true, terminal, plot: true }, epochs: 3 })
  const all = texts.join('')
  expect(all).toMatch(/epoch 1\/3 [█▏▎▍▌▋▊▉░]+ +\d+% {2}loss 0\.\d{4} {2}accuracy 0\.\d{4} {2}\d+\/s {2}eta 0:0\d/)
  const lines = all.split('\n').filter((line) => /validation/.test(line))
  expect(lines).toHaveLength(3)
  expect(lines[2]).toMatch(
    /epoch 3\/3 {2}loss 0\.\d{4} {2}accuracy 0\.\d{4} {2}validation loss 0\.\d{4} {2}accuracy 0\.\d{4} {2}\d+\.\d s$/,
  )
  expect(all).toContain('loss (smoothed)')
  // Away from a terminal: plain lines, and the plot once, at the end.
  const plain = screen()
  await logged([], { progress: { ...plain, live: false, plot: true } })
  expect(plain.texts.join('')).not.toContain('\r')
  expect(plain.texts.filter((text) => text.includes('loss (smoothed)'))).toHaveLength(1)
})

test('a measure that a part of an epoch has none of does not end the run', async () => {
  const texts: string[] = []
  const out = { write: (text: string) => texts.push(text) > 0 }
  const model = new nn.Linear(1, 1)
  const batch = (y: number) => [tensor([[y], [2 * y]]), tensor([y, y], { dtype: 'int32' })]
  const loss = (z: Tensor, y: Tensor) => z.squeeze(1).sub(y.to('float32')).square().mean()
  class Auc extends RocAuc {
    override update(prediction: Tensor, target: Tensor): void {
      super.update(prediction.squeeze(1), target)
    }
  }
  const auc = new Auc()
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const all = { loss, optimizer, epochs: 1, metrics: { auc }, progress: { out, live: true } }
  const { epochs } = await train.fit(model, { ...all, train: [batch(0), batch(1)] })
  expect(epochs[0].metrics.auc).toBeGreaterThanOrEqual(0)
  expect(texts.join('')).toContain('auc')
  // At the end of the epoch it is wanted.
  await expect(train.fit(model, { ...all, train: [batch(0)] })).rejects.toThrow(/of class 0/)
})

test('the speed of a run that goes on counts what it does itself', () => {
  // 20 of 100 steps of 5 samples were taken before; 30 since, in about 3 seconds.
  const history = { epochs: [], losses: Array.from({ length: 50 }, (_, i) => i), rates: [], gradNorms: [] }
  // What the figures are made of, of an event.
  const event = { history, step: 50, steps: 100, epochs: 2, samples: 250 } as unknown as Parameters<typeof pace>[0]
  const { loss, speed, left } = pace(event, { time: performance.now() - 3000, step: 20 })
  expect(loss).toBe((47 + 48 + 49) / 3)
  expect(Math.abs(speed - 50)).toBeLessThan(2)
  expect(left).toBeCloseTo(5, 0)
})

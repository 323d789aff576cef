/** @file Callbacks that write what a training was like: JSON Lines and CSV. TensorBoard's files are tensorboard.ts. */
import { describe, fail } from '../core/errors.ts'
import { numbersOf } from '../core/half.ts'
import { nodeFiles, reasonOf } from '../io/files.ts'
import { checkPath, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { Callback, TrainEvent } from './events.ts'
import type { EpochRecord, History } from './history.ts'
import type { Events } from './tensorboard.ts'

/** What is known of a step once its loss was read. */
interface StepRecord {
  readonly step: number
  readonly epoch: number
  readonly loss: number
  readonly lr: number
  readonly gradNorm?: number
}

/** Records of the steps from `from` on, of a history of so many steps an epoch. */
export function stepsOf({ losses, rates, gradNorms }: History, from: number, perEpoch: number): StepRecord[] {
  return losses.slice(from).map((loss, i) => {
    const step = from + i + 1
    const record = { step, epoch: Math.ceil(step / perEpoch), loss, lr: rates[step - 1] }
    return gradNorms.length < losses.length ? record : { ...record, gradNorm: gradNorms[step - 1] }
  })
}

/** Told of new steps and epochs as they are read, in order. `begin` is given the steps of a run that goes on. */
export interface Sink {
  begin(step: number): Promise<void>
  steps(records: readonly StepRecord[]): Promise<void>
  epoch(record: EpochRecord, event: TrainEvent): Promise<void>
}

/** The callback of a sink. */
export function logging(sink: Sink): Callback {
  let written = 0
  return async (event) => {
    const { kind, history, steps, epochs } = event
    if (kind === 'start') await sink.begin((written = event.step))
    if (kind === 'read' && history.losses.length > written) {
      const fresh = stepsOf(history, written, steps / epochs)
      written = history.losses.length
      await sink.steps(fresh)
    }
    if (kind === 'epoch') await sink.epoch(event.record, event)
  }
}

/** A file that is begun anew, or goes on, and that grows. */
class Growing {
  private readonly op: string
  private readonly path: string
  constructor(op: string, path: string) {
    checkPath(op, path)
    this.op = op
    this.path = path
  }

  /** Begin with a first line; of what is there, stay those after the first that `keeps` says. */
  begin(head: string, keeps?: (line: string) => boolean): Promise<void> {
    return this.tried(async ({ readFile, writeFile }) => {
      const old = keeps ? await readFile(this.path, 'utf8').catch(() => '') : ''
      const kept = old
        .split('\n')
        .slice(head ? 1 : 0)
        .filter((line) => line !== '' && keeps?.(line))
      await writeFile(this.path, [head, ...kept].map((line) => (line === '' ? '' : `${line}\n`)).join(''))
    })
  }

  add(lines: readonly string[]): Promise<void> {
    return this.append(new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')))
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.tried(({ appendFile }) => appendFile(this.path, bytes))
  }

  private async tried(write: (fs: ReturnType<typeof nodeFiles>['fs']) => Promise<void>): Promise<void> {
    const { fs, path } = nodeFiles(this.op)
    try {
      await fs.mkdir(path.dirname(path.resolve(this.path)), { recursive: true })
      await write(fs)
    } catch (error) {
      fail(
        this.op,
        `cannot write ${nameOf(this.path)}, ${reasonOf(error)}`,
        'check that it has room and may be written',
      )
    }
  }
}

/** JSON of numbers that JSON lacks: null, as `JSON.stringify` has it, would read as missing. */
const json = (value: object): string =>
  JSON.stringify(value, (_, x: unknown) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x))

/**
 * A callback that writes a line of JSON for every step, `{"step":1,"epoch":1,"loss":…,"lr":…,"gradNorm":…}`, and one
 * for
 * every epoch, an `EpochRecord`. A file that is there is begun anew; where a run goes on, lines beyond its step go. In
 * Node.
 * @throws HandgradError if `path` cannot be one; while training, if the file cannot be written
 */
export function jsonLines(path: string): Callback {
  const lines = new Growing('jsonLines', path)
  return logging({
    begin: (step) => lines.begin('', step > 0 ? (line) => stepIn(line) <= step : undefined),
    steps: (records) => lines.add(records.map(json)),
    epoch: (record) => lines.add([json(record)]),
  })
}

/** The step of a line; a line that a crash cut has none, and goes. */
function stepIn(line: string): number {
  try {
    return (JSON.parse(line) as { step: number }).step
  } catch {
    return Infinity
  }
}

/**
 * A callback that writes a CSV file with a line for every epoch (step, loss, measures, seconds), or every step (step,
 * epoch, loss, lr, gradNorm). Otherwise as {@link jsonLines}.
 * @param options.every  'epoch' or 'step'; default 'epoch'
 * @throws HandgradError if `path` cannot be one or there is no such option; while training, if the file cannot be
 *   written
 */
export function csv(path: string, options?: { every?: 'epoch' | 'step' }): Callback {
  const { every } = optionsOf('csv', options, { every: 'epoch' })
  if (every !== 'epoch' && every !== 'step') fail('csv', `every is ${describe(every)}`, "give 'epoch' or 'step'")
  const lines = new Growing('csv', path)
  let from = 0
  let headed = false
  const add = async (rows: readonly Readonly<Record<string, number | undefined>>[]): Promise<void> => {
    // The columns are known with the first row.
    const head = Object.keys(rows[0]).map(quoted).join(',')
    if (!headed) await lines.begin(head, from > 0 ? (line) => Number(line.split(',')[0]) <= from : undefined)
    headed = true
    await lines.add(rows.map((row) => Object.values(row).join(',')))
  }
  return logging({
    begin: async (step) => {
      from = step
      headed = false
    },
    steps: async (records) => {
      if (every === 'step') await add(records.map((record) => ({ ...record })))
    },
    epoch: async ({ step, epoch, loss, metrics, validationLoss, validation = {}, seconds }) => {
      if (every !== 'epoch') return
      const row: Record<string, number | undefined> = { step, epoch, loss, ...metrics }
      if (validationLoss !== undefined) row['validation_loss'] = validationLoss
      for (const [name, value] of Object.entries(validation)) row[`validation_${name}`] = value
      await add([{ ...row, seconds }])
    },
  })
}

/** A name as a field of CSV. */
const quoted = (name: string): string => (/[",\n\r]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)

/**
 * A callback that writes an event file for TensorBoard (`tensorboard --logdir FOLDER`): the scalars loss, lr and
 * gradNorm of every step; of every epoch loss and measures as `epoch/NAME` and `validation/NAME`. Where a run goes on,
 * TensorBoard drops what older files say of later steps. In Node.
 * @param options.histograms  also how each parameter's numbers are spread, at each epoch; default false
 * @throws HandgradError if `folder` cannot be a path or there is no such option; while training, if nothing can be
 *   written
 */
export function tensorBoard(folder: string, options?: { histograms?: boolean }): Callback {
  const op = 'tensorBoard'
  const { histograms } = optionsOf(op, options, { histograms: false })
  if (typeof histograms !== 'boolean') fail(op, `histograms is ${describe(histograms)}`, 'give true or false')
  checkPath(op, folder)
  let [file, events]: [Growing?, Events?] = []
  const flush = (): Promise<void> | undefined => file?.append(events?.take() ?? new Uint8Array())
  return logging({
    begin: async (step) => {
      const { Events } = await import('./tensorboard.ts')
      const now = () => Date.now() / 1000
      events = new Events(step, now)
      const name = `events.out.tfevents.${Math.floor(now())}.handgrad.${process.pid}.${written++}`
      file = new Growing(op, nodeFiles(op).path.join(folder, name))
      await flush()
    },
    steps: async (records) => {
      for (const { step, loss, lr, gradNorm } of records)
        for (const [tag, value] of Object.entries({ loss, lr, gradNorm }))
          if (value !== undefined) events?.scalar(tag, value, step)
      await flush()
    },
    epoch: async ({ step, loss, metrics, validationLoss, validation }, { model }) => {
      const over = { epoch: { loss, ...metrics }, validation: { loss: validationLoss, ...validation } }
      for (const [part, values] of Object.entries(over))
        for (const [name, value] of Object.entries(values))
          if (value !== undefined) events?.scalar(`${part}/${name}`, value, step)
      if (histograms)
        for (const [name, x] of model.namedParameters())
          events?.histogram(`parameters/${name}`, await numbersOf(x), step)
      await flush()
    },
  })
}

/** Event files of this process so far: two runs in one second have names of their own. */
let written = 0

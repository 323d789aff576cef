/** @file The checkpoints of a training: what is in them, and how one goes on. */
import { fail } from '../core/errors.ts'
import { checkWritable, nodeFiles, reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'
import { latestCheckpoint, loadCheckpoint, type Stateful, saveCheckpoint } from '../io/index.ts'
import type { Best } from './best.ts'
import type { Fit } from './options.ts'
import type { Recorder } from './recorder.ts'
import { isStateful } from './snapshot.ts'
import type { Trainable } from './steps.ts'

/** Saves a run, and restores it. */
export class Files {
  private readonly parts: Record<string, Stateful> = {}
  private readonly options: Fit
  private readonly recorder: Recorder

  constructor(run: Fit, model: Trainable, recorder: Recorder, best: Best) {
    const { optimizer, schedule, ema, metrics, steps } = run
    const { train, scaler } = steps
    const all = { model, optimizer, schedule, ema, train, scaler, history: recorder, best }
    const measures = Object.entries(metrics).map(([name, metric]) => [`metrics.${name}`, metric] as const)
    for (const [name, part] of [...Object.entries(all), ...measures]) if (isStateful(part)) this.parts[name] = part
    this.options = run
    this.recorder = recorder
  }

  /** Refuse a folder that nothing can be written to, before there is something to write; or go on from one. */
  async begin(): Promise<void> {
    const { checkpoint, resume } = this.options
    const file = resume === undefined || resume.endsWith('.safetensors') ? resume : await latestCheckpoint(resume)
    if (resume !== undefined && !file)
      fail('fit', `there is no checkpoint in ${nameOf(resume)}`, 'leave resume out to begin anew')
    if (checkpoint) {
      const { fs, path } = nodeFiles('fit')
      const folder = checkpoint.folder as string // checked
      await fs
        .mkdir(folder, { recursive: true })
        .catch((error: unknown) =>
          fail('fit', `cannot make ${nameOf(folder)}, ${reasonOf(error)}`, 'give another folder'),
        )
      await checkWritable('fit', path.join(folder, 'checkpoint'))
      // A file of a higher step would be taken for the latest of this run, and stay in the place of its own.
      const held = await latestCheckpoint(folder)
      if (held && (!file || path.resolve(file) !== path.resolve(held)))
        fail(
          'fit',
          `checkpoint.folder is ${nameOf(folder)}, which holds ${path.basename(held)} of another run`,
          'resume that one, take its files away, or give another folder',
        )
    }
    if (file) await loadCheckpoint(file, this.parts)
  }

  /** Save the run as it stands. @returns the file's path */
  save(): Promise<string> {
    const { monitor, checkpoint = {} as NonNullable<Fit['checkpoint']> } = this.options
    const { step, history } = this.recorder
    const record = history.epochs.at(-1)
    const { validationLoss, loss, validation, metrics } = record ?? { loss: Number.NaN, metrics: {} }
    return saveCheckpoint(checkpoint.folder as string, this.parts, {
      epoch: history.epochs.length,
      step,
      // In mid-epoch nothing was measured: NaN is never the best.
      metrics:
        record?.step === step
          ? { loss: validationLoss ?? loss, ...(validation ?? metrics) }
          : { [monitor.name]: Number.NaN },
      extra: checkpoint.extra ?? null,
      keepLast: checkpoint.keepLast,
      best: checkpoint.best ? { by: monitor.name, mode: monitor.mode } : undefined,
    })
  }

  /** Say how to go on, and end the process as one that was interrupted. */
  leave(steps: number): never {
    const { folder, hint = `train.fit(model, { …, resume: ${JSON.stringify(folder)} })` } =
      this.options.checkpoint ?? {}
    console.log(`\ninterrupted after step ${this.recorder.step} of ${steps}, saved in ${folder}; go on with\n  ${hint}`)
    process.exit(130)
  }
}

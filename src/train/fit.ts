/** @file The trainer: a loop over steps, which reads, validates, remembers the best, saves and tells. */
import { Best } from './best.ts'
import { display } from './display.ts'
import { computed, measure } from './evaluate.ts'
import type { Callback, Told } from './events.ts'
import { Files } from './files.ts'
import type { EpochRecord, History } from './history.ts'
import { Interrupt } from './interrupt.ts'
import { notFinite } from './nonfinite.ts'
import { checkFit, type FitOptions } from './options.ts'
import { Recorder } from './recorder.ts'
import { isStateful, Snapshot } from './snapshot.ts'
import { type Trainable, type TrainStep, takeSteps } from './steps.ts'

/** Milliseconds between two reads of the device. */
const PAUSE = 100

/** Let the event loop turn: signals, timers, and tensors that were dropped. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** The training of `train.fit`. */
export async function fit(model: Trainable, options: FitOptions): Promise<History> {
  const run = checkFit(model, options)
  const { steps, perEpoch, metrics, schedule, ema, early, checkpoint, validation, monitor } = run
  const { epochs, train } = steps
  if (run.device) await model.to(run.device)
  const modes = model.modules().map((module) => [module, module.training] as const)
  const recorder = new Recorder(perEpoch)
  const { history } = recorder
  const best = new Best(model, monitor, early?.minDelta ?? 0, early?.restore ?? false)
  const replayed = [model, run.optimizer, schedule, train, steps.scaler].flatMap((part) =>
    isStateful(part) ? part : [],
  )
  const files = new Files(run, model, recorder, best)
  const calls: Callback[] = [...run.callbacks]
  if (run.progress) calls.push(display(run.progress))
  const interrupt = checkpoint && new Interrupt()
  let [epoch, readAt, readStep] = [1, 0, 0]
  let snapshot: Snapshot | undefined
  let reason: 'done' | 'stopped' | 'early' | 'interrupted' | undefined

  const tell = async (told: Told): Promise<void> => {
    const stop = () => void (reason ??= 'stopped')
    const standing = { model, history, epoch, epochs, step: recorder.step, steps: epochs * perEpoch, stop }
    for (const call of calls) await call({ ...standing, ...told })
  }
  /** Remember where the run stands: what is searched for a fault are the steps from here. */
  const remember = (): void => {
    if (!run.findNaN) return
    snapshot?.dispose()
    snapshot = new Snapshot(replayed)
    readStep = recorder.step
  }
  const read = async (): Promise<void> => {
    const before = await recorder.read()
    for (let i = before; i < history.losses.length; i++) if (!Number.isFinite(history.losses[i])) await faulty(i)
    const { batch, samples } = recorder
    await tell({ kind: 'read', batch, batches: train.length, samples, metrics: () => computed('fit', metrics) })
    await turn()
    readAt = performance.now()
  }
  const faulty = async (i: number): Promise<never> => {
    const batch = Math.min(((i % perEpoch) + 1) * steps.accumulate, train.length)
    const fault = {
      loss: history.losses[i],
      step: i + 1,
      batch,
      epoch: Math.floor(i / perEpoch) + 1,
      lr: history.rates[i],
    }
    const where =
      snapshot && (await (await import('./origin.ts')).search('fit', model, steps, snapshot, readStep, fault))
    throw notFinite('fit', fault, where ?? 'findNaN: true would say in which op it began')
  }
  const endEpoch = async ({ step }: TrainStep): Promise<void> => {
    let record: EpochRecord = { epoch, step, metrics: await computed('fit', metrics), ...recorder.endEpoch(epoch) }
    ema?.apply()
    try {
      if (validation) {
        const found = await measure('fit', model, validation, { ...steps, metrics, device: run.device })
        await tell({ kind: 'validation', ...found })
        record = { ...record, validationLoss: found.loss, validation: found.metrics }
      }
      best.look(record)
    } finally {
      ema?.restore()
    }
    for (const metric of Object.values(metrics)) metric.reset()
    history.epochs.push(record)
    if (run.scheduleEvery === 'epoch') schedule?.step(record.validationLoss ?? record.loss)
    await tell({ kind: 'epoch', record })
    endEarly()
  }
  const endEarly = (): void => {
    if (early && best.bad >= (early.patience as number)) reason ??= 'early' // checked to be there
  }
  const save = async (): Promise<void> => {
    await tell({ kind: 'checkpoint', path: await files.save() })
  }

  try {
    for (const metric of Object.values(metrics)) metric.reset()
    await files.begin()
    epoch = Math.min(Math.floor(recorder.step / perEpoch) + 1, epochs)
    await tell({ kind: 'start' })
    remember()
    recorder.resume()
    // A run that goes on may have been at its end, and a callback may have stopped it at the start.
    endEarly()
    for await (const step of reason ? [] : takeSteps('fit', model, { ...steps, from: recorder.step })) {
      epoch = step.epoch
      recorder.note(step)
      await tell({ kind: 'step', ...step })
      if (interrupt?.asked) reason ??= 'interrupted'
      const saves = checkpoint?.every ? step.step % checkpoint.every === 0 : step.last
      if (saves || step.last || reason || performance.now() - readAt >= PAUSE) {
        await read()
        if (step.last) await endEpoch(step)
        remember()
      }
      if (checkpoint && (saves || reason || step.step === epochs * perEpoch)) await save()
      recorder.resume()
      if (reason) break
    }
    if (interrupt?.asked) reason ??= 'interrupted'
    if (early) best.restore()
    await tell({ kind: 'end', reason: (reason ??= 'done'), best: best.epoch })
  } catch (error) {
    // What callbacks say of the end must not hide why.
    await tell({ kind: 'end', reason: 'error', best: best.epoch }).catch(() => undefined)
    throw error
  } finally {
    interrupt?.off()
    for (const [module, training] of modes) module.training = training
    for (const held of [recorder, best, snapshot]) held?.dispose()
  }
  if (reason === 'interrupted') files.leave(epochs * perEpoch)
  return history
}

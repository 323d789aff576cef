/** @file What a training keeps of its steps: losses and norms stay on the device until they are read. */
import { fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { Series } from '../metrics/series.ts'
import type { History } from './history.ts'
import type { TrainStep } from './steps.ts'

/** The history, and what of an epoch is not in it yet. */
export class Recorder {
  readonly history: History = { epochs: [], losses: [], rates: [], gradNorms: [] }
  /** Steps taken, and batches of the epoch. */
  step = 0
  batch = 0
  samples = 0
  /** Seconds of the epoch's steps. */
  seconds = 0
  private readonly perEpoch: number
  private losses: Series | undefined
  private norms: Series | undefined
  private since = 0

  /** @param perEpoch  steps of an epoch */
  constructor(perEpoch: number) {
    this.perEpoch = perEpoch
  }

  /** The time between this and the next step or `pause` counts as the epoch's. */
  resume(): void {
    this.since = performance.now()
  }

  /** Take a step in; nothing waits. */
  note({ step, batch, samples, lr, loss, gradNorm }: TrainStep): void {
    this.losses = this.into(this.losses, loss)
    if (gradNorm) this.norms = this.into(this.norms, gradNorm)
    this.history.rates.push(lr)
    this.step = step
    this.batch = batch
    this.samples += samples
    this.count()
  }

  private count(): void {
    const now = performance.now()
    this.seconds += (now - this.since) / 1000
    this.since = now
  }

  private into(series: Series | undefined, x: Tensor): Series {
    series ??= new Series(this.perEpoch, x.device, x.dtype === 'float64' ? 'float64' : 'float32')
    series.push(x)
    return series
  }

  /** Read what is unread into the history; waits for the device. @returns how many losses were there before */
  async read(): Promise<number> {
    const { losses, gradNorms } = this.history
    const before = losses.length
    const [fresh, norms] = await Promise.all([this.losses?.take(), this.norms?.take()])
    losses.push(...(fresh ?? []))
    gradNorms.push(...(norms ?? []))
    if (this.since > 0) this.count()
    return before
  }

  /** End an epoch that was read. @returns the mean loss of its steps, and their seconds */
  endEpoch(epoch: number): { loss: number; seconds: number } {
    const own = this.history.losses.slice((epoch - 1) * this.perEpoch)
    const { seconds } = this
    this.dispose()
    this.seconds = 0
    return { loss: own.reduce((a, b) => a + b, 0) / own.length, seconds }
  }

  /** Where it stands; what is unread is not in it. */
  stateDict() {
    const { history, step, samples, seconds, perEpoch } = this
    return { ...history, step, samples, seconds, perEpoch }
  }

  /** Go on where another one stood. @throws HandgradError if its epochs had another number of steps */
  loadStateDict({ step, samples, seconds, perEpoch, ...history }: ReturnType<Recorder['stateDict']>): void {
    if (perEpoch !== this.perEpoch)
      fail(
        'fit',
        `the run had ${perEpoch} steps in an epoch, now there are ${this.perEpoch}`,
        'resume with the same data',
      )
    Object.assign(this, { step, samples, seconds })
    Object.assign(this.history, history)
  }

  dispose(): void {
    for (const series of [this.losses, this.norms]) series?.dispose()
    this.losses = undefined
    this.norms = undefined
  }
}

/** @file What a training keeps of its steps: losses and norms stay on the device until they are read. */
import { fail } from '../core/errors.ts'
import type { Series } from '../metrics/series.ts'
import { pushed, weighed } from './evaluate.ts'
import type { History } from './history.ts'
import type { TrainStep } from './steps.ts'

type State = Omit<ReturnType<Recorder['stateDict']>, 'weights'> & { weights?: number[] }

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
  private counts: Series | undefined
  /** Of the steps of the epoch, where there are some: of how many things their losses are the means. */
  private weights: number[] = []
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
  note({ step, batch, samples, lr, loss, gradNorm, weight }: TrainStep): void {
    this.losses = pushed(this.losses, this.perEpoch, loss)
    if (gradNorm) this.norms = pushed(this.norms, this.perEpoch, gradNorm)
    if (weight) this.counts = pushed(this.counts, this.perEpoch, weight)
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

  /** Read what is unread into the history; waits for the device. @returns how many losses were there before */
  async read(): Promise<number> {
    const { losses, gradNorms } = this.history
    const before = losses.length
    const all = [this.losses, this.norms, this.counts].map((series) => series?.take())
    const [fresh, norms, counts] = await Promise.all(all)
    this.weights.push(...(counts ?? []))
    losses.push(...(fresh ?? []))
    gradNorms.push(...(norms ?? []))
    if (this.since > 0) this.count()
    return before
  }

  /** End an epoch that was read. @returns the mean loss of what its steps count, and their seconds */
  endEpoch(epoch: number): { loss: number; seconds: number } {
    const own = this.history.losses.slice((epoch - 1) * this.perEpoch)
    const { seconds, weights } = this
    this.dispose()
    this.seconds = 0
    this.weights = []
    return { loss: weighed(own, weights.length > 0 ? weights : own.map(() => 1)), seconds }
  }

  /** Where it stands; what is unread is not in it. */
  stateDict() {
    const { history, step, samples, seconds, perEpoch, weights } = this
    return { ...history, step, samples, seconds, perEpoch, weights }
  }

  /** Go on where another one stood. @throws HandgradError if its epochs had another number of steps */
  loadStateDict({ step, samples, seconds, perEpoch, weights, ...history }: State): void {
    if (perEpoch !== this.perEpoch)
      fail(
        'fit',
        `the run had ${perEpoch} steps in an epoch, now there are ${this.perEpoch}`,
        'resume with the same data',
      )
    // Files of before have none.
    Object.assign(this, { step, samples, seconds, weights: weights ?? [] })
    Object.assign(this.history, history)
  }

  dispose(): void {
    for (const series of [this.losses, this.norms, this.counts]) series?.dispose()
    this.losses = undefined
    this.norms = undefined
    this.counts = undefined
  }
}

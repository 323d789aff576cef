/** @file What `handgrad train` shows: how it goes, each epoch, and in the end the curve and where it goes wrong. */
import type { Confusion } from '../metrics/confusion.ts'
import { matrixText } from '../report/matrix.ts'
import { plot, smoothed } from '../text/plot.ts'
import { clock, count, Progress } from '../text/progress.ts'
import { joined, terminalOf, wrapped } from '../text/terminal.ts'
import { pace, type Since } from '../train/display.ts'
import type { Callback, EpochRecord } from '../train/index.ts'
import type { DigitData } from './digits.ts'

/** Print a text in lines that fit. */
export const say = (text: string): void => console.log(wrapped(text, terminalOf().columns))

export const percent = (part: number, digits = 1): string => `${(100 * part).toFixed(digits)}%`

/** What the images are called on which an epoch is measured. */
export type Measured = 'test' | 'validation'

/** A bar while an epoch runs, and a line when it is done. */
export function shown({ synthetic }: DigitData, measured: Measured): Callback {
  const progress = new Progress()
  let since: Since = { time: 0, step: 0 }
  return async (event) => {
    const { kind, epoch, epochs, step, steps, history } = event
    const title = `epoch ${epoch}/${epochs}`
    if (kind === 'start') {
      since = { time: performance.now(), step }
      if (step > 0) say(`going on after step ${count(step)} of ${count(steps)}`)
    }
    if (kind === 'read') {
      const { loss, speed, left } = pace(event, since)
      const { accuracy } = await event.metrics()
      // No accuracy on data of our own making goes without its name.
      const figures = `loss ${loss.toFixed(4)}  ${synthetic ? 'synthetic ' : ''}acc ${percent(accuracy)}`
      const times = `${count(speed)} img/s  eta ${clock(left)}`
      progress.update(title, event.batch / event.batches, `${figures}  ${times}`)
    }
    if (kind === 'epoch') progress.done(epochLine(title, event.record, measured, synthetic ? ' (synthetic)' : ''))
    if (kind === 'end' && event.reason === 'early') {
      const best = event.best ? `the best was epoch ${event.best}, whose weights are kept` : 'no epoch was any good'
      say(`ended after epoch ${history.epochs.length}: ${best}`)
    }
  }
}

/** What an epoch reached, in one line where it fits, else in a line for each figure. */
function epochLine(title: string, record: EpochRecord, measured: Measured, mark: string): string {
  const { loss, validationLoss = Number.NaN, metrics, validation = {}, seconds } = record
  const parts = [
    title,
    `loss ${loss.toFixed(4)} training, ${validationLoss.toFixed(4)} ${measured}`,
    `accuracy ${percent(metrics.accuracy)} training, ${percent(validation.accuracy)} ${measured}${mark}`,
    `${seconds.toFixed(1)} s`,
  ]
  return joined(parts, '  ', terminalOf().columns, '  ')
}

/** The loss curve, the confusion matrix and the accuracy, on the terminal. */
export function summarize(data: DigitData, losses: readonly number[], confusion: Confusion, seconds: number): void {
  const terminal = terminalOf()
  const images = count(data.test.count)
  const title = 'training loss (cross-entropy, smoothed, log scale)'
  const x = [1, losses.length] as const
  console.log(`\n${plot(smoothed(losses), { title, xLabel: 'step', x, log: true, terminal })}\n`)
  say(`confusion of ${data.name}, ${images} test images: rows are true digits, columns answers`)
  console.log(`${matrixText(confusion, terminal)}\n`)
  const wrong = `(${count(confusion.total - confusion.right)} of ${images} wrong) in ${clock(seconds)}`
  const accuracy = percent(confusion.accuracy, 2)
  const text = wrapped(`test accuracy on ${data.name}: ${accuracy} ${wrong}`, terminal.columns)
  console.log(text.replace(accuracy, (figure) => terminal.paint('bold', figure)))
}

/** @file A training in the terminal: a bar with loss, measures, rate and time left, a line for each epoch, a plot. */
import { HandgradError } from '../core/errors.ts'
import { plot, smoothed } from '../text/plot.ts'
import { clock, figure, Progress } from '../text/progress.ts'
import { joined, type Output, terminalOf } from '../text/terminal.ts'
import type { Callback, TrainEvent } from './events.ts'
import type { ShowOptions } from './options.ts'

/** Names and numbers with two spaces between them. */
const listed = (numbers: Readonly<Record<string, number>>): string[] =>
  Object.entries(numbers).map(([name, value]) => `${name} ${figure(value)}`)

/**
 * The measures so far. Of a part of an epoch some cannot be told, such as an AUC while all samples were of one class:
 * then none is; at the epoch's end they must be. What a device reports goes on as it is.
 */
const soFar = (event: TrainEvent & { kind: 'read' }): Promise<Readonly<Record<string, number>>> =>
  event.metrics().catch((error: Error) => (error.constructor === HandgradError ? {} : Promise.reject(error)))

/** A time in the `performance.now()` of a step. */
export interface Since {
  readonly time: number
  readonly step: number
}

/** At a read: the loss of late, a twentieth of an epoch; samples a second and seconds to go, by the steps since. */
export function pace(event: TrainEvent & { kind: 'read' }, { time, step: first }: Since) {
  const { history, step, steps, epochs, samples } = event
  const perStep = (performance.now() - time) / 1000 / (step - first)
  const loss = history.losses.slice(-Math.max(1, Math.min(step, Math.ceil(steps / epochs / 20))))
  return {
    loss: loss.reduce((a, b) => a + b, 0) / loss.length,
    speed: Math.round(samples / step / perStep),
    left: perStep * (steps - step),
  }
}

/** What shows a training. */
export function display({ plot: curve = false, ...options }: ShowOptions): Callback {
  const progress = new Progress(options)
  const out = options.out ?? process.stdout
  const terminal = () => options.terminal ?? terminalOf(out as Output)
  let since: Since = { time: 0, step: 0 }
  let [drawn, shown] = [0, 0]
  /** Take the plot above the bar away; the cursor is on the bar's line. */
  const clear = (): void => {
    if (drawn > 0) out.write(`\r\x1b[${drawn}A\x1b[J`)
    drawn = 0
  }
  const draw = (losses: readonly number[]): void => {
    const all = { title: 'loss (smoothed)', xLabel: 'step', x: [1, losses.length], log: true } as const
    const text = plot(smoothed(losses), { ...all, terminal: terminal() })
    out.write(`${text}\n`)
    drawn = text.split('\n').length
  }
  return async (event) => {
    const { kind, epoch, epochs, step, history } = event
    const title = `epoch ${epoch}/${epochs}`
    const now = performance.now()
    if (kind === 'start') since = { time: now, step }
    if (kind === 'read') {
      if (curve && progress.live && now - shown > 500 && history.losses.length > 1) {
        clear()
        draw(history.losses)
        shown = now
      }
      const { loss, speed, left } = pace(event, since)
      const figures = [`loss ${figure(loss)}`, ...listed(await soFar(event)), `${speed}/s`, `eta ${clock(left)}`]
      progress.update(title, event.batch / event.batches, figures.join('  '))
    }
    if (kind === 'epoch') {
      const { loss, metrics, validationLoss, validation = {}, seconds } = event.record
      const parts = [title, ...listed({ loss, ...metrics })]
      if (validationLoss !== undefined)
        parts.push(`validation ${listed({ loss: validationLoss, ...validation }).join('  ')}`)
      clear()
      progress.done(joined([...parts, `${seconds.toFixed(1)} s`], '  ', terminal().columns, '  '))
    }
    if (kind === 'end' && curve && history.losses.length > 1) {
      clear()
      draw(history.losses)
    }
  }
}

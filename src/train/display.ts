/** @file A training in the terminal: a bar with loss, measures, rate and time left, a line for each epoch, a plot. */
import { plot, smoothed } from '../text/plot.ts'
import { clock, figure, Progress } from '../text/progress.ts'
import { joined, type Output, terminalOf } from '../text/terminal.ts'
import type { Callback } from './events.ts'
import type { ShowOptions } from './options.ts'

/** Names and numbers with two spaces between them. */
const listed = (numbers: Readonly<Record<string, number>>): string[] =>
  Object.entries(numbers).map(([name, value]) => `${name} ${figure(value)}`)

/** What shows a training. */
export function display({ plot: curve = false, ...options }: ShowOptions): Callback {
  const progress = new Progress(options)
  const out = options.out ?? process.stdout
  const terminal = () => options.terminal ?? terminalOf(out as Output)
  let [begun, first, drawn, shown] = [0, 0, 0, 0]
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
    const { kind, epoch, epochs, step, steps, history } = event
    const title = `epoch ${epoch}/${epochs}`
    const now = performance.now()
    if (kind === 'start') [begun, first] = [now, step]
    if (kind === 'read') {
      if (curve && progress.live && now - shown > 500 && history.losses.length > 1) {
        clear()
        draw(history.losses)
        shown = now
      }
      const seconds = (now - begun) / 1000
      const loss = history.losses.slice(-Math.max(1, Math.min(step, Math.ceil(steps / epochs / 20))))
      const figures = [
        `loss ${figure(loss.reduce((a, b) => a + b, 0) / loss.length)}`,
        ...listed(await event.metrics()),
        `${Math.round(event.samples / seconds)}/s`,
        `eta ${clock((seconds / (step - first)) * (steps - step))}`,
      ]
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

/** @file A climbed ladder for the terminal: a table of rungs for each case, then the reasons. */
import { plain, type Terminal, wrapped } from '../../text/terminal.ts'
import type { Climb, Climbed, Ladder } from '../ladder.ts'
import { aligned, digits, rateOf, time } from '../report/table.ts'

/** `1.2 GB`, in thousands. */
export function amount(bytes: number): string {
  const [unit, scale] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3]
  return `${digits(bytes / scale)} ${unit}`
}

/** `2.3 × faster`, `1.4 × slower`. */
export const stepText = (step: number | undefined): string =>
  step === undefined ? '' : step >= 1 ? `${digits(step)} × faster` : `${digits(1 / step)} × slower`

/** Operations or bytes a second. */
export function rateText({ figure }: Climbed): string {
  if (!figure) return ''
  const { flop, bytes = 0, seconds } = figure
  return flop ? rateOf(flop, seconds.median, 'FLOP/s') : rateOf(bytes, seconds.median, 'B/s')
}

const HEAD = ['', 'loads', 'stores', 'time', 'rate', 'step', 'of roof', ''] as const

export function shownLadder(ladder: Ladder, climbed: readonly Climb[], terminal: Terminal = plain): string {
  const { paint, columns } = terminal
  const tables = climbed.map(({ name, inputs, least, rungs }) => {
    const rows = rungs.map((one, i) => {
      const { rung, figure, step, why, best, loaded, stored } = one
      return [
        `${i + 1} ${rung.variant}`,
        amount(loaded),
        amount(stored),
        figure ? time(figure.seconds.median) : '',
        rateText(one),
        stepText(step),
        figure?.share === undefined ? '' : `${Math.round(100 * figure.share)} %`,
        best ? 'best here' : (why ?? ''),
      ]
    })
    const head = paint('bold', `${ladder.name}, ${name}`)
    return `${head} (${inputs} inputs; any kernel moves ${amount(least)})\n${aligned([[...HEAD], ...rows], terminal)}`
  })
  const reasons = ladder.rungs.map(({ variant, title, reason, traffic }, i) =>
    wrapped(`${i + 1} ${paint('bold', variant)}: ${title}. ${reason} Traffic: ${traffic}.`, columns, '  '),
  )
  return [...tables, reasons.join('\n')].join('\n\n')
}

/** @file A run of mutants.ts as a page: docs/made/kernelmutants.md. */
import type { Outcome, Trial } from './trials.ts'
import { KINDS } from './weaken.ts'

/** Not noticed here; or not by name, and not by adapters either. */
export const isFailure = ({ outcome, wavedThrough }: Trial): boolean =>
  outcome === 'missed' || (wavedThrough === true && outcome === 'other value')

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|')

/** A mutant in a few words: `softmax.wgsl:101 −workgroupBarrier();`. */
function changeOf({ mutant, line }: Trial): string {
  const place = `${mutant.file.replace(/^shaders\//, '')}:${line}`
  const [from, to] = [tidy(mutant.original), tidy(mutant.mutated)]
  return `${place} \`${short(from, 28)}\` → ${to ? `\`${short(to, 28)}\`` : 'nothing'}`
}

/** As much of the fault, without its remedy, as a line of the page has room for. */
function faultOf({ outcome, by }: Trial, room: number): string {
  const told = by.replace(/ \([^()]*(\(\)[^()]*)*\)$/, '')
  return short(tidy(outcome === 'named' ? told : `${outcome}: ${told}`), room)
}

/** Characters of a line, less what is around two cells. */
const ROOM = 160 - '|  |  |'.length

/** Of a run as a whole. */
export interface RunFacts {
  readonly command: string
  readonly date: string
  readonly seconds: number
  readonly adapter: string
}

export function page(trials: readonly Trial[], { command, date, seconds, adapter }: RunFacts): string {
  const of = (list: readonly Trial[], outcome: Outcome) => list.filter((one) => one.outcome === outcome)
  const row = (name: string, list: readonly Trial[]) => {
    const counted =
      list.length - ['equivalent', 'not run', 'does not compile'].flatMap((o) => of(list, o as Outcome)).length
    const [named, value] = [of(list, 'named').length, of(list, 'other value').length]
    const waved = list.filter((one) => one.wavedThrough && one.outcome !== 'equivalent')
    const share = counted ? `${((100 * (named + value)) / counted).toFixed(1)} %` : '–'
    const cells = [counted, named, value, of(list, 'missed').length, share, waved.length, of(waved, 'named').length]
    return `| ${[name, ...cells].join(' | ')} |`
  }
  const waved = trials.filter((one) => one.wavedThrough && one.outcome !== 'equivalent')
  const list = (outcome: Outcome) => of(trials, outcome).map((one) => `- ${changeOf(one)}: ${tidy(one.by)}`)
  const notCounted = list('equivalent')
  return [
    '# Kernels without a guard, without a barrier, beside the index',
    '',
    'Mutants of our kernels, one at a time: a guard dropped, a barrier dropped, an index or an offset one too far. Each runs through the rows that',
    'reach it, on the interpreter (facts `gpu32`, each variant forced) and on a WebGPU adapter without debug mode. Named: the interpreter reports a',
    'fault with file and line. Another value: only the row says so. Waved through: on the adapter every row is right.',
    '',
    `- Date: ${date}; \`${command}\`, ${seconds} s`,
    `- Adapter: ${adapter}`,
    '- A run that was stopped may have been resumed: what was not missed before is kept, seconds are the sum. Rows and the folding of grids were',
    '  widened for what a first run of seed 1 missed (105 of 110 were noticed then), so that another seed would be the fairer figure.',
    '',
    '| | mutants | named | another value | missed | noticed | waved through by the adapter | of these named |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...KINDS.map((kind) =>
      row(
        kind,
        trials.filter((one) => one.kind === kind),
      ),
    ),
    row('**all**', trials),
    '',
    `Not counted: ${notCounted.length} that no input tells from the original (below), ${of(trials, 'not run').length} that no row runs,`,
    `${of(trials, 'does not compile').length} that do not compile.`,
    '',
    '## What the adapter waves through',
    '',
    '| change | the interpreter |',
    '| --- | --- |',
    ...waved.map((one) => {
      const change = changeOf(one)
      return `| ${change} | ${faultOf(one, ROOM - change.length)} |`
    }),
    '',
    '## Missed',
    '',
    ...(list('missed').length > 0 ? list('missed') : ['None.']),
    '',
    '## Equivalent',
    '',
    ...(notCounted.length > 0 ? notCounted : ['None.']),
    '',
  ].join('\n')
}

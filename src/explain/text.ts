/** @file An explanation for a terminal. */
import { wrapped } from '../text/terminal.ts'
import type { CallExplanation, DispatchExplanation, Explained, LaunchExplanation } from './data.ts'
import {
  callFacts,
  callHead,
  dispatchFacts,
  type Fact,
  headOf,
  launchHead,
  linksText,
  marksOf,
  placeText,
  refusedText,
  touchedAt,
} from './words.ts'

/** Columns of prose; code has as many as it needs. */
const WIDTH = 110

/** What was said before, so that it is said once. */
type Said = Set<string>

/** Everything, the code of each program once. */
export function toText(explained: Explained): string {
  const { about, place, facts, forward, backward, notes } = explained
  const said: Said = new Set()
  const part = (title: string, calls: readonly CallExplanation[]) =>
    calls.length > 0 ? ['', title, ...calls.flatMap((call) => ['', ...indented(callLines(call, said))])] : []
  const lines = [
    headOf(explained),
    ...[about, place ? placeText(place) : '', `on ${facts}`, ...notes.map((note) => `note: ${note}`)]
      .filter(Boolean)
      .flatMap((line) => indented(proseOf(line))),
    ...part('forward', forward),
    ...part('backward', backward),
  ]
  return lines.map((line) => line.trimEnd()).join('\n')
}

const indented = (lines: readonly string[], by = 2): string[] => lines.map((line) => ' '.repeat(by) + line)
const proseOf = (text: string): string[] => wrapped(text, WIDTH).split('\n')

/** Names in one column, texts in the next. */
function columns(facts: readonly Fact[]): string[] {
  const width = Math.max(0, ...facts.map(([name]) => name.length)) + 2
  return facts.flatMap(([name, text], i) => {
    const [first, ...rest] = proseOf(text)
    const head = facts[i - 1]?.[0] === name ? '' : name
    return [head.padEnd(width) + first, ...indented(rest, width)]
  })
}

const firstTime = (said: Said, text: string): boolean => !said.has(text) && said.add(text) !== undefined

function callLines(call: CallExplanation, said: Said): string[] {
  const { launches } = call
  return [
    callHead(call),
    ...indented(columns(callFacts(call))),
    ...launches.flatMap((launch) => ['', ...indented(launchLines(launch, call, said))]),
    ...(launches.length === 0 ? ['  no launch'] : []),
  ]
}

function launchLines(launch: LaunchExplanation, { source }: CallExplanation, said: Said): string[] {
  const { about, file, refused, dispatches, twin } = launch
  return [
    `${launchHead(launch)}  ${file}`,
    ...indented([
      ...(firstTime(said, about) ? proseOf(about) : []),
      ...refused.flatMap((one) => proseOf(refusedText(one))),
      ...dispatches.flatMap((dispatch) => {
        const { entry, codes, place } = dispatch
        const program = `${place.file} ${entry} ${codes}`
        const code = firstTime(said, program) ? codeLines(dispatch, twin, source) : ['the lines are above']
        return [entry, ...indented([...columns(dispatchFacts(dispatch)), ...code])]
      }),
    ]),
  ]
}

/** The listing, the twin and the op's definition, with the letters of their links before the lines. */
function codeLines(
  dispatch: DispatchExplanation,
  twin: LaunchExplanation['twin'],
  source: CallExplanation['source'],
): string[] {
  const { wgsl } = dispatch
  const marks = (column: 'wgsl' | 'twin' | 'source', i: number) => `${marksOf(dispatch, column, i).padEnd(8)} `
  const part = (title: string, column: 'twin' | 'source', { place, lines }: typeof twin) =>
    lines.length > 0
      ? ['', `${title}${place ? `, ${placeText(place)}` : ''}`, ...lines.map((line, i) => marks(column, i) + line)]
      : []
  return [
    '',
    ...proseOf(`linked lines: ${linksText(dispatch) || 'none'}`),
    ...wgsl.map((line, i) => {
      const touched = touchedAt(line)
      return `${marks('wgsl', i)}${String(line.line).padStart(4)}  ${line.text}${touched && `  // ${touched}`}`
    }),
    ...part('CPU twin', 'twin', twin),
    ...part('op', 'source', source),
    '',
  ]
}

/** @file An explanation as a document, whose parts text.ts, markdown.ts and page.ts each show in their way. */
import type { CallExplanation, DispatchExplanation, Explained, LaunchExplanation } from './data.ts'
import {
  callFacts,
  callHead,
  dispatchFacts,
  type Fact,
  headOf,
  linksText,
  marksOf,
  placeText,
  refusedText,
  touchedAt,
} from './words.ts'

/** A line of code: letters of its links, its number, where another file begins and what it touched; '' for none. */
export interface MarkedLine {
  readonly marks: string
  readonly number: string
  readonly text: string
  readonly touched: string
}

/** A part of the document. */
export type Part =
  | { readonly title: string }
  | { readonly prose: string }
  | { readonly list: readonly string[] }
  | { readonly facts: readonly Fact[] }
  | { readonly code: readonly MarkedLine[]; readonly column: 'wgsl' | 'twin' | 'source'; readonly name: string }
  /** What can be played. */
  | { readonly player: DispatchExplanation }
  /** Parts that belong together; `same` names code that may be shown once. */
  | {
      readonly parts: readonly Part[]
      readonly of: 'pass' | 'call' | 'launch' | 'dispatch' | 'code'
      readonly same?: string
    }

/** All of it. */
export function documentOf(explained: Explained): Part[] {
  const { about, place, facts, forward, backward, notes } = explained
  return [
    { title: headOf(explained) },
    ...proseOf(about, `${place ? `${placeText(place)}, on` : 'On'} ${facts}`, ...notes.map((note) => `Note: ${note}.`)),
    ...passOf('Forward', forward),
    ...passOf('Backward', backward),
  ]
}

const proseOf = (...texts: readonly string[]): Part[] => texts.filter(Boolean).map((prose) => ({ prose }))

const passOf = (title: string, calls: readonly CallExplanation[]): Part[] =>
  calls.length > 0 ? [{ of: 'pass', parts: [{ title }, ...calls.map(callOf)] }] : []

function callOf(call: CallExplanation): Part {
  const { launches } = call
  const none = launches.length === 0 ? proseOf('No launch.') : []
  const parts = launches.map((launch) => launchOf(launch, call.source))
  return { of: 'call', parts: [{ title: callHead(call) }, { facts: callFacts(call) }, ...none, ...parts] }
}

function launchOf(launch: LaunchExplanation, source: CallExplanation['source']): Part {
  const { kernel, variant, file, about, refused, dispatches, twin } = launch
  return {
    of: 'launch',
    parts: [
      { title: `${kernel}/${variant}, ${file}` },
      ...proseOf(about),
      { list: refused.map(refusedText) },
      ...dispatches.map((dispatch) => dispatchOf(dispatch, twin, source)),
    ],
  }
}

type Lines = LaunchExplanation['twin']

function dispatchOf(dispatch: DispatchExplanation, twin: Lines, source: Lines): Part {
  const { entry, place, codes, wgsl } = dispatch
  const links = linksText(dispatch)
  const lines = wgsl.map((line, i) => {
    const file = wgsl[i - 1]?.file === line.file || (i === 0 && line.file === place.file) ? '' : line.file
    const touched = [file, touchedAt(line)].filter(Boolean).join(', ')
    return { marks: marksOf(dispatch, 'wgsl', i), number: String(line.line), text: line.text, touched }
  })
  const other = (name: string, column: 'twin' | 'source', { place, lines }: Lines): Part => ({
    ...{ name: place ? `${name}, ${placeText(place)}` : name, column },
    code: lines.map((text, i) => ({ marks: marksOf(dispatch, column, i), number: '', text, touched: '' })),
  })
  const code: Part[] = [
    ...proseOf(links ? `Lines that do the same: ${links}.` : 'No lines are linked.'),
    { name: 'WGSL', column: 'wgsl', code: lines },
    other('CPU twin', 'twin', twin),
    other('Op', 'source', source),
  ]
  return {
    of: 'dispatch',
    parts: [
      { title: entry },
      { facts: dispatchFacts(dispatch) },
      { player: dispatch },
      { of: 'code', same: `${place.file} ${entry} ${codes}`, parts: code },
    ],
  }
}

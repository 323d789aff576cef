/** @file An explanation as Markdown. */
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

/** Everything, with a heading for each call and each launch. */
export function toMarkdown(explained: Explained): string {
  const { about, place, facts, forward, backward, notes } = explained
  const part = (title: string, calls: readonly CallExplanation[]) =>
    calls.length > 0 ? [`## ${title}`, ...calls.flatMap(callParts)] : []
  return `${[
    `# ${plain(headOf(explained))}`,
    ...(about ? [plain(about)] : []),
    [...(place ? [`\`${placeText(place)}\`, on `] : ['On ']), plain(facts)].join(''),
    ...(notes.length > 0 ? [notes.map((note) => `- ${plain(note)}`).join('\n')] : []),
    ...part('Forward', forward),
    ...part('Backward', backward),
  ].join('\n\n')}\n`
}

/** Text that means nothing else in Markdown. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|#]/g, '\\$&')

const tableOf = (facts: readonly Fact[]): string[] =>
  facts.length > 0
    ? [['| | |', '| --- | --- |', ...facts.map(([name, text]) => `| ${name} | ${plain(text)} |`)].join('\n')]
    : []

const fenced = (lines: readonly string[], language = ''): string => ['```' + language, ...lines, '```'].join('\n')

function callParts(call: CallExplanation): string[] {
  const launches = call.launches.flatMap((launch) => launchParts(launch, call))
  return [
    `### ${plain(callHead(call))}`,
    ...tableOf(callFacts(call)),
    ...(launches.length > 0 ? launches : ['No launch.']),
  ]
}

function launchParts(launch: LaunchExplanation, { source }: CallExplanation): string[] {
  const { about, file, refused, dispatches, twin } = launch
  return [
    `#### \`${launchHead(launch)}\`, \`${file}\``,
    ...(about ? [plain(about)] : []),
    ...(refused.length > 0 ? [refused.map((one) => `- ${plain(refusedText(one))}`).join('\n')] : []),
    ...dispatches.flatMap((dispatch) => [
      `\`${dispatch.entry}\`:`,
      ...tableOf(dispatchFacts(dispatch)),
      ...codeParts(dispatch, twin, source),
    ]),
  ]
}

function codeParts(
  dispatch: DispatchExplanation,
  twin: LaunchExplanation['twin'],
  source: CallExplanation['source'],
): string[] {
  const marked = (column: 'twin' | 'source', lines: readonly string[]) =>
    lines.map((line, i) => {
      const marks = marksOf(dispatch, column, i)
      return marks ? `${line} // [${marks}]` : line
    })
  const part = (title: string, column: 'twin' | 'source', { place, lines }: typeof twin) =>
    lines.length > 0
      ? [`${title}${place ? `, \`${placeText(place)}\`` : ''}:`, fenced(marked(column, lines), 'ts')]
      : []
  return [
    `Lines with the same letter do the same: ${plain(linksText(dispatch) || 'none')}.`,
    fenced(
      dispatch.wgsl.map((line, i) => {
        const [touched, marks] = [touchedAt(line), marksOf(dispatch, 'wgsl', i)]
        const said = [touched, marks && `[${marks}]`].filter(Boolean).join(' ')
        return said ? `${line.text} // ${said}` : line.text
      }),
      'wgsl',
    ),
    ...part('CPU twin', 'twin', twin),
    ...part('Op', 'source', source),
  ]
}

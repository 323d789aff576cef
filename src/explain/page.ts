/** @file An explanation as one HTML file. Its script is {@link play}, written out as text. */
import { escapeMarkup as escaped, htmlPage } from '../text/markup.ts'
import type { CallExplanation, DispatchExplanation, Explained, LaunchExplanation, Step } from './data.ts'
import { play } from './play.ts'
import { style } from './style.ts'
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
  stepText,
  touchedAt,
} from './words.ts'

/** What the script is given of a dispatch. */
export interface Played {
  readonly threads: number
  /** Words of each variable. */
  readonly buffers: readonly { readonly name: string; readonly cells: number }[]
  readonly steps: readonly (Pick<Step, 'does' | 'buffer' | 'bytes' | 'touches'> & {
    readonly text: string
    /** Position in the listing; −1 where it is not listed. */
    readonly line: number
  })[]
  /** Lines of the twin that go with lines of the listing: `does` is reads, writes or the name of a constant. */
  readonly links: readonly {
    readonly does: string
    readonly wgsl: readonly number[]
    readonly twin: readonly number[]
  }[]
}

export function pageOf(explained: Explained): string {
  const { about, place, facts, forward, backward, notes } = explained
  const played: Played[] = []
  const part = (title: string, calls: readonly CallExplanation[]) =>
    calls.length > 0 ? `<h2>${title}</h2>${calls.map((call) => callMarkup(call, played)).join('')}` : ''
  const paragraphs = [about, `${place ? `${placeText(place)}, on` : 'On'} ${facts}`, ...notes].filter(Boolean)
  const body = `<main><h1>${escaped(headOf(explained))}</h1>
${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('')}
<p>A click on a line with a letter shows the lines that do the same.</p>
${part('forward', forward)}${part('backward', backward)}</main>`
  const json = JSON.stringify(played).replaceAll('<', '\\u003c')
  const script = `<script type="application/json" id="data">${json}</script>
<script>
(${play})(JSON.parse(document.getElementById('data').textContent))
</script>`
  return htmlPage(`${explained.name}, explained`, style, `${body}\n${script}`)
}

const tableOf = (facts: readonly Fact[]): string =>
  `<table>${facts.map(([name, text]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(text)}</td></tr>`).join('')}</table>`

function callMarkup(call: CallExplanation, played: Played[]): string {
  const launches = call.launches.map((launch) => launchMarkup(launch, call, played)).join('')
  return `<section class="call"><h3>${escaped(callHead(call))}</h3>${tableOf(callFacts(call))}${launches || '<p>No launch.</p>'}</section>`
}

function launchMarkup(launch: LaunchExplanation, { source }: CallExplanation, played: Played[]): string {
  const { about, file, refused, dispatches, twin } = launch
  const others = refused.map((one) => `<li>${escaped(refusedText(one))}</li>`).join('')
  return `<h4>${escaped(`${launchHead(launch)}, ${file}`)}</h4>
${about && `<p>${escaped(about)}</p>`}${others && `<ul>${others}</ul>`}
${dispatches.map((dispatch) => dispatchMarkup(dispatch, twin, source, played)).join('')}`
}

function dispatchMarkup(
  dispatch: DispatchExplanation,
  twin: LaunchExplanation['twin'],
  source: CallExplanation['source'],
  played: Played[],
): string {
  const marked = (column: 'twin' | 'source', lines: readonly string[]) =>
    lines.map((text, i) => lineMarkup(marksOf(dispatch, column, i), '', text, ''))
  const wgsl = dispatch.wgsl.map((line, i) =>
    lineMarkup(marksOf(dispatch, 'wgsl', i), String(line.line), line.text, touchedAt(line)),
  )
  const links = linksText(dispatch)
  return `<div class="dispatch"><h5>${escaped(dispatch.entry)}</h5>${tableOf(dispatchFacts(dispatch))}
${playerMarkup(dispatch, played)}
<p>${escaped(links ? `Lines that do the same: ${links}.` : 'No lines are linked.')}</p>
<div class="columns"><div>${codeMarkup('WGSL', 'wgsl', wgsl)}</div>
<div>${codeMarkup(titleOf('CPU twin', twin), 'twin', marked('twin', twin.lines))}${codeMarkup(titleOf('op', source), 'source', marked('source', source.lines))}</div></div></div>`
}

const titleOf = (name: string, { place }: LaunchExplanation['twin']): string =>
  place ? `${name}, ${placeText(place)}` : name

const codeMarkup = (title: string, kind: string, lines: readonly string[]): string =>
  lines.length > 0
    ? `<h5>${escaped(title)}</h5><div class="code ${kind}" tabindex="0" role="group" aria-label="${escaped(title)}">${lines.join('')}</div>`
    : ''

const lineMarkup = (marks: string, number: string, text: string, touched: string): string =>
  `<div${marks && ` data-links="${marks}"`}><b>${marks.padEnd(5)}</b><i>${number && `${number.padStart(4)} `}</i>${escaped(text)}${touched && `<i>  // ${escaped(touched)}</i>`}</div>`

/** Where a small dispatch is played; what the script needs goes to `played`. */
function playerMarkup({ steps, threads, touched, links, wgsl }: DispatchExplanation, played: Played[]): string {
  if (!steps || steps.length === 0) return ''
  const last = (name: string) =>
    Math.max(
      ...steps
        .filter(({ buffer }) => buffer === name)
        .flatMap(({ touches, bytes }) => touches.map(([, at]) => at + bytes)),
    )
  const index = played.push({
    threads,
    buffers: touched.filter(({ space }) => space !== 'uniform').map(({ name }) => ({ name, cells: last(name) / 4 })),
    steps: steps.map((step) => {
      const { does, buffer, bytes, touches, file, line } = step
      const position = wgsl.findIndex((one) => one.line === line && one.file.endsWith(`/${file}`))
      return { does, buffer, bytes, touches, text: stepText(step), line: position }
    }),
    links: links.map(({ about, wgsl, twin }) => ({ does: about.split(' ')[0], wgsl, twin })),
  })
  return `<div class="player" data-index="${index - 1}"><div class="controls">
<button type="button" class="back" aria-label="step back">◀</button><button type="button" class="play">▶ play</button><button type="button" class="next" aria-label="step">▶</button>
<input type="range" min="0" max="${steps.length}" value="0" aria-label="step"></div>
<output aria-live="polite"></output><div class="boards"></div></div>`
}

/** @file An explanation as one HTML file. Its script is {@link play}, written out as text. */
import { escapeMarkup as escaped, htmlPage } from '../text/markup.ts'
import type { DispatchExplanation, Explained, Step } from './data.ts'
import { documentOf, type MarkedLine, type Part } from './document.ts'
import { play } from './play.ts'
import { style } from './style.ts'
import { stepText } from './words.ts'

/** What the script is given of a dispatch. */
export interface Played {
  readonly threads: number
  /** Words of each variable. */
  readonly buffers: readonly { readonly name: string; readonly cells: number }[]
  readonly steps: readonly PlayedStep[]
  /** Lines of the twin that go with lines of the listing: `does` is reads, writes or the name of a constant. */
  readonly links: readonly {
    readonly does: string
    readonly wgsl: readonly number[]
    readonly twin: readonly number[]
  }[]
}

interface PlayedStep extends Pick<Step, 'does' | 'buffer' | 'bytes' | 'touches'> {
  readonly text: string
  /** Position in the listing; −1 where it is not listed. */
  readonly line: number
}

export function pageOf(explained: Explained): string {
  const played: Played[] = []
  const body = documentOf(explained).map((part) => markupOf(part, 1, played))
  const json = JSON.stringify(played).replaceAll('<', '\\u003c')
  return htmlPage(
    `${explained.name}, explained`,
    style,
    `<main>${body.join('\n')}
<p>A click on a line with a letter shows the lines that do the same.</p></main>
<script type="application/json" id="data">${json}</script>
<script>
(${play})(JSON.parse(document.getElementById('data').textContent))
</script>`,
  )
}

function markupOf(part: Part, level: number, played: Played[]): string {
  if ('title' in part) return `<h${level}>${escaped(part.title)}</h${level}>`
  if ('prose' in part) return `<p>${escaped(part.prose)}</p>`
  if ('player' in part) return playerOf(part.player, played)
  if ('list' in part) {
    const items = part.list.map((text) => `<li>${escaped(text)}</li>`)
    return items.length > 0 ? `<ul>${items.join('')}</ul>` : ''
  }
  if ('facts' in part) {
    const rows = part.facts.map(
      ([name, text]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(text)}</td></tr>`,
    )
    return rows.length > 0 ? `<table>${rows.join('')}</table>` : ''
  }
  if ('code' in part) {
    const { column, code } = part
    const name = escaped(part.name)
    const lines = `<div class="code ${column}" tabindex="0" role="group" aria-label="${name}">${code.map(lineOf).join('')}</div>`
    return code.length > 0 ? `<div class="column ${column}"><h6>${name}</h6>${lines}</div>` : ''
  }
  const below = part.of === 'code' ? level : level + 1
  return `<div class="${part.of}">${part.parts.map((one) => markupOf(one, below, played)).join('\n')}</div>`
}

const lineOf = ({ marks, number, text, touched }: MarkedLine): string =>
  `<div${marks && ` data-links="${marks}"`}><b>${marks.padEnd(5)}</b><i>${number && `${number.padStart(4)} `}</i>${escaped(text)}${touched && `<i>  // ${escaped(touched)}</i>`}</div>`

/** Where a small dispatch is played; what the script needs goes to `played`. */
function playerOf({ steps = [], threads, touched, links, wgsl }: DispatchExplanation, played: Played[]): string {
  if (steps.length === 0) return ''
  const cellsOf = (name: string) => {
    const own = steps.filter(({ buffer }) => buffer === name)
    return Math.max(...own.flatMap(({ touches, bytes }) => touches.map(([, at]) => at + bytes))) / 4
  }
  const index = played.length
  played.push({
    threads,
    buffers: touched.filter(({ space }) => space !== 'uniform').map(({ name }) => ({ name, cells: cellsOf(name) })),
    steps: steps.map((step) => {
      const { does, buffer, bytes, touches, file, line } = step
      const position = wgsl.findIndex((one) => one.line === line && one.file.endsWith(`/${file}`))
      return { does, buffer, bytes, touches, text: stepText(step), line: position }
    }),
    links: links.map(({ about, wgsl, twin }) => ({ does: about.split(' ')[0], wgsl, twin })),
  })
  return `<div class="player" data-index="${index}"><div class="controls">
<button type="button" class="back" aria-label="step back">◀</button><button type="button" class="play">▶ play</button><button type="button" class="next" aria-label="step">▶</button>
<input type="range" min="0" max="${steps.length}" value="0" aria-label="step"></div>
<output aria-live="polite"></output><div class="boards"></div></div>`
}

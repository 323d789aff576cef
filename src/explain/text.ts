/** @file An explanation for a terminal. */
import { wrapped } from '../text/terminal.ts'
import type { Explained } from './data.ts'
import { documentOf, type MarkedLine, type Part } from './document.ts'
import type { Fact } from './words.ts'

/** Columns of prose; code has as many as it needs. */
const WIDTH = 110

/** Everything; the code of a program, and what is said of a kernel, once. */
export function toText(explained: Explained): string {
  const said = new Set<string>()
  const lines = documentOf(explained).flatMap((part) => linesOf(part, said))
  return lines.map((line) => line.trimEnd()).join('\n')
}

const indented = (lines: readonly string[], by = 2): string[] => lines.map((line) => ' '.repeat(by) + line)
const broken = (text: string): string[] => wrapped(text, WIDTH).split('\n')

function linesOf(part: Part, said: Set<string>): string[] {
  if ('title' in part) return [part.title]
  if ('list' in part) return indented(part.list.flatMap(broken))
  if ('facts' in part) return indented(columns(part.facts))
  if ('code' in part) return part.code.length > 0 ? ['', ...indented([part.name, ...part.code.map(codeLine)])] : []
  if ('player' in part) return []
  const once = 'prose' in part ? part.prose : part.same
  if (once !== undefined && once.length > WIDTH / 2 && said.has(once)) return []
  if ('prose' in part) {
    said.add(part.prose)
    return indented(broken(part.prose))
  }
  if (once !== undefined && said.has(once)) return indented(['', 'The lines are above.'])
  if (once !== undefined) said.add(once)
  const lines = part.parts.flatMap((one) => linesOf(one, said))
  return ['', ...(part.of === 'code' || part.of === 'pass' ? lines : indented(lines))]
}

/** Names in one column, texts in the next. */
function columns(facts: readonly Fact[]): string[] {
  const width = Math.max(0, ...facts.map(([name]) => name.length)) + 2
  return facts.flatMap(([name, text], i) => {
    const [first, ...rest] = broken(text)
    const head = facts[i - 1]?.[0] === name ? '' : name
    return [head.padEnd(width) + first, ...indented(rest, width)]
  })
}

const codeLine = ({ marks, number, text, touched }: MarkedLine): string =>
  `${marks.padEnd(8)} ${number && `${number.padStart(4)}  `}${text}${touched && `  // ${touched}`}`

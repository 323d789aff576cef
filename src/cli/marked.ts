/** @file Lines of a text, with marks below what is meant. */
import { shown } from '../core/errors.ts'
import { type Fault, faultText } from '../interpreter/faults.ts'

/** What is marked where a fault is not about a variable, or its line does not name it. */
const WORDS: Readonly<Record<string, RegExp>> = {
  barrier: /\b(\w+Barrier|workgroupUniformLoad)\b/g,
  lane: /\b(subgroup|quad)\w+/g,
  endless: /\b(loop|while|for)\b/g,
}
/** Characters of a line that are shown. */
const WIDTH = 100
/** Spaces before the line's number. */
const MARGIN = 7

/** What is said of a line, such as a fault. */
type Told = Pick<Fault, 'line' | 'other' | 'buffer' | 'entry'> & { readonly kind: string }

/** Each fault in a line, its lines of the text below it. */
export function printFaults(faults: readonly Fault[], marked: Marked): void {
  for (const fault of faults) console.log(`${faultText(fault)}\n${marked.place(fault)}\n`)
}

export class Marked {
  private readonly lines: readonly string[]

  constructor(text: string) {
    // WGSL's line breaks, as places count them.
    this.lines = text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/)
  }

  /** A line with a mark below a column; both are counted from 1. */
  at(line: number, column: number): string {
    return this.drawn(line, [[column - 1, 1]])
  }

  /** The line of a fault or a hint, that of the other access before or behind it. */
  place(told: Told): string {
    const { line, other } = told
    const lines = [...new Set([line, other?.line ?? line])].sort((a, b) => a - b)
    return lines.map((each) => this.drawn(each, this.found(each, told))).join('\n')
  }

  private found(line: number, { kind, buffer, entry }: Told): [at: number, length: number][] {
    const text = this.lines[line - 1] ?? ''
    const name = kind === 'order' ? entry : buffer
    // Not the member of that name.
    const word = WORDS[kind] ?? (name === undefined ? /$^/g : new RegExp(`(?<!\\.\\s*)\\b${name}\\b`, 'gu'))
    const all = [...text.matchAll(word)].map(({ index, 0: { length } }): [number, number] => [index, length])
    return all.length > 0 ? all : [[Math.max(0, text.search(/\S/)), text.trim().length]]
  }

  private drawn(line: number, marks: readonly (readonly [at: number, length: number])[]): string {
    const text = (this.lines[line - 1] ?? '').replaceAll('\t', ' ')
    const first = Math.min(...marks.map(([at]) => at))
    // A mark far to the right moves the window.
    const from = first < WIDTH - 20 ? 0 : first - 20
    const below = Array.from({ length: WIDTH }, (_, i) =>
      marks.some(([at, length]) => i + from >= at && i + from < at + length) ? '^' : ' ',
    )
    const window = `${from > 0 ? '…' : ''}${shown(text.slice(from), WIDTH)}`
    const gap = ' '.repeat(MARGIN + (from > 0 ? 1 : 0))
    return `${String(line).padStart(MARGIN - 3)} | ${window}\n${`${gap}${below.join('')}`.trimEnd()}`
  }
}

/**
 * @file What a terminal can show: how wide its lines are, and whether it has colours; and text made to fit. Colour is
 * used on a terminal, never in a pipe, unless NO_COLOR (no-color.org) or FORCE_COLOR say otherwise.
 */

export interface Terminal {
  /** Characters of a line. */
  readonly columns: number
  /** The text in a style, or as it is where there are no colours. Its width on the screen stays the same. */
  paint(style: Style, text: string): string
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'blue'

/** What is written to, as Node's streams say it. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
}
type Environment = Readonly<Record<string, string | undefined>>

/** Codes of ECMA-48 that begin and end a style. */
const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  blue: [34, 39],
}

/** Where nothing says how wide a line may be. */
const COLUMNS = 80

/** No colours, 80 columns: a file. */
export const plain: Terminal = { columns: COLUMNS, paint: (_, text) => text }

/** What an output can show. */
export function terminalOf(out: Output = process.stdout, env: Environment = process.env): Terminal {
  const told = Number(env.COLUMNS)
  const columns = out.columns || (Number.isInteger(told) && told > 0 ? told : COLUMNS)
  if (!hasColours(out, env)) return { ...plain, columns }
  return { columns, paint: (style, text) => `\x1b[${codes[style][0]}m${text}\x1b[${codes[style][1]}m` }
}

function hasColours({ isTTY }: Output, { NO_COLOR, FORCE_COLOR, TERM }: Environment): boolean {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR)
  return isTTY === true && !NO_COLOR && TERM !== 'dumb'
}

/**
 * Text in lines of at most `columns`, broken between its parts; a part that is longer has a line of its own.
 * @param indent  of the lines after the first
 */
export function joined(parts: readonly string[], gap: string, columns: number, indent = ''): string {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + gap.length + part.length <= columns) {
      lines[lines.length - 1] = `${last}${gap}${part}`
    } else lines.push(last === undefined ? part : `${indent}${part}`)
  }
  return lines.join('\n')
}

/** Text whose lines are broken at their spaces; each keeps those it begins with. */
export function wrapped(text: string, columns: number, indent = ''): string {
  const broken = text.split('\n').map((line) => {
    const [start] = /^ */.exec(line) ?? ['']
    const [first, ...rest] = line.slice(start.length).split(' ')
    return joined([start + first, ...rest], ' ', columns, indent)
  })
  return broken.join('\n')
}

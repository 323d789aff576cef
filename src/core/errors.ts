/**
 * @file Every error the engine throws. One format: `op: what is wrong, with the values (what to do)`.
 * Checks live beside the code they guard; only the classes and the throwing helpers live here.
 */

/** Stable machine-readable reasons, for programs that react to an error rather than print it. */
export type ErrorCode = 'argument' | 'device-lost' | 'out-of-memory' | 'limit' | 'index' | 'format' | 'kernel'

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : text

/** What a terminal would obey or not show, but for lines and tabs, as escapes. */
const printable = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)

/**
 * Text of a user or a file as messages quote it: on one line, cut where it is long, and with control and format
 * characters and halves of surrogate pairs as escapes.
 */
export const shown = (text: string, most = 60): string =>
  printable(cut(text, most)).replaceAll('\n', '\\n').replaceAll('\t', '\\t')

/** Characters of each half of a message; what quotes more at once is cut. */
const LONGEST = 2000

/** Base class: `op` names the public function that refused, `code` is stable across versions. */
export class HandgradError extends Error {
  readonly op: string
  readonly code: ErrorCode
  constructor(op: string, what: string, todo?: string, code: ErrorCode = 'argument') {
    super(printable(`${op}: ${cut(what, LONGEST)}${todo ? ` (${cut(todo, LONGEST)})` : ''}`))
    this.name = new.target.name
    this.op = op
    this.code = code
  }
}

/** The device went away (driver reset, `destroy()`); every tensor on it is gone. */
export class DeviceLostError extends HandgradError {
  constructor(op: string, what: string, todo = 'request a new device and restore your last checkpoint') {
    super(op, what, todo, 'device-lost')
  }
}

/** An allocation was refused, by the device or by the engine's own byte limit. */
export class OutOfMemoryError extends HandgradError {
  constructor(op: string, what: string, todo?: string) {
    super(op, what, todo, 'out-of-memory')
  }
}

/** A size exceeds what the adapter offers. */
export class LimitError extends HandgradError {
  constructor(op: string, what: string, todo?: string) {
    super(op, what, todo, 'limit')
  }
}

/** An index is outside its axis, found on the host or, at the next read, by a kernel. */
export class IndexError extends HandgradError {
  constructor(op: string, what: string, todo?: string) {
    super(op, what, todo, 'index')
  }
}

/** The error that an index in a list is outside its axis; `low` is −limit where negative ones count from the end. */
export const indexError = (op: string, position: number, value: number, limit: number, low: number): IndexError =>
  new IndexError(op, `index ${value} at position ${position} is outside [${low}, ${limit})`)

/** A file is missing, truncated, or lies about its contents. */
export class FormatError extends HandgradError {
  constructor(op: string, what: string, todo?: string) {
    super(op, what, todo, 'format')
  }
}

/** A kernel did not compile, or a submit that contained it failed; reads of what it should have written throw this. */
export class KernelError extends HandgradError {
  constructor(op: string, what: string, todo?: string) {
    super(op, what, todo, 'kernel')
  }
}

/** How a wrong argument is shown in an error. */
export function describe(x: unknown): string {
  if (x === null || ['undefined', 'number', 'boolean'].includes(typeof x)) return String(x)
  if (typeof x === 'string') return `'${shown(x)}'`
  const kind = typeof x === 'object' ? (x.constructor?.name ?? 'Object') : typeof x
  return `${/^[AEIOU]/i.test(kind) ? 'an' : 'a'} ${kind.replace(/^(Object|Array)$/, kind.toLowerCase())}`
}

/** Refuse a name that a function does not take: says those that it does, the nearest one first. */
export function failOption(op: string, name: string, known: readonly string[]): never {
  const near = nearest(name, known)
  return fail(op, `there is no option ${shown(name)}`, `${near ? `did you mean ${near}? ` : ''}${takes(known)}`)
}

/** What a function takes, for errors. */
export const takes = (known: readonly string[]): string =>
  `it takes ${known.length > 0 ? `{ ${known.join(', ')} }` : 'no options'}`

/** Refuse what is not an object of these options. */
export function checkOptions(op: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    fail(op, `the options are ${describe(options)}`, takes(known))
  for (const name in options) if (!known.includes(name)) failOption(op, name, known)
}

/** The name that a misspelt one comes nearest to: up to two letters away, and no more than half of them. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const far = known.map((one) => [distance(plain(name), plain(one)), one] as const)
  const [least] = far.filter(([d, one]) => d < 3 && 2 * d <= one.length).sort(([a], [b]) => a - b)
  return least?.[1]
}

/** Snake case and upper case make no difference. */
const plain = (name: string): string => name.replaceAll('_', '').toLowerCase()

/** Letters to add, drop or change on the way from a to b. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) next.push(Math.min(row[j] + Number(a[i] !== b[j]), row[j + 1] + 1, next[j] + 1))
    row = next
  }
  return row[b.length]
}

/** Refuse bad input: throws {@link HandgradError} with the house format. */
export function fail(op: string, what: string, todo?: string): never {
  throw new HandgradError(op, what, todo)
}

/** Refuse a bad file: throws {@link FormatError}. */
export function failFormat(op: string, what: string, todo?: string): never {
  throw new FormatError(op, what, todo)
}

/** Refuse an index outside its axis: throws {@link IndexError}. */
export function failIndex(op: string, what: string, todo?: string): never {
  throw new IndexError(op, what, todo)
}

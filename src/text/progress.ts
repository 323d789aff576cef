/** @file Progress of a long job: a bar that rewrites its line on a terminal, plain lines now and then elsewhere. */
import { type Terminal, terminalOf } from './terminal.ts'

/** Where lines go, such as a terminal. */
export interface Out {
  /** Write a part of a line. */
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

export interface ProgressOptions {
  /** Where it is written; default: standard output. */
  out?: Out
  /** Rewrite one line; default: `out` is a terminal and no CI runs. */
  live?: boolean
  /** Colours and width; default: those of `out`. */
  terminal?: Terminal
}

/** Characters of the bar; it shrinks where the line is short. */
const WIDTH = 24
const LEAST = 5
/** Milliseconds between two drawings of the bar. */
const PAUSE = 80
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A measure: `0.1235`, `1.500e-7`. */
export const figure = (x: number): string => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(3) : x.toFixed(4))

/** `60,000`. */
export const count = (n: number): string => n.toLocaleString('en-US')

/** `0:07`, `12:05`, `1:02:03`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–:––'
  const total = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  if (parts[0] === 0) parts.shift()
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** `████▌     `: the fraction in eighths of a character. */
export function bar(fraction: number, width = WIDTH): string {
  const eighths = Math.round(Math.min(Math.max(fraction, 0), 1) * width * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
  return full + '░'.repeat(width - full.length)
}

/** Shows lines of the form `title bar 61 % details`. */
export class Progress {
  readonly live: boolean
  private readonly out: NonNullable<ProgressOptions['out']>
  private readonly fixed: Terminal | undefined
  private drawnAt = -Infinity
  private tenth = 0
  private shown = 0

  constructor(options: ProgressOptions = {}) {
    this.out = options.out ?? process.stdout
    this.live = options.live ?? (this.out.isTTY === true && !process.env.CI)
    this.fixed = options.terminal
  }

  /** Asked for each line, because terminals change their size. */
  private get terminal(): Terminal {
    return this.fixed ?? terminalOf(this.out)
  }

  /**
   * How far it is, 0 … 1, and figures with two spaces between them, the less important ones last. Draws when it is time
   * to: the bar a few times a second, a plain line every tenth.
   */
  update(title: string, fraction: number, details: string): void {
    const percent = `${Math.floor(fraction * 100)}%`.padStart(4)
    if (!this.live) {
      const tenth = Math.floor(fraction * 10 + 1e-9)
      if (tenth !== this.tenth && fraction > 0) this.out.write(`${title} ${percent}  ${details}\n`)
      this.tenth = tenth
      return
    }
    const now = performance.now()
    if (now - this.drawnAt < PAUSE && fraction < 1) return
    this.drawnAt = now
    const { columns, paint } = this.terminal
    const room = columns - 1
    // The last details go first: a figure cut in two would be a wrong one.
    let shown = details
    while (shown.includes('  ') && `${title}  ${percent}  ${shown}`.length + LEAST > room) {
      shown = shown.slice(0, shown.lastIndexOf('  '))
    }
    const width = Math.max(LEAST, Math.min(WIDTH, room - `${title}  ${percent}  ${shown}`.length))
    const head = `${title} ${bar(fraction, width)}`.slice(0, room)
    const rest = ` ${percent}  ${shown}`.slice(0, room - head.length)
    const painted = `${head.slice(0, title.length + 1)}${paint('blue', head.slice(title.length + 1))}${rest}`
    this.out.write(`\r${painted}${' '.repeat(Math.max(0, this.shown - head.length - rest.length))}`)
    this.shown = head.length + rest.length
  }

  /** Take the bar away and write a line in its place. */
  done(line: string): void {
    if (this.live) this.out.write(`\r${' '.repeat(this.shown)}\r`)
    this.out.write(`${line}\n`)
    this.tenth = 0
    this.shown = 0
    this.drawnAt = -Infinity
  }
}

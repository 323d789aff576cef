/** @file The body of one generated function as it is written, statement by statement. */
import type { Emitter } from './value.ts'

/** What needs no name of its own: names, and numbers in parentheses or without sign. */
const SIMPLE = /^(\w+|\d+(\.\d+)?(e[+-]?\d+)?|\(-\d+(\.\d+)?(e[+-]?\d+)?\))$/

/** Numbers that make names: those of functions are apart, so that all functions of a program may share one. */
export interface Counter {
  next: number
  /** Lines written so far. */
  lines: number
}

/**
 * Lines of a whole program: twenty times what the engine's longest kernel has, and less than engines have stack for.
 */
const MOST_LINES = 100_000

/** Thrown where a program is too long. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

export class Writer implements Emitter {
  private readonly counter: Counter
  private readonly lines: string[] = []
  /** Variables that are declared on top: a `continuing` block of WGSL sees what is declared in the block before it. */
  private readonly declared: string[] = []

  constructor(counter: Counter) {
    this.counter = counter
  }

  line(js: string): void {
    if (++this.counter.lines > MOST_LINES) throw new TooLong()
    this.lines.push(js)
  }

  /** A name that stands for nothing yet. */
  unused(): string {
    return `t${this.counter.next++}`
  }

  name(js: string): string {
    return SIMPLE.test(js) ? js : this.fresh(js)
  }

  /** A name for what an expression is now, even if that is the name of something that changes. */
  fresh(js: string): string {
    const name = this.unused()
    this.line(`const ${name} = ${js}`)
    return name
  }

  /** A variable of the whole function. */
  variable(): string {
    const name = this.unused()
    this.declared.push(name)
    return name
  }

  /** Statements within braces; what they name is not seen after them. */
  block(head: string, body: () => void): void {
    this.line(`${head}{`)
    body()
    this.line('}')
  }

  text(): string {
    const declared = this.declared.length > 0 ? `let ${this.declared.join(', ')}\n` : ''
    return declared + this.lines.join('\n')
  }
}

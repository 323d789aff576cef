/**
 * @file What a program of examples/ must reach, said once: for its test (examples.test.ts, examples.webgpu.test.ts) and
 * for `npm run examples`, which runs the full sizes. Each program has a file in cases/.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Device } from 'handgrad'

/**
 * How large a program is run: `usual` is what it does without options (a few seconds on a CPU), `small` a part of it
 * for software adapters, `full` what the text asks for, which may take a quarter of an hour.
 */
export type Size = 'small' | 'usual' | 'full'

/** What was asked, and whether it is so: `{ 'accuracy ≥ 0.98': accuracy >= 0.98 }`. */
export type Goals = Readonly<Record<string, boolean>>

export interface Example<R = unknown, O = object> {
  /** Below examples/: `xor.ts`. */
  readonly file: string
  /** What it reaches, in a sentence: the name of its test. */
  readonly reaches: string
  readonly main: (device: Device, options?: O) => Promise<R>
  /** Options of sizes other than the usual; without `full` the usual size is the full one. */
  readonly small?: O
  readonly full?: O
  readonly goals: (result: R, size: Size, device: Device) => Goals
  /** The figure that it is about, for the table of `npm run examples`. */
  readonly says: (result: R) => string
  /** Charts that its chapter shows, besides NAME.svg. */
  readonly pictures?: readonly string[]
  /** What is another in each run (times): replaced by `…` where its output is kept. */
  readonly varies?: RegExp
}

/** With the name of its file in cases/: its own, or that of its folder too (short-cnn). */
export type Named = Example & { readonly name: string }

/** A case of cases/. Its functions fit each other; who runs it need not know what they give and take. */
export const example = <R, O extends object>(one: Example<R, O>): Example =>
  // A function of R is none of unknown: `play` gives it nothing but the R of its own program.
  one as unknown as Example

export interface Played {
  /** Goals that were missed, with what the program says it reached. */
  readonly missed: readonly string[]
  readonly says: string
  /** All that it printed. */
  readonly printed: string
  /** The charts of its chapter, by file name. */
  readonly pictures: Readonly<Record<string, string>>
}

/** Runs a program; what it prints and writes is kept from the terminal and the tree. */
export async function play(one: Example, device: Device, size: Size): Promise<Played> {
  const { file, main, goals, says, varies } = one
  const options = { small: one.small, usual: undefined, full: one.full }[size]
  const out = mkdtempSync(join(tmpdir(), 'handgrad-'))
  const lines: string[] = []
  const log = console.log
  console.log = (...parts: unknown[]) => void lines.push(parts.map(String).join(' '))
  try {
    const result = await main(device, { ...options, out })
    const missed = Object.entries(goals(result, size, device)).flatMap(([goal, met]) => (met ? [] : [goal]))
    const printed = lines.join('\n').replaceAll(out, 'runs').replaceAll('runs\\', 'runs/')
    const wanted = [file.replace(/.*\//, '').replace('.ts', ''), ...(one.pictures ?? [])].map((name) => `${name}.svg`)
    const written = readdirSync(out).filter((name) => wanted.includes(name))
    return {
      missed: missed.map((goal) => `${goal} (it says: ${says(result)})`),
      says: says(result),
      printed: varies ? printed.replace(varies, '…') : printed,
      pictures: Object.fromEntries(written.map((name) => [name, readFileSync(join(out, name), 'utf8')])),
    }
  } finally {
    console.log = log
    rmSync(out, { recursive: true })
  }
}

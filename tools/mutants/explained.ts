/** @file Mutants that no input tells from the original, with the reason: explained.json. */
import { readFileSync } from 'node:fs'
import { linesOf, type Mutant } from './mutant.ts'

interface Explained {
  readonly file: string
  readonly original: string
  readonly mutated: string
  readonly cause: string
}
const explained = JSON.parse(readFileSync(new URL('explained.json', import.meta.url), 'utf8')) as Explained[]

/** Why nobody can notice it, where that is known; `text` is that of its file. */
export function causeOf(text: string, mutant: Mutant): string | undefined {
  const { before, after } = linesOf(text, mutant)
  return explained.find((e) => e.file === mutant.file && e.original === before && e.mutated === after)?.cause
}

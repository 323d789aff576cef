/**
 * @file The lines of WGSL that a dispatch runs: its entry point, what that names in its own file, the functions of
 * shaders/lib that touch memory, and of a switch over op codes the case that is taken. What else it calls is named.
 */
import type { Source } from '../core/contract.ts'
import type { Constants, Kernel } from '../core/kernel.ts'
import { codeOf } from '../webgpu/code.ts'
import type { Counts } from './counts.ts'
import type { CodeLine, DispatchExplanation } from './data.ts'

/** Something declared at the top of a file. */
interface Chunk {
  readonly file: string
  readonly name: string
  /** Numbers of its first and last line. */
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

export interface Listing {
  readonly file: string
  /** Of the entry point. */
  readonly line: number
  readonly lines: readonly CodeLine[]
  readonly unlisted: readonly Chunk[]
}

const DECLARED = /\b(?:fn|struct|const|override|alias|var(?:<[^>]*>)?)\s+(\w+)/
/** A shader's file as faults name it. */
const short = (file: string): string => file.replace(/^shaders\//, '')

/** Of an entry point of a kernel, with the counts of its lines. */
export function listingOf(kernel: Kernel, entry: string, constants: Constants, counts: Counts): Listing {
  const { modules } = codeOf(kernel)
  const module = modules.find(({ entries }) => entries.includes(entry)) ?? modules[0]
  const { source, libs } = module
  const own = chunksOf(source)
  const all = [...libs.flatMap(chunksOf), ...own]
  const codes = codesOf(kernel, constants)
  const reached = reachedFrom(all, entry, codes)
  const listed = new Map<Chunk, readonly number[]>()
  for (const chunk of reached) {
    const lines = chunk.lines.map((_, i) => i).filter((i) => chunk.lines[i] !== '')
    const cases = caseLines(chunk, codes)
    if (cases) listed.set(chunk, cases)
    else if (own.includes(chunk) || counts.has(short(chunk.file), chunk.from, chunk.to)) listed.set(chunk, lines)
  }
  const first = own.find(({ name }) => name === entry)
  // The file's own lines come first, as the reader begins there.
  const order = [...listed.keys()].sort((a, b) => Number(own.includes(b)) - Number(own.includes(a)))
  return {
    file: source.file,
    line: (first?.from ?? 1) + Math.max(first?.lines.findIndex((line) => line.includes(`fn ${entry}`)) ?? 0, 0),
    lines: order.flatMap((chunk) => (listed.get(chunk) ?? []).map((i) => lineOf(chunk, i, counts))),
    unlisted: reached.filter((chunk) => !listed.has(chunk) && chunk.lines.some((line) => /^\s*fn /.test(line))),
  }
}

/** Functions that are called and not listed. */
export const callsOf = ({ unlisted }: Listing): DispatchExplanation['calls'] =>
  unlisted.map(({ name, file, from }) => ({ name, file, line: from }))

/** The declarations of a file, in order. */
function chunksOf({ file, text }: Source): Chunk[] {
  const chunks: Chunk[] = []
  let [depth, from] = [0, -1]
  const lines = text.split('\n')
  lines.forEach((line, i) => {
    if (from < 0 && line.trim() === '') return
    if (from < 0) from = i
    depth += (line.match(/[{(]/g)?.length ?? 0) - (line.match(/[})]/g)?.length ?? 0)
    if (depth > 0 || !/[;}]\s*$/.test(line)) return
    const own = lines.slice(from, i + 1)
    const name = own.join('\n').match(DECLARED)?.[1]
    if (name) chunks.push({ file, name, from: from + 1, to: i + 1, lines: own })
    from = -1
  })
  return chunks
}

/** What an entry point names, and what that names, in the order of the text. */
function reachedFrom(all: readonly Chunk[], entry: string, codes: readonly string[]): Chunk[] {
  const byName = new Map<string, Chunk[]>()
  for (const chunk of all) byName.set(chunk.name, [...(byName.get(chunk.name) ?? []), chunk])
  const seen = new Set<Chunk>()
  const waiting = [...(byName.get(entry) ?? [])]
  for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
    if (seen.has(chunk)) continue
    seen.add(chunk)
    const { lines } = chunk
    const run = caseLines(chunk, codes)?.map((i) => lines[i]) ?? lines
    for (const [word] of run.join('\n').matchAll(/[A-Za-z_]\w*/g)) waiting.push(...(byName.get(word) ?? []))
  }
  return all.filter((chunk) => seen.has(chunk))
}

/** Overrides whose values are op codes, or what else the contract has names for. */
const CODED = ['OP', 'KIND']

/** Names of the contract's constants that are taken: op codes, which the text compares with. */
export function codesOf(kernel: Kernel, constants: Constants): string[] {
  const { consts } = kernel
  const taken = Object.keys(consts).filter((name) => CODED.some((override) => constants[override] === consts[name]))
  const texts = codeOf(kernel).modules.flatMap(({ source, libs }) => [source, ...libs].map(({ text }) => text))
  return taken.filter((name) => texts.some((text) => new RegExp(`(case (\\w+, )*|== ?)${name}\\b`).test(text)))
}

/** Of a switch over op codes the line of the function, and the case that is taken; null for all else. */
function caseLines({ lines }: Chunk, codes: readonly string[]): number[] | null {
  if (lines.filter((line) => /^\s*case [A-Z]/.test(line)).length < 8) return null
  const head = lines.findIndex((line) => /^\s*fn /.test(line))
  const taken: number[] = []
  for (const code of codes) {
    const from = lines.findIndex((line) => new RegExp(`\\bcase (\\w+, )*${code}\\b`).test(line))
    if (from < 0) continue
    let depth = 0
    for (let i = from; i < lines.length; i++) {
      taken.push(i)
      depth += (lines[i].match(/\{/g)?.length ?? 0) - (lines[i].match(/\}/g)?.length ?? 0)
      if (depth <= 0) break
    }
  }
  return taken.length > 0 ? [head, ...taken] : null
}

function lineOf({ file, from, lines }: Chunk, i: number, counts: Counts): CodeLine {
  const line = from + i
  const found = counts.at(short(file), line)
  const texts = (map: ReadonlyMap<string, number> | undefined) => [...(map ?? [])].map(([name, n]) => `${name} ${n}`)
  return { file, line, text: lines[i], reads: texts(found?.reads), writes: texts(found?.writes) }
}

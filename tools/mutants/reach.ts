/**
 * @file Which entry points of which kernels run a place in a WGSL file, under which constants, so that only rows are
 * tried that launch it.
 */
import type { ShaderModule } from '../../src/core/contract.ts'
import { type Fn, functionsOf } from './shaders.ts'

type Modules = Readonly<Record<string, readonly ShaderModule[]>>

/** An entry point that runs a function, and under which `case` labels; null: always. */
export interface Reach {
  readonly kernel: string
  readonly entry: string
  readonly labels: ReadonlySet<string> | null
}

/** Names after `case` of the innermost case that position i of a function is in, null where it is in none. */
function labelsAt({ tokens }: Fn, at: number): ReadonlySet<string> | null {
  const open: (ReadonlySet<string> | null)[] = []
  for (let i = 0; i < tokens.length && tokens[i].at < at; i++) {
    if (tokens[i].text === '{') {
      let j = i - 1
      if (tokens[j]?.text === ':') j--
      const labels: string[] = []
      while (j > 0 && /^(\w+|,)$/.test(tokens[j].text) && tokens[j].text !== 'case') labels.push(tokens[j--].text)
      open.push(tokens[j]?.text === 'case' ? new Set(labels.filter((l) => l !== ',')) : null)
    } else if (tokens[i].text === '}') open.pop()
  }
  return open.findLast((labels) => labels !== null) ?? null
}

/** The entry points by which position `at` of a file is run. */
export function reachOf(modules: Modules, file: string, at: number): Reach[] {
  const found: Reach[] = []
  for (const [kernel, list] of Object.entries(modules)) {
    for (const module of list) {
      const sources = [...module.libs, module.source]
      if (!sources.some((s) => s.file === file)) continue
      const functions = sources.flatMap((s) => functionsOf(s.text).map((fn) => ({ fn, file: s.file })))
      const target = functions.find(({ fn, file: f }) => f === file && fn.start <= at && at < fn.end)?.fn
      if (!target) continue
      const places = new Map<Fn, Map<Fn, number[]>>() // who calls whom, where
      for (const { fn } of functions) {
        const calls = new Map<Fn, number[]>()
        fn.tokens.forEach((t, i) => {
          if (fn.tokens[i + 1]?.text !== '(') return
          const callee = functions.find((other) => other.fn.name === t.text)?.fn
          if (callee) calls.set(callee, [...(calls.get(callee) ?? []), t.at])
        })
        places.set(fn, calls)
      }
      /** Ways from an entry to a function: entry name to labels (null: unconditionally). */
      const ways = (fn: Fn, own: ReadonlySet<string> | null, seen: readonly Fn[]): Map<string, Set<string> | null> => {
        const result = new Map<string, Set<string> | null>()
        const add = (entry: string, labels: ReadonlySet<string> | null): void => {
          const known = result.get(entry)
          if (known === null) return
          result.set(entry, labels === null ? null : new Set([...(known ?? []), ...labels]))
        }
        if (fn.entry) add(fn.name, own)
        for (const [caller, calls] of places) {
          if (seen.includes(caller)) continue
          for (const position of calls.get(fn) ?? [])
            for (const [entry, labels] of ways(caller, own ?? labelsAt(caller, position), [...seen, caller]))
              add(entry, labels)
        }
        return result
      }
      for (const [entry, labels] of ways(target, labelsAt(target, at), [target])) found.push({ kernel, entry, labels })
    }
  }
  return found
}

/** Value of a `const` of a kernel's files, or of a literal. */
export function numberOf(modules: Modules, kernel: string, label: string): number {
  if (/^\d/.test(label)) return Number.parseInt(label, 10)
  const sources = (modules[kernel] ?? []).flatMap(({ libs, source }) => [...libs, source])
  const text = sources.map((source) => source.text).join('\n')
  return Number(new RegExp(`\\bconst\\s+${label}\\b[^=]*=\\s*(\\d+)`).exec(text)?.[1])
}

/** An entry point that ran, and its override constants. */
export interface Ran {
  readonly kernel: string
  readonly entry: string
  readonly values: readonly number[]
}

/** Tells which of what ran are ways to a place, as texts. */
export function waysTo(modules: Modules, file: string, at: number): (ran: readonly Ran[]) => string[] {
  const reached = reachOf(modules, file, at).map(({ kernel, entry, labels }) => ({
    kernel,
    entry,
    values: labels && [...labels].map((label) => numberOf(modules, kernel, label)),
  }))
  return (ran) =>
    ran.flatMap(({ kernel, entry, values }) =>
      reached.some(
        (r) => r.kernel === kernel && r.entry === entry && (!r.values || r.values.some((v) => values.includes(v))),
      )
        ? [`${kernel} ${entry} ${values}`]
        : [],
    )
}

/** @file The whole of a generated program: the text around its functions, and what runs it from outside. */
import type { FunctionDeclaration } from '../../wgsl/tree.ts'
import { zeroOf } from '../../wgsl/values.ts'
import * as arithmetic from '../arithmetic.ts'
import type { Me } from '../me.ts'
import type { Wait } from '../schedule.ts'
import type { Shadow } from '../shadow.ts'
import { Body } from './body.ts'
import { value } from './expressions.ts'
import { entryArguments, functionText } from './functions.ts'
import { type Code, Generator, type Pipeline, partCount, type Root, type Site, type Tainted } from './generator.ts'
import { placeOfRoot, store } from './places.ts'
import { constantParts } from './scalars.ts'
import { TooLong } from './writer.ts'

/** Memory as generated code sees it, see places.ts. */
export interface Views {
  readonly f: Float32Array
  readonly i: Int32Array
  readonly u: Uint32Array
  readonly h: Uint16Array
  /** Undefined: of buffers a mark for each word, else a site for each unit. */
  readonly x: Uint8Array | Int32Array
  readonly s: Shadow | undefined
  /** Units in all, and of the tensor alone. */
  readonly n: number
  readonly e: number
  /** No undefined data may be written there. */
  readonly t: boolean
}

/** What generated code calls. */
export interface Handlers {
  readonly me: Me
  /** An index that is out of range; what to take in its place. */
  outside(site: number, index: number, count: number): number
  /** A write after the tensor's last element. */
  beyond(site: number, unit: number): void
  /** Undefined data from `origin` made an address or decided (unit −1), or was written. */
  tainted(site: number, origin: number, unit: number): void
  endless(site: number): never
  /** A weak exchange fails without a reason. */
  weak(): boolean
  trace(site: number, does: 'read' | 'write' | 'atomic', unit: number, bytes: number): void
}

export interface Machine {
  bind(id: string, views: Views): void
  /** Before a thread runs: where its memory begins, its steps so far, the most it may take. */
  enter(frame: number, steps: number, limit: number): void
  /** Begins the thread that was entered: runs it to its end, or gives what runs it from wait to wait. */
  start(): Running
  readonly steps: number
  readonly accesses: number
  readonly flops: number
}
type Running = globalThis.Generator<Wait, void, unknown> | undefined

export interface Generated {
  readonly machine: Machine
  readonly sites: readonly Site[]
  readonly roots: readonly Root[]
  readonly waiting: boolean
  readonly workgroupUnits: number
  readonly threadUnits: number
  readonly unit: 2 | 4
}

const LETTERS = ['f', 'i', 'u', 'h', 'x', 's', 'n', 'e', 't'] as const
const HANDLERS = ['outside', 'beyond', 'tainted', 'endless', 'weak', 'trace'] as const

/** Most scalars that functions return, or as many as there are names for. */
const resultsOf = (g: Generator): number =>
  Math.max(0, ...[...g.instances.values()].map(({ target }) => partCount(target.result ?? { kind: 'void' })))

/** What was found with other overrides may be undefined here, too: to ask once too often costs little. */
const knownTaint = new WeakMap<FunctionDeclaration, Tainted>()

/** Generates, as often as it takes until no more is known to be undefined at times. */
export function generate(pipeline: Pipeline, code: Code, handlers: Handlers): Generated {
  const { entry, waiting } = pipeline
  const tainted = knownTaint.get(entry) ?? new Set()
  knownTaint.set(entry, tainted)
  for (;;) {
    const before = tainted.size
    const g = new Generator(pipeline, code, tainted)
    const text = explained(g)
    if (tainted.size > before) continue
    const make = new Function('arithmetic', 'handlers', text) as (a: typeof arithmetic, h: Handlers) => Machine
    return {
      machine: make(arithmetic, handlers),
      sites: g.sites,
      roots: [...g.roots.values()],
      waiting: waiting.has(entry),
      workgroupUnits: g.workgroupUnits,
      threadUnits: g.threadUnits,
      unit: g.unit,
    }
  }
}

/** The text, or what is wrong with its length. */
function explained(g: Generator): string {
  const { entry, module } = g.pipeline
  try {
    return programText(g)
  } catch (error) {
    if (!(error instanceof TooLong)) throw error
    const what = `${entry.name} with what it calls is too long to be interpreted`
    throw module.source.error(entry.nameAt, what, 'write loops, or fewer functions by pointers')
  }
}

function programText(g: Generator): string {
  const { entry } = g.pipeline
  const instance = g.instance(
    entry,
    entry.params.map(() => undefined),
  )
  const functions: string[] = []
  for (let next = g.next(); next; next = g.next()) functions.push(functionText(g, next))
  const initial = privateValues(g)
  const ids = [...new Set([...[...g.roots.values()].map(({ id }) => id), 'w', 'f'])]
  const results = resultsOf(g)
  const numbered = (letter: string) => Array.from({ length: results }, (_, i) => `${letter}${i} = 0`)
  const variables = [
    'steps = 0',
    'limit = 0',
    'fp = 0',
    'accesses = 0',
    'flops = 0',
    ...numbered('r'),
    ...numbered('q'),
  ]
  return `'use strict'
const { ${Object.keys(arithmetic).join(', ')} } = arithmetic
const { me, ${HANDLERS.join(', ')} } = handlers
let ${variables.join(', ')}
let ${ids.flatMap((id) => LETTERS.map((letter) => id + letter)).join(', ')}
${g.tables.map((table, i) => `const c${i} = ${table}`).join('\n')}
${functions.join('\n')}
return {
  bind(id, views) {
    switch (id) {
${ids.map((id) => `      case '${id}': { ${LETTERS.map((letter) => `${id}${letter} = views.${letter}`).join('; ')}; break }`).join('\n')}
    }
  },
  enter(frame, done, most) { fp = frame; steps = done; limit = most },
  start() {
${initial}
    return ${instance.name}(${entryArguments(g, entry.params).join(', ')})
  },
  get steps() { return steps },
  get accesses() { return accesses },
  get flops() { return flops },
}`
}

/** Sets the variables that each thread has for itself. */
function privateValues(g: Generator): string {
  const { entry } = g.pipeline
  const body = new Body(g, { name: '', target: entry, roots: [] }, new Set())
  for (const variable of entry.uses ?? []) {
    if (variable.space !== 'private' || !variable.type) continue
    const { type, initializer } = variable
    const initial = initializer ? value(body, initializer) : { type, parts: constantParts(zeroOf(type)) }
    store(body, placeOfRoot(g.rootOf(variable)), initial, variable.at)
  }
  return body.w.text()
}

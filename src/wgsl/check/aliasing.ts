/**
 * @file No memory is written through one name while it is read or written through another.
 * Source: WGSL, section "Alias Analysis".
 */
import type { Call, Expression, FunctionDeclaration, Param, Statement, Variable } from '../tree.ts'
import type { Type } from '../types.ts'
import { type Context, fail, lineOf, operandsOf, partsOf, visit } from './context.ts'
import { textOf } from './text.ts'

/** A variable, or a parameter that is a pointer. */
export type Root = Variable | Param

/** Of a `let` that is a pointer. */
const roots = new WeakMap<Root, Root | undefined>()

/** The variable or parameter through which memory is reached, of an expression that is a reference or a pointer. */
export function rootOf(expression: Expression): Root | undefined {
  const lets: Variable[] = []
  let root: Root | undefined
  for (let e: Expression | undefined = expression; e && !root; ) {
    if (e.kind === 'unary') e = e.operand
    else if (e.kind === 'index' || e.kind === 'member') e = e.of
    else if (e.kind === 'identifier' && e.target?.kind === 'variable' && e.target.form === 'let') {
      root = roots.get(e.target)
      lets.push(e.target)
      e = e.target.initializer
    } else {
      root = e.kind === 'identifier' ? (e.target as Root) : undefined
      break
    }
  }
  for (const one of lets) roots.set(one, root)
  return root
}

/** Where a function, or one that it calls, reads and writes what is declared outside of it. */
interface Accesses {
  readonly reads: Map<Root, number>
  readonly writes: Map<Root, number>
}

export function checkAliasing(c: Context, functions: readonly FunctionDeclaration[]): void {
  const known = new Map<FunctionDeclaration, Accesses>()
  for (const f of functions) known.set(f, accessesOf(c, f, known))
}

function accessesOf(c: Context, f: FunctionDeclaration, known: ReadonlyMap<FunctionDeclaration, Accesses>): Accesses {
  const found: Accesses = { reads: new Map(), writes: new Map() }
  statement(f.body)
  return found

  function add(to: keyof Accesses, root: Root | undefined, at: number): void {
    if (!root || (root.kind === 'variable' && root.space === 'function') || found[to].has(root)) return
    found[to].set(root, at)
  }

  function statement(s: Statement): void {
    const to = s.kind === 'assign' || s.kind === 'step' ? s.target : undefined
    if (to) {
      named(to)
      add('writes', rootOf(to), to.at)
      if (s.kind === 'step' || (s.kind === 'assign' && s.operator)) add('reads', rootOf(to), to.at)
    }
    const parts = partsOf(s)
    visit(to ? parts.filter((part) => part !== to) : parts, expression, statement)
  }

  /** An expression whose value is taken: memory is loaded. */
  function expression(e: Expression): void {
    if (e.type?.kind === 'reference') add('reads', rootOf(e), e.at)
    named(e)
  }

  /** An expression that may name memory: what a part is of, and what is pointed to, is not loaded; indices are. */
  function named(e: Expression): void {
    const [first, ...rest] = operandsOf(e)
    const names = e.kind === 'index' || e.kind === 'member' || (e.kind === 'unary' && e.operator === '&')
    if (isSwizzle(e)) add('reads', rootOf(e), e.at)
    if (names) named(first)
    else if (first) expression(first)
    rest.forEach(expression)
    if (e.kind === 'call') callOf(e)
  }

  function callOf(e: Call): void {
    if (e.meaning?.kind === 'builtin') {
      const root = e.args.length > 0 ? pointerRoot(e.args[0]) : undefined
      const { name } = e.meaning
      if (name === 'arrayLength') return
      if (name !== 'atomicStore') add('reads', root, e.at)
      if (name !== 'atomicLoad' && name !== 'workgroupUniformLoad') add('writes', root, e.at)
    }
    if (e.meaning?.kind !== 'function') return
    const { target } = e.meaning
    const inner = known.get(target) as Accesses
    checkArguments(c, e, target, inner)
    for (const of of ['reads', 'writes'] as const) {
      for (const [root] of inner[of]) if (root.kind === 'variable') add(of, root, e.at)
      target.params.forEach((param, i) => {
        if (inner[of].has(param)) add(of, pointerRoot(e.args[i]), e.args[i].at)
      })
    }
  }
}

const pointerRoot = (e: Expression): Root | undefined => ((e.type as Type).kind === 'pointer' ? rootOf(e) : undefined)

/** Refuses a call whose arguments let the function reach memory in two ways, one of which writes. */
function checkArguments(c: Context, e: Call, target: FunctionDeclaration, { reads, writes }: Accesses): void {
  const passed = new Map<Root, { readonly written: boolean; readonly read: boolean }>()
  target.params.forEach((param, i) => {
    const arg = e.args[i]
    const root = pointerRoot(arg)
    if (!root) return
    const [read, written] = [reads.has(param), writes.has(param)]
    const refuse = (what: string): never =>
      fail(c, arg.at, `${textOf(arg, 'the argument')} is ${root.name}, ${what}`, 'pass a copy')
    const before = passed.get(root) ?? { read: false, written: false }
    if ((written && (before.written || before.read)) || (before.written && read)) {
      refuse(`which ${target.name} is given twice and writes to`)
    }
    passed.set(root, { written: written || before.written, read: read || before.read })
    const at = writes.get(root)
    if (at !== undefined && (read || written))
      refuse(`which ${target.name} writes to by name, too, in ${lineOf(c, at)}`)
    const readAt = reads.get(root)
    if (readAt !== undefined && written) refuse(`which ${target.name} reads by name, too, in ${lineOf(c, readAt)}`)
  })
}

/** Several components of memory are loaded at once: `v.xy`. */
export const isSwizzle = (e: Expression): boolean =>
  e.kind === 'member' &&
  (e.indices?.length ?? 0) > 1 &&
  (e.of.type?.kind === 'reference' || e.of.type?.kind === 'pointer')

/**
 * @file What each name stands for, and in which order the declarations of the module are checked: each after those
 * that it names. It recurses as deep as the parser lets a program be.
 * Source: WGSL, section "Declaration and Scope".
 */
import type { Source } from '../source.ts'
import type {
  Attribute,
  Declaration,
  Expression,
  FunctionDeclaration,
  Identifier,
  Jump,
  Loop,
  Module,
  Statement,
  Target,
  Variable,
} from '../tree.ts'
import { fail, lineOf, operandsOf, partsOf, visit } from './context.ts'

/** Of variables by functions and what they call: no limit of the specification; programs by hand are far below. */
const USES = 500_000

/** Attributes whose arguments are names that nothing declares: `@builtin(workgroup_id)`. */
const NAMES_ONLY = new Set(['builtin', 'diagnostic', 'interpolate'])

type Scope = Map<string, Target>

/** Sets `target` of identifiers, `calls` and `uses` of functions, and returns the declarations in order. */
export function resolveNames({ source, declarations }: Module): readonly Declaration[] {
  const scopes: Scope[] = [new Map()]
  /** Per scope of a loop's body whose `continuing` is being read: the `continue`s of the loop. */
  const continuing = new Map<Scope, readonly Jump[]>()
  /** The `continue`s of the loops around, innermost last. */
  const loops: Jump[][] = []
  const names = new Map<Declaration, Set<Declaration>>()
  let named = new Set<Declaration>()

  for (const d of declarations) if (d.kind !== 'const-assert') declare(d)
  for (const d of declarations) {
    names.set(d, (named = new Set()))
    declaration(d)
  }
  const order = ordered(source, declarations, names)
  collectUses(source, order, names)
  return order

  function declare(target: Target): void {
    const scope = scopes[scopes.length - 1]
    const before = scope.get(target.name)
    const at = 'nameAt' in target ? target.nameAt : target.at
    if (before) {
      const where = lineOf({ source }, 'nameAt' in before ? before.nameAt : before.at)
      fail({ source }, at, `${target.name} is declared twice in one scope, first in ${where}`, 'rename one')
    }
    scope.set(target.name, target)
  }

  function resolve(e: Identifier): void {
    for (let i = scopes.length - 1; i >= 0; i--) {
      const target = scopes[i].get(e.name)
      if (!target) continue
      e.target = target
      if (i === 0) named.add(target as Declaration) // params are in functions
      const skipping = continuing.get(scopes[i])?.find((jump) => jump.at < target.at)
      if (skipping) {
        const what = `this continue jumps over ${e.name} of ${lineOf({ source }, target.at)}, which continuing uses`
        fail({ source }, skipping.at, what, `declare ${e.name} before the continue`)
      }
      return
    }
  }

  function expression(e: Expression | undefined): void {
    if (!e) return
    if (e.kind === 'call') expression(e.callee)
    if (e.kind === 'identifier') {
      resolve(e)
      e.template?.forEach(expression)
    }
    operandsOf(e).forEach(expression)
  }

  function attributes(list: readonly Attribute[]): void {
    for (const { name, args } of list) if (!NAMES_ONLY.has(name)) for (const arg of args) expression(arg)
  }

  function scoped(read: () => void): void {
    scopes.push(new Map())
    read()
    scopes.pop()
  }

  /** Reads what is inside of a loop, whose `continue`s are collected. */
  function loop(read: (jumps: Jump[]) => void): void {
    const jumps: Jump[] = []
    loops.push(jumps)
    scoped(() => read(jumps))
    loops.pop()
  }

  function statement(s: Statement): void {
    if (s.kind === 'block') scoped(() => inside(s))
    else if (s.kind === 'for' || s.kind === 'while') loop(() => inside(s))
    else if (s.kind === 'loop') loop((jumps) => body(s, jumps))
    else if (s.kind === 'continue') loops[loops.length - 1]?.push(s)
    else inside(s)
    if (s.kind === 'variable') declare(s)
  }

  function inside(s: Statement): void {
    visit(partsOf(s), expression, statement)
  }

  /** What the body of a loop declares is there in `continuing`, what that declares in the condition of `break if`. */
  function body(s: Loop, jumps: readonly Jump[]): void {
    scoped(() => {
      s.body.body.forEach(statement)
      const scope = scopes[scopes.length - 1]
      continuing.set(scope, jumps)
      scoped(() => {
        s.continuing?.body.body.forEach(statement)
        expression(s.continuing?.breakIf)
      })
      continuing.delete(scope)
    })
  }

  function declaration(d: Declaration): void {
    switch (d.kind) {
      case 'alias':
        return expression(d.written)
      case 'struct':
        for (const member of d.members) {
          attributes(member.attributes)
          expression(member.written)
        }
        return
      case 'function':
        attributes(d.attributes)
        for (const param of d.params) {
          attributes(param.attributes)
          expression(param.written)
        }
        expression(d.written)
        attributes(d.resultAttributes)
        scoped(() => {
          d.params.forEach(declare)
          // The body's declarations are in the scope of the params.
          d.body.body.forEach(statement)
        })
        return
      default:
        if (d.kind === 'variable') attributes(d.attributes)
        inside(d)
    }
  }
}

/** Each declaration after those that it names, without recursion: chains are long. */
function ordered(
  source: Source,
  declarations: readonly Declaration[],
  names: ReadonlyMap<Declaration, ReadonlySet<Declaration>>,
): readonly Declaration[] {
  const order: Declaration[] = []
  const done = new Set<Declaration>()
  const open = new Map<Declaration, Iterator<Declaration>>()
  const enter = (d: Declaration) => open.set(d, (names.get(d) as ReadonlySet<Declaration>).values())
  for (const first of declarations) {
    if (done.has(first)) continue
    enter(first)
    const path = [first]
    while (path.length > 0) {
      const d = path[path.length - 1]
      const { value: next } = (open.get(d) as Iterator<Declaration>).next()
      if (!next) {
        path.pop()
        open.delete(d)
        done.add(d)
        order.push(d)
      } else if (open.has(next)) cyclic(source, path.slice(path.indexOf(next)))
      else if (!done.has(next)) {
        enter(next)
        path.push(next)
      }
    }
  }
  return order
}

function cyclic(source: Source, path: readonly Declaration[]): never {
  const name = (d: Declaration) => (d.kind === 'const-assert' ? 'const_assert' : d.name)
  const names = [...path, path[0]].map(name)
  if (names.length > 8) names.splice(4, names.length - 7, '…')
  const functions = path.every((d) => d.kind === 'function')
  const remedy = functions ? 'write a loop: WGSL has no recursion' : undefined
  const what = functions && path.length === 1 ? `${names[0]} calls itself` : `cyclic: ${names.join(' → ')}`
  fail({ source }, path[0].kind === 'const-assert' ? path[0].at : path[0].nameAt, what, remedy)
}

function collectUses(
  source: Source,
  order: readonly Declaration[],
  names: ReadonlyMap<Declaration, ReadonlySet<Declaration>>,
): void {
  const uses = new Map<Declaration, ReadonlySet<Variable>>()
  let total = 0
  for (const d of order) {
    const calls = new Set<FunctionDeclaration>()
    const variables = new Set<Variable>()
    for (const x of names.get(d) ?? []) {
      if (x.kind === 'function') calls.add(x)
      if (x.kind === 'variable' && (x.form === 'var' || x.form === 'override')) variables.add(x)
      for (const v of uses.get(x) ?? []) variables.add(v)
    }
    uses.set(d, variables)
    total += variables.size
    if (total > USES) fail({ source }, d.at, `more than ${USES} uses of variables by functions, calls followed`)
    if (d.kind === 'function') {
      d.calls = calls
      d.uses = variables
    }
  }
}

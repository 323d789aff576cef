/** @file Going through all statements and expressions of a function's body. */
import type { Block, Expression, FunctionDeclaration, Module, Statement } from '../../wgsl/tree.ts'

/** What the checker filled in leads out of a body, and is passed over. */
const FILLED_IN = new Set(['type', 'denotes', 'meaning', 'attributes'])

/** Calls `each` with every statement and expression of a body. */
export function walk(body: Block, each: (node: Statement | Expression) => void): void {
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (typeof node !== 'object' || node === null || !('at' in node)) return
    const one = node as Statement | Expression // cases of a switch have parts, and no kind that is asked for
    each(one)
    for (const [key, child] of Object.entries(one)) {
      // A name's target is what it names; an assignment's is an expression.
      if (!FILLED_IN.has(key) && !(key === 'target' && one.kind === 'identifier')) visit(child)
    }
  }
  visit(body)
}

const MEETS = /Barrier$|^workgroupUniformLoad$|^subgroup|^quad/

const waiting = new WeakMap<Module, ReadonlySet<FunctionDeclaration>>()

/** The functions in which threads wait for each other, themselves or in what they call. */
export function waitingFunctions(module: Module): ReadonlySet<FunctionDeclaration> {
  const found = waiting.get(module) ?? findWaiting(module)
  waiting.set(module, found)
  return found
}

function findWaiting({ declarations }: Module): Set<FunctionDeclaration> {
  const found = new Set<FunctionDeclaration>()
  const all = declarations.filter((one) => one.kind === 'function')
  for (const f of all) {
    walk(f.body, (one) => {
      if (one.kind === 'call' && one.meaning?.kind === 'builtin' && MEETS.test(one.meaning.name)) found.add(f)
    })
  }
  for (let before = -1; before < found.size; ) {
    before = found.size
    for (const f of all) if ([...(f.calls ?? [])].some((called) => found.has(called))) found.add(f)
  }
  return found
}

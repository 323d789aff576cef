/** @file What holds for each checked tree: an expression that computes a value knows its type and when it is known. */
import type { Expression, Module, Node } from '../../../src/wgsl/tree.ts'
import { isAbstract } from '../../../src/wgsl/types.ts'

/** Keys under which names, types and numbers for the compiler stand: no values of the running program. */
const aside = new Set(['source', 'callee', 'template', 'written', 'attributes', 'resultAttributes', 'bodyAttributes'])
/** Keys of what the checker fills in. */
const filled = new Set(['type', 'value', 'target', 'denotes', 'meaning', 'calls', 'uses', 'workgroupSize', 'result'])

const kinds = new Set<unknown>(['literal', 'identifier', 'unary', 'binary', 'call', 'index', 'member'])

const isNode = (x: unknown): x is Node & { kind?: string } => typeof x === 'object' && x !== null && 'at' in x

/**
 * The places of expressions that lack their type or stage, or whose type is still abstract, of all that is computed
 * when a program runs: const declarations and assertions may be of abstract numbers.
 */
export function untyped(module: Module): string[] {
  const found: string[] = []
  const visit = (node: Node & { kind?: string; form?: string }): void => {
    if (node.kind === 'const-assert' || node.form === 'const') return
    if (kinds.has(node.kind)) {
      const { type, stage, at } = node as Expression
      const { line, column } = module.source.place(at)
      if (!type || !stage || isAbstract(type))
        found.push(`${line}:${column} ${node.kind}: ${type ? 'abstract' : 'none'}`)
    }
    for (const [key, child] of Object.entries(node)) {
      // An assignment's `value` is an expression; a constant's is what the checker found.
      if (aside.has(key) || (filled.has(key) && !isNode(child))) continue
      if (key === 'target' && node.kind === 'identifier') continue
      for (const one of Array.isArray(child) ? child : [child]) if (isNode(one)) visit(one)
    }
  }
  module.declarations.forEach(visit)
  return found
}

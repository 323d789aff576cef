/**
 * @file The checker: what a parsed program means, and whether it may be run.
 * Source: WGSL, https://www.w3.org/TR/WGSL/.
 */
import type { FunctionDeclaration, Module } from '../tree.ts'
import { checkAliasing } from './aliasing.ts'
import type { Context } from './context.ts'
import { checkDeclarations } from './declarations.ts'
import { readDirectives } from './directives.ts'
import { resolveNames } from './names.ts'
import { checkUniformity } from './uniformity.ts'

/** Fills in the tree of a program; throws a `WgslError` where it is not a valid one. */
export function check(module: Module): Module {
  const enabled = readDirectives(module)
  const order = resolveNames(module)
  const c: Context = {
    module,
    source: module.source,
    enabled,
    behaviors: new Map(),
    collective: new Map(),
    structs: new Map(),
    fn: undefined,
    unevaluated: 0,
  }
  checkDeclarations(c, order)
  const functions = order.filter((d): d is FunctionDeclaration => d.kind === 'function')
  checkAliasing(c, functions)
  checkUniformity(c, functions)
  return module
}

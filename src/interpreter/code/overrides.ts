/** @file What is known when a pipeline is made: overrides, sizes of workgroups, counts of arrays. */
import type { Module } from '../../wgsl/index.ts'
import type { Constant, Expression, FunctionDeclaration, Variable } from '../../wgsl/tree.ts'
import { bool, f16, f32, i32, type Type, u32 } from '../../wgsl/types.ts'
import { rangeOf } from '../../wgsl/values.ts'
import * as arithmetic from '../arithmetic.ts'
import { Body } from './body.ts'
import { value } from './expressions.ts'
import { countExpression, Generator, type Instance } from './generator.ts'

/** Values of the overrides that an entry point uses. */
export function overrideValues(
  module: Module,
  entry: FunctionDeclaration,
  constants: Readonly<Record<string, number>>,
): Map<Variable, Constant> {
  const values = new Map<Variable, Constant>()
  for (const one of module.declarations) {
    if (one.kind !== 'variable' || one.form !== 'override') continue
    const given = constants[one.id === undefined ? one.name : String(one.id)]
    if (given !== undefined) values.set(one, converted(module, one, given))
    else if (one.initializer) values.set(one, evaluate(module, entry, values, one.initializer))
    else if (entry.uses?.has(one))
      throw module.source.error(one.nameAt, `override ${one.name} has no value`, 'give one')
  }
  return values
}

/** A number as the override's type. WebGPU takes any double, and refuses what the type lacks. */
function converted(module: Module, { type, name, nameAt }: Variable, given: number): Constant {
  if (type === bool) return given !== 0
  const cut = type === f32 ? Math.fround(given) : type === f16 ? arithmetic.roundF16(given) : Math.trunc(given)
  const [low, high] = type === i32 || type === u32 ? rangeOf(type) : [-Number.MAX_VALUE, Number.MAX_VALUE]
  if (cut >= low && cut <= high) return cut
  throw module.source.error(nameAt, `override ${name} is ${given}`, 'give a value that its type has')
}

/** The value of an expression of overrides and constants. */
export function evaluate(
  module: Module,
  entry: FunctionDeclaration,
  overrides: ReadonlyMap<Variable, Constant>,
  e: Expression,
): number | boolean {
  const pipeline = { module, entry, overrides, counts: new Map(), waiting: new Set<FunctionDeclaration>() }
  const g = new Generator(pipeline, { checked: false, tracing: false, contract: undefined }, new Set())
  const instance: Instance = { name: '', target: entry, roots: [] }
  const body = new Body(g, instance, new Set())
  const { js } = value(body, e).parts[0]
  const run = new Function(...Object.keys(arithmetic), `${body.w.text()}\nreturn ${js}`)
  const result: unknown = run(...Object.values(arithmetic))
  return result as number | boolean // scalars are nothing else
}

/** Counts of the arrays in workgroup memory that overrides give, by their texts. */
export function arrayCounts(
  module: Module,
  entry: FunctionDeclaration,
  overrides: ReadonlyMap<Variable, Constant>,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const variable of entry.uses ?? []) {
    const type = variable.type as Type
    if (type.kind !== 'array' || typeof type.count !== 'string') continue
    const count = Number(evaluate(module, entry, overrides, countExpression(variable.written) as Expression))
    if (count < 1)
      throw module.source.error(variable.nameAt, `${variable.name} has ${count} elements`, 'give 1 or more')
    counts.set(type.count, count)
  }
  return counts
}

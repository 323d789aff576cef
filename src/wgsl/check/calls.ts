/**
 * @file Calls: of functions of the program, of builtin ones, of types.
 * Source: WGSL, sections "Function Calls", "Value Constructor Built-in Functions" and "Built-in Functions".
 */
import { builtinFunction, resolveBuiltin } from '../builtins/index.ts'
import { resolveConstructor } from '../constructors.ts'
import type { Call, FunctionDeclaration } from '../tree.ts'
import { type Type, valueType } from '../types.ts'
import { type Context, fail } from './context.ts'
import { anyValue, apply, areConstant, expression, set } from './expressions.ts'
import { convertTo } from './materialize.ts'
import { describeName, isInferred, isTypeName, typeOf } from './typenames.ts'

/** Checks a call; `alone`: it is a statement, whose value nobody takes. */
export function call(c: Context, e: Call, alone = false): Type {
  const { callee } = e
  const { target, name } = callee
  if (target?.kind === 'function') return callOf(c, e, target, alone)
  if (target?.kind === 'struct' || target?.kind === 'alias' || (!target && isTypeName(name))) {
    if (alone) fail(c, e.at, `${name}(…) makes a value, and nothing takes it`, 'leave it out')
    return construct(c, e)
  }
  if (!target && builtinFunction(name)) return builtin(c, e, alone)
  const what = describeName(callee)
  fail(c, e.at, what ? `${name} is ${what}, which cannot be called` : `there is no function ${name}`)
}

function callOf(c: Context, e: Call, target: FunctionDeclaration, alone: boolean): Type {
  const { params, name, attributes } = target
  const has = (attribute: string) => attributes.some((one) => one.name === attribute)
  if (e.callee.template) fail(c, e.at, `${name} takes no template`)
  if (has('compute')) fail(c, e.at, `${name} is an entry point, which cannot be called`, 'move its body to a function')
  if (e.args.length !== params.length) {
    fail(c, e.at, `${name} takes ${params.length} arguments, not ${e.args.length}`)
  }
  e.args.forEach((arg, i) => {
    expression(c, arg)
    convertTo(c, arg, params[i].type as Type, `the parameter ${params[i].name} of ${name}`)
  })
  if (alone && has('must_use')) mustUse(c, e)
  e.meaning = { kind: 'function', target }
  return set(e, target.result as Type, 'runtime')
}

function mustUse(c: Context, e: Call): never {
  const { name } = e.callee
  fail(c, e.at, `nothing takes what ${name} returns`, `write _ = ${name}(…)`)
}

function construct(c: Context, e: Call): Type {
  const { callee, args } = e
  const { name } = callee
  const of = !callee.target && !callee.template && isInferred(name) ? name : typeOf(c, callee)
  const types = args.map((arg) => anyValue(c, arg))
  const resolved = resolveConstructor(of, types)
  if (typeof resolved === 'string') fail(c, e.at, resolved)
  e.meaning = { kind: 'constructor' }
  apply(c, e, args, resolved)
  callee.denotes = e.type
  return e.type as Type
}

function builtin(c: Context, e: Call, alone: boolean): Type {
  const { callee, args } = e
  const { name } = callee
  const template = (callee.template ?? []).map((x) => typeOf(c, x))
  const types = args.map((arg) => anyValue(c, arg))
  const resolved = resolveBuiltin(name, template, types, areConstant(args))
  if (typeof resolved === 'string') fail(c, e.at, resolved)
  if (alone && resolved.mustUse) mustUse(c, e)
  if (resolved.uniform) c.collective.set(e, resolved.uniform)
  e.meaning = { kind: 'builtin', name, params: resolved.params }
  apply(c, e, args, resolved)
  e.meaning = { kind: 'builtin', name, params: args.map((arg) => valueType(arg.type as Type)) }
  return e.type as Type
}

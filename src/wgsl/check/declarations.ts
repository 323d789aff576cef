/**
 * @file Structs, aliases and functions.
 * Source: WGSL, sections "Structure Types", "Type Aliases" and "Functions".
 */
import { alignOf, hasCreationFixedFootprint, hasFixedFootprint, isConstructible, isPlain, sizeOf } from '../layout.ts'
import type { Declaration, FunctionDeclaration, MemberDeclaration, StructDeclaration, Variable } from '../tree.ts'
import { type Member, nameOf, none, struct, type Type } from '../types.ts'
import { attribute, checkAttributes, numberOf } from './attributes.ts'
import { type Context, fail } from './context.ts'
import { checkBuiltin, checkEntry } from './entries.ts'
import { functionBody, NEXT } from './statements.ts'
import { checkNesting, checkSize, isOverrideSized, typeOf } from './typenames.ts'
import { constAssert, moduleVariable } from './variables.ts'

/** Tint's limits. */
const MEMBERS = 16383
const PARAMETERS = 255

/** Checks the declarations of a module in their order. */
export function checkDeclarations(c: Context, order: readonly Declaration[]): void {
  const ids = new Map<number, Variable>()
  for (const d of order) {
    switch (d.kind) {
      case 'variable':
        moduleVariable(c, d, ids)
        break
      case 'alias':
        d.type = typeOf(c, d.written)
        break
      case 'struct':
        c.structs.set(structOf(c, d), d)
        break
      case 'const-assert':
        constAssert(c, d)
        break
      case 'function':
        checkFunction(c, d)
    }
  }
}

function structOf(c: Context, d: StructDeclaration): Type {
  const { name, members, nameAt } = d
  if (members.length > MEMBERS) fail(c, nameAt, `struct ${name} has ${members.length} members, at most ${MEMBERS}`)
  const seen = new Set<string>()
  const types = members.map((m, i): Member => {
    if (seen.has(m.name)) fail(c, m.at, `struct ${name} has two members ${m.name}`)
    seen.add(m.name)
    return memberOf(c, m, name, i === members.length - 1)
  })
  const type = struct(name, types)
  checkNesting(c, nameAt, type)
  checkSize(c, nameAt, type)
  return (d.type = type)
}

function memberOf(c: Context, m: MemberDeclaration, of: string, last: boolean): Member {
  const { attributes, written, name } = m
  checkAttributes(c, attributes, 'member')
  const type = typeOf(c, written)
  if (!isPlain(type)) fail(c, written.at, `${nameOf(type)} cannot be the type of a member`)
  if (isOverrideSized(type))
    fail(c, written.at, `${nameOf(type)}: only workgroup variables may be counted by overrides`)
  if (!hasFixedFootprint(type) && !(last && type.kind === 'array' && type.count === null)) {
    const where =
      type.kind === 'array' ? `only the last member of ${of} may have no count` : 'it may not be in a struct'
    fail(c, m.at, `${name} is ${nameOf(type)}, whose length the buffer says: ${where}`)
  }
  checkBuiltin(c, attributes, type)
  const [align, size] = ['align', 'size'].map((one) => attribute(attributes, one))
  const alignment = align && numberOf(c, align, 1)
  if (alignment && !Number.isInteger(Math.log2(alignment))) {
    fail(c, align.at, `@align(${alignment}) of ${name} is not a power of 2`)
  }
  if (alignment && alignment < alignOf(type)) {
    fail(c, align.at, `@align(${alignment}) of ${name} is below the ${alignOf(type)} that ${nameOf(type)} has`)
  }
  const bytes = size && numberOf(c, size, 1)
  if (size && !hasCreationFixedFootprint(type))
    fail(c, size.at, `@size cannot be of ${nameOf(type)}, whose length varies`)
  if (bytes && bytes < sizeOf(type)) {
    fail(c, size.at, `@size(${bytes}) of ${name} is below the ${sizeOf(type)} bytes of ${nameOf(type)}`)
  }
  return { name, type, ...(alignment && { align: alignment }), ...(bytes && { size: bytes }) }
}

function checkFunction(c: Context, f: FunctionDeclaration): void {
  const { name, params, attributes, written } = f
  checkAttributes(c, attributes, 'function')
  checkAttributes(c, f.resultAttributes, 'result')
  if (params.length > PARAMETERS) fail(c, f.nameAt, `${name} has ${params.length} parameters, at most ${PARAMETERS}`)
  const entry = attribute(attributes, 'compute')
  for (const param of params) {
    checkAttributes(c, param.attributes, 'parameter')
    const type = (param.type = typeOf(c, param.written))
    if (!isConstructible(type) && type.kind !== 'pointer') {
      fail(c, param.written.at, `a parameter cannot be ${nameOf(type)}`, 'pass a pointer')
    }
    const builtin = checkBuiltin(c, param.attributes, type)
    if (builtin && !entry)
      fail(c, param.at, `${name} is not an entry point: ${param.name} cannot be @builtin(${builtin})`)
  }
  f.result = written ? typeOf(c, written) : none
  if (written && !isConstructible(f.result)) fail(c, written.at, `a function cannot return ${nameOf(f.result)}`)
  const [mustUse, size] = ['must_use', 'workgroup_size'].map((one) => attribute(attributes, one))
  if (mustUse && !written) fail(c, mustUse.at, `@must_use, but ${name} returns nothing`)
  if (size && !entry) fail(c, size.at, `@workgroup_size, but ${name} is not an entry point`, 'write @compute')
  const output = attribute(f.resultAttributes, 'builtin')
  if (output && !entry) fail(c, output.at, `@builtin at the result of ${name}, which is not an entry point`)
  if (entry) checkEntry(c, f)
  c.fn = f
  const behavior = functionBody(c, f.body)
  c.fn = undefined
  if (written && behavior & NEXT) fail(c, f.nameAt, `${name} may end without a return of ${nameOf(f.result)}`)
}

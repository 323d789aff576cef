/**
 * @file `var`, `let`, `const` and `override`, in functions and outside; const_assert.
 * Source: WGSL, section "Variable and Value Declarations" and "Const Assertions".
 */
import { isConstructible } from '../layout.ts'
import type { ConstAssert, Variable } from '../tree.ts'
import { bool, nameOf, type Type } from '../types.ts'
import { attribute, checkAttributes, numberOf } from './attributes.ts'
import { type Context, fail } from './context.ts'
import { anyValue, concreteValue, refuseLater, valueAs } from './expressions.ts'
import { checkStore } from './spaces.ts'
import { textOf } from './text.ts'
import { spaceOf, typeOf } from './typenames.ts'

export function localVariable(c: Context, v: Variable): void {
  checkAttributes(c, v.attributes, 'statement')
  if (v.form === 'const') return constant(c, v)
  if (v.template.length > 0) {
    const [space] = spaceOf(c, v.template[0], v.template[1])
    if (space !== 'function') fail(c, v.at, `var<${space}> stands outside of functions`, `move ${v.name} there`)
  }
  v.type = typed(c, v)
  if (v.form === 'var') {
    checkStore(c, v.written?.at ?? v.nameAt, v.type, 'function', 'read_write')
    v.space = 'function'
    v.access = 'read_write'
  } else if (!isConstructible(v.type) && v.type.kind !== 'pointer') {
    fail(c, v.nameAt, `${nameOf(v.type)} cannot be the type of a let`)
  }
}

/** The written type, to which the initializer converts, or that of the initializer. */
function typed(c: Context, v: Variable): Type {
  const { written, initializer, name } = v
  if (!written) {
    if (!initializer) fail(c, v.nameAt, `${name} has neither type nor value`, `write ${v.form} ${name}: TYPE`)
    return concreteValue(c, initializer)
  }
  const type = typeOf(c, written)
  if (initializer) valueAs(c, initializer, type, `${name} is`)
  return type
}

/** A `const`, which may stay abstract. */
function constant(c: Context, v: Variable): void {
  const { written, initializer, name } = v
  if (!initializer) fail(c, v.nameAt, `const ${name} has no value`)
  if (written) {
    const type = typeOf(c, written)
    valueAs(c, initializer, type, `${name} is`)
    v.type = type
  } else v.type = anyValue(c, initializer)
  refuseLater(c, initializer, 'const', `const ${name}`)
  if (!isConstructible(v.type)) fail(c, v.nameAt, `${nameOf(v.type)} cannot be the type of a const`)
  v.value = initializer.value
}

export function moduleVariable(c: Context, v: Variable, ids: Map<number, Variable>): void {
  if (v.form === 'const') return constant(c, v)
  if (v.form === 'override') return override(c, v, ids)
  checkAttributes(c, v.attributes, 'variable')
  if (v.template.length === 0) {
    // A var without a space is a texture or sampler; its type says that it is not known here.
    if (v.written) typeOf(c, v.written)
    fail(c, v.nameAt, `${v.name} has no address space`, `write var<private> ${v.name}, or another space`)
  }
  const [space, access] = spaceOf(c, v.template[0], v.template[1])
  if (space === 'function') fail(c, v.at, 'var<function> stands in functions', 'write var<private>')
  if (v.initializer && space !== 'private') fail(c, v.initializer.at, `a variable in ${space} has no initial value`)
  v.type = typed(c, v)
  if (v.initializer) refuseLater(c, v.initializer, 'override', `the value of ${v.name}`)
  v.space = space
  v.access = access
  checkStore(c, v.written?.at ?? v.nameAt, v.type, space, access)
  bind(c, v)
}

/** `@group` and `@binding`: both for buffers, neither for other variables. */
function bind(c: Context, v: Variable): void {
  const [group, binding] = ['group', 'binding'].map((name) => attribute(v.attributes, name))
  if (v.space !== 'uniform' && v.space !== 'storage') {
    const [one] = [group, binding].filter((x) => x)
    if (one) fail(c, one.at, `@${one.name} is for buffers, and ${v.name} is in ${v.space}`)
  } else if (!group || !binding) {
    const lacking = group ? '@binding' : binding ? '@group' : '@group and @binding'
    fail(c, v.nameAt, `${v.name} is a buffer without ${lacking}`, 'write @group(0) @binding(N)')
  } else {
    v.group = numberOf(c, group, 0)
    v.binding = numberOf(c, binding, 0)
  }
}

function override(c: Context, v: Variable, ids: Map<number, Variable>): void {
  checkAttributes(c, v.attributes, 'override')
  v.type = typed(c, v)
  if (v.initializer) refuseLater(c, v.initializer, 'override', `override ${v.name}`)
  if (v.type.kind !== 'scalar') fail(c, v.nameAt, `override ${v.name} is ${nameOf(v.type)}, not a scalar`)
  const id = attribute(v.attributes, 'id')
  if (!id) return
  v.id = numberOf(c, id, 0)
  if (v.id > 65535) fail(c, id.at, `@id(${v.id}) is above 65535`)
  const other = ids.get(v.id)
  if (other) fail(c, id.at, `@id(${v.id}) is that of ${other.name}, too`)
  ids.set(v.id, v)
}

export function constAssert(c: Context, { condition }: ConstAssert): void {
  const type = anyValue(c, condition)
  if (type !== bool) fail(c, condition.at, `const_assert: ${textOf(condition)} is ${nameOf(type)}, not bool`)
  refuseLater(c, condition, 'const', 'const_assert')
  if (condition.value === false) fail(c, condition.at, `const_assert: ${textOf(condition, 'the condition')} is false`)
}

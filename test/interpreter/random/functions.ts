/** @file Random types, constants, variables and functions of a program. */
import { alignOf, sizeOf } from '../../../src/wgsl/layout.ts'
import * as types from '../../../src/wgsl/types.ts'
import {
  bool,
  type Context,
  componentOf,
  declare,
  f32,
  i32,
  type Name,
  plain,
  type Type,
  typeText,
  u32,
  write,
} from './context.ts'
import type { Draw } from './draw.ts'
import { expression, literal } from './expressions.ts'
import { anyType, statements } from './statements.ts'

const sized = [2, 3, 4] as const

const few = [2, 2, 3, 4] as const

/** Arrays, a matrix, structs, one in another: what buffers may hold. Small ones, which adapters take apart. */
export function makeTypes(draw: Draw, prefix: string): Type[] {
  const shared = plain.filter((type) => componentOf(type) !== bool)
  const matrix = types.matrix(draw.pick(few), draw.pick(few), f32)
  const list = types.array(draw.pick(shared), draw.between(2, 3))
  const members = (all: readonly Type[]): types.Member[] =>
    all.map((type, i) => ({
      name: `m${i}`,
      type,
      ...(draw.chance(0.1) && alignOf(type) <= 16 && { align: draw.pick([16, 32]) }),
      ...(draw.chance(0.1) && { size: sizeOf(type) + draw.pick([4, 16, 20]) }),
    }))
  const third = draw.weighted<Type>([
    [1, matrix],
    [1, list],
    [3, i32],
  ])
  const small = types.struct(`${prefix}S`, members([draw.pick(shared), draw.pick(shared), third]))
  const inner = draw.chance(0.5) ? small : types.array(draw.chance(0.5) ? matrix : types.vector(3, f32), 2)
  const large = types.struct(`${prefix}L`, members([inner, draw.pick(shared)].reverse()))
  return [list, matrix, small, large]
}

/** A struct that has bools, too, which only variables of threads have. */
export const makeInner = (draw: Draw, prefix: string, all: readonly Type[]): types.Struct =>
  types.struct(
    `${prefix}B`,
    [draw.pick(plain), types.vector(draw.pick(sized), bool), draw.pick(all)].map((type, i) => ({
      name: `b${i}`,
      type,
    })),
  )

export function writeStruct(c: Context, { name, members }: types.Struct): void {
  write(c, `struct ${name} {`)
  for (const { name: member, type, align, size } of members) {
    const attributes = `${align ? `@align(${align}) ` : ''}${size ? `@size(${size}) ` : ''}`
    write(c, `  ${attributes}${member}: ${typeText(c, type)},`)
  }
  write(c, '}')
}

// ---- what the module declares

/** Constants, some of them of numbers that take any type. */
export function constants(c: Context, prefix: string): void {
  const { draw } = c
  for (let i = 0; i < 2; i++) {
    const type = draw.pick([i32, u32, f32, bool, ...c.composite.slice(0, 1)])
    const name = `${prefix}C${i}`
    const value = type.kind === 'scalar' ? literal(c, type) : constantOf(c, type)
    write(c, `const ${name}${draw.chance(0.5) ? `: ${typeText(c, type)}` : ''} = ${value.text};`)
    declare(c, { text: name, type, is: 'value', constant: true, weight: 0.4 })
  }
  const size = draw.pick(sized)
  const all = Array.from({ length: size }, () => draw.between(0, 99))
  write(c, `const ${prefix}V = vec${size}(${all.join(', ')});`)
  declare(c, { text: `${prefix}V`, type: types.vector(size, i32), is: 'value', constant: true, weight: 0.4 })
  write(c, `const_assert ${prefix}V.x * 2 + 1 == ${2 * all[0] + 1};`)
}

/** A scalar, a vector or an array of them, of literals alone. */
function constantOf(c: Context, type: Type): { text: string } {
  if (type.kind !== 'array' && type.kind !== 'vector') return literal(c, type)
  const list = (of: Type, count: number, one: () => string): string =>
    `${typeText(c, of)}(${Array.from({ length: count }, one).join(', ')})`
  const count = type.kind === 'vector' ? type.size : Number(type.count)
  return { text: list(type, count, () => constantOf(c, type.of).text) }
}

/** Overrides, with a value of the text or of the pipeline. @returns those that the pipeline gives */
export function overrides(c: Context, prefix: string, id: number): Record<string, number> {
  const { draw } = c
  const given: Record<string, number> = {}
  const type = draw.pick([i32, u32, f32, bool])
  const name = `${prefix}O`
  const numbered = draw.chance(0.3)
  const value = type === bool ? draw.below(2) : draw.between(type === u32 ? 0 : -9, 20)
  const fallback = draw.chance(0.5)
  if (!fallback || draw.chance(0.5)) given[numbered ? `${id}` : name] = value
  const text = type === bool ? draw.pick(['true', 'false']) : `${draw.between(1, 9)}`
  write(c, `${numbered ? `@id(${id}) ` : ''}override ${name}: ${types.nameOf(type)}${fallback ? ` = ${text}` : ''};`)
  declare(c, { text: name, type, is: 'value', constant: true, weight: 0.6 })
  return given
}

/** Variables that a thread has for itself, which all functions see. */
export function privates(c: Context, prefix: string): void {
  const count = c.draw.between(0, 2)
  for (let i = 0; i < count; i++) {
    const type = anyType(c)
    const name = `${prefix}g${i}`
    const known = type.kind === 'scalar' || type.kind === 'vector' || type === c.composite[0]
    const value = known && c.draw.chance(0.8) ? ` = ${constantOf(c, type).text}` : ''
    write(c, `var<private> ${name}: ${typeText(c, type)}${value};`)
    declare(c, { text: name, type, is: 'variable', writable: true, weight: 0.8 })
  }
}

// ---- functions

/** A function that gives a value, and may write what its last param points to. */
export function makeFunction(c: Context, name: string): void {
  const { draw } = c
  const params = Array.from({ length: draw.between(0, 2) }, () => anyType(c))
  const pointer = draw.chance(0.4) ? anyType(c) : undefined
  const hidden = pointer !== undefined && draw.chance(0.25)
  // Nothing else names the variable, which would be two ways to it.
  const target = hidden ? `&${name}q` : undefined
  if (hidden) write(c, `var<private> ${name}q: ${typeText(c, pointer)};`)
  const result = anyType(c)
  const mustUse = draw.chance(0.3)
  const names: Name[] = [
    { text: 'n', type: u32, is: 'value', kept: true },
    ...params.map((type, i): Name => ({ text: `p${i}`, type, is: 'value', weight: 2 })),
    ...(pointer
      ? [{ text: 'q', type: pointer, is: 'pointer', writable: true, local: !hidden, weight: 2 } as const]
      : []),
  ]
  const space = hidden ? 'private' : 'function'
  const list = names.map(({ text, type, is }) => {
    const of = typeText(c, type)
    return `${text}: ${is === 'pointer' ? `ptr<${space}, ${of}>` : of}`
  })
  write(c, `${mustUse ? '@must_use ' : ''}fn ${name}(${list.join(', ')}) -> ${typeText(c, result)} {`)
  c.depth++
  c.scopes.push(names)
  c.result = result
  statements(c, draw.between(1, 2))
  write(c, `return ${expression(c, result, 2).text};`)
  c.result = undefined
  c.scopes.pop()
  c.depth--
  write(c, '}')
  c.functions.push({ name, params, pointer, target, result, mustUse })
}

/** @file What `handgrad check` gives a kernel: buffers, uniforms and the grid, by the types of its bindings. */
import { pairsOf } from '../bench/own/agree.ts'
import { type Bind, bindOf, shapeOf } from '../bench/own/bind.ts'
import { evaluate, evaluateAll, type Names } from '../bench/own/expression.ts'
import { filled } from '../bench/own/fill.ts'
import { gridOf } from '../bench/own/spec.ts'
import { fail, nearest, shown } from '../core/errors.ts'
import type { Alone, AloneBinding } from '../interpreter/alone.ts'
import { bytesFor, countOf, filledWith, kindsOf, roomFor } from '../interpreter/contents.ts'
import type { Memory } from '../interpreter/program.ts'
import { readNpy } from '../io/index.ts'
import { types } from '../wgsl/index.ts'

/** As the command line has it. */
export interface Texts {
  readonly bind?: readonly string[]
  readonly param?: readonly string[]
  readonly groups?: string
}

export interface Given {
  readonly memory: ReadonlyMap<string, Memory>
  readonly groups: readonly [number, number, number]
}

/** Bytes that all buffers may have together. */
const MOST_BYTES = 2 ** 26

/** `--const`, by name. */
export const constantsOf = (texts: readonly string[] | undefined): Record<string, number> =>
  Object.fromEntries(
    [...pairsOf('const', texts, 'check')].map(([name, text]) => [
      name,
      text === 'true' ? 1 : text === 'false' ? 0 : evaluate(text, {}, `--const ${name}`, 'exact', 'check'),
    ]),
  )

/** @throws HandgradError for what is missing, too much, or does not agree with the kernel */
export async function givenFor({ bindings, entry, overrides }: Alone, texts: Texts): Promise<Given> {
  const names: Record<string, number> = Object.assign(Object.create(null), overrides)
  const params = paramsOf(texts.param, names)
  const memory = new Map<string, Memory>()
  const known = bindings.map(({ name }) => name)
  let bytes = 0
  for (const bind of (texts.bind ?? []).map((text) => bindOf(text, 'check'))) {
    const { name } = bind
    const binding = bindings.find((one) => one.name === name)
    const near = nearest(name, known)
    if (!binding)
      fail(
        'check',
        `--bind ${shown(name)}: ${entry} uses no such variable`,
        near ? `did you mean ${near}?` : list(known),
      )
    if (memory.has(name)) fail('check', `--bind ${name} is given twice`)
    const file = bind.path === undefined ? undefined : await readNpy(bind.path)
    const shape = file?.shape ?? shapeOf(bind, names, 'check')
    const size = shape.reduce((a, b) => a * b, 1)
    bytes += bytesFor(binding.type, size)
    if (!(bytes <= MOST_BYTES))
      fail('check', `buffers up to ${name} have ${bytes} bytes, at most are ${MOST_BYTES}`, 'check a smaller size')
    memory.set(name, memoryOf(binding, bind, size, entry, file?.data))
    names[`${name}.size`] = size
    shape.forEach((n, i) => (names[`${name}.${i}`] = n))
  }
  for (const binding of bindings) {
    const { name, type } = binding
    if (memory.has(name)) continue
    const values = fieldsOf(binding, params) ?? missing(entry, bindings, binding)
    memory.set(name, filledWith('check', name, type, values))
  }
  refuseUnused(bindings, texts)
  if (texts.groups === undefined) fail('check', 'how many workgroups?', 'give --groups, such as --groups 4 or n/64')
  return { memory, groups: gridOf(texts.groups, names, 'check') }
}

/** Params by name, as numbers; single ones are names for expressions. */
function paramsOf(texts: readonly string[] | undefined, names: Record<string, number>): Map<string, readonly number[]> {
  const params = new Map<string, readonly number[]>()
  for (const [name, text] of pairsOf('param', texts, 'check')) {
    const values = evaluateAll(text, names as Names, `--param ${name}`, 'exact', 'check')
    params.set(name, values)
    if (values.length === 1) [names[name]] = values
    else values.forEach((value, i) => (names[`${name}.${i}`] = value))
  }
  return params
}

/** A buffer of so many numbers. */
function memoryOf(
  { type, writable }: AloneBinding,
  bind: Bind,
  size: number,
  entry: string,
  read: ArrayLike<number> | undefined,
): Memory {
  const { name, role } = bind
  if (role !== 'in' && !writable)
    fail('check', `--bind ${name} is ${role}, and ${entry} only reads it`, `fill it: ${name}=rand:1000`)
  const count = countOf(type)
  if (countOf(type, 0) === count && size !== count)
    fail('check', `--bind ${name} gives ${size} numbers, and ${types.nameOf(type)} has ${count}`, `give ${count}`)
  return role === 'out' ? roomFor(type, size) : filledWith('check', name, type, read ?? valuesOf(bind, size, type))
}

function valuesOf(bind: Bind, size: number, type: types.Type): ArrayLike<number> {
  const kinds = [...kindsOf(type)]
  const whole = kinds.find((one) => one === 'u32' || one === 'i32')
  return filled(bind, size, whole ?? (kinds[0] as 'f32' | 'f16'), 'check')
}

/** Fields of a uniform: their names and types; one without a struct is a field by its own name. */
const membersOf = ({ name, type }: AloneBinding): { name: string; type: types.Type }[] =>
  type.kind === 'struct' ? [...type.members] : [{ name, type }]

/** The numbers of a uniform, from params by the names of its fields; undefined if none is given. */
function fieldsOf(binding: AloneBinding, params: ReadonlyMap<string, readonly number[]>): number[] | undefined {
  if (binding.space !== 'uniform') return undefined
  const members = membersOf(binding)
  const given = members.map(({ name }) => params.get(`${binding.name}.${name}`) ?? params.get(name))
  if (given.every((values) => values === undefined)) return undefined
  return members.flatMap(({ name, type }, i) => {
    const values = given[i]
    if (!values) return fail('check', `${binding.name}.${name} has no value`, `give --param ${name}=1`)
    const wanted = countOf(type)
    if (values.length !== wanted)
      fail('check', `--param ${name} has ${values.length} numbers`, `${binding.name}.${name} takes ${wanted}`)
    return [...values]
  })
}

const list = (names: readonly string[]): string => `it uses ${names.join(', ') || 'none'}`

/** A binding that is given nothing: says all of them, and how to give them. */
function missing(entry: string, bindings: readonly AloneBinding[], { name }: AloneBinding): never {
  const ways = bindings.map((one) => `${wayOf(one)} for ${one.space} ${types.nameOf(one.type)}`)
  return fail('check', `${entry} uses ${name}, which is not bound`, `give ${ways.join('; ')}`)
}

/** How a binding is given. */
function wayOf(binding: AloneBinding): string {
  const { name, type, space, writable } = binding
  const count = countOf(type, 0) === countOf(type) ? countOf(type) : 1000
  if (space === 'uniform')
    return membersOf(binding)
      .map(
        (member) =>
          `--param ${member.name}=${Array(Math.min(16, countOf(member.type)))
            .fill(1)
            .join(',')}`,
      )
      .join(' ')
  const whole = [...kindsOf(type)].some((one) => one === 'u32' || one === 'i32')
  return `--bind ${name}=${writable ? 'out' : whole ? 'randint:10' : 'rand'}:${count}`
}

/** Refuse params that no field and no expression has. */
function refuseUnused(bindings: readonly AloneBinding[], { bind = [], param = [], groups = '' }: Texts): void {
  const fields = bindings
    .filter(({ space }) => space === 'uniform')
    .flatMap((one) => membersOf(one).flatMap(({ name }) => [name, `${one.name}.${name}`]))
  const values = param.map((text) => text.slice(text.indexOf('=')))
  const words = new Set([groups, ...bind, ...values].join(' ').match(/[A-Za-z_]\w*/g))
  for (const name of pairsOf('param', param, 'check').keys())
    if (!fields.includes(name) && !words.has(name))
      fail(
        'check',
        `--param ${shown(name)} is used by nothing`,
        fields.length > 0 ? `uniforms have ${fields.join(', ')}` : 'leave it out',
      )
}

/**
 * @file What a WGSL file declares: entry points, overrides, and the variables of its bindings, with what each holds.
 * Only as much of the language is read as is needed to make buffers; the compiler has the last word.
 */
import { fail, nearest } from '../../core/errors.ts'
import { type Func, functionsOf, usedBy, withoutComments } from './text.ts'
import { type Element, elementOf } from './types.ts'

/** A field of a uniform block. */
export interface Field {
  readonly name: string
  readonly element: Element
}

/** A variable that a buffer is bound to. */
export interface Variable {
  readonly name: string
  readonly binding: number
  readonly space: 'uniform' | 'storage'
  readonly writable: boolean
  /** What a storage buffer is an array of. */
  readonly element: Element
  /** The fields of a uniform; a uniform without a struct is a field by its own name. */
  readonly fields: readonly Field[]
  /** The array's length is asked for by `arrayLength`: then the buffer must be bound as long as it is. */
  readonly measured: boolean
}

export interface Override {
  readonly name: string
  /** Its value where none is given: absent if there is none, or it is an expression. */
  readonly standard?: number
}

export interface Declared {
  readonly entry: Func
  readonly overrides: readonly Override[]
  /** Those that the entry point uses. */
  readonly variables: readonly Variable[]
  /** Names of all, used or not. */
  readonly all: readonly string[]
}

const VARIABLE = /((?:@\w+\s*\([^)]*\)\s*)+)var\b\s*(?:<([^>]*)>)?\s*(\w+)\s*:\s*([^;]+);/g
const OVERRIDE = /\boverride\s+(\w+)\s*(?::\s*\w+\s*)?(?:=\s*([^;]+))?;/g

/**
 * Read a file.
 * @param entry  the entry point's name; may be left out where there is one only
 * @throws HandgradError if there is no such entry point, or it uses something that no buffer of numbers can be
 */
export function declarationsOf(text: string, file: string, entry: string | undefined): Declared {
  const code = withoutComments(text)
  const functions = functionsOf(code)
  const func = entryOf(functions, file, entry)
  const used = usedBy(functions, func.name)
  const types = new Types(code)
  const found = [...code.matchAll(VARIABLE)].map(([, attributes, space, name, type]) => ({
    group: attributeOf(attributes, 'group'),
    binding: attributeOf(attributes, 'binding'),
    space: (space ?? '').split(',').map((word) => word.trim()),
    name,
    type: type.trim(),
  }))
  const variables = found
    .filter(({ name }) => used.has(name))
    .map(({ group, binding, space: [space, access = 'read'], name, type }): Variable => {
      const refuse = (what: string, todo: string): never => fail('bench', `${file}: ${name} is ${what}`, todo)
      if (space !== 'uniform' && space !== 'storage')
        refuse('neither a uniform nor a storage buffer', 'only buffers are bound')
      if (group !== 0) refuse(`in group ${group}`, 'put all bindings into @group(0)')
      const wrong = () =>
        refuse(`of type ${type}`, 'arrays of f32, u32, i32, f16, their vectors and atomics are filled')
      const uniform = space === 'uniform'
      return {
        name,
        binding,
        space: uniform ? 'uniform' : 'storage',
        writable: access === 'read_write',
        element: uniform ? { scalar: 'u32', width: 1 } : (types.array(type) ?? wrong()),
        fields: uniform ? (types.fields(name, type) ?? wrong()) : [],
        measured: new RegExp(`\\barrayLength\\s*\\(\\s*&\\s*${name}\\b`).test(code),
      }
    })
  const overrides = [...code.matchAll(OVERRIDE)].map(([, name, value]): Override => {
    const number = value === undefined ? Number.NaN : Number(value.trim().replace(/(?<=\d)[uifh]$/, ''))
    return { name, ...(Number.isFinite(number) && { standard: number }) }
  })
  return { entry: func, overrides, variables, all: found.map(({ name }) => name) }
}

function entryOf(functions: readonly Func[], file: string, wanted: string | undefined): Func {
  const entries = functions.filter(({ compute }) => compute)
  const names = entries.map(({ name }) => name)
  if (entries.length === 0) fail('bench', `${file} has no entry point`, 'it begins with @compute @workgroup_size(…)')
  if (wanted === undefined) {
    if (entries.length > 1)
      fail('bench', `${file} has ${entries.length} entry points`, `--entry is one of ${names.join(', ')}`)
    return entries[0]
  }
  const near = nearest(wanted, names)
  return (
    entries.find(({ name }) => name === wanted) ??
    fail(
      'bench',
      `${file} has no entry point ${wanted}`,
      `${near ? `did you mean ${near}? ` : ''}it has ${names.join(', ')}`,
    )
  )
}

const attributeOf = (attributes: string, name: string): number =>
  Number(new RegExp(`@${name}\\s*\\(\\s*(\\d+)`).exec(attributes)?.[1])

/** The file's structs and aliases. */
class Types {
  private readonly structs: ReadonlyMap<string, string>
  private readonly aliases: ReadonlyMap<string, string>

  constructor(code: string) {
    this.structs = new Map([...code.matchAll(/\bstruct\s+(\w+)\s*\{([^}]*)\}/g)].map(([, name, body]) => [name, body]))
    this.aliases = new Map([...code.matchAll(/\balias\s+(\w+)\s*=\s*([^;]+);/g)].map(([, name, type]) => [name, type]))
  }

  /** What an array is of, also one that is a struct's only field; a single value is an array of one. */
  array(type: string): Element | null {
    const name = this.plain(type)
    const body = this.structs.get(name)
    if (body !== undefined) {
      const fields = membersOf(body)
      return fields.length === 1 ? this.array(fields[0][1]) : null
    }
    const inner = /^array<(.+?)(?:,\w+)?,?>$/.exec(name)
    return elementOf(this.plain(inner?.[1] ?? name))
  }

  fields(name: string, type: string): Field[] | null {
    const plain = this.plain(type)
    const members = membersOf(this.structs.get(plain) ?? `${name}: ${plain}`)
    const fields = members.flatMap(([field, of]) => {
      const element = /^\w+$/.test(field) ? elementOf(this.plain(of)) : null
      return element ? [{ name: field, element }] : []
    })
    return fields.length === members.length ? fields : null
  }

  private plain(type: string): string {
    const name = type.replace(/\s+/g, '')
    const alias = this.aliases.get(name)
    return alias === undefined
      ? name.replace(/\w+/g, (word) => this.aliases.get(word)?.replace(/\s+/g, '') ?? word)
      : this.plain(alias)
  }
}

/** Names and types of a struct's fields. One with attributes (@size, @align) has no plain name and is refused. */
function membersOf(body: string): [name: string, type: string][] {
  const parts = ['']
  let depth = 0
  for (const c of body) {
    if (c === '<') depth++
    else if (c === '>') depth--
    if (c === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += c
  }
  return parts.flatMap((part): [string, string][] => {
    const at = part.indexOf(':')
    return part.trim() === '' ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()]]
  })
}

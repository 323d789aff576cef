/**
 * @file A reader's own kernel as data: the texts of the command line's options, or of a page's fields, worked out for
 * each value of a sweep. Nothing here touches a device.
 */
import { fail, nearest, shown } from '../../core/errors.ts'
import type { HostTensor } from '../../io/elements.ts'
import { bindsOf, pairsOf, refuseUnused } from './agree.ts'
import { type Bind, bindOf, shapeOf } from './bind.ts'
import { type Declared, declarationsOf, type Variable } from './declarations.ts'
import { evaluate, evaluateAll, type Names } from './expression.ts'
import { sizeOf } from './types.ts'
import type { Values } from './uniform.ts'

/** What a kernel is given, as it is written on the command line (bench/README.md, "Your own kernel"). */
export interface OwnSpec {
  /** WGSL. */
  readonly code: string
  /** Names the text in errors and reports. */
  readonly file: string
  /** May be left out where there is one only. */
  readonly entry?: string
  /** `x=rand:1024x1024`, one for each storage buffer. */
  readonly bind: readonly string[]
  /** `n=1048576`, `dims=8,4,2,1`. */
  readonly param?: readonly string[]
  /** Overrides: `LANES=64`. */
  readonly constants?: readonly string[]
  /** Workgroups: `n/LANES`, or up to three with commas between them. */
  readonly groups: string
  /** Operations of one run. */
  readonly flop?: string
  /** Bytes that one run reads and writes at least; default: inputs and outputs once, what it changes twice. */
  readonly bytes?: string
  /** A constant or a param and its values: `LANES=32,64,128`. */
  readonly sweep?: string
}

/** Arrays of files by their path, read before. */
export type Files = ReadonlyMap<string, HostTensor>

/** A buffer as it is to be made. */
export interface Planned {
  readonly variable: Variable
  readonly bind: Bind
  readonly shape: readonly number[]
  /** Numbers in it. */
  readonly count: number
}

/** A kernel with everything known: one value of the sweep. */
export interface Plan {
  readonly declared: Declared
  /** `LANES=64`, where something is swept. */
  readonly variant: string | undefined
  readonly constants: Readonly<Record<string, number>>
  readonly params: Values
  readonly buffers: readonly Planned[]
  readonly uniforms: readonly Variable[]
  readonly grid: readonly [number, number, number]
  readonly flop: number | undefined
  readonly bytes: number
}

/** The paths of files that a spec names. */
export const pathsOf = (spec: OwnSpec): string[] =>
  spec.bind.flatMap((text) => {
    const { path } = bindOf(text)
    return path === undefined ? [] : [path]
  })

/**
 * A plan for each value of the sweep, or one.
 * @param checked  a reference is there, which may use params that nothing else does
 * @throws HandgradError for whatever does not agree with the file's declarations
 */
export function plansOf(spec: OwnSpec, files: Files, checked: boolean): Plan[] {
  const declared = declarationsOf(spec.code, spec.file, spec.entry)
  const [params, constants] = [pairsOf('param', spec.param), pairsOf('const', spec.constants)]
  const binds = bindsOf(spec, declared)
  if (!checked) refuseUnused(spec, declared, [...params.keys()])
  if (spec.sweep === undefined) return [planOf(spec, declared, binds, params, constants, files, undefined)]
  const [[name, values]] = pairsOf('sweep', [spec.sweep])
  const isConstant = declared.overrides.some((one) => one.name === name)
  if (!isConstant && !params.has(name))
    fail(
      'bench',
      `--sweep ${shown(name)} is not an override of ${spec.file}, nor a --param`,
      `${spec.file} has ${declared.overrides.map((one) => one.name).join(', ') || 'no overrides'}`,
    )
  return values.split(',').map((value) => {
    const [into, other] = isConstant ? [constants, params] : [params, constants]
    const changed = new Map(into).set(name, value)
    const variant = `${name}=${value.trim()}`
    return isConstant
      ? planOf(spec, declared, binds, other, changed, files, variant)
      : planOf(spec, declared, binds, changed, other, files, variant)
  })
}

function planOf(
  spec: OwnSpec,
  declared: Declared,
  binds: ReadonlyMap<string, Bind>,
  paramTexts: ReadonlyMap<string, string>,
  constantTexts: ReadonlyMap<string, string>,
  files: Files,
  variant: string | undefined,
): Plan {
  const names: Record<string, number> = Object.create(null)
  const constants: Record<string, number> = {}
  const known = declared.overrides.map(({ name }) => name)
  for (const { name, standard } of declared.overrides) if (standard !== undefined) names[name] = standard
  for (const [name, text] of constantTexts) {
    const near = nearest(name, known)
    if (!known.includes(name))
      fail(
        'bench',
        `--const ${name}: ${spec.file} has no such override`,
        near ? `did you mean ${near}?` : `it has ${known.join(', ') || 'none'}`,
      )
    constants[name] = names[name] =
      text === 'true' ? 1 : text === 'false' ? 0 : evaluate(text, names, `--const ${name}`, 'exact')
  }
  for (const { name, standard } of declared.overrides)
    if (
      standard === undefined &&
      !(name in constants) &&
      new RegExp(`\\boverride\\s+${name}\\s*(?::\\s*\\w+\\s*)?;`).test(spec.code)
    )
      fail('bench', `override ${name} has no value`, `give --const ${name}=…`)
  const params: Record<string, readonly number[]> = {}
  for (const [name, text] of paramTexts) {
    const values = evaluateAll(text, names, `--param ${name}`, 'exact')
    params[name] = values
    if (values.length === 1) [names[name]] = values
    else values.forEach((value, i) => (names[`${name}.${i}`] = value))
  }
  const buffers = [...binds.values()].map((bind): Planned => {
    const variable = declared.variables.find(({ name }) => name === bind.name) as Variable // bindsOf has seen to it
    const shape = bind.path === undefined ? shapeOf(bind, names) : [...(files.get(bind.path)?.shape ?? [])]
    const count = shape.reduce((a, b) => a * b, 1)
    names[`${bind.name}.size`] = count
    shape.forEach((size, i) => (names[`${bind.name}.${i}`] = size))
    return { variable, bind, shape, count }
  })
  const amount = (text: string | undefined, what: string): number | undefined => {
    if (text === undefined) return undefined
    const value = evaluate(text, names, what, 'exact')
    return value > 0 && Number.isFinite(value) ? value : fail('bench', `${what} is ${value}`, 'a number above 0')
  }
  return {
    declared,
    variant,
    constants,
    params,
    buffers,
    uniforms: declared.variables.filter(({ space }) => space === 'uniform'),
    grid: gridOf(spec.groups, names),
    flop: amount(spec.flop, '--flop'),
    bytes: amount(spec.bytes, '--bytes') ?? leastBytes(buffers),
  }
}

/** Workgroups in one dimension that every device has. */
const MOST_GROUPS = 65535

/** Workgroups as `--groups` says. */
export function gridOf(text: string, names: Names, op = 'bench'): [number, number, number] {
  const found = evaluateAll(text, names, '--groups', 'up', op)
  if (found.length > 3) fail(op, `--groups has ${found.length} numbers`, 'a grid has up to three dimensions')
  for (const count of found) {
    if (!Number.isInteger(count) || count < 1)
      fail(op, `--groups is ${found.join(',')}`, 'give whole numbers from 1 up')
    if (count > MOST_GROUPS)
      fail(
        op,
        `--groups is ${found.join(',')}, and a dimension has at most ${MOST_GROUPS}`,
        'use a second dimension, or let a thread do more',
      )
  }
  const [x, y = 1, z = 1] = found
  return [x, y, z]
}

const leastBytes = (buffers: readonly Planned[]): number =>
  buffers.reduce(
    (sum, { variable, bind, count }) => sum + (bind.role === 'inout' ? 2 : 1) * sizeOf(variable.element, count),
    0,
  )

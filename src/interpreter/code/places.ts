/**
 * @file Places: what stands left of `=`, behind `&`, or is loaded. Variables of a function whose address nobody takes
 * are registers, that is variables of JavaScript, one for each scalar. All else is memory: views of the same bytes as
 * f32, i32, u32, under a root's name and a letter:
 *
 *     b1f b1i b1u b1h   values (f16 as 16 bits)
 *     b1x               not 0: undefined, the number of the site that says so
 *     b1s               the shadow, which finds races
 *     b1n b1e           bytes in all, and where padding begins, in units
 */
import { offsetsOf, sizeOf, strideOf } from '../../wgsl/layout.ts'
import type { Variable } from '../../wgsl/tree.ts'
import {
  type ArrayType,
  bool,
  f16,
  type Matrix,
  type Scalar,
  type Type,
  type Vector,
  vector,
} from '../../wgsl/types.ts'
import type { Body } from './body.ts'
import { countOf, type Generator, type Root } from './generator.ts'
import { partsAt, type ScalarAt, scalarsOf } from './scalars.ts'
import { badOf, isCount, type Part, type Value } from './value.ts'

export interface Register {
  readonly js: string
  /** The variable that says whether its data is undefined; `0`: it never is. */
  readonly bad: string
}

export type Place =
  | {
      readonly kind: 'registers'
      readonly type: Type
      readonly variable: Variable
      /** One list of registers for each value of `index`. */
      readonly choices: readonly (readonly Register[])[]
      readonly index: string
    }
  | {
      readonly kind: 'memory'
      readonly type: Type
      readonly root: Root
      /** Where it begins, in units. */
      readonly at: string
      /** Where the vector begins that it is a component of. */
      readonly vector?: string
    }

/** `a + b` of places in memory; adding nothing leaves a name. */
const plus = (at: string, units: number): string => (units === 0 ? at : `(${at} + ${units})`)

export function placeOfRoot(root: Root): Place {
  const base = root.id === 'f' ? (root.base === 0 ? 'fp' : `(fp + ${root.base})`) : String(root.base)
  return { kind: 'memory', type: root.variable.type as Type, root, at: base }
}

/** Member `i` of a struct, or a component that is known. */
export function memberOf(body: Body, place: Place, i: number): Place {
  const { type } = place
  const part = type.kind === 'struct' ? type.members[i].type : elementType(type as Vector)
  if (place.kind === 'registers') {
    const [begin, count] = partsAt(type, i)
    return { ...place, type: part, choices: place.choices.map((all) => all.slice(begin, begin + count)) }
  }
  const offset = type.kind === 'struct' ? offsetsOf(type)[i] : i * strideIn(type as Vector)
  const at = plus(place.at, body.g.units(offset))
  return { ...place, type: part, at, vector: type.kind === 'vector' ? place.at : undefined }
}

const elementType = (type: Vector | Matrix | ArrayType): Type =>
  type.kind === 'matrix' ? vector(type.rows, type.of) : type.of

/** Bytes from one element to the next. */
const strideIn = (type: Vector | Matrix | ArrayType): number =>
  type.kind === 'vector' ? sizeOf(type.of) : type.kind === 'matrix' ? sizeOf(type) / type.columns : strideOf(type)

/** Element `index` of an array, a matrix or a vector; what is out of range is told, and kept inside. */
export function elementOf(body: Body, place: Place, index: Part, at: number): Place {
  const type = place.type as Vector | Matrix | ArrayType
  const root = place.kind === 'memory' ? place.root : undefined
  const i = body.inside(index, countIn(body, type, place), at, root)
  const of = elementType(type)
  if (place.kind === 'memory') {
    const stride = body.g.units(strideIn(type))
    const named = body.w.name(isCount(i) ? String(Number(i) * stride) : `Math.imul(${i}, ${stride})`)
    const to = named === '0' ? place.at : place.at === '0' ? named : `(${place.at} + ${named})`
    return { ...place, type: of, at: to, vector: type.kind === 'vector' ? place.at : undefined }
  }
  const parts = scalarsOf(of).length
  const count = scalarsOf(type).length / parts
  const cut = (all: readonly Register[]) =>
    Array.from({ length: count }, (_, k) => all.slice(k * parts, (k + 1) * parts))
  if (isCount(i)) return { ...place, type: of, choices: place.choices.map((all) => cut(all)[Number(i)]) }
  const combined = place.choices.length === 1 ? i : body.w.name(`${place.index} * ${count} + ${i}`)
  return { ...place, type: of, choices: place.choices.flatMap(cut), index: combined }
}

/** How many elements there are: a number, or an expression of the buffer's size. */
function countIn(body: Body, type: Vector | Matrix | ArrayType, place: Place): string {
  if (type.kind === 'vector') return String(type.size)
  if (type.kind === 'matrix') return String(type.columns)
  if (typeof type.count === 'number') return String(type.count)
  if (typeof type.count === 'string') return String(countOf(body.g.pipeline, type.count))
  return place.kind === 'memory' ? lengthOf(body, place.root, type) : '1'
}

/** Elements of the array whose length a buffer says: all of it, or the last member of a struct. */
export function lengthOf(body: Body, root: Root, type: ArrayType): string {
  const whole = root.variable.type as Type
  const begin = whole.kind === 'struct' ? (offsetsOf(whole).at(-1) as number) : 0
  const { g } = body
  return body.w.name(`Math.floor((${root.id}n - ${g.units(begin)}) / ${g.units(strideOf(type))})`)
}

// ---- loads and stores

const VIEWS = { f32: 'f', i32: 'i', u32: 'u', bool: 'u', f16: 'h' } as const

/** The element of a view that a scalar in memory is. */
function cell(body: Body, root: Root, of: Scalar, at: string): string {
  const view = `${root.id}${VIEWS[of.name as keyof typeof VIEWS]}`
  return `${view}[${body.g.unit === 4 || of === f16 ? at : `${at} >> 1`}]`
}

function read(of: Scalar, from: string): string {
  return of === bool ? `${from} !== 0` : of === f16 ? `f16OfBits(${from})` : from
}

function written(of: Scalar, js: string): string {
  return of === f16 ? `bitsF16(${js})` : of === bool ? `+${js}` : js
}

/** The value of a place now. @param at  where the text loads it */
export function load(body: Body, place: Place, at: number): Value {
  const { w } = body
  if (place.kind === 'registers') {
    const parts = scalarsOf(place.type).map((_, k) => ({
      js: w.fresh(chosen(place, (all) => all[k].js)),
      bad: place.choices[0][k].bad === '0' ? '0' : w.fresh(chosen(place, (all) => all[k].bad)),
    }))
    return { type: place.type, parts }
  }
  const { root } = place
  const start = w.name(place.at)
  const site = body.checked ? body.g.site(at, root) : 0
  watch(body, place, start, 'read', site)
  const parts = scalarsOf(place.type).map(({ of, offset }) => {
    const to = plus(start, body.g.units(offset))
    const bad = badAt(body, root, to, site)
    return { js: w.fresh(read(of, cell(body, root, of, to))), bad: w.name(bad) }
  })
  return { type: place.type, parts }
}

/** Whether a scalar in memory is undefined. */
function badAt(body: Body, root: Root, at: string, site: number): string {
  if (body.checked && root.external) return `${root.id}x[${wordOf(body.g, at)}] && ${site}`
  return body.g.isTainted(root.variable) ? `${root.id}x[${at}]` : '0'
}

/** Buffers know of each word whether it is undefined, thread and workgroup memory of each unit. */
export const wordOf = ({ unit }: Generator, at: string): string => (unit === 4 ? at : `${at} >> 1`)

const chosen = (
  { choices, index }: Extract<Place, { kind: 'registers' }>,
  of: (all: readonly Register[]) => string,
): string =>
  choices
    .slice(0, -1)
    .reduceRight((rest, all, k) => `${index} === ${k} ? ${of(all)} : ${rest}`, of(choices[choices.length - 1]))

/** Tells the shadow, and who traces, of an access: once for each vector. */
function watch(body: Body, place: Place, start: string, does: 'read' | 'write', site: number): void {
  if (place.kind !== 'memory' || !body.checked) return
  const { root, vector } = place
  if (root.id === 'f') return
  const { w, g } = body
  w.line('accesses++')
  let last = -1
  for (const one of scalarsOf(place.type)) {
    if (one.vector === last) continue
    last = one.vector
    const to = vector ?? plus(start, g.units(one.vector))
    if (root.shared) w.line(`${root.id}s.${does}(${to}, ${site})`)
  }
  if (g.code.tracing) w.line(`trace(${site}, '${does}', ${start}, ${sizeOf(place.type)})`)
}

/** `place = value` */
export function store(body: Body, place: Place, value: Value, at: number): void {
  const { w, g } = body
  const { parts } = value
  if (place.kind === 'registers') {
    const assign = (all: readonly Register[]) => body.assign(place.variable, all, parts)
    if (place.choices.length === 1) assign(place.choices[0])
    else place.choices.forEach((all, k) => w.block(`if (${place.index} === ${k}) `, () => assign(all)))
    return
  }
  const { root } = place
  const { external } = root
  const tainted = body.checked && !external && g.taint(root.variable, parts)
  const start = w.name(place.at)
  const scalars = scalarsOf(place.type)
  if (body.checked) {
    const site = g.site(at, root)
    watch(body, place, start, 'write', site)
    if (external) checkStore(body, root, start, scalars, parts, site)
  }
  scalars.forEach(({ of, offset }, k) => {
    const to = plus(start, g.units(offset))
    w.line(`${cell(body, root, of, to)} = ${written(of, parts[k].js)}`)
    if (!body.checked) return
    if (external)
      w.line(`${root.id}x[${wordOf(body.g, to)}] = ${parts[k].bad === '0' ? '0' : `+(${parts[k].bad} !== 0)`}`)
    else if (tainted) w.line(`${root.id}x[${to}] = ${parts[k].bad}`)
  })
}

/** What is written to a buffer is the tensor's own, and defined. */
function checkStore(
  body: Body,
  root: Root,
  start: string,
  scalars: readonly ScalarAt[],
  parts: readonly Part[],
  site: number,
): void {
  const last = plus(start, body.g.units(scalars[scalars.length - 1].offset))
  body.w.line(`if (${last} >= ${root.id}e) beyond(${site}, ${last})`)
  const bad = badOf(parts, body.w)
  if (bad !== '0') body.w.line(`if (${bad} && ${root.id}t) tainted(${site}, ${bad}, ${start})`)
}

/** The scalar of an atomic place. */
export const atomicCell = (body: Body, place: Place): { cell: string; of: Scalar; root: Root; at: string } => {
  if (place.kind !== 'memory' || place.type.kind !== 'atomic') throw new Error('an atomic is in memory')
  const { of } = place.type
  const at = body.w.name(place.at)
  return { cell: cell(body, place.root, of, at), of, root: place.root, at }
}

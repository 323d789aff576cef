/** @file A kernel's outputs against what a reader's function says is right, in float64: the first that are wrong. */
import { fail, shown } from '../../core/errors.ts'
import { ulpOf, type Worst, worstOf } from '../ulp.ts'
import { placeIn } from './guarded.ts'
import type { Plan, Planned } from './spec.ts'
import type { Element } from './types.ts'

/** Numbers by the names of bindings. */
export type Arrays = Readonly<Record<string, ArrayLike<number>>>

/** What a file given by --check exports. */
export interface Reference {
  /**
   * What is right.
   * @param inputs  arrays of float64, of what the device has: rounded to the buffer's type. `inout`: as it was before
   * @param params  params and constants by name; vectors as arrays
   * @param shapes  sizes by the names of bindings
   * @returns outputs by name, or the only one
   */
  readonly default: (
    inputs: Readonly<Record<string, Float64Array>>,
    params: Readonly<Record<string, number | readonly number[]>>,
    shapes: Readonly<Record<string, readonly number[]>>,
  ) => Arrays | ArrayLike<number> | Promise<Arrays | ArrayLike<number>>
  /**
   * The largest error that is right, in ulp of the output's type at the size of the element or of the root mean square
   * of all, whichever is larger. Default: 64; whole numbers must be equal.
   */
  readonly tolerance?: number
}

const ALLOWED = 64
/** Wrong elements that are shown. */
const SHOWN = 5
/** ulp of float32 in one of float16. */
const HALF = 2 ** 13

/** @returns the reference in a module */
export function referenceOf(module: unknown, file: string): Reference {
  const { default: run, tolerance } = (module ?? {}) as Partial<Reference>
  if (typeof run !== 'function')
    fail('bench', `${shown(file)} exports no function by default`, 'export default ({ x }, { n }) => ({ y: … })')
  if (tolerance !== undefined && !(typeof tolerance === 'number' && tolerance >= 0))
    fail('bench', `${shown(file)}: tolerance is ${String(tolerance)}`, 'a number of ulp from 0 up')
  return { default: run, tolerance }
}

/** What is right for a plan's outputs, by name. @throws HandgradError if the reference does not say */
export async function exactOf(
  reference: Reference,
  { params, constants, buffers }: Plan,
  inputs: Readonly<Record<string, Float64Array>>,
): Promise<Record<string, ArrayLike<number>>> {
  const values = Object.fromEntries(
    Object.entries(params).map(([name, list]) => [name, list.length === 1 ? list[0] : list]),
  )
  const shapes = Object.fromEntries(buffers.map(({ bind, shape }) => [bind.name, shape]))
  const given: unknown = await reference.default(inputs, { ...constants, ...values }, shapes)
  const outputs = buffers.filter(({ bind }) => bind.role !== 'in')
  const named = isArray(given) && outputs.length === 1 ? { [outputs[0].bind.name]: given } : given
  if (typeof named !== 'object' || named === null || isArray(named))
    fail(
      'bench',
      `the reference gave ${named === null ? 'null' : typeof named}`,
      `return { ${outputs.map(({ bind }) => bind.name).join(', ')} }`,
    )
  return Object.fromEntries(
    outputs.map(({ bind: { name }, count }) => {
      const exact: unknown = (named as Record<string, unknown>)[name]
      if (!isArray(exact))
        fail('bench', `the reference gives no ${name}`, `return { ${name}: an array of ${count} numbers }`)
      if (exact.length !== count)
        fail('bench', `the reference gives ${exact.length} numbers for ${name}`, `it has ${count}`)
      return [name, exact]
    }),
  )
}

const isArray = (x: unknown): x is ArrayLike<number> => Array.isArray(x) || (ArrayBuffer.isView(x) && 'length' in x)

/** How far an output is off, and its first wrong elements in words. */
export function compare(
  planned: Planned,
  found: Float64Array,
  exact: ArrayLike<number>,
  tolerance: number | undefined,
): { worst: Worst; wrong: string[] } {
  const { scalar } = planned.variable.element
  const worst = worstOf(found, exact)
  const allowed = allowedFor(scalar, tolerance)
  const typical = Math.sqrt(
    Array.from(exact).reduce((sum, x) => sum + (Number.isFinite(x) ? x * x : 0), 0) / Math.max(1, exact.length),
  )
  const off = (i: number): boolean => {
    if (Object.is(found[i], exact[i]) || found[i] === exact[i]) return false
    const ulp = Math.abs(found[i] - exact[i]) / ulpOf(Math.max(Math.abs(exact[i]), typical))
    return !(ulp <= allowed)
  }
  const wrong: number[] = []
  for (let i = 0; i < exact.length; i++) if (off(i)) wrong.push(i)
  if (wrong.length === 0) return { worst, wrong: [] }
  const { name } = planned.bind
  const head = `${wrong.length} of ${exact.length} elements of ${name} are wrong, ${limitIn(scalar, tolerance)}:`
  const lines = wrong
    .slice(0, SHOWN)
    .map((i) => `  ${placeIn(planned, i)} is ${show(found[i], scalar)}, right is ${show(exact[i], scalar)}`)
  return { worst, wrong: [head, ...lines] }
}

function allowedFor(scalar: Element['scalar'], tolerance: number | undefined): number {
  if (scalar === 'u32' || scalar === 'i32') return 0
  return (tolerance ?? ALLOWED) * (scalar === 'f16' ? HALF : 1)
}

const limitIn = (scalar: Element['scalar'], tolerance: number | undefined): string =>
  scalar !== 'f32' && scalar !== 'f16' ? 'which must be equal' : `by more than ${tolerance ?? ALLOWED} ulp`

/** All digits that the type has. */
const show = (x: number, scalar: Element['scalar']): string =>
  scalar === 'u32' || scalar === 'i32' ? String(x) : String(Number(x.toPrecision(scalar === 'f16' ? 5 : 9)))

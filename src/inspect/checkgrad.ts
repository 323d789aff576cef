/** @file A gradient worked out by hand beside the engine's, element by element. Loaded when it is asked for. */
import { describe, fail } from '../core/errors.ts'
import { numbersOf } from '../core/half.ts'
import { indexAt, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'

/** Numbers in the form of a tensor. */
export type Numbers = number | readonly Numbers[]

/** Options of {@link checkGrad}. */
export interface CheckGradOptions {
  /** Largest accepted |mine − grad| is `atol + rtol·|grad|`. Default 1e-8. */
  atol?: number
  /** Default 1e-5. */
  rtol?: number
}

/** An element in which the two differ. */
export interface Difference {
  readonly index: readonly number[]
  readonly mine: number
  readonly grad: number
}

/** What {@link checkGrad} found; as text, `exact: true | approximate: true | maxdiff: 0`. */
export interface GradCheck {
  /** Every element has the same bits. */
  readonly exact: boolean
  /** Every element is within the tolerance: always true of what is returned. */
  readonly approximate: true
  /** The largest |mine − grad|. */
  readonly maxdiff: number
  /** The elements that are not equal, all within the tolerance, in row-major order. */
  readonly different: readonly Difference[]
  /** The line that says it. */
  toString(): string
}

/** Differences that an error lists. */
const LISTED = 5

/** Row-major elements and shape of nested lists. */
function flattened(mine: Numbers): { data: number[]; shape: number[] } {
  const shape: number[] = []
  for (let at: unknown = mine; Array.isArray(at); at = at[0]) shape.push(at.length)
  const data = ([mine] as unknown[]).flat(Number.POSITIVE_INFINITY) as number[]
  const even = (at: unknown, axis: number): boolean =>
    axis === shape.length
      ? typeof at === 'number'
      : Array.isArray(at) && at.length === shape[axis] && at.every((part) => even(part, axis + 1))
  if (!even(mine, 0))
    fail('inspect.checkGrad', `mine is ${describe(mine)}`, 'give a tensor, or lists of numbers in its shape')
  return { data, shape }
}

/** As inspect.checkGrad. */
export async function checkGrad(x: Tensor, mine: Tensor | Numbers, options?: CheckGradOptions): Promise<GradCheck> {
  const op = 'inspect.checkGrad'
  const { atol, rtol } = optionsOf(op, options, { atol: 1e-8, rtol: 1e-5 })
  for (const [name, value] of Object.entries({ atol, rtol }))
    if (!(value >= 0)) fail(op, `${name} is ${describe(value)}`, 'give a number from 0 up')
  if (!(x instanceof Tensor)) fail(op, `x is ${describe(x)}, not a tensor`, 'give what backward() gave a .grad')
  // .grad itself says why there is none.
  const { grad } = x
  const own = mine instanceof Tensor ? { data: null, shape: mine.shape } : flattened(mine)
  if (String(own.shape) !== String(grad.shape) || own.shape.length !== grad.ndim)
    fail(op, `mine is ${showShape(own.shape)}, x.grad ${showShape(grad.shape)}`, 'a gradient has the shape of its x')
  const [a, b] = await Promise.all([own.data ?? numbersOf(mine as Tensor), numbersOf(grad)])
  const [different, beyond]: Difference[][] = [[], []]
  let maxdiff = 0
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i] || Object.is(a[i], b[i])) continue
    const found = { index: indexAt(grad.shape, i), mine: a[i], grad: b[i] }
    different.push(found)
    const off = Math.abs(a[i] - b[i])
    if (!(off <= maxdiff) && !Number.isNaN(maxdiff)) maxdiff = off
    // Of an infinite gradient the tolerance is infinite too.
    if (!(off <= atol + rtol * Math.abs(b[i])) || off === Infinity) beyond.push(found)
  }
  if (beyond.length > 0) {
    const list = beyond.slice(0, LISTED).map((d) => `[${d.index.join(', ')}]: mine ${d.mine}, grad ${d.grad}`)
    const more = beyond.length > LISTED ? `; and ${beyond.length - LISTED} more` : ''
    const what = `${beyond.length} of ${b.length} elements differ${beyond.length === 1 ? 's' : ''}, by ${maxdiff} at most: ${list.join('; ')}${more}`
    fail(op, what, 'look at the term of the chain rule that makes the first of them')
  }
  const text = `exact: ${different.length === 0} | approximate: true | maxdiff: ${maxdiff}`
  return { exact: different.length === 0, approximate: true, maxdiff, different, toString: () => text }
}

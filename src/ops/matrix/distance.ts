/**
 * @file Lengths, distances and angles of vectors, and the losses made of them. Where a length is 0, its gradient is 0.
 */

import { fail } from '../../core/errors.ts'
import { cutOf, floats } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { broadcastShapes, normalDim, sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkP, checkSameKind } from '../base/arguments.ts'
import { customGrad } from '../base/custom.ts'
import { parametersOf } from '../base/options.ts'
import { expand, squeeze, unsqueeze } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { abs, add, div, eq, maximum, mul, ne, sub, where } from '../elementwise/elementwise.ts'
import { lengths } from '../reduce/lengths.ts'
import { amax, sum } from '../reduce/reduce.ts'

const keepdim = { keepdim: true }

/** ‖x‖ₚ along an axis, which stays with size 1. p = 0 counts what is not 0. */
function lengthsAlong(op: string, x: Tensor, p: number, dim: number): Tensor {
  if (p === 0) {
    const count = sum(cast(ne(x, 0), x.dtype), dim, keepdim)
    // An error about the gradient that it lacks names what was called.
    count.cut = cutOf(`${op} with p: 0`, [x])
    return count
  }
  if (p === Infinity && x.shape[dim] > 0) return amax(abs(x), dim, keepdim)
  return lengths(x, p === Infinity ? 1 : p, [dim])
}

/**
 * The largest along the last axis, which stays with size 1; those that tie get the whole gradient each, as PyTorch's
 * cdist has it.
 */
const farthest = /* @__PURE__ */ customGrad(
  (a: Tensor): Tensor => amax(a, -1, keepdim),
  (g, [a], y) => [where(eq(a, y), g, 0)],
  'cdist',
)

/**
 * y[…, i, j] = ‖aᵢ − bⱼ‖ₚ of the rows of a [..., P, M] and b [..., R, M]: [..., P, R]. The differences are taken, not
 * the products, so that near points keep their digits; they need P·R·M elements of memory. The gradient at distance 0
 * is 0. Dtypes: floats.
 * @param options.p  from 0 (the count of coordinates that differ) to Infinity. Default 2
 * @throws HandgradError if an input has fewer than two axes, M differs, the axes in front do not broadcast, or p is not
 *   a number from 0 up
 */
export function cdist(a: Tensor, b: Tensor, options?: { p?: number }): Tensor
/** The same by position: `cdist(a, b, 1)`. */
export function cdist(a: Tensor, b: Tensor, p?: number): Tensor
export function cdist(a: Tensor, b: Tensor, ...given: unknown[]): Tensor {
  const op = 'cdist'
  const { p } = parametersOf(op, given, { p: 2 })
  checkDType(op, 'a', a, floats)
  checkSameKind(op, a, 'b', b)
  checkP(op, p)
  if (a.ndim < 2 || b.ndim < 2 || a.shape[a.ndim - 1] !== b.shape[b.ndim - 1])
    fail(op, `inputs are ${showShape(a.shape)} and ${showShape(b.shape)}`, 'give [..., P, M] and [..., R, M]')
  broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2))
  const d = sub(unsqueeze(a, -2), unsqueeze(b, -3))
  const most = p === Infinity && d.shape[d.ndim - 1] > 0
  return squeeze(most ? farthest(abs(d)) : lengthsAlong(op, d, p, d.ndim - 1), -1)
}

/** Two float tensors of one kind, broadcast to one shape. */
function broadcastPair(op: string, x1: Tensor, x2: Tensor): [Tensor, Tensor] {
  checkDType(op, 'x1', x1, floats)
  checkSameKind(op, x1, 'x2', x2)
  const shape = broadcastShapes(op, x1.shape, x2.shape)
  const stretch = (x: Tensor) => (sameShape(x.shape, shape) ? x : expand(x, shape))
  return [stretch(x1), stretch(x2)]
}

/**
 * y = ‖x1 − x2 + ε‖ₚ over the last axis, broadcasting. Dtypes: floats.
 * @param options.p    default 2
 * @param options.eps  keeps the root's slope finite. Default 1e-6
 * @returns the shape that both broadcast to without its last axis; with `keepdim` that has size 1
 * @throws HandgradError if shapes do not broadcast or both are 0-d, or p is not a number from 0 up
 */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  options?: { p?: number; eps?: number; keepdim?: boolean },
): Tensor
/** The same by position: `pairwiseDistance(x1, x2, 1)`. */
export function pairwiseDistance(x1: Tensor, x2: Tensor, p?: number, eps?: number, keepdim?: boolean): Tensor
export function pairwiseDistance(x1: Tensor, x2: Tensor, ...given: unknown[]): Tensor {
  const op = 'pairwiseDistance'
  const { p, eps, keepdim: keep } = parametersOf(op, given, { p: 2, eps: 1e-6, keepdim: false })
  const [a, b] = broadcastPair(op, x1, x2)
  checkP(op, p)
  if (a.ndim === 0) fail(op, 'the inputs are 0-d', 'give vectors: [..., M]')
  return scope(() => {
    const y = lengthsAlong(op, add(sub(a, b), eps), p, a.ndim - 1)
    return keep ? y : squeeze(y, -1)
  })
}

/**
 * y = x / max(‖x‖ₚ, ε) along an axis. Dtypes: floats.
 * @param options.p    default 2
 * @param options.dim  default 1
 * @param options.eps  default 1e-12
 * @returns x's shape
 * @throws HandgradError if dim is out of range, or p is not a number from 0 up
 */
export function normalize(x: Tensor, options?: { p?: number; dim?: number; eps?: number }): Tensor
/** The same by position: `normalize(x, 2, -1)`. */
export function normalize(x: Tensor, p?: number, dim?: number, eps?: number): Tensor
export function normalize(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'normalize'
  const { p, dim, eps } = parametersOf(op, given, { p: 2, dim: 1, eps: 1e-12 })
  checkDType(op, 'x', x, floats)
  checkP(op, p)
  const at = normalDim(op, dim, x.ndim)
  return scope(() => div(x, maximum(lengthsAlong(op, x, p, at), eps)))
}

/**
 * y = x1·x2 / (max(‖x1‖, ε)·max(‖x2‖, ε)) along an axis, broadcasting. Dtypes: floats.
 * @param options.dim  default 1
 * @param options.eps  default 1e-8
 * @returns the shape that both broadcast to without that axis
 * @throws HandgradError if shapes do not broadcast, or dim is out of range of what they broadcast to
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options?: { dim?: number; eps?: number }): Tensor
/** The same by position: `cosineSimilarity(x1, x2, -1)`. */
export function cosineSimilarity(x1: Tensor, x2: Tensor, dim?: number, eps?: number): Tensor
export function cosineSimilarity(x1: Tensor, x2: Tensor, ...given: unknown[]): Tensor {
  const op = 'cosineSimilarity'
  const { dim, eps } = parametersOf(op, given, { dim: 1, eps: 1e-8 })
  const [a, b] = broadcastPair(op, x1, x2)
  const at = normalDim(op, dim, a.ndim)
  return scope(() => {
    const [u, v] = [a, b].map((x) => div(x, maximum(lengths(x, 2, [at]), eps)))
    return sum(mul(u, v), at)
  })
}

/** @file Lengths of keys: of how many keys each row of a batch may see the first, where all have space for as many. */
import { fail } from '../../core/errors.ts'
import { badLength } from '../../core/reports.ts'
import { type Shape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { contiguous, expand, reshape, slice, unsqueeze } from '../base/views.ts'
import { arange, tensor } from '../creation/create.ts'
import { lt, where } from '../elementwise/elementwise.ts'

/**
 * As one int32 tensor [...outer, ...heads, 1], of which the first axis counts. Numbers are looked at before any work,
 * a tensor by the kernel.
 * @param count  how many keys there are
 */
export function lengthsOf(
  op: string,
  given: Tensor | readonly number[],
  outer: Shape,
  heads: Shape,
  count: number,
  { device }: Tensor,
): Tensor {
  const many = Array.isArray(given)
  if (many) {
    given.forEach((n, i) => {
      if (!(Number.isInteger(n) && n >= 0 && n <= count)) fail(op, ...badLength(i, n, count))
    })
  } else {
    checkDType(op, 'keyLengths', given as Tensor, ['int32'])
  }
  const have = many ? [given.length] : (given as Tensor).shape
  if (outer.length === 0) fail(op, 'keyLengths without a batch', 'give q, k and v an axis before heads and rows')
  if (have.length !== 1 || have[0] !== outer[0])
    fail(op, `keyLengths is ${showShape(have)}, the batch ${outer[0]}`, `give [${outer[0]}], a length for each row`)
  const own = many ? tensor(Int32Array.from(given), { device }) : contiguous(given as Tensor)
  const shape = [...outer, ...heads, 1]
  return expand(reshape(own, [outer[0], ...shape.slice(1).map(() => 1)]), shape)
}

/** Which of `count` keys lie before the length of their matrix, as [..., count, 1], for as many heads as x has. */
function before(lengths: Tensor, x: Tensor): Tensor {
  const heads = x.ndim > 3 ? [x.shape[x.ndim - 3]] : []
  const own = slice(
    lengths,
    ...lengths.shape.slice(0, -1 - heads.length).map(() => null),
    ...heads.map((n) => [0, n] as const),
  )
  return lt(unsqueeze(arange(x.shape[x.ndim - 2], { device: x.device }), 1), unsqueeze(own, -1))
}

/** Keys or values with zeros in place of what lies behind the length of their matrix, whatever that is. */
export const cleared = (x: Tensor, lengths: Tensor | undefined): Tensor =>
  lengths ? where(before(lengths, x), x, 0) : x

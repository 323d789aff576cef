/**
 * @file Tensors of 16 bits among the inputs of ops. They are storage: an op that takes them is given wider ones, and
 * what it computes from 16 bits alone is rounded to 16 bits again. Both are ops, so gradients and graphs need nothing
 * more: the gradient of a widened tensor is computed in float32, and rounded last.
 */
import { type DType, isFloat, isHalf } from '../../core/device.ts'
import { copyTo } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'

/** Floats, and those that are stored in 16 bits. */
export const stored: readonly DType[] = [...floats, 'float16', 'bfloat16']

/** `halves` of ops whose launch takes tensors of 16 bits as they are. */
export const asTheyAre = (): undefined => undefined

/** Floats of other bits: widened, or rounded to the nearest, ties to even. */
export const resize: Op<{ dtype: DType }> = defineOp({
  name: 'resize',
  as: 'to',
  inputs: ['x'],
  dtypes: floats,
  shape: ([x], { dtype }: { dtype: DType }) => ({ shape: x.shape, dtype }),
  halves: asTheyAre,
  launch: ([x], [y]) => copyTo('to', y, y.layout, x, x.layout),
  vjp: { x: (ctx) => resize([ctx.g], { dtype: ctx.meta('x').dtype }) },
})

/** A tensor that an op is given, if it is of 16 bits. */
export const isNarrow = (x: Tensor | undefined): boolean => x !== undefined && isHalf(x.dtype)

/**
 * `halves` of ops that are given wider tensors: those of the other inputs' float dtype, float32 where all have 16 bits.
 * Results are of the dtype that all floats among the inputs have, else of the wider one, as in PyTorch; 0-d tensors, as
 * numbers, have no say next to others.
 */
export function widen<A>(op: Op<A>, xs: readonly (Tensor | undefined)[], attrs: A): Tensor[] | undefined {
  if (!xs.some(isNarrow)) return undefined
  return scope(() => {
    const given = xs.filter((x) => x !== undefined && isFloat(x.dtype)) as Tensor[]
    const wide = given.find((x) => !isNarrow(x))?.dtype ?? 'float32'
    const ys = op.all(
      xs.map((x) => (isNarrow(x) ? resize([x], { dtype: wide }) : x)),
      attrs,
    )
    const deciding = given.some(({ ndim }) => ndim > 0) ? given.filter(({ ndim }) => ndim > 0) : given
    const [{ dtype: own }] = deciding
    if (!isHalf(own) || deciding.some(({ dtype }) => dtype !== own)) return ys
    return ys.map((y) => (isFloat(y.dtype) ? resize([y], { dtype: own }) : y))
  })
}

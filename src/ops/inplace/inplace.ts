/**
 * @file Changes in place: a leaf's update under `noGrad`, a buffer's. All of them are one op and a copy back into the
 * tensor's view, so an operand may overlap the tensor. They are not recorded, and backward notices a changed tensor
 * that it saved.
 */

import { bytesOf, type DType, isFloat } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { gradEnabled, noGrad } from '../../core/graph.ts'
import { copyTo, fillNew } from '../../core/launch.ts'
import { anyType, floats, numbers } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { expandView, showShape, type View } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { wasChanged } from '../base/again.ts'
import { checkDType, checkScalar, checkTensor } from '../base/arguments.ts'
import type { Operand } from '../base/launches.ts'
import { optionsOf } from '../base/options.ts'
import { clone } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, mul, sub } from '../elementwise/elementwise.ts'
import type { PutOptions } from '../indexing/at.ts'
import { put } from '../indexing/integers.ts'

const allTypes = Object.keys(bytesOf) as DType[]

/** Refuse what cannot be changed, values that do not fit, and what backward could not follow. */
function check(op: string, x: Tensor, value: Operand, takes: readonly DType[]): void {
  checkTensor(op, 'x', x)
  if (typeof value === 'number') checkScalar(op, value, x.dtype)
  else {
    checkTensor(op, 'the value', value)
    if (!takes.includes(value.dtype))
      fail(op, `${x.title} is ${x.dtype}, the value ${value.dtype}`, `cast with .to('${x.dtype}')`)
    if (value.device !== x.device)
      fail(op, `${x.title} is on ${x.device.name}, the value on ${value.device.name}`, 'move one with to(device)')
    expandView(op, value.layout, x.shape)
  }
  if (overlaps(x.layout)) {
    const kind = x.layout.strides.some((s, i) => s === 0 && x.shape[i] > 1) ? 'is expanded' : 'overlaps itself'
    fail(op, `${x.title} ${kind}: several elements share memory`, 'change a clone() of it')
  }
  refuseRecorded(op, x)
  if (value instanceof Tensor) refuseRecorded(op, value)
}

/** Those that have no op without the _. */
const inPlaceOnly = ['copy_', 'fill_', 'zero_']

function refuseRecorded(op: string, x: Tensor): void {
  if (!x.edge || !gradEnabled()) return
  const what = `${x.title} needs a gradient, and changes in place are not recorded`
  // A total of losses wants the first, the update of a leaf the second.
  const recorded = inPlaceOnly.includes(op) ? 'use a new tensor' : `write y = x.${op.slice(0, -1)}(…)`
  fail(op, what, `${recorded}, which keeps the gradient; or wrap it in noGrad(() => …), which drops it`)
}

/** True unless each axis steps over all that the axes of smaller strides reach; what is empty shares nothing. */
function overlaps({ shape, strides }: View): boolean {
  if (shape.includes(0)) return false
  const steps = strides.map((s, i): [number, number] => [Math.abs(s), shape[i]]).filter(([, n]) => n > 1)
  let reach = 0
  for (const [step, n] of steps.sort(([a], [b]) => a - b)) {
    if (step <= reach) return true
    reach += step * (n - 1)
  }
  return false
}

/**
 * x ← f(b), b cast to x's dtype, without recording; what is made on the way is freed at once. `takes`: the dtypes b may
 * have.
 */
function update(op: string, x: Tensor, b: Operand, takes: readonly DType[], f: (b: Operand) => Tensor): Tensor {
  check(op, x, b, takes)
  scope(() =>
    noGrad(() => {
      const value = f(typeof b === 'number' || b.dtype === x.dtype ? b : cast(b, x.dtype))
      if (!wasChanged(x)) copyTo(op, x, x.layout, value, expandView(op, value.layout, x.shape))
    }),
  )
  return x
}

/** x ← value. */
function assign(op: string, x: Tensor, value: Operand): Tensor {
  return update(op, x, value, allTypes, (v) => {
    if (typeof v === 'number') return fillNew(op, [], v, x.dtype, x.device)
    return v.storage === x.storage ? clone(v) : v
  })
}

/** x ← value, a number or a tensor, broadcast to x's shape and cast to its dtype. Any dtype. @returns x */
export const copy_ = (x: Tensor, value: Operand): Tensor => assign('copy_', x, value)
/**
 * x ← value everywhere. Any dtype.
 * @param value  a number, or a 0-d tensor of any dtype
 * @returns x
 * @throws HandgradError if value is a tensor of one or more axes, or a number that x's dtype cannot hold
 */
export function fill_(x: Tensor, value: Operand): Tensor {
  if (value instanceof Tensor && value.ndim > 0)
    fail('fill_', `value is ${showShape(value.shape)}`, 'give a number or a 0-d tensor; copy_ broadcasts')
  return assign('fill_', x, value)
}
/** x ← 0. Any dtype. @returns x */
export const zero_ = (x: Tensor): Tensor => assign('zero_', x, 0)

/** x ← f(b) for arithmetic: floats take b of any dtype, integers no floats. */
function arithmetic(op: string, x: Tensor, b: Operand, f: (b: Operand) => Tensor, allowed = numbers): Tensor {
  checkDType(op, 'x', x, allowed)
  return update(op, x, b, isFloat(x.dtype) ? allTypes : ['int32', 'bool'], f)
}
/**
 * x ← x + b, b cast to x's dtype. Dtypes: floats, int32.
 * @param options.alpha  a factor on b: x + alpha·b. Default 1
 * @returns x
 * @throws HandgradError if x is bool, or int32 and b of floats, or alpha is not a number that x's dtype can hold
 */
export function add_(x: Tensor, b: Operand, options?: { alpha?: number }): Tensor {
  const given = optionsOf('add_', options, { alpha: 1 })
  return arithmetic('add_', x, b, (v) => add(x, v, given))
}
/**
 * x ← x − b, b cast to x's dtype; the step of gradient descent: `noGrad(() => w.sub_(w.grad, { alpha: lr }))`. Dtypes:
 * floats, int32.
 * @param options.alpha  a factor on b: x − alpha·b. Default 1
 * @returns x
 * @throws HandgradError if x is bool, or int32 and b of floats, or alpha is not a number that x's dtype can hold
 */
export function sub_(x: Tensor, b: Operand, options?: { alpha?: number }): Tensor {
  const given = optionsOf('sub_', options, { alpha: 1 })
  return arithmetic('sub_', x, b, (v) => sub(x, v, given))
}
/**
 * x ← x·b, b cast to x's dtype. Dtypes: floats, int32.
 * @returns x
 * @throws HandgradError if x is bool, or int32 and b of floats
 */
export const mul_ = (x: Tensor, b: Operand): Tensor => arithmetic('mul_', x, b, (v) => mul(x, v))
/**
 * x ← x/b, b cast to x's dtype. Dtypes: floats.
 * @param options.roundingMode  as of {@link div}; then also int32
 * @returns x
 * @throws HandgradError if x is not of floats, or roundingMode is neither 'floor' nor 'trunc'
 */
export function div_(x: Tensor, b: Operand, options?: { roundingMode?: 'floor' | 'trunc' | null }): Tensor {
  const given = optionsOf('div_', options, { roundingMode: null })
  return arithmetic('div_', x, b, (v) => div(x, v, given), given.roundingMode == null ? floats : numbers)
}
/**
 * x.at(...indices) ← values, or with `accumulate` x.at(...indices) + values: {@link indexPut} in place, with int32
 * tensors and null for the first axes. Slices are views already: `noGrad(() => x.at([2, 5]).fill_(0))`. Any dtype
 * (accumulate: floats).
 * @returns x
 * @throws IndexError for an index outside its axis: at once for host integers and on the CPU, else at the next read
 * @throws HandgradError for no index at all or more than axes, values of another dtype than x, or with `accumulate` if
 *   x is not of floats
 */
export function indexPut_(
  x: Tensor,
  indices: readonly (Tensor | Int32Array | null)[],
  values: Operand,
  options?: PutOptions | boolean,
): Tensor {
  const op = 'indexPut_'
  if (values instanceof Tensor) refuseRecorded(op, values)
  return update(op, x, x, anyType, () => put(op, x, indices, values, options))
}

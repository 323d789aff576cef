/**
 * @file Changes in place: a leaf's update under `noGrad`, a buffer's. All of them are one op and a copy back into the tensor's
 * view, so an operand may overlap the tensor. They are not recorded, and backward notices a changed tensor that it saved.
 */
import { fail } from '../errors.ts'
import { gradEnabled, noGrad } from '../graph.ts'
import { floats, numbers } from '../op.ts'
import { expandView, type View } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkDType, checkScalar, checkTensor } from './arguments.ts'
import { type PutOptions, put } from './at.ts'
import { add, div, mul, sub } from './elementwise.ts'
import { copyTo, fillNew, type Operand } from './launches.ts'
import { clone } from './movement.ts'

/** Refuse what cannot be changed, values that do not fit, and what backward could not follow. */
function check(op: string, x: Tensor, value: Operand): void {
  checkTensor(op, 'x', x)
  if (typeof value === 'number') checkScalar(op, value, x.dtype)
  else {
    checkTensor(op, 'the value', value)
    if (value.dtype !== x.dtype)
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

function refuseRecorded(op: string, x: Tensor): void {
  if (!x.edge || !gradEnabled()) return
  const what = `${x.title} needs a gradient, and changes in place are not recorded`
  fail(op, what, 'wrap it in noGrad(() => …), or use the op without _')
}

/** True unless each axis steps over all that the axes of smaller strides reach. */
function overlaps({ shape, strides }: View): boolean {
  const steps = strides.map((s, i): [number, number] => [Math.abs(s), shape[i]]).filter(([, n]) => n > 1)
  let reach = 0
  for (const [step, n] of steps.sort(([a], [b]) => a - b)) {
    if (step <= reach) return true
    reach += step * (n - 1)
  }
  return false
}

/** x ← value, which is of x's dtype and broadcasts to its shape. */
function assign(op: string, x: Tensor, value: Tensor): Tensor {
  copyTo(op, x, x.layout, value, expandView(op, value.layout, x.shape))
  return x
}

/** x ← f() without recording; the temporary is freed at once. */
function update(op: string, x: Tensor, b: Operand, f: () => Tensor): Tensor {
  check(op, x, b)
  const value = noGrad(f)
  assign(op, x, value)
  value.dispose()
  return x
}

/** x ← value, broadcast to x's shape. @returns x */
export function copy_(x: Tensor, value: Tensor): Tensor {
  checkTensor('copy_', 'the value', value)
  check('copy_', x, value)
  return x.storage === value.storage ? update('copy_', x, value, () => clone(value)) : assign('copy_', x, value)
}
/** x ← value everywhere. @returns x */
export function fill_(x: Tensor, value: number): Tensor {
  checkTensor('fill_', 'x', x)
  checkScalar('fill_', value, x.dtype)
  return update('fill_', x, value, () => fillNew('fill_', [], value, x.dtype, x.device))
}
/** x ← 0. @returns x */
export const zero_ = (x: Tensor): Tensor => update('zero_', x, 0, () => fillNew('zero_', [], 0, x.dtype, x.device))

/** x ← f(x, b) for arithmetic. */
function arithmetic(op: string, f: (x: Tensor, b: Operand) => Tensor, allowed = numbers) {
  return (x: Tensor, b: Operand): Tensor => {
    checkDType(op, 'x', x, allowed)
    return update(op, x, b, () => f(x, b))
  }
}
/** x ← x + b. @returns x */
export const add_: (x: Tensor, b: Operand) => Tensor = arithmetic('add_', add)
/** x ← x − b, the step of gradient descent: `noGrad(() => w.sub_(w.grad.mul(lr)))`. @returns x */
export const sub_: (x: Tensor, b: Operand) => Tensor = arithmetic('sub_', sub)
/** x ← x·b. @returns x */
export const mul_: (x: Tensor, b: Operand) => Tensor = arithmetic('mul_', mul)
/** x ← x/b. Floats only. @returns x */
export const div_: (x: Tensor, b: Operand) => Tensor = arithmetic('div_', div, floats)
/**
 * x.at(...indices) ← values, or with `accumulate` x.at(...indices) + values: {@link put} in place, with int32 tensors and null for the
 * first axes. Slices are views already: `noGrad(() => x.at([2, 5]).fill_(0))`. @returns x
 */
export function indexPut_(
  x: Tensor,
  indices: readonly (Tensor | Int32Array | null)[],
  values: Operand,
  options: PutOptions = {},
): Tensor {
  if (values instanceof Tensor) refuseRecorded('indexPut_', values)
  return update('indexPut_', x, x, () => put('indexPut_', x, indices, values, options))
}

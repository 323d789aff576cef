/**
 * @file Changes in place: a leaf's update under `noGrad`, a buffer's. All of them are one op and a copy back into the tensor's
 * view, so an operand may overlap the tensor. They are not recorded, and backward notices a changed tensor that it saved.
 */
import { fail } from '../errors.ts'
import { gradEnabled, noGrad } from '../graph.ts'
import { floats, numbers } from '../op.ts'
import { expandView } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkDType, checkScalar, checkTensor } from './arguments.ts'
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
    expandView(op, value.view, x.shape)
  }
  if (x.view.strides.some((s, i) => s === 0 && x.shape[i] > 1)) {
    fail(op, `${x.title} is expanded: several elements share memory`, 'change a clone() of it')
  }
  const recorded = x.edge ? x : value instanceof Tensor && value.edge ? value : null
  if (recorded && gradEnabled()) {
    const what = `${recorded.title} needs a gradient, and changes in place are not recorded`
    fail(op, what, 'wrap it in noGrad(() => …), or use the op without _')
  }
}

/** x ← value, which is of x's dtype and broadcasts to its shape. */
function assign(op: string, x: Tensor, value: Tensor): Tensor {
  copyTo(op, x, x.view, value, expandView(op, value.view, x.shape))
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

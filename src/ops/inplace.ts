/**
 * @file Changes in place: a leaf's update under `noGrad`, a buffer's. All of them are one op and a copy back into the tensor's
 * view, so an operand may overlap the tensor. They are not recorded, and backward notices a changed tensor that it saved.
 */
import { fail } from '../errors.ts'
import { gradEnabled, noGrad } from '../graph.ts'
import { expandView } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { add, div, mul, sub } from './elementwise.ts'
import { copyTo, fillNew, type Operand } from './launches.ts'
import { clone } from './movement.ts'

/** Refuse what backward could not follow. */
function checkRecording(op: string, x: Tensor, value: Operand): void {
  if (!gradEnabled()) return
  const which = x.edge ? x : value instanceof Tensor && value.edge ? value : null
  if (which)
    fail(
      op,
      `${which.title} needs a gradient, and changes in place are not recorded`,
      'wrap it in noGrad(() => …), or use the op without _',
    )
}

function assign(op: string, x: Tensor, value: Tensor): Tensor {
  if (x.disposed) fail(op, `${x.title} was disposed`, 'return it from scope(), or keep(x) it')
  if (value.dtype !== x.dtype)
    fail(op, `${x.title} is ${x.dtype}, the value ${value.dtype}`, `cast with .to('${x.dtype}')`)
  if (value.device !== x.device)
    fail(op, `${x.title} is on ${x.device.name}, the value on ${value.device.name}`, 'move one with to(device)')
  if (x.view.strides.some((s, i) => s === 0 && x.shape[i] > 1)) {
    fail(op, `${x.title} is expanded: several elements share memory`, 'change a clone() of it')
  }
  copyTo(op, x, x.view, value, expandView(op, value.view, x.shape))
  return x
}

/** x = f(x, value) without recording; the temporary is freed at once. */
function update(op: string, x: Tensor, b: Operand, f: () => Tensor): Tensor {
  checkRecording(op, x, b)
  const value = noGrad(f)
  assign(op, x, value)
  value.dispose()
  return x
}

/** x ← value, broadcast to x's shape. @returns x */
export const copy_ = (x: Tensor, value: Tensor): Tensor => {
  checkRecording('copy_', x, value)
  return x.storage === value.storage ? update('copy_', x, value, () => clone(value)) : assign('copy_', x, value)
}
/** x ← value everywhere. @returns x */
export const fill_ = (x: Tensor, value: number): Tensor =>
  update('fill_', x, value, () => fillNew('fill_', [], value, x.dtype, x.device))
/** x ← 0. @returns x */
export const zero_ = (x: Tensor): Tensor => update('zero_', x, 0, () => fillNew('zero_', [], 0, x.dtype, x.device))
/** x ← x + b. @returns x */
export const add_ = (x: Tensor, b: Operand): Tensor => update('add_', x, b, () => add(x, b))
/** x ← x − b, the step of gradient descent: `noGrad(() => w.sub_(w.grad.mul(lr)))`. @returns x */
export const sub_ = (x: Tensor, b: Operand): Tensor => update('sub_', x, b, () => sub(x, b))
/** x ← x·b. @returns x */
export const mul_ = (x: Tensor, b: Operand): Tensor => update('mul_', x, b, () => mul(x, b))
/** x ← x/b. @returns x */
export const div_ = (x: Tensor, b: Operand): Tensor => update('div_', x, b, () => div(x, b))

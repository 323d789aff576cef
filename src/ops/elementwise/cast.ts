/** @file Changing the dtype, and the device. */

import { bytesOf, type DType, isFloat, isHalf } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { anyType, defineOp, floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { resize } from '../base/halves.ts'
import { type PointwiseCode, runPointwise } from '../base/launches.ts'

/** Op code from one kind of dtype to another. */
function castCode(from: DType, to: DType): PointwiseCode {
  if (from === to || (floats.includes(from) && floats.includes(to)) || (from === 'bool' && to === 'int32'))
    return 'COPY'
  if (to === 'bool') return floats.includes(from) ? 'F32_TO_BOOL' : 'I32_TO_BOOL'
  if (to === 'int32') return 'F32_TO_I32'
  return from === 'bool' ? 'BOOL_TO_F32' : 'I32_TO_F32'
}

const castOp = defineOp({
  name: 'to',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], { dtype }: { dtype: DType }) => ({ shape: x.shape, dtype }),
  launch: ([x], [y], { dtype }) => runPointwise('to', castCode(x.dtype, dtype), y, [x], x.dtype),
  vjp: { x: (ctx) => cast(ctx.g, ctx.meta('x').dtype) },
})

/**
 * The same values in another dtype: floats to int32 towards zero (saturating, NaN becomes 0), to bool by ≠ 0, to
 * float16 and bfloat16 the nearest, ties to even. Any dtype.
 * @throws HandgradError if there is no such dtype, or x's device does not have it
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkTensor('to', 'x', x)
  if (!Object.hasOwn(bytesOf, dtype)) {
    const todo = `dtypes are ${Object.keys(bytesOf).join(', ')}; a device is what await device('cpu') gives`
    fail('to', `${describe(dtype)} is neither a dtype nor a device`, todo)
  }
  if (!x.device.dtypes.includes(dtype))
    fail('to', `${x.device.name} has no ${dtype}`, `it has ${x.device.dtypes.join(', ')}`)
  if (!isHalf(x.dtype) && !isHalf(dtype)) return castOp([x], { dtype })
  // From and to integers by way of float32.
  if (!isFloat(x.dtype)) return resize([cast(x, 'float32')], { dtype })
  return isFloat(dtype) ? resize([x], { dtype }) : cast(resize([x], { dtype: 'float32' }), dtype)
}

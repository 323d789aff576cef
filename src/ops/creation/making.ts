/** @file Where and as what tensors are made: the options of every function that makes one. */

import { arrayOf, type Device, type DType, isFloat, isHalf } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { setRequiresGrad } from '../../core/graph.ts'
import { heldAs } from '../../core/half.ts'
import type { Shape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { getDefaultDevice } from '../../devices.ts'
import { checkTensor } from '../base/arguments.ts'
import { type Defaults, optionsOf } from '../base/options.ts'

/** Where and as what a tensor is made. */
export interface TensorOptions {
  /** Default: the default device. */
  device?: Device | null
  /** Default: float32, or what the data says. */
  dtype?: DType | null
  /** Make a leaf of the graph: `backward()` fills its `.grad`. */
  requiresGrad?: boolean
}

/** Of {@link TensorOptions}: the device and dtype that are not given are found by {@link deviceAndDType}. */
export const makingOptions = { device: null, dtype: null, requiresGrad: false } as const

/** The device and dtype that options ask for; `defaults` names those there may be. */
export function deviceAndDType(
  op: string,
  options: TensorOptions | undefined,
  otherwise: DType = 'float32',
  defaults: Defaults<TensorOptions> = makingOptions,
): { device: Device; dtype: DType } {
  const given = optionsOf(op, options, defaults)
  const { requiresGrad } = given
  const device = given.device ?? getDefaultDevice()
  const dtype = given.dtype ?? otherwise
  if (typeof device?.run !== 'function') fail(op, `${describe(device)} is not a device`, "give await device('auto')")
  if (!Object.hasOwn(arrayOf, dtype)) fail(op, `'${dtype}' is not a dtype`, `one of ${Object.keys(arrayOf).join(', ')}`)
  if (!device.dtypes.includes(dtype)) fail(op, `${device.name} has no ${dtype}`, `it has ${device.dtypes.join(', ')}`)
  if (requiresGrad && !isFloat(dtype)) {
    fail(op, `requiresGrad with dtype ${dtype}`, 'only float tensors have gradients')
  }
  return { device, dtype }
}

/** Options of the …Like functions: dtype and device are x's where they are not given. */
export function optionsLike(op: string, x: Tensor, options: TensorOptions | undefined): TensorOptions {
  checkTensor(op, 'x', x)
  const given = optionsOf(op, options, makingOptions)
  return { ...given, dtype: given.dtype ?? x.dtype, device: given.device ?? x.device }
}

/** The tensor, a leaf if the options say so. */
export const finished = (x: Tensor, options: TensorOptions | undefined): Tensor =>
  options?.requiresGrad ? setRequiresGrad(x, true) : x

/** A tensor of host numbers. The device refuses what is too large before the host makes it. */
export function written(op: string, shape: Shape, dtype: DType, device: Device, value: (i: number) => number): Tensor {
  const y = Tensor.alloc(device, dtype, [...shape], op)
  const data = new (isHalf(dtype) ? Float64Array : arrayOf[dtype])(y.numel)
  for (let i = 0; i < data.length; i++) data[i] = value(i)
  if (data.length > 0) device.write(y.storage.block, heldAs(dtype, data))
  return y
}

/** @file Where tensors of files go: to which device, and as what. */
import { bytesOf, type Device, type DType, isFloat } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { getDefaultDevice } from '../devices.ts'
import type { HostTensor } from './elements.ts'
import { nameOf } from './given.ts'
import { quote } from './header.ts'

/** Where tensors of files go, and as what. */
export interface LoadOptions {
  /** Default: the default device. */
  device?: Device
  /**
   * What float tensors become: float32 takes the nearest number of float64 data, which a WebGPU device needs; float64
   * holds all exactly; float16 and bfloat16 keep the bits of data that is of theirs, and take the nearest numbers of
   * others. Default: float64 data float64, other floats float32. Tensors of other dtypes stay as they are.
   */
  dtype?: 'float32' | 'float64' | 'float16' | 'bfloat16'
}

/** Where tensors go, and as what. @throws HandgradError if one of the options is none */
export function checkLoad(
  op: string,
  { device = getDefaultDevice(), dtype }: LoadOptions,
): { device: Device; dtype: LoadOptions['dtype'] } {
  if (typeof device?.run !== 'function') fail(op, `${describe(device)} is not a device`, "give await device('auto')")
  if (dtype !== undefined && !(Object.hasOwn(bytesOf, dtype) && isFloat(dtype)))
    fail(op, `dtype is ${describe(dtype)}`, 'floats become float32, float64, float16 or bfloat16')
  return { device, dtype }
}

/** The dtype that a tensor of a file has on a device. @throws HandgradError if the device lacks it */
export function loadedAs(
  op: string,
  path: string,
  name: string,
  own: HostTensor['dtype'],
  asked: LoadOptions['dtype'],
  device: Device,
): DType {
  const dtype = own === 'uint8' ? 'int32' : asked && isFloat(own) ? asked : own
  if (device.dtypes.includes(dtype)) return dtype
  const todo = "round to float32 by { dtype: 'float32' }, or load to the cpu"
  return fail(op, `${nameOf(path)}: tensor ${quote(name)} is ${dtype}, which ${device.name} does not have`, todo)
}

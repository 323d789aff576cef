/** @file Where tensors of files go: to which device, and as what. */
import type { Device, DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { floats } from '../core/op.ts'
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
   * holds all exactly. Default: float64 data float64, other floats float32. Tensors of other dtypes stay as they are.
   */
  dtype?: 'float32' | 'float64'
}

/** Where tensors go, and as what. @throws HandgradError if one of the options is none */
export function checkLoad(
  op: string,
  { device = getDefaultDevice(), dtype }: LoadOptions,
): { device: Device; dtype: LoadOptions['dtype'] } {
  if (typeof device?.run !== 'function') fail(op, `${describe(device)} is not a device`, "give await device('auto')")
  if (dtype !== undefined && !floats.includes(dtype))
    fail(op, `dtype is ${describe(dtype)}`, `floats become ${floats.join(' or ')}`)
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
  const dtype = own === 'uint8' ? 'int32' : asked && floats.includes(own) ? asked : own
  if (device.dtypes.includes(dtype)) return dtype
  const todo = "round to float32 by { dtype: 'float32' }, or load to the cpu"
  return fail(op, `${nameOf(path)}: tensor ${quote(name)} is ${dtype}, which ${device.name} does not have`, todo)
}

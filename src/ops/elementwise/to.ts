/** @file x.to(…): another dtype, which is a cast, or another device, which leaves the graph. */

import type { Device, DType } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { isLeaf, setRequiresGrad } from '../../core/graph.ts'
import { tensorOf } from '../../core/launch.ts'
import { cutOf } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { cast } from './cast.ts'

/**
 * `x.to('int32')`: the values in another dtype, recorded in the graph. `await x.to(device)`: a copy on another device,
 * outside of the graph (a leaf stays a leaf).
 * @throws HandgradError if there is no such dtype, x is disposed, or the device does not have the dtype (of another
 *   device: by the promise)
 */
export function to(x: Tensor, dtype: DType): Tensor

export function to(x: Tensor, device: Device): Promise<Tensor>

export function to(x: Tensor, target: DType | Device): Tensor | Promise<Tensor> {
  // What is neither is refused by cast.
  return typeof target === 'object' && typeof target?.run === 'function'
    ? toDevice(x, target)
    : cast(x, target as DType)
}

async function toDevice(x: Tensor, device: Device): Promise<Tensor> {
  if (!device.dtypes.includes(x.dtype))
    fail('to', `${device.name} has no ${x.dtype}`, `cast first: x.to('${device.dtypes[0]}')`)
  const leaf = x.edge !== null && isLeaf(x)
  const { shape, dtype } = x
  const cut = cutOf('to', [x])
  const y = tensorOf(await x.data(), shape, dtype, device, 'to')
  y.cut = cut
  return leaf ? setRequiresGrad(y, true) : y
}

/**
 * @file Ops whose result has a shape that depends on the values: maskedSelect, nonzero, bincount (unique has a file of
 * its own). All wait for the values on the host, so they are asynchronous, and no part of a step that should not wait.
 */

import type { Device, DType } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import { anyType, cutOf } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { broadcastShapes, type Shape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { expand, reshape } from '../base/views.ts'
import { indexSelect } from '../indexing/indexing.ts'

const counting = () => import('./counted.ts')

/** Numbers of the host, on a device; `cut` says what they were computed from, without a gradient. */
function made(op: string, data: ArrayLike<number>, shape: Shape, dtype: DType, device: Device, cut?: string): Tensor {
  const y = tensorOf(data, shape, dtype, device, op)
  y.cut = cut
  return y
}

/**
 * The elements of x where the mask is true, in row-major order, as [n]. Differentiable. Waits for the mask on the host,
 * to learn n; where(mask, x, 0) does not. Any dtype.
 * @param mask  bool; both broadcast
 * @throws HandgradError, by the promise, if x and the mask do not broadcast, or are on two devices
 */
export async function maskedSelect(x: Tensor, mask: Tensor): Promise<Tensor> {
  const op = 'maskedSelect'
  checkDType(op, 'x', x, anyType)
  checkDType(op, 'mask', mask, ['bool'])
  if (x.device !== mask.device)
    fail(op, `inputs are on ${x.device.name} and ${mask.device.name}`, 'move one with to(device)')
  const shape = broadcastShapes(op, x.shape, mask.shape)
  const wide = expand(mask, shape)
  const reading = wide.data()
  wide.dispose()
  const [data, { positions }] = await Promise.all([reading, counting()])
  const places = positions(data)
  return scope(() => indexSelect(reshape(expand(x, shape), [-1]), 0, places))
}

/**
 * Where x is not 0: int32 [n, ndim], a row of indices for each such element, in row-major order; with `asTuple` a list
 * of ndim tensors [n], one per axis. Waits for x on the host. Any dtype.
 */
export async function nonzero(x: Tensor, options?: { asTuple?: false }): Promise<Tensor>
export async function nonzero(x: Tensor, options: { asTuple: true }): Promise<Tensor[]>
export async function nonzero(x: Tensor, options?: { asTuple?: boolean }): Promise<Tensor | Tensor[]> {
  const op = 'nonzero'
  checkDType(op, 'x', x, anyType)
  const { asTuple } = optionsOf(op, options, { asTuple: false })
  const { shape, device } = x
  const cut = cutOf(op, [x])
  const [data, { indicesOf }] = await Promise.all([x.data(), counting()])
  const axes = indicesOf(data, shape)
  if (asTuple) return axes.map((places) => made(op, places, [places.length], 'int32', device, cut))
  const count = axes[0]?.length ?? (data[0] !== 0 ? 1 : 0)
  const rows = Array.from({ length: count }, (_, i) => axes.map((places) => places[i])).flat()
  return made(op, rows, [count, shape.length], 'int32', device, cut)
}

/** Options of {@link bincount}. */
export interface BincountOptions {
  /** [n], any dtype but bool: the result has it. */
  weights?: Tensor | null
  /** The least length of the result. Default 0. */
  minlength?: number
}

/**
 * y[i] = how often i occurs in x, or with `weights` the sum of their elements at those places, added in order. Waits
 * for x on the host. No gradient.
 * @param x  int32 [n], from 0 up
 * @param weights    [n], any dtype but bool: the result has it
 * @param minlength  the least length of the result; it is max x + 1 otherwise
 * @throws HandgradError, by the promise, if x has other axes than one or an element below 0, weights are not as long,
 *   or minlength is not an integer from 0 up
 */
export function bincount(x: Tensor, weights?: Tensor | null, minlength?: number): Promise<Tensor>
/** The same by name: `x.bincount({ minlength: 10 })`. */
export function bincount(x: Tensor, options?: BincountOptions): Promise<Tensor>
export async function bincount(x: Tensor, ...given: unknown[]): Promise<Tensor> {
  const op = 'bincount'
  checkDType(op, 'x', x, ['int32'])
  const { weights, minlength } = parametersOf(op, given, { weights: null as Tensor | null, minlength: 0 })
  if (x.ndim !== 1) fail(op, `x is ${showShape(x.shape)}`, 'give one axis')
  if (weights) {
    checkDType(op, 'weights', weights, ['float32', 'float64', 'int32'])
    if (weights.ndim !== 1 || weights.numel !== x.numel)
      fail(op, `weights are ${showShape(weights.shape)}, x is ${showShape(x.shape)}`, 'one weight for each element')
  }
  if (!Number.isInteger(minlength) || minlength < 0) fail(op, `minlength is ${minlength}`, 'give an integer from 0 up')
  const { dtype, device } = weights ?? x
  const cut = cutOf(op, [weights ?? x])
  const [data, by, { counts }] = await Promise.all([x.data(), weights?.data(), counting()])
  const sums = counts(op, data, by, minlength)
  return made(op, sums, [sums.length], dtype, device, cut)
}

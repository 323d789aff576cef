/**
 * @file Windows as columns: im2col takes them out of images, fold adds them up in place. Each is the other's gradient.
 */

import { fail } from '../../core/errors.ts'
import { copyTo, fillInto, launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { rowMajor, type Shape, showShape, type View } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { parametersOf } from '../base/options.ts'
import { reshape } from '../base/views.ts'
import {
  asImages,
  countWindows,
  eachAxis,
  type Pair,
  type PerAxis,
  perAxis,
  type WindowOptions,
  type Windows,
  windowsOf,
} from './windows.ts'

/** Windows on images of a size, and how many there are along each axis. */
interface FoldAttrs extends Windows {
  readonly size: Pair
  readonly count: Pair
}

const im2colOp: Op<FoldAttrs> = defineOp({
  name: 'im2col',
  inputs: ['x'],
  dtypes: floats,
  shape: ([x], { kernel, count }: FoldAttrs) => ({
    shape: [x.shape[0], x.shape[1] * kernel[0] * kernel[1], count[0] * count[1]],
  }),
  // Overlapping windows are a strided view of the padded image: two copies, no kernel.
  launch: ([x], [y], { size, kernel, stride, padding, dilation, count }) => {
    const [n, c] = x.shape
    let [image, view] = [x, x.layout]
    if (padding[0] + padding[1] > 0) {
      const shape = [n, c, ...eachAxis((i) => size[i] + 2 * padding[i])]
      image = Tensor.alloc(x.device, x.dtype, shape, 'im2col')
      fillInto('im2col', image, 0)
      view = image.layout
      const inside = { shape: x.shape, strides: view.strides, offset: padding[0] * view.strides[2] + padding[1] }
      copyTo('im2col', image, inside, x, x.layout)
    }
    const [sn, sc, sy, sx] = view.strides
    const windows: View = {
      shape: [n, c, ...kernel, ...count],
      strides: [sn, sc, sy * dilation[0], sx * dilation[1], sy * stride[0], sx * stride[1]],
      offset: view.offset,
    }
    copyTo('im2col', y, { ...windows, strides: rowMajor(windows.shape), offset: 0 }, image, windows)
    if (image !== x) image.dispose()
  },
  vjp: { x: (ctx) => foldOp([ctx.g], ctx.attrs) },
})

const foldOp: Op<FoldAttrs> = defineOp({
  name: 'fold',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x], { size, kernel }: FoldAttrs) => ({ shape: [x.shape[0], x.shape[1] / (kernel[0] * kernel[1]), ...size] }),
  launch: ([x], [y], { size, kernel, stride, padding, dilation, count }) => {
    const axis = (i: 0 | 1) => [count[i], size[i], kernel[i], stride[i]]
    const images = y.shape[0] * y.shape[1]
    const steps = [...padding, ...dilation]
    launch('fold', kernels.fold, [y, x], { rows: axis(0), cols: axis(1), steps, images, x_offset: x.layout.offset })
  },
  vjp: { x: (ctx) => im2colOp([ctx.g], ctx.attrs) },
})

/** Options in the order that PyTorch has here. */
const unfolding = { dilation: 1, padding: 0, stride: 1 }

/**
 * The windows of images as columns: y[n, (c, ky, kx), l] = x[n, c, oy·stride + ky·dilation − padding, …] for window l =
 * (oy, ox), zeros outside: PyTorch's `functional.unfold`. A convolution is a matrix product with these columns. Dtypes:
 * floats.
 * @param x           [N, C, H, W] or [C, H, W]
 * @param kernelSize  one number, or [height, width]
 * @returns           [N, C·kh·kw, windows]
 * @throws HandgradError if x has other axes or no pixels, the kernel is larger than the padded image, or kernelSize,
 *   stride, dilation or padding is not an integer from 1 (padding: 0) up, one for all axes or one for each
 */
export function im2col(x: Tensor, kernelSize: PerAxis, dilation?: PerAxis, padding?: PerAxis, stride?: PerAxis): Tensor
/** The same by name: `im2col(x, kernelSize, { stride: 2 })`. */
export function im2col(x: Tensor, kernelSize: PerAxis, options?: WindowOptions): Tensor
export function im2col(x: Tensor, kernelSize: PerAxis, ...given: unknown[]): Tensor {
  const op = 'im2col'
  const steps = parametersOf<Required<WindowOptions>>(op, given, unfolding)
  const { images, size } = asImages(op, x, 2)
  const windows = windowsOf(op, kernelSize, steps, 2)
  const y = im2colOp([images], { ...windows, size, count: countWindows(op, size, windows, 2) })
  return x.ndim === 4 ? y : reshape(y, y.shape.slice(1))
}

/**
 * The sum of windows in place: y[n, c, iy, ix] = Σ x[n, (c, ky, kx), l] over the windows l and taps that lie on that
 * pixel, in a fixed order. The transpose of {@link im2col}, not its inverse: where windows overlap they add up. Dtypes:
 * floats.
 * @param x           [N, C·kh·kw, windows] or without N
 * @param outputSize  [height, width] of the images
 * @returns           [N, C, height, width]
 * @throws HandgradError if x has other axes, its rows are not a multiple of kh·kw or its columns not the windows, the
 *   kernel is larger than the padded image, or a size, stride, dilation or padding is not an integer from 1
 *   (padding: 0) up, one for all axes or one for each
 */
export function fold(
  x: Tensor,
  outputSize: PerAxis,
  kernelSize: PerAxis,
  dilation?: PerAxis,
  padding?: PerAxis,
  stride?: PerAxis,
): Tensor
/** The same by name: `fold(x, outputSize, kernelSize, { stride: 2 })`. */
export function fold(x: Tensor, outputSize: PerAxis, kernelSize: PerAxis, options?: WindowOptions): Tensor
export function fold(x: Tensor, outputSize: PerAxis, kernelSize: PerAxis, ...given: unknown[]): Tensor {
  const op = 'fold'
  const steps = parametersOf<Required<WindowOptions>>(op, given, unfolding)
  checkDType(op, 'x', x, floats)
  const size = perAxis(op, 'outputSize', outputSize, 2, 1)
  const windows = windowsOf(op, kernelSize, steps, 2)
  const count = countWindows(op, size, windows, 2)
  if (x.ndim !== 3 && x.ndim !== 2) fail(op, `x is ${showShape(x.shape)}`, 'give [batch, channels · taps, windows]')
  const [rows, columns] = x.shape.slice(-2)
  const taps = windows.kernel[0] * windows.kernel[1]
  const many = count[0] * count[1]
  if (rows % taps !== 0) fail(op, `${rows} rows are not channels of ${taps} taps, kernel ${showShape(windows.kernel)}`)
  if (columns !== many) {
    fail(op, `x has ${columns} columns, images of ${showShape(size)} have ${count.join(' × ')} = ${many} windows`)
  }
  const batch: Shape = x.ndim === 3 ? x.shape : [1, ...x.shape]
  const y = foldOp([reshape(x, batch)], { ...windows, size, count })
  return x.ndim === 3 ? y : reshape(y, y.shape.slice(1))
}

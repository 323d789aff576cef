/** @file Making tensors: from host data, constants and ranges. */

import { type DType, isFloat } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import type { TypedArray } from '../../core/kernel.ts'
import { copyTo, fillNew, tensorOf } from '../../core/launch.ts'
import { checkShape, type Shape, showShape, sizeOf } from '../../core/shape.ts'
import type { Nested, Tensor } from '../../core/tensor.ts'
import { checkScalar } from '../base/arguments.ts'
import { deviceAndDType, finished, makingOptions, type TensorOptions, written } from './making.ts'

const optionsWithShape = { ...makingOptions, shape: null }

/**
 * A tensor from nested arrays, a typed array, a number or a boolean. Float64 data and plain numbers become float32,
 * Int32Array int32, Float16Array float16, booleans bool, unless `dtype` says otherwise. Of float16 and bfloat16 a
 * Uint16Array has the bits.
 * @param options.shape  for flat data: the shape to give it
 * @throws HandgradError if rows differ in shape, an element is neither number nor boolean or both occur, the elements
 *   do not fill `shape`, or one is not an int32 where that is the dtype
 */
export function tensor(
  data: Nested<number> | Nested<boolean> | TypedArray | Uint8Array | Float16,
  options?: TensorOptions & { shape?: Shape | null },
): Tensor {
  const op = 'tensor'
  const typed = isTyped(data) && typeof data[0] === 'number'
  const flat: ArrayLike<number | boolean> = typed ? data : []
  const found = typed ? [data.length] : flatten(data, flat as (number | boolean)[])
  const natural = naturalOf(data, flat[0])
  const { device, dtype } = deviceAndDType(op, options, natural, optionsWithShape)
  const shape = options?.shape ?? found
  checkShape(op, shape)
  if (sizeOf(shape) !== flat.length) fail(op, `${flat.length} elements do not fill ${showShape(shape)}`)
  let values = flat as ArrayLike<number> // true counts as 1
  if (dtype === 'bool') values = Uint32Array.from(values, (v) => (Number(v) === 0 ? 0 : 1))
  else if (dtype === 'int32' && !(data instanceof Int32Array)) {
    for (const v of Array.from(values, Number)) {
      if (v !== (v | 0)) fail(op, `${v} is not an int32`, "leave out dtype: 'int32'")
    }
  }
  return finished(tensorOf(values, [...shape], dtype, device, op), options)
}

/** Float16Array, which not every environment has, nor every TypeScript. */
type Float16 = ArrayLike<number> & ArrayBufferView

/** The dtype of what says none. */
function naturalOf(data: unknown, first: unknown): DType {
  if (data instanceof Int32Array) return 'int32'
  if (typeof first === 'boolean') return 'bool'
  return isTyped(data) && data.constructor.name === 'Float16Array' ? 'float16' : 'float32'
}

const isTyped = (data: unknown): data is TypedArray => ArrayBuffer.isView(data) && !(data instanceof DataView)

/** Collect a nested array's elements in order; its shape. */
function flatten(data: unknown, out: (number | boolean)[]): number[] {
  if (typeof data === 'number' || typeof data === 'boolean') {
    if (out.length > 0 && typeof data !== typeof out[0])
      fail('tensor', 'numbers and booleans are mixed', 'use one kind')
    out.push(data)
    return []
  }
  if (!Array.isArray(data) && !isTyped(data))
    fail('tensor', `an element is ${describe(data)}`, 'elements are numbers or booleans')
  const rows = Array.from(data as ArrayLike<unknown>, (row) => flatten(row, out))
  for (const row of rows) {
    if (row.join() !== rows[0].join())
      fail('tensor', `rows are ${showShape(rows[0])} and ${showShape(row)}`, 'all rows of one axis have one shape')
  }
  return [rows.length, ...(rows[0] ?? [])]
}

function filled(op: string, shape: Shape, value: number | boolean, options: TensorOptions | undefined): Tensor {
  checkShape(op, shape)
  const truth = typeof value === 'boolean'
  const { device, dtype } = deviceAndDType(op, options, truth ? 'bool' : 'float32')
  const number = truth ? Number(value) : value
  checkScalar(op, number, dtype)
  return finished(fillNew(op, [...shape], number, dtype, device), options)
}

/**
 * A tensor with every element the same value: float32 of a number, bool of true or false, unless `dtype` says
 * otherwise.
 * @throws HandgradError if shape is not a list of at most 8 integers from 0 up, or value is nothing that the dtype can
 *   hold
 */
export const full = (shape: Shape, value: number | boolean, options?: TensorOptions): Tensor =>
  filled('full', shape, value, options)
/** A tensor of zeros. @throws HandgradError if shape is not a list of at most 8 integers from 0 up */
export const zeros = (shape: Shape, options?: TensorOptions): Tensor => filled('zeros', shape, 0, options)
/** A tensor of ones. @throws HandgradError if shape is not a list of at most 8 integers from 0 up */
export const ones = (shape: Shape, options?: TensorOptions): Tensor => filled('ones', shape, 1, options)

/**
 * As {@link zeros}: a tensor to write into. What was in the memory before would make runs differ, so it is cleared.
 * @throws HandgradError if shape is not a list of at most 8 integers from 0 up
 */
export const empty = (shape: Shape, options?: TensorOptions): Tensor => filled('empty', shape, 0, options)

/**
 * The n × m matrix with ones on the diagonal.
 * @param m  default: n
 * @throws HandgradError if n or m is not an integer from 0 up
 */
export function eye(n: number, options?: TensorOptions): Tensor
export function eye(n: number, m?: number, options?: TensorOptions): Tensor
export function eye(n: number, ...rest: unknown[]): Tensor {
  const op = 'eye'
  const [m = n, options = {}] = (typeof rest[0] === 'object' ? [n, ...rest] : rest) as [number?, TensorOptions?]
  checkShape(op, [n, m])
  const { device, dtype } = deviceAndDType(op, options)
  const y = fillNew(op, [n, m], 0, dtype, device)
  const diagonal = { shape: [Math.min(n, m)], strides: [m + 1], offset: 0 }
  const one = fillNew(op, diagonal.shape, 1, dtype, device)
  copyTo(op, y, diagonal, one, one.layout)
  one.dispose()
  return finished(y, options)
}

/**
 * `steps` numbers from start to end, both included, evenly spaced: start + i·(end − start)/(steps − 1), from the nearer
 * end. One number is the start. Dtypes: floats.
 * @returns [steps]
 * @throws HandgradError if a bound is not finite, steps is not an integer from 0 up, or the dtype is not of floats
 */
export function linspace(start: number, end: number, steps: number, options?: TensorOptions): Tensor {
  const op = 'linspace'
  const { device, dtype } = deviceAndDType(op, options)
  if (!isFloat(dtype)) fail(op, `dtype is ${dtype}`, 'evenly spaced numbers are floats')
  if (![start, end].every(Number.isFinite)) fail(op, `${start} to ${end} is not a range`, 'give finite numbers')
  if (!Number.isInteger(steps) || steps < 0) fail(op, `steps is ${describe(steps)}`, 'give an integer from 0 up')
  const step = steps > 1 ? (end - start) / (steps - 1) : 0
  const value = (i: number) => (2 * i < steps ? start + i * step : end - (steps - 1 - i) * step)
  return finished(written(op, [steps], dtype, device, value), options)
}

/**
 * start + i·step for i from 0 to ⌈(end − start)/step⌉ − 1, computed in float64: below end for integers. Of fractions
 * the last may be end itself, as in NumPy and PyTorch: `arange(1, 1.3, 0.1)` has 4 elements, since 0.3/0.1 is more than
 * 3 there; `linspace` takes a number of elements. `arange(n)` counts from 0. int32 unless a bound or the step is not an
 * integer; if int32 is asked for then, start and step are cut to integers first, as in PyTorch: from 2.1 to −2.9 by −1
 * there are 2, 1, 0, −1, −2.
 * @param start  the first number; without `end` that one, and counting begins at 0
 * @returns [⌈(end − start)/step⌉]
 * @throws HandgradError if a bound or the step is not finite, the step is 0 (also once cut) or leads away from the end,
 *   the dtype is bool, or int32 cannot hold a bound
 */
export function arange(end: number, options?: TensorOptions): Tensor
export function arange(start: number, end: number, options?: TensorOptions): Tensor
export function arange(start: number, end?: number, step?: number, options?: TensorOptions): Tensor
export function arange(...given: unknown[]): Tensor {
  const op = 'arange'
  // Options may come in the place of what is left out.
  const at = given.findIndex((v, i) => i === 3 || (i > 0 && typeof v === 'object'))
  const [start, end, step = 1] = (at < 0 ? given : given.slice(0, at)) as [number, number?, number?]
  const [options = {}] = (at < 0 ? [] : given.slice(at)) as [TensorOptions?]
  const [from, to] = end === undefined ? [0, start] : [start, end]
  const range = `${from} to ${to} by ${step}`
  const whole = [from, to, step].every(Number.isInteger)
  const { device, dtype } = deviceAndDType(op, options, whole ? 'int32' : 'float32')
  if (![from, to, step].every(Number.isFinite)) fail(op, `${range} is not a range`, 'give finite numbers')
  if (step === 0) fail(op, `${range} never ends`, 'give a step other than 0')
  if ((to - from) / step < 0) fail(op, `${range} never ends`, 'turn the sign of the step')
  if (dtype === 'bool') fail(op, 'dtype is bool', 'compare the result with a number')
  const n = Math.ceil((to - from) / step)
  const [first, by] = dtype === 'int32' ? [Math.trunc(from), Math.trunc(step)] : [from, step]
  if (by === 0) fail(op, `a step of ${step} is 0 in int32`, 'give a step of 1 or more, or cast the result')
  if (dtype === 'int32' && n > 0) for (const v of [first, first + (n - 1) * by]) checkScalar(op, v, dtype)
  return finished(
    written(op, [n], dtype, device, (i) => first + i * by),
    options,
  )
}

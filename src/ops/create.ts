/** @file Making tensors: from host data, constants, ranges and random numbers. */
import { CpuDevice } from '../cpu/device.ts'
import { arrayOf, type Device, type DType } from '../device.ts'
import { fail } from '../errors.ts'
import { setRequiresGrad } from '../graph.ts'
import type { TypedArray } from '../kernel.ts'
import { describe, launch } from '../op.ts'
import { shaders } from '../shaders.generated.ts'
import { checkShape, type Shape, showShape, sizeOf } from '../shape.ts'
import { type Nested, Tensor } from '../tensor.ts'
import { deviceRandom } from './generator.ts'
import { kernels } from './kernels.ts'
import { fillNew, tensorOf } from './launches.ts'

/** Where and as what a tensor is made. */
export interface TensorOptions {
  /** Default: the default device. */
  device?: Device
  /** Default: float32, or what the data says. */
  dtype?: DType
  /** Make a leaf of the graph: `backward()` fills its `.grad`. */
  requiresGrad?: boolean
}

/** The CPU device that `device('cpu')` gives. */
export const cpu = new CpuDevice()

let defaultDevice: Device = cpu

/** Make creation functions use this device when none is given. */
export function setDefaultDevice(device: Device): void {
  if (typeof device?.run !== 'function')
    fail('setDefaultDevice', `${describe(device)} is no device`, "give await device('auto')")
  defaultDevice = device
}

/** The device that creation functions use when none is given; the CPU until set. */
export const getDefaultDevice = (): Device => defaultDevice

function checkDType(op: string, dtype: DType, device: Device): void {
  if (!(dtype in arrayOf)) fail(op, `'${dtype}' is no dtype`, `one of ${Object.keys(arrayOf).join(', ')}`)
  if (!device.dtypes.includes(dtype)) fail(op, `${device.name} has no ${dtype}`, `it has ${device.dtypes.join(', ')}`)
}

/**
 * A tensor from nested arrays, a typed array, a number or a boolean. Float64 data and plain numbers become float32, Int32Array
 * int32, booleans bool, unless `dtype` says otherwise.
 * @param options.shape  for flat data: the shape to give it
 * @throws HandgradError if rows differ in length, or the shape does not match
 */
export function tensor(
  data: Nested<number> | Nested<boolean> | TypedArray | Uint8Array,
  options: TensorOptions & { shape?: Shape } = {},
): Tensor {
  const device = options.device ?? defaultDevice
  const flat: number[] | TypedArray | Uint8Array = ArrayBuffer.isView(data) ? data : []
  const shape = ArrayBuffer.isView(data) ? [data.length] : flatten(data, flat as number[])
  const dtype = options.dtype ?? (data instanceof Int32Array ? 'int32' : isBool(data) ? 'bool' : 'float32')
  checkDType('tensor', dtype, device)
  if (options.shape) {
    checkShape('tensor', options.shape)
    if (sizeOf(options.shape) !== flat.length)
      fail('tensor', `${flat.length} elements do not fill ${showShape(options.shape)}`)
  }
  checkShape('tensor', shape)
  if (dtype === 'int32' && !(data instanceof Int32Array)) {
    for (const v of flat)
      if (!Number.isInteger(v) || Math.abs(v) > 2 ** 31) fail('tensor', `${v} is no int32`, "leave out dtype: 'int32'")
  }
  return finished(
    tensorOf(
      dtype === 'bool' ? Array.from(flat, Boolean).map(Number) : flat,
      options.shape ?? shape,
      dtype,
      device,
      'tensor',
    ),
    options,
  )
}

const isBool = (data: unknown): boolean =>
  typeof data === 'boolean' || (Array.isArray(data) && data.length > 0 && isBool(data[0]))

const finished = (x: Tensor, options: TensorOptions): Tensor => (options.requiresGrad ? setRequiresGrad(x, true) : x)

/** Collect a nested array's numbers in order; its shape. */
function flatten(data: unknown, out: number[]): number[] {
  if (typeof data === 'number' || typeof data === 'boolean') {
    out.push(Number(data))
    return []
  }
  if (!Array.isArray(data) && !ArrayBuffer.isView(data))
    fail('tensor', `an element is ${describe(data)}`, 'elements are numbers or booleans')
  const rows = Array.from(data as ArrayLike<unknown>, (row) => flatten(row, out))
  for (const row of rows) {
    if (row.join() !== rows[0].join())
      fail('tensor', `rows are ${showShape(rows[0])} and ${showShape(row)}`, 'all rows of one axis have one shape')
  }
  return [rows.length, ...(rows[0] ?? [])]
}

/** A tensor with every element the same value. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  const { device = defaultDevice, dtype = 'float32' } = options
  checkShape('full', shape)
  checkDType('full', dtype, device)
  if (typeof value !== 'number') fail('full', `value is ${describe(value)}`, 'give a number')
  return finished(fillNew('full', shape, value, dtype, device), options)
}

/** A tensor of zeros. */
export const zeros = (shape: Shape, options: TensorOptions = {}): Tensor => full(shape, 0, options)
/** A tensor of ones. */
export const ones = (shape: Shape, options: TensorOptions = {}): Tensor => full(shape, 1, options)

/**
 * start, start + step, … below end. `arange(n)` counts from 0. int32 unless a bound or the step is no integer.
 * @throws HandgradError if the step is 0 or leads away from the end
 */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end]
  const n = Math.ceil((to - from) / step)
  if (!Number.isFinite(n) || n < 0)
    fail('arange', `${from} to ${to} by ${step} never ends`, 'turn the sign of the step')
  const dtype = options.dtype ?? ([from, to, step].every(Number.isInteger) ? 'int32' : 'float32')
  const device = options.device ?? defaultDevice
  checkDType('arange', dtype, device)
  const data = Float64Array.from({ length: n }, (_, i) => from + i * step)
  return finished(tensorOf(data, [n], dtype, device, 'arange'), options)
}

const { UNIFORM, NORMAL } = shaders.random.consts

function drawn(op: string, shape: Shape, KIND: number, options: TensorOptions): Tensor {
  const { device = defaultDevice, dtype = 'float32' } = options
  checkShape(op, shape)
  checkDType(op, dtype, device)
  if (dtype !== 'float32' && dtype !== 'float64') fail(op, `dtype is ${dtype}`, 'random numbers are floats')
  const y = Tensor.alloc(device, dtype, shape, op)
  const size = y.numel
  const { seedLow, seedHigh, offset } = deviceRandom(Math.ceil(size / 4))
  if (size > 0) launch(op, kernels.random, [y], { size, seed_lo: seedLow, seed_hi: seedHigh, offset }, { KIND })
  return finished(y, options)
}

/** Uniform numbers in [0, 1), multiples of 2⁻²⁴; equal on every device for one seed. */
export const rand = (shape: Shape, options: TensorOptions = {}): Tensor => drawn('rand', shape, UNIFORM, options)
/** Standard normal numbers (Box & Muller 1958); equal on every device to 1e-6 for one seed. */
export const randn = (shape: Shape, options: TensorOptions = {}): Tensor => drawn('randn', shape, NORMAL, options)

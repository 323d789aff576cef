/**
 * @file Launching kernels on tensors, and the two kernels that the core itself launches: copy and fill. Nothing here is
 * recorded in the graph; what an op is, and how it is recorded, is in op.ts.
 */
import { copy, fill, type KernelParams } from './contracts.generated.ts'
import { type Device, type DType, isHalf } from './device.ts'
import { fail } from './errors.ts'
import { formatOf, heldAs, rounded, widened } from './half.ts'
import type { Constants, Kernel, ParamValue } from './kernel.ts'
import { isContiguous, mergeViews, type Shape, sizeOf, type View } from './shape.ts'
import { Tensor } from './tensor.ts'

/** A kernel with the types of its params. */
export type TypedKernel<P> = Kernel & { readonly paramTypes?: P }

/**
 * Launch a kernel on tensors' storages, in binding order (null: left out). Storages with the role `inout` count as
 * changed.
 * @param label  the op's name, for errors and profiles
 * @param whole  storages with the role `inout` are written in full: what was in them before does not matter
 * @throws HandgradError if a param of the kernel is missing; on the CPU, what its twin throws
 */
export function launch<P = Readonly<Record<string, ParamValue>>>(
  label: string,
  kernel: TypedKernel<P>,
  tensors: readonly (Tensor | null)[],
  params: P,
  constants?: Constants,
  whole = false,
): void {
  const { device } =
    tensors.find((x) => x !== null) ?? fail(label, 'no tensor was given', 'a launch is on the device of its tensors')
  const blocks = tensors.map((x) => x?.storage.block)
  device.run({ kernel, blocks, params: params as Readonly<Record<string, ParamValue>>, constants, label, whole })
  for (let i = 0; i < tensors.length; i++) {
    if (kernel.bindings[i]?.role === 'inout') tensors[i]?.storage.changed(label)
  }
}

// ---- new tensors

/** A tensor from a flat host array, converted to the dtype. Internal: no checks. */
export function tensorOf(data: ArrayLike<number>, shape: Shape, dtype: DType, device: Device, label: string): Tensor {
  const y = Tensor.alloc(device, dtype, shape, label)
  if (y.numel > 0) device.write(y.storage.block, heldAs(dtype, data))
  return y
}

/** A tensor filled with one value. Internal: no checks. */
export function fillNew(label: string, shape: Shape, value: number, dtype: DType, device: Device): Tensor {
  const y = Tensor.alloc(device, dtype, shape, label)
  fillInto(label, y, value)
  return y
}

/** Fill a fresh, contiguous tensor. */
export function fillInto(label: string, y: Tensor, value: number): void {
  if (y.numel === 0) return
  if (isHalf(y.dtype)) {
    // Rounded once, here: the nearest of 16 bits is a float32.
    const near = widened(formatOf(y.dtype), rounded(formatOf(y.dtype), [value]))[0]
    const one = fillNew(label, [], near, 'float32', y.device)
    copyTo(label, y, y.layout, one, { shape: y.shape, strides: y.shape.map(() => 0), offset: 0 })
    return one.dispose()
  }
  const INT = y.dtype === 'int32' || y.dtype === 'bool' ? 1 : 0
  if (INT && Math.abs(value) > 2 ** 24) y.device.write(y.storage.block, new Int32Array(y.numel).fill(value))
  else launch<KernelParams['fill']>(label, fill, [y], { size: y.numel, value }, { INT })
}

// ---- copy

/** The params that copy one view to another, of one shape. */
export function copyParams(dstView: View, srcView: View): KernelParams['copy'] {
  const size = sizeOf(dstView.shape)
  const flat = isContiguous(dstView) && isContiguous(srcView)
  const { shape, strides } = flat ? { shape: [size], strides: [[1], [1]] } : mergeViews([dstView, srcView])
  const [shape_lo, shape_hi] = halves(shape, 1)
  const [dst_lo, dst_hi] = halves(strides[0], 0)
  const [src_lo, src_hi] = halves(strides[1], 0)
  return {
    size,
    dst_offset: dstView.offset,
    src_offset: srcView.offset,
    flat: flat ? 1 : 0,
    ...{ shape_lo, shape_hi, dst_lo, dst_hi, src_lo, src_hi },
  }
}

/** dst[dstView] = src[srcView], two views of one shape; floats of other bits are widened or rounded. Not recorded. */
export function copyTo(label: string, dst: Tensor, dstView: View, src: Tensor, srcView: View): void {
  const size = sizeOf(dstView.shape)
  if (size === 0) return
  // What was in the storage before does not matter then, not even that it was void.
  const whole = size === dst.storage.length && isContiguous(dstView)
  const [FROM, TO] = [formatOf(src.dtype), formatOf(dst.dtype)]
  const formats = FROM || TO ? { FROM, TO, WHOLE: Number(whole) } : undefined
  launch(label, copy, [dst, src], copyParams(dstView, srcView), formats, whole)
}

/** dst[at] = src, of one element each; `at` may be a live cell. Not recorded. */
export function copyElement(label: string, dst: Tensor, at: ParamValue, src: Tensor): void {
  const one = { shape: [], strides: [] }
  const params = copyParams({ ...one, offset: 0 }, { ...one, offset: src.layout.offset })
  launch(label, copy, [dst, src], { ...params, flat: 0, dst_offset: at })
}

/** Up to eight numbers right-aligned in two fours. */
function halves(list: readonly number[], pad: number): [number[], number[]] {
  const all = [...new Array<number>(8 - list.length).fill(pad), ...list]
  return [all.slice(0, 4), all.slice(4)]
}

/** A row-major copy of any view of a tensor's storage. */
export function contiguousCopy(label: string, x: Tensor, view: View): Tensor {
  const y = Tensor.alloc(x.device, x.dtype, view.shape, label)
  copyTo(label, y, y.layout, x, view)
  return y
}

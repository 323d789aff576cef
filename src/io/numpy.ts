/** @file NumPy's files, .npy and .npz. What reads and writes them is loaded when it is first needed: npy.ts, npz.ts. */
import { describe, fail } from '../core/errors.ts'
import { tensorOf } from '../core/launch.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { HostTensor } from './elements.ts'
import { readWhole, writeBytes } from './files.ts'
import { checkBytes, checkPath, checkRecord, checkText, nameOf } from './given.ts'
import { checkLoad, type LoadOptions, loadedAs } from './placing.ts'

/** How {@link saveNpy} writes. */
export interface NpyOptions {
  /** What floats are rounded to; default: as they are. NumPy has no bfloat16. */
  readonly dtype?: 'float32' | 'float16'
}

/** How {@link saveNpz} packs arrays. */
export interface NpzOptions extends NpyOptions {
  /** True: deflated, as `numpy.savez_compressed` does; default false. */
  readonly compress?: boolean
}

/** How an archive is unpacked. */
export interface UnpackOptions {
  /**
   * Bytes that all arrays together may take. Default: 200 times those of the archive, at least 32 MiB, so that a small
   * file does not fill the memory.
   */
  readonly maxBytes?: number
}

type Arrays = Record<string, HostTensor>

/** Options, looked at before any code is loaded. */
function npzOptions<O extends NpzOptions>(op: string, options: O | undefined): NpzOptions {
  const asked = optionsOf(op, options as NpzOptions | undefined, { compress: false, dtype: undefined })
  npyDType(op, asked.dtype)
  return asked
}
function npyDType(op: string, dtype: NpyOptions['dtype']): NpyOptions['dtype'] {
  if (![undefined, 'float32', 'float16'].includes(dtype))
    fail(op, `dtype is ${describe(dtype)}`, 'NumPy has float32 and float16')
  return dtype
}
const npyOptions = (op: string, options: NpyOptions | undefined): NpyOptions['dtype'] =>
  npyDType(op, optionsOf(op, options, { dtype: undefined }).dtype)
function most(op: string, maxBytes: number | undefined): number | undefined {
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes >= 0))
    fail(op, `maxBytes is ${describe(maxBytes)}`, 'give a number from 0 up')
  return maxBytes
}

/** What a tensor holds now. */
const read = async (x: Tensor | HostTensor): Promise<HostTensor> =>
  x instanceof Tensor ? ({ dtype: x.dtype, shape: x.shape, data: await x.data() } as HostTensor) : x // of its dtype

async function npyFile(op: string, path: string): Promise<HostTensor> {
  const bytes = await readWhole(op, path)
  return (await import('./npy.ts')).decodeArray(op, nameOf(path), bytes)
}
async function npzFile(op: string, path: string, maxBytes: number | undefined): Promise<Arrays> {
  const bytes = await readWhole(op, path)
  return (await import('./npz.ts')).decodeArchive(op, nameOf(path), bytes, maxBytes)
}

/**
 * The array in the bytes of a .npy file: f2 and f4 as float32, f8 as float64, i1 to i4, u2 as int32, and u4, i8 and u8
 * where all values fit; u1 as uint8, b1 as bool; big-endian and Fortran's order too.
 * @param name  named in errors
 * @throws FormatError at whatever is wrong or untrue in it, or if it holds Python objects or another type
 */
export async function decodeNpy(bytes: Uint8Array, name = 'the npy data'): Promise<HostTensor> {
  const op = 'decodeNpy'
  checkText(op, 'name', name)
  return (await import('./npy.ts')).decodeArray(op, nameOf(name), checkBytes(op, 'the data', bytes))
}

/**
 * The bytes of a .npy file of an array.
 * @param options.dtype  'float32' or 'float16': what floats are rounded to
 * @throws HandgradError if the array does not agree with its shape
 */
export async function encodeNpy(x: HostTensor, options?: NpyOptions): Promise<Uint8Array<ArrayBuffer>> {
  const dtype = npyOptions('encodeNpy', options)
  return (await import('./npy.ts')).encodeArray('encodeNpy', x, dtype)
}

/**
 * The array in a .npy file; see {@link decodeNpy}.
 * @throws HandgradError if it cannot be read; FormatError at whatever is wrong or untrue in it
 */
export async function readNpy(path: string): Promise<HostTensor> {
  return npyFile('readNpy', path)
}

/**
 * The array in a .npy file as a tensor.
 * @param options.device  default: the default device
 * @param options.dtype   'float32' or 'float64': what floats become
 * @throws HandgradError if it cannot be read, or the device lacks the dtype; FormatError at whatever is wrong in it
 */
export async function loadNpy(path: string, options?: LoadOptions): Promise<Tensor> {
  const op = 'loadNpy'
  const { device, dtype } = checkLoad(op, optionsOf(op, options, { device: undefined, dtype: undefined }))
  const x = await npyFile(op, path)
  return tensorOf(x.data, x.shape, loadedAs(op, path, 'the array', x.dtype, dtype, device), device, op)
}

/**
 * Write a tensor or an array as it is now to a .npy file, in one step; `numpy.load(path)` reads it.
 * @param options.dtype  'float32' or 'float16': what floats are rounded to
 * @throws HandgradError if the array does not agree with its shape, or the file cannot be written
 */
export async function saveNpy(path: string, x: Tensor | HostTensor, options?: NpyOptions): Promise<void> {
  const op = 'saveNpy'
  const dtype = npyOptions(op, options)
  checkPath(op, path)
  const host = await read(x)
  await writeBytes(op, path, (await import('./npy.ts')).encodeArray(op, host, dtype))
}

/**
 * The arrays of a .npz file's bytes by name, read as by {@link decodeNpy}.
 * @param options.maxBytes  what all arrays together may take; default: 200 times the archive, at least 32 MiB
 * @throws FormatError at whatever is wrong or untrue in it, naming the array
 */
export async function decodeNpz(bytes: Uint8Array, name = 'the npz data', options?: UnpackOptions): Promise<Arrays> {
  const op = 'decodeNpz'
  const maxBytes = most(op, optionsOf(op, options, { maxBytes: undefined }).maxBytes)
  checkText(op, 'name', name)
  return (await import('./npz.ts')).decodeArchive(op, nameOf(name), checkBytes(op, 'the data', bytes), maxBytes)
}

/**
 * The bytes of a .npz file.
 * @param options.compress  true: deflated; default false
 * @param options.dtype     'float32' or 'float16': what floats are rounded to
 * @throws HandgradError if an array does not agree with its shape, or all take 4 GiB
 */
export async function encodeNpz(
  arrays: Readonly<Record<string, HostTensor>>,
  options?: NpzOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const op = 'encodeNpz'
  const asked = npzOptions(op, options)
  return (await import('./npz.ts')).encodeArchive(op, arrays, asked)
}

/**
 * The arrays of a .npz file by name, read as by {@link decodeNpy}.
 * @param options.maxBytes  what all arrays together may take; default: 200 times the archive, at least 32 MiB
 * @throws HandgradError if it cannot be read; FormatError at whatever is wrong or untrue in it, naming the array
 */
export async function readNpz(path: string, options?: UnpackOptions): Promise<Record<string, HostTensor>> {
  const op = 'readNpz'
  return npzFile(op, path, most(op, optionsOf(op, options, { maxBytes: undefined }).maxBytes))
}

/**
 * The arrays of a .npz file as tensors by name.
 * @param options.device    default: the default device
 * @param options.dtype     'float32' or 'float64': what floats become
 * @param options.maxBytes  what all arrays together may take; default: 200 times the archive, at least 32 MiB
 * @throws HandgradError if it cannot be read, or the device lacks a dtype; FormatError at whatever is wrong in it
 */
export async function loadNpz(path: string, options?: LoadOptions & UnpackOptions): Promise<Record<string, Tensor>> {
  const op = 'loadNpz'
  const { maxBytes, ...asked } = optionsOf(op, options, { device: undefined, dtype: undefined, maxBytes: undefined })
  const { device, dtype } = checkLoad(op, asked)
  const arrays = Object.entries(await npzFile(op, path, most(op, maxBytes)))
  const dtypes = arrays.map(([name, x]) => loadedAs(op, path, name, x.dtype, dtype, device))
  const loaded: Record<string, Tensor> = Object.create(null)
  arrays.forEach(([name, x], i) => {
    loaded[name] = tensorOf(x.data, x.shape, dtypes[i], device, op)
  })
  return loaded
}

/**
 * Write tensors or arrays as they are now to a .npz file, in one step; `numpy.load(path)` reads it.
 * @param options.compress  true: deflated; default false
 * @param options.dtype     'float32' or 'float16': what floats are rounded to
 * @throws HandgradError if an array does not agree with its shape, or the file cannot be written
 */
export async function saveNpz(
  path: string,
  tensors: Readonly<Record<string, Tensor | HostTensor>>,
  options?: NpzOptions,
): Promise<void> {
  const op = 'saveNpz'
  const asked = npzOptions(op, options)
  checkPath(op, path)
  checkRecord(op, 'what to save', tensors, 'give tensors by name')
  // All reads are asked for at once: one moment of a running training.
  const values = await Promise.all(Object.values(tensors).map(read))
  const arrays: Arrays = Object.create(null)
  Object.keys(tensors).forEach((name, i) => {
    arrays[name] = values[i]
  })
  await writeBytes(op, path, await (await import('./npz.ts')).encodeArchive(op, arrays, asked))
}

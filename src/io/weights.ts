/**
 * @file Weights on disk: tensors to a safetensors file and back, in Node. The format itself, for bytes from anywhere,
 * is safetensors.ts.
 */
import type { Device, DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { floats } from '../core/op.ts'
import type { Tensor } from '../core/tensor.ts'
import { getDefaultDevice } from '../devices.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { HostTensor } from './elements.ts'
import { checkPath, checkRecord, checkSize, nameOf } from './given.ts'
import { quote } from './header.ts'
import type { SafetensorsFile, TensorSource } from './open.ts'
import { checkFileDType, type EncodeOptions, type Safetensors } from './safetensors.ts'
import { writeTensors } from './stream.ts'

/** How {@link saveSafetensors} writes. */
export interface SaveOptions extends EncodeOptions {
  /** Strings to keep with the tensors. */
  metadata?: Readonly<Record<string, string>>
  /**
   * Bytes of tensors in a file: of `model.safetensors` there are `model-00001-of-00002.safetensors` … and, written
   * last, `model.safetensors.index.json`, which is what to load. A larger tensor has a file of its own. Default: one.
   */
  shardSize?: number
}

/** Where {@link loadSafetensors} puts tensors, and as what. */
export interface LoadOptions {
  /** Default: the default device. */
  device?: Device
  /**
   * What float tensors become: float32 takes the nearest number of float64 data, which a WebGPU device needs; float64
   * holds all exactly. Default: float64 data float64, other floats float32. Tensors of other dtypes stay as they are.
   */
  dtype?: 'float32' | 'float64'
}

/**
 * Write tensors (say a module's `stateDict()`) to a safetensors file, in one step: a crash leaves the old file or the
 * new. A file that is there keeps its permissions, and a link stays a link: what it leads to is written.
 * @param tensors  by name; host arrays are taken too
 * @param options.metadata  strings to keep with them
 * @param options.dtype  'float16', 'bfloat16' or 'float32': what floats are rounded to; see {@link EncodeOptions}
 * @param options.shardSize  bytes of tensors in a file, and an index beside them; see {@link SaveOptions}
 * @throws HandgradError if a tensor does not fit the format or changes before it is written, naming it, or the file
 *   cannot be written
 */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor | HostTensor>>,
  options?: SaveOptions,
): Promise<void> {
  const op = 'saveSafetensors'
  const { metadata, dtype, shardSize } = optionsOf(op, options, {
    metadata: {},
    dtype: undefined,
    shardSize: undefined,
  })
  checkPath(op, path)
  checkRecord(op, 'what to save', tensors, 'give tensors by name, such as model.stateDict()')
  checkFileDType(op, dtype)
  if (shardSize === undefined) return writeTensors(op, path, tensors, metadata, { dtype })
  checkSize(op, 'shardSize', shardSize)
  if (!path.endsWith('.safetensors')) fail(op, `the path is ${nameOf(path)}`, 'with shardSize: it ends in .safetensors')
  await (await import('./shards.ts')).writeShards(op, path, tensors, metadata, { dtype, bytes: shardSize })
}

/**
 * Open a safetensors file, the files of an index (`model.safetensors.index.json`), or whichever of them is in a folder,
 * to read tensors one by one: only headers are read and checked now. Behind a URL, tensors are read by `Range`; a
 * server that knows no ranges is read once, in the order of `for await`. What is in memory beside a tensor is a few
 * megabytes. Nothing stays open, so there is nothing to close.
 * @param source  a path or file: URL in Node, an http(s) URL, a Blob, or `{ size, read(begin, end) }`; in a page text
 *   is a URL
 * @param options.device  where tensors go; default: the default device
 * @param options.dtype   what floats become; see {@link LoadOptions}
 * @throws HandgradError if the source cannot be read; FormatError at whatever is wrong or untrue in a header or index
 * @example
 * const file = await io.openSafetensors('gpt2')
 * using wte = await file.tensor('wte.weight', { rows: [0, 100] })
 * for await (const [name, x] of file) …
 */
export async function openSafetensors(source: TensorSource, options?: LoadOptions): Promise<SafetensorsFile> {
  const op = 'openSafetensors'
  const asked = optionsOf(op, options, { device: undefined, dtype: undefined })
  return (await import('./open.ts')).opened(op, source, asked)
}

/**
 * A safetensors file as host arrays, with its metadata; or all files of an index. The header is checked before the data
 * are read. Which element types are read as what is said at {@link decodeSafetensors}.
 * @param source  as {@link openSafetensors} takes it
 * @throws HandgradError if the file cannot be read; FormatError at whatever is wrong or untrue in it
 */
export async function readSafetensors(source: TensorSource): Promise<Safetensors> {
  const op = 'readSafetensors'
  const file = await (await import('./open.ts')).opened(op, source, {})
  return { tensors: await file.hosts(op), metadata: file.metadata }
}

/**
 * The tensors of a safetensors file, or of all files of an index, by name: what `loadStateDict` takes. Names that the
 * metadata tie to a tensor are there too, as the same one.
 * F16 and BF16 data become float32, exactly; uint8 and other integers int32.
 * @param source  as {@link openSafetensors} takes it
 * @param options.device  default: the default device
 * @param options.dtype   'float32' or 'float64': what floats become; see {@link LoadOptions}
 * @throws HandgradError if the file cannot be read, or the device lacks a tensor's dtype, naming file and tensor;
 *   FormatError at whatever is wrong in the file
 */
export async function loadSafetensors(source: TensorSource, options?: LoadOptions): Promise<Record<string, Tensor>> {
  const op = 'loadSafetensors'
  const asked = optionsOf(op, options, { device: undefined, dtype: undefined })
  return (await (await import('./open.ts')).opened(op, source, asked)).all(op)
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

/**
 * @file Weights on disk: tensors to a safetensors file and back, in Node. The format itself, for bytes from anywhere,
 * is safetensors.ts.
 */
import type { Device } from '../core/device.ts'
import { describe, fail, failFormat, HandgradError } from '../core/errors.ts'
import { tensorOf } from '../core/launch.ts'
import { floats } from '../core/op.ts'
import { Tensor } from '../core/tensor.ts'
import { getDefaultDevice } from '../devices.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { HostTensor } from './elements.ts'
import { nodeFiles, reasonOf, writeBytes } from './files.ts'
import { checkPath, checkRecord, nameOf } from './given.ts'
import { quote, readHeader, readHeaderLength } from './header.ts'
import { checkFileDType, type EncodeOptions, encode, readTensors, type Safetensors } from './safetensors.ts'

/** Most bytes asked of the system in one read. */
const PIECE = 2 ** 28

/** How {@link saveSafetensors} writes. */
export interface SaveOptions extends EncodeOptions {
  /** Strings to keep with the tensors. */
  metadata?: Readonly<Record<string, string>>
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

/** A tensor's values on the host, as safetensors take them. */
async function toHost(x: Tensor): Promise<HostTensor> {
  const data = await x.data()
  return { dtype: x.dtype, shape: x.shape, data } as HostTensor // a tensor's data() is the array of its dtype
}

/**
 * Write tensors (say a module's `stateDict()`) to a safetensors file, in one step: a crash leaves the old file or the
 * new. A file that is there keeps its permissions, and a link stays a link: what it leads to is written.
 * @param tensors  by name; host arrays are taken too
 * @param options.metadata  strings to keep with them
 * @param options.dtype  'float16', 'bfloat16' or 'float32': what floats are rounded to; see {@link EncodeOptions}
 * @throws HandgradError if a tensor does not fit the format, naming it, or the file cannot be written
 */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor | HostTensor>>,
  options?: SaveOptions,
): Promise<void> {
  const op = 'saveSafetensors'
  const { metadata, dtype } = optionsOf(op, options, { metadata: {}, dtype: undefined })
  checkPath(op, path)
  checkRecord(op, 'what to save', tensors, 'give tensors by name, such as model.stateDict()')
  checkFileDType(op, dtype)
  const host: Record<string, HostTensor> = Object.create(null)
  // All reads are asked for before the first await, so the file holds one moment of a running training.
  const values = await Promise.all(Object.values(tensors).map((x) => (x instanceof Tensor ? toHost(x) : x)))
  Object.keys(tensors).forEach((name, i) => {
    host[name] = values[i]
  })
  await writeBytes(op, path, encode(op, host, metadata, { dtype }))
}

/**
 * A safetensors file as host arrays, with its metadata. The header is checked before the data are read. Which element
 * types are read as what is said at {@link decodeSafetensors}.
 * @throws HandgradError if the file cannot be read; FormatError at whatever is wrong or untrue in it
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return read('readSafetensors', path)
}

async function read(op: string, path: string): Promise<Safetensors> {
  checkPath(op, path)
  const { fs } = nodeFiles(op)
  const name = nameOf(path)
  try {
    const file = await fs.open(path, 'r')
    try {
      const take = async (at: number, length: number) => {
        const bytes = new Uint8Array(length)
        for (let done = 0; done < length; ) {
          const { bytesRead } = await file.read(bytes, done, Math.min(length - done, PIECE), at + done)
          if (bytesRead === 0) failFormat(op, `${name}: the file became shorter while it was read`)
          done += bytesRead
        }
        return bytes
      }
      const { size } = await file.stat()
      const length = readHeaderLength(op, name, await take(0, Math.min(size, 8)), size)
      const { entries, metadata } = readHeader(op, name, await take(8, length), size - 8 - length)
      return { tensors: readTensors(op, name, entries, await take(8 + length, size - 8 - length)), metadata }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof HandgradError) throw error
    fail(op, `cannot read ${name}, ${reasonOf(error)}`)
  }
}

/**
 * The tensors of a safetensors file by name, what `loadStateDict` takes. F16 and BF16 data become float32, exactly;
 * uint8 and other integers int32.
 * @param options.device  default: the default device
 * @param options.dtype   'float32' or 'float64': what floats become; see {@link LoadOptions}
 * @throws HandgradError if the file cannot be read, or the device lacks a tensor's dtype, naming file and tensor;
 *   FormatError at whatever is wrong in the file
 */
export async function loadSafetensors(path: string, options?: LoadOptions): Promise<Record<string, Tensor>> {
  const op = 'loadSafetensors'
  const { device = getDefaultDevice(), dtype: asked } = optionsOf(op, options, { device: undefined, dtype: undefined })
  if (typeof device?.run !== 'function') fail(op, `${describe(device)} is not a device`, "give await device('auto')")
  if (asked !== undefined && !floats.includes(asked))
    fail(op, `dtype is ${describe(asked)}`, `floats become ${floats.join(' or ')}`)
  const { tensors } = await read(op, path)
  const dtypeOf = ({ dtype }: HostTensor) =>
    dtype === 'uint8' ? 'int32' : asked && floats.includes(dtype) ? asked : dtype
  // All are looked at before the first one is made.
  for (const [name, host] of Object.entries(tensors)) {
    const dtype = dtypeOf(host)
    if (device.dtypes.includes(dtype)) continue
    const todo = "round to float32 by { dtype: 'float32' }, or load to the cpu"
    fail(op, `${nameOf(path)}: tensor ${quote(name)} is ${dtype}, which ${device.name} does not have`, todo)
  }
  const loaded: Record<string, Tensor> = Object.create(null)
  try {
    for (const [name, host] of Object.entries(tensors))
      loaded[name] = tensorOf(host.data, [...host.shape], dtypeOf(host), device, op)
  } catch (error) {
    // Out of memory: what was made is given back at once.
    for (const x of Object.values(loaded)) x.dispose()
    throw error
  }
  return loaded
}

/**
 * @file Weights on disk: tensors to a safetensors file and back, in Node. The format itself, for bytes from anywhere,
 * is safetensors.ts.
 */
import type { Device, DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { floats } from '../core/op.ts'
import { Tensor } from '../core/tensor.ts'
import { getDefaultDevice } from '../devices.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type HostTensor, tensorDType } from './elements.ts'
import { checkPath, checkRecord, nameOf } from './given.ts'
import { type Entry, quote } from './header.ts'
import { checkFileDType, type EncodeOptions, type Safetensors } from './safetensors.ts'
import { withTensors, writeTensors } from './stream.ts'

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
  await writeTensors(op, path, tensors, metadata, { dtype })
}

/**
 * A safetensors file as host arrays, with its metadata. The header is checked before the data are read. Which element
 * types are read as what is said at {@link decodeSafetensors}.
 * @throws HandgradError if the file cannot be read; FormatError at whatever is wrong or untrue in it
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return withTensors('readSafetensors', path, async (file) => {
    const tensors: Record<string, HostTensor> = Object.create(null)
    for (const entry of file.entries) tensors[entry.name] = await file.host(entry)
    return { tensors, metadata: file.metadata }
  })
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
  return withTensors(op, path, async (file) => {
    // All are looked at before the first one is made.
    const dtypes = file.entries.map((entry) => loadedAs(op, path, entry, asked, device))
    const loaded: Record<string, Tensor> = Object.create(null)
    try {
      for (const [i, entry] of file.entries.entries()) {
        loaded[entry.name] = Tensor.alloc(device, dtypes[i], entry.shape, op)
        await file.fill(entry, loaded[entry.name])
      }
    } catch (error) {
      // Out of memory, say: what was made is given back at once.
      for (const x of Object.values(loaded)) x.dispose()
      throw error
    }
    return loaded
  })
}

/** The dtype that a tensor of a file has on a device. @throws HandgradError if the device lacks it */
function loadedAs(op: string, path: string, { name, tag }: Entry, asked: LoadOptions['dtype'], device: Device): DType {
  const own = tensorDType(tag)
  const dtype = asked && floats.includes(own) ? asked : own
  if (device.dtypes.includes(dtype)) return dtype
  const todo = "round to float32 by { dtype: 'float32' }, or load to the cpu"
  return fail(op, `${nameOf(path)}: tensor ${quote(name)} is ${dtype}, which ${device.name} does not have`, todo)
}

/**
 * @file Weights on disk: tensors to a safetensors file and back, in Node. The format itself, for bytes from anywhere,
 * is safetensors.ts.
 */
import type { Device } from '../core/device.ts'
import { fail, failFormat, HandgradError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { tensor } from '../ops/index.ts'
import { nodeFiles, reasonOf, writeBytes } from './files.ts'
import {
  encodeSafetensors,
  type HostTensor,
  readHeader,
  readHeaderLength,
  readTensors,
  type Safetensors,
} from './safetensors.ts'

/** Most bytes asked of the system in one read. */
const PIECE = 2 ** 28

/** A tensor's values on the host, as safetensors take them. */
async function toHost(x: Tensor): Promise<HostTensor> {
  const data = await x.data()
  return { dtype: x.dtype, shape: x.shape, data } as HostTensor // a tensor's data() is the array of its dtype
}

/**
 * Write tensors (say a module's `stateDict()`) to a safetensors file, in one step: a crash leaves the old file or the
 * new.
 * @param tensors  by name; host arrays are taken too
 * @param options.metadata  strings to keep with them
 * @throws HandgradError if a tensor does not fit the format or the file cannot be written
 */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor | HostTensor>>,
  options?: { metadata?: Readonly<Record<string, string>> },
): Promise<void> {
  const { metadata } = optionsOf('saveSafetensors', options, { metadata: undefined })
  const host: Record<string, HostTensor> = Object.create(null)
  // All reads are asked for before the first await, so the file holds one moment of a running training.
  const values = await Promise.all(Object.values(tensors).map((x) => (x instanceof Tensor ? toHost(x) : x)))
  Object.keys(tensors).forEach((name, i) => {
    host[name] = values[i]
  })
  await writeBytes('saveSafetensors', path, encodeSafetensors(host, metadata))
}

/**
 * A safetensors file as host arrays, with its metadata. The header is checked before the data are read.
 * @throws HandgradError if the file cannot be read; FormatError at whatever is wrong or untrue in it
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return read('readSafetensors', path)
}

async function read(op: string, path: string): Promise<Safetensors> {
  const { fs } = nodeFiles(op)
  try {
    const file = await fs.open(path, 'r')
    try {
      const take = async (at: number, length: number) => {
        const bytes = new Uint8Array(length)
        for (let done = 0; done < length; ) {
          const { bytesRead } = await file.read(bytes, done, Math.min(length - done, PIECE), at + done)
          if (bytesRead === 0) failFormat(op, `${path}: the file became shorter while it was read`)
          done += bytesRead
        }
        return bytes
      }
      const { size } = await file.stat()
      const length = readHeaderLength(op, path, await take(0, Math.min(size, 8)), size)
      const { entries, metadata } = readHeader(op, path, await take(8, length), size - 8 - length)
      return { tensors: readTensors(op, path, entries, await take(8 + length, size - 8 - length)), metadata }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof HandgradError) throw error
    fail(op, `cannot read ${path}, ${reasonOf(error)}`)
  }
}

/**
 * The tensors of a safetensors file by name, what `loadStateDict` takes. uint8 data become int32.
 * @param options.device  default: the default device
 * @throws HandgradError if the file cannot be read or the device lacks a dtype; FormatError at whatever is wrong in it
 */
export async function loadSafetensors(path: string, options?: { device?: Device }): Promise<Record<string, Tensor>> {
  const { device } = optionsOf('loadSafetensors', options, { device: undefined })
  const { tensors } = await read('loadSafetensors', path)
  const loaded: Record<string, Tensor> = Object.create(null)
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    loaded[name] = tensor(data, { shape, dtype: dtype === 'uint8' ? 'int32' : dtype, device })
  }
  return loaded
}

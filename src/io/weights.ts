/**
 * @file What is called for safetensors: tensors to a file in Node, and back from wherever bytes are. The format itself
 * is safetensors.ts; what reads is loaded when it is needed, open.ts.
 */
import { fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { HostTensor } from './elements.ts'
import { checkPath, checkRecord, checkSize, nameOf } from './given.ts'
import type { SafetensorsFile, TensorSource } from './open.ts'
import type { LoadOptions } from './placing.ts'
import { checkFileDType, type EncodeOptions, type Safetensors } from './safetensors.ts'
import { writeTensors } from './stream.ts'

/** How {@link saveSafetensors} writes. */
export interface SaveOptions extends EncodeOptions {
  /** Strings to keep with the tensors. */
  metadata?: Readonly<Record<string, string>>
  /**
   * Bytes of tensors in a file: of `model.safetensors` there are `model-00001-of-00002.safetensors` … and
   * `model.safetensors.index.json`, which is what to load. A larger tensor has a file of its own. All are written
   * before the first takes the place of an older one, the index last. Default: one file.
   */
  shardSize?: number
}

/**
 * Write tensors (say a module's `stateDict()`) to a safetensors file, in one step: a crash leaves the old file or the
 * new. A file that is there keeps its permissions, and a link stays a link: what it leads to is written. What an
 * earlier save left of the same name in the other form, as one file or as parts and an index, goes last.
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
  let files = [path]
  if (shardSize === undefined) await writeTensors(op, path, tensors, metadata, { dtype })
  else {
    checkSize(op, 'shardSize', shardSize)
    if (!path.endsWith('.safetensors'))
      fail(op, `the path is ${nameOf(path)}`, 'with shardSize: it ends in .safetensors')
    checkRecord(op, 'metadata', metadata, 'give strings by name')
    const { writeShards } = await import('./shards.ts')
    files = await writeShards(op, path, tensors, metadata, { dtype, bytes: shardSize })
  }
  if (path.endsWith('.safetensors')) await (await import('./shards.ts')).dropEarlier(op, path, files)
}

/**
 * Open a safetensors file, the files of an index (`model.safetensors.index.json`), or whichever of them is in a folder,
 * to read tensors one by one: only headers are read and checked now. Behind a URL, tensors are read by `Range`; a
 * server that knows no ranges is read once, in the order of `for await`, and its response is open until all of it was
 * read. What is in memory beside a tensor is a few megabytes. No file stays open, so there is nothing to close.
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
 * The tensors of a safetensors file, or of all files of an index, by name: what `loadStateDict` takes. Names that
 * {@link writeSafetensors} tied to a tensor are there too, as the same one; those of `safetensors.torch.save_model`,
 * which cannot be told from other metadata, are `tied` of {@link openSafetensors}.
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

/**
 * @file Tensors written as Hugging Face has them, wherever bytes can go: a folder, a file, a stream. What a file is
 * made of, piece by piece, is stream.ts; several with an index are shards.ts.
 */
import { fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type FileDType, totalOf } from './elements.ts'
import { nodeFiles } from './files.ts'
import { checkPath, checkRecord, checkSize } from './given.ts'
import { quote, TIED } from './header.ts'
import { checkFileDType } from './safetensors.ts'
import { checkTensors, type Sink, type Tensors, writeTensors } from './stream.ts'

/** How {@link writeSafetensors} writes. */
export interface WriteOptions {
  /** Strings to keep with the tensors. */
  metadata?: Readonly<Record<string, string>>
  /** What floats are rounded to, under the format's name or PyTorch's; default: as what they are. */
  dtype?: 'F32' | 'F16' | 'BF16' | FileDType
  /** Bytes of tensors in a file; with more there are several, and an index beside them. A larger tensor has its own. */
  shardBytes?: number
}

const fileDTypes: Readonly<Record<string, FileDType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }

/**
 * Write tensors to a folder (as Hugging Face has them: `model.safetensors`, or its parts and last their index), to a
 * file, or into a stream (a page's file, say), piece by piece: what is in memory beside the tensors is a few megabytes.
 * Files appear whole or not at all, as by {@link saveSafetensors}; what an earlier save left of the same name, as one
 * file or as parts and an index, goes last.
 *
 * Names of one and the same tensor (tied weights) are one in the file, the first: the format has no room for two names
 * of the same bytes. The metadata lead from the others to it, as `safetensors.torch.save_model` writes and `load_model`
 * reads it, and a second entry (`handgrad_tied.NAME`) marks each of them: {@link openSafetensors} and
 * {@link loadSafetensors} know all names.
 * @param target  a path that ends in .safetensors, that of a folder, a file: URL of either, or a WritableStream
 * @param tensors  by name; host arrays are taken too
 * @param options.dtype  'F32', 'F16' or 'BF16': floats are rounded to the nearest, ties to even
 * @param options.shardBytes  bytes of tensors in a file; not for a stream
 * @throws HandgradError if a tensor does not fit the format or changes before it is written, naming it, or the target
 *   cannot be written
 */
export async function writeSafetensors(
  target: string | URL | WritableStream<Uint8Array>,
  tensors: Tensors,
  options?: WriteOptions,
): Promise<void> {
  const op = 'writeSafetensors'
  const asked = optionsOf(op, options, { metadata: {}, dtype: undefined, shardBytes: undefined })
  checkRecord(op, 'what to save', tensors, 'give tensors by name, such as model.stateDict()')
  checkTensors(op, tensors)
  const dtype = asked.dtype && Object.hasOwn(fileDTypes, asked.dtype) ? fileDTypes[asked.dtype] : asked.dtype
  checkFileDType(op, dtype as FileDType)
  const { shardBytes } = asked
  if (shardBytes !== undefined) checkSize(op, 'shardBytes', shardBytes)
  checkRecord(op, 'metadata', asked.metadata, 'give strings by name')
  const { kept, tied } = untied(op, tensors, asked.metadata)
  const metadata = { ...asked.metadata, ...tied }
  const writing = { dtype: dtype as FileDType, makeFolder: true }
  if (typeof target === 'object' && target !== null && 'getWriter' in target) {
    if (target.locked) fail(op, 'the stream is locked to another writer', 'give a fresh one')
    if (shardBytes !== undefined) fail(op, 'shardBytes is given, and a stream is one file', 'leave it out')
    return writeTensors(op, intoStream(target), kept, metadata, writing)
  }
  const given: unknown =
    target instanceof URL && target.protocol === 'file:' ? nodeFiles(op).url.fileURLToPath(target) : target
  checkPath(op, given)
  // As a path it would be a folder named "https:".
  if (/^(https?|file):/i.test(given)) fail(op, 'the target is a URL as text', 'give a path, or a stream to a server')
  const path = given.endsWith('.safetensors') ? given : nodeFiles(op).path.join(given, 'model.safetensors')
  let files = [path]
  if (shardBytes === undefined || totalOf(kept, writing.dtype) <= shardBytes)
    await writeTensors(op, path, kept, metadata, writing)
  else {
    const { writeShards } = await import('./shards.ts')
    files = await writeShards(op, path, kept, asked.metadata, { ...writing, bytes: shardBytes, tied })
  }
  await (await import('./shards.ts')).dropEarlier(op, path, files)
}

/** Of tensors that are one and the same the first, and metadata that lead from the names of the others to it. */
function untied(
  op: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
): { kept: Tensors; tied: Record<string, string> } {
  const kept: Record<string, Tensors[string]> = Object.create(null)
  const tied: Record<string, string> = Object.create(null)
  /** By what holds the elements and how they lie there. */
  const first = new Map<object, Map<string, string>>()
  for (const [name, x] of Object.entries(tensors)) {
    const [holder, layout] = x instanceof Tensor ? [x.storage, x.layout] : [x.data.buffer, [x.data.byteOffset, x.shape]]
    const same = first.get(holder) ?? new Map<string, string>()
    first.set(holder, same)
    const key = JSON.stringify([x.dtype, layout])
    const other = same.get(key)
    if (other === undefined) {
      same.set(key, name)
      kept[name] = x
    } else if (Object.hasOwn(metadata, name))
      fail(op, `${quote(name)} is tied to ${quote(other)}, and metadata have that name`, 'name the metadata otherwise')
    else tied[name] = tied[TIED + name] = other
  }
  return { kept, tied }
}

/** Pieces go into a stream, which is closed at the end, and after an error aborted. */
const intoStream =
  (target: WritableStream<Uint8Array>): Sink =>
  async (pieces) => {
    const writer = target.getWriter()
    try {
      // A stream may keep what it is given, and pieces are used again.
      for await (const piece of pieces) await writer.write(piece.slice())
      await writer.close()
    } catch (error) {
      await writer.abort(error).catch(() => undefined)
      throw error
    } finally {
      writer.releaseLock()
    }
  }

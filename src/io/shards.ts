/**
 * @file Weights over several safetensors files, as Hugging Face has them: `model-00001-of-00002.safetensors` … and an
 * index that says which tensor is in which file. Names of files in an index are names in its folder, never paths.
 */
import { describe, fail, failFormat } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { type FileDType, tagOf, widthOf } from './elements.ts'
import { nodeFiles, readWhole, writeBytes } from './files.ts'
import { listed, nameOf } from './given.ts'
import { HEADER_LIMIT, quote } from './header.ts'
import { tooMany } from './state.ts'
import { type TensorFile, type Tensors, withTensors, writeTensors } from './stream.ts'

/** In the metadata of each file and of the index: files of two saves are told apart by it. */
const SET = 'handgrad_set'

/** A file of tensors, and how its header is looked at. */
interface Shard {
  readonly path: string
  /** @throws FormatError if it does not hold what the index says */
  check(file: TensorFile): void
}

/** The files of an index, `model.safetensors.index.json`. */
async function shardsOf(op: string, path: string): Promise<Shard[]> {
  const name = nameOf(path)
  const wrong = (what: string) => failFormat(op, `${name}: ${what}`, 'is it the index of safetensors files, and whole?')
  const bytes = await readWhole(op, path, HEADER_LIMIT)
  let index: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    index = tooMany(text) ? undefined : JSON.parse(text)
  } catch {
    wrong('it is not JSON')
  }
  const { weight_map: map, metadata } = (index ?? {}) as { weight_map?: unknown; metadata?: Record<string, unknown> }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) wrong(`weight_map is ${describe(map)}`)
  const files = new Map<string, string[]>()
  for (const [tensor, file] of Object.entries(map as object)) {
    if (typeof file !== 'string' || !/^[^/\\:\0]+\.safetensors$/.test(file))
      wrong(`tensor ${quote(tensor)} is in ${describe(file)}, which is not a name of a safetensors file in its folder`)
    files.set(file, [...(files.get(file) ?? []), tensor])
  }
  const { path: paths } = nodeFiles(op)
  return [...files].map(([file, tensors]) => ({
    path: paths.join(paths.dirname(path), file),
    check: ({ entries, metadata: own }) => {
      const found = new Set(entries.map((entry) => entry.name))
      const lacking = tensors.filter((tensor) => !found.delete(tensor))
      if (lacking.length > 0) wrong(`${nameOf(file)} lacks ${listed(lacking)}`)
      if (found.size > 0) wrong(`${nameOf(file)} has ${listed([...found])}, which the index does not name`)
      if (metadata?.[SET] !== own[SET]) wrong(`${nameOf(file)} is of another save`)
    },
  }))
}

/**
 * Open the files of an index, one after the other.
 * @param look  is called for all before any is used
 */
export async function withShards(
  op: string,
  path: string,
  look: (file: TensorFile) => void,
  use: (file: TensorFile) => Promise<void>,
): Promise<void> {
  const shards = await shardsOf(op, path)
  const open = (use: (file: TensorFile) => Promise<void>) => (shard: Shard) =>
    withTensors(op, shard.path, async (file) => {
      shard.check(file)
      look(file)
      await use({ ...file, metadata: plain(file.metadata) })
    })
  for (const shard of shards) await open(async () => {})(shard)
  for (const shard of shards) await open(use)(shard)
}

/**
 * Write tensors to files of at most so many bytes, and last the index. A crash in between leaves files of two saves,
 * which loading refuses.
 */
export async function writeShards(
  op: string,
  path: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
  dtype: FileDType | undefined,
  shardSize: number,
): Promise<void> {
  if (!Number.isSafeInteger(shardSize) || shardSize < 1)
    fail(op, `shardSize is ${describe(shardSize)}`, 'give bytes, an integer from 1 up')
  if (!path.endsWith('.safetensors')) fail(op, `the path is ${nameOf(path)}`, 'with shardSize: it ends in .safetensors')
  const versions = Object.values(tensors).map((x) => (x instanceof Tensor ? x.storage.version : 0))
  const shards: Record<string, Tensor | Tensors[string]>[] = []
  let room = 0
  let total = 0
  for (const [name, x] of Object.entries(tensors)) {
    const bytes = x.shape.reduce((a, b) => a * b, widthOf(tagOf(x.dtype, dtype)))
    total += bytes
    if (bytes > room || shards.length === 0) {
      shards.push(Object.create(null))
      room = shardSize
    }
    shards[shards.length - 1][name] = x
    room -= bytes
  }
  const number = (i: number) => String(i).padStart(5, '0')
  const fileOf = (i: number) =>
    path.replace(/\.safetensors$/, `-${number(i + 1)}-of-${number(shards.length)}.safetensors`)
  const own = { ...metadata, [SET]: crypto.randomUUID() }
  const map: Record<string, string> = Object.create(null)
  for (const [i, shard] of shards.entries()) {
    Object.entries(tensors).forEach(([name, x], k) => {
      if (x instanceof Tensor && x.storage.version !== versions[k])
        fail(
          op,
          `tensor ${quote(name)} was changed by ${x.storage.changedBy} while it was saved`,
          'await the save first',
        )
    })
    await writeTensors(op, fileOf(i), shard, own, { dtype })
    for (const name of Object.keys(shard)) map[name] = nodeFiles(op).path.basename(fileOf(i))
  }
  const index = { metadata: { total_size: total, [SET]: own[SET] }, weight_map: map }
  await writeBytes(op, `${path}.index.json`, new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`))
}

/** The metadata of files, without what tells saves apart. */
const plain = ({ [SET]: _, ...metadata }: Record<string, string>): Record<string, string> => metadata

/**
 * @file Weights over several safetensors files, as Hugging Face has them: `model-00001-of-00002.safetensors` … and an
 * index that says which tensor is in which file. Names of files in an index are names in its folder, never paths.
 */
import { describe, fail, failFormat } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { bytesIn, type FileDType, totalOf } from './elements.ts'
import { type Beside, makeFolderOf, nodeFiles, reasonOf, writeBeside } from './files.ts'
import { listed, nameOf } from './given.ts'
import { type Header, quote } from './header.ts'
import { parseJson } from './json.ts'
import type { Ranges } from './ranges.ts'
import { type Sink, type Tensors, writeTensors } from './stream.ts'

/** In the metadata of each file and of the index: files of two saves are told apart by it. */
const SET = 'handgrad_set'

/** A file of tensors, and how its header is looked at. */
export interface Shard {
  readonly ranges: Ranges
  /** @throws FormatError if it does not hold what the index says */
  check?(header: Header): void
}

/**
 * The files of an index, `model.safetensors.index.json`.
 * @param name  of the index, as errors say it
 * @param open  a file of its folder
 * @throws FormatError if it is wrong, or names what is not a name of a file
 */
export function shardsOf(op: string, name: string, bytes: Uint8Array, open: (file: string) => Ranges): Shard[] {
  const wrong = (what: string) => failFormat(op, `${name}: ${what}`, 'is it the index of safetensors files, and whole?')
  const index = parseJson(op, name, bytes)
  const { weight_map: map, metadata } = (index ?? {}) as { weight_map?: unknown; metadata?: Record<string, unknown> }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) wrong(`weight_map is ${describe(map)}`)
  const files = new Map<string, string[]>()
  for (const [tensor, file] of Object.entries(map as object)) {
    if (typeof file !== 'string' || !/^[^/\\:\0]+\.safetensors$/.test(file))
      wrong(`tensor ${quote(tensor)} is in ${describe(file)}, which is not a name of a safetensors file in its folder`)
    const names = files.get(file)
    if (names) names.push(tensor)
    else files.set(file, [tensor])
  }
  return [...files].map(([file, tensors]) => ({
    ranges: open(file),
    check: ({ entries, metadata: own }) => {
      const found = new Set(entries.map((entry) => entry.name))
      const lacking = tensors.filter((tensor) => !found.delete(tensor))
      if (lacking.length > 0) wrong(`${nameOf(file)} lacks ${listed(lacking)}`)
      const twice = [...found].filter((tensor) => Object.hasOwn(map as object, tensor))
      if (twice.length > 0) wrong(`${nameOf(file)} has ${listed(twice)}, which the index says is in another file`)
      if (found.size > 0) wrong(`${nameOf(file)} has ${listed([...found])}, which the index does not name`)
      if (metadata?.[SET] !== own[SET]) wrong(`${nameOf(file)} is of another save`)
    },
  }))
}

/** How files are written. */
interface Sharding {
  readonly dtype?: FileDType
  readonly makeFolder?: boolean
  /** Of tensors in a file, at most. */
  readonly bytes: number
  /** Further names, and the tensors that they lead to: they go into the metadata of the file that has them. */
  readonly tied?: Readonly<Record<string, string>>
}

/**
 * Write tensors to files of at most so many bytes, and an index. All are written under temporary names, then put in
 * place one after the other, the index last: an error before that leaves what was there, a crash within it may leave
 * files of two saves, which loading refuses.
 * @returns their paths
 */
export async function writeShards(
  op: string,
  path: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
  { bytes: most, tied = {}, makeFolder, ...writing }: Sharding,
): Promise<string[]> {
  const versions = Object.values(tensors).map((x) => (x instanceof Tensor ? x.storage.version : 0))
  const shards: Record<string, Tensor | Tensors[string]>[] = []
  let room = 0
  for (const [name, x] of Object.entries(tensors)) {
    const bytes = bytesIn(x, writing.dtype)
    if (bytes > room || shards.length === 0) {
      shards.push(Object.create(null))
      room = most
    }
    shards[shards.length - 1][name] = x
    room -= bytes
  }
  const number = (i: number) => String(i).padStart(5, '0')
  const fileOf = (i: number) =>
    path.replace(/\.safetensors$/, `-${number(i + 1)}-of-${number(shards.length)}.safetensors`)
  const set = crypto.randomUUID()
  const map: Record<string, string> = Object.create(null)
  const written: Beside[] = []
  try {
    for (const [i, shard] of shards.entries()) {
      Object.entries(tensors).forEach(([name, x], k) => {
        if (x instanceof Tensor && x.storage.version !== versions[k])
          fail(
            op,
            `tensor ${quote(name)} was changed by ${x.storage.changedBy} while it was saved`,
            'await the save first',
          )
      })
      const own = Object.entries(tied).filter(([, kept]) => kept in shard)
      const beside: Sink = async (pieces) => {
        if (makeFolder) await makeFolderOf(op, path)
        written.push(await writeBeside(op, fileOf(i), pieces))
      }
      await writeTensors(op, beside, shard, { ...metadata, ...Object.fromEntries(own), [SET]: set }, writing)
      for (const name of Object.keys(shard)) map[name] = nodeFiles(op).path.basename(fileOf(i))
    }
    const index = { metadata: { total_size: totalOf(tensors, writing.dtype), [SET]: set }, weight_map: map }
    const text = new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`)
    written.push(await writeBeside(op, `${path}.index.json`, text))
    for (const file of written) await file.place()
  } catch (error) {
    for (const file of written) await file.drop()
    throw error
  }
  return [...shards.map((_, i) => fileOf(i)), `${path}.index.json`]
}

/** What a file of weights, its parts or its index have behind their name. */
const ENDS = /(-\d{5}-of-\d{5}\.safetensors|\.safetensors(\.index\.json)?)$/

/**
 * Take away what earlier saves left: of `model.safetensors` the file, its parts and its index, but for the files of
 * this save. Opened by their folder, they would be taken for it.
 */
export async function dropEarlier(op: string, path: string, files: readonly string[]): Promise<void> {
  const { fs, path: paths } = nodeFiles(op)
  const folder = paths.dirname(path)
  const base = paths.basename(path, '.safetensors')
  const kept = new Set(files.map((file) => paths.basename(file)))
  // A folder that cannot be listed cannot be opened as one either.
  const names: string[] = await fs.readdir(folder).catch(() => [])
  const left = names.filter((name) => ENDS.test(name) && name.replace(ENDS, '') === base && !kept.has(name))
  // The index before the files that it names.
  for (const name of left.sort().reverse()) {
    const file = paths.join(folder, name)
    const why = 'it is of an earlier save, and this one is whole: remove it'
    await fs
      .rm(file, { force: true })
      .catch((error: unknown) => fail(op, `cannot remove ${nameOf(file)}, ${reasonOf(error)}`, why))
  }
}

/** The metadata of files, without what tells saves apart. */
export const withoutSet = ({ [SET]: _, ...metadata }: Record<string, string>): Record<string, string> => metadata

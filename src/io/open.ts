/**
 * @file Tensors of a file, or of all files of an index, read when they are asked for: from a folder, a URL, a Blob or
 * whatever reads ranges. All headers are read and checked first; no file stays open between two readings.
 */
import { describe, fail, nearest } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { addressOf } from './address.ts'
import { dtypeOf, type HostTensor, type Tag } from './elements.ts'
import { nodeFiles, readWhole, reasonOf } from './files.ts'
import { checkPath, listed, nameOf } from './given.ts'
import { type Entry, quote, TIED, unpickle } from './header.ts'
import { JSON_LIMIT } from './json.ts'
import { type Head, Room, readHead, type Stretch, type TensorFile, tensorFile } from './pieces.ts'
import { whereIs } from './place.ts'
import { checkLoad, type LoadOptions, loadedAs } from './placing.ts'
import { blobRanges, fileRanges, type RangeReader, type Ranges, readerRanges } from './ranges.ts'
import { type Shard, shardsOf, withoutSet } from './shards.ts'

/** Where tensors are: a folder, a file or an index in Node, a URL of one of these two, a Blob, or what reads ranges. */
export type TensorSource = string | URL | Blob | RangeReader

/** What a header says of a tensor. */
export interface TensorInfo {
  /** As the file says it: F32, BF16, I64 … */
  readonly dtype: Tag
  readonly shape: readonly number[]
  /** In the file. */
  readonly bytes: number
  /** The name of the file that it is in. */
  readonly file: string
}

/** Which part of a tensor is read, where to, and as what. */
export interface ReadOptions extends LoadOptions {
  /** Rows [begin, end) of the first axis: only they are read. Default: all. */
  rows?: readonly [begin: number, end: number]
}

/** Tensors of files, of which only the headers were read. Iterated, it reads what is stored, in the files' order. */
export interface SafetensorsFile extends AsyncIterable<[name: string, x: Tensor]> {
  /** What is stored, by name, in the order of the headers. */
  readonly tensors: Readonly<Record<string, TensorInfo>>
  /**
   * Further names of stored tensors: those that the metadata lead from a name that is not stored to one that is, as
   * `safetensors.torch.save_model` and `writeSafetensors` write it. Any other metadata whose value is the name of a
   * tensor are here too: `save_model` marks nothing.
   */
  readonly tied: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  /**
   * Read a tensor, which is yours to free.
   * @param name  of a stored one, or tied to one
   * @throws HandgradError if there is none, the rows are not there, the device lacks its dtype, or it cannot be read
   */
  tensor(name: string, options?: ReadOptions): Promise<Tensor>
}

/** A file whose header was read. */
interface Part {
  readonly ranges: Ranges
  readonly head: Head
}

/** A tensor, and where it is. */
interface Place {
  readonly part: Part
  readonly entry: Entry
}

/** See `openSafetensors`. */
export class Opened implements SafetensorsFile {
  readonly tensors: Record<string, TensorInfo> = Object.create(null)
  readonly tied: Record<string, string> = Object.create(null)
  readonly metadata: Record<string, string> = Object.create(null)
  private readonly usual: ReturnType<typeof checkLoad>
  private readonly parts: readonly Part[]
  private readonly places = new Map<string, Place>()
  private readonly room = new Room()
  private turn: Promise<unknown> = Promise.resolve()

  constructor(parts: readonly Part[], usual: ReturnType<typeof checkLoad>) {
    this.parts = parts
    this.usual = usual
    for (const part of parts) {
      const { entries, metadata } = part.head
      Object.assign(this.metadata, withoutSet(metadata))
      for (const entry of entries) {
        this.places.set(entry.name, { part, entry })
        const { tag: dtype, shape, begin, end } = entry
        this.tensors[entry.name] = { dtype, shape, bytes: end - begin, file: part.ranges.name }
      }
    }
    for (const [name, kept] of Object.entries(this.metadata))
      if (!this.places.has(name) && this.places.has(kept) && !name.startsWith(TIED)) this.tied[name] = kept
  }

  async tensor(name: string, options?: ReadOptions): Promise<Tensor> {
    const op = 'SafetensorsFile.tensor'
    const { rows, ...to } = optionsOf(op, options, { ...this.usual, rows: undefined })
    const place = this.places.get(this.tied[name] ?? name)
    if (!place) {
      const near = nearest(String(name), [...this.places.keys()])
      const todo = near ? `did you mean ${near}?` : `there are ${listed([...this.places.keys()]) || 'none'}`
      return fail(op, `there is no tensor ${quote(String(name))}`, todo)
    }
    return this.load(op, place, rowsOf(op, place.entry, rows), checkLoad(op, to))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<[name: string, x: Tensor], void> {
    const op = 'SafetensorsFile'
    for (const place of this.places.values()) this.dtypeOf(op, place, this.usual)
    for (const part of this.parts)
      try {
        for (const entry of inOrder(part.head.entries))
          yield [entry.name, await this.load(op, { part, entry }, entry, this.usual, true)]
      } finally {
        part.ranges.rest?.()
      }
  }

  /** All, and by the names that we marked as tied the same tensors: what else the metadata say may be about others. */
  async all(op: string): Promise<Record<string, Tensor>> {
    // All are looked at before the first one is made.
    for (const place of this.places.values()) this.dtypeOf(op, place, this.usual)
    const loaded: Record<string, Tensor> = Object.create(null)
    try {
      await this.each(loaded, (place) => this.load(op, place, place.entry, this.usual, true))
      for (const [name, kept] of Object.entries(this.tied))
        if (this.metadata[TIED + name] === kept) loaded[name] = loaded[kept]
      return loaded
    } catch (error) {
      // Out of memory, say: what was made is given back at once.
      for (const x of Object.values(loaded)) x?.dispose()
      throw error
    }
  }

  /** All that is stored, as host arrays. */
  hosts(op: string): Promise<Record<string, HostTensor>> {
    return this.each(Object.create(null), ({ part, entry }) => this.use(op, part, (file) => file.host(entry), true))
  }

  /** Read all in the order of the files, and keep it in that of the headers, which is that of whoever wrote them. */
  private async each<T>(into: Record<string, T>, read: (place: Place) => Promise<T>): Promise<Record<string, T>> {
    for (const name of this.places.keys()) into[name] = undefined as T // each is read below
    for (const part of this.parts)
      try {
        for (const entry of inOrder(part.head.entries)) into[entry.name] = await read({ part, entry })
      } finally {
        part.ranges.rest?.()
      }
    return into
  }

  private dtypeOf(op: string, { part, entry }: Place, { device, dtype }: ReturnType<typeof checkLoad>) {
    return loadedAs(op, part.ranges.name, entry.name, dtypeOf(entry.tag), dtype, device)
  }

  private load(
    op: string,
    place: Place,
    stretch: Stretch,
    to: ReturnType<typeof checkLoad>,
    all = false,
  ): Promise<Tensor> {
    const dtype = this.dtypeOf(op, place, to)
    return this.use(
      op,
      place.part,
      async (file) => {
        const x = Tensor.alloc(to.device, dtype, stretch.shape, op)
        try {
          await file.fill(stretch, x)
        } catch (error) {
          x.dispose()
          throw error
        }
        return x
      },
      all,
    )
  }

  /** One reading after the other: each holds a piece, and a server that knows no ranges has one place. */
  private use<T>(op: string, { ranges, head }: Part, use: (file: TensorFile) => Promise<T>, all = false): Promise<T> {
    const now = () => ranges.open(op, (file) => use(tensorFile(op, ranges.name, file, head, this.room, all)))
    const mine = this.turn.then(now, now)
    this.turn = mine.catch(() => undefined)
    return mine
  }
}

const inOrder = (entries: readonly Entry[]): Entry[] => [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)

/** Rows of a tensor. @throws HandgradError if it does not have them */
function rowsOf(op: string, entry: Entry, rows: unknown): Stretch {
  if (rows === undefined) return entry
  const [count, ...rest] = entry.shape
  const [begin, end] = Array.isArray(rows) && rows.length === 2 ? (rows as unknown[]) : []
  const isRow = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0
  if (count === undefined) return fail(op, `tensor ${quote(entry.name)} has no axes`, 'read it without rows')
  if (!isRow(begin) || !isRow(end) || begin > end || end > count) {
    const given = Array.isArray(rows) ? `[${rows.join(', ')}]` : describe(rows)
    return fail(
      op,
      `rows is ${given}, and ${quote(entry.name)} has ${count}`,
      'give [begin, end), end at most that many',
    )
  }
  const bytes = count === 0 ? 0 : (entry.end - entry.begin) / count
  return {
    ...entry,
    shape: [end - begin, ...rest],
    begin: entry.begin + begin * bytes,
    end: entry.begin + end * bytes,
    skipped: begin * rest.reduce((a, b) => a * b, 1),
  }
}

/** Open what a user gave. */
export async function opened(op: string, source: TensorSource, options: LoadOptions): Promise<Opened> {
  const usual = checkLoad(op, options)
  const parts: Part[] = []
  for (const { ranges, check } of await shardsIn(op, source)) {
    const head = await ranges.open(op, (file) => readHead(op, ranges.name, file))
    check?.(head)
    parts.push({ ranges, head })
  }
  return new Opened(parts, usual)
}

/** The files that a source is made of. */
async function shardsIn(op: string, source: TensorSource): Promise<readonly Shard[]> {
  if (source instanceof URL || typeof source === 'string') {
    const where = whereIs(op, source)
    return 'url' in where ? behind(op, where.url) : inFolder(op, where.path)
  }
  if (source instanceof Blob) return [{ ranges: blobRanges(op, source) }]
  if (typeof source !== 'object' || source === null || typeof source.read !== 'function')
    fail(op, `the source is ${describe(source)}`, 'give a path, a URL, a Blob or { size, read(begin, end) }')
  return [{ ranges: readerRanges(op, source) }]
}

const INDEX = '.safetensors.index.json'

/** A file, an index, or whichever of them is in a folder. */
async function inFolder(op: string, path: string): Promise<readonly Shard[]> {
  checkPath(op, path)
  const { fs, path: paths } = nodeFiles(op)
  const names = await fs.readdir(path).catch((error: { code?: string }) => {
    // What is not a folder is a file, which says itself what is wrong with it.
    if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return undefined
    return fail(op, `cannot read ${nameOf(path)}, ${reasonOf(error)}`)
  })
  const found = names ? paths.join(path, oneIn(op, path, names)) : path
  if (!found.endsWith('.json')) return [{ ranges: fileRanges(found) }]
  const bytes = await readWhole(op, found, JSON_LIMIT)
  return shardsOf(op, nameOf(found), bytes, (file) => fileRanges(paths.join(paths.dirname(found), file)))
}

/** Which file of a folder is meant: Hugging Face's names before others. */
function oneIn(op: string, path: string, names: readonly string[]): string {
  const files = names.filter((name) => name.endsWith('.safetensors'))
  const indices = names.filter((name) => name.endsWith(INDEX))
  const usual = ['model.safetensors', `model${INDEX}`].find((name) => names.includes(name))
  if (usual) return usual
  if (indices.length === 1) return indices[0]
  if (files.length === 1 && indices.length === 0) return files[0]
  const pickles = names.filter((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  if (files.length > 0 || indices.length > 0)
    fail(op, `${nameOf(path)} has ${listed([...indices, ...files])}`, 'give the path of one of them, or of an index')
  if (pickles.length > 0)
    fail(
      op,
      `${nameOf(path)} has ${listed(pickles)}, PyTorch's pickle, which may be a program and is not read`,
      unpickle,
    )
  return fail(op, `${nameOf(path)} has no .safetensors file`, 'is it the folder of a model?')
}

/** A file or an index behind a URL, or whichever of the two Hugging Face's folder has there. */
async function behind(op: string, text: string): Promise<readonly Shard[]> {
  const { fetchShort, remoteRanges } = await import('./remote.ts')
  const given = addressOf(op, 'the URL', text)
  const isFolder = given.url.endsWith('/')
  // What is in a folder, no server says: the index comes first, as there is none where there is one file.
  const address = isFolder ? { ...given, url: `${given.url}model${INDEX}` } : given
  if (!address.url.endsWith('.json')) return [{ ranges: remoteRanges(address) }]
  const read = isFolder ? fetchShort(op, address, JSON_LIMIT, true) : fetchShort(op, address, JSON_LIMIT)
  const bytes = await read
  if (!bytes) return [{ ranges: remoteRanges({ ...given, url: `${given.url}model.safetensors` }) }]
  return shardsOf(op, nameOf(address.url), bytes, (file) =>
    remoteRanges({ ...address, url: new URL(encodeURIComponent(file), address.url).href }),
  )
}

/**
 * @file Safetensors files piece by piece: what is in memory beside the tensors is a few pieces, however large the file
 * is. Tensors go from their device to the file and back; the format itself is safetensors.ts.
 */
import { arrayOf } from '../core/device.ts'
import { fail, failFormat } from '../core/errors.ts'
import type { TypedArray } from '../core/kernel.ts'
import { contiguousCopy } from '../core/launch.ts'
import { Tensor } from '../core/tensor.ts'
import {
  dtypeOf,
  type Elements,
  type FileDType,
  type HostTensor,
  readElements,
  tagOf,
  widthOf,
  writtenBytes,
} from './elements.ts'
import { makeFolderOf, type OpenFile, withFile, writeBytes } from './files.ts'
import { nameOf } from './given.ts'
import { type Entry, type Header, quote, readHeader, readHeaderLength } from './header.ts'
import { checkName, checkTensor, layOut } from './safetensors.ts'

/** Bytes that are read or written at once: whole elements of every type. */
const PIECE = 2 ** 22

/** What is written: tensors, or arrays with a shape. */
export type Tensors = Readonly<Record<string, Tensor | HostTensor>>

/** A part of a tensor: elements [from, to). */
interface Part {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** The parts of tensors in the order of the file, in groups of up to PIECE bytes. */
function groupsOf(order: readonly string[], tensors: Tensors): Part[][] {
  const groups: Part[][] = [[]]
  let room = PIECE / 8
  for (const name of order) {
    const count = tensors[name].shape.reduce((a, b) => a * b, 1)
    for (let from = 0; from < count; ) {
      if (room === 0) {
        groups.push([])
        room = PIECE / 8
      }
      const to = Math.min(count, from + room)
      groups[groups.length - 1].push({ name, from, to })
      room -= to - from
      from = to
    }
  }
  return groups
}

/** How a file is written. */
interface Writing {
  readonly dtype?: FileDType
  /** Make its folder where it is missing. */
  readonly makeFolder?: boolean
}

/**
 * Write a file. The first piece is asked for at once, so a file of few megabytes holds the moment of the call whatever
 * follows; a tensor of a larger one must not change until it is written.
 * @throws HandgradError if a tensor does not fit the format or changes meanwhile, naming it, or the file cannot be
 *   written
 */
export async function writeTensors(
  op: string,
  path: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
  options: Writing,
): Promise<void> {
  for (const [name, x] of Object.entries(tensors)) {
    if (x instanceof Tensor) checkName(op, 'tensor', name)
    else checkTensor(op, name, x)
  }
  const { head, order } = layOut(op, tensors, metadata, options.dtype)
  const { dtype, makeFolder } = options
  const groups = groupsOf(order, tensors)
  const held = new Map<string, { storage: Tensor['storage']; version: number }>()
  for (const [name, x] of Object.entries(tensors))
    if (x instanceof Tensor) held.set(name, { storage: x.storage.retain(), version: x.storage.version })
  /** Of a tensor that does not lie in order: a copy that does, until its last part. */
  let copy: { of: string; x: Tensor } | undefined

  /** Elements of a tensor as they are now: a view where the device's memory is the host's, else what it will read. */
  const elements = (x: Tensor, { name, from, to }: Part): TypedArray | Promise<TypedArray> => {
    const { storage, version } = held.get(name) as { storage: Tensor['storage']; version: number } // was put above
    if (storage.version !== version)
      fail(op, `tensor ${quote(name)} was changed by ${storage.changedBy} while it was saved`, 'await the save first')
    let [block, offset] = [storage.block, x.layout.offset]
    if (!x.isContiguous) {
      if (copy?.of !== name) {
        copy?.x.dispose()
        copy = { of: name, x: contiguousCopy(op, x, x.layout) }
      }
      ;[block, offset] = [copy.x.storage.block, 0]
    }
    const { device } = storage
    if (device.peek) return device.peek(block).subarray(offset + from, offset + to)
    return device.read(block, offset + from, to - from)
  }
  /** A group as it is now, in the bytes that are given. */
  const ask = async (group: readonly Part[], into: Uint8Array): Promise<Uint8Array> => {
    let at = 0
    const reads = group.map((part) => {
      const x = tensors[part.name]
      const begin = at
      at += (part.to - part.from) * widthOf(tagOf(x.dtype, dtype))
      // Data are the array of their dtype.
      const put = (data: HostTensor['data']) =>
        into.set(writtenBytes({ dtype: x.dtype, data } as Elements, dtype), begin)
      if (!(x instanceof Tensor)) return put(x.data.subarray(part.from, part.to))
      const data = elements(x, part)
      return data instanceof Promise ? data.then(put) : put(data)
    })
    await Promise.all(reads)
    return into.subarray(0, at)
  }
  /** While one group is written, the next one is read. */
  const [even, odd] = [new Uint8Array(PIECE), new Uint8Array(groups.length > 1 ? PIECE : 0)]
  const asked = (i: number): Promise<Uint8Array> => {
    const group = ask(groups[i], i % 2 === 0 ? even : odd)
    // It is awaited later, perhaps never: where the file cannot be written.
    group.catch(() => {})
    return group
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield head
    for (let i = 0, next = first; i < groups.length; i++) {
      const now = await next
      if (i + 1 < groups.length) next = asked(i + 1)
      yield now
    }
  }
  const first = asked(0)
  try {
    if (makeFolder) await makeFolderOf(op, path)
    await writeBytes(op, path, pieces())
  } finally {
    copy?.x.dispose()
    for (const { storage } of held.values()) storage.release()
  }
}

/** A file whose header was read and found true. */
export interface TensorFile extends Header {
  /** Its elements, as host arrays. */
  host(entry: Entry): Promise<HostTensor>
  /** Write its elements into a fresh, contiguous tensor of its shape. */
  fill(entry: Entry, x: Tensor): Promise<void>
}

/**
 * Open a file for as long as `use` runs.
 * @throws HandgradError if it cannot be read; FormatError at whatever is wrong or untrue in it
 */
export function withTensors<T>(op: string, path: string, use: (file: TensorFile) => Promise<T>): Promise<T> {
  return withFile(op, path, async (file) => {
    const name = nameOf(path)
    const { size } = file
    const length = readHeaderLength(op, name, await file.read(0, new Uint8Array(Math.min(size, 8))), size)
    const header = readHeader(op, name, await file.read(8, new Uint8Array(length)), size - 8 - length)
    const begin = 8 + length
    const piece = new Uint8Array(Math.min(PIECE, size - begin))
    const each = (entry: Entry, put: (elements: Elements, from: number) => void) =>
      eachPiece(op, name, file, begin, entry, piece, put)
    const host = async (entry: Entry): Promise<HostTensor> => {
      const { tag, shape } = entry
      const dtype = dtypeOf(tag)
      const data = new (dtype === 'uint8' ? Uint8Array : arrayOf[dtype])((entry.end - entry.begin) / widthOf(tag))
      await each(entry, (elements, from) => data.set(elements.data, from))
      return { dtype, shape, data } as HostTensor // the array of its dtype
    }
    const fill = (entry: Entry, x: Tensor): Promise<void> => {
      const Type = arrayOf[x.dtype]
      return each(entry, ({ data }, from) =>
        x.device.write(x.storage.block, data instanceof Type ? data : Type.from(data), from),
      )
    }
    return use({ ...header, host, fill })
  })
}

/** Read an entry piece by piece, each into the same bytes. */
async function eachPiece(
  op: string,
  name: string,
  file: OpenFile,
  begin: number,
  entry: Entry,
  piece: Uint8Array,
  put: (elements: Elements, from: number) => void,
): Promise<void> {
  const width = widthOf(entry.tag)
  for (let at = entry.begin; at < entry.end; at += piece.length) {
    const bytes = await file.read(begin + at, piece.subarray(0, Math.min(piece.length, entry.end - at)))
    const from = (at - entry.begin) / width
    const elements = readElements(entry.tag, bytes, (i, value, what) =>
      failFormat(op, `${name}: tensor ${quote(entry.name)} has ${value} at element ${from + i}, ${what}`),
    )
    put(elements, from)
  }
}

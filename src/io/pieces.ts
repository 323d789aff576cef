/**
 * @file Safetensors files read piece by piece: the header first, then of each tensor as much as fits into a few
 * megabytes, which go to its device before the next are read.
 */
import { arrayOf, type Device, isHalf } from '../core/device.ts'
import { failFormat } from '../core/errors.ts'
import { heldAs } from '../core/half.ts'
import type { TypedArray } from '../core/kernel.ts'
import type { Tensor } from '../core/tensor.ts'
import { dtypeOf, type Elements, type HostTensor, readBits, readElements, tagOf, widthOf } from './elements.ts'
import { checkPath } from './given.ts'
import { type Entry, type Header, quote, readHeader, readHeaderLength } from './header.ts'
import { fileRanges, type OpenFile } from './ranges.ts'
import { PIECE } from './stream.ts'

/** A header that was found true, and where the elements begin after it. */
export interface Head extends Header {
  readonly begin: number
}

/** A tensor of a file, or rows of it. */
export interface Stretch extends Entry {
  /** Elements of the tensor before these. */
  readonly skipped?: number
}

/** A file whose header was read and found true. */
export interface TensorFile extends Header {
  /** Elements, as host arrays. */
  host(entry: Stretch): Promise<HostTensor>
  /** Write elements into a fresh, contiguous tensor of their shape. */
  fill(entry: Stretch, x: Tensor): Promise<void>
}

/** What readings share, one after the other. */
export class Room {
  private piece = new Uint8Array()
  private sent = 0

  /** So many bytes, until the next call. */
  of(bytes: number): Uint8Array {
    if (this.piece.length < bytes) this.piece = new Uint8Array(bytes)
    return this.piece.subarray(0, bytes)
  }

  /** Some queues (wgpu's, so Firefox's) hold what is written until it is submitted: they are waited for at times. */
  async wrote({ byteLength }: TypedArray, device: Device): Promise<void> {
    this.sent += byteLength
    if (device.peek || this.sent < QUEUED) return
    this.sent = 0
    await device.sync()
  }
}

/** Bytes that a device's queue may hold. */
const QUEUED = 2 ** 24

/**
 * Open a file for as long as `use` runs.
 * @throws HandgradError if it cannot be read; FormatError at whatever is wrong or untrue in it
 */
export async function withTensors<T>(op: string, path: string, use: (file: TensorFile) => Promise<T>): Promise<T> {
  checkPath(op, path)
  const ranges = fileRanges(path)
  return ranges.open(op, async (file) => {
    const head = await readHead(op, ranges.name, file)
    return use(tensorFile(op, ranges.name, file, head, new Room()))
  })
}

/** The header. @throws FormatError if it is wrong or untrue */
export async function readHead(op: string, name: string, file: OpenFile): Promise<Head> {
  const { size } = file
  const first = await file.read(0, new Uint8Array(Math.min(size, 8)))
  const length = readHeaderLength(op, name, first, size)
  const begin = 8 + length
  return { ...readHeader(op, name, await file.read(8, new Uint8Array(length)), size - begin), begin }
}

/**
 * The elements of an open file.
 * @param all  they are read in the order of the file, one tensor after the other
 */
export function tensorFile(op: string, name: string, file: OpenFile, head: Head, room: Room, all = false): TensorFile {
  const each = (entry: Stretch, read: Read, put: (elements: Elements, from: number) => Promise<void> | void) =>
    eachPiece(op, name, file, head.begin, entry, all ? file.size : head.begin + entry.end, room, read, put)
  const host = async (entry: Stretch): Promise<HostTensor> => {
    const { tag, shape } = entry
    const dtype = dtypeOf(tag)
    const data = new (dtype === 'uint8' ? Uint8Array : arrayOf[dtype])((entry.end - entry.begin) / widthOf(tag))
    await each(entry, readElements, (elements, from) => data.set(elements.data, from))
    return { dtype, shape, data } as HostTensor // the array of its dtype
  }
  const fill = (entry: Stretch, x: Tensor): Promise<void> => {
    const bits = isHalf(x.dtype) && tagOf(x.dtype, undefined) === entry.tag
    const read: Read = bits ? (_, bytes) => ({ dtype: x.dtype, data: readBits(bytes) }) as Elements : readElements
    return each(entry, read, ({ data }, from) => {
      const values = heldAs(x.dtype, data)
      x.device.write(x.storage.block, values, from)
      return room.wrote(values, x.device)
    })
  }
  return { ...head, host, fill }
}

type Read = typeof readElements

/** Read elements piece by piece, each into the same bytes. */
async function eachPiece(
  op: string,
  name: string,
  file: OpenFile,
  begin: number,
  entry: Stretch,
  until: number,
  room: Room,
  read: Read,
  put: (elements: Elements, from: number) => Promise<void> | void,
): Promise<void> {
  const width = widthOf(entry.tag)
  const piece = room.of(Math.min(PIECE, entry.end - entry.begin))
  for (let at = entry.begin; at < entry.end; at += piece.length) {
    const bytes = await file.read(begin + at, piece.subarray(0, Math.min(piece.length, entry.end - at)), until)
    const from = (at - entry.begin) / width
    const elements = read(entry.tag, bytes, (i, value, what) => {
      const where = `element ${(entry.skipped ?? 0) + from + i}`
      return failFormat(op, `${name}: tensor ${quote(entry.name)} has ${value} at ${where}, ${what}`)
    })
    await put(elements, from)
  }
}

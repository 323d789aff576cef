/** @file Bytes that are read by ranges: of a file, a page's Blob, whatever else can give them. URLs: remote.ts. */
import { describe, fail, failFormat } from '../core/errors.ts'
import { withFile } from './files.ts'
import { nameOf } from './given.ts'

/** A file that is open for reading. */
export interface OpenFile {
  /** Bytes. */
  readonly size: number
  /** Another one if its contents are others. */
  readonly stamp: string
  /** Read from byte `at` on until `into` is full. @param until  what is going to be read next @returns into */
  read(at: number, into: Uint8Array, until?: number): Promise<Uint8Array>
}

/** Bytes somewhere else than in a file: all that is needed to read tensors of them. */
export interface RangeReader {
  /** Bytes in all. */
  readonly size: number
  /** Bytes [begin, end), of which there are at most 16 MiB. */
  read(begin: number, end: number): Uint8Array | Promise<Uint8Array>
}

/** Bytes that are opened when they are read: no file stays open between, and of a URL one response at most. */
export interface Ranges {
  /** As errors say it. */
  readonly name: string
  /** @throws HandgradError if they cannot be read, or are others than they were when they were first opened */
  open<T>(op: string, use: (file: OpenFile) => Promise<T>): Promise<T>
  /** Nothing will be read from where the last read ended. */
  rest?(): void
}

/** A file, which may not change from its first reading on: its header is read only then. */
export function fileRanges(path: string): Ranges {
  const name = nameOf(path)
  let first: string | undefined
  return {
    name,
    open: (op, use) =>
      withFile(op, path, (file) => {
        first ??= file.stamp
        if (file.stamp !== first) fail(op, `${name} was changed since it was opened`, 'open it again')
        return use(file)
      }),
  }
}

/** The bytes of a Blob or of a reader that a user gave. */
export function readerRanges(op: string, reader: RangeReader, name = 'the data'): Ranges {
  const { size } = reader
  if (!Number.isSafeInteger(size) || size < 0) fail(op, `the size of ${name} is ${describe(size)}`, 'give bytes')
  const read = async (op: string, at: number, into: Uint8Array) => {
    const bytes: unknown = into.length > 0 ? await reader.read(at, at + into.length) : new Uint8Array()
    const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : describe(bytes)
    if (!(bytes instanceof Uint8Array) || bytes.length !== into.length)
      return failFormat(op, `${name}: read(${at}, ${at + into.length}) gave ${found}`, 'it is to give that many bytes')
    into.set(bytes)
    return into
  }
  return { name, open: (op, use) => use({ size, stamp: '', read: (at, into) => read(op, at, into) }) }
}

/** A Blob or File of a page. */
export const blobRanges = (op: string, blob: Blob): Ranges =>
  readerRanges(
    op,
    {
      size: blob.size,
      read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
    },
    nameOf((blob as Partial<File>).name ?? 'the Blob'),
  )

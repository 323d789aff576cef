/**
 * @file Bytes from wherever they are, a chunk at a time, and the text in them: what every reader that streams stands
 * on. Nothing here holds more than a chunk.
 */
import { describe, fail, failFormat } from '../core/errors.ts'
import { nodeFiles, reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'
import { nameOfSource, type Source } from './source.ts'

/** Bytes that are read at once. */
const CHUNK = 2 ** 17

/** The bytes of a source. @throws HandgradError if it cannot be read */
export async function* chunksOf(op: string, source: Source): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (typeof source === 'string') return yield* chunksOfFile(op, source)
  if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += CHUNK) {
      // Of shared memory, too: it is only read.
      yield source.subarray(at, at + CHUNK) as Uint8Array<ArrayBuffer>
    }
    return
  }
  const stream = source instanceof Blob ? source.stream() : source
  if (!('getReader' in stream)) {
    for await (const chunk of stream) yield bytesOf(op, chunk)
    return
  }
  if (stream.locked) fail(op, 'the stream was read before', 'give a path, bytes or a Blob to read it again')
  const reader = stream.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield bytesOf(op, part.value)
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

const bytesOf = (op: string, chunk: unknown): Uint8Array<ArrayBuffer> =>
  chunk instanceof Uint8Array
    ? (chunk as Uint8Array<ArrayBuffer>) // only read
    : fail(op, `the source gave ${describe(chunk)}`, 'it is to give chunks of bytes')

/** A file, opened for its chunks: devices and pipes, which need not end, are refused. */
async function* chunksOfFile(op: string, path: string): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { fs } = nodeFiles(op)
  let file: Awaited<ReturnType<typeof fs.open>> | undefined
  try {
    // Opening a pipe would wait for who writes into it.
    const kind = await fs.stat(path)
    if (kind.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    if (!kind.isFile()) throw new Error('it is neither a file nor a folder')
    file = await fs.open(path)
    for (;;) {
      const chunk = new Uint8Array(Math.min(CHUNK, kind.size + 1))
      const { bytesRead } = await file.read(chunk)
      if (bytesRead === 0) return
      yield chunk.subarray(0, bytesRead)
    }
  } catch (error) {
    if (error instanceof Error && 'op' in error) throw error
    fail(op, `cannot read ${nameOf(path)}, ${reasonOf(error)}`)
  } finally {
    await file?.close()
  }
}

/** All bytes of a source, refused when there are more than `limit`. */
export async function allBytes(
  op: string,
  source: Source,
  name: string,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunksOf(op, source)) {
    length += chunk.length
    if (length > limit) failFormat(op, `${name} has more than ${limit} bytes`, 'give { limit } if that is right')
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/**
 * The UTF-8 text of a source, piece by piece, without a byte-order mark.
 * @throws FormatError with the line if it is not
 */
export async function* textOf(op: string, source: Source): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [line, first] = [1, true]
  const refuse = (at: number): never =>
    failFormat(op, `${nameOfSource(source)}, line ${at}: it is not UTF-8 text`, 'save it as UTF-8')
  for await (const chunk of chunksOf(op, source)) {
    let piece: string
    try {
      piece = decoder.decode(chunk, { stream: true })
    } catch {
      return refuse(line + newlinesBeforeFault(chunk, first))
    }
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) line++
    first = false
    yield piece
  }
  try {
    yield decoder.decode()
  } catch {
    refuse(line)
  }
}

/** Lines that end before the first byte that is wrong; a chunk may begin within a character. */
function newlinesBeforeFault(chunk: Uint8Array, first: boolean): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [at, lines] = [0, 0]
  if (!first) while (at < 3 && (chunk[at] & 0xc0) === 0x80) at++
  for (; at < chunk.length; at++) {
    try {
      decoder.decode(chunk.subarray(at, at + 1), { stream: true })
    } catch {
      return lines
    }
    if (chunk[at] === 10) lines++
  }
  // It was in the character before.
  return 0
}

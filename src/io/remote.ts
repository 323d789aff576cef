/**
 * @file Bytes behind a URL, by `Range`. What follows each other is one response, read as far as it is needed; another
 * place, or a connection that was cut, is another request. A server that knows no ranges is read once, in order.
 * @see RFC 9110, sections 13.1.5 (If-Range) and 14 (Range Requests)
 */
import { fail, failFormat, HandgradError, shown } from '../core/errors.ts'
import type { Address } from './address.ts'
import { reasonOf } from './files.ts'
import { nameOf } from './given.ts'
import type { Ranges } from './ranges.ts'

/** What is asked for first, where the header's length is not known: most headers are shorter. */
const FIRST = 2 ** 16
/** A connection that is cut is made again, so often for what is read at once. */
const ATTEMPTS = 3

/** A server that sends nothing for so long, in ms, is taken for one that was cut off. */
const STALL = 30_000

const served = 'serve it by a server that knows ranges, or download it'

/** Wait for what a server sends, but not for ever. @param abort  of the request */
async function arrival<T>(abort: AbortController, step: Promise<T>): Promise<T> {
  const timer = setTimeout(() => abort.abort(new Error(`it sent nothing for ${STALL} ms`)), STALL)
  try {
    return await step
  } finally {
    clearTimeout(timer)
  }
}

/** A response that is read as far as it was needed. */
interface Stream {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly abort: AbortController
  /** Where in the file it stands, and ends. */
  at: number
  readonly end: number
  /** What came and was not needed yet. */
  rest: Uint8Array
}

class Remote implements Ranges {
  readonly name: string
  private readonly address: Address
  private size: number | undefined
  private tag: string | null = null
  private ranged = true
  private stream: Stream | undefined

  constructor(address: Address) {
    this.address = address
    this.name = nameOf(address.url)
  }

  async open<T>(op: string, use: Parameters<Ranges['open']>[1]): Promise<T> {
    if (this.size === undefined) await this.attempt(op, () => this.request(op, 0, FIRST))
    const read = (at: number, into: Uint8Array, until = at + into.length) => this.read(op, at, into, until)
    return (await use({ size: this.size as number, stamp: '', read })) as T // a request that answers says the size
  }

  rest(): void {
    // What is not asked for a second time is kept.
    if (this.ranged) this.drop()
  }

  private drop(): void {
    this.stream?.reader.cancel().catch(() => undefined)
    this.stream = undefined
  }

  /** Fill `into` from byte `at` on. @param until  what is asked for, where a request is made */
  private async read(op: string, at: number, into: Uint8Array, until: number): Promise<Uint8Array> {
    let done = 0
    const more = async () => {
      while (done < into.length) done += await this.some(op, at + done, into.subarray(done), until)
    }
    await this.attempt(op, more)
    return into
  }

  /** Do what may be cut off, and then again from where it stands. */
  private async attempt(op: string, step: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await step()
      } catch (error) {
        if (error instanceof HandgradError) throw error
        this.drop()
        if (attempt < ATTEMPTS && this.ranged) continue
        fail(op, `cannot fetch ${this.name}, ${reasonOf((error as { cause?: unknown }).cause ?? error)}`)
      }
    }
  }

  /** Bytes from `at` on, as many as there are at once. @returns their number, at least 1 */
  private async some(op: string, at: number, into: Uint8Array, until: number): Promise<number> {
    const ahead = this.stream ? at - this.stream.at : -1
    // A little that is not needed takes less time than another request.
    const near = ahead >= 0 && at < (this.stream as Stream).end && (ahead <= FIRST || !this.ranged)
    if (!near) await this.request(op, at, until)
    const stream = this.stream as Stream // a request makes one
    for (;;) {
      const skipped = Math.min(at - stream.at, stream.rest.length)
      stream.at += skipped
      stream.rest = stream.rest.subarray(skipped)
      if (stream.rest.length > 0) break
      const { done, value } = await arrival(stream.abort, stream.reader.read())
      if (done) throw Object.assign(new Error(), { code: 'ECONNRESET' })
      stream.rest = value
    }
    const taken = stream.rest.subarray(0, into.length)
    into.set(taken)
    stream.at += taken.length
    stream.rest = stream.rest.subarray(taken.length)
    if (stream.at >= stream.end) this.drop()
    return taken.length
  }

  /** Ask for bytes [at, until). */
  private async request(op: string, at: number, until: number): Promise<void> {
    if (!this.ranged)
      fail(op, `${this.name}: its server knows no ranges, and byte ${at} was read past`, `read in order, or ${served}`)
    this.drop()
    const { url, query } = this.address
    const headers: Record<string, string> = { ...this.address.headers, range: `bytes=${at}-${until - 1}` }
    if (this.tag && isOwn(url)) headers['if-range'] = this.tag
    const abort = new AbortController()
    const response = await arrival(abort, fetch(url + query, { headers, signal: abort.signal }))
    const first = this.size === undefined
    try {
      const end = response.status === 206 ? this.part(op, response, at, until) : this.whole(op, response)
      if (!response.body) fail(op, `${this.name} sent nothing`)
      const begin = response.status === 206 ? at : 0
      this.stream = { reader: response.body.getReader(), abort, at: begin, end, rest: NOTHING }
    } catch (error) {
      await response.body?.cancel().catch(() => undefined)
      throw error
    }
    const tag = response.headers.get('etag')
    if (first && tag && !tag.startsWith('W/')) this.tag = tag
  }

  /** Hold a part against what was asked for. @returns where it ends */
  private part(op: string, { headers }: Response, at: number, until: number): number {
    const range = headers.get('content-range')
    if (range === null)
      fail(
        op,
        `${this.name}: the part has no Content-Range`,
        'a server of another origin shows it by Access-Control-Expose-Headers: Content-Range, ETag',
      )
    const [, begin, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range)?.map(Number) ?? []
    if (begin !== at || !(last >= at && last < until && last < total))
      failFormat(op, `${this.name}: asked for bytes ${at} to ${until}, it sent '${shown(range)}'`, served)
    if (headers.get('content-encoding')) failFormat(op, `${this.name}: the part is compressed`, served)
    const tag = headers.get('etag')
    if ((this.size ?? total) !== total || (this.tag && tag && tag !== this.tag)) this.changed(op)
    this.size = total
    return last + 1
  }

  /** The answer of a server that knows no ranges. @returns where it ends */
  private whole(op: string, { status, statusText, headers }: Response): number {
    if (status !== 200) fail(op, `${this.name} answered ${status} ${shown(statusText)}`.trim())
    if (this.size !== undefined) this.changed(op)
    const length = headers.get('content-encoding') ? null : headers.get('content-length')
    if (length === null) fail(op, `${this.name}: its server knows no ranges and does not say its length`, served)
    this.ranged = false
    return (this.size = Number(length))
  }

  private changed(op: string): never {
    return fail(op, `${this.name} was changed since it was opened`, 'open it again')
  }
}

const NOTHING = new Uint8Array()

/**
 * False for another origin than a page's: there `If-Range` would need a server's leave by a request before each, which
 * few give. ETag and size are compared all the same.
 */
const isOwn = (url: string): boolean => typeof location === 'undefined' || new URL(url).origin === location.origin

/** The bytes behind a URL. */
export const remoteRanges = (address: Address): Ranges => new Remote(address)

/**
 * All of a short file; undefined for one that is not there, where it may be missing.
 * @throws HandgradError if it cannot be had; FormatError if it has more than `most` bytes
 */
export async function fetchShort(op: string, address: Address, most: number): Promise<Uint8Array>
export async function fetchShort(
  op: string,
  address: Address,
  most: number,
  mayMiss: true,
): Promise<Uint8Array | undefined>
export async function fetchShort(
  op: string,
  { url, query, headers }: Address,
  most: number,
  mayMiss = false,
): Promise<Uint8Array | undefined> {
  const name = nameOf(url)
  try {
    const abort = new AbortController()
    const response = await arrival(abort, fetch(url + query, { headers, signal: abort.signal }))
    // Stores that do not list what they have answer 403 of what they lack.
    if (mayMiss && [403, 404, 410].includes(response.status)) {
      await response.body?.cancel()
      return undefined
    }
    if (!response.ok || !response.body)
      fail(op, `${name} answered ${response.status} ${shown(response.statusText)}`.trim())
    const chunks: Uint8Array[] = []
    let size = 0
    const reader = response.body.getReader()
    const next = () => arrival(abort, reader.read())
    for (let piece = await next(); !piece.done; piece = await next()) {
      chunks.push(piece.value)
      size += piece.value.length
      if (size > most) {
        await reader.cancel()
        failFormat(op, `${name} has more than ${most} bytes`)
      }
    }
    return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer())
  } catch (error) {
    if (error instanceof HandgradError) throw error
    return fail(op, `cannot fetch ${name}, ${reasonOf((error as { cause?: unknown }).cause ?? error)}`)
  }
}

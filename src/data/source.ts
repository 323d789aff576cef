/** @file What readers that stream take, and what is checked before anything is read; reading it is chunks.ts. */
import { describe, fail } from '../core/errors.ts'
import { checkPath, nameOf } from '../io/given.ts'

/**
 * What readers take: the path of a file (Node only), bytes, a Blob or File of a page, the body of a response, or any
 * other chunks of bytes. The last two can be read once, the others as often as wanted.
 */
export type Source = string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** Refuse what cannot be read. */
export function checkSource(op: string, source: unknown): void {
  if (typeof source === 'string') return checkPath(op, source)
  const known =
    typeof source === 'object' &&
    source !== null &&
    (source instanceof Uint8Array || source instanceof Blob || 'getReader' in source || Symbol.asyncIterator in source)
  if (!known) fail(op, `the source is ${describe(source)}`, 'give a path, a Uint8Array, a Blob or a stream of bytes')
}

/** What errors call a source. */
export const nameOfSource = (source: Source): string =>
  nameOf(typeof source === 'string' ? source : ((source as Partial<File>).name ?? 'the data'))

/** Refuse a limit that is none. */
export function checkLimit(op: string, limit: unknown): void {
  if (typeof limit !== 'number' || !(limit > 0)) fail(op, `limit is ${describe(limit)}`, 'give a number above 0')
}

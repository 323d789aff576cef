/** @file PNG files to read in tests, right ones and wrong ones. */
import { deflateSync } from 'node:zlib'

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** A chunk with its checksum. */
export function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  bytes.set(Buffer.from(type, 'latin1'), 4)
  bytes.set(data, 8)
  let c = 0xffffffff
  for (const byte of bytes.subarray(4, 8 + data.length)) c = table[(c ^ byte) & 0xff] ^ (c >>> 8)
  view.setUint32(8 + data.length, (c ^ 0xffffffff) >>> 0)
  return bytes
}

interface Head {
  width: number
  height: number
  depth: number
  colour: number
  interlace?: number
  /** Chunks between the header and the pixels. */
  extra?: readonly Uint8Array[]
  /** In place of the packed lines. */
  packed?: Uint8Array
}

/** A file of these lines, each with its filter. */
export function png(head: Head, lines: readonly number[]): Uint8Array<ArrayBuffer> {
  const { width, height, depth, colour, interlace = 0, extra = [], packed = deflateSync(Uint8Array.from(lines)) } = head
  const header = new Uint8Array(13)
  new DataView(header.buffer).setUint32(0, width)
  new DataView(header.buffer).setUint32(4, height)
  header.set([depth, colour, 0, 0, interlace], 8)
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  const chunks = [signature, chunk('IHDR', header), ...extra, chunk('IDAT', packed), chunk('IEND', [])]
  return Uint8Array.from(Buffer.concat(chunks))
}

/** @file Images as PNG, by hand: signature, IHDR, IDAT, IEND. @see PNG specification, third edition, W3C 2025 */
import type { Image } from '../data/images.ts'
import { crc32 } from '../io/crc32.ts'

/** An image of 8 bits per sample: 1 channel of grey, RGB, or RGB and opacity. */
export interface Pixels extends Image {
  readonly data: Uint8Array
}

/** Colour types of PNG, by channels. */
const colours: Readonly<Record<number, number>> = { 1: 0, 3: 2, 4: 6 }

/** Length, type, data and checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(12 + data.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, data.length)
  out.set(new TextEncoder().encode(type), 4)
  out.set(data, 8)
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)))
  return out
}

/** The file. */
export async function encodePng({ width, height, channels, data }: Pixels): Promise<Uint8Array> {
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  // 8 bits per sample, a colour type; deflate, a filter per row, not interlaced are 0.
  head.set([8, colours[channels]], 8)
  // Each row begins with its filter: none.
  const row = width * channels
  const lines = new Uint8Array(height * (row + 1))
  for (let y = 0; y < height; y++) lines.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  const packed = new Blob([lines]).stream().pipeThrough(new CompressionStream('deflate'))
  const body = new Uint8Array(await new Response(packed).arrayBuffer())
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  const parts = [signature, chunk('IHDR', head), chunk('IDAT', body), chunk('IEND', new Uint8Array())]
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

/** The image as an address that a page loads nothing for. */
export async function pngAddress(image: Pixels): Promise<string> {
  const bytes = Array.from(await encodePng(image), (byte) => String.fromCharCode(byte))
  return `data:image/png;base64,${btoa(bytes.join(''))}`
}

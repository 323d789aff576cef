/** @file Grey images as PNG, by hand: signature, IHDR, IDAT, IEND. @see PNG specification, third edition, W3C 2025 */
import { deflateSync } from 'node:zlib'
import { crc32 } from '../io/crc32.ts'

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  out.set(data, 8)
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length)
  return out
}

/**
 * An 8-bit grey PNG file.
 * @param pixels  rows · cols bytes, 0 black … 255 white
 */
export function encodePng(pixels: Uint8Array, rows: number, cols: number): Uint8Array {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(cols, 0)
  head.writeUInt32BE(rows, 4)
  // 8 bits per sample, colour type 0 (grey), deflate, no filters but those named per row, not interlaced.
  head[8] = 8
  const lines = Buffer.alloc(rows * (cols + 1))
  for (let row = 0; row < rows; row++) lines.set(pixels.subarray(row * cols, (row + 1) * cols), row * (cols + 1) + 1)
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ])
}

/** A data URI of ink on paper: 0 becomes white, 255 black. */
export function inkImage(ink: Uint8Array, rows: number, cols: number): string {
  const png = encodePng(
    ink.map((v) => 255 - v),
    rows,
    cols,
  )
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

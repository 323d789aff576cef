/** @file Bytes of image files to pixels: PNG by png.ts, JPEG by the browser, in as many channels as are asked for. */
import { fail, failFormat } from '../core/errors.ts'
import { allBytes } from './chunks.ts'
import type { Image } from './images.ts'
import { decodePng, isPng } from './png.ts'
import type { Source } from './source.ts'

/** Pixels of a PNG or JPEG file; see decodeImage of images.ts, which checks what is given. */
export async function imageIn(
  op: string,
  source: Source,
  name: string,
  limit: number,
  channels: 1 | 3 | 4 | undefined,
): Promise<Image> {
  const bytes = await allBytes(op, source, name, limit)
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
  if (!isPng(bytes) && !isJpeg) failFormat(op, `${name}: it is neither PNG nor JPEG`, 'convert it to PNG')
  const image = isJpeg ? await decodeJpeg(op, name, bytes, limit) : await decodePng(op, name, bytes, limit)
  return channels === undefined ? image : withChannels(image, channels)
}

/** By the browser. What the header claims is looked at before. */
async function decodeJpeg(op: string, name: string, bytes: Uint8Array<ArrayBuffer>, limit: number): Promise<Image> {
  if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function')
    fail(op, `${name}: there is nothing here that decodes JPEG`, 'convert it to PNG, or read it in a browser')
  const [width, height] = jpegSize(bytes) ?? failFormat(op, `${name}: its header is damaged or cut off`)
  if (4 * width * height > limit)
    failFormat(op, `${name}: it claims ${width} × ${height} pixels, ${4 * width * height} bytes, more than ${limit}`)
  const bitmap = await createImageBitmap(new Blob([bytes]), {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  }).catch(() => failFormat(op, `${name}: it is damaged or cut off`))
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
  if (!context) return fail(op, `${name}: there is no canvas to decode it on`)
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height)
  const image = { width: context.canvas.width, height: context.canvas.height, channels: 4, data: new Uint8Array(data) }
  return withChannels(image, 3)
}

/** What the frame header of a JPEG file claims. */
function jpegSize(bytes: Uint8Array): [width: number, height: number] | undefined {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return [bytes[at + 7] * 256 + bytes[at + 8], bytes[at + 5] * 256 + bytes[at + 6]]
    at += 2 + bytes[at + 2] * 256 + bytes[at + 3]
  }
  return undefined
}

/** The same image in 8 bits with 1, 3 or 4 channels. */
function withChannels({ width, height, channels: own, data }: Image, channels: 1 | 3 | 4): Image {
  if (own === channels && data instanceof Uint8Array) return { width, height, channels, data }
  const size = width * height
  const bits = data instanceof Uint16Array ? (v: number) => Math.round(v / 257) : (v: number) => v
  const out = new Uint8Array(size * channels)
  const colour = own > 2
  for (let i = 0; i < size; i++) {
    const from = i * own
    const [r, g, b] = colour ? [data[from], data[from + 1], data[from + 2]] : [data[from], data[from], data[from]]
    if (channels === 1) {
      out[i] = colour ? Math.round((299 * bits(r) + 587 * bits(g) + 114 * bits(b)) / 1000) : bits(r)
      continue
    }
    out.set([bits(r), bits(g), bits(b)], i * channels)
    if (channels === 4) out[4 * i + 3] = own % 2 === 0 ? bits(data[from + own - 1]) : 255
  }
  return { width, height, channels, data: out }
}

/**
 * @file Images as pixels, from bytes and from folders by class. Code that few need is loaded when it is asked for:
 * png.ts, and folder.ts for folders.
 */
import { describe, fail, failFormat } from '../core/errors.ts'
import { checkText, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { ImageFolder } from './folder.ts'
import { allBytes, checkSource, nameOfSource, type Source } from './source.ts'
import { checkLimit } from './text.ts'

/** Pixels row after row, the channels of a pixel side by side: grey, grey and alpha, RGB or RGBA. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** 0 … 255, or 0 … 65,535 of PNG files with 16 bits; `width · height · channels` of them. */
  readonly data: Uint8Array | Uint16Array
}

/** How {@link decodeImage} reads. */
export interface ImageOptions {
  /** 1 for grey, 3 for RGB, 4 for RGBA, of 8 bits each; default: what the file has. */
  channels?: 1 | 3 | 4
  /** Bytes that the pixels may take, and the file; default 2²⁸. */
  limit?: number
  /** Named in errors; default: that of the file. */
  name?: string
}

/** How {@link imageFolder} reads. */
export interface FolderOptions {
  /** 1 for grey, 3 for RGB (default), 4 for RGBA. */
  channels?: 1 | 3 | 4
  /** What every image is to measure; default: whatever they do. */
  size?: readonly [height: number, width: number]
  /** Bytes that the pixels of an image may take, and its file; default 2²⁸. */
  limit?: number
}

/** Refuse another number of channels. */
export function checkChannels(op: string, channels: unknown): void {
  if (channels !== undefined && ![1, 3, 4].includes(channels as number))
    fail(op, `channels is ${describe(channels)}`, 'use 1 (grey), 3 (RGB) or 4 (RGBA)')
}

/**
 * The pixels of an image: PNG everywhere, in the same code; JPEG in browsers, whose decoders differ in the last bits.
 * Grey is (299 R + 587 G + 114 B) / 1000; alpha is dropped where it is not asked for, and opaque where there is none.
 * @throws FormatError if it is neither, damaged, or claims more than the limit; HandgradError if it cannot be read, or a
 *   JPEG has nobody to decode it here
 */
export async function decodeImage(source: Source, options?: ImageOptions): Promise<Image> {
  const op = 'decodeImage'
  checkSource(op, source)
  const given = optionsOf(op, options, { channels: undefined, limit: 2 ** 28, name: nameOfSource(source) })
  checkText(op, 'name', given.name)
  checkLimit(op, given.limit)
  checkChannels(op, given.channels)
  return imageOf(op, nameOf(given.name), await allBytes(op, source, given.limit), given.limit, given.channels)
}

/** As {@link decodeImage}, of bytes. */
export async function imageOf(
  op: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  limit: number,
  channels: 1 | 3 | 4 | undefined,
): Promise<Image> {
  const { decodePng, isPng } = await import('./png.ts')
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

/**
 * Images in a folder, one folder per class (`dir/cat/1.png`), as a data set of samples [pixels, label]: pixels float32
 * 0 … 1 of shape [channels, height, width], label the index of the class among their names in alphabetical order. They
 * are read when they are asked for, by `for await`; Node only.
 * @throws HandgradError if it cannot be read; FormatError if there are no classes, one has no images, or a link leads
 *   out of the folder
 */
export async function imageFolder(dir: string, options?: FolderOptions): Promise<ImageFolder> {
  const { channels, size, limit } = optionsOf('imageFolder', options, { channels: 3, size: undefined, limit: 2 ** 28 })
  checkChannels('imageFolder', channels)
  checkLimit('imageFolder', limit)
  if (
    size !== undefined &&
    !(Array.isArray(size) && size.length === 2 && size.every((n) => Number.isInteger(n) && n > 0))
  )
    fail('imageFolder', `size is ${describe(size)}`, 'give [height, width]')
  return (await import('./folder.ts')).openFolder(dir, channels, size, limit)
}

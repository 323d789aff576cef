/**
 * @file Images as pixels, from bytes and from folders by class. What few need is loaded when it is asked for: pixels.ts
 * with png.ts, and folder.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { checkText, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { ImageFolder } from './folder.ts'
import { checkLimit, checkSource, nameOfSource, type Source } from './source.ts'

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
 * @throws FormatError if it is neither, damaged, or claims more than the limit; HandgradError if it cannot be read, or
 *   a JPEG has nobody to decode it here
 */
export async function decodeImage(source: Source, options?: ImageOptions): Promise<Image> {
  const op = 'decodeImage'
  checkSource(op, source)
  const given = optionsOf(op, options, { channels: undefined, limit: 2 ** 28, name: nameOfSource(source) })
  checkText(op, 'name', given.name)
  checkLimit(op, given.limit)
  checkChannels(op, given.channels)
  const { imageIn } = await import('./pixels.ts')
  return imageIn(op, source, nameOf(given.name), given.limit, given.channels)
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

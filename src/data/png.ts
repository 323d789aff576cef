/**
 * @file PNG images to pixels, in plain code, so that they are the same everywhere: all colour types and depths, and
 * interlaced ones. What the header claims is refused where it is more than the limit, or than the packed bytes can
 * hold, before memory is taken for it.
 * @see PNG specification, third edition, W3C 2025
 */
import { FormatError, failFormat } from '../core/errors.ts'
import { crc32 } from '../io/crc32.ts'
import type { Image } from './images.ts'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** True if the bytes begin as PNG does. */
export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte)

/** No byte of deflate data stands for more. */
const DENSEST = 1032
/** Samples of a pixel and the depths they may have, by colour type. */
const colours: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
}
/** First column and row, and steps, of Adam7's passes. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

interface Header {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  readonly samples: number
  readonly interlaced: boolean
}

interface Chunks {
  readonly header: Header
  readonly palette: Uint8Array | undefined
  readonly transparent: Uint8Array | undefined
  /** The parts of the packed pixels. */
  readonly packed: Uint8Array[]
}

/** Pixels of a PNG file, 8 or 16 bits per sample; see decodeImage of images.ts, which checks what is given. */
export async function decodePng(op: string, name: string, bytes: Uint8Array, limit: number): Promise<Image> {
  const wrong = (what: string, todo?: string): never => failFormat(op, `${name}: ${what}`, todo)
  const chunks = chunksOf(bytes, wrong)
  const { header, palette, transparent } = chunks
  const { width, height, depth, colour, samples } = header
  const size = `${width} × ${height} pixels`
  const channels = (colour === 3 ? 3 : samples) + (transparent ? 1 : 0)
  const total = width * height * channels * (depth === 16 ? 2 : 1)
  if (total > limit)
    wrong(
      `it claims ${size}, ${total} bytes, more than the ${limit} that are unpacked`,
      'give { limit } if that is right',
    )
  const passes = passesOf(header)
  const raw = passes.reduce((sum, pass) => sum + pass.rows * (1 + pass.bytes), 0)
  const packed = chunks.packed.reduce((sum, part) => sum + part.length, 0)
  if (raw > packed * DENSEST) wrong(`it claims ${size}, more than ${packed} packed bytes can hold`)
  const lines = await inflate(chunks.packed, raw, wrong)

  const data = depth === 16 ? new Uint16Array(total / 2) : new Uint8Array(total)
  const values = new Uint16Array(Math.max(...passes.map(({ columns }) => columns)) * samples)
  const scale = depth < 8 && colour === 0 ? 255 / ((1 << depth) - 1) : 1
  const clear =
    colour === 3 || !transparent
      ? []
      : [...Array(samples).keys()].map((i) => transparent[2 * i] * 256 + transparent[2 * i + 1])
  let at = 0
  for (const pass of passes) {
    let before: Uint8Array = new Uint8Array(pass.bytes)
    for (let row = 0; row < pass.rows; row++) {
      const filter = lines[at++]
      const line = lines.subarray(at, (at += pass.bytes))
      if (filter > 4) wrong(`row ${pass.y + row * pass.dy} has filter ${filter}, and there are 0 to 4`)
      unfilter(filter, line, before, Math.max(1, (samples * depth) >> 3))
      before = line
      unpackSamples(line, depth, values, pass.columns * samples)
      for (let column = 0; column < pass.columns; column++) {
        let to = ((pass.y + row * pass.dy) * width + pass.x + column * pass.dx) * channels
        const from = column * samples
        if (colour === 3) {
          const entry = values[from]
          if (!palette || 3 * entry >= palette.length)
            wrong(
              `row ${pass.y + row * pass.dy}, column ${pass.x + column * pass.dx} has colour ${entry}, which the palette lacks`,
            )
          for (let i = 0; i < 3; i++) data[to++] = (palette as Uint8Array)[3 * entry + i]
          if (transparent) data[to] = transparent[entry] ?? 255
          continue
        }
        for (let i = 0; i < samples; i++) data[to++] = values[from + i] * scale
        if (transparent) data[to] = clear.every((v, i) => v === values[from + i]) ? 0 : depth === 16 ? 65535 : 255
      }
    }
  }
  return { width, height, channels, data }
}

/** The chunks that matter, with their sums checked. */
function chunksOf(bytes: Uint8Array, wrong: (what: string, todo?: string) => never): Chunks {
  if (!isPng(bytes)) wrong('it is not a PNG file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let header: Header | undefined
  let palette: Uint8Array | undefined
  let transparent: Uint8Array | undefined
  const packed: Uint8Array[] = []
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) wrong(`it is cut off after ${bytes.length} bytes`, 'is it whole?')
    const length = view.getUint32(at)
    if (length > bytes.length - at - 12)
      wrong(`the chunk at byte ${at} claims ${length} bytes, more than there are`, 'is it whole?')
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (!/^[A-Za-z]{4}$/.test(type)) wrong(`there is no chunk at byte ${at}`, 'is it whole?')
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      wrong(`chunk ${type} at byte ${at} does not have its checksum`, 'it is damaged')
    if ((type === 'IHDR') !== (header === undefined)) wrong(`chunk ${type} is at byte ${at}`, 'one IHDR comes first')
    if (type === 'IHDR') header = headerOf(data, wrong)
    else if (type === 'PLTE') palette = data
    else if (type === 'tRNS') transparent = data
    else if (type === 'IDAT') packed.push(data)
    else if (type === 'IEND') break
    else if (type < 'a') wrong(`chunk ${type} is needed to read it, and unknown`)
    at += 12 + length
  }
  const known = header as Header // it came first
  if (palette && (palette.length % 3 !== 0 || palette.length > 768)) wrong(`the palette has ${palette.length} bytes`)
  if (known.colour === 3 && !palette) wrong('the palette is missing')
  const longest = known.colour === 3 ? (palette as Uint8Array).length / 3 : 2 * known.samples
  if (
    transparent &&
    (known.colour > 3 || transparent.length > longest || (known.colour < 3 && transparent.length < longest))
  )
    wrong(`${transparent.length} bytes of transparency do not fit colour type ${known.colour}`)
  return { header: known, palette, transparent, packed }
}

function headerOf(data: Uint8Array, wrong: (what: string) => never): Header {
  if (data.length !== 13) wrong(`its header has ${data.length} bytes, and is to have 13`)
  const view = new DataView(data.buffer, data.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth, colour, compression, filter, interlace] = data.subarray(8)
  if (width < 1 || height < 1 || width > 0x7fffffff || height > 0x7fffffff)
    wrong(`it claims ${width} × ${height} pixels`)
  if (!colours[colour]?.depths.includes(depth)) wrong(`it has colour type ${colour} with ${depth} bits`)
  if (compression !== 0 || filter !== 0 || interlace > 1)
    wrong(`it has compression ${compression}, filter ${filter} and interlace ${interlace}`)
  return { width, height, depth, colour, samples: colours[colour].samples, interlaced: interlace === 1 }
}

/** The images that the file is made of: one, or the seven of Adam7 as far as they have pixels. */
function passesOf({ width, height, depth, samples, interlaced }: Header) {
  const all = interlaced ? PASSES : ([[0, 0, 1, 1]] as const)
  return all.flatMap(([x, y, dx, dy]) => {
    const [columns, rows] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)]
    return columns > 0 && rows > 0
      ? [{ x, y, dx, dy, columns, rows, bytes: Math.ceil((columns * samples * depth) / 8) }]
      : []
  })
}

/** The unpacked bytes, which are to be so many. */
async function inflate(
  parts: Uint8Array[],
  length: number,
  wrong: (what: string, todo?: string) => never,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let done = 0
  // A cast to the form that Blob takes: shared memory is copied there like any other.
  const blob = new Blob(parts as Uint8Array<ArrayBuffer>[])
  const reader = blob.stream().pipeThrough(new DecompressionStream('deflate')).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (done + part.value.length > length) wrong(`its pixels unpack to more than the ${length} bytes that it claims`)
      bytes.set(part.value, done)
      done += part.value.length
    }
  } catch (error) {
    if (error instanceof FormatError) throw error
    wrong(`its pixels are damaged or cut off, after ${done} unpacked bytes`)
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  if (done < length) wrong(`its pixels unpack to ${done} bytes, and it claims ${length}`)
  return bytes
}

/** x = filtered + predictor, in place; the predictor is of the bytes to the left (a), above (b) and above left (c). */
function unfilter(filter: number, line: Uint8Array, before: Uint8Array, step: number): void {
  if (filter === 0) return
  for (let i = 0; i < line.length; i++) {
    const a = i >= step ? line[i - step] : 0
    const b = before[i]
    if (filter === 1) line[i] += a
    else if (filter === 2) line[i] += b
    else if (filter === 3) line[i] += (a + b) >> 1
    else {
      // Paeth: whichever of the three is nearest to a + b − c.
      const c = i >= step ? before[i - step] : 0
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
      line[i] += pa <= pb && pa <= pc ? a : pb <= pc ? b : c
    }
  }
}

/** `count` samples of a line, from its bits. */
function unpackSamples(line: Uint8Array, depth: number, values: Uint16Array, count: number): void {
  for (let i = 0; i < count; i++) {
    if (depth === 8) values[i] = line[i]
    else if (depth === 16) values[i] = line[2 * i] * 256 + line[2 * i + 1]
    else values[i] = (line[(i * depth) >> 3] >> (8 - depth - ((i * depth) & 7))) & ((1 << depth) - 1)
  }
}

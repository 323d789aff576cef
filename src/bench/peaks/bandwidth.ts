/** @file Reading and copying buffers of four sizes, from a cache to memory. */
import { firstWrong, type Ground, type Limit } from './limit.ts'

/** Bytes of both buffers together. The last cache of a processor has some 32 MiB, a GPU's up to 256 MiB. */
const SIZES = {
  software: [2 ** 18, 2 ** 22, 2 ** 25, 2 ** 27],
  gpu: [2 ** 20, 2 ** 23, 2 ** 26, 2 ** 29],
} as const
/** Bytes that a run touches at least: small buffers several times. */
const LEAST = { software: 2 ** 24, gpu: 2 ** 29 } as const
/** Workgroups that take turns. */
const GROUPS = { software: 64, gpu: 4096 } as const
const FACTOR = 2654435761
const VEC4 = 16

/** The sum of all numbers of a buffer of so many bytes (bandwidth.wgsl, fill), modulo 2³². */
export function sumOf(bytes: number): number {
  const n = BigInt(bytes / 4)
  return Number((((n * (n + 1n)) / 2n) * BigInt(FACTOR)) % 2n ** 32n)
}

export interface Band {
  readonly bytes: number
  readonly read: Limit
  readonly copy: Limit
}

export async function bands(
  ground: Ground,
  wanted: readonly number[] = SIZES[ground.software ? 'software' : 'gpu'],
): Promise<Band[]> {
  const { gpu } = ground
  const most = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize)
  // Powers of two, as chunks are counted by their bits.
  const half = (bytes: number) => Math.min(bytes / 2, 2 ** Math.floor(Math.log2(most)))
  const sizes = [...new Set(wanted.map((bytes) => 2 * half(bytes)))]
  const programs = {
    read: await ground.program('bandwidth', 'read_all'),
    copy: await ground.program('bandwidth', 'copy_all'),
    fill: await ground.program('bandwidth', 'fill'),
  }
  return sizes.map((bytes) => band(ground, programs, bytes))
}

type Programs = Record<'read' | 'copy' | 'fill', Awaited<ReturnType<Ground['program']>>>

function band(ground: Ground, { read, copy, fill }: Programs, bytes: number): Band {
  const { lanes, software } = ground
  const kind = software ? 'software' : 'gpu'
  const chunks = bytes / 2 / (4 * lanes * VEC4)
  const times = Math.max(1, LEAST[kind] / bytes)
  const groups = Math.min(GROUPS[kind], chunks * times)
  const each = (chunks * times) / groups
  const grid = [groups, 1, 1] as const
  const [a, b] = [ground.buffer(bytes / 2), ground.buffer(bytes / 2)]
  const sums = ground.buffer(4 * groups * lanes)
  const p = ground.buffer(
    new Uint32Array([chunks - 1, Math.log2(chunks), each, ...(software ? [each, 1] : [1, groups])]),
  )
  for (const y of [a, b]) fill.work([fill.bind({ 1: y })], grid).run()
  const size = bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`
  const reading = read.work([read.bind({ 0: sums, 2: a, 3: b, 4: p })], grid)
  const copying = copy.work([copy.bind({ 1: b, 2: a, 4: p })], grid)
  return {
    bytes,
    read: {
      name: `read ${size}`,
      unit: 'B/s',
      amount: bytes * times,
      work: reading,
      async check() {
        reading.run()
        let sum = 0
        for (const part of await ground.integers(sums)) sum = (sum + part) >>> 0
        const right = Number((2n * BigInt(times) * BigInt(sumOf(bytes / 2))) % 2n ** 32n)
        return firstWrong([sum], () => right)
      },
    },
    copy: {
      name: `copy ${size}`,
      unit: 'B/s',
      amount: bytes * times,
      work: copying,
      async check() {
        ground.clear(b)
        copying.run()
        return ground.look(b, (piece, from) =>
          firstWrong(new Uint32Array(piece), (i) => Math.imul(from / 4 + i + 1, FACTOR) >>> 0),
        )
      },
    },
  }
}

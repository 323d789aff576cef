/**
 * @file Large safetensors files take little memory beyond their tensors. 500 MB: `npx tsx --expose-gc
 * tools/io_memory.ts`.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fillNew } from '../../src/core/launch.ts'
import { getDefaultDevice, io, tensor } from '../../src/index.ts'
import { collect } from '../support/gc.ts'

const COUNT = 30_000_000
const MOST = 64e6

/** The most bytes of host arrays while f runs, beyond those before. */
async function peak<T>(f: () => Promise<T>): Promise<{ most: number; result: T }> {
  await collect()
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const look = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  const timer = setInterval(look, 1)
  const result = await f()
  clearInterval(timer)
  look()
  return { most, result }
}

it('120 MB are saved, loaded and read within 64 MB beyond the tensors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'handgrad-stream-'))
  try {
    const path = join(folder, 'w.safetensors')
    const large = fillNew('test', [COUNT], 1.5, 'float32', getDefaultDevice())
    const tensors = { large, 'small.1': tensor([1, 2]), turned: tensor([[1, 2, 3]]).t() }
    expect((await peak(() => io.saveSafetensors(path, tensors))).most).toBeLessThan(MOST)
    const { size } = await stat(path)
    expect(size).toBeGreaterThan(4 * COUNT)
    const loaded = await peak(() => io.loadSafetensors(path))
    expect(loaded.most).toBeLessThan(size + MOST)
    expect(await loaded.result.large.slice([COUNT - 2]).array()).toEqual([1.5, 1.5])
    expect(await loaded.result.turned.array()).toEqual([[1], [2], [3]])
    for (const x of [large, ...Object.values(loaded.result)]) x.dispose()
    const read = await peak(() => io.readSafetensors(path))
    expect(read.most).toBeLessThan(size + MOST)
    expect(read.result.tensors.large.data[COUNT - 1]).toBe(1.5)
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('a header of many names or bytes is refused before it costs much', () => {
  const bytesOf = (header: string) => {
    const text = new TextEncoder().encode(header)
    const bytes = new Uint8Array(8 + text.length)
    new DataView(bytes.buffer).setUint32(0, text.length, true)
    bytes.set(text, 8)
    return bytes
  }
  const names = Array.from({ length: 100_000 }, (_, i) => `"${i}":""`)
  const entries = Array.from({ length: 100_000 }, (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)
  for (const header of [`{"__metadata__":{${names}}}`, `{${entries}}`]) {
    const bytes = bytesOf(header)
    const before = process.memoryUsage().heapUsed
    // The best of three, some 60 ms on an idle machine: others may have the processor meanwhile.
    const times = [1, 2, 3].map(() => {
      const start = performance.now()
      expect(() => io.decodeSafetensors(bytes)).toThrow('the header has more than 32768 names')
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(300)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6)
  }
  const many = Object.fromEntries(
    Array.from({ length: 17_000 }, (_, i) => [
      String(i),
      { dtype: 'uint8', shape: [0], data: new Uint8Array(0) } as const,
    ]),
  )
  expect(() => io.encodeSafetensors(many)).toThrow('and 68001 names, at most 8388608 and 32768 are read')
})

/**
 * @file The kernels of limits: every entry point compiles, every limit that the adapter has passes its check and gets a
 * row, and a kernel that computes something else, or too little, is found and never timed.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Clock } from '../../src/bench/clock.ts'
import { arithmetic } from '../../src/bench/peaks/arithmetic.ts'
import { bands } from '../../src/bench/peaks/bandwidth.ts'
import { Ground, type Limit } from '../../src/bench/peaks/limit.ts'
import { atomics, dispatches, subgroups, workgroupMemory } from '../../src/bench/peaks/units.ts'
import { measurePeaks } from '../../src/bench/peaks.ts'
import { Program } from '../../src/bench/program.ts'
import { benchShaders } from '../../src/bench/wgsl.generated.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'

let device: WebGPUDevice

beforeAll(async () => {
  device = await createWebGPUDevice((await findGpu()).gpu)
})
afterAll(() => device.destroy())

const enabled = (code: string): string[] => [...code.matchAll(/^enable (\w+);/gm)].map(([, name]) => name)
const FEATURES: Readonly<Record<string, string>> = { f16: 'shader-f16', subgroups: 'subgroups' }

test.each(Object.entries(benchShaders))('%s compiles', async (file, code) => {
  const missing = enabled(code).filter((name) => !device.facts.features.has(FEATURES[name]))
  if (missing.length > 0) {
    console.log(`adapter: ${device.name} lacks ${missing.join(', ')} of ${file}`)
    return
  }
  const entries = [...code.matchAll(/@compute[^{]*?fn (\w+)/g)].map(([, entry]) => entry)
  expect(entries.length).toBeGreaterThan(0)
  for (const entry of entries) await Program.of(device.gpu, { code, file, entry })
})

test('each limit is checked and has a row, all figures are positive', async () => {
  const clock = await Clock.of(device)
  const seen: number[] = []
  const peaks = await measurePeaks(device, clock, { seconds: 0, progress: (done) => seen.push(done) })
  clock.destroy()
  expect(peaks.skipped).toBeUndefined()
  const { features } = device.facts
  expect(peaks.rows.map(({ name, clock: by }) => `${name}, ${by}`).sort()).toEqual(
    [
      'multiply-adds f32',
      ...(features.has('shader-f16') ? ['multiply-adds f16'] : []),
      'workgroup memory, read',
      'atomicAdd, one address',
      'atomicAdd, own addresses',
      ...(features.has('subgroups') ? ['subgroupAdd', 'subgroupShuffleXor', 'subgroupBroadcast'] : []),
      ...peaks.bandwidth.flatMap(({ bytes }) => {
        const size = bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`
        return [`read ${size}`, `copy ${size}`]
      }),
      'empty dispatch',
      'dependent dispatch',
    ]
      .map((name) => `${name}, ${clock.best}`)
      .concat(clock.best === 'gpu' ? ['empty dispatch, wall', 'dependent dispatch, wall'] : [])
      .sort(),
  )
  expect(peaks.bandwidth).toHaveLength(4)
  for (const { value, quartiles, count } of peaks.rows) {
    expect(value).toBeGreaterThan(0)
    expect(quartiles[0]).toBeLessThanOrEqual(value)
    expect(quartiles[1]).toBeGreaterThanOrEqual(value)
    expect(count).toBe(5)
  }
  expect(peaks.flops.f32).toBe(peaks.rows[0].value)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(1)
})

/** A ground on which one shader is another. */
class Planted extends Ground {
  private readonly change: (code: string) => string

  constructor(on: WebGPUDevice, change: (code: string) => string) {
    super(on)
    this.change = change
  }

  protected override text(name: Parameters<Ground['program']>[0]): string {
    const code = super.text(name)
    return this.change(code)
  }
}

type Make = (ground: Ground) => Promise<readonly Limit[]>
const bandwidth: Make = async (ground) => (await bands(ground, [2 ** 18])).flatMap(({ read, copy }) => [read, copy])

/** Name of the limit, how it is made, what stands in the text and what is planted in its place. */
const faults: readonly (readonly [string, Make, string, string])[] = [
  ['multiply-adds f32', arithmetic, 'r < rounds', 'r + 1u < rounds'],
  ['multiply-adds f32', arithmetic, 'x1 = fma(x1, vec4(a), vec4(b));', 'x1 = fma(x1, vec4(1.0), vec4(b));'],
  ['multiply-adds f16', arithmetic, 'r < rounds', 'r + 1u < rounds'],
  ['workgroup memory, read', async (ground) => [await workgroupMemory(ground)], '(i + 3u) & mask', '(i + 2u) & mask'],
  ['dependent dispatch', dispatches, '+= 1u', '= 1u'],
  ['atomicAdd, one address', atomics, 'lane & 1u', 'lane & 2u'],
  ['atomicAdd, own addresses', atomics, 'add(id.x, lane)', 'add(id.x & 31u, lane)'],
  ['subgroupAdd', subgroups, 'subgroupAdd(x) + l', 'x + l'],
  ['subgroupShuffleXor', subgroups, 'subgroupShuffleXor(x, 1u)', 'x'],
  ['subgroupBroadcast', subgroups, 'subgroupBroadcast(x, 1u)', 'x'],
  ['read 256 KiB', bandwidth, 'j < p.each', 'j + 1u < p.each'],
  ['copy 256 KiB', bandwidth, 'y[i + 2u * LANES] = v2;', ''],
]

test.each(faults)('%s: a planted fault is found (%#)', async (name, make, from, to) => {
  const ground = new Planted(device, (code) => code.replaceAll(from, to))
  const limits = await make(ground)
  const limit = limits.find((one) => one.name === name)
  if (limit) expect(await limit.check()).toMatch(/element \d+ is .*, right is /)
  // Half precision and subgroups are not everywhere.
  else expect(device.facts.features.has(name.endsWith('f16') ? 'shader-f16' : 'subgroups')).toBe(false)
  ground.destroy()
})

/**
 * @file Products with a matrix of float16 by the adapter's own type, `shader-f16`: which variants take them, and that
 * they give the bits of the variants for 32 bits, for all numbers of the format. An adapter without the feature has
 * the others only.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toFloat16 } from '../../src/core/half.ts'
import type { Tensor } from '../../src/node.ts'
import { device, nn, tensor } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { numbers } from './suite.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const { linear } = nn.functional
const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
/** Every 21st half: among them ±0, subnormals, ±65,504, ±∞ and NaN. */
const mixed = (count: number): Uint16Array =>
  Uint16Array.from({ length: count }, (_, i) => [0x8000, 0x0001, 0x7bff, 0xfc00, 0x7e01][i] ?? (i * 21) & 0xffff)
const ofNumbers = (count: number): Uint16Array => toFloat16(numbers(count))

/** How often variants of products ran since the last call. */
function ran(): Record<string, number> {
  const now = gpu.counts()
  const names = Object.keys(now).filter((name) => name.startsWith('matmul/') && now[name] > (before[name] ?? 0))
  const since = Object.fromEntries(names.map((name) => [name.slice('matmul/'.length), now[name] - (before[name] ?? 0)]))
  before = now
  return since
}
let before: Record<string, number> = {}

/** Results by float16 and by the same numbers in float32, and the variants that ran. */
async function both(m: number, n: number, k: number, bits: Uint16Array, byRows: boolean) {
  const x = tensor(numbers(m * k, 3), { shape: [m, k], device: gpu, dtype: 'float32' })
  const stored = tensor(bits, { shape: byRows ? [k, n] : [n, k], dtype: 'float16', device: gpu })
  const turn = (w: Tensor) => (byRows ? w.T : w)
  const bias = tensor(numbers(n, 5), { device: gpu, dtype: 'float32' })
  ran()
  const got = linear(x, turn(stored), bias, { activation: 'relu' })
  const taken = ran()
  const want = linear(x, turn(stored.to('float32')), bias, { activation: 'relu' })
  return { got: (await got.data()) as Float32Array, want: (await want.data()) as Float32Array, taken }
}

function expectSame(got: Float32Array, want: Float32Array): void {
  expect(got.length).toBe(want.length)
  for (let i = 0; i < want.length; i++) if (!Object.is(got[i], want[i])) expect.fail(`${i}: ${got[i]}, ${want[i]}`)
}

describe('products with a matrix of float16', () => {
  const sizes = [
    [1, 768, 96],
    [4, 65, 300],
    [5, 72, 300],
    [7, 33, 257],
    [16, 68, 37],
    [33, 65, 520],
    [64, 128, 64],
  ]
  test.each(sizes)('the bits of float32: %i rows, %i columns, %i products', async (m, n, k) => {
    for (const byRows of [false, true]) {
      for (const bits of [ofNumbers(n * k), mixed(n * k)]) {
        const { got, want } = await both(m, n, k, bits, byRows)
        expectSame(got, want)
      }
    }
  })

  test.each([1, 16])('all 65,536 numbers, with %i rows', async (m) => {
    for (const byRows of [false, true]) {
      const { got, want } = await both(m, 65536, 1, all, byRows)
      expectSame(got, want)
    }
  })

  test('where the adapter has the type, variants for it are taken, else none', async () => {
    const has = gpu.facts.features.has('shader-f16')
    if (!has) console.log(`adapter: ${gpu.name} lacks shader-f16`)
    const takenFor = async (m: number, byRows: boolean) =>
      Object.keys((await both(m, 64, 256, ofNumbers(64 * 256), byRows)).taken)
    const { software, subgroupSize } = gpu.facts
    const strips = software && subgroupSize >= 8
    expect(gpu.readsAsIs).toEqual(has && (strips || !software) ? ['float16'] : [])
    if (gpu.readsAsIs.length === 0) {
      for (const m of [2, 5, 64]) expect((await takenFor(m, false)).join()).not.toContain('f16')
      return
    }
    expect(await takenFor(2, false)).toEqual([strips ? 'subgroup_few_f16' : 'few_group_f16'])
    expect(await takenFor(64, false)).toEqual([strips ? 'subgroup_f16' : 'shared_f16'])
    expect(await takenFor(64, true)).toEqual([strips ? 'subgroup_vec4_f16' : 'shared_f16'])
    // What reads columns side by side as fast from words stays with them.
    if (strips) expect(await takenFor(2, true)).toEqual(['few_vec4'])
  })

  test('no copy of 32 bits is made where the format is read as it is; bfloat16 is widened', async () => {
    const x = tensor(numbers(64 * 32), { shape: [64, 32], device: gpu, dtype: 'float32' })
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const w = tensor(numbers(64 * 32), { shape: [64, 32], dtype, device: gpu })
      const before = copies()
      linear(x, w)
      expect(copies() - before, dtype).toBe(gpu.readsAsIs.includes(dtype) ? 0 : 1)
    }
  })
})

/** Launches of the kernel that widens. */
function copies(): number {
  const counts = Object.entries(gpu.counts()).filter(([name]) => name.startsWith('copy/'))
  return counts.reduce((sum, [, count]) => sum + count, 0)
}

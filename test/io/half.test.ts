/**
 * @file F16 and BF16 of safetensors: every one of their 65,536 bit patterns is read as the float32 that PyTorch reads,
 * and float32 is rounded to them as PyTorch rounds. Digests of PyTorch's bits were made with 1.13.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors, loadSafetensors, saveSafetensors } from '../../src/io/index.ts'
import '../../src/methods.ts'
import * as nn from '../../src/nn/index.ts'
import { tensor } from '../../src/ops/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-half-'))
})
afterAll(() => rm(folder, { recursive: true }))

const sha256 = ({ buffer, byteOffset, byteLength }: Uint16Array | Uint32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')

/** A file of one tensor, w, of 16-bit patterns. */
function halfFile(dtype: 'F16' | 'BF16', patterns: Uint16Array, shape: number[] = [patterns.length]): Uint8Array {
  const header = JSON.stringify({ w: { dtype, shape, data_offsets: [0, 2 * patterns.length] } }).padEnd(80)
  const bytes = new Uint8Array(88 + 2 * patterns.length)
  bytes[0] = 80
  bytes.set(new TextEncoder().encode(header), 8)
  bytes.set(new Uint8Array(patterns.buffer), 88)
  return bytes
}

const all = Uint16Array.from({ length: 65536 }, (_, i) => i)

/** The value of a pattern by the definition of the formats: (−1)^s · 2^(e − bias) · 1.m, below 2^(1 − bias) · 0.m. */
function defined(pattern: number, digits: number, bias: number): number {
  const sign = pattern & 0x8000 ? -1 : 1
  const exponent = (pattern & 0x7fff) >> digits
  const mantissa = (pattern & ((1 << digits) - 1)) / 2 ** digits
  if (exponent === 2 * bias + 1) return mantissa ? NaN : sign * Infinity
  return sign * (exponent ? 2 ** (exponent - bias) * (1 + mantissa) : 2 ** (1 - bias) * mantissa)
}

const formats = [
  {
    tag: 'F16',
    dtype: 'float16',
    digits: 10,
    bias: 15,
    read: '385ff5fe69182797cda5f1827e20cf423f4416bc9246f27d0eec27cac9039259',
    written: 'e9f93c3ea4394c79ddb242959788332e2eabc3ae30f05e538dca0d71f4b2ed61',
  },
  {
    tag: 'BF16',
    dtype: 'bfloat16',
    digits: 7,
    bias: 127,
    read: 'f12e27efe34841dfd6391497b86f389096b03a376586e1d9691bba0a8de3980a',
    written: '5b458a62da4ef51caff9b2188f1b443c5eb29a0278d246c85654511b48b5230e',
  },
] as const

/** The 16-bit patterns that numbers are written as. */
function patternsOf(data: Float32Array | Float64Array, dtype: 'float16' | 'bfloat16'): Uint16Array {
  const host =
    data instanceof Float32Array
      ? ({ dtype: 'float32', shape: [data.length], data } as const)
      : ({ dtype: 'float64', shape: [data.length], data } as const)
  const bytes = encodeSafetensors({ w: host }, {}, { dtype })
  return new Uint16Array(bytes.slice(bytes.length - 2 * data.length).buffer)
}

describe.each(formats)('$tag', ({ tag, dtype, digits, bias, read, written }) => {
  it('is read exactly, all 65,536 patterns of it', () => {
    const { w } = decodeSafetensors(halfFile(tag, all)).tensors
    expect([w.dtype, w.shape, w.data.constructor.name]).toEqual(['float32', [65536], 'Float32Array'])
    const wrong = [...all].filter((pattern) => !Object.is(w.data[pattern], defined(pattern, digits, bias)))
    expect(wrong).toEqual([])
    // PyTorch's bits, with one NaN for all.
    const bits = new Uint32Array((w.data as Float32Array).slice().buffer)
    bits.forEach((_, i) => {
      if (Number.isNaN(w.data[i])) bits[i] = 0x7fc00000
    })
    expect(sha256(bits)).toBe(read)
  })

  it('keeps sign and payload of NaN where it is read', () => {
    const { w } = decodeSafetensors(halfFile(tag, all)).tensors
    const bits = new Uint32Array((w.data as Float32Array).slice().buffer)
    const nan = [...all].filter((pattern) => Number.isNaN(w.data[pattern]))
    expect(nan.length).toBe(2 * ((1 << digits) - 1))
    const shift = 23 - digits
    for (const pattern of nan) {
      expect(bits[pattern] >>> 31).toBe(pattern >> 15)
      expect((bits[pattern] & 0x7fffff) >> shift).toBe(pattern & ((1 << digits) - 1))
    }
  })

  it('is written as it was read, NaN as the quiet one', () => {
    const { w } = decodeSafetensors(halfFile(tag, all)).tensors
    const back = patternsOf(w.data as Float32Array, dtype)
    const quiet = dtype === 'float16' ? 0x7e00 : 0x7fc0
    expect([...all].filter((pattern) => back[pattern] !== (Number.isNaN(w.data[pattern]) ? quiet : pattern))).toEqual(
      [],
    )
  })

  it('is rounded to as PyTorch rounds float32, at ties and beside them', () => {
    const low = [0, 0x0fff, 0x1000, 0x1001, 0x2fff, 0x3000, 0x3001, 0x7fff, 0x8000, 0x8001, 0xffff]
    const bits = Uint32Array.from({ length: 65536 * low.length }, (_, i) => {
      return Math.floor(i / low.length) * 65536 + low[i % low.length]
    })
    expect(sha256(patternsOf(new Float32Array(bits.buffer), dtype))).toBe(written)
  })

  it('is rounded to once from float64', () => {
    // Just above the middle between 1 and the next number: through float32 it would be the middle, a tie, and be 1.
    const middle = 1 + 2 ** -(digits + 1)
    const one = bias << digits
    expect([...patternsOf(Float64Array.of(1, middle, middle + 2 ** -40), dtype)]).toEqual([one, one, one + 1])
  })
})

it('rounds to infinity, zero and subnormals as IEEE 754 says', () => {
  const values = [65504, 65519.99, 65520, -1e9, 2 ** -24, 2 ** -25, 2 ** -25 * 1.01, 1e-300, -0, Infinity, 1 / 3]
  const half = [0x7bff, 0x7bff, 0x7c00, 0xfc00, 1, 0, 1, 0, 0x8000, 0x7c00, 0x3555]
  expect([...patternsOf(Float64Array.from(values), 'float16')]).toEqual(half)
  const large = [2 ** 127 * (2 - 2 ** -7), 2 ** 127 * (2 - 2 ** -8), -1e300, 2 ** -133, 2 ** -134]
  expect([...patternsOf(Float64Array.from(large), 'bfloat16')]).toEqual([0x7f7f, 0x7f80, 0xff80, 1, 0])
})

it('writes floats alone as another dtype, aligned, and refuses others by name', () => {
  const tensors = {
    flag: { dtype: 'bool', shape: [1], data: Uint8Array.of(1) },
    w: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) },
    n: { dtype: 'int32', shape: [1], data: Int32Array.of(7) },
    d: { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) },
  } as const
  const header = (dtype?: 'float32' | 'float16') => {
    const bytes = encodeSafetensors(tensors, {}, { dtype })
    return new TextDecoder().decode(bytes.subarray(8, 8 + bytes[0] + 256 * bytes[1])).trimEnd()
  }
  expect(header('float16')).toBe(
    '{"flag":{"dtype":"BOOL","shape":[1],"data_offsets":[12,13]},"w":{"dtype":"F16","shape":[3],"data_offsets":[4,10]},' +
      '"n":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"d":{"dtype":"F16","shape":[1],"data_offsets":[10,12]}}',
  )
  expect(header('float32')).toContain('"d":{"dtype":"F32"')
  expect(header()).toContain('"d":{"dtype":"F64"')
  const { d } = decodeSafetensors(encodeSafetensors(tensors, {}, { dtype: 'float32' })).tensors
  expect(d.data).toEqual(Float32Array.of(0.1))
  // @ts-expect-error a dtype that is not written
  expect(() => encodeSafetensors(tensors, {}, { dtype: 'float8' })).toThrow(
    "encodeSafetensors: dtype is 'float8' (floats are written as float32, float16, bfloat16)",
  )
})

it('loads a file of F16 into the float32 parameters of a model, and saves one', async () => {
  const path = join(folder, 'w.safetensors')
  // 1.5, −2, 2⁻²⁴ and 65504 as F16.
  await writeFile(path, halfFile('F16', Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7bff), [2, 2]))
  const { w } = await loadSafetensors(path)
  expect(w.dtype).toBe('float32')
  const model = new nn.Linear(2, 2, { bias: false })
  model.loadStateDict({ weight: w })
  expect(await model.weight.array()).toEqual([
    [1.5, -2],
    [2 ** -24, 65504],
  ])
  for (const dtype of ['float16', 'bfloat16'] as const) {
    await saveSafetensors(path, { weight: tensor([[0.1, 1e5]]) }, { dtype })
    const { weight } = await loadSafetensors(path)
    expect(await weight.array()).toEqual([dtype === 'float16' ? [0.0999755859375, Infinity] : [0.10009765625, 99840]])
  }
  await expect(
    // @ts-expect-error a dtype that is not written
    saveSafetensors(path, { weight: tensor([1]) }, { dtype: 'int32' }),
  ).rejects.toThrow("saveSafetensors: dtype is 'int32' (floats are written as float32, float16, bfloat16)")
})

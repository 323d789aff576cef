/** @file The synthetic digits: the same for ever from one seed, ten balanced classes, neither trivial nor noise. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Philox, philox, philox4x32 } from '../../src/core/philox.ts'
import { syntheticDigits } from '../../src/data/digits.ts'

const words = (out: Uint32Array) => [...out].map((word) => word.toString(16).padStart(8, '0')).join(' ')

describe('Philox', () => {
  it('gives the known answers of Random123', () => {
    const out = new Uint32Array(4)
    philox4x32(0, 0, 0, 0, 0, 0, out)
    expect(words(out)).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
    const ones = 0xffffffff
    philox4x32(ones, ones, ones, ones, ones, ones, out)
    expect(words(out)).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd')
    philox4x32(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, out)
    expect(words(out)).toBe('d16cfe09 94fdcceb 5001e420 24126ea1')
  })

  it('is what devices draw, one by one', () => {
    const seed = 2 ** 40 + 7
    const start = { seed_lo: 7, seed_hi: 2 ** 8, offset_lo: 0, offset_hi: 0 }
    const out = new Uint32Array(4)
    const random = new Philox(seed)
    for (const block of [0, 1]) {
      philox(start, block, 0, out)
      expect([random.word(), random.word(), random.word(), random.word()]).toEqual([...out])
    }
    // A position beyond 2³² blocks reaches the last counter word, from either side.
    philox({ ...start, offset_hi: 3 }, 5, 0, out)
    expect(new Philox(seed, 4 * (3 * 2 ** 32 + 5) + 2).word()).toBe(out[2])
    const beyond = [...out]
    philox({ ...start, offset_lo: 2 ** 32 - 1, offset_hi: 2 }, 6, 0, out)
    expect([...out]).toEqual(beyond)
    // Rows of a position are others than positions 2³² further on.
    philox(start, 5, 3, out)
    expect([...out]).not.toEqual(beyond)
  })

  it('goes on where its state says', () => {
    const random = new Philox(9, 3, 5)
    for (let i = 0; i < 11; i++) random.uniform()
    const { seed, offset, stream } = random.state()
    expect({ seed, offset, stream }).toEqual({ seed: 9, offset: 25, stream: 5 })
    const again = new Philox(seed, offset, stream)
    expect([again.normal(), again.int(10), again.uniform32()]).toEqual([
      random.normal(),
      random.int(10),
      random.uniform32(),
    ])
    expect(new Philox(9, 25, 6).word()).not.toBe(new Philox(9, 25, 5).word())
  })

  it('is uniform, normal and fair', () => {
    const random = new Philox(1)
    const n = 100_000
    let sum = 0
    let squares = 0
    let outside = 0
    const dice = new Int32Array(6)
    for (let i = 0; i < n; i++) {
      const u = random.uniform()
      if (u < 0 || u >= 1) outside++
      const z = random.normal()
      sum += z
      squares += z * z
      dice[random.int(6)]++
    }
    expect(outside).toBe(0)
    // Five standard errors: 1/√n of the mean, √(2/n) of the variance, √(n·5/36) of a count.
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
    for (const count of dice) expect(Math.abs(count - n / 6)).toBeLessThan(5 * Math.sqrt((n * 5) / 36))
    expect([...random.permutation(1000)].sort((a, b) => a - b)).toEqual([...Array(1000).keys()])
  })

  it('refuses what is not a seed, position or count', () => {
    expect(() => new Philox(-1)).toThrow('Philox: seed is -1 (use an integer from 0 to 2^53 - 1)')
    expect(() => new Philox(1.5)).toThrow('Philox: seed is 1.5 (use an integer from 0 to 2^53 - 1)')
    expect(() => new Philox(0, -4)).toThrow('Philox: offset is -4 (use an integer from 0 to 2^53 - 1)')
    expect(() => new Philox(0, 0, 2 ** 32)).toThrow('Philox: stream is 4294967296 (use an integer from 0 to 2^32 - 1)')
    expect(() => new Philox(0).int(0)).toThrow('Philox.int: n is 0 (use an integer from 1 to 2^32)')
    expect(() => new Philox(0).permutation(-1)).toThrow(
      'Philox.permutation: n is -1 (use an integer from 0 to 2^31 - 1)',
    )
  })
})

describe('syntheticDigits', () => {
  const digits = syntheticDigits({ count: 3000, seed: 7 })
  const size = 28 * 28

  it('says what it is', () => {
    expect(digits).toMatchObject({ count: 3000, rows: 28, cols: 28, classes: 10, source: 'synthetic digits, seed 7' })
    expect([digits.images.length, digits.labels.length]).toEqual([3000 * size, 3000])
  })

  it('is the same for ever from one seed', () => {
    const hash = createHash('sha256')
    hash.update(digits.images).update(digits.labels)
    expect(hash.digest('hex')).toBe('2b02c9f148010dc05fbbc4c24d8a087c6d08959ebcbcfb5c2c1fd5f7a1992c08')
  })

  it('begins a larger set with a smaller one', () => {
    const few = syntheticDigits({ count: 20, seed: 7 })
    expect(few.images).toEqual(digits.images.slice(0, 20 * size))
    expect(few.labels).toEqual(digits.labels.slice(0, 20))
    expect(syntheticDigits({ count: 20, seed: 8 }).images).not.toEqual(few.images)
  })

  it('draws each class about as often, in ink on paper, inside the frame', () => {
    const counts = new Int32Array(10)
    for (const label of digits.labels) counts[label]++
    for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(5 * Math.sqrt(3000 * 0.09))
    let touching = 0
    for (let i = 0; i < 3000; i++) {
      const image = digits.images.subarray(i * size, (i + 1) * size)
      const inked = image.reduce((n, value) => n + (value > 127 ? 1 : 0), 0)
      expect(inked, `image ${i}`).toBeGreaterThan(8)
      expect(inked, `image ${i}`).toBeLessThan(size / 2)
      let border = 0
      for (let k = 0; k < 28; k++) border += image[k] + image[size - 1 - k] + image[28 * k] + image[28 * k + 27]
      if (border > 0) touching++
    }
    expect(touching).toBeLessThan(150)
    expect(Math.max(...digits.images.subarray(0, 100 * size))).toBeGreaterThan(240)
  })

  it('is a task: class means alone get most images right, and far from all', () => {
    const means = Array.from({ length: 10 }, () => new Float64Array(size))
    const counts = new Int32Array(10)
    for (let i = 0; i < 2000; i++) {
      counts[digits.labels[i]]++
      for (let p = 0; p < size; p++) means[digits.labels[i]][p] += digits.images[i * size + p]
    }
    let right = 0
    for (let i = 2000; i < 3000; i++) {
      const distances = means.map((mean, k) => {
        let sum = 0
        for (let p = 0; p < size; p++) sum += (mean[p] / counts[k] - digits.images[i * size + p]) ** 2
        return sum
      })
      if (distances.indexOf(Math.min(...distances)) === digits.labels[i]) right++
    }
    expect(right / 1000).toBeGreaterThan(0.8)
    expect(right / 1000).toBeLessThan(0.95)
  })

  it('refuses counts and seeds that make no sense', () => {
    expect(() => syntheticDigits({ count: 0, seed: 1 })).toThrow(
      'syntheticDigits: count is 0 (use an integer from 1 to 1000000)',
    )
    expect(() => syntheticDigits({ count: 2.5, seed: 1 })).toThrow(
      'syntheticDigits: count is 2.5 (use an integer from 1 to 1000000)',
    )
    expect(() => syntheticDigits({ count: 1, seed: -1 })).toThrow(
      'syntheticDigits: seed is -1 (use an integer from 0 to 2^53 - 1)',
    )
  })
})

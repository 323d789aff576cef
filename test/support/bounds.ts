/**
 * @file Integers of a device that are out of bounds, with the text: errors/bounds.test.ts and
 * ops/bounds.webgpu.test.ts.
 */
import {
  type Device,
  embeddingBag,
  linearCrossEntropy,
  maskedScatter,
  repeatInterleave,
  rope,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'

const offset = (i: number, at: number): string =>
  `embeddingBag: offset ${i} is ${at} of 4 indices (they ascend from 0; with includeLastOffset the last is the end)`
const sum = (told: number, made: number): string => `repeatInterleave: outputSize is ${told}, the repeats make ${made}`
const taken = (times: number, elements: number): string =>
  `maskedScatter: the mask is true ${times} times, source has ${elements} elements (one for each)`

const lengths = (b: number, keys: number): string =>
  `scaledDotProductAttention: keyLengths[${b}] is ${keys} of 3 keys (give integers from 0 to 3)`
const attended = (counts: readonly number[]) => (device: Device) => {
  const [q, k] = [1, 3].map((n) => zeros([counts.length, 2, n, 4], { device }))
  return scaledDotProductAttention(q, k, k, { keyLengths: tensor(Int32Array.from(counts), { device }) })
}

/** Tables of 5 positions and as many pairs; a row of `tokens` for each start, or for each list. */
const turned = (pairs: number, tokens: number, positions: readonly number[]) => (device: Device) => {
  const table = zeros([5, pairs], { device })
  const batch = positions.length === 2 ? 2 : positions.length / tokens
  const shape = positions.length === 2 ? [2] : [batch, tokens]
  const own = tensor(Int32Array.from(positions), { shape, device })
  return rope(zeros([batch, 3, tokens, 2 * pairs], { device }), table, table, own)
}

const bags = (offsets: readonly number[], options: { includeLastOffset?: boolean; mode?: 'max' } = {}) => {
  const ints = (device: Device, list: readonly number[]) => tensor(Int32Array.from(list), { device })
  return (device: Device) =>
    embeddingBag(tensor([[1], [2]], { device }), ints(device, [0, 1, 1, 0]), {
      offsets: ints(device, offsets),
      ...options,
    })
}
const repeats = (counts: readonly number[], outputSize: number) => (device: Device) =>
  repeatInterleave(tensor([1, 2, 3], { device }), tensor(Int32Array.from(counts), { device }), 0, { outputSize })
const masked = (mask: readonly boolean[], source: readonly number[]) => (device: Device) =>
  maskedScatter(tensor([7, 8, 9], { device }), tensor([...mask], { device }), tensor([...source], { device }))

/** The text, and what is refused with it; on each only one thing is wrong. */
export const outOfBounds: readonly (readonly [text: string, call: (device: Device) => Tensor])[] = [
  [offset(0, 1), bags([1, 2])],
  [offset(0, -1), bags([-1, 2])],
  [offset(2, 1), bags([0, 2, 1])],
  [offset(1, 5), bags([0, 5], { mode: 'max' })],
  [offset(1, -3), bags([0, -3])],
  [offset(2, 3), bags([0, 2, 3], { includeLastOffset: true })],
  [offset(2, 5), bags([0, 2, 5], { includeLastOffset: true })],
  ['repeatInterleave: repeat 1 is -1 (give integers from 0 up)', repeats([3, -1, 1], 3)],
  ['repeatInterleave: repeat 0 is -2 (give integers from 0 up)', repeats([-2], 0)],
  [sum(3, 2), repeats([1, 0, 1], 3)],
  [sum(3, 4), repeats([1, 2, 1], 3)],
  [sum(0, 1), repeats([1, 0, 0], 0)],
  [sum(2, 0), repeats([0], 2)],
  [taken(2, 1), masked([true, false, true], [5])],
  [taken(1, 0), masked([false, true, false], [])],
  [lengths(1, 4), attended([3, 4])],
  [lengths(0, -1), attended([-1, 0])],
]

/** Positions that tables lack, which are indices as of any table of rows. */
export const outside: typeof outOfBounds = [
  ['rope: index 5 at position 1 is outside [0, 5)', turned(3, 4, [1, 2])],
  ['rope: index -2 at position 0 is outside [0, 5)', turned(4, 4, [-2, 1])],
  ['rope: index 7 at position 4 is outside [0, 5)', turned(3, 3, [4, 0, 1, 2, 7, 3])],
  ['rope: index -1 at position 2 is outside [0, 5)', turned(4, 3, [4, 0, -1, 2, 3, 3])],
]

/** Six rows, of which the last has class 9 of 7, in chunks of so many: what both devices refuse as indices. */
export const rowsOf7 = (chunk: number) => (device: Device) => {
  const target = tensor(Int32Array.of(0, 6, 1, 2, -100, 9), { device })
  return linearCrossEntropy(zeros([6, 2], { device }), zeros([7, 2], { device }), target, { chunk })
}

export const outsideOf7 = 'linearCrossEntropy: index 9 at position 5 is outside [0, 7)'

/** @file Limits of the CPU device: what JavaScript does on one thread. */

import { FMA_F32 } from './arithmetic.ts'
import type { Band } from './bandwidth.ts'
import { firstWrong, type Limit } from './limit.ts'

const SIZES = [2 ** 18, 2 ** 22, 2 ** 25, 2 ** 27] as const
const LEAST = 2 ** 24
const ROUNDS = 2 ** 16
/** Chains side by side. */
const CHAINS = 8

/** Where what is computed goes, so that no compiler leaves it out. */
export let result = 0

/** Eight chains x ← x·a + b; their sum. */
function chains(rounds: number, a: number, b: number): number {
  let [x0, x1, x2, x3, x4, x5, x6, x7] = [0, 1, 2, 3, 4, 5, 6, 7]
  for (let i = 0; i < rounds; i++) {
    x0 = x0 * a + b
    x1 = x1 * a + b
    x2 = x2 * a + b
    x3 = x3 * a + b
    x4 = x4 * a + b
    x5 = x5 * a + b
    x6 = x6 * a + b
    x7 = x7 * a + b
  }
  return x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7
}

/** The sum of a list, four numbers at a time. */
function sum(x: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let i = 0; i < x.length; i += 4) {
    s0 += x[i]
    s1 += x[i + 1]
    s2 += x[i + 2]
    s3 += x[i + 3]
  }
  return s0 + s1 + s2 + s3
}

export const cpuArithmetic = (): Limit[] => [
  {
    name: FMA_F32,
    unit: 'FLOP/s',
    amount: 2 * CHAINS * ROUNDS,
    work: {
      run() {
        result = chains(ROUNDS, 0.5, 0.25)
      },
    },
    check: async () => firstWrong([chains(ROUNDS, 1, 1)], () => CHAINS * ROUNDS + (CHAINS * (CHAINS - 1)) / 2),
  },
]

export const cpuBands = (sizes: readonly number[] = SIZES): Band[] => sizes.map(band)

function band(bytes: number): Band {
  const length = bytes / 8
  const a = new Float32Array(length)
  for (let i = 0; i < length; i++) a[i] = i & 255
  const b = a.slice()
  const times = Math.max(1, LEAST / bytes)
  const size = bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`
  return {
    bytes,
    read: {
      name: `read ${size}`,
      unit: 'B/s',
      amount: bytes * times,
      work: {
        run() {
          for (let i = 0; i < times; i++) result = sum(a) + sum(b)
        },
      },
      check: async () => firstWrong([sum(a) + sum(b)], () => length * 255),
    },
    copy: {
      name: `copy ${size}`,
      unit: 'B/s',
      amount: bytes * times,
      work: {
        run() {
          for (let i = 0; i < times; i++) b.set(a)
        },
      },
      async check() {
        b.fill(-1)
        b.set(a)
        return firstWrong(b, (i) => i & 255)
      },
    },
  }
}

/**
 * @file What property tests share: random tensors as fast-check draws them, and comparisons. A failure prints its seed
 * and the smallest example found; HANDGRAD_SEED and HANDGRAD_RUNS repeat it, or try more.
 */
import fc from 'fast-check'
import { it } from 'vitest'
import { eachAddress, type Shape, sizeOf } from '../../src/core/shape.ts'
import { type DType, scope, type Tensor, tensor } from '../../src/index.ts'

export const seed = Number(process.env.HANDGRAD_SEED ?? Date.now() % 2 ** 31)
export const numRuns = Number(process.env.HANDGRAD_RUNS ?? 100)

/** A property of random values; what it makes is freed. */
export function holds<T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  property: (...values: T) => void,
): void {
  it(name, () => {
    fc.assert(
      fc.property(...arbitraries, (...values) => scope(() => property(...(values as T)))),
      { seed, numRuns },
    )
  })
}

/** The elements in row-major order, read at once. */
export function read(x: Tensor): number[] {
  const raw = x.device.peek!(x.storage.block)
  const out: number[] = []
  eachAddress(x.layout, (address) => void out.push(raw[address]))
  return out
}

export function same(a: Tensor, b: Tensor): void {
  if (a.shape.join() !== b.shape.join()) throw new Error(`shapes [${a.shape}] and [${b.shape}]`)
  const [x, y] = [read(a), read(b)]
  x.forEach((v, i) => {
    if (!Object.is(v + 0, y[i] + 0)) throw new Error(`element ${i}: ${v} and ${y[i]}`)
  })
}

/** Equal within a bound relative to the largest value. */
export function close(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} elements`)
  const scale = Math.max(1, ...Array.from(b, Math.abs))
  for (let i = 0; i < a.length; i++) {
    if (!(Math.abs(a[i] - b[i]) <= tolerance * scale))
      throw new Error(`element ${i}: ${a[i]} and ${b[i]}, scale ${scale}`)
  }
}

export const near = (a: Tensor, b: Tensor, tolerance = 1e-12): void => {
  if (a.shape.join() !== b.shape.join()) throw new Error(`shapes [${a.shape}] and [${b.shape}]`)
  close(read(a), read(b), tolerance)
}

/** No element of a is below that of b by more than rounding. */
export const atLeast = (a: Tensor, b: Tensor | number, tolerance = 1e-12): void => {
  for (const v of read(a.sub(b))) if (!(v >= -tolerance)) throw new Error(`less by ${-v}`)
}

// ---- what is drawn

export const shapes = (min = 0, max = 4, sizes = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: sizes }), { minLength: min, maxLength: max })
/** Exact in float32. */
export const numbers = fc.integer({ min: -4096, max: 4096 }).map((v) => v / 512)

/** A tensor as data. */
export interface Host {
  readonly shape: Shape
  readonly data: number[]
}
export const filled = (shape: Shape, value: fc.Arbitrary<number> = numbers): fc.Arbitrary<Host> =>
  fc.array(value, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => ({ shape, data }))
export const hosts = (min = 0, max = 4, sizes = 4, value = numbers): fc.Arbitrary<Host> =>
  shapes(min, max, sizes).chain((shape) => filled(shape, value))
export const make = ({ shape, data }: Host, dtype: DType = 'float64'): Tensor => tensor(data, { shape, dtype })
export const leaf = (host: Host): Tensor => make(host).requiresGrad_()

/** A tensor, and one of its axes. */
export const withDim = (host: fc.Arbitrary<Host> = hosts(1)): fc.Arbitrary<[Host, number]> =>
  host.chain((h) => fc.tuple(fc.constant(h), fc.nat(h.shape.length - 1)))

/** Axes in some order. */
export const permuted = (rank: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, i) => i),
    { minLength: rank, maxLength: rank },
  )

/** Sizes from 1 up to those given. */
export const sizes = (...most: number[]): fc.Arbitrary<number[]> =>
  fc.tuple(...most.map((max) => fc.integer({ min: 1, max })))

/**
 * @file Second order at the ends of the range: where an op's values and gradients survive very small and very large
 * inputs, so do its second derivatives. Every row of the table is scaled; float32 is compared with float64, and
 * float64 is asked for no NaN that its gradient does not have.
 */
import type { Device } from '../../src/core/device.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import { showShape, sizeOf } from '../../src/core/shape.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import { cpu } from '../../src/devices.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { onesLike, zerosLike } from '../../src/ops/creation/like.ts'
import { twice } from './second.ts'
import { type Case, type OpName, ops, table } from './table.ts'

/** The largest |x| of an input that is not scaled by a factor: where eˣ is near the end of float32, and of float64. */
const FAR = { float32: [80, 89, 1000], float64: [700, 800, 1e4] } as const
const FACTORS = {
  float32: [1e-30, 1e-20, 1e-12, 1e-6, 3e-4, 1e4, 1e8, 1e14, 1e20, 1e30],
  float64: [1e-280, 1e-200, 1e-100, 1e-30, 1e30, 1e100, 1e200, 1e280],
} as const

type Float = keyof typeof FAR

/** What stays so, and why; every line is seen to be needed. */
export const EXCUSED: Partial<Record<OpName, readonly [dtypes: readonly Float[], reason: string]>> = {
  pow: [['float32'], 'of a small exponent the product b·a^(b − 2) is in the range, and its second factor is beyond it'],
  gridSample: [['float32'], 'next to a pixel 1 + x is 1: the kink itself, where differences have another value'],
  lstmCell: [['float32', 'float64'], 'sums before the gates, products of inputs, overflow: ∞ times a slope of 0'],
  gruCell: [['float32'], 'sums before the gates, products of inputs, overflow: ∞ times a slope of 0'],
  cov: [['float32'], 'of small observations by small weights (x/a)² is in the range, and x² on the way is 0'],
  nllLoss: [['float64'], 'of small logarithms by small weights l/w² is in the range, and 1/w³ on the way is beyond it'],
  scaledDotProductAttention: [['float64'], 'scores, products of inputs, overflow: ∞ times a slope of 0'],
}

/** Value, gradients, and the gradients of Σ v·gradient, as numbers. */
interface Orders {
  readonly y: readonly ArrayLike<number>[]
  readonly first: readonly ArrayLike<number>[]
  readonly second: readonly ArrayLike<number>[]
}

async function ordersOf(
  op: OpName,
  c: Case,
  data: readonly Float64Array[],
  dtype: Float,
  device: Device,
): Promise<Orders> {
  using s = openScope()
  const [y, first, second] = s.run(() => {
    const shapes = c.x.map(({ shape }) => shape)
    const { ys, leaves, ...orders } = twice(op, c, shapes, data, dtype, device)
    const filled = (list: readonly (Tensor | null)[]) => list.map((t, i) => t ?? zerosLike(leaves[i]))
    const smooth = ys.filter((one) => one.edge)
    return [smooth, filled(orders.first), filled(orders.second)].map((list) => list.map((t) => t.data()))
  })
  return { y: await Promise.all(y), first: await Promise.all(first), second: await Promise.all(second) }
}

const all = (lists: readonly ArrayLike<number>[]): number[] => lists.flatMap((list) => Array.from(list))
const largest = (xs: readonly number[]): number => xs.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
const END = 3e38
/** What a device may take for 0, squared terms of it included. */
const TINY = 1e-30

/** True where float32 is near float64: what is lost on the way would be all of it. @param rounding  what may be off */
function near(got: readonly number[], want: readonly number[], rounding = 0): boolean {
  const most = largest(want.filter(Number.isFinite))
  return want.every((w, i) => Math.abs(got[i] - w) <= 0.05 * most + rounding + TINY || got[i] === w)
}

/** The float inputs of a case brought to the ends of the range. */
function* ends(c: Case, dtype: Float): Generator<{ name: string; data: Float64Array[] }> {
  const drawn = c.x.map((input, i) => input.draw(new Philox(7 + i)))
  const isFloat = (i: number) => c.x[i].kind === 'float'
  const most = largest(all(drawn.filter((_, i) => isFloat(i)))) || 1
  const scaled = (name: string, factor: number) => ({
    name,
    data: drawn.map((list, i) =>
      isFloat(i) ? list.map((x) => (dtype === 'float32' ? Math.fround(factor * x) : factor * x)) : list,
    ),
  })
  for (const factor of FACTORS[dtype]) yield scaled(`× ${factor}`, factor)
  for (const far of FAR[dtype]) yield scaled(`to ±${far}`, far / most)
}

/** Cases of a row that are small enough to be tried often. */
const casesOf = (op: OpName): Case[] =>
  table[op].cases.filter(
    ({ x, forward }) =>
      !forward && x.some(({ kind }) => kind === 'float') && x.every(({ shape }) => sizeOf(shape) <= 100),
  )

/**
 * Where an op loses its second derivatives, though its first survive.
 * @param most  cases that are tried, from the first on
 */
export async function endFaults(op: OpName, dtype: Float, device: Device, most = Infinity): Promise<string[]> {
  const faults: string[] = []
  if (table[op].order !== 2) return faults
  for (const c of casesOf(op).slice(0, most)) {
    for (const { name, data } of ends(c, dtype)) {
      if (!data.every((list) => list.every(Number.isFinite))) continue
      // What a derivative is next to its function: by the size of the inputs, or of a constant.
      const sizes = data.flatMap((list, i) => (c.x[i].kind === 'float' ? largest([...list]) || 1 : []))
      const by = Math.max(1, 1 / Math.min(...sizes))
      const where = `${op} of ${c.x.map((x) => showShape(x.shape)).join(' ')}${c.note ? ` (${c.note})` : ''} ${name}`
      const got = await ordersOf(op, c, data, dtype, device)
      const [y, first, second] = [got.y, got.first, got.second].map(all)
      if (dtype === 'float64') {
        const finite = [...y, ...first].every(Number.isFinite) && Math.max(largest(first), largest(y) * by) * by < 1e300
        if (finite && second.some(Number.isNaN)) faults.push(`${where}: the second derivative is NaN`)
        continue
      }
      if (!(largest([...y, ...first]) < END)) continue
      const exact = await ordersOf(op, c, data, 'float64', cpu)
      const want = all(exact.second)
      if (!near(y, all(exact.y)) || !near(first, all(exact.first))) continue
      if (!want.every((w) => Math.abs(w) < END)) continue
      // Terms of that size have cancelled; inputs are factors of each other's derivatives.
      const factor = Math.min(1000, Math.max(1, ...sizes))
      const rounding = 1e-6 * factor * by * Math.max(largest(first), largest(y) * by)
      const lost = second.findIndex((h, i) => !near([h], [want[i]], rounding + 0.05 * largest(want)))
      if (lost >= 0) faults.push(`${where}: second derivative ${lost} is ${second[lost]}, not ${want[lost]}`)
    }
  }
  return faults
}

/** Values, gradients, and the Hessian times ones, of what left the range on its way. */
interface Pinned {
  readonly name: string
  readonly f: (x: Tensor) => Tensor
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly first: readonly number[]
  readonly second: readonly number[]
}

const point = (x: Tensor): Tensor => ops.reshape(x, [1, -1])
/** A length of (3s, 4s), with the Hessian (1 − uuᵀ)/5s. */
const length = (name: string, f: (x: Tensor) => Tensor, s: number): Pinned => ({
  name: `${name} of [3, 4] × ${s}`,
  f,
  x: [3 * s, 4 * s],
  y: [5 * s],
  first: [0.6, 0.8],
  second: [0.032 / s, -0.024 / s],
})
const lengths = [1e-30, 1e-20, 1e-12, 1e20, 1e30].flatMap((s) => [
  length('norm', (x) => ops.norm(x), s),
  length('cdist', (x) => ops.cdist(point(x), ops.mul(ops.detach(point(x)), 0)), s),
  length('pairwiseDistance', (x) => ops.pairwiseDistance(x, ops.mul(ops.detach(x), 0), { eps: 0 }), s),
])
/** ‖x‖ₚ of one number, whose second derivative is 0. */
const alone = (p: number, x: number): Pinned => ({
  name: `norm(x, ${p}) of ${x}`,
  f: (t) => ops.norm(t, p),
  x: [x],
  y: [x],
  first: [1],
  second: [0],
})

export const pinned: readonly Pinned[] = [
  { name: 'logcumsumexp', f: (x) => ops.logcumsumexp(x, 0), x: [89], y: [89], first: [1], second: [0] },
  { name: 'logcumsumexp', f: (x) => ops.logcumsumexp(x, 0), x: [0, 800], y: [0, 800], first: [1, 1], second: [0, 0] },
  ...lengths,
  ...[6, 3, 0.5, 1.5, -2, 100].flatMap((p) => [3e-4, 1e-25, 1e25].map((x) => alone(p, x))),
  {
    name: 'std',
    f: (x) => ops.std(x),
    x: [1e-25, -1e-25],
    y: [Math.SQRT2 * 1e-25],
    first: [Math.SQRT1_2, -Math.SQRT1_2],
    second: [0, 0],
  },
  {
    name: 'std',
    f: (x) => ops.std(x),
    x: [1e25, -1e25],
    y: [Math.SQRT2 * 1e25],
    first: [Math.SQRT1_2, -Math.SQRT1_2],
    second: [0, 0],
  },
]

/** What is off with {@link pinned}. */
export async function pinnedFaults(dtype: Float, device: Device): Promise<string[]> {
  const faults: string[] = []
  using s = openScope()
  for (const { name, f, x, y, first, second } of pinned) {
    const reads = s.run(() => {
      const leaf = tensor([...x], { dtype, device, requiresGrad: true })
      const out = f(leaf)
      const [g] = grad([out], [leaf], { gradOutputs: [onesLike(out)], createGraph: true })
      const [h] = g?.edge ? grad([g], [leaf], { gradOutputs: [onesLike(g)], allowUnused: true }) : []
      return [out, g as Tensor, h ?? zerosLike(leaf)].map((t) => t.data())
    })
    // Terms of a second derivative are of the size of the first by x; they cancel.
    const sizes = [largest(y), 1, largest(first) / largest(x)]
    const got = await Promise.all(reads)
    ;[y, first, second].forEach((want, order) => {
      if (!want.every((w, i) => Math.abs(got[order][i] - w) <= 1e-4 * sizes[order]))
        faults.push(`${name}: derivative ${order} is [${got[order]}], not [${want}]`)
    })
  }
  return faults
}

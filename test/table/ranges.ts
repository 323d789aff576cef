/**
 * @file Values and first gradients where an intermediate would leave the range of the dtype, or its precision, though
 * the answer is within: each was seen to be lost once. Second derivatives at such ends are in ends.ts.
 */
import type { Device } from '../../src/core/device.ts'
import { openScope } from '../../src/core/scope.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { onesLike } from '../../src/ops/creation/like.ts'
import { ops } from './table.ts'

type Float = 'float32' | 'float64'
type Rows = readonly number[] | readonly (readonly number[])[]

interface Range {
  readonly name: string
  readonly f: (x: Tensor) => Tensor
  readonly x: Rows
  readonly y: readonly number[]
  /** Relative to the wanted value, default 2e-6. */
  readonly within?: number
  /** Default: all. */
  readonly dtype?: Float
}

const slope = (f: (x: Tensor) => Tensor) => (x: Tensor) => {
  const y = f(x)
  return grad([y], [x], { gradOutputs: [onesLike(y)] })[0] as Tensor
}
const zeros = (x: Tensor) => tensor(new Array<number>(x.numel).fill(0), { dtype: 'int32', device: x.device })
/** base·Π x, by scatterReduce. */
const product = (base: number) => (x: Tensor) =>
  ops.scatterReduce(tensor([base], { dtype: x.dtype, device: x.device }), 0, zeros(x), x, 'prod')

const greatest: readonly [Float, number][] = [
  ['float32', 2 ** 128 - 2 ** 104],
  ['float64', Number.MAX_VALUE],
]
const correlation = (s: number, dtype?: Float): Range => ({
  name: `corrcoef beside a row × ${s}`,
  f: ops.corrcoef,
  x: [
    [s, 2 * s, 3 * s],
    [1, 2, 3.5],
  ],
  y: [1, 0.9933992678, 0.9933992678, 1],
  dtype,
})

const ranges: readonly Range[] = [
  ...greatest.flatMap(([dtype, x]): Range[] => [
    { name: 'norm of the greatest number', f: (t) => ops.norm(t), x: [x, 0], y: [x], dtype },
    { name: 'its gradient', f: slope((t) => ops.norm(t)), x: [x, 0], y: [1, 0], dtype },
    { name: 'norm of p = 3 of it', f: (t) => ops.norm(t, 3), x: [x, 0], y: [x], dtype },
    { name: 'normalize of it', f: (t) => ops.normalize(t), x: [[x, 0]], y: [1, 0], dtype },
  ]),
  ...[1e25, 1e-25].map((s) => correlation(s)),
  ...[1e200, 1e-200].map((s) => correlation(s, 'float64')),
  {
    // PyTorch's numbers.
    name: 'corrcoef, its gradient',
    f: slope((x) => ops.mul(ops.corrcoef(x), 1e25)),
    x: [
      [1e25, 2e25, 4e25],
      [1, 3, 2],
    ],
    y: [-0.467609765, 0.701414647, -0.233804882, -0.545544726e25, -0.545544726e25, 1.09108945e25],
    within: 1e-4,
  },
  {
    name: 'cov of what varies little',
    f: (x) => ops.cov(x),
    x: [1e6 + 0.125, 1e6 + 0.25, 1e6 + 0.5],
    // The mean has no end in binary digits.
    y: [7 / 192],
  },
  {
    name: 'cov of it, weighted',
    f: (x) => ops.cov(x, { aweights: tensor([1, 1, 1], { dtype: x.dtype, device: x.device }) }),
    x: [1e6 + 0.125, 1e6 + 0.25, 1e6 + 0.5],
    y: [7 / 192],
  },
  { name: 'gradient of a small product', f: slope(product(1)), x: [1e-30, 1e-30], y: [1e-30, 1e-30] },
  { name: 'gradient of a great product', f: slope(product(1e-30)), x: [1e30, 1e30], y: [1, 1] },
  {
    name: 'gradient of a product of both',
    f: slope(product(1)),
    x: [1e25, 1e-30, 1e-20, 1e25],
    y: [1e-25, 1e30, 1e20, 1e-25],
  },
  { name: 'gradient of a product with a zero', f: slope(product(1)), x: [1e-30, 0, 1e25], y: [0, 1e-5, 0] },
]

/** What is off. */
export async function rangeFaults(dtype: Float, device: Device): Promise<string[]> {
  const faults: string[] = []
  using s = openScope()
  for (const { name, f, x, y, within = 2e-6, dtype: only } of ranges) {
    if (only && only !== dtype) continue
    const got = await s.run(() => f(tensor(x as number[], { dtype, device, requiresGrad: true }))).data()
    if (got.length !== y.length || !y.every((w, i) => Math.abs(got[i] - w) <= within * Math.abs(w)))
      faults.push(`${name}: [${got}], not [${y}]`)
  }
  return faults
}

/** Rows of equal weights, from which one is drawn: how often each of three. */
export async function drawn(weight: number, dtype: Float, device: Device, rows: number): Promise<number[]> {
  using s = openScope()
  const places = s.run(() => {
    const weights = tensor(new Array<number>(3).fill(weight), { dtype, device })
    return ops.multinomial(ops.expand(weights, [rows, 3]), 1)
  })
  const counts = [0, 0, 0]
  for (const i of await places.data()) counts[i]++
  return counts
}

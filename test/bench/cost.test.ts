/** @file What a launch costs, against counts that go through every element. */
import { expect, test } from 'vitest'
import { bytesMoved, flopsOf } from '../../src/bench/profile/cost.ts'
import {
  CpuDevice,
  type Launch,
  manualSeed,
  nn,
  ones,
  randn,
  scope,
  type Tensor,
  tap,
  tensor,
  zeros,
} from '../../src/index.ts'

const device = new CpuDevice()

/** The launches of a function. */
function launchesOf(run: () => unknown): Launch[] {
  const seen: Launch[] = []
  const untap = tap(device, {
    run: (next, launch) => {
      seen.push(launch)
      next(launch)
    },
  })
  scope(() => void run())
  untap()
  return seen
}
const flops = (kernel: string, run: () => unknown): (number | undefined)[] =>
  launchesOf(run)
    .filter((one) => one.kernel.name === kernel)
    .map(flopsOf)
const x = (...shape: number[]): Tensor => {
  manualSeed(1)
  return randn(shape, { device })
}
const f = nn.functional

test('products: two operations for each of m·n·k, in every matrix of the batch', () => {
  expect(flops('matmul', () => x(3, 4).matmul(x(4, 5)))).toEqual([2 * 3 * 4 * 5])
  expect(flops('matmul', () => x(2, 7, 3, 4).matmul(x(7, 4, 5)))).toEqual([2 * 14 * 3 * 4 * 5])
})

test('convolutions: every weight with every window, forward and both gradients alike', () => {
  const w = x(6, 2, 3, 3)
  const layer = () => f.conv2d(x(5, 4, 9, 8), w, undefined, { padding: 1, stride: 2, groups: 2 })
  // 5 images, 2 groups of 2 → 3 channels, 5 × 4 windows, 9 taps.
  const all = 2 * 5 * 2 * 2 * 3 * 20 * 9
  expect(flops('conv2d', layer)).toEqual([all])
  const trained = () => {
    const [a, b] = [x(5, 4, 9, 8), x(6, 2, 3, 3)]
    for (const one of [a, b]) one.requiresGrad = true
    f.conv2d(a, b, undefined, { padding: 1, stride: 2, groups: 2 }).sum().backward()
  }
  expect(flops('conv2d', trained)).toEqual([all, all])
  expect(flops('conv2d_grad_weight', trained)).toEqual([all])
})

test('attention: the products of the pairs that see each other', () => {
  const [rows, cols, e] = [5, 7, 4]
  const run = (isCausal: boolean) => () =>
    f.scaledDotProductAttention(x(2, rows, e), x(2, cols, e), x(2, cols, e), { isCausal })
  let pairs = 0
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) if (j <= i) pairs++
  expect(flops('attention', run(false))).toEqual([2 * 2 * rows * cols * 2 * e])
  expect(flops('attention', run(true))).toEqual([2 * 2 * pairs * 2 * e])
  const tall = () => f.scaledDotProductAttention(x(1, 7, e), x(1, 3, e), x(1, 3, e), { isCausal: true })
  expect(flops('attention', tall)).toEqual([2 * (1 + 2 + 3 + 4 * 3) * 2 * e])
  const last = (L: number, S: number) => () =>
    f.scaledDotProductAttention(x(1, L, e), x(1, S, e), x(1, S, e), { causalFromLast: true })
  expect(flops('attention', last(2, 5))).toEqual([2 * (4 + 5) * 2 * e])
  expect(flops('attention', last(5, 2))).toEqual([2 * (1 + 2) * 2 * e])
})

test('one operation an element, none where it only moves', () => {
  expect(flops('pointwise', () => x(3, 5).exp())).toEqual([15])
  expect(flops('pointwise', () => x(3, 5).add(x(5)))).toEqual([15])
  expect(flops('pointwise', () => x(3, 5).to('int32'))).toEqual([0])
  expect(flops('reduce', () => x(3, 5).sum(1))).toEqual([15])
  expect(flops('reduce', () => x(4, 3, 5).sum([0, 2]))).toEqual([60])
})

test('what has no count has none', () => {
  expect(flops('softmax', () => f.softmax(x(3, 5), 1))).toEqual([undefined])
  expect(flops('copy', () => x(3, 5).t().contiguous())).toEqual([undefined])
})

test('bytes: each element of a binding once, of a table the rows asked for', () => {
  const bytes = (run: () => unknown): number[] => launchesOf(run).map((one) => bytesMoved(one))
  const [a, b] = [ones([6], { device }), ones([6], { device })]
  expect(bytes(() => a.add(b))).toEqual([3 * 24])
  // The same memory twice is read once.
  expect(bytes(() => a.add(a))).toEqual([2 * 24])
  const table = zeros([100, 4], { device })
  const index = tensor([3, 5], { device, dtype: 'int32' })
  // Two rows of four, read and written, and two indices.
  expect(bytes(() => table.indexSelect(0, index)).at(-1)).toBe(2 * 32 + 8)
  const [launch] = launchesOf(() => a.add(b))
  expect(bytesMoved(launch, new Map([[a.storage.block, 2]]))).toBe(24 + 24 + 8)
})

/** @file Under `autocast` every loss is computed in float32, on any device. */
import { describe, expect, it } from 'vitest'
import { autocast, type Device, type DType, matmul, type Tensor, tensor } from '../../src/index.ts'
import type { Reduction } from '../../src/ops/loss/index.ts'
import * as losses from '../../src/ops/loss/index.ts'

/** What a loss is given, of one dtype. */
interface Tensors {
  /** Scores of both signs, 300 apart at most. */
  readonly x: Tensor
  readonly y: Tensor
  readonly z: Tensor
  /** In (0, 1), rows that add up to 1, and a row of positive numbers. */
  readonly p: Tensor
  readonly q: Tensor
  readonly weight: Tensor
  /** 1 and −1, of x's shape. */
  readonly signs: Tensor
}

type Given = Tensors & { readonly ints: (...values: number[]) => Tensor }

type Case = (given: Given, reduction: Reduction) => Tensor

/** Of each loss its forms that compute in other ways. */
const cases: Record<keyof typeof losses, readonly Case[]> = {
  bceLoss: [({ p, q, weight }, reduction) => losses.bceLoss(p, q, { weight, reduction })],
  bceWithLogits: [
    ({ x, p, weight }, reduction) => losses.bceWithLogits(x, p, { weight, posWeight: weight, reduction }),
  ],
  cosineEmbeddingLoss: [
    ({ x, y, ints }, reduction) => losses.cosineEmbeddingLoss(x, y, ints(1, -1, 1), { margin: 0.3, reduction }),
  ],
  crossEntropy: [
    ({ x, ints }, reduction) => losses.crossEntropy(x, ints(0, 3, 2), { reduction }),
    ({ x, weight, ints }, reduction) =>
      losses.crossEntropy(x, ints(0, 3, 2), { weight, labelSmoothing: 0.1, reduction }),
    ({ x, q, weight }, reduction) => losses.crossEntropy(x, q, { weight, labelSmoothing: 0.1, reduction }),
  ],
  ctcLoss: [({ x, ints }, reduction) => losses.ctcLoss(x, ints(2, 1), [3], [2], { reduction })],
  gaussianNllLoss: [
    ({ x, y, p }, reduction) => losses.gaussianNllLoss(x, y, p, { full: true, reduction }),
    ({ x, y, signs }, reduction) => losses.gaussianNllLoss(x, y, signs.select(1, 0), { reduction }),
  ],
  hingeEmbeddingLoss: [({ x, signs }, reduction) => losses.hingeEmbeddingLoss(x, signs, { margin: 0.3, reduction })],
  huberLoss: [({ x, y }, reduction) => losses.huberLoss(x, y, { delta: 0.3, reduction })],
  klDiv: [
    ({ x, q }, reduction) => losses.klDiv(x, q, { reduction }),
    ({ x, y }, reduction) => losses.klDiv(x, y, { logTarget: true, reduction }),
  ],
  l1Loss: [({ x, y }, reduction) => losses.l1Loss(x, y, { reduction })],
  linearCrossEntropy: [({ x, y, ints }, reduction) => losses.linearCrossEntropy(x, y, ints(0, 2, 1), { reduction })],
  marginRankingLoss: [
    ({ x, y, signs }, reduction) => losses.marginRankingLoss(x, y, signs, { margin: 0.3, reduction }),
  ],
  mseLoss: [({ x, y }, reduction) => losses.mseLoss(x, y, { reduction })],
  multiMarginLoss: [
    ({ x, weight, ints }, reduction) =>
      losses.multiMarginLoss(x, ints(0, 3, 2), { p: 2, margin: 0.3, weight, reduction }),
  ],
  multilabelMarginLoss: [
    ({ x, ints }, reduction) =>
      losses.multilabelMarginLoss(x, ints(0, 2, -1, 0, 3, -1, 0, 0, 1, 2, 3, -1).reshape([3, 4]), { reduction }),
  ],
  multilabelSoftMarginLoss: [
    ({ x, p, weight }, reduction) => losses.multilabelSoftMarginLoss(x, p, { weight, reduction }),
  ],
  nllLoss: [
    ({ x, ints }, reduction) => losses.nllLoss(x, ints(0, 3, 2), { reduction }),
    ({ x, weight, ints }, reduction) => losses.nllLoss(x, ints(0, 3, 2), { weight, reduction }),
  ],
  poissonNllLoss: [
    ({ z, x }, reduction) => losses.poissonNllLoss(z, x, { full: true, reduction }),
    ({ p, x }, reduction) => losses.poissonNllLoss(p, x, { logInput: false, reduction }),
  ],
  smoothL1Loss: [
    ({ x, y }, reduction) => losses.smoothL1Loss(x, y, { beta: 0.3, reduction }),
    ({ x, y }, reduction) => losses.smoothL1Loss(x, y, { beta: 0, reduction }),
  ],
  softMarginLoss: [({ x, signs }, reduction) => losses.softMarginLoss(x, signs, { reduction })],
  tripletMarginLoss: [
    ({ x, y, z }, reduction) => losses.tripletMarginLoss(x, y, z, { margin: 300, swap: true, reduction }),
  ],
  tripletMarginWithDistanceLoss: [
    ({ x, y, z }, reduction) =>
      losses.tripletMarginWithDistanceLoss(x, y, z, {
        distanceFunction: (a, b) => a.mul(b).abs().amax(-1),
        margin: 300,
        reduction,
      }),
  ],
}

export function castLossesSuite(get: () => Device): void {
  const floats = (values: number[], columns: number) =>
    tensor(Float32Array.from(values), { shape: [values.length / columns, columns], device: get() })
  /** Numbers that 16 bits round. */
  const made = (): Tensors => ({
    x: floats([0.123, -1.717, 150.3, 2.019, -0.377, 0.911, -2.473, 1.237, 3.037, -0.577, 1.618, -149.9], 4),
    y: floats([1.913, 0.223, -149.9, -1.113, 0.719, -0.331, 1.171, 0.417, -2.713, 0.103, 0.867, 1.301], 4),
    z: floats([-0.911, 1.331, 11.3, 0.317, 1.931, -1.117, 0.133, -0.713, 0.227, 1.523, -1.877, 0.391], 4),
    p: floats([0.107, 0.893, 0.351, 0.517, 0.931, 0.003, 0.711, 0.223, 0.617, 0.419, 0.083, 0.997], 4),
    q: floats([0.107, 0.293, 0.251, 0.349, 0.531, 0.003, 0.143, 0.323, 0.617, 0.119, 0.083, 0.181], 4),
    weight: floats([0.331, 1.717, 2.113, 0.719], 4).reshape([4]),
    signs: floats([1, -1, 1, 1, -1, -1, 1, -1, 1, 1, -1, 1], 4),
  })
  const ints = (...values: number[]) => tensor(Int32Array.from(values), { device: get() })
  const cast = (given: Tensors, dtype: DType): Tensors =>
    Object.fromEntries(Object.entries(given).map(([name, x]) => [name, x.to(dtype)])) as Record<keyof Tensors, Tensor>

  it('every loss has a case', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(losses).sort())
  })

  describe.each(['bfloat16', 'float16'] as const)('of %s', (half) => {
    it.each(Object.keys(losses) as (keyof typeof losses)[])(
      '%s is that of the same numbers in float32',
      async (name) => {
        const narrow = cast(made(), half)
        const wide = cast(narrow, 'float32')
        for (const f of cases[name])
          for (const reduction of ['none', 'sum', 'mean'] as const) {
            const loss = autocast(half, () => f({ ...narrow, ints }, reduction))
            expect(loss.dtype).toBe('float32')
            expect(await loss.array()).toEqual(await f({ ...wide, ints }, reduction).array())
          }
      },
    )
  })

  it('is finite where its terms are beyond float16', async () => {
    const [a, b] = [floats([-150], 1), floats([150], 1)]
    const one = floats([1], 1)
    expect(await autocast('float16', () => losses.mseLoss(matmul(a, one), matmul(b, one))).item()).toBe(90_000)
  })
}

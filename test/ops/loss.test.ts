/**
 * @file Losses against their formulas in plain numbers, reductions and weights as PyTorch has them, and gumbelSoftmax.
 */
import { afterAll, describe, expect, it } from 'vitest'
import {
  bceLoss,
  bceWithLogits,
  cdist,
  cosineEmbeddingLoss,
  cosineSimilarity,
  crossEntropy,
  gaussianNllLoss,
  grad,
  gumbelSoftmax,
  hingeEmbeddingLoss,
  huberLoss,
  klDiv,
  l1Loss,
  logSoftmax,
  manualSeed,
  multiMarginLoss,
  nllLoss,
  nn,
  poissonNllLoss,
  smoothL1Loss,
  softmax,
  softmin,
  type Tensor,
  tensor,
  tripletMarginLoss,
  zeros,
} from '../../src/index.ts'

const f64 = (data: number[], shape: number[] = [data.length]): Tensor => tensor(data, { dtype: 'float64', shape })
const int = (data: number[], shape = [data.length]): Tensor => tensor(Int32Array.from(data), { shape })
const near = async (x: Tensor, want: readonly number[], digits = 12): Promise<void> => {
  const got = await x.data()
  expect(got.length).toBe(want.length)
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(want[i], digits)
}
const none = { reduction: 'none' } as const
const ln = Math.log

describe('losses of numbers', () => {
  const [x, t] = [f64([0, 0.5, -3, 2]), f64([0, 0, 1, 1.5])]
  it('l1, smooth l1, Huber', async () => {
    await near(l1Loss(x, t, none), [0, 0.5, 4, 0.5])
    await near(l1Loss(x, t), [1.25])
    await near(smoothL1Loss(x, t, none), [0, 0.125, 3.5, 0.125])
    await near(smoothL1Loss(x, t, { ...none, beta: 0.25 }), [0, 0.375, 3.875, 0.375])
    await near(smoothL1Loss(x, t, { ...none, beta: 0 }), [0, 0.5, 4, 0.5])
    await near(huberLoss(x, t, { ...none, delta: 2 }), [0, 0.125, 6, 0.125])
  })
  it('Gaussian', async () => {
    const v = f64([1, 2, 0.5, 1e-9])
    const kept = [1, 2, 0.5, 1e-6]
    const want = [0, 0.25, 16, 0.25].map((d, i) => 0.5 * (ln(kept[i]) + d / kept[i]))
    await near(gaussianNllLoss(x, t, v, none), want, 6)
    const full = want.map((l) => l + 0.5 * ln(2 * Math.PI))
    await near(gaussianNllLoss(x, t, v, { ...none, full: true }), full, 6)
    const [two, one] = [x.reshape([2, 2]), t.reshape([2, 2])]
    const each = gaussianNllLoss(two, one, f64([1, 1, 2, 2], [2, 2]), none)
    for (const rows of [f64([1, 2]), f64([1, 2], [2, 1])])
      await near(gaussianNllLoss(two, one, rows, none), [...(await each.data())])
  })
  it('Poisson', async () => {
    const [rate, counts] = [f64([0.5, 2]), f64([0.5, 3])]
    const log = [Math.exp(0.5) - 0.25, Math.exp(2) - 6]
    await near(poissonNllLoss(rate, counts, none), log)
    const stirling = 3 * ln(3) - 3 + 0.5 * ln(6 * Math.PI)
    await near(poissonNllLoss(rate, counts, { ...none, full: true }), [log[0], log[1] + stirling])
    await near(poissonNllLoss(rate, counts, { ...none, logInput: false }), [
      0.5 - 0.5 * ln(0.5 + 1e-8),
      2 - 3 * ln(2 + 1e-8),
    ])
  })
})

describe('losses of probabilities', () => {
  it('bounds the logarithms at -100', async () => {
    const [p, t] = [f64([0, 1, 0, 0.25]), f64([1, 1, 0, 0.5])]
    await near(bceLoss(p, t, none), [100, 0, 0, -0.5 * (ln(0.25) + ln(0.75))])
    const leaf = f64([0.25, 0]).requiresGrad_()
    await near(grad(bceLoss(leaf, f64([0.5, 0]), { reduction: 'sum' }), [leaf])[0], [-0.25 / (0.25 * 0.75), 0])
  })
  it('Kullback–Leibler', async () => {
    const [q, p] = [f64([0.5, 0.25, 0.25, 0.1, 0.2, 0.7], [2, 3]), f64([0, 0.5, 0.5, 0.1, 0.2, 0.7], [2, 3])]
    const want = [0, 0.5 * ln(2), 0.5 * ln(2), 0, 0, 0]
    await near(klDiv(q.log(), p, none), want)
    await near(klDiv(q.log(), p, { reduction: 'batchmean' }), [ln(2) / 2])
    await near(klDiv(q.log(), p), [ln(2) / 6])
    await near(klDiv(q.log(), p.log(), { ...none, logTarget: true }), want)
  })
})

describe('losses of classes', () => {
  const x = f64([1, 2, 0.5, -1, 0, 3], [2, 3])
  const logp = logSoftmax(x)
  const w = f64([1, 2, 0.5])
  const t = int([1, 2])
  it('nllLoss picks, weighs and averages over the weights', async () => {
    const lp = [...(await logp.data())]
    await near(nllLoss(logp, t, none), [-lp[1], -lp[5]])
    await near(nllLoss(logp, t), [-(lp[1] + lp[5]) / 2])
    await near(nllLoss(logp, t, { weight: w }), [-(2 * lp[1] + 0.5 * lp[5]) / 2.5])
    await near(nllLoss(logp, int([1, -1]), { weight: w, ignoreIndex: -1 }), [-lp[1]])
    await near(nllLoss(logp, int([1, 9]), { ...none, weight: w, ignoreIndex: 9 }), [-2 * lp[1], 0])
    expect(() => nllLoss(logp, int([1, 3]))).toThrow('nllLoss: index 3 at position 1 is outside [0, 3)')
  })
  it('crossEntropy with weights is nllLoss of logSoftmax', async () => {
    for (const options of [none, {}, { reduction: 'sum' as const }, { ignoreIndex: 2 }])
      await near(crossEntropy(x, t, { ...options, weight: w }), [
        ...(await nllLoss(logp, t, { ...options, weight: w }).data()),
      ])
  })
  it('crossEntropy of one-hot probabilities is that of indices', async () => {
    const hot = f64([0, 1, 0, 0, 0, 1], [2, 3])
    for (const options of [none, {}, { labelSmoothing: 0.3 }, { labelSmoothing: 0.3, reduction: 'sum' as const }])
      await near(crossEntropy(x, hot, options), [...(await crossEntropy(x, t, options).data())])
    // The mean over probabilities is over rows, whatever the weights.
    const sum = await crossEntropy(x, hot, { weight: w, reduction: 'sum' }).item()
    await near(crossEntropy(x, hot, { weight: w }), [sum / 2])
  })
  it('crossEntropy smooths with weights as PyTorch does', async () => {
    const lp = [...(await logp.data())]
    const [ws, s] = [[1, 2, 0.5], 0.3]
    const row = (r: number, c: number): number =>
      -(1 - s) * ws[c] * lp[r * 3 + c] - (s / 3) * ws.reduce((sum, v, j) => sum + v * lp[r * 3 + j], 0)
    await near(crossEntropy(x, t, { ...none, weight: w, labelSmoothing: s }), [row(0, 1), row(1, 2)])
    await near(crossEntropy(x, t, { weight: w, labelSmoothing: s }), [(row(0, 1) + row(1, 2)) / 2.5])
  })
  it('a masked class costs nothing where its probability is 0', async () => {
    const masked = f64([Number.NEGATIVE_INFINITY, 0, 0]).requiresGrad_()
    const q = f64([0, 0.5, 0.5]).requiresGrad_()
    const loss = crossEntropy(masked, q)
    await near(loss, [ln(2)])
    const [dx] = grad(loss, [masked])
    await near(dx, [0, 0, 0])
  })
  it('-100 is ignored unless another index is given, as in PyTorch', async () => {
    const y = f64([1, 2, 0.5, -1, 0, 3, 0.2, 0.4, 0.6], [3, 3]).requiresGrad_()
    const target = int([1, -100, 2])
    const loss = crossEntropy(y, target)
    await near(loss, [0.6881351083660726])
    const [dy] = grad(loss, [y])
    const [a, b] = [0.11561194881107452, 0.13465374958886892]
    await near(dy, [a, -0.18573414039411879, 0.07012219158304424, 0, 0, 0, b, 0.16446646114445332, -0.2991202107333223])
    await near(crossEntropy(y, target, none), [0.4643687841079449, 0, 0.9119014326242004])
    await near(crossEntropy(y, target, { weight: w }), [0.553875313811196])
    await near(crossEntropy(y, target, { weight: w, labelSmoothing: 0.3 }), [0.6823905500103375])
    await near(crossEntropy(y, target, { weight: null, labelSmoothing: 0.3 }), [0.8431351083660726])
    await near(nllLoss(logSoftmax(y), target), [0.6881351083660727])
    expect(await crossEntropy(y, int([-100, -100, -100])).item()).toBeNaN()
    const hot = f64([0, 1, 0, 0, 0, 1, 1, 0, 0], [3, 3])
    await near(crossEntropy(y, hot, { ignoreIndex: -100 }), [...(await crossEntropy(y, hot).data())])
    expect(() => crossEntropy(y, target, { ignoreIndex: 0 })).toThrow('index -100 at position 1 is outside [0, 3)')
  })
  it('multiMarginLoss is the hinge of the others', async () => {
    await near(multiMarginLoss(x, t, none), [(0 + 0) / 3, 0])
    await near(multiMarginLoss(x, int([0, 1]), none), [(2 + 0.5) / 3, (0 + 4) / 3])
    await near(multiMarginLoss(x, int([0, 1]), { ...none, p: 2, weight: w }), [(4 + 0.25) / 3, (2 * 16) / 3])
  })
})

describe('losses of vectors', () => {
  const [a, b] = [f64([3, 4, 1, 0], [2, 2]), f64([4, 3, 0, 2], [2, 2])]
  it('cosines', async () => {
    await near(cosineSimilarity(a, b), [24 / 25, 0])
    await near(cosineSimilarity(a, f64([0, 0, 0, 0], [2, 2])), [0, 0])
    await near(cosineEmbeddingLoss(a, b, int([1, -1]), none), [1 / 25, 0])
    await near(cosineEmbeddingLoss(a, b, int([-1, 1]), { margin: 0.5 }), [(24 / 25 - 0.5 + 1) / 2])
  })
  it('hinge', async () => {
    await near(hingeEmbeddingLoss(f64([0.5, 0.5, 3]), int([1, -1, -1]), none), [0.5, 0.5, 0])
  })
  it('triplets', async () => {
    const [p, n] = [f64([3, 3], [1, 2]), f64([3, 1], [1, 2])]
    const anchor = f64([3, 4], [1, 2])
    await near(tripletMarginLoss(anchor, p, n, { margin: 3 }), [1 - 3 + 3], 5)
    await near(tripletMarginLoss(anchor, p, n, { margin: 3, swap: true }), [1 - 2 + 3], 5)
    await near(tripletMarginLoss(anchor, p, n), [0])
  })
})

describe('at the kink, as PyTorch', () => {
  it('the gradient passes where a hinge is at its bound', async () => {
    const x = f64([1, 1, 3]).requiresGrad_()
    await near(grad(hingeEmbeddingLoss(x, int([-1, 1, -1]), { reduction: 'sum' }), [x])[0], [-1, 1, 0])
    const [u, v] = [f64([3, 4], [1, 2]).requiresGrad_(), f64([4, -3], [1, 2]).requiresGrad_()]
    const [du, dv] = grad(cosineEmbeddingLoss(u, v, int([-1])), [u, v])
    await near(du, [0.16, -0.12])
    await near(dv, [0.12, 0.16])
    const [a, p, n] = [[0, 0] as const, [3, 0] as const, [0, 3] as const].map((at) =>
      f64([...at], [1, 2]).requiresGrad_(),
    )
    const [da, dp, dn] = grad(tripletMarginLoss(a, p, n, { margin: 0, eps: 0 }), [a, p, n])
    await near(da, [-1, 1])
    await near(dp, [1, 0])
    await near(dn, [0, -1])
  })
  it('coordinates that tie for the distance of p = Infinity get all of it', async () => {
    const x = f64([0, 0, 0], [1, 3]).requiresGrad_()
    const y = cdist(x, f64([1, 1, -0.5], [1, 3]), { p: Number.POSITIVE_INFINITY })
    await near(y, [1])
    await near(grad(y.sum(), [x])[0], [-1, -1, 0])
    expect(cdist(zeros([2, 0]), zeros([3, 0]), { p: Number.POSITIVE_INFINITY }).shape).toEqual([2, 3])
  })
})

describe('nn.functional', () => {
  it("has PyTorch's names too", () => {
    const { functional: f } = nn
    expect(f.binaryCrossEntropy).toBe(bceLoss)
    expect(f.binaryCrossEntropyWithLogits).toBe(bceWithLogits)
    expect(f.logsigmoid).toBe(f.logSigmoid)
    expect(f.cdist).toBe(cdist)
  })
})

describe('null', () => {
  it('is not a weight', async () => {
    const [x, t] = [f64([0.5, 1]), f64([1, 0])]
    const y = await bceWithLogits(x, t).item()
    await near(bceWithLogits(x, t, { weight: null, posWeight: null }), [y])
    await near(bceLoss(x.sigmoid(), t, { weight: null }), [y])
  })
})

describe('softmax family', () => {
  it('has nothing to do along an axis of size 0', async () => {
    const x = zeros([2, 0], { requiresGrad: true })
    for (const f of [softmax, logSoftmax, softmin]) {
      expect(f(x, 1).shape).toEqual([2, 0])
      expect(f(x, 0).shape).toEqual([2, 0])
      expect(grad(f(x, 1).sum(), [x])[0].shape).toEqual([2, 0])
    }
  })
  it('softmin is the softmax of -x', async () => {
    const x = f64([1, 2, -0.5, 3], [2, 2])
    await near(softmin(x, 0), [...(await softmax(x.neg(), 0).data())])
  })
})

describe('gumbelSoftmax', () => {
  afterAll(() => manualSeed(0))
  it('draws categories with their probabilities', async () => {
    manualSeed(4)
    const n = 20_000
    const x = tensor([0, ln(2), ln(5)])
      .reshape([1, 3])
      .expand([n, 3])
    const hits = await gumbelSoftmax(x, { hard: true }).sum(0).data()
    // Five standard deviations of a count.
    ;[1 / 8, 2 / 8, 5 / 8].forEach((p, c) => {
      expect(Math.abs(hits[c] - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)))
    })
  })
  it('gives rows that sum to 1, the same for the same seed, closer to one-hot for small tau', async () => {
    const x = zeros([50, 4])
    const drawn = (tau: number) => {
      manualSeed(7)
      return gumbelSoftmax(x, { tau })
    }
    const [soft, again, sharp] = [await drawn(1).data(), await drawn(1).data(), drawn(0.01)]
    expect(again).toEqual(soft)
    for (const s of await drawn(1).sum(-1).data()) expect(s).toBeCloseTo(1, 5)
    for (const top of await sharp.amax(-1).data()) expect(top).toBeGreaterThan(0.5)
  })
  it('hard is one-hot along dim, with the gradient of the soft one', async () => {
    const x = tensor(
      [
        [0.3, -1],
        [0.1, 2],
      ],
      { requiresGrad: true },
    )
    const of = (hard: boolean) => {
      manualSeed(9)
      const y = gumbelSoftmax(x, { hard, dim: 0, tau: 0.7 })
      const [g] = grad(
        y
          .mul(
            tensor([
              [1, 2],
              [3, 4],
            ]),
          )
          .sum(),
        [x],
      )
      return { y, g }
    }
    const [hard, soft] = [of(true), of(false)]
    for (const s of await hard.y.sum(0).data()) expect(s).toBeCloseTo(1, 6)
    for (const v of await hard.y.data()) expect(Math.min(Math.abs(v), Math.abs(v - 1))).toBeLessThan(1e-6)
    expect(await hard.g.data()).toEqual(await soft.g.data())
  })
  it('takes float64', async () => {
    manualSeed(1)
    const y = gumbelSoftmax(f64([0, 1, 2]))
    expect(y.dtype).toBe('float64')
    expect(await y.sum().item()).toBeCloseTo(1, 12)
  })
})

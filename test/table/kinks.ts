/**
 * @file Gradients where differences say nothing: at kinks, ties, bounds and poles, by hand. What is right there is a
 * convention, that of PyTorch: 0 at a kink of |x|, a bound of clamp passes, ties of maximum share, of max along an axis
 * the first has it all.
 */
import { grad } from '../../src/autograd/backward.ts'
import type { Device } from '../../src/core/device.ts'
import { onCall } from '../../src/core/op.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { cpu } from '../../src/devices.ts'
import '../../src/methods.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { zerosLike } from '../../src/ops/creation/like.ts'
import { twice } from './second.ts'
import { type OpName, ops, table } from './table.ts'

type Nested = number | readonly Nested[]

interface Kink {
  readonly op: OpName
  readonly x: readonly Nested[]
  /** Default: the op. */
  readonly f?: (...x: Tensor[]) => Tensor
  /** Gradient of the sum of the results by each input. */
  readonly want: readonly Nested[]
  /**
   * The Hessian of that sum by all elements of all inputs, where it is not 0: what mathematics says where it does, else
   * what docs/numerics.md says.
   */
  readonly second?: readonly (readonly number[])[]
  /** Why third derivatives are not finite. */
  readonly noThird?: string
}

const EDGES = [-3, -1, 0, -0, 1, 3, 6]

/** A constant of x's kind. */
const like = (x: Tensor, data: number | number[]): Tensor => tensor(data, { dtype: x.dtype, device: x.device })

/** Integers where x is. */
const indices = (x: Tensor, data: number | readonly Nested[]): Tensor =>
  tensor(data as number[], { dtype: 'int32', device: x.device })

/** All elements of a source folded into the one of x. */
const reduceTo0 =
  (reduce: 'amax' | 'amin' | 'prod', includeSelf = true) =>
  (x: Tensor, source: Tensor): Tensor =>
    ops.scatterReduce(x, 0, ops.zerosLike(source, { dtype: 'int32' }), source, reduce, { includeSelf })

export const kinks: readonly Kink[] = [
  { op: 'abs', x: [[0, -0, 2]], want: [[0, 0, 1]] },
  { op: 'relu', x: [[0, -0, 2]], want: [[0, 0, 1]] },
  { op: 'sign', x: [[0, 2]], want: [[0, 0]] },
  { op: 'floor', x: [[1, 2.5]], want: [[0, 0]] },
  { op: 'frac', x: [[1, 2.5]], want: [[1, 1]] },
  { op: 'clamp', x: [[-2, -1, 0, 2, 3]], f: (x) => ops.clamp(x, { min: -1, max: 2 }), want: [[0, 1, 1, 1, 0]] },
  {
    op: 'maximum',
    x: [
      [1, 2, 3],
      [1, 3, 2],
    ],
    want: [
      [0.5, 0, 1],
      [0.5, 1, 0],
    ],
  },
  {
    op: 'minimum',
    x: [
      [1, 2, 3],
      [1, 3, 2],
    ],
    want: [
      [0.5, 1, 0],
      [0.5, 0, 1],
    ],
  },
  { op: 'amax', x: [[3, 1, 3, 3]], want: [[1 / 3, 0, 1 / 3, 1 / 3]] },
  { op: 'amin', x: [[1, 1, 3]], want: [[0.5, 0.5, 0]] },
  { op: 'max', x: [[1, 3, 3]], f: (x) => ops.max(x, 0).values, want: [[0, 1, 0]] },
  { op: 'min', x: [[2, 1, 1]], f: (x) => ops.min(x, 0).values, want: [[0, 1, 0]] },
  { op: 'max', x: [[1, 3, 3]], f: (x) => ops.max(x), want: [[0, 0.5, 0.5]] },
  { op: 'median', x: [[2, 1, 1, 2]], want: [[0, 0.5, 0.5, 0]] },
  {
    op: 'sort',
    x: [[2, 1, 2]],
    f: (x) => ops.mul(ops.sort(x).values, like(x, [1, 2, 3])),
    want: [[2, 1, 3]],
  },
  { op: 'topk', x: [[2, 1, 2, 2]], f: (x) => ops.topk(x, 2).values, want: [[1, 0, 1, 0]] },
  {
    op: 'maxPool2d',
    x: [
      [
        [
          [
            [1, 2],
            [2, 2],
          ],
        ],
      ],
    ],
    f: (x) => ops.maxPool2d(x, 2),
    want: [
      [
        [
          [
            [0, 1],
            [0, 0],
          ],
        ],
      ],
    ],
  },
  { op: 'norm', x: [[0, 0]], want: [[0, 0]] },
  { op: 'norm', x: [[0, 0]], f: (x) => ops.norm(x, 1), want: [[0, 0]] },
  { op: 'norm', x: [[0, 0]], f: (x) => ops.norm(x, 3), want: [[0, 0]] },
  { op: 'norm', x: [[0, 0]], f: (x) => ops.norm(x, Infinity), want: [[0, 0]] },
  { op: 'norm', x: [[3, -3, 1]], f: (x) => ops.norm(x, Infinity), want: [[0.5, -0.5, 0]] },
  { op: 'std', x: [[2, 2, 2]], want: [[0, 0, 0]] },
  { op: 'stdMean', x: [[2, 2, 2]], f: (x) => ops.stdMean(x).std, want: [[0, 0, 0]] },
  {
    // A correlation of 1, the bound that rounding is kept within: no slope, and the curvature of 2·u·v.
    op: 'corrcoef',
    x: [
      [
        [1, -1, 1, -1],
        [1, -1, 1, -1],
      ],
    ],
    want: [
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    ],
    second: [
      [-0.25, 0, 0.25, 0, 0.25, 0, -0.25, 0],
      [0, -0.25, 0, 0.25, 0, 0.25, 0, -0.25],
      [0.25, 0, -0.25, 0, -0.25, 0, 0.25, 0],
      [0, 0.25, 0, -0.25, 0, -0.25, 0, 0.25],
      [0.25, 0, -0.25, 0, -0.25, 0, 0.25, 0],
      [0, 0.25, 0, -0.25, 0, -0.25, 0, 0.25],
      [-0.25, 0, 0.25, 0, 0.25, 0, -0.25, 0],
      [0, -0.25, 0, 0.25, 0, 0.25, 0, -0.25],
    ],
  },
  {
    op: 'prod',
    x: [[0, 2, 3]],
    want: [[6, 0, 0]],
    second: [
      [0, 3, 2],
      [3, 0, 0],
      [2, 0, 0],
    ],
  },
  {
    op: 'prod',
    x: [[0, 0, 3]],
    want: [[0, 0, 0]],
    second: [
      [0, 3, 0],
      [3, 0, 0],
      [0, 0, 0],
    ],
  },
  {
    op: 'cumprod',
    x: [[2, 0, 3]],
    f: (x) => ops.cumprod(x, 0),
    want: [[1, 8, 0]],
    second: [
      [0, 4, 0],
      [4, 0, 2],
      [0, 2, 0],
    ],
  },
  { op: 'logsumexp', x: [[-Infinity, -Infinity]], want: [[0, 0]] },
  { op: 'logsumexp', x: [[-Infinity, 1]], want: [[0, 1]] },
  { op: 'softmax', x: [[-Infinity, -Infinity]], want: [[0, 0]] },
  {
    op: 'pow',
    x: [
      [0, 0, 2],
      [2, 0, 0],
    ],
    want: [
      [0, 0, 0],
      [0, 0, Math.log(2)],
    ],
    second: [
      [2, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0.5],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0.5, 0, 0, Math.LN2 ** 2],
    ],
  },
  { op: 'pow', x: [[0, 2]], f: (x) => ops.pow(x, 0), want: [[0, 0]] },
  { op: 'pow', x: [[0, 2]], f: (x) => ops.pow(0, x), want: [[0, 0]] },
  {
    op: 'pow',
    x: [[2], [0]],
    want: [[0], [Math.LN2]],
    second: [
      [0, 0.5],
      [0.5, Math.LN2 ** 2],
    ],
  },
  // At a = 0 nothing depends on b.
  { op: 'pow', x: [[0], [0]], want: [[0], [0]] },
  { op: 'pow', x: [[0], [1]], want: [[1], [0]] },
  {
    op: 'pow',
    x: [[0], [2]],
    want: [[0], [0]],
    second: [
      [2, 0],
      [0, 0],
    ],
  },
  { op: 'pow', x: [[0], [3]], want: [[0], [0]] },
  {
    op: 'pow',
    x: [[0], [0.5]],
    want: [[Infinity], [0]],
    second: [
      [-Infinity, 0],
      [0, 0],
    ],
    noThird: 'a root is vertical at 0',
  },
  {
    op: 'pow',
    x: [[0, 0]],
    f: (x) => ops.pow(x, like(x, [1, 2])),
    want: [[1, 0]],
    second: [
      [0, 0],
      [0, 2],
    ],
  },
  { op: 'pow', x: [[0, 2]], f: (x) => ops.pow(x, ops.mul(ops.detach(x), 0)), want: [[0, 0]] },
  { op: 'pow', x: [[0]], f: (x) => ops.pow(x, 3), want: [[0]] },
  { op: 'logcumsumexp', x: [[89]], f: (x) => ops.logcumsumexp(x, 0), want: [[1]] },
  { op: 'logcumsumexp', x: [[0, 800]], f: (x) => ops.logcumsumexp(x, 0), want: [[1, 1]] },
  { op: 'logcumsumexp', x: [[-Infinity, -Infinity, 1]], f: (x) => ops.logcumsumexp(x, 0), want: [[0, 0, 1]] },
  {
    op: 'logaddexp',
    x: [
      [Infinity, -Infinity],
      [Infinity, -Infinity],
    ],
    want: [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  },
  { op: 'softplus', x: [[3]], f: (x) => ops.softplus(x, { threshold: 2 }), want: [[1]] },
  { op: 'logSoftmax', x: [[-Infinity, -Infinity]], want: [[1, 1]] },
  { op: 'norm', x: [[0, 1]], f: (x) => ops.norm(x, 3), want: [[0, 1]] },
  { op: 'norm', x: [[0, 1]], f: (x) => ops.norm(x, 1.5), want: [[0, 1]] },
  {
    op: 'klDiv',
    x: [[1], [0]],
    f: (x, t) => ops.klDiv(x, t, { reduction: 'sum' }),
    want: [[0], [-1]],
    second: [
      [0, -1],
      [-1, 0],
    ],
  },
  {
    op: 'bceLoss',
    x: [[0], [0]],
    f: (p, t) => ops.bceLoss(p, t, { reduction: 'sum' }),
    want: [[0], [100]],
    second: [
      [1e12, -1e12],
      [-1e12, 0],
    ],
  },
  {
    op: 'pairwiseDistance',
    x: [
      [1, 2],
      [1, 2],
    ],
    f: (a, b) => ops.pairwiseDistance(a, b, { eps: 0 }),
    want: [
      [0, 0],
      [0, 0],
    ],
  },
  {
    op: 'normalize',
    x: [[0, 0]],
    f: (x) => ops.normalize(x, { dim: 0, eps: 0.5 }),
    want: [[2, 2]],
  },
  {
    op: 'cosineSimilarity',
    x: [[0], [0]],
    f: (a, b) => ops.cosineSimilarity(a, b, { dim: 0, eps: 0.5 }),
    want: [[0], [0]],
    second: [
      [0, 4],
      [4, 0],
    ],
  },
  { op: 'cdist', x: [[[1, 2]], [[1, 2]]], f: (a, b) => ops.cdist(a, b, { p: 3 }), want: [[[0, 0]], [[0, 0]]] },
  { op: 'cdist', x: [[[1, 2]], [[1, 2]]], f: (a, b) => ops.cdist(a, b, { p: Infinity }), want: [[[0, 0]], [[0, 0]]] },
  { op: 'huberLoss', x: [[1], [0]], f: (x, t) => ops.huberLoss(x, t, { reduction: 'sum' }), want: [[1], [-1]] },
  {
    op: 'poissonNllLoss',
    x: [[0], [1]],
    f: (x, t) => ops.poissonNllLoss(x, t, { full: true, reduction: 'sum' }),
    want: [[0], [0]],
    second: [
      [1, -1],
      [-1, 0],
    ],
  },
  { op: 'celu', x: [[0]], f: (x) => ops.celu(x, 2), want: [[1]], second: [[0.5]] },
  {
    op: 'selu',
    x: [[0]],
    want: [[1.0507009873554805 * 1.6732632423543772]],
    second: [[1.0507009873554805 * 1.6732632423543772]],
  },
  // Hinges: the gradient passes at the bound, but for multiMarginLoss.
  { op: 'hingeEmbeddingLoss', x: [[1]], f: (x) => ops.hingeEmbeddingLoss(x, like(x, [-1])), want: [[-1]] },
  {
    op: 'tripletMarginLoss',
    x: [[0], [0], [0]],
    f: (a, p, n) => ops.tripletMarginLoss(a, p, n, { margin: 0, eps: 0 }),
    want: [[0], [0], [0]],
  },
  {
    op: 'tripletMarginWithDistanceLoss',
    x: [[0], [0], [0]],
    f: (a, p, n) => {
      const distanceFunction = (a: Tensor, b: Tensor): Tensor => ops.pairwiseDistance(a, b, { eps: 0 })
      return ops.tripletMarginWithDistanceLoss(a, p, n, { margin: 0, distanceFunction })
    },
    want: [[0], [0], [0]],
  },
  {
    op: 'multiMarginLoss',
    x: [[1, 0]],
    f: (x) => ops.multiMarginLoss(x, indices(x, 0)),
    want: [[0, 0]],
  },
  {
    op: 'multilabelMarginLoss',
    x: [[1, 0]],
    f: (x) => ops.multilabelMarginLoss(x, indices(x, [0, -1])),
    want: [[0, 0]],
  },
  {
    op: 'marginRankingLoss',
    x: [[1], [1]],
    f: (a, b) => ops.marginRankingLoss(a, b, like(a, [1])),
    want: [[-1], [1]],
  },
  {
    // Two labels alike need three steps: a loss of ∞, and of 0 where that is asked for.
    op: 'ctcLoss',
    x: [
      [
        [-1, -2],
        [-1, -2],
      ],
    ],
    f: (x) => ops.ctcLoss(x, indices(x, [1, 1]), [2], [2]),
    want: [
      [
        [0, 0],
        [0, 0],
      ],
    ],
  },
  {
    op: 'ctcLoss',
    x: [
      [
        [-1, -2],
        [-1, -2],
      ],
    ],
    f: (x) => ops.ctcLoss(x, indices(x, [1, 1]), [2], [2], { zeroInfinity: true }),
    want: [
      [
        [0, 0],
        [0, 0],
      ],
    ],
  },
  {
    op: 'cosineEmbeddingLoss',
    x: [[0], [0]],
    f: (a, b) => ops.cosineEmbeddingLoss(a, b, like(a, 1)),
    want: [[0], [0]],
    second: [
      [0, -1e12],
      [-1e12, 0],
    ],
  },
  { op: 'hardswish', x: [[-3, 3]], want: [[0, 1]] },
  { op: 'softsign', x: [[Infinity, -Infinity]], want: [[0, 0]] },
  { op: 'nanToNum', x: [[NaN, Infinity, 1]], want: [[0, 0, 1]] },
  { op: 'logit', x: [[0.1, 0.9]], f: (x) => ops.logit(x, 0.25), want: [[0, 0]] },
  { op: 'sqrt', x: [[0]], want: [[Infinity]], second: [[-Infinity]], noThird: 'a root is vertical at 0' },
  { op: 'hypot', x: [[0], [0]], want: [[0], [0]] },
  { op: 'xlogy', x: [[0], [0]], want: [[0], [0]] },
  { op: 'fmax', x: [[1], [1]], want: [[1], [0]] },
  { op: 'fmin', x: [[1], [1]], want: [[1], [0]] },
  { op: 'softshrink', x: [[0.5, -0.5, 1]], want: [[0, 0, 1]] },
  { op: 'hardshrink', x: [[0.5, -0.5, 1]], want: [[0, 0, 1]] },
  { op: 'threshold', x: [[0.5, 1]], f: (x) => ops.threshold(x, 0.5, 9), want: [[0, 1]] },
  { op: 'cummax', x: [[2, 2, 1]], f: (x) => ops.cummax(x, 0).values, want: [[1, 2, 0]] },
  { op: 'cummin', x: [[2, 2, 3]], f: (x) => ops.cummin(x, 0).values, want: [[1, 2, 0]] },
  { op: 'mode', x: [[1, 2, 1, 2]], f: (x) => ops.mode(x).values, want: [[0, 0, 1, 0]] },
  { op: 'kthvalue', x: [[2, 1, 1]], f: (x) => ops.kthvalue(x, 2).values, want: [[0, 0, 1]] },
  { op: 'quantile', x: [[1, 1, 1]], f: (x) => ops.quantile(x, 0.25), want: [[0.5, 0.5, 0]] },
  { op: 'nanquantile', x: [[1, 1, 1]], f: (x) => ops.nanquantile(x, 0.25), want: [[0.5, 0.5, 0]] },
  { op: 'nanquantile', x: [[NaN, 1, 3]], f: (x) => ops.nanquantile(x, 0.5), want: [[0, 0.5, 0.5]] },
  { op: 'aminmax', x: [[1, 1, 3]], f: (x) => ops.aminmax(x).min, want: [[0.5, 0.5, 0]] },
  { op: 'nansum', x: [[NaN, 1]], want: [[0, 1]] },
  { op: 'nanmean', x: [[NaN, 1, 3]], want: [[0, 0.5, 0.5]] },
  {
    op: 'dist',
    x: [
      [1, 2],
      [1, 2],
    ],
    want: [
      [0, 0],
      [0, 0],
    ],
  },
  { op: 'matrixNorm', x: [[[0, 0]]], want: [[[0, 0]]] },
  { op: 'atan2', x: [[0], [0]], want: [[0], [0]] },
  {
    op: 'where',
    x: [
      [1, 2],
      [3, Infinity],
    ],
    f: (a, b) => ops.where(ops.lt(a, 1.5), a, ops.mul(b, 2)),
    want: [
      [1, 0],
      [0, 2],
    ],
  },
  { op: 'hardtanh', x: [EDGES], want: [[0, 0, 1, 1, 0, 0, 0]] },
  { op: 'relu6', x: [EDGES], want: [[0, 0, 0, 0, 1, 1, 0]] },
  { op: 'hardsigmoid', x: [EDGES], want: [[0, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 0, 0]] },
  { op: 'rrelu', x: [[0, -0, 1]], f: (x) => ops.rrelu(x, 0.25, 0.25, true), want: [[0.25, 0.25, 1]] },
  { op: 'leakyRelu', x: [[0, -0, 1]], f: (x) => ops.leakyRelu(x, 0.25), want: [[0.25, 0.25, 1]] },
  {
    op: 'prelu',
    x: [[0, -2, 1], [0.25]],
    want: [[0.25, 0.25, 1], [-2]],
    second: [
      [0, 0, 0, 1],
      [0, 0, 0, 1],
      [0, 0, 0, 0],
      [1, 1, 0, 0],
    ],
  },
  { op: 'elu', x: [[0]], f: (x) => ops.elu(x, 2), want: [[2]], second: [[2]] },
  { op: 'softsign', x: [[0]], want: [[1]] },
  {
    op: 'l1Loss',
    x: [
      [1, 2],
      [1, 3],
    ],
    f: (x, t) => ops.l1Loss(x, t, { reduction: 'sum' }),
    want: [
      [0, -1],
      [0, 1],
    ],
  },
  {
    op: 'smoothL1Loss',
    x: [
      [1, 2],
      [1, 3],
    ],
    f: (x, t) => ops.smoothL1Loss(x, t, { reduction: 'sum' }),
    want: [
      [0, -1],
      [0, 1],
    ],
    second: [
      [1, 0, -1, 0],
      [0, 0, 0, 0],
      [-1, 0, 1, 0],
      [0, 0, 0, 0],
    ],
  },
  {
    op: 'remainder',
    x: [
      [4, 5],
      [2, 2],
    ],
    want: [
      [1, 1],
      [-2, -2],
    ],
  },
  {
    op: 'fmod',
    x: [
      [-4, 5],
      [2, 2],
    ],
    want: [
      [1, 1],
      [2, -2],
    ],
  },
  // Ties of the greatest share, x's own element too; a product that is 0 has the others' product as its slope.
  { op: 'scatterReduce', x: [[1], [1, 1]], f: reduceTo0('amax'), want: [[1 / 3], [1 / 3, 1 / 3]] },
  { op: 'scatterReduce', x: [[1], [1, 1]], f: reduceTo0('amin'), want: [[1 / 3], [1 / 3, 1 / 3]] },
  { op: 'scatterReduce', x: [[1], [1, 1]], f: reduceTo0('amax', false), want: [[0], [0.5, 0.5]] },
  {
    op: 'scatterReduce',
    x: [[2], [0, 3]],
    f: reduceTo0('prod'),
    want: [[0], [6, 0]],
    second: [
      [0, 3, 0],
      [3, 0, 2],
      [0, 2, 0],
    ],
  },
  {
    op: 'scatterReduce',
    x: [[2], [0, 0]],
    f: reduceTo0('prod'),
    want: [[0], [0, 0]],
    second: [
      [0, 0, 0],
      [0, 0, 2],
      [0, 2, 0],
    ],
  },
  {
    op: 'embeddingBag',
    x: [[[2], [2]]],
    f: (weight) => ops.embeddingBag(weight, indices(weight, [[0, 1]]), { mode: 'max' }),
    want: [[[1], [0]]],
  },
  { op: 'cdist', x: [[[1, 2]], [[1, 2]]], want: [[[0, 0]], [[0, 0]]] },
  {
    op: 'gridSample',
    // The centre of the first pixel and of the last, and beyond them.
    x: [
      [[[[1, 3]]]],
      [
        [
          [
            [-1, 0],
            [-2, 0],
            [1, 0],
            [2, 0],
          ],
        ],
      ],
    ],
    f: (x, grid) => ops.gridSample(x, grid, { paddingMode: 'border', alignCorners: true }),
    want: [
      [[[[2, 2]]]],
      [
        [
          [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        ],
      ],
    ],
  },
]

/** The Hessian by all elements of all inputs, a row each; and Σ v·H·v differentiated once more. */
function higher(xs: readonly Tensor[], gs: readonly (Tensor | null)[]): { rows: Tensor[][]; third: Tensor[] } {
  const byAll = (y: Tensor | null | undefined, createGraph: boolean): Tensor[] => {
    if (!y?.edge) return xs.map((x) => zerosLike(x))
    const found = grad(y, xs, { createGraph, retainGraph: true, allowUnused: true })
    return found.map((g, i) => g ?? zerosLike(xs[i]))
  }
  const elements = gs.flatMap((g, i) => {
    const flat = ops.reshape(g ?? zerosLike(xs[i]), [-1])
    return Array.from({ length: flat.numel }, (_, j) => ops.sum(ops.slice(flat, [j, j + 1])))
  })
  const rows = elements.map((one) => byAll(one, true))
  // Weights that let nothing cancel.
  const weighted = rows.flatMap((row, i) => row.map((h) => ops.sum(ops.mul(h, 1 + 0.37 * i))))
  return {
    rows,
    third: byAll(
      weighted.filter((h) => h.edge).reduce((a, b) => ops.add(a, b), ops.sum(zerosLike(xs[0]))),
      false,
    ),
  }
}

/** Equal but for the rounding of a dtype. */
const near =
  (eps: number) =>
  (a: number, b: number): boolean =>
    Object.is(a, b) || a === b || Math.abs(a - b) < eps * Math.max(1, Math.abs(b))

/** What is off at the kinks of an op: gradients, the Hessian and its symmetry, third derivatives. */
export async function kinkFaults(
  op: OpName,
  device: Device = cpu,
  dtype: 'float32' | 'float64' = 'float64',
): Promise<string[]> {
  const same = near(dtype === 'float64' ? 1e-12 : 1e-5)
  const faults: string[] = []
  using s = openScope()
  for (const { x, f, want, second, noThird } of kinks.filter((k) => k.op === op)) {
    const at = `${op} at ${JSON.stringify(x)}`
    const reads = s.run(() => {
      const xs = x.map((data) =>
        tensor(data as number[], {
          dtype,
          device,
          requiresGrad: true,
        }),
      )
      const y = ops.sum(((f ?? ops[op]) as (...x: Tensor[]) => Tensor)(...xs))
      const gs = grad(y, xs, { createGraph: true, allowUnused: true })
      const { rows, third } = higher(xs, gs)
      return [gs.map((g, i) => g ?? xs[i].detach()), ...rows, third].map((list) =>
        Promise.all(list.map((t) => t.data())),
      )
    })
    const [grads, ...rest] = (await Promise.all(reads)).map((list) => list.map((one) => [...one]))
    grads.forEach((got, i) => {
      const expected = [want[i]].flat(9) as number[]
      if (got.length !== expected.length || !got.every((v, j) => same(v, expected[j])))
        faults.push(`${at}: gradient ${i} is [${got}], not [${expected}]`)
    })
    const third = (rest.pop() ?? []).flat()
    const H = rest.map((row) => row.flat())
    H.forEach((row, i) =>
      row.forEach((h, j) => {
        if (!same(h, H[j][i])) faults.push(`${at}: H[${i}][${j}] is ${h}, H[${j}][${i}] is ${H[j][i]}`)
        const expected = second?.[i][j] ?? 0
        if (!same(h, expected)) faults.push(`${at}: H[${i}][${j}] is ${h}, not ${expected}`)
      }),
    )
    if (third.every(Number.isFinite) === (noThird !== undefined))
      faults.push(`${at}: the third derivative is [${third}]`)
  }
  return faults
}

/** True if an op's values or gradients of first or second order are chosen with `where` on one of its cases. */
export function whereIsUsed(op: OpName): boolean {
  let used = false
  using s = openScope()
  const off = onCall(({ op: called }) => {
    used ||= called.opName === 'where'
  })
  for (const c of table[op].cases) {
    if (c.forward || used) continue
    const data = c.x.map(({ draw }, i) => draw(new Philox(i)))
    const shapes = c.x.map(({ shape }) => shape)
    s.run(() => twice(op, c, shapes, data, 'float64', cpu))
  }
  off()
  return used
}

/**
 * Ops that choose by `where`, in their values or in a gradient of first or second order, away from any singular point:
 * masks of positions and of targets, bounds that only keep intermediate values in the range.
 */
export const MASKED: readonly OpName[] = [
  ...(['maskedFill', 'tril', 'triu', 'lstm', 'gru', 'rnn', 'histc', 'embedding', 'scatter', 'indexPut'] as const),
  ...(['indexCopy', 'indexFill', 'maskedScatter', 'isclose', 'dropout1d', 'dropout2d'] as const),
  // The greater of its divisor and 0: where that is 0, so is what nothing can be divided by.
  'cov',
  ...(['crossEntropy', 'linearCrossEntropy', 'nllLoss', 'scaledDotProductAttention', 'gelu'] as const),
]

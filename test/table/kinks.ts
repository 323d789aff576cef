/**
 * @file Gradients where differences say nothing: at kinks, ties, bounds and poles, by hand. What is right there is a
 * convention, that of PyTorch: 0 at a kink of |x|, a bound of clamp passes, ties of maximum share, of max along an axis
 * the first has it all.
 */
import { grad } from '../../src/autograd/backward.ts'
import { scope } from '../../src/core/scope.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { type OpName, ops } from './table.ts'

type Nested = number | readonly Nested[]

interface Kink {
  readonly op: OpName
  readonly x: readonly Nested[]
  /** Default: the op. */
  readonly f?: (...x: Tensor[]) => Tensor
  /** Gradient of the sum of the results by each input. */
  readonly want: readonly Nested[]
}

const EDGES = [-3, -1, 0, -0, 1, 3, 6]

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
    f: (x) => ops.mul(ops.sort(x).values, tensor([1, 2, 3], { dtype: 'float64' })),
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
  { op: 'prod', x: [[0, 2, 3]], want: [[6, 0, 0]] },
  { op: 'prod', x: [[0, 0, 3]], want: [[0, 0, 0]] },
  { op: 'cumprod', x: [[2, 0, 3]], f: (x) => ops.cumprod(x, 0), want: [[1, 8, 0]] },
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
  },
  { op: 'pow', x: [[0, 2]], f: (x) => ops.pow(x, 0), want: [[0, 0]] },
  { op: 'pow', x: [[0, 2]], f: (x) => ops.pow(0, x), want: [[0, 0]] },
  { op: 'sqrt', x: [[0]], want: [[Infinity]] },
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
  { op: 'leakyRelu', x: [[0, -0, 1]], f: (x) => ops.leakyRelu(x, 0.25), want: [[0.25, 0.25, 1]] },
  { op: 'prelu', x: [[0, -2, 1], [0.25]], want: [[0.25, 0.25, 1], [-2]] },
  { op: 'elu', x: [[0]], f: (x) => ops.elu(x, 2), want: [[2]] },
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

/** What is off at the kinks of an op. */
export async function kinkFaults(op: OpName): Promise<string[]> {
  const faults: string[] = []
  for (const { x, f, want } of kinks.filter((k) => k.op === op)) {
    const grads = scope(() => {
      const xs = x.map((data) => tensor(data as number[], { dtype: 'float64', requiresGrad: true }))
      const y = ((f ?? ops[op]) as (...x: Tensor[]) => Tensor)(...xs)
      return grad(ops.sum(y), xs)
    })
    for (const [i, g] of grads.entries()) {
      const [got, expected] = [[...(await g.data())], [want[i]].flat(9) as number[]]
      const right = got.every((v, j) => v === expected[j] || Math.abs(v - expected[j]) < 1e-14)
      if (!right || got.length !== expected.length)
        faults.push(`${op} at ${JSON.stringify(x)}: gradient ${i} is [${got}], not [${expected}]`)
      g.dispose()
    }
  }
  return faults
}

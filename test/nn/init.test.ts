/** @file First values: the distributions of every layer and function that draws them, and those that are not drawn. */
import { expect, test } from 'vitest'
import { manualSeed, nn, type Tensor, tensor, zeros } from '../../src/index.ts'

/** The share of numbers below x. */
type Distribution = (x: number) => number
const clamped = (share: number): number => Math.min(1, Math.max(0, share))
const uniform = (low: number, high = -low): Distribution => {
  const [least, most] = [Math.min(low, high), Math.max(low, high)]
  return (x) => clamped((x - least) / (most - least))
}
/** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.sign(x) * (1 - sum * Math.exp(-x * x))
}
const normal =
  (std: number, mean = 0): Distribution =>
  (x) =>
    (1 + erf((x - mean) / std / Math.SQRT2)) / 2
const cut = (whole: Distribution, a: number, b: number): Distribution => {
  const [least, most] = [whole(a), whole(b)]
  return (x) => clamped((whole(x) - least) / (most - least))
}

/** Kolmogorov–Smirnov: √n · the largest distance between the distribution of numbers and a formula. */
function distance(numbers: ArrayLike<number>, formula: Distribution): number {
  const sorted = Float64Array.from(numbers).sort()
  const n = sorted.length
  const gap = sorted.reduce((most, x, i) => {
    const share = formula(x)
    return Math.max(most, share - i / n, (i + 1) / n - share)
  }, 0)
  return Math.sqrt(n) * gap
}
/** Beyond this with probability 10⁻³. */
const RARE = Math.sqrt(-Math.log(0.0005) / 2)

async function numbersOf(tensors: readonly Tensor[]): Promise<number[]> {
  return (await Promise.all(tensors.map((x) => x.data()))).flatMap((values) => Array.from(values))
}

test('parameters of layers begin as PyTorch’s formulas say: p > 10⁻³ over 10⁵ numbers of each kind', async () => {
  manualSeed(20261127)
  const bound = (fan: number): Distribution => uniform(1 / Math.sqrt(fan))
  const cases: [layer: nn.Module, formula: Distribution][] = [
    [new nn.Linear(250, 400), bound(250)],
    [new nn.Bilinear(40, 50, 50), bound(40)],
    [new nn.Conv1d(40, 500, 5), bound(200)],
    [new nn.Conv2d(40, 400, 5, { groups: 4 }), bound(250)],
    [new nn.ConvTranspose1d(50, 400, 5), bound(2000)],
    [new nn.ConvTranspose2d(100, 80, 5, { groups: 2 }), bound(1000)],
    [new nn.Embedding(1000, 100), normal(1)],
    [new nn.EmbeddingBag(500, 200), normal(1)],
    [new nn.RNN(300, 200), bound(200)],
    [new nn.LSTM(30, 60, { bidirectional: true, numLayers: 2 }), bound(60)],
    [new nn.GRU(110, 150), bound(150)],
    [new nn.RNNCell(300, 200), bound(200)],
    [new nn.LSTMCell(100, 130), bound(130)],
    [new nn.GRUCell(110, 150), bound(150)],
  ]
  const far: unknown[] = []
  for (const [layer, formula] of cases) {
    const numbers = await numbersOf(layer.parameters())
    expect(numbers.length).toBeGreaterThanOrEqual(1e5)
    const apart = distance(numbers, formula)
    if (!(apart < RARE)) far.push([layer.title(), apart])
    // A bias too is drawn so.
    for (const x of layer.parameters().filter((x) => x.ndim === 1))
      if (!(distance(await x.data(), formula) < RARE)) far.push([layer.title(), x.shape])
  }
  expect(far).toEqual([])
  // The test sees a bound that is 2 percent off, and a standard deviation that is 4 percent off.
  expect(distance(await numbersOf(cases[0][0].parameters()), bound(250 / 1.02 ** 2))).toBeGreaterThan(RARE)
  expect(distance(await numbersOf(cases[6][0].parameters()), normal(1.04))).toBeGreaterThan(RARE)
})

test('functions draw as their formulas say: p > 10⁻³ over 10⁵ numbers', async () => {
  manualSeed(20261128)
  const { init } = nn
  const x = () => zeros([400, 250])
  const cases: [name: string, drawn: Tensor, formula: Distribution][] = [
    ['uniform_', init.uniform_(x(), -1, 3), uniform(-1, 3)],
    ['normal_', init.normal_(x(), 2, 3), normal(3, 2)],
    ['xavierUniform_', init.xavierUniform_(x(), { gain: 2 }), uniform(2 * Math.sqrt(6 / 650))],
    ['xavierNormal_', init.xavierNormal_(x()), normal(Math.sqrt(2 / 650))],
    ['kaimingUniform_', init.kaimingUniform_(x(), { a: 0.5 }), uniform(Math.sqrt((3 * 2) / 1.25 / 250))],
    ['kaimingNormal_', init.kaimingNormal_(x(), { mode: 'fanOut', nonlinearity: 'selu' }), normal(0.75 / 20)],
    // An element of a uniform orthogonal matrix is, but for 1/400, normal.
    ['orthogonal_', init.orthogonal_(x(), { gain: 3 }), normal(3 / 20)],
    ['truncNormal_', init.truncNormal_(x()), cut(normal(1), -2, 2)],
    ['truncNormal_ wide', init.truncNormal_(x(), 1, 0.5, -1, Infinity), cut(normal(0.5, 1), -1, Infinity)],
    ['truncNormal_ narrow', init.truncNormal_(x(), 0, 1, -0.5, 1), cut(normal(1), -0.5, 1)],
    ['truncNormal_ above', init.truncNormal_(x(), 0, 1, 1, 1.5), cut(normal(1), 1, 1.5)],
    ['truncNormal_ tail', init.truncNormal_(x(), 0, 1, 1.5, 4), cut(normal(1), 1.5, 4)],
    ['truncNormal_ below', init.truncNormal_(x(), 5, 2, -3, 1), cut(normal(2, 5), -3, 1)],
  ]
  const far: unknown[] = []
  for (const [name, drawn, formula] of cases) {
    const apart = distance(await drawn.data(), formula)
    if (!(apart < RARE)) far.push([name, apart])
  }
  expect(far).toEqual([])
  const sparse = await init.sparse_(zeros([500, 250]), 0.1, 2).data()
  const rest = sparse.filter((v) => v !== 0)
  expect([rest.length, distance(rest, normal(2)) < RARE]).toEqual([450 * 250, true])
  const zerosOf = (col: number) => sparse.filter((v, at) => at % 250 === col && v === 0).length
  expect(Array.from({ length: 250 }, (_, col) => zerosOf(col))).toEqual(new Array(250).fill(50))
})

test('a cut distribution keeps to its bounds, also where the mean is far away', async () => {
  const { init } = nn
  const drawn = async (...given: [mean: number, std: number, a: number, b: number]) => [
    ...(await init.truncNormal_(zeros([2000], { dtype: 'float64' }), ...given).data()),
  ]
  for (const [a, b] of [
    [8, Infinity],
    [-40, -39],
    [30, 30.001],
    [1e5, 1e7],
    [0, 0.25],
  ]) {
    const values = await drawn(0, 1, a, b)
    expect(values.every((v) => v >= a && v <= b)).toBe(true)
    expect(new Set(values).size).toBeGreaterThan(1900)
  }
  // Beyond 8, the rest is exponential of rate 8.12: E = 8 + 1/8.12.
  const mean = (await drawn(0, 1, 8, Infinity)).reduce((sum, v) => sum + v, 0) / 2000
  expect(mean).toBeCloseTo(8.123, 1.7)
  expect(new Set(await drawn(5, 0, -1, 2))).toEqual(new Set([2]))
  expect(new Set(await drawn(0, 1, 3, 3))).toEqual(new Set([3]))
  expect(new Set(await drawn(0, 1e-200, 3, 4))).toEqual(new Set([3]))
})

test('orthogonal rows or columns, whichever are fewer', async () => {
  manualSeed(7)
  const far: unknown[] = []
  for (const shape of [
    [5, 5],
    [3, 7],
    [7, 3],
    [4, 2, 3],
    [1, 1],
    [60, 60],
  ]) {
    const x = nn.init.orthogonal_(zeros(shape, { dtype: 'float64' }), { gain: 2 })
    const q = x.flatten(1)
    const [rows, cols] = q.shape
    const product = rows <= cols ? q.matmul(q.transpose()) : q.transpose().matmul(q)
    const n = Math.min(rows, cols)
    const values = await product.data()
    values.forEach((v, at) => {
      const want = Math.floor(at / n) === at % n ? 4 : 0
      if (Math.abs(v - want) > 1e-13) far.push([shape, at, v])
    })
  }
  expect(far).toEqual([])
  expect(nn.init.orthogonal_(zeros([0, 3])).shape).toEqual([0, 3])
})

test('eye_ and dirac_ hand their input on', async () => {
  expect(
    await nn.init
      .eye_(
        tensor([
          [9, 9, 9],
          [9, 9, 9],
        ]),
      )
      .array(),
  ).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
  // As PyTorch's dirac_ of [4, 3, 3] in two groups, and of [2, 3, 2, 3].
  expect(await nn.init.dirac_(zeros([4, 3, 3]), 2).array()).toEqual([
    [
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ],
    [
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ],
  ])
  const flat = await nn.init.dirac_(zeros([2, 3, 2, 3])).data()
  expect([...flat].flatMap((v, at) => (v ? [at] : []))).toEqual([4, 28])
  const conv = new nn.Conv2d(3, 3, 3, { padding: 1, bias: false })
  nn.init.dirac_(conv.weight)
  const image = nn.init.normal_(zeros([1, 3, 4, 5]))
  expect(await conv.forward(image).array()).toEqual(await image.array())
})

test('gains are PyTorch’s', () => {
  const names = ['linear', 'conv2d', 'convTranspose1d', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'] as const
  const want = [1, 1, 1, 1, 5 / 3, Math.SQRT2, Math.sqrt(2 / 1.0001), 0.75]
  expect(names.map((name) => nn.init.calculateGain(name))).toEqual(want)
  expect(nn.init.calculateGain('leakyRelu', 0.2)).toBe(Math.sqrt(2 / 1.04))
})

test('what cannot be filled is refused', () => {
  const { init } = nn
  const refused: [call: () => unknown, message: string | RegExp][] = [
    [
      () => init.truncNormal_(zeros([2]), 0, 1, 2, -2),
      'truncNormal_: a is 2, b -2 (give the least and the greatest number)',
    ],
    [() => init.truncNormal_(zeros([2]), 0, -1), 'truncNormal_: std is -1 (give a number from 0 up)'],
    [() => init.truncNormal_(zeros([2], { dtype: 'int32' })), /truncNormal_: tensor #\d+ \[2\] is int32/],
    [() => init.orthogonal_(zeros([3])), /orthogonal_: tensor #\d+ \[3\] has 1 dims \(give two or more\)/],
    [() => init.eye_(zeros([3])), /eye_: tensor #\d+ \[3\] has 1 dims \(give a matrix\)/],
    [
      () => init.dirac_(zeros([3, 3])),
      /dirac_: tensor #\d+ \[3, 3\] has 2 dims \(give a weight \[out, in, …kernel\]\)/,
    ],
    [() => init.dirac_(zeros([3, 3, 1]), 2), 'dirac_: groups is 2 (give a divisor of 3, the outputs)'],
    [() => init.sparse_(zeros([3, 3]), 1.5), 'sparse_: sparsity is 1.5 (give a number from 0 to 1)'],
    // @ts-expect-error bad input on purpose
    [() => init.calculateGain('toString'), "calculateGain: 'toString' is not a nonlinearity (one of linear, conv1d,"],
  ]
  for (const [call, message] of refused) expect(call).toThrow(message)
})

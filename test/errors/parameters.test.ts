/**
 * @file What PyTorch takes by position and by name goes both ways, with one result; what is in neither form is refused.
 * Activations, softmax and distances are in elementwise.test.ts.
 */
import { describe, expect, it } from 'vitest'
import * as h from '../../src/index.ts'
import { manualSeed, type Tensor, tensor } from '../../src/index.ts'
import { type Any, loose as ops, refuse, refuseParameters } from '../support/refusals.ts'

const numbers = (...shape: number[]) =>
  h.reshape(h.sin(h.arange(1, shape.reduce((a, b) => a * b, 1) + 1, 1, { dtype: 'float32' })), shape)
const ints = (...list: number[]) => tensor(Int32Array.from(list))

const [x, y, v] = [numbers(4, 4), numbers(4, 4).mul(2), numbers(4)]
const [line, image, weight] = [numbers(1, 4, 6), numbers(1, 4, 6, 6), numbers(4, 2, 3, 3)]
const signs = tensor([
  [1, -1, 1, -1],
  [-1, 1, -1, 1],
  [1, 1, 1, 1],
  [-1, -1, -1, -1],
])
const positive = x.square()
const table = numbers(4, 4).requiresGrad_()
const classes = ints(0, 1, 2, 3)
const columns = numbers(2, 16, 9)
const logProbs = h.logSoftmax(numbers(5, 2, 4), -1)
const mask = tensor(
  [true, false, false, false].map((_, i) => [true, i > 0, i > 1, i > 2]),
  { dtype: 'bool' },
)

type Call = (...given: unknown[]) => unknown
interface Both {
  readonly call: Call
  /** Parameters in their places, and the same by name. */
  readonly places: readonly unknown[]
  readonly names: Readonly<Record<string, unknown>>
}
const both = (call: Call, names: Readonly<Record<string, unknown>>, places = Object.values(names)): Both => ({
  call,
  places,
  names,
})

const places = { dim: 0, keepdim: true }
const reductions: Readonly<Record<string, Both>> = {
  ...Object.fromEntries(
    ['sum', 'mean', 'prod', 'amax', 'amin', 'argmax', 'argmin', 'all', 'any', 'countNonzero', 'logsumexp', 'nansum']
      .concat('nanmean')
      .map((op) => [op, both((...o) => ops[op](x, ...o), places)]),
  ),
  norm: both((...o) => ops.norm(x, ...o), { p: 1, dim: 0, keepdim: true }),
  var: both((...o) => ops['var'](x, ...o), { dim: 0, correction: 0 }, [0, { correction: 0 }]),
  std: both((...o) => ops['std'](x, ...o), { dim: 0, correction: 0 }, [0, { correction: 0 }]),
  varMean: both((...o) => ops['varMean'](x, ...o).var, { dim: 0, correction: 0 }, [0, { correction: 0 }]),
  stdMean: both((...o) => ops['stdMean'](x, ...o).std, { dim: 0, correction: 0 }, [0, { correction: 0 }]),
}

const cases: Readonly<Record<string, Both>> = {
  rot90: both((...o) => ops.rot90(x, ...o), { k: 1, dims: [1, 0] }),
  tensorSplit: both((...o) => ops.tensorSplit(numbers(4, 5), 2, ...o)[0], { dim: 1 }),
  diagEmbed: both((...o) => ops.diagEmbed(x, ...o), { offset: 1, dim1: 0, dim2: 2 }),
  pad: both((...o) => ops.pad(v, [1, 2], ...o), { mode: 'constant', value: 3 }),
  dropout: both((...o) => ops.dropout(x, ...o), { p: 0.25, training: true }),
  alphaDropout: both((...o) => ops.alphaDropout(x, ...o), { p: 0.25, training: false }),
  dropout1d: both((...o) => ops.dropout1d(line, ...o), { p: 0.25, training: true }),
  dropout2d: both((...o) => ops.dropout2d(image, ...o), { p: 0.25, training: true }),
  rrelu: both((...o) => ops.rrelu(x, ...o), { lower: 0.5, upper: 0.75, training: true }),
  gumbelSoftmax: both((...o) => ops.gumbelSoftmax(x, ...o), { tau: 0.5, hard: true }),
  multinomial: both((...o) => ops.multinomial(positive, 2, ...o), { replacement: true }),
  histc: both((...o) => ops.histc(x, ...o), { bins: 3, min: -1, max: 0.5 }),
  isclose: both((...o) => ops.isclose(x, x.add(0.01), ...o), { rtol: 0, atol: 0.1, equalNan: true }),
  embedding: both((...o) => h.grad(ops.embedding(table, classes, ...o).sum(), table), { paddingIdx: 1 }),
  layerNorm: both((...o) => ops.layerNorm(x, 4, null, null, ...o), { eps: 0.5 }),
  rmsNorm: both((...o) => ops.rmsNorm(x, 4, null, ...o), { eps: 0.5 }),
  groupNorm: both((...o) => ops.groupNorm(x, 2, null, null, ...o), { eps: 0.5 }),
  localResponseNorm: both((...o) => ops.localResponseNorm(x, 2, ...o), { alpha: 0.5, beta: 2, k: 3 }),
  marginRankingLoss: both((...o) => ops.marginRankingLoss(x, y, signs, ...o), { margin: 0.5 }),
  cosineEmbeddingLoss: both((...o) => ops.cosineEmbeddingLoss(x, y, signs.select(0, 0), ...o), { margin: 0.5 }),
  hingeEmbeddingLoss: both((...o) => ops.hingeEmbeddingLoss(x, signs, ...o), { margin: 0.5 }),
  tripletMarginLoss: both((...o) => ops.tripletMarginLoss(x, y, signs, ...o), {
    margin: 2,
    p: 1,
    eps: 0.1,
    swap: true,
  }),
  multiMarginLoss: both((...o) => ops.multiMarginLoss(x, classes, ...o), { p: 2, margin: 0.5, weight: v }),
  huberLoss: both((...o) => ops.huberLoss(x, y, ...o), { reduction: 'sum', delta: 0.25 }),
  gaussianNllLoss: both((...o) => ops.gaussianNllLoss(x, y, x, ...o), { full: true, eps: 0.1, reduction: 'sum' }),
  poissonNllLoss: both((...o) => ops.poissonNllLoss(x, y.square(), ...o), { logInput: false, full: true, eps: 2 }),
  ctcLoss: both((...o) => ops.ctcLoss(logProbs, ints(1, 2).reshape(2, 1), [5, 4], [1, 1], ...o), {
    blank: 3,
    reduction: 'sum',
    zeroInfinity: true,
  }),
  conv1d: both((...o) => ops.conv1d(line, numbers(4, 4, 2), null, ...o), { stride: 2, padding: 1, dilation: 2 }),
  conv2d: both((...o) => ops.conv2d(image.slice(null, [0, 2]), weight, null, ...o), {
    stride: 2,
    padding: 1,
    dilation: 2,
    groups: 1,
  }),
  convTranspose1d: both((...o) => ops.convTranspose1d(line, numbers(4, 2, 3), null, ...o), {
    stride: 3,
    padding: 1,
    outputPadding: 2,
    groups: 2,
    dilation: 1,
  }),
  convTranspose2d: both((...o) => ops.convTranspose2d(image, weight, null, ...o), { stride: 2, padding: 1 }),
  im2col: both((...o) => ops.im2col(image, 2, ...o), { dilation: 2, padding: 1, stride: 3 }),
  fold: both((...o) => ops.fold(columns, 4, 2, ...o), { dilation: 1, padding: 0, stride: 1 }),
  maxPool1d: both((...o) => ops.maxPool1d(line, 2, ...o), { stride: 3, padding: 1 }),
  maxPool2d: both((...o) => ops.maxPool2d(image, 2, ...o), { stride: 3, padding: 1, dilation: 2, ceilMode: true }),
  avgPool1d: both((...o) => ops.avgPool1d(line, 2, ...o), { stride: 3, padding: 1, ceilMode: true }),
  avgPool2d: both((...o) => ops.avgPool2d(image, 2, ...o), {
    stride: 3,
    padding: 1,
    ceilMode: true,
    countIncludePad: false,
    divisorOverride: 5,
  }),
  adaptiveMaxPool1d: both((...o) => ops.adaptiveMaxPool1d(line, 2, ...o), { returnIndices: false }),
  adaptiveMaxPool2d: both((...o) => ops.adaptiveMaxPool2d(image, 2, ...o), { returnIndices: false }),
  gridSample: both((...o) => ops.gridSample(image, numbers(1, 3, 3, 2), ...o), {
    mode: 'nearest',
    paddingMode: 'border',
    alignCorners: true,
  }),
  ...reductions,
  sort: both((...o) => ops.sort(x, ...o).values, { dim: 0, descending: true }),
  argsort: both((...o) => ops.argsort(x, ...o), { dim: 0, descending: true }),
  topk: both((...o) => ops.topk(x, 2, ...o).values, { dim: 0, largest: false, sorted: true }),
  diagonal: both((...o) => ops.diagonal(columns, ...o), { offset: 1, dim1: 1, dim2: 2 }),
  nanToNum: both((...o) => ops.nanToNum(tensor([NaN, Infinity, -Infinity]), ...o), { nan: 1, posinf: 2, neginf: 3 }),
  bceLoss: both((...o) => ops.bceLoss(positive, positive, ...o), { weight: v, reduction: 'sum' }),
  bceWithLogits: both((...o) => ops.bceWithLogits(x, positive, ...o), { weight: v, reduction: 'sum', posWeight: 3 }),
  crossEntropy: both((...o) => ops.crossEntropy(x, classes, ...o), {
    weight: positive.select(0, 0),
    ignoreIndex: 1,
    reduction: 'sum',
    labelSmoothing: 0.5,
  }),
  nllLoss: both((...o) => ops.nllLoss(x, classes, ...o), { weight: v, ignoreIndex: 1, reduction: 'sum' }),
  multilabelSoftMarginLoss: both((...o) => ops.multilabelSoftMarginLoss(x, positive, ...o), { weight: v }),
  batchNorm: both((...o) => ops.batchNorm(line, signs.select(0, 0), positive.select(0, 0), ...o), {
    weight: v,
    bias: v,
    training: false,
    momentum: 0.5,
    eps: 0.5,
  }),
  instanceNorm: both((...o) => ops.instanceNorm(line, ...o), {
    runningMean: signs.select(0, 0),
    runningVar: positive.select(0, 0),
    weight: v,
    bias: v,
    useInputStats: false,
  }),
  scaledDotProductAttention: both((...o) => ops.scaledDotProductAttention(x, y, y, ...o), {
    attnMask: mask,
    dropoutP: 0.5,
    isCausal: true,
  }),
}

/** What is given its defaults: another value gives two results, or needs a whole set of other sizes. */
const defaults = ['fold', 'adaptiveMaxPool1d', 'adaptiveMaxPool2d']

describe('in their places and by name', () => {
  it.each(Object.entries(cases))('%s', async (name, { call, places, names }) => {
    const [placed, named, bare] = await Promise.all(
      [places, [names], []].map((given) => {
        manualSeed(1)
        return (call(...given) as Tensor).tolist()
      }),
    )
    expect(placed).toEqual(named)
    // Other values than the defaults make a difference, but where all are defaults.
    if (!defaults.includes(name)) expect(named).not.toEqual(bare)
  })
})

describe('refusals', () =>
  refuseParameters(Object.fromEntries(Object.entries(cases).map(([name, { call }]) => [name, call]))))

describe('what has no default', () => {
  it('runs along the axis, in its place or by name', async () => {
    for (const [op, of] of [
      ['max', (dim: Any) => h.max(x, dim)],
      ['min', (dim: Any) => h.min(x, dim)],
      ['median', (dim: Any) => h.median(x, dim)],
      ['cummax', (dim: Any) => h.cummax(x, dim)],
      ['cummin', (dim: Any) => h.cummin(x, dim)],
    ] as const) {
      const pairs = await Promise.all([of(0), of({ dim: 0 })].map(([a, b]) => Promise.all([a.tolist(), b.tolist()])))
      expect(pairs[0], op).toEqual(pairs[1])
    }
    for (const op of ['cumsum', 'cumprod', 'logcumsumexp'])
      expect(await ops[op](x, { dim: 0 }).tolist(), op).toEqual(await ops[op](x, 0).tolist())
    const kept = [x.max({ dim: 0, keepdim: true }), x.max(0, true), x.median(0, true)]
    expect(kept.map(({ values }) => values.shape)).toEqual([
      [1, 4],
      [1, 4],
      [1, 4],
    ])
    const [a, b] = [h.interpolate(image, null, 2, 'bilinear', true), h.interpolate(image, 12, null, 'bilinear', true)]
    const named = h.interpolate(image, { scaleFactor: 2, mode: 'bilinear', alignCorners: true })
    const want = await named.tolist()
    expect(await Promise.all([a.tolist(), b.tolist()])).toEqual([want, want])
  })

  it('waits, and gives the same both ways', async () => {
    const line = ints(1, 1, 0, 2, 2)
    const weights = tensor([1, 2, 3, 4, 5])
    const counts = await Promise.all([line.bincount(weights, 5), line.bincount({ weights, minlength: 5 })])
    expect(await counts[0].tolist()).toEqual(await counts[1].tolist())
    expect(counts[0].shape).toEqual([5])
    const [far, near] = [x.add(0.05), x]
    expect(await Promise.all([near.allclose(far, 0, 0.1), near.allclose(far, { rtol: 0, atol: 0.1 })])).toEqual([
      true,
      true,
    ])
    const [places, names] = [
      await h.uniqueConsecutive(line, true, true, 0),
      await h.uniqueConsecutive(line, { returnInverse: true, returnCounts: true, dim: 0 }),
    ]
    expect(await places.counts.tolist()).toEqual(await names.counts.tolist())
    const bags = [h.embeddingBag(table, classes, [0, 1]), h.embeddingBag(table, classes, { offsets: [0, 1] })]
    expect(await bags[0].tolist()).toEqual(await bags[1].tolist())
    const put = [h.indexPut(v, [ints(0, 0)], 1, true), h.indexPut(v, [ints(0, 0)], 1, { accumulate: true })]
    expect(await put[0].tolist()).toEqual(await put[1].tolist())
  })

  refuse([
    [() => ops.sum(x, 0, 1), 'sum: keepdim is 1 (give true or false)'],
    [() => ops.sum(x, 0, true, 'float32', 1), 'sum: 4 parameters are given (it takes { dim, keepdim, dtype })'],
    [() => ops.max(x, { axis: 0 }), 'max: there is no option axis (it takes { dim, keepdim })'],
    [() => ops.cumsum(x, { axis: 0 }), 'cumsum: there is no option axis (it takes { dim, dtype })'],
    [() => ops.cummax(x), 'cummax: no axis is given (name the one to run along: { dim: 0 })'],
    [() => ops.cummin(x, {}), 'cummin: no axis is given (name the one to run along: { dim: 0 })'],
    [() => ops.cummax(x, { axis: 0 }), 'cummax: there is no option axis (it takes { dim })'],
    [() => ops.cummin(x, 0, 1), 'cummin: 2 parameters are given (it takes { dim })'],
    [
      () => ops.interpolate(image, { factor: 2 }),
      'interpolate: there is no option factor (it takes { size, scaleFactor, mode, alignCorners })',
    ],
    [() => ops.multinomial(positive, 1, 1), 'multinomial: replacement is 1 (give true or false)'],
    [() => ops.adaptiveMaxPool1d(line, 2, 'yes'), "adaptiveMaxPool1d: returnIndices is 'yes' (give true or false)"],
  ])
})

/** @file What joining, turning, repeating by counts, folding by an index and finding refuse, and by which text. */
import { describe, expect, it } from 'vitest'
import * as h from '../../src/index.ts'
import { tensor } from '../../src/index.ts'
import {
  bools,
  doubles,
  elsewhere,
  ints as integers,
  loose as ops,
  type Refusal,
  refuse,
  refuseOptions,
  zeros,
} from '../support/refusals.ts'

const [s, v, x, image] = [zeros(), zeros(5), zeros(3, 4), zeros(1, 8, 4, 4)]
const list = (...values: number[]) => h.tensor(Int32Array.from(values))
const [i, index] = [list(0, 2), integers(3, 2)]
const [ones, low] = [list(1, 1), list(1, -1)]
const away = h.zeros([2], { dtype: 'int32', device: new h.CpuDevice() })

const joins: readonly Refusal[] = [
  [() => ops.hstack(x, x), 'hstack: xs is a Tensor (give a list: hstack([x, y]))'],
  [() => ops.hstack([]), 'hstack: an empty list was given (give at least one tensor)'],
  [() => ops.hstack([x, zeros(2, 4)]), 'hstack: [3, 4] and [2, 4] do not join (all axes but 1 must be equal)'],
  [() => ops.vstack([x, v]), 'vstack: [3, 4] and [1, 5] do not join (all axes but 0 must be equal)'],
  [() => ops.vstack([x, 5]), 'vstack: input 1 is 5, not a tensor (make it with tensor(…))'],
  [() => ops.dstack([x, x, v]), 'dstack: [3, 4, 1] and [1, 5, 1] do not join (all axes but 2 must be equal)'],
  [() => ops.columnStack([v, zeros(4)]), 'columnStack: [5, 1] and [4, 1] do not join (all axes but 1 must be equal)'],
  [() => ops.columnStack([v, doubles(5)]), "columnStack: inputs are float32 and float64 (cast with x.to('float32'))"],
  [() => ops.vstack([v, elsewhere(5)]), 'vstack: inputs are on cpu and cpu (move one with to(device))'],
  [() => ops.broadcastTensors([]), 'broadcastTensors: an empty list was given (give at least one tensor)'],
  [
    () => ops.broadcastTensors(x, v),
    'broadcastTensors: [3, 4] and [5] do not broadcast, axis -1 is 4 and 5 (reshape or unsqueeze one)',
  ],
  [() => ops.tensorSplit(s, 2), 'tensorSplit: tensor #n [] is 0-d (it has no axis)'],
  [() => ops.tensorSplit(v, 0), 'tensorSplit: the number of pieces is 0 (give integers from 1 up)'],
  [() => ops.tensorSplit(v, [0.5]), 'tensorSplit: a place is 0.5 (give integers)'],
  [() => ops.tensorSplit(v, i), 'tensorSplit: places are a Tensor (give a number of pieces, or a list)'],
  [() => ops.diagEmbed(s), 'diagEmbed: tensor #n [] is 0-d (it has no axis)'],
  [() => ops.diagEmbed(v, { dim1: 1 }), 'diagEmbed: dim1 and dim2 are both 1 (name two axes)'],
  [() => ops.diagEmbed(v, { offset: 0.5 }), 'diagEmbed: offset is 0.5 (give integers)'],
  [() => ops.fliplr(v), 'fliplr: x is [5] (give two axes or more)'],
  [() => ops.flipud(s), 'flipud: x is 0-d (give one axis or more)'],
  [() => ops.rot90(v), 'rot90: x is [5] (give two axes or more)'],
  [() => ops.rot90(x, 0.5), 'rot90: k is 0.5 (give integers)'],
  [() => ops.rot90(x, 1, [0]), 'rot90: dims are [0] (name the two axes of the plane)'],
  [() => ops.rot90(x, 1, [1, -1]), 'rot90: dims are [1, -1] (name the two axes of the plane)'],
]

const repeats: readonly Refusal[] = [
  [
    () => ops.repeatInterleave(v, [1, 2]),
    'repeatInterleave: 2 repeats for 5 slices (give one for each, as a vector, or one for all)',
  ],
  [() => ops.repeatInterleave(x, [1, -1, 2], 0), 'repeatInterleave: a repeat is -1 (give integers from 0 up)'],
  [() => ops.repeatInterleave(x, 2, 0, { outputSize: 5 }), 'repeatInterleave: outputSize is 5, the repeats make 6'],
  [() => ops.repeatInterleave(x, [1], 0, { outputSize: 5 }), 'repeatInterleave: outputSize is 5, the repeats make 3'],
  [
    () => ops.repeatInterleave(x, i, 0, { outputSize: 2 }),
    'repeatInterleave: 2 repeats for 3 slices (give one for each, as a vector, or one for all)',
  ],
  [
    () => ops.repeatInterleave(zeros(2), v, 0, { outputSize: 2 }),
    "repeatInterleave: repeats is float32, not int32 (cast with x.to('int32'))",
  ],
  [
    () => ops.repeatInterleave(zeros(2), away, 0, { outputSize: 2 }),
    'repeatInterleave: inputs are on cpu and cpu (move one with to(device))',
  ],
  [
    () => ops.repeatInterleave(zeros(0), integers(0), 0, { outputSize: 2 }),
    'repeatInterleave: outputSize is 2, x is [0] (nothing can be repeated)',
  ],
]

const folds: readonly Refusal[] = [
  [
    () => ops.scatterReduce(x, 0, index, x, 'min'),
    "scatterReduce: reduce is 'min' ('sum', 'prod', 'mean', 'amax' or 'amin')",
  ],
  [
    () => ops.scatterReduce(index, 0, index, index, 'sum'),
    "scatterReduce: x is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [
    () => ops.scatterReduce(x, 0, index, zeros(2, 2), 'sum'),
    'scatterReduce: src is [2, 2], the index [3, 2] (they need as many dims, and src at least the sizes of the index)',
  ],
  [() => ops.indexCopy(x, 0, i, x), 'indexCopy: source is [3, 4], not [2, 4] (one slice of x for each index)'],
  [() => ops.indexCopy(s, 0, i, s), 'indexCopy: source is [], not [2] (one slice of x for each index)'],
  [() => ops.indexFill(x, 0, i, v), 'indexFill: value is [5] (give a number or a 0-d tensor)'],
  [() => ops.indexFill(x, 0, index, 1), 'indexFill: the index is [3, 2] (give one axis; embedding() takes any shape)'],
  [
    () => ops.indexFill(index, 0, [0], 0.5),
    "indexFill: 0.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
  ],
  [
    () => ops.multiMarginLoss(tensor([1, 2]), tensor(-1, { dtype: 'int32' })),
    'multiMarginLoss: index -1 at position 0 is outside [0, 2)',
  ],
  [() => ops.indexFill(x, 0, [3], 1), 'indexFill: index 3 at position 0 is outside [-3, 3)'],
  [() => ops.maskedScatter(x, x, x), "maskedScatter: mask is float32, not bool (cast with x.to('bool'))"],
  [
    () => ops.maskedScatter(x, bools(4), doubles(4)),
    "maskedScatter: inputs are float32 and float64 (cast with x.to('float32'))",
  ],
  [
    () => ops.maskedScatter(x, bools(5), x),
    'maskedScatter: [3, 4] and [5] do not broadcast, axis -1 is 4 and 5 (reshape or unsqueeze one)',
  ],
  [() => ops.isin(x, i), "isin: inputs are float32 and int32 (cast with x.to('float32'))"],
  [() => ops.isin(bools(2), bools(2)), "isin: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  [() => ops.bucketize(x, x), 'bucketize: boundaries are [3, 4] (give one axis, in ascending order)'],
  [() => ops.bucketize(x, i), "bucketize: inputs are float32 and int32 (cast with x.to('float32'))"],
]

const bags: readonly Refusal[] = [
  [() => ops.embeddingBag(v, i), 'embeddingBag: weight is [5] (give [rows, cols])'],
  [() => ops.embeddingBag(x, x), "embeddingBag: index is float32, not int32 (cast with x.to('int32'))"],
  [
    () => ops.embeddingBag(x, i),
    'embeddingBag: an index of one axis has no bags (give offsets: where each bag begins)',
  ],
  [() => ops.embeddingBag(x, integers()), 'embeddingBag: the index is [] (give [bags, n], or [n] with offsets)'],
  [
    () => ops.embeddingBag(x, index, { offsets: [0] }),
    'embeddingBag: offsets are given, the index is [3, 2] (its rows are the bags)',
  ],
  [() => ops.embeddingBag(x, i, { offsets: 0 }), 'embeddingBag: offsets is 0 (give an int32 tensor or integers)'],
  [
    () => ops.embeddingBag(x, i, { offsets: [] }),
    'embeddingBag: there are no bags for 2 indices (the first one begins at 0)',
  ],
  [
    () => ops.embeddingBag(x, i, { offsets: [], includeLastOffset: true }),
    'embeddingBag: there are no offsets (with includeLastOffset give one at least)',
  ],
  [
    () => ops.embeddingBag(x, i, { offsets: [1, 2] }),
    'embeddingBag: offset 0 is 1 of 2 indices (they ascend from 0; with includeLastOffset the last is the end)',
  ],
  [
    () => ops.embeddingBag(x, i, { offsets: [0, 3] }),
    'embeddingBag: offset 1 is 3 of 2 indices (they ascend from 0; with includeLastOffset the last is the end)',
  ],
  [
    () => ops.embeddingBag(x, i, { offsets: [0, 1], includeLastOffset: true }),
    'embeddingBag: offset 1 is 1 of 2 indices (they ascend from 0; with includeLastOffset the last is the end)',
  ],
  [
    () => ops.embeddingBag(x, i, { offsets: v }),
    "embeddingBag: offsets is float32, not int32 (cast with x.to('int32'))",
  ],
  [() => ops.embeddingBag(x, i, { offsets: index }), 'embeddingBag: offsets are [3, 2] (give one axis)'],
  // On the device they are found as an index that there is not.
  [() => ops.embeddingBag(x, index, { mode: 'min' }), "embeddingBag: mode is 'min' ('sum', 'mean' or 'max')"],
  [() => ops.embeddingBag(x, index, { paddingIdx: 3 }), 'embeddingBag: paddingIdx 3 is outside [-3, 3)'],
  [
    () => ops.embeddingBag(x, index, { perSampleWeights: v, mode: 'sum' }),
    'embeddingBag: perSampleWeights are [5] (give [3, 2])',
  ],
  [
    () => ops.embeddingBag(x, index, { perSampleWeights: zeros(3, 2) }),
    "embeddingBag: perSampleWeights with mode 'mean' (they are for mode 'sum')",
  ],
]

const images: readonly Refusal[] = [
  [() => ops.pixelShuffle(x, 2), 'pixelShuffle: x is [3, 4] (give [..., channels, height, width])'],
  [() => ops.pixelShuffle(image, 3), 'pixelShuffle: 8 channels are not a multiple of 9 (each pixel takes 3 × 3)'],
  [() => ops.pixelShuffle(image, 0), 'pixelShuffle: upscaleFactor is 0 (give integers from 1 up)'],
  [() => ops.pixelUnshuffle(image, 3), 'pixelUnshuffle: 4 × 4 pixels are not multiples of 3 (crop or pad them)'],
  [() => ops.localResponseNorm(v, 2), 'localResponseNorm: x is [5] (give [batch, channels, …])'],
  [() => ops.localResponseNorm(x, 0), 'localResponseNorm: size is 0 (give integers from 1 up)'],
  [() => ops.localResponseNorm(x, 2, { k: '1' }), "localResponseNorm: value is '1' (give a number)"],
  [() => ops.dropout1d(v), 'dropout1d: x is [5] (give [batch, channels, length] or [channels, length])'],
  [
    () => ops.dropout2d(zeros(2, 3, 4)),
    'dropout2d: x is [2, 3, 4] (give [batch, channels, height, width]; dropout1d takes signals)',
  ],
  [() => ops.dropout2d(image, { p: 2 }), 'dropout2d: p is 2 (give a probability from 0 to 1)'],
]

const [b, a3, b3] = [zeros(2, 3, 4), zeros(2, 3, 2), zeros(2, 2, 4)]
const products: readonly Refusal[] = [
  [
    () => ops.baddbmm(b, x, b3),
    'baddbmm: inputs are [3, 4] and [2, 2, 4] (give [batch, m, k] and [batch, k, n]; matmul takes any)',
  ],
  [() => ops.baddbmm(b, a3, zeros(1, 2, 4)), 'baddbmm: batches differ, [2, 3, 2] × [1, 2, 4] (matmul broadcasts them)'],
  [
    () => ops.baddbmm(zeros(2, 3, 5), a3, b3),
    'baddbmm: [2, 3, 5] does not expand to [2, 3, 4] (only axes of size 1 stretch)',
  ],
  [() => ops.baddbmm(b, a3, b3, { alpha: '1' }), "baddbmm: value is '1' (give a number)"],
]

const [p, t22, i23] = [zeros(4, 2, 3), integers(2, 2), integers(2, 3)]
const losses: readonly Refusal[] = [
  [
    () => ops.marginRankingLoss(x, v, x),
    'marginRankingLoss: inputs are [3, 4] and [5] (a loss does not broadcast; reshape one)',
  ],
  [() => ops.marginRankingLoss(x, x, v), 'marginRankingLoss: target is [5], not [3, 4] (give 1 or -1 for each)'],
  [() => ops.softMarginLoss(x, v), 'softMarginLoss: target is [5], not [3, 4] (give 1 or -1 for each)'],
  [
    () => ops.multilabelMarginLoss(x, x),
    "multilabelMarginLoss: target is float32, not int32 (cast with x.to('int32'))",
  ],
  [
    () => ops.multilabelMarginLoss(p, integers(4, 2, 3)),
    'multilabelMarginLoss: the scores are [4, 2, 3] (give [classes] or [rows, classes])',
  ],
  [
    () => ops.multilabelMarginLoss(x, index),
    'multilabelMarginLoss: scores [3, 4] want targets of that shape, not [3, 2]',
  ],
  [
    () => ops.multilabelMarginLoss(zeros(2), list(-2, 0)),
    'multilabelMarginLoss: index -2 at position 0 is outside [0, 2)',
  ],
  [
    () => ops.multilabelSoftMarginLoss(x, v),
    'multilabelSoftMarginLoss: input [3, 4] and target [5] differ (a loss does not broadcast; reshape one)',
  ],
  [
    () => ops.multilabelSoftMarginLoss(s, s),
    'multilabelSoftMarginLoss: the scores are 0-d (give [classes] or [rows, classes])',
  ],
  [() => ops.ctcLoss(v, i, [1], [1]), 'ctcLoss: logProbs are [5] (give [steps, batch, classes] or [steps, classes])'],
  [() => ops.ctcLoss(zeros(0, 2, 3), t22, [1, 1], [1, 1]), 'ctcLoss: logProbs [0, 2, 3] have no steps'],
  [() => ops.ctcLoss(p, t22, [4, 4], [1, 1], { blank: 3 }), 'ctcLoss: blank is 3 (give a class, from 0 to 2)'],
  [() => ops.ctcLoss(p, p, [4, 4], [1, 1]), "ctcLoss: targets is float32, not int32 (cast with x.to('int32'))"],
  [
    () => ops.ctcLoss(p, integers(3, 2), [4, 4], [1, 1]),
    'ctcLoss: targets are [3, 2] for 2 sequences (give a row for each)',
  ],
  [() => ops.ctcLoss(p, integers(), [4, 4], [1, 1]), 'ctcLoss: targets are [] (give [batch, labels], or all in a row)'],
  [() => ops.ctcLoss(p, i, [4, 4], [1, 2]), 'ctcLoss: targetLengths make 3, targets are 2'],
  [
    () => ops.ctcLoss(p, i, [4, 4], ones),
    'ctcLoss: where targets in a row begin is on the device (give targetLengths as an array, or targets [batch, labels])',
  ],
  [() => ops.ctcLoss(p, t22, [4, 5], [1, 1]), 'ctcLoss: one of inputLengths is 5 (give integers from 1 to 4)'],
  [() => ops.ctcLoss(p, t22, [4, 4], [1, 3]), 'ctcLoss: one of targetLengths is 3 (give integers from 0 to 2)'],
  [() => ops.ctcLoss(p, t22, [4], [1, 1]), 'ctcLoss: inputLengths are 1 for 2 sequences (give one for each)'],
  [() => ops.ctcLoss(p, t22, '44', [1, 1]), "ctcLoss: inputLengths are '44' (give integers, or an int32 tensor)"],
  [() => ops.ctcLoss(p, t22, list(4, 5), [1, 1]), 'ctcLoss: index 4 at position 1 is outside [0, 4)'],
  [
    () => ops.ctcLoss(p, h.full([2, 2], 3, { dtype: 'int32' }), [4, 4], [1, 1]),
    'ctcLoss: index 3 at position 0 is outside [0, 3)',
  ],
]

const dynamic: readonly Refusal[] = [
  [() => ops.unique(s, { dim: 0 }), 'unique: tensor #n [] is 0-d (it has no axis)'],
  [() => ops.unique(x, { dim: 2 }), 'unique: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => ops.uniqueConsecutive(5), 'uniqueConsecutive: x is 5, not a tensor (make it with tensor(…))'],
  [
    () => ops.uniqueConsecutive(x, { dim: -3 }),
    'uniqueConsecutive: dim -3 is out of range for a tensor of 2 dims (give -2 to 1)',
  ],
  [() => ops.repeatInterleave(x, v, 0), "repeatInterleave: repeats is float32, not int32 (cast with x.to('int32'))"],
  [
    () => ops.repeatInterleave(x, i, 0),
    'repeatInterleave: 2 repeats for 3 slices (give one for each, as a vector, or one for all)',
  ],
  [() => ops.repeatInterleave(zeros(2), low), 'repeatInterleave: a repeat is -1 (give integers from 0 up)'],
]

describe('joins, turns and pieces', () => refuse(joins))
describe('repeats', () => refuse(repeats))
describe('folds and replacements', () => refuse(folds))
describe('bags', () => refuse(bags))
describe('images', () => refuse(images))
describe('products', () => refuse(products))
describe('losses of labels', () => refuse(losses))
describe('promises', () => refuse(dynamic))
describe('options', () =>
  refuseOptions({
    repeatInterleave: (o) => ops.repeatInterleave(v, 2, 0, o),
    scatterReduce: (o) => ops.scatterReduce(x, 0, index, x, 'sum', o),
    isin: (o) => ops.isin(x, x, o),
    bucketize: (o) => ops.bucketize(x, v, o),
    baddbmm: (o) => ops.baddbmm(b, a3, b3, o),
    softMarginLoss: (o) => ops.softMarginLoss(x, x, o),
    multilabelMarginLoss: (o) => ops.multilabelMarginLoss(zeros(2, 3), i23, o),
  }))

it('a 0-d tensor is one element for indexFill and indexCopy', async () => {
  expect(await ops.indexFill(tensor(2), 0, [0], 5).item()).toBe(5)
  expect(await ops.indexFill(tensor(2), 0, [-1], tensor(6)).item()).toBe(6)
  expect(await ops.indexCopy(tensor(2), 0, [0], tensor(7)).item()).toBe(7)
  expect(await ops.indexCopy(tensor(2), 0, [0], tensor([8])).item()).toBe(8)
})

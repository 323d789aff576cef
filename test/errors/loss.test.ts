/** @file What losses and the softmax family refuse, and by which text. */
import { describe } from 'vitest'
import { doubles, elsewhere, functional, ints, loose, refuse, refuseOptions, zeros } from '../support/refusals.ts'

const {
  bceLoss,
  bceWithLogits,
  cosineEmbeddingLoss,
  cosineSimilarity,
  crossEntropy,
  gaussianNllLoss,
  hingeEmbeddingLoss,
  huberLoss,
  klDiv,
  l1Loss,
  linearCrossEntropy,
  mseLoss,
  multiMarginLoss,
  nllLoss,
  pairwiseDistance,
  poissonNllLoss,
  smoothL1Loss,
  softmin,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} = loose
const { gumbelSoftmax } = functional

const [s, v2, v3, m23, m32, m20] = [zeros(), zeros(2), zeros(3), zeros(2, 3), zeros(3, 2), zeros(2, 0)]
const [i, i2, i3, d23, away23, b223] = [ints(), ints(2), ints(3), doubles(2, 3), elsewhere(2, 3), zeros(2, 2, 3)]

describe('options', () =>
  refuseOptions({
    mseLoss: (o) => mseLoss(m23, m23, o),
    l1Loss: (o) => l1Loss(m23, m23, o),
    smoothL1Loss: (o) => smoothL1Loss(m23, m23, o),
    klDiv: (o) => klDiv(m23, m23, o),
    tripletMarginWithDistanceLoss: (o) => tripletMarginWithDistanceLoss(m23, m23, m23, o),
    linearCrossEntropy: (o) => linearCrossEntropy(m23, m23, i2, o),
  }))

describe('losses of numbers', () =>
  refuse([
    [() => l1Loss(m23, v3), 'l1Loss: input [2, 3] and target [3] differ (a loss does not broadcast; reshape one)'],
    [() => l1Loss(m23, m23, { reduction: 'avg' }), "l1Loss: reduction is 'avg' ('mean', 'sum' or 'none')"],
    [() => l1Loss(i3, i3), "l1Loss: input is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => smoothL1Loss(m23, d23), "smoothL1Loss: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => smoothL1Loss(m23, m23, { beta: -1 }), 'smoothL1Loss: beta is -1 (give a number from 0 up)'],
    [() => huberLoss(m23, m23, { delta: 0 }), 'huberLoss: delta is 0 (give a number above 0)'],
    [() => huberLoss(m23), 'huberLoss: target is undefined, not a tensor (make it with tensor(…))'],
    [
      () => gaussianNllLoss(m23, m23, v3),
      'gaussianNllLoss: variance is [3], the input [2, 3] (one for each, or for each row)',
    ],
    [() => gaussianNllLoss(m23, m23, m23, { eps: 0 }), 'gaussianNllLoss: eps is 0 (give a number above 0)'],
    [() => gaussianNllLoss(m23, m23, 1), 'gaussianNllLoss: variance is 1, not a tensor (make it with tensor(…))'],
    [() => poissonNllLoss(m23, i3), "poissonNllLoss: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => poissonNllLoss(m23, m23, { eps: -1 }), 'poissonNllLoss: eps is -1 (give a number above 0)'],
  ]))

describe('losses of probabilities', () =>
  refuse([
    [
      () => bceLoss(m23, m32),
      'bceLoss: input [2, 3] and target [3, 2] differ (a loss does not broadcast; reshape one)',
    ],
    [() => bceLoss(m23, m23, { weight: v2 }), 'bceLoss: [2] does not expand to [2, 3] (only axes of size 1 stretch)'],
    [
      () => bceWithLogits(m23, m23, { weight: d23 }),
      "bceWithLogits: inputs are float32 and float64 (cast with x.to('float32'))",
    ],
    [
      () => bceWithLogits(m23, m23, { posWeight: 'a' }),
      "bceWithLogits: posWeight is 'a', not a tensor (make it with tensor(…))",
    ],
    [() => bceWithLogits(m23, away23), 'bceWithLogits: inputs are on cpu and cpu (move one with to(device))'],
    [() => klDiv(m23, v3), 'klDiv: input [2, 3] and target [3] differ (a loss does not broadcast; reshape one)'],
    [() => klDiv(m23, m23, { reduction: 'batch' }), "klDiv: reduction is 'batch' ('mean', 'sum' or 'none')"],
  ]))

describe('cross-entropy of a map', () => {
  const of = (o: object) => () => linearCrossEntropy(m23, m23, i2, o)
  refuse([
    [() => linearCrossEntropy(s, m23, i2), 'linearCrossEntropy: h is 0-d (give [..., channels])'],
    [() => linearCrossEntropy(m23, m32, i2), 'linearCrossEntropy: w is [3, 2] (give [classes, 3])'],
    [() => linearCrossEntropy(m23, v3, i2), 'linearCrossEntropy: w is [3] (give [classes, 3])'],
    [() => linearCrossEntropy(m23, zeros(0, 3), i2), 'linearCrossEntropy: w [0, 3] has no classes'],
    [
      () => linearCrossEntropy(m23, d23, i2),
      "linearCrossEntropy: inputs are float32 and float64 (cast with x.to('float32'))",
    ],
    [
      () => linearCrossEntropy(b223, m23, i2),
      'linearCrossEntropy: rows [2, 2, 3] want targets [2, 2], not [2] (one class index for each row)',
    ],
    [
      () => linearCrossEntropy(m23, m23, v2),
      "linearCrossEntropy: target is float32, not int32 (class indices are integers: tensor(Int32Array.from(labels)), or labels.to('int32'))",
    ],
    [of({ chunk: 0 }), 'linearCrossEntropy: chunk is 0 (give an integer from 1 up)'],
    [of({ chunk: 1.5 }), 'linearCrossEntropy: chunk is 1.5 (give an integer from 1 up)'],
    [of({ labelSmoothing: 2 }), 'linearCrossEntropy: labelSmoothing is 2 (give a number from 0 to 1)'],
    [of({ reduction: 'avg' }), "linearCrossEntropy: reduction is 'avg' ('mean', 'sum' or 'none')"],
  ])
})

describe('losses of classes', () =>
  refuse([
    [
      () => crossEntropy(m23, m23, { ignoreIndex: 1 }),
      'crossEntropy: ignoreIndex is 1, the target probabilities (it is for class indices)',
    ],
    [
      () => nllLoss(m23, i2, { labelSmoothing: 0.1 }),
      'nllLoss: there is no option labelSmoothing (it takes { weight, ignoreIndex, reduction })',
    ],
    [() => nllLoss(m23, i2, { ignoreIndex: null }), 'nllLoss: value is null (give a number)'],
    [() => crossEntropy(m23, d23), "crossEntropy: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => crossEntropy(m23, i2, { weight: v2 }), 'crossEntropy: weight is [2] (give [3])'],
    [
      () => crossEntropy(m23, i2, { weight: [1, 2, 3] }),
      'crossEntropy: weight is an array, not a tensor (make it with tensor(…))',
    ],
    [
      () => crossEntropy(m23, v2),
      "crossEntropy: target is float32, not int32 (class indices are integers: tensor(Int32Array.from(labels)), or labels.to('int32'))",
    ],
    [() => nllLoss(m23, i3), 'nllLoss: logits [2, 3] want targets [2], not [3] (one class index for each row)'],
    [
      () => nllLoss(m23, v2),
      "nllLoss: target is float32, not int32 (class indices are integers: tensor(Int32Array.from(labels)), or labels.to('int32'))",
    ],
    [() => nllLoss(s, i), 'nllLoss: the logits are 0-d (give [classes] or [rows, classes])'],
    [() => nllLoss(m20, i2), 'nllLoss: logits [2, 0] have no classes'],
    [
      () => nllLoss(m23, i2, { ignoreIndex: 0.5 }),
      "nllLoss: 0.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => multiMarginLoss(m23, i2, { p: 3 }), 'multiMarginLoss: p is 3 (give 1 or 2)'],
    [() => multiMarginLoss(b223, i2), 'multiMarginLoss: the scores are [2, 2, 3] (give [classes] or [rows, classes])'],
    [() => multiMarginLoss(m23, i2, { margin: 'a' }), "multiMarginLoss: value is 'a' (give a number)"],
  ]))

describe('losses of vectors', () =>
  refuse([
    [
      () => cosineSimilarity(m23, v2),
      'cosineSimilarity: [2, 3] and [2] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)',
    ],
    [() => cosineSimilarity(v3, v3), 'cosineSimilarity: dim 1 is out of range for a tensor of 1 dims (give -1 to 0)'],
    [() => pairwiseDistance(s, s), 'pairwiseDistance: the inputs are 0-d (give vectors: [..., M])'],
    [() => pairwiseDistance(m23, m23, { p: 'a' }), 'pairwiseDistance: p is a (give a number from 0 up, or Infinity)'],
    [
      () => cosineEmbeddingLoss(m23, m32, i2),
      'cosineEmbeddingLoss: inputs are [2, 3] and [3, 2] (give vectors of one shape: [N, D])',
    ],
    [() => cosineEmbeddingLoss(m23, m23, i3), 'cosineEmbeddingLoss: target is [3], not [2] (give 1 or -1 for each)'],
    [() => hingeEmbeddingLoss(m23, i2), 'hingeEmbeddingLoss: target is [2], not [2, 3] (give 1 or -1 for each)'],
    [
      () => hingeEmbeddingLoss(m23, m23, { reduction: 'all' }),
      "hingeEmbeddingLoss: reduction is 'all' ('mean', 'sum' or 'none')",
    ],
    [
      () => tripletMarginLoss(m23, m23, m32),
      'tripletMarginLoss: inputs are [2, 3], [2, 3], [3, 2] (give vectors of one shape: [N, D])',
    ],
    [
      () => tripletMarginLoss(m23, m23, d23),
      "tripletMarginLoss: inputs are float32 and float64 (cast with x.to('float32'))",
    ],
    [
      () => tripletMarginLoss(m23, m23, m23, { p: -2 }),
      'tripletMarginLoss: p is -2 (give a number from 0 up, or Infinity)',
    ],
    [() => tripletMarginLoss(m23, m23, m23, { margin: 'x' }), "tripletMarginLoss: margin is 'x' (give a number)"],
    [
      () => tripletMarginWithDistanceLoss(m23, m23, m32),
      'tripletMarginWithDistanceLoss: inputs are [2, 3], [2, 3], [3, 2] (give vectors of one shape: [N, D])',
    ],
    [
      () => tripletMarginWithDistanceLoss(m23, m23, m23, { distanceFunction: 2 }),
      'tripletMarginWithDistanceLoss: distanceFunction is 2 (give (a, b) => …)',
    ],
    [
      () => tripletMarginWithDistanceLoss(m23, m23, m23, { distanceFunction: () => 1 }),
      'tripletMarginWithDistanceLoss: distanceFunction gave 1 (return a tensor, at once)',
    ],
  ]))

describe('the softmax family', () =>
  refuse([
    [
      () => softmin(i3),
      "softmin: x is int32, not float32 or float64 or float16 or bfloat16 (cast with x.to('float32'))",
    ],
    [() => softmin(m23, 2), 'softmin: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => gumbelSoftmax(m23, { tau: 0 }), 'gumbelSoftmax: tau is 0 (give a number above 0)'],
    [
      () => gumbelSoftmax(m23, { dim: 2 }),
      'gumbelSoftmax: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)',
    ],
    [() => gumbelSoftmax(i3), "gumbelSoftmax: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  ]))

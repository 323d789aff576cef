/**
 * @file Ops that are functions only, as in PyTorch: they take lists, or belong to layers and losses. They are no methods, so a
 * bundle has those it imports.
 */

export { cat, stack } from './base/views.ts'
export {
  celu,
  elu,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu6,
  selu,
  silu,
  softsign,
} from './elementwise/activations.ts'
export { cast } from './elementwise/cast.ts'
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from './image/conv.ts'
export { fold, im2col } from './image/fold.ts'
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from './image/pool.ts'
export { gridSample, interpolate } from './image/resample.ts'
export { oneHot } from './indexing/gather.ts'
export { embedding } from './indexing/indexing.ts'
export { crossEntropy, multiMarginLoss, nllLoss } from './loss/classification.ts'
export { bceLoss, bceWithLogits, klDiv } from './loss/probability.ts'
export {
  gaussianNllLoss,
  huberLoss,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
} from './loss/regression.ts'
export { cosineEmbeddingLoss, hingeEmbeddingLoss, tripletMarginLoss } from './loss/vectors.ts'
export { cdist, cosineSimilarity, normalize, pairwiseDistance } from './matrix/distance.ts'
export { bilinear, einsum, tensordot } from './matrix/einsum.ts'
export { linear } from './matrix/products.ts'
export { pad } from './movement/pad.ts'
export { meshgrid } from './movement/rearrange.ts'
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from './norm/norm.ts'
export { alphaDropout, dropout } from './random/dropout.ts'
export { softmin } from './reduce/softmax.ts'
export { searchsorted } from './reduce/sort.ts'
export { scaledDotProductAttention } from './sequence/attention.ts'
export { gruCell, lstmCell, rnnCell } from './sequence/cells.ts'
export { gru, lstm, rnn } from './sequence/recurrent.ts'

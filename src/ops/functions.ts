/**
 * @file Ops that are functions only, as in PyTorch: they take lists, or belong to layers and losses. They are no methods, so a
 * bundle has those it imports.
 */

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
} from './activations.ts'
export { scaledDotProductAttention } from './attention.ts'
export { cast } from './cast.ts'
export { gruCell, lstmCell, rnnCell } from './cells.ts'
export { crossEntropy, multiMarginLoss, nllLoss } from './classes.ts'
export { linear } from './contract.ts'
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from './conv.ts'
export {
  cdist,
  cosineEmbeddingLoss,
  cosineSimilarity,
  hingeEmbeddingLoss,
  normalize,
  pairwiseDistance,
  tripletMarginLoss,
} from './distance.ts'
export { alphaDropout, dropout } from './dropout.ts'
export { bilinear, einsum, tensordot } from './einsum.ts'
export { bceLoss, bceWithLogits, klDiv } from './entropy.ts'
export { fold, im2col } from './fold.ts'
export { oneHot } from './gather.ts'
export { embedding } from './indexing.ts'
export {
  gaussianNllLoss,
  huberLoss,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
} from './loss.ts'
export { cat, stack } from './movement.ts'
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from './norm.ts'
export { pad } from './padding.ts'
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from './pool.ts'
export { meshgrid } from './rearrange.ts'
export { gru, lstm, rnn } from './recurrent.ts'
export { gridSample, interpolate } from './resample.ts'
export { softmin } from './softmax.ts'
export { searchsorted } from './sort.ts'

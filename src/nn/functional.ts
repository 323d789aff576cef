/** @file What layers compute, as functions of their parameters: ops, under the names that torch.nn.functional has. */

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
  logSigmoid as logsigmoid,
  mish,
  prelu,
  relu6,
  selu,
  silu,
  softsign,
} from '../ops/activations.ts'
export { type AttentionOptions, scaledDotProductAttention } from '../ops/attention.ts'
export { gruCell, type LstmState, type LstmStates, lstmCell, type Nonlinearity, rnnCell } from '../ops/cells.ts'
export {
  type ClassLossOptions,
  type CrossEntropyOptions,
  crossEntropy,
  multiMarginLoss,
  nllLoss,
} from '../ops/classes.ts'
export { linear } from '../ops/contract.ts'
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from '../ops/conv.ts'
export {
  cdist,
  cosineEmbeddingLoss,
  cosineSimilarity,
  hingeEmbeddingLoss,
  normalize,
  pairwiseDistance,
  tripletMarginLoss,
} from '../ops/distance.ts'
export { alphaDropout, type DropoutOptions, dropout } from '../ops/dropout.ts'
export { bilinear } from '../ops/einsum.ts'
export { relu, sigmoid, softplus, tanh } from '../ops/elementwise.ts'
export {
  bceLoss,
  bceLoss as binaryCrossEntropy,
  bceWithLogits,
  bceWithLogits as binaryCrossEntropyWithLogits,
  klDiv,
} from '../ops/entropy.ts'
export { fold, im2col as unfold } from '../ops/fold.ts'
export { oneHot } from '../ops/gather.ts'
export { gumbelSoftmax } from '../ops/gumbel.ts'
export { embedding } from '../ops/indexing.ts'
export {
  gaussianNllLoss,
  huberLoss,
  type LossOptions,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  type Reduction,
  smoothL1Loss,
  type WeightedLossOptions,
} from '../ops/loss.ts'
export {
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
} from '../ops/norm.ts'
export { type PadOptions, pad } from '../ops/padding.ts'
export {
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type OutputSize,
} from '../ops/pool.ts'
export { gru, type LstmResult, lstm, type RecurrentOptions, type RecurrentResult, rnn } from '../ops/recurrent.ts'
export { type GridSampleOptions, gridSample, type InterpolateOptions, interpolate } from '../ops/resample.ts'
export { logSoftmax, softmax, softmin } from '../ops/softmax.ts'

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
} from '../ops/elementwise/activations.ts'
export { relu, sigmoid, softplus, tanh } from '../ops/elementwise/elementwise.ts'
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from '../ops/image/conv.ts'
export { fold, im2col as unfold } from '../ops/image/fold.ts'
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
} from '../ops/image/pool.ts'
export { type GridSampleOptions, gridSample, type InterpolateOptions, interpolate } from '../ops/image/resample.ts'
export { oneHot } from '../ops/indexing/gather.ts'
export { embedding } from '../ops/indexing/indexing.ts'
export {
  type ClassLossOptions,
  type CrossEntropyOptions,
  crossEntropy,
  multiMarginLoss,
  nllLoss,
} from '../ops/loss/classification.ts'
export {
  bceLoss,
  bceLoss as binaryCrossEntropy,
  bceWithLogits,
  bceWithLogits as binaryCrossEntropyWithLogits,
  klDiv,
} from '../ops/loss/probability.ts'
export type { LossOptions, Reduction, WeightedLossOptions } from '../ops/loss/reduction.ts'
export { gaussianNllLoss, huberLoss, l1Loss, mseLoss, poissonNllLoss, smoothL1Loss } from '../ops/loss/regression.ts'
export { cosineEmbeddingLoss, hingeEmbeddingLoss, tripletMarginLoss } from '../ops/loss/vectors.ts'
export { cdist, cosineSimilarity, normalize, pairwiseDistance } from '../ops/matrix/distance.ts'
export { bilinear } from '../ops/matrix/einsum.ts'
export { linear } from '../ops/matrix/products.ts'
export { type PadOptions, pad } from '../ops/movement/pad.ts'
export {
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
} from '../ops/norm/norm.ts'
export { alphaDropout, type DropoutOptions, dropout } from '../ops/random/dropout.ts'
export { gumbelSoftmax } from '../ops/random/gumbel.ts'
export { logSoftmax, softmax, softmin } from '../ops/reduce/softmax.ts'
export { type AttentionOptions, scaledDotProductAttention } from '../ops/sequence/attention.ts'
export {
  gruCell,
  type LstmState,
  type LstmStates,
  lstmCell,
  type Nonlinearity,
  rnnCell,
} from '../ops/sequence/cells.ts'
export {
  gru,
  type LstmResult,
  lstm,
  type RecurrentOptions,
  type RecurrentResult,
  rnn,
} from '../ops/sequence/recurrent.ts'

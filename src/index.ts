/**
 * @file The public API. This is the entry for browsers and workers; Node's is node.ts, which adds the WebGPU of the `webgpu`
 * package.
 */
import './methods.ts'

export { backward, grad } from './autograd/backward.ts'
export {
  type DerivativeOptions,
  type Differentiated,
  type Each,
  hessian,
  hvp,
  jacobian,
  type Tensors,
  vjp,
} from './autograd/derivatives.ts'
export { type Fn, type GradcheckOptions, type GradcheckResult, gradcheck, gradgradcheck } from './autograd/gradcheck.ts'
export type { Binding, Contract, ParamField, ParamType, Role } from './core/contract.ts'
export type { Block, Device, DeviceMemory, DType, Launch } from './core/device.ts'
export {
  DeviceLostError,
  type ErrorCode,
  FormatError,
  HandgradError,
  IndexError,
  KernelError,
  LimitError,
  OutOfMemoryError,
} from './core/errors.ts'
export { enableGrad, gradEnabled, type Hook, noGrad } from './core/graph.ts'
export {
  type AdapterIdentity,
  type Constants,
  type Dispatch,
  defineKernel,
  type Facts,
  type Kernel,
  Live,
  type Params,
  type ParamValue,
  type Plan,
  type Scratch,
  type Twin,
  type TypedArray,
  type Variant,
} from './core/kernel.ts'
export { launch } from './core/launch.ts'
export {
  type Call,
  type Context,
  defineOp,
  type ListRule,
  type NoAttrs,
  type Op,
  type OpSpec,
  onCall,
  type Result,
} from './core/op.ts'
export { keep, type OpenScope, openScope, scope } from './core/scope.ts'
export type { Shape, View } from './core/shape.ts'
export { type Taps, tap } from './core/tap.ts'
export { type Nested, Tensor } from './core/tensor.ts'
export type { BackwardOptions, GradOptions, Outputs } from './core/walk.ts'
export { CpuDevice, type CpuOptions } from './cpu/device.ts'
export * as data from './data/index.ts'
export { type DeviceOptions, device, getDefaultDevice, setDefaultDevice } from './devices.ts'
export * as inspect from './inspect/index.ts'
export * as io from './io/index.ts'
export { type Memory, memory } from './memory.ts'
export * as nn from './nn/index.ts'
export { type CustomRule, customGrad } from './ops/base/custom.ts'
export { manualSeed } from './ops/base/generator.ts'
export type { Operand } from './ops/base/launches.ts'
export type { Slice } from './ops/base/slices.ts'
export { detach } from './ops/base/views.ts'
export { arange, empty, eye, full, linspace, ones, tensor, zeros } from './ops/creation/create.ts'
export { emptyLike, fullLike, onesLike, zerosLike } from './ops/creation/like.ts'
export type { TensorOptions } from './ops/creation/placing.ts'
export type { ConvOptions, ConvTransposeOptions } from './ops/image/conv.ts'
export type { AvgPoolOptions, MaxPoolOptions, OutputSize } from './ops/image/pool.ts'
export type { GridSampleOptions, InterpolateOptions } from './ops/image/resample.ts'
export type { PerAxis, WindowOptions } from './ops/image/windows.ts'
export * from './ops/index.ts'
export type { AtIndex, PutOptions } from './ops/indexing/at.ts'
export { bincount, maskedSelect, nonzero, type Unique, type UniqueOptions, unique } from './ops/indexing/dynamic.ts'
export type { Index } from './ops/indexing/indexing.ts'
export type { ClassLossOptions, CrossEntropyOptions } from './ops/loss/classification.ts'
export type { LossOptions, Reduction, WeightedLossOptions } from './ops/loss/reduction.ts'
export type { DiagonalOptions } from './ops/movement/diagonals.ts'
export type { PadOptions } from './ops/movement/pad.ts'
export type { MeshgridOptions } from './ops/movement/rearrange.ts'
export type { BatchNormOptions } from './ops/norm/norm.ts'
export type { DropoutOptions } from './ops/random/dropout.ts'
export { gumbelSoftmax } from './ops/random/gumbel.ts'
export {
  bernoulli,
  multinomial,
  normal,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
} from './ops/random/random.ts'
export { allclose, equal } from './ops/reduce/compare.ts'
export type { Dims, Extremes, ReduceOptions } from './ops/reduce/reduce.ts'
export type { HistcOptions, SortOptions, TopkOptions } from './ops/reduce/sort.ts'
export type { NormOptions, VarianceOptions } from './ops/reduce/statistics.ts'
export type { AttentionOptions } from './ops/sequence/attention.ts'
export type { LstmState, LstmStates, Nonlinearity } from './ops/sequence/cells.ts'
export type { LstmResult, RecurrentOptions, RecurrentResult } from './ops/sequence/recurrent.ts'
export * as optim from './optim/index.ts'
export * as train from './train/index.ts'
export type { WebGPUDevice, WebGPUOptions } from './webgpu/device.ts'
export type { Tuned, TunedVariant } from './webgpu/tuned.ts'

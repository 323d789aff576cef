/**
 * @file The public API. This is the entry for browsers and workers; Node's is node.ts, which adds the WebGPU of the `webgpu`
 * package.
 */
import './methods.ts'

export { CpuDevice, type CpuOptions } from './cpu/device.ts'
export * as data from './data/index.ts'
export {
  type DerivativeOptions,
  type Differentiated,
  type Each,
  hessian,
  hvp,
  jacobian,
  type Tensors,
  vjp,
} from './derivatives.ts'
export type { Block, Device, DeviceMemory, DType, Launch } from './device.ts'
export { type DeviceOptions, device } from './devices.ts'
export {
  DeviceLostError,
  type ErrorCode,
  FormatError,
  HandgradError,
  IndexError,
  KernelError,
  LimitError,
  OutOfMemoryError,
} from './errors.ts'
export { type Fn, type GradcheckOptions, type GradcheckResult, gradcheck, gradgradcheck } from './gradcheck.ts'
export {
  type BackwardOptions,
  enableGrad,
  type GradOptions,
  gradEnabled,
  type Hook,
  noGrad,
  type Outputs,
} from './graph.ts'
export * as inspect from './inspect/index.ts'
export * as io from './io/index.ts'
export {
  type Binding,
  type Constants,
  type Contract,
  type Dispatch,
  defineKernel,
  type Facts,
  type Kernel,
  Live,
  type ParamField,
  type Params,
  type ParamType,
  type ParamValue,
  type Plan,
  type Role,
  type Scratch,
  type Twin,
  type TypedArray,
  type Variant,
} from './kernel.ts'
export { type Memory, memory } from './memory.ts'
export * as nn from './nn/index.ts'
export { type Context, defineOp, type ListRule, launch, type NoAttrs, type Op, type OpSpec, type Result } from './op.ts'
export type { AtIndex, PutOptions } from './ops/at.ts'
export type { AttentionOptions } from './ops/attention.ts'
export { allclose, backward, detach, equal, grad } from './ops/autograd.ts'
export { emptyLike, fullLike, onesLike, zerosLike } from './ops/cast.ts'
export type { LstmState, LstmStates, Nonlinearity } from './ops/cells.ts'
export type { ClassLossOptions, CrossEntropyOptions } from './ops/classes.ts'
export type { ConvOptions, ConvTransposeOptions } from './ops/conv.ts'
export {
  arange,
  empty,
  eye,
  full,
  getDefaultDevice,
  linspace,
  ones,
  rand,
  randn,
  setDefaultDevice,
  type TensorOptions,
  tensor,
  zeros,
} from './ops/create.ts'
export { type CustomRule, customGrad } from './ops/custom.ts'
export type { DiagonalOptions } from './ops/diagonals.ts'
export type { DropoutOptions } from './ops/dropout.ts'
export { bincount, maskedSelect, nonzero, type Unique, type UniqueOptions, unique } from './ops/dynamic.ts'
export { manualSeed } from './ops/generator.ts'
export { gumbelSoftmax } from './ops/gumbel.ts'
export * from './ops/index.ts'
export type { Index } from './ops/indexing.ts'
export type { Operand } from './ops/launches.ts'
export type { LossOptions, Reduction, WeightedLossOptions } from './ops/loss.ts'
export type { BatchNormOptions } from './ops/norm.ts'
export type { PadOptions } from './ops/padding.ts'
export type { AvgPoolOptions, MaxPoolOptions, OutputSize } from './ops/pool.ts'
export { bernoulli, multinomial, normal, randint, randLike, randnLike, randperm } from './ops/random.ts'
export type { MeshgridOptions } from './ops/rearrange.ts'
export type { LstmResult, RecurrentOptions, RecurrentResult } from './ops/recurrent.ts'
export type { Dims, Extremes, ReduceOptions } from './ops/reduce.ts'
export type { GridSampleOptions, InterpolateOptions } from './ops/resample.ts'
export type { Slice } from './ops/slices.ts'
export type { HistcOptions, SortOptions, TopkOptions } from './ops/sort.ts'
export type { NormOptions, VarianceOptions } from './ops/statistics.ts'
export type { PerAxis, WindowOptions } from './ops/windows.ts'
export * as optim from './optim/index.ts'
export { keep, type OpenScope, openScope, scope } from './scope.ts'
export type { Shape, View } from './shape.ts'
export { type Nested, Tensor } from './tensor.ts'
export * as train from './train/index.ts'
export type { WebGPUDevice, WebGPUOptions } from './webgpu/device.ts'

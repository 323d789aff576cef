/**
 * @file The public API. This is the entry for browsers and workers; Node's is node.ts, which adds the WebGPU of the `webgpu`
 * package.
 */
import './methods.ts'

export { CpuDevice, type CpuOptions } from './cpu/device.ts'
export * as data from './data/index.ts'
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
export { type GradcheckOptions, type GradcheckResult, gradcheck, gradgradcheck } from './gradcheck.ts'
export { type BackwardOptions, backward, enableGrad, type GradOptions, grad, gradEnabled, noGrad } from './graph.ts'
export * as inspect from './inspect/index.ts'
export * as io from './io/index.ts'
export {
  type Constants,
  defineKernel,
  type Facts,
  type Kernel,
  Live,
  type ParamValue,
  type Plan,
  type Twin,
  type TypedArray,
} from './kernel.ts'
export { type Memory, memory } from './memory.ts'
export * as nn from './nn/index.ts'
export { type Context, defineOp, launch, type Op, type OpSpec } from './op.ts'
export { allclose, detach, equal } from './ops/autograd.ts'
export { onesLike, zerosLike } from './ops/cast.ts'
export {
  arange,
  full,
  getDefaultDevice,
  ones,
  rand,
  randn,
  setDefaultDevice,
  type TensorOptions,
  tensor,
  zeros,
} from './ops/create.ts'
export { type CustomRule, customGrad } from './ops/custom.ts'
export { manualSeed } from './ops/generator.ts'
export * from './ops/index.ts'
export type { Operand } from './ops/launches.ts'
export type { Dims, Extremes, ReduceOptions } from './ops/reduce.ts'
export type { Slice } from './ops/slices.ts'
export * as optim from './optim/index.ts'
export { keep, type OpenScope, openScope, scope } from './scope.ts'
export type { Shape, View } from './shape.ts'
export { type Nested, Tensor } from './tensor.ts'
export * as train from './train/index.ts'

/**
 * @file The public API. This is the entry for browsers and workers; Node's is node.ts, which adds the WebGPU of the
 * `webgpu` package.
 */
import './methods.ts'

export * from './autograd/index.ts'
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
  type JointRule,
  type ListRule,
  type NoAttrs,
  type Op,
  type OpSpec,
  onCall,
  type Result,
} from './core/op.ts'
export { defineOp } from './core/ownop.ts'
export { keep, type OpenScope, openScope, scope } from './core/scope.ts'
export type { Shape, View } from './core/shape.ts'
export { type Taps, tap } from './core/tap.ts'
export { type Nested, Tensor } from './core/tensor.ts'
export { CpuDevice, type CpuOptions } from './cpu/device.ts'
export * as data from './data/index.ts'
export { type DeviceOptions, device, getDefaultDevice, setDefaultDevice } from './devices.ts'
export * as inspect from './inspect/index.ts'
export * as io from './io/index.ts'
export { type Memory, memory } from './memory.ts'
export * as nn from './nn/index.ts'
export * from './ops/index.ts'
export * as optim from './optim/index.ts'
export * as train from './train/index.ts'
export type { WebGPUDevice, WebGPUOptions } from './webgpu/device.ts'
export type { Tuned, TunedVariant } from './webgpu/tuned.ts'

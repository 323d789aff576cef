/** @file What these tests use of the engine. */
import '../../src/methods.ts'

export { defineKernel } from '../../src/core/kernel.ts'
export { launch } from '../../src/core/launch.ts'
export { floats } from '../../src/core/op.ts'
export { liveTensors } from '../../src/core/tensor.ts'
export { defineOp, inspect, rand, tensor } from '../../src/node.ts'
export * as ops from '../../src/ops/index.ts'

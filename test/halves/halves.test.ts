/** @file Tensors of 16 bits on the CPU. */
import { describe } from 'vitest'
import { CpuDevice } from '../../src/node.ts'
import { halfModelTests } from './models.ts'
import { halvesTests } from './suite.ts'

const device = new CpuDevice({ debug: true })
describe('float16 and bfloat16 on the CPU', () => halvesTests(() => device))
describe('models and files of 16 bits on the CPU', () => halfModelTests(() => device))

/** @file The gradient scaler on the CPU. */
import { CpuDevice } from '../../src/index.ts'
import { scalerSuite } from './scaled.ts'

const device = new CpuDevice({ debug: true })
scalerSuite(() => device, true)

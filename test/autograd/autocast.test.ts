/** @file Mixed precision on the CPU. */
import { CpuDevice } from '../../src/index.ts'
import { autocastSuite } from './casts.ts'

const device = new CpuDevice()
autocastSuite(() => device)

/** @file Mixed precision on the CPU. */
import { CpuDevice } from '../../src/index.ts'
import { castLossesSuite } from './castlosses.ts'
import { autocastSuite } from './casts.ts'

const device = new CpuDevice()
autocastSuite(() => device)
castLossesSuite(() => device)

/** @file Trainings under autocast, on the CPU. */
import { CpuDevice } from '../../src/index.ts'
import { mixedSuite } from './mixed.ts'

const device = new CpuDevice()
mixedSuite(() => device)

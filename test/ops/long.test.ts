/** @file Long rows and hard numbers in reductions, scans and sorts on the CPU. */
import { describe } from 'vitest'
import { CpuDevice } from '../../src/index.ts'
import { longTests } from '../support/long.ts'

const debug = new CpuDevice({ debug: true })
describe('long rows', () => longTests(() => debug))

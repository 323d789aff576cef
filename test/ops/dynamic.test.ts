/** @file maskedSelect, nonzero, unique and bincount on the CPU. */
import { describe } from 'vitest'
import { CpuDevice } from '../../src/index.ts'
import { dynamicTests } from '../support/dynamic.ts'

const debug = new CpuDevice({ debug: true })
describe('dynamic shapes', () => dynamicTests(() => debug))

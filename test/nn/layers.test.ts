/** @file Every layer of test/reference/nn.json on the CPU, in float64 and in float32, as PyTorch has it. */
import { expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { faultsOf } from './layers.ts'

it('layers are PyTorch’s: outputs, gradients, second order, running statistics', async () => {
  expect(await faultsOf('nn', cpu, 'float64', 1e-10)).toEqual([])
  expect(await faultsOf('nn', cpu, 'float32', 1e-5)).toEqual([])
})

/** @file Every layer of test/reference/nn_sequence.json on the CPU, in float64 and in float32, as PyTorch has it. */
import { expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { faultsOf } from './layers.ts'

it('embeddings and recurrent layers are PyTorch’s: outputs, gradients, second order, shortened rows', async () => {
  expect(await faultsOf('nn_sequence', cpu, 'float64', 1e-10)).toEqual([])
  expect(await faultsOf('nn_sequence', cpu, 'float32', 1e-5)).toEqual([])
})

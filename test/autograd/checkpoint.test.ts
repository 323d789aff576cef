/** @file Activations computed again in backward, on the CPU; in float64 against differences. */
import { expect, it } from 'vitest'
import {
  checkpoint,
  device as deviceOf,
  gelu,
  gradcheck,
  gradgradcheck,
  layerNorm,
  manualSeed,
  randn,
  type Tensor,
} from '../../src/index.ts'
import { checkpointSuite } from './checkpointed.ts'

const device = await deviceOf('cpu')
checkpointSuite(() => device)

it('is right by differences, at second order too', async () => {
  manualSeed(2)
  const [x, w] = [
    [3, 4],
    [4, 4],
  ].map((shape) => randn(shape, { dtype: 'float64', device, requiresGrad: true }))
  const f = (x: Tensor, w: Tensor) =>
    checkpoint((x) => layerNorm(gelu(checkpoint((x) => x.matmul(w).tanh(), x)), 4).matmul(w), x)
  expect((await gradcheck(f, [x, w])).ok).toBe(true)
  expect((await gradgradcheck(f, [x, w])).ok).toBe(true)
})

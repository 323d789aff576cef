/** @file Lengths of keys on the CPU: as each row alone; second order, numbers in place of a tensor, layers. */
import { expect, it } from 'vitest'
import { getDefaultDevice, grad, nn, randn, scaledDotProductAttention, tensor } from '../../src/index.ts'
import { lengthTests } from '../support/lengths.ts'

lengthTests(getDefaultDevice, 'float64', 1e-12)

const f64 = { dtype: 'float64' } as const

it('numbers are as good as a tensor', async () => {
  const [q, k, v] = [0, 1, 2].map(() => randn([2, 3, 4], f64))
  const asTensor = scaledDotProductAttention(q, k, v, { keyLengths: tensor([2, 3], { dtype: 'int32' }) })
  expect(await scaledDotProductAttention(q, k, v, { keyLengths: [2, 3] }).data()).toEqual(await asTensor.data())
})

it('the composition, which second derivatives take, has zeros in place of the padding', async () => {
  const x = [0, 1, 2].map(() => randn([2, 3, 4], f64))
  for (const i of [1, 2]) x[i].slice([0, 1], [1, 3]).fill_(NaN)
  const ready = x.map((one) => one.requiresGrad_())
  const y = scaledDotProductAttention(ready[0], ready[1], ready[2], { keyLengths: [1, 3], causalFromLast: true })
  const once = grad(y.square().sum(), ready, { createGraph: true })
  const twice = grad(once[0].square().sum(), ready)
  for (const g of [...once, ...twice]) expect((await g.data()).every(Number.isFinite)).toBe(true)
})

it('MultiheadAttention: keyLengths is keyPaddingMask without a mask', async () => {
  const layer = new nn.MultiheadAttention(8, 2, { batchFirst: true })
  const x = randn([2, 5, 8])
  const mask = tensor([0, 1].flatMap((b) => [0, 1, 2, 3, 4].map((j) => j >= [3, 5][b]))).reshape([2, 5])
  const options = { needWeights: true, isCausal: true }
  const [y, weights] = layer.forward(x, x, x, { ...options, keyLengths: [3, 5] })
  const [z, others] = layer.forward(x, x, x, { ...options, keyPaddingMask: mask })
  expect(await y.data()).toEqual(await z.data())
  expect(await weights?.data()).toEqual(await others?.data())
})

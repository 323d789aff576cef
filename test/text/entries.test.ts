/** @file Tensors are text in Node's console.log for those who import one entry alone. */
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Tensor } from '../../src/core/tensor.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { GPT2 } from '../../src/models/index.ts'

it('console.log shows what toString says, where the entry for Node did not install the values', () => {
  const config = { vocab_size: 8, n_positions: 4, n_embd: 4, n_layer: 1, n_head: 1 }
  const [x] = new GPT2(config, { device: new CpuDevice() }).parameters()
  expect(x).toBeInstanceOf(Tensor)
  expect(inspect(x)).toBe(x.toString())
  expect(inspect({ x })).toBe(`{ x: ${x} }`)
  expect(JSON.stringify({ x })).toBe(JSON.stringify({ x: x.toString() }))
})

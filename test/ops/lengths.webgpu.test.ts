/** @file Lengths of keys on WebGPU, by every variant of the attention kernels. */
import { afterAll, beforeAll, describe } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { attention } from '../../src/webgpu/plans/attention.ts'
import { lengthTests } from '../support/lengths.ts'

for (const variant of Object.keys(attention.variants)) {
  let gpu: WebGPUDevice
  describe(`lengths of keys, attention/${variant}`, () => {
    beforeAll(async () => {
      const force = { attention: variant, attention_grad_q: variant, attention_grad_kv: variant }
      gpu = await device('webgpu', { debug: true, force })
    })
    afterAll(() => gpu?.destroy())
    lengthTests(() => gpu, 'float32', 2e-6)
  })
}

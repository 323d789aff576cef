/** @file Running sums of terms from 0 up, and what stands on them, on WebGPU by every variant of the scan. */
import { afterAll, beforeAll, describe } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { scan } from '../../src/webgpu/plans/scan.ts'
import { drawTests, sumTests } from '../support/sums.ts'

for (const variant of Object.keys(scan.variants)) {
  let gpu: WebGPUDevice
  describe(`running sums, scan/${variant}`, () => {
    beforeAll(async () => {
      gpu = await device('webgpu', { debug: true, force: { scan: variant } })
    })
    afterAll(() => gpu?.destroy())
    sumTests(() => gpu, 'float32', variant === 'group')
    drawTests(() => gpu)
  })
}

/** @file Long rows and hard numbers in reductions, scans and sorts on WebGPU, by threads and by workgroups. */
import { afterAll, beforeAll, describe } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { longTests } from '../support/long.ts'

const variants: Readonly<Record<string, string>>[] = [
  { cross_entropy: 'thread', reduce: 'thread', scan: 'thread', scatter: 'sorted', softmax: 'thread', sort: 'thread' },
  { reduce: 'group', scan: 'group', scatter: 'serial_vec4', softmax: 'thread_vec4', sort: 'block' },
]
for (const force of variants) {
  let gpu: WebGPUDevice
  describe(`long rows, ${Object.values(force).join(' ')}`, () => {
    beforeAll(async () => {
      gpu = await device('webgpu', { debug: true, force })
    })
    afterAll(() => gpu?.destroy())
    longTests(() => gpu, force.sort === 'block')
  })
}

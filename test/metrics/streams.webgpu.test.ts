/** @file Measures over batches on WebGPU: as the functions of all rows, one read, memory that does not grow. */
import { expect, it } from 'vitest'
import type { Device } from '../../src/core/device.ts'
import { tensor } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'
import { device } from '../../src/node.ts'
import { faultsOf, streams } from './streams.ts'

it('they are the functions, read once', async () => {
  const gpu = (await device('webgpu', { debug: true })) as Device
  const faults: string[] = []
  for (const stream of streams) faults.push(...(await faultsOf(stream, gpu, 'float32')))
  expect(faults).toEqual([])
  gpu.destroy()
})

it('NaN and classes out of range are found at the next read, with their row', async () => {
  const gpu = (await device('webgpu', { debug: true })) as Device
  const labels = tensor([0, 1], { device: gpu, dtype: 'int32' })
  const metric = new metrics.Accuracy()
  metric.update(
    tensor(
      [
        [1, 2, 0],
        [3, 4, 5],
      ],
      { device: gpu },
    ),
    labels,
  )
  metric.update(
    tensor(
      [
        [1, 2, 0],
        [3, Number.NaN, 5],
      ],
      { device: gpu },
    ),
    labels,
  )
  await expect(metric.compute()).rejects.toThrow('Accuracy: row 3 of those counted has NaN')
  metric.reset()
  metric.update(
    tensor(
      [
        [1, 2, 0],
        [3, 4, 5],
      ],
      { device: gpu },
    ),
    tensor([0, 4], { device: gpu, dtype: 'int32' }),
  )
  await expect(metric.compute()).rejects.toThrow('Accuracy: index 4 at position 1 is outside [0, 3)')
  gpu.destroy()
})

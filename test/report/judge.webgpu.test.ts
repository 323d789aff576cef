/** @file Judged on WebGPU: the samples and mistakes that the CPU shows, read once for each batch. */
import { afterAll, expect, test } from 'vitest'
import { CpuDevice, manualSeed, memory, nn, tap } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import { judge, report } from '../../src/report/index.ts'
import { batchesOf, history, rows } from '../support/judged.ts'

const gpu = await device('webgpu')
afterAll(() => gpu.destroy())

test('the same samples and mistakes as on the CPU, and the adapter is named', async () => {
  const cpu = new CpuDevice()
  manualSeed(5)
  const model = new nn.Sequential(
    new nn.Linear(4, 16, { device: cpu }),
    new nn.Tanh(),
    new nn.Linear(16, 4, { device: cpu }),
  )
  const options = { imageSize: [2, 2] } as const
  const there = await judge(model, batchesOf(40, cpu), options)
  await model.to(gpu)
  let reads = 0
  const untap = tap(gpu, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  const before = memory(gpu).live
  const here = await judge(model, batchesOf(40, gpu), options)
  untap()
  // Of each of the three batches logits, classes and inputs.
  expect(reads).toBe(9)
  expect(memory(gpu).live).toBe(before)
  const shown = ({ samples, mistakes }: typeof here) =>
    [...samples, ...mistakes].map(({ index, label, answer, image }) => ({ index, label, answer, image }))
  expect(shown(here)).toEqual(shown(there))
  expect(here.confusion.counts).toEqual(there.confusion.counts)
  expect(here.confusion.total).toBe(rows.length)
  expect(here.loss).toBeCloseTo(there.loss, 5)

  const page = await report(history, { model, ...{ samples: here.samples, mistakes: here.mistakes } })
  const { description } = gpu.info
  const where = `${gpu.name} (${description})${gpu.facts.software ? ', computes in software' : ''}`
  expect(description.length).toBeGreaterThan(3)
  expect(page).toContain(`<tr><th scope="row">device</th><td>${where}</td></tr>`)
  expect(await report(history, { model, device: cpu })).toContain('<th scope="row">device</th><td>cpu</td>')
})

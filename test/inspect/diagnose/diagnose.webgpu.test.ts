/** @file Diagnoses and anomalies on WebGPU: what the CPU's tests ask for, of a few. */
import { expect, test } from 'vitest'
import { device, inspect } from '../../../src/node.ts'
import { anomalies } from './anomalies.ts'
import { broken } from './broken.ts'
import { healthy } from './programs.ts'

test('programs that learn have no findings', async () => {
  const gpu = await device('webgpu')
  for (const name of ['a perceptron of ReLUs, by SGD', 'a convolutional net, by Adam']) {
    const { model, options } = healthy[name](gpu, 1)
    expect(String(await inspect.diagnose(model, options)), name).toBe('nothing was found')
  }
})

test.each(['labelOutOfRange', 'deadReLU', 'learningRateTooLarge', 'notFinite'])('%s is found first', async (code) => {
  const [, , make] = broken.find(([one]) => one === code) as (typeof broken)[number]
  const { model, options } = make(await device('webgpu'), 1)
  expect((await inspect.diagnose(model, options)).findings.map((finding) => finding.code)).toEqual([code])
})

test.each(anomalies)('$name', async ({ run }) => {
  expect(await run(await device('webgpu'))).toEqual([])
})

/**
 * @file Wrong indices on WebGPU: each is reported once, at the next read, with the op that the user called, position
 * and value.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device, embedding, IndexError, oneHot, ones, type Tensor, tensor, zeros } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { negativeTests } from '../support/negative.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu.destroy())

const ints = (...values: number[]) => tensor(Int32Array.from(values), { device: gpu })
const column = (...values: number[]) => ints(...values).reshape([-1, 1])
const float = (...shape: number[]) => ones(shape, { device: gpu })

const cases: readonly [text: string, call: () => Tensor][] = [
  ['gather: index 5 at position 2 is outside [-4, 4)', () => float(3, 4).gather(1, column(0, 3, 5))],
  ['gather: index -5 at position 1 is outside [-4, 4)', () => float(3, 4).gather(1, column(0, -5, 3))],
  ['gather: index 4 at position 1 is outside [-4, 4)', () => float(3, 4).takeAlongDim(column(0, 4, 1), 1)],
  ['take: index 12 at position 0 is outside [-12, 12)', () => float(3, 4).take(ints(12, -12))],
  ['scatter: index 9 at position 1 is outside [-4, 4)', () => float(3, 4).scatter(1, column(0, 9), 1)],
  ['scatterAdd: index 9 at position 0 is outside [-3, 3)', () => float(3, 4).scatterAdd(0, column(9, 0), float(2, 1))],
  ['indexSelect: index -4 at position 1 is outside [-3, 3)', () => float(3, 4).indexSelect(0, ints(-3, -4))],
  ['oneHot: index -1 at position 1 is outside [0, 3)', () => oneHot(ints(0, -1), 3)],
  ['oneHot: index 3 at position 1 is outside [0, 3)', () => oneHot(ints(0, 3), 3)],
  ['embedding: index 3 at position 1 is outside [-3, 3)', () => embedding(float(3, 4), ints(0, 3))],
  ['at: index -4 at position 2 is outside [-3, 3)', () => float(3, 4).at(ints(0, -3, -4))],
  ['at: index 4 at position 0 is outside [-4, 4)', () => float(3, 4).at(ints(0, 1), ints(4, 0))],
  ['indexPut: index 7 at position 0 is outside [-3, 3)', () => float(3, 4).indexPut([ints(7)], 0)],
  ['indexPut_: index 7 at position 1 is outside [-3, 3)', () => float(3, 4).indexPut_([ints(0, 7)], 0)],
]

it.each(cases)('%s', async (text, call) => {
  const y = call()
  const error = await y.data().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(IndexError)
  expect((error as Error).message).toBe(text)
  // Once: the tensor can be read, and nothing more is wrong.
  expect((await y.data()).length).toBe(y.numel)
})

negativeTests(() => gpu)

it('of several wrong ones in a launch one is reported', async () => {
  const y = float(3, 4).gather(1, column(7, 5, 0))
  await expect(y.data()).rejects.toThrow(/^gather: index (7 at position 0|5 at position 1) is outside \[-4, 4\)/)
})

it('backward of a wrong index reports nothing of its own', async () => {
  const x = ones([3, 4], { device: gpu, requiresGrad: true })
  const y = x.gather(1, column(0, 3, 5)).sum()
  await expect(y.item()).rejects.toThrow('gather: index 5 at position 2')
  y.backward()
  expect((await x.grad.data()).length).toBe(12)
})

it('the last one wins here too', async () => {
  const index = tensor(
    Int32Array.from({ length: 5000 }, (_, i) => (i * i) % 97),
    { device: gpu },
  )
  const source = tensor(
    Float32Array.from({ length: 5000 }, (_, i) => i),
    { device: gpu },
  )
  const want = new Float32Array(97)
  for (let i = 0; i < 5000; i++) want[(i * i) % 97] = i
  expect(await zeros([97], { device: gpu }).scatter(0, index, source).data()).toEqual(want)
})

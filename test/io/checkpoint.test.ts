/** @file Checkpoints: what is saved comes back, whole or not at all, and says what does not fit. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { data, getRandomState, io, nn, optim, randn, scope, tensor } from '../../src/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-checkpoint-'))
})
afterAll(() => rm(folder, { recursive: true }))

function made() {
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2))
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 })
  const schedule = new optim.StepLR(optimizer, { stepSize: 2 })
  const loader = new data.DataLoader(new data.TensorDataset({ data: new Float32Array(30), shape: [3] }), {
    batchSize: 2,
    shuffle: true,
  })
  const step = () =>
    scope(() => {
      optimizer.zeroGrad()
      model
        .forward(randn([5, 3]))
        .square()
        .mean()
        .backward()
      optimizer.step()
      schedule.step()
    })
  return { parts: { model, optimizer, schedule, loader }, step }
}

it('gives back every part, the random state and what the program kept', async () => {
  const one = made()
  for (let i = 0; i < 3; i++) one.step()
  const path = join(folder, 'a.safetensors')
  const extra = { list: [1, -0, NaN, Infinity], long: Array.from({ length: 40 }, (_, i) => i / 3), $: 1, none: null }
  const bytes = { a: Uint16Array.of(1, 65535), b: Float32Array.of(0.1), t: tensor([1, 2]) }
  expect(
    await io.saveCheckpoint(path, one.parts, { epoch: 1, step: 3, metrics: { loss: NaN }, extra: { extra, bytes } }),
  ).toBe(path)
  const random = getRandomState()
  const other = made()
  other.step()
  const found = await io.loadCheckpoint(path, other.parts)
  const { bytes: back, extra: kept } = found.extra as { bytes: typeof bytes; extra: typeof extra }
  expect({ ...found, extra: kept }).toStrictEqual({
    epoch: 1,
    step: 3,
    metrics: { loss: NaN },
    extra,
    parts: ['model', 'optimizer', 'schedule', 'loader'],
    handgrad: '0.1.0',
  })
  expect([back.a, back.b, await back.t.array()]).toStrictEqual([bytes.a, bytes.b, [1, 2]])
  expect(getRandomState()).toEqual(random)
  for (const name of ['schedule', 'loader'] as const)
    expect(other.parts[name].stateDict()).toEqual(one.parts[name].stateDict())
  // What follows is the same.
  for (const { step, parts } of [one, other]) {
    await io.loadCheckpoint(path, parts)
    for (let i = 0; i < 3; i++) step()
  }
  expect(await other.parts.model.parameters()[0].array()).toEqual(await one.parts.model.parameters()[0].array())
  expect(await readdir(folder)).toEqual(['a.safetensors'])
})

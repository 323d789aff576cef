/** @file Scale, zeros and ends of activations and gradients, as data, table and plot. */
import { expect, test } from 'vitest'
import { CpuDevice, getRandomState, inspect, nn, noGrad, ones, scope, tensor } from '../../../src/index.ts'

/** Layers with weights that are known. */
function known() {
  const device = new CpuDevice()
  const layers = {
    up: new nn.Linear(2, 4, { device }),
    relu: new nn.ReLU(),
    down: new nn.Linear(4, 1, { device }),
    tanh: new nn.Tanh(),
  }
  const model = new nn.Sequential(layers)
  noGrad(() =>
    scope(() => {
      layers.up.weight.copy_(
        tensor(
          [
            [3, 0],
            [0, 4],
            [-1, 0],
            [-1, -1],
          ],
          { device },
        ),
      )
      layers.up.bias?.fill_(0)
      layers.down.weight.copy_(tensor([[10, 10, 1, 1]], { device }))
      layers.down.bias?.fill_(0)
    }),
  )
  return { device, model }
}

test('activations: scale, spread, zeros, dead units and ends of each layer', async () => {
  const { device, model } = known()
  const found = await inspect.activations(
    model,
    tensor(
      [
        [1, 1],
        [1, 0],
      ],
      { device },
    ),
  )
  const digits = found.rows.map((row) => [
    row.where,
    ...[row.mean, row.rms, row.spread, row.zeros, row.saturated, row.dead].map((v) => Number(v.toFixed(4))),
  ])
  // up gives [3, 4, -1, -2] and [3, 0, -1, -1].
  expect(digits).toEqual([
    ['up (Linear 2, 4)', 0.625, 2.2638, 1.0308, 0.125, Number.NaN, Number.NaN],
    ['relu (ReLU)', 1.25, 2.0616, 1, 0.625, Number.NaN, 0.5],
    ['down (Linear 4, 1)', 50, 53.8516, 20, 0, Number.NaN, Number.NaN],
    ['tanh (Tanh)', 1, 1, 0, 0, 1, Number.NaN],
  ])
  expect(found.table().split('\n').slice(0, 3)).toEqual([
    '                     mean   rms  spread  zeros  saturated  dead',
    'up (Linear 2, 4)    0.625  2.26    1.03  0.125          –     –',
    'relu (ReLU)          1.25  2.06       1  0.625          –   0.5',
  ])
  expect(String(found)).toBe(found.table())
  expect(found.plot().split('\n')[0]).toBe('rms')
})

test('activations leave running statistics and random numbers as they are', async () => {
  const device = new CpuDevice()
  const model = new nn.Sequential(new nn.BatchNorm1d(2, { device }), new nn.Dropout(0.5))
  const before = [await model.buffers()[0].array(), getRandomState()]
  await inspect.activations(
    model,
    tensor(
      [
        [1, 2],
        [3, 5],
      ],
      { device },
    ),
  )
  expect([await model.buffers()[0].array(), getRandomState()]).toEqual(before)
  expect(model.modules().every(({ training }) => training)).toBe(true)
})

test('activations do not end a backward that is still to come', async () => {
  const device = new CpuDevice()
  const model = new nn.Sequential(new nn.Linear(2, 2, { device }), new nn.BatchNorm1d(2, { device })).eval()
  const x = tensor([[1, 2]], { device })
  const loss = model.forward(x).square().sum()
  await inspect.activations(model, x)
  loss.backward()
  expect(model.parameters().every((p) => p.grad !== null)).toBe(true)
})

test('gradientFlow: gradients beside weights', async () => {
  const device = new CpuDevice()
  const model = new nn.Linear(2, 2, { device })
  noGrad(() =>
    scope(
      () =>
        void model.weight.copy_(
          tensor(
            [
              [3, 4],
              [12, 0],
            ],
            { device },
          ),
        ),
    ),
  )
  scope(() =>
    model
      .forward(ones([5, 2], { device }))
      .select(1, 0)
      .sum()
      .backward(),
  )
  const found = await inspect.gradientFlow(model)
  const [w] = found.rows
  expect({ ...w, rms: Number(w.rms.toFixed(4)), ratio: Number(w.ratio.toFixed(4)) }).toEqual({
    ...{ where: 'weight', shape: [2, 2], weight: 6.5, rms: 3.5355, greatest: 5, zeros: 0.5, ratio: 0.5439 },
  })
  expect(found.table().split('\n')[1]).toBe('weight     6.5  3.54         5    0.5  0.544')
})

test('what they refuse', async () => {
  const { model } = known()
  await expect(inspect.gradientFlow(model)).rejects.toThrow(
    'gradientFlow: no parameter has a gradient (call loss.backward() before)',
  )
  await expect(inspect.gradientFlow(3 as never)).rejects.toThrow('gradientFlow: the model is 3 (give an nn.Module)')
  await expect(inspect.activations(model)).rejects.toThrow(
    'activations: there is no input (give what its forward takes)',
  )
  await expect(inspect.activations(model, 3 as never)).rejects.toThrow(
    'activations: an input is 3 (give what its forward takes)',
  )
  await expect(inspect.activations(3 as never)).rejects.toThrow(
    'activations: the model is 3 (give an nn.Module with forward)',
  )
})

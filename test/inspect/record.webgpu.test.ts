/** @file inspect.record on WebGPU: the moments of a step are those of the CPU, with its numbers. */
import { expect, test } from 'vitest'
import { type Device, device, inspect, manualSeed, nn, optim, tensor } from '../../src/node.ts'

async function recorded(on: Device): Promise<inspect.Recording> {
  manualSeed(4)
  const model = new nn.Sequential(
    new nn.Linear(3, 4, { device: on }),
    new nn.Tanh(),
    new nn.Linear(4, 2, { device: on }),
  )
  const sgd = new optim.SGD(model.parameters(), { lr: 0.1 })
  const x = tensor([[1, 2, 3]], { device: on })
  const names = { x, ...Object.fromEntries(model.namedParameters()) }
  return inspect.record(
    () => {
      model.forward(x).square().sum().backward()
      sgd.step()
      sgd.zeroGrad()
    },
    { names },
  )
}

test('values, gradients, shares and updates are those of the CPU', async () => {
  const gpu = await device('webgpu')
  const [here, there] = [await recorded(gpu), await recorded(await device('cpu'))]
  gpu.destroy()
  const words = ({ frames }: inspect.Recording) =>
    frames.map(({ phase, node, formula, given }) => [phase, node, formula, ...given.map((share) => share.formula)])
  expect(words(here)).toEqual(words(there))
  expect(here.frames.filter(({ phase }) => phase === 'update').map(({ formula }) => formula)).toContain(
    '0.weight ← 0.weight − 0.1 · ∂L/∂0.weight',
  )
  const numbers = ({ frames }: inspect.Recording) =>
    frames.flatMap(({ value, grad, given }) =>
      [value, grad, ...given.map((share) => share.grad)].flatMap((summary) => summary?.values ?? []),
    )
  const expected = numbers(there)
  const off = numbers(here).map((v, i) => Math.abs(v - expected[i]) / Math.max(1, Math.abs(expected[i])))
  expect(off.length).toBe(expected.length)
  expect(Math.max(...off)).toBeLessThan(1e-5)
})

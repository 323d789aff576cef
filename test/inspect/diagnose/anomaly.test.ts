/** @file A step whose numbers are not finite is told of by op, module, line, step, element and what it was made of. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect, nn, ones, optim, scope, tap, tensor } from '../../../src/index.ts'
import { anomalies } from './anomalies.ts'

test.each(anomalies)('$name', async ({ run }) => {
  expect(await run(new CpuDevice())).toEqual([])
})

test('weights that an optimizer spoils, and steps without a fault', async () => {
  const model = new nn.Linear(2, 1)
  const optimizer = new optim.SGD(model.parameters(), { lr: 1 })
  const checked = inspect.detectAnomaly(model, { parts: [optimizer] })
  const step = (factor: number) => () => {
    optimizer.zeroGrad()
    const loss = scope(() => model.forward(ones([3, 2])).sum())
    loss.backward()
    optimizer.lr = factor
    optimizer.step()
    return loss
  }
  expect((await checked(step(0.1))).shape).toEqual([])
  expect(await checked(async () => 7)).toBe(7)
  await expect(checked(step(Number.MAX_VALUE))).rejects.toThrow(
    'detectAnomaly: the optimizer gives weights that are not finite, from finite gradients, in step 3 (keep what the op is',
  )
  const wrong = inspect.detectAnomaly as (...args: unknown[]) => typeof checked
  await expect(wrong(3)(step(1))).rejects.toThrow('detectAnomaly: the model is 3 (give an nn.Module)')
  await expect(wrong(model, { parts: [3] })(step(1))).rejects.toThrow(
    'detectAnomaly: parts is an array (give a list of what has stateDict() and loadStateDict())',
  )
  await expect(wrong(model)(3 as never)).rejects.toThrow('detectAnomaly: the step is 3 (give a function)')
})

test('a gradient so large that its square is not finite is let be', async () => {
  const model = new nn.Linear(1, 1)
  const checked = inspect.detectAnomaly(model)
  const loss = await checked(() => {
    const y = model
      .forward(tensor([[1]]))
      .mul(1e30)
      .sum()
    y.backward()
    return y
  })
  expect(Number.isFinite(await loss.item())).toBe(true)
})

test('gradients are put back, and what only the optimizer has', async () => {
  const model = new nn.Linear(2, 1)
  const scale = nn.parameter(tensor([2]))
  const optimizer = new optim.SGD([...model.parameters(), scale], { lr: 0.1 })
  const checked = inspect.detectAnomaly(model, { parts: [optimizer] })
  // No zeroGrad: gradients add up.
  const step = (factor: number) => () => {
    const loss = scope(() =>
      model
        .forward(ones([3, 2]))
        .mul(scale)
        .square()
        .sum()
        .mul(factor),
    )
    loss.backward()
    optimizer.step()
    return loss
  }
  await checked(step(1))
  const state = () => Promise.all([...model.parameters(), scale].flatMap((x) => [x.array(), x.grad.array()]))
  const before = await state()
  await expect(checked(step(Number.NaN))).rejects.toThrow('in step 2')
  expect(await state()).toEqual(before)
})

test('a step that is finite costs one read, and a launch for each copy and for six tensors that are looked at', async () => {
  const device = new CpuDevice()
  const model = new nn.Sequential(new nn.Linear(4, 4, { device }), new nn.ReLU(), new nn.Linear(4, 4, { device }))
  const optimizer = new optim.Adam(model.parameters())
  let [launches, reads] = [0, 0]
  const end = tap(device, {
    run: (next, launch) => {
      launches++
      next(launch)
    },
    read: (next, ...of) => {
      reads++
      return next(...of)
    },
  })
  const x = ones([3, 4], { device })
  const step = () => {
    optimizer.zeroGrad()
    const loss = scope(() => model.forward(x).square().mean())
    loss.backward()
    optimizer.step()
    return loss
  }
  step()
  const count = async (take: () => unknown) => {
    ;[launches, reads] = [0, 0]
    await take()
    return { launches, reads }
  }
  const alone = await count(step)
  const checked = inspect.detectAnomaly(model, { parts: [optimizer] })
  await checked(step)
  const watched = await count(() => checked(step))
  end()
  expect(alone.reads).toBe(0)
  expect(watched.reads).toBe(1)
  // Copies of four parameters with two moments and a gradient each; nine tensors are looked at.
  expect(watched.launches - alone.launches).toBeLessThanOrEqual(4 * 4 + 6)
})

/** @file A step whose numbers are not finite is told of by op, module, line, step, element and what it was made of. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect, nn, ones, optim, scope, tensor } from '../../../src/index.ts'
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

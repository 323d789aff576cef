/** @file Launches of a training step, held where they stand: the models of bench/workloads.ts. */
import { expect, test } from 'vitest'
import { workloadsOn } from '../../bench/workloads.ts'
import * as api from '../../src/node.ts'

test('a step of the perceptron and of the small GPT takes no more launches than it did', async () => {
  const device = await api.device('cpu')
  const taken: Record<string, number> = {}
  for (const { name, sample } of workloadsOn({ api, device, now: () => performance.now() / 1000 })) {
    if (!/^(MLP|GPT)/.test(name)) continue
    // The first step also makes the optimizer's state.
    await sample()
    let count = 0
    const end = api.tap(device, {
      run: (next, launch) => {
        count++
        next(launch)
      },
    })
    await sample()
    end()
    taken[name] = count
  }
  expect(taken).toEqual({ 'MLP step, SGD': 19, 'MLP step, Adam': 19, 'GPT step, 2 layers, Adam': 91 })
})

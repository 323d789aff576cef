/** @file Every optimizer with each option, 50 steps, against PyTorch: float64 to 1e-9, float32 to 16 times its own. */
import { expect, test } from 'vitest'
import { ones } from '../../src/index.ts'
import * as optim from '../../src/optim/index.ts'
import { caseFaults, cases, lbfgs, lbfgsFaults } from '../support/optimreference.ts'

for (const dtype of ['float64', 'float32'] as const) {
  test.each(cases.map((c) => [c.optimizer, c.options, c] as const))(`${dtype}: %s %j`, async (_, __, c) => {
    expect(await caseFaults(c, { dtype })).toEqual([])
  })
  test.each(lbfgs.map((c) => [c.problem, c.options, c] as const))(`${dtype}: L-BFGS on %s %j`, async (_, __, c) => {
    expect(await lbfgsFaults(c, { dtype })).toEqual([])
  })
}

const matrix = () => ones([2, 2], { requiresGrad: true })

test('the cases have every optimizer with each of its options', () => {
  const given = new Map<string, Set<string>>([['LBFGS', new Set(lbfgs.flatMap(({ options }) => Object.keys(options)))]])
  for (const { optimizer, options } of cases)
    given.set(optimizer, new Set([...(given.get(optimizer) ?? []), ...Object.keys(options)]))
  const missing = Object.entries(optim).flatMap(([name, Class]) => {
    const prototype: unknown = Reflect.get(Class, 'prototype')
    if (!(prototype instanceof optim.Grouped) || name === 'Optimizer') return []
    const group: object = new (Class as typeof optim.SGD)([matrix()]).groups[0]
    // AdamW is Adam with the last of its options on.
    const options = Object.keys(group).filter((option) => option !== 'params' && option !== 'decoupledWeightDecay')
    return options.filter((option) => !given.get(name)?.has(option)).map((option) => `${name}: ${option}`)
  })
  expect(missing).toEqual([])
})

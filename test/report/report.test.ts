/** @file The page of a training: what is on it, that it loads nothing, and what is refused. */
import { expect, test } from 'vitest'
import { nn } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'
import { report } from '../../src/report/index.ts'
import type { History } from '../../src/train/index.ts'

const history: History = {
  epochs: [
    {
      epoch: 1,
      step: 2,
      loss: 2,
      metrics: { 'a<b': 0.5 },
      validationLoss: 1.5,
      validation: { 'a<b': 0.25 },
      seconds: 61,
    },
  ],
  losses: [3, 1],
  rates: [0.1, 0.2],
  gradNorms: [5, 4],
}

test('any model has its page: curves, classes with their means, layers, facts', async () => {
  const model = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU())
  const confusion = new metrics.Confusion(2)
  confusion.add([0, 0, 1], [0, 1, 1])
  const page = await report(history, { model, confusion, classes: ['cat', 'dog'], facts: { seed: 7 } })
  for (const part of ['<h1>Sequential', 'Linear(3, 2)', 'Learning rate', 'Gradient norm', 'a&#60;b', '0.2500', 'cat'])
    expect(page).toContain(part)
  // P = 1, 1/2 and R = 1/2, 1.
  expect(page).toContain('<tr><th scope="row">macro</th><td>75.0 %</td><td>75.0 %</td><td>66.7 %</td><td>3</td></tr>')
  expect(page).toContain('<tr><th scope="row">seed</th><td>7</td></tr>')
  expect(page).toContain('<b>1:01</b>')
  expect(page).not.toMatch(/(src|href)="|@import|<script|NaN|undefined/)
  const bare = await report({ ...history, gradNorms: [] }, { title: 'mine' })
  expect(bare).toContain('<h1>mine')
  expect(bare).not.toContain('Gradient norm')
})

test('what is not a training is refused', async () => {
  // @ts-expect-error: no list
  await expect(report({ ...history, rates: 3 })).rejects.toThrow(
    'report: history.rates is 3 (give what train.fit gave)',
  )
  // @ts-expect-error: misspelt
  await expect(report(history, { titel: 'x' })).rejects.toThrow('report: there is no option titel (did you mean title?')
  await expect(report(history, { classes: ['a'] })).rejects.toThrow(
    'report: 1 classes for a confusion matrix of 0 (give a name for each)',
  )
})

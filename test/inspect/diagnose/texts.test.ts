/** @file What findings say, in two languages; and what a diagnosis refuses. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect, nn } from '../../../src/index.ts'
import { codes, Diagnosis, type Found } from '../../../src/inspect/diagnose/finding.ts'
import { broken } from './broken.ts'

const diagnosed = async (code: string): Promise<Diagnosis> => {
  const [, , make] = broken.find(([one]) => one === code) as (typeof broken)[number]
  const { model, options } = make(new CpuDevice(), 1)
  return inspect.diagnose(model, options)
}

test('every code has a fault that the tests put in', () => {
  expect(codes.filter((code) => !broken.some(([one]) => one === code))).toEqual([])
})

test('a cause says what it is and what to do, and what follows stands below', async () => {
  const diagnosis = await diagnosed('learningRateTooLarge')
  expect(diagnosis.text().split('\n')[0]).toMatch(/^at learning rate 100 the loss goes from \S+ to \S+, at \S+ to \S+$/)
  expect(diagnosis.text('zh').split('\n')[0]).toMatch(/^学习率为 100 时，损失从 \S+ 变到 \S+；为 \S+ 时变到 \S+$/)
  expect(diagnosis.text().split('\n')[1]).toBe('  → take the smaller one, or find one with train.lrRange')
  expect(diagnosis.findings[0].consequences.length).toBeGreaterThan(0)
  expect(diagnosis.text().split('\n')[2]).toMatch(/^ {2}so: /)
  expect(diagnosis.text('zh').split('\n')[2]).toMatch(/^ {2}因此：/)
})

test('the order: causes, then what follows; of layers the first; circles end', () => {
  const found = (...list: [Found['code'], string, number?][]): Found[] =>
    list.map(([code, where, since]) => ({ code, where, numbers: { since: since ?? 0, order: Number(where) } }))
  const shape = (list: Found[]) =>
    new Diagnosis(list).findings.map(({ code, where, consequences }) => [
      `${code} ${where}`,
      ...consequences.map((one) => `${one.code} ${one.where}`),
    ])
  expect(shape(found(['zeroGradient', '3'], ['deadReLU', '2'], ['vanishingActivations', '2']))).toEqual([
    ['deadReLU 2', 'vanishingActivations 2', 'zeroGradient 3'],
  ])
  expect(shape(found(['deadReLU', '5'], ['vanishingActivations', '2'], ['deadReLU', '7']))).toEqual([
    ['vanishingActivations 2', 'deadReLU 5', 'deadReLU 7'],
  ])
  // What was there before the first step was not brought about by steps.
  expect(shape(found(['learningRateTooLarge', '0', 9], ['deadReLU', '2', 0]))).toEqual([
    ['deadReLU 2'],
    ['learningRateTooLarge 0'],
  ])
  expect(shape(found(['learningRateTooLarge', '0', 9], ['deadReLU', '2', 9]))).toEqual([
    ['learningRateTooLarge 0', 'deadReLU 2'],
  ])
})

test('without findings it says so; a language that it does not speak is refused', () => {
  const nothing = new Diagnosis([])
  expect([String(nothing), nothing.text('zh')]).toEqual(['nothing was found', '没有发现问题'])
  expect(() => nothing.text('de' as never)).toThrow("Diagnosis: the language is 'de' (give 'en' or 'zh')")
})

test('what diagnose refuses, before anything is done', async () => {
  const [, , make] = broken[0]
  const { model, options } = make(new CpuDevice(), 1)
  const refusals: [object, string][] = [
    [{ optimiser: 1 }, 'diagnose: there is no option optimiser (did you mean optimizer? it takes { loss'],
    [{ loss: 3 }, 'diagnose: loss is 3 (give nn.functional.crossEntropy or new nn.MSELoss(), say)'],
    [{ optimizer: {} }, 'diagnose: optimizer is an object (give new optim.Adam(model.parameters()), say)'],
    [{ loader: 3 }, 'diagnose: loader is 3 (give a DataLoader, or batches in an array)'],
    [{ loader: [] }, 'diagnose: loader has no batches (give at least one)'],
    [{ validation: 3 }, 'diagnose: validation is 3 (give a DataLoader, or batches in an array)'],
    [{ step: 3 }, 'diagnose: step is 3 (give a function)'],
    [{ evaluate: 3 }, 'diagnose: evaluate is 3 (give a function)'],
    [{ parts: [3] }, 'diagnose: parts is an array (give a list of what has stateDict() and loadStateDict())'],
    [{ steps: 1 }, 'diagnose: steps is 1 (give an integer from 2 up)'],
    [{ rows: 0 }, 'diagnose: rows is 0 (give an integer from 1 up)'],
    [{ device: 3 }, "diagnose: device is 3 (give await device('auto'))"],
  ]
  for (const [wrong, message] of refusals)
    await expect(inspect.diagnose(model, { ...options, ...wrong } as never)).rejects.toThrow(message)
  await expect(inspect.diagnose(3 as never, options)).rejects.toThrow(
    'diagnose: the model is 3 (give an nn.Module with forward)',
  )
  await expect(inspect.diagnose(new nn.ReLU(), options)).rejects.toThrow(
    'diagnose: the model, ReLU, has no parameters to train',
  )
  const start = (more: object) =>
    inspect.diagnosing({ ...options, ...more } as never)({ kind: 'start', model } as never)
  await expect(start({ every: 0 })).rejects.toThrow('diagnosing: every is 0 (give an integer from 1 up)')
  await expect(start({ tell: 3 })).rejects.toThrow('diagnosing: tell is 3 (give a function of a diagnosis)')
})

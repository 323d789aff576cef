/** @file Labels from a prompt: the formula, calibration, Chinese, and what is wrong with a prompt. */
import { expect, it, test } from 'vitest'
import { type FewShotOptions, fewShot, lora } from '../../src/finetune/index.ts'
import { CpuDevice, memory, nn, noGrad } from '../../src/index.ts'
import { modelOn } from '../generate/few.ts'
import { error } from '../support/difference.ts'
import { chinese, readerOn, toldTwice } from './told.ts'

test('chances of labels are those of models.score, over those after texts that say nothing', async () => {
  const { got, want, told, judge } = await toldTwice(new CpuDevice())
  expect(error(got, want)).toBeLessThan(1e-6)
  for (const { label, probabilities } of told)
    expect(probabilities[label]).toBe(Math.max(...Object.values(probabilities)))
  expect(judge.prompt('天')).toBe('判断评论。\n评论：快递很快\n情感：褒\n评论：做工粗糙\n情感：贬\n评论：天\n情感：')
  expect(judge.labels).toEqual(['褒', '贬'])
})

it('Zhao et al. 2021: a label that is liked whatever the text is does not win by that', async () => {
  const gpt = readerOn(new CpuDevice())
  const judge = fewShot(gpt, chinese)
  const { uncalibrated, probabilities } = await judge.classify('')
  // Of the text that says nothing all labels are the same.
  expect(Math.abs(uncalibrated['褒'] - 0.5)).toBeGreaterThan(0.05)
  expect(probabilities['褒']).toBeCloseTo(0.5, 12)
})

it('is calibrated anew when weights have changed, and holds no memory', async () => {
  const own = new CpuDevice()
  const gpt = readerOn(own)
  gpt.train()
  const judge = fewShot(gpt, chinese)
  const before = memory(own)
  const first = await judge.classify('快')
  expect(memory(own)).toEqual(before)
  expect(gpt.training).toBe(true)
  expect(await judge.classify(['快', '快'])).toEqual([first, first])
  noGrad(() => gpt.transformer.wte.weight.mul_(1.5))
  expect((await judge.classify('')).probabilities['褒']).toBeCloseTo(0.5, 12)
})

it('is calibrated anew when an adapter is put beside the weights, or does not count', async () => {
  const gpt = readerOn(new CpuDevice())
  const judge = fewShot(gpt, chinese)
  await judge.classify('快')
  const even = async () => expect((await judge.classify('')).probabilities['褒']).toBeCloseTo(0.5, 12)
  const adapter = lora(gpt, { r: 2, targets: ['c_attn'] })
  noGrad(() => adapter.parameters.forEach((x) => x.add_(0.5)))
  await even()
  await adapter.disable(even)
  adapter.merge()
  await even()
})

it('leaves the space before a label to the label, and takes English', async () => {
  const gpt = readerOn(new CpuDevice())
  const judge = fewShot(gpt, { labels: ['good', 'bad'] })
  expect(judge.prompt('a')).toBe('Text: a\nLabel:')
  const { label } = await judge.classify('fine')
  expect(['good', 'bad']).toContain(label)
  expect(fewShot(gpt, { labels: ['a', 'b'], template: '{text}\n{label}' }).prompt('x')).toBe('x\n')
})

it('says by how many tokens a prompt is too long, before any work', async () => {
  const judge = fewShot(readerOn(new CpuDevice(), 46), chinese)
  await expect(judge.classify(['快', '很快快快快快快快快'])).rejects.toThrow(
    "fewShot: the prompt of text 1 is 2 tokens too long for the model's 46 positions (give fewer examples, or shorter ones)",
  )
  await judge.classify('快')
})

it.each<[FewShotOptions, string]>([
  [{}, 'fewShot: there are 0 labels (give two or more, each with a name of its own)'],
  [{ labels: ['a'] }, 'fewShot: there is 1 label'],
  [{ labels: ['a', 'a'] }, "fewShot: labels 0 and 1 are both 'a'"],
  [{ labels: ['a', ''] }, "fewShot: label 1 is ''"],
  [{ ...chinese, labels: ['褒', '一'] }, "fewShot: example 1 has the label '贬' (there are 褒, 一)"],
  [{ labels: ['a', 'b'], template: '{label}{text}' }, "fewShot: template is '{label}{text}' (give a text with {text}"],
  [{ labels: ['a', 'b'], template: '{text}' }, "fewShot: template is '{text}'"],
  [{ labels: ['a', 'b'], template: '{label}: {text} {label}' }, 'fewShot: template is'],
  [
    { labels: ['a', 'b'], template: '{text}, {text}: {label}' },
    "template is '{text}, {text}: {label}' (give a text with {text} once, and {label} once, at its end)",
  ],
  [{ labels: ['a', 'b'], empty: [] }, 'fewShot: there are no texts in empty (give at least one)'],
])('%j is refused', (options, text) => {
  expect(() => fewShot(readerOn(new CpuDevice()), options)).toThrow(text)
})

it('refuses other input that is none', async () => {
  const gpt = readerOn(new CpuDevice())
  // @ts-expect-error: a layer
  expect(() => fewShot(new nn.Linear(2, 2), chinese)).toThrow('is not a language model (give models.load(…))')
  expect(() => fewShot(modelOn(new CpuDevice()), chinese)).toThrow('fewShot: the model has no tokenizer')
  // @ts-expect-error: a pair
  expect(() => fewShot(gpt, { ...chinese, examples: [['a', 'b']] })).toThrow('example 0 is an array')
  // @ts-expect-error: a number
  expect(() => fewShot(gpt, { ...chinese, labels: 2 })).toThrow("labels is 2 (give their names: ['good', 'bad'])")
  // @ts-expect-error: numbers
  await expect(fewShot(gpt, chinese).classify([1])).rejects.toThrow('texts[0] is 1 (give a text)')
  await expect(fewShot(gpt, chinese).classify([])).rejects.toThrow('there are no texts in texts')
})

/** @file Groups of parameters with and without weight decay. */
import { expect, it } from 'vitest'
import { decayGroups } from '../../src/finetune/index.ts'
import { CpuDevice, optim } from '../../src/index.ts'
import { modelOn } from '../generate/few.ts'

const gpt = modelOn(new CpuDevice(), { n_layer: 1, n_embd: 8 })

it('matrices and tables decay, biases and scales do not, and what is frozen is in no group', () => {
  gpt.freeze('transformer.wpe')
  const [decaying, rest] = decayGroups(gpt, 0.1)
  const names = (params: readonly unknown[]) =>
    gpt.namedParameters().flatMap(([name, x]) => (params.includes(x) ? [name.replace('transformer.', '')] : []))
  expect([decaying.weightDecay, rest.weightDecay]).toEqual([0.1, 0])
  expect(names(decaying.params)).toEqual([
    'wte.weight',
    ...['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'].map((map) => `h.0.${map}.weight`),
  ])
  expect(names(rest.params)).toHaveLength(10)
  const optimizer = new optim.AdamW(decayGroups(gpt, 0.1), { lr: 0.1 })
  expect(optimizer.groups.map(({ weightDecay }) => weightDecay)).toEqual([0.1, 0])
})

it.each([
  [[null, 0.1], 'decayGroups: null is not a module (give a model)'],
  [[gpt, -1], 'decayGroups: weightDecay is -1 (give a number from 0 up)'],
  [[gpt, Number.NaN], 'decayGroups: weightDecay is NaN (give a number from 0 up)'],
])('%s', (args, message) => {
  expect(() => decayGroups(...(args as Parameters<typeof decayGroups>))).toThrow(message)
})

it('a model that is frozen has none', () => {
  gpt.freeze()
  expect(() => decayGroups(gpt, 0)).toThrow('decayGroups: no parameter of the model trains (unfreeze some)')
})

/** @file What sample refuses before any work. */
import { describe } from 'vitest'
import { bools, elsewhere, ints, loose, type Refusal, refuse, refuseOptions, zeros } from '../support/refusals.ts'

const { sample } = loose
const x = zeros(2, 5)
const seen = bools(2, 5)

const cases: readonly Refusal[] = [
  [() => sample(3), 'sample: logits is 3, not a tensor (make it with tensor(…))'],
  [() => sample(ints(2, 5)), "sample: logits is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => sample(zeros(5)), 'sample: logits are [5] (give [rows, vocabulary], of 1 to 1048576 ids)'],
  [() => sample(zeros(2, 3, 5)), 'sample: logits are [2, 3, 5] (give [rows, vocabulary], of 1 to 1048576 ids)'],
  [() => sample(zeros(2, 0)), 'sample: logits are [2, 0] (give [rows, vocabulary], of 1 to 1048576 ids)'],
  [
    () => sample(zeros(0, 2 ** 20 + 1)),
    'sample: logits are [0, 1048577] (give [rows, vocabulary], of 1 to 1048576 ids)',
  ],
  [
    () => sample(x, { temperature: -0.5 }),
    'sample: temperature is -0.5 (give a number from 0 up; 0 takes the greatest logit)',
  ],
  [
    () => sample(x, { temperature: NaN }),
    'sample: temperature is NaN (give a number from 0 up; 0 takes the greatest logit)',
  ],
  [
    () => sample(x, { temperature: Infinity }),
    'sample: temperature is Infinity (give a number from 0 up; 0 takes the greatest logit)',
  ],
  [() => sample(x, { temperature: '1' }), "sample: temperature is '1' (give a number)"],
  [() => sample(x, { topK: 6 }), 'sample: topK is 6, the vocabulary 5 (give an integer from 1 to 5, or 0 for all)'],
  [() => sample(x, { topK: -1 }), 'sample: topK is -1, the vocabulary 5 (give an integer from 1 to 5, or 0 for all)'],
  [() => sample(x, { topK: 1.5 }), 'sample: topK is 1.5, the vocabulary 5 (give an integer from 1 to 5, or 0 for all)'],
  [() => sample(x, { topP: 0 }), 'sample: topP is 0 (give a number above 0, up to 1 for all)'],
  [() => sample(x, { topP: 1.01 }), 'sample: topP is 1.01 (give a number above 0, up to 1 for all)'],
  [() => sample(x, { minP: -0.1 }), 'sample: minP is -0.1 (give a number from 0, for all, to 1)'],
  [() => sample(x, { minP: 1.5 }), 'sample: minP is 1.5 (give a number from 0, for all, to 1)'],
  [
    () => sample(x, { repetitionPenalty: 0, seen }),
    'sample: repetitionPenalty is 0 (give a number from 1e-6 to 1e6; 1 is none)',
  ],
  [
    () => sample(x, { repetitionPenalty: -1.2, seen }),
    'sample: repetitionPenalty is -1.2 (give a number from 1e-6 to 1e6; 1 is none)',
  ],
  [
    () => sample(x, { repetitionPenalty: 1.2 }),
    'sample: repetitionPenalty is 1.2 without seen (give seen, of bool, which holds what was there)',
  ],
  [() => sample(x, { seen: x }), "sample: seen is float32, not bool (cast with x.to('bool'))"],
  [() => sample(x, { seen: bools(5) }), 'sample: seen is [5], the logits [2, 5] (give one for each logit)'],
  [
    () => sample(x, { seen: bools(5, 2).permute([1, 0]) }),
    'sample: seen is a view with other strides (it is written in place: give a contiguous tensor)',
  ],
  [() => sample(x, { seed: [1] }), 'sample: 1 seeds are given, the rows are 2 (give one for each row)'],
  [() => sample(x, { seed: [1, -2] }), 'sample: seed[1] is -2 (give an integer from 0 to 9007199254740991)'],
  [() => sample(x, { seed: 0.5 }), 'sample: seed is 0.5 (give an integer from 0 to 9007199254740991)'],
  [() => sample(x, { seed: 'a' }), "sample: seed is 'a' (give a number, a list of numbers or a tensor)"],
  [() => sample(x, { seed: ints(3) }), 'sample: seed is [3], the rows 2 (give [2], one for each row)'],
  [() => sample(x, { seed: zeros(2) }), "sample: seed is float32, not int32 (cast with x.to('int32'))"],
  [() => sample(x, { position: -1 }), 'sample: position is -1 (give an integer from 0 to 2147483647)'],
  [() => sample(x, { position: 2 ** 31 }), 'sample: position is 2147483648 (give an integer from 0 to 2147483647)'],
  [() => sample(x, { position: [1, 2] }), 'sample: position is an array (give an integer from 0 to 2147483647)'],
  [() => sample(x, { position: ints(2, 1) }), 'sample: position is [2, 1], the rows 2 (give [2], one for each row)'],
  [() => sample(x, { unused: 3 }), 'sample: unused is 3 (give a list of ids)'],
  [() => sample(x, { unused: [1, 5] }), 'sample: unused[1] is 5 (give ids from 0 to 4)'],
  [() => sample(x, { unused: [4, 3, 2, 1, 0] }), 'sample: all 5 ids are unused (leave one that can be drawn)'],
  [() => sample(elsewhere(2, 5), { seen }), 'sample: inputs are on cpu and cpu (move one with to(device))'],
]

describe('refusals of sample', () => refuse(cases))
describe('options of sample', () => refuseOptions({ sample: (options) => sample(x, options) }))

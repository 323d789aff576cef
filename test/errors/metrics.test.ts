/** @file What measures refuse: sizes that do not fit, labels out of range, NaN, nothing, unknown words. */
import { describe, expect, it } from 'vitest'
import * as metrics from '../../src/metrics/index.ts'
import { type Any, doubles, elsewhere, ints, type Refusal, refusal, refuse, zeros } from '../support/refusals.ts'

// What is called here is what the compiler would refuse.
const m: Any = metrics
const nan = Number.NaN

const functions: readonly Refusal[] = [
  [() => m.accuracy([0, 1], [1]), 'accuracy: 2 true values and 1 predictions (give one of each per sample)'],
  [() => m.accuracy([], []), 'accuracy: there are no samples (give at least one)'],
  [() => m.accuracy([[], []], [[], []]), 'accuracy: there are no samples (give at least one)'],
  [
    () => m.accuracy(1, [1]),
    'accuracy: the truth: 1 (give a tensor of one or two axes, a list of numbers, or a list of rows)',
  ],
  [
    () => m.accuracy([1], zeros(1, 1, 1)),
    'accuracy: the predictions: [1, 1, 1] (give a tensor of one or two axes, a list of numbers, or a list of rows)',
  ],
  [() => m.accuracy([[1, 0], [1]], [0, 1]), 'accuracy: row 1 of the truth has 1 of 2 numbers'],
  [() => m.accuracy(['cat'], [0]), "accuracy: row 0 of the truth has 'cat' (give numbers)"],
  [() => m.accuracy([0, 1.5], [0, 1]), 'accuracy: row 1 of the truth is class 1.5 (labels are integers)'],
  [
    () =>
      m.accuracy(
        [0, 3],
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ),
    'accuracy: row 1 of the truth is class 3, of 3 classes (labels are integers)',
  ],
  [
    () =>
      m.accuracy(
        [0, 1],
        [
          [1, 0],
          [nan, 1],
        ],
      ),
    'accuracy: row 1 of the predictions has NaN (give numbers)',
  ],
  [() => m.accuracy([0], [[1, 0]], { topK: 0 }), 'accuracy: topK is 0 (give an integer from 1 up)'],
  [() => m.accuracy([0], [1], { topK: 2 }), 'accuracy: topK is 2, of labels (give scores [n, classes] as predictions)'],
  [
    () =>
      m.accuracy(
        [
          [0, 1],
          [1, 1],
        ],
        [1, 0],
      ),
    'accuracy: the truth is [2, 2], the predictions [2] (give both one shape)',
  ],
  [
    () => m.precision([[0, 1, 2]], [[0, 1, 1]], { average: 'macro' }),
    'precision: row 0 of the truth is class 2, of 2 classes (labels are integers)',
  ],
  [() => m.accuracy([0, 1], [0, 1], { sampleWeight: [1] }), 'accuracy: 1 weights for 2 samples (one for each)'],
  [
    () => m.accuracy([0, 1], [0, 1], { sampleWeight: [1, -1] }),
    'accuracy: the weights add up to 0 (at least one sample must count)',
  ],
  [() => m.recall([0, 1], [0, 1], { sampleWeight: [1, nan] }), 'recall: row 1 of the weights has NaN (give numbers)'],
  [
    () => m.precision([0, 1, 2], [0, 1, 2]),
    "precision: 3 classes (say how they become one: average 'micro', 'macro' or 'weighted')",
  ],
  [
    () => m.f1Score([[0, 1]], [[0, 1]]),
    "f1Score: average is 'binary', of several labels each ('micro', 'macro', 'weighted' or 'samples')",
  ],
  [
    () => m.f1Score([0, 1], [0, 1], { average: 'samples' }),
    "f1Score: average is 'samples', of one label each (it is for rows of labels, 0 or 1)",
  ],
  [
    () => m.recall([0, 1], [0, 1], { average: 'mean' }),
    "recall: average is 'mean' (one of 'binary', 'micro', 'macro', 'weighted', 'samples', null)",
  ],
  [() => m.recall([0, 2], [0, 2]), 'recall: posLabel is 1, the labels are 0 and 2'],
  [() => m.recall([0, 1], [0, 1], { zeroDivision: 'warn' }), "recall: zeroDivision is 'warn' (give 0 or 1)"],
  [() => m.fBeta([0, 1], [0, 1], -1), 'fBeta: beta is -1 (give a number from 0 up)'],
  [
    () => m.recall([0, 1, 7], [0, 1, 1], { classes: 3, average: 'macro' }),
    'recall: row 2 of the truth is class 7, of 3 classes (labels are integers)',
  ],
  [
    () => m.recall([0, 1, 1], [0, -1, 1], { classes: 3, average: 'macro' }),
    'recall: row 1 of the predictions is class -1, of 3 classes (labels are integers)',
  ],
  [() => m.recall([0], [0], { classes: 1.5 }), 'recall: classes is 1.5 (give an integer from 1 up)'],
  [
    () => m.recall([0], [0], { labels: [], average: 'macro' }),
    'recall: labels is an array (give a list of the labels that count)',
  ],
  [
    () => m.recall([[0, 1]], [[0, 1]], { labels: [2], average: 'macro' }),
    'recall: labels is 2 (give a list of the labels that count)',
  ],
  [
    () => m.confusionMatrix([0], [0], { normalize: 'rows' }),
    "confusionMatrix: normalize is 'rows' (one of 'true', 'pred', 'all', null)",
  ],
  [() => m.confusionMatrix([[0, 1]], [[0, 1]]), 'confusionMatrix: the samples have several labels (give one for each)'],
  [
    () => m.balancedAccuracy([[0, 1]], [[0, 1]]),
    'balancedAccuracy: the samples have several labels (give one for each)',
  ],
  [() => m.matthewsCorrcoef([0.5], [0]), 'matthewsCorrcoef: row 0 of the truth is class 0.5 (labels are integers)'],
  [
    () => m.classificationReport([0, 1], [0, 1], { targetNames: ['a'] }),
    'classificationReport: 1 targetNames for 2 classes',
  ],
  [
    () => m.classificationReport([0, 1], [0, 1], { digits: -1 }),
    'classificationReport: digits is -1 (give an integer from 0 to 60)',
  ],
  [() => new m.Confusion(0), 'Confusion: classes is 0 (give an integer from 1 up)'],
  [() => m.rocCurve([1, 2], [0.1, 0.2]), 'rocCurve: the labels are 1, 2 (say which one the scores are for: posLabel)'],
  [() => m.rocCurve([1, 2], [0.1, 0.2], { posLabel: 3 }), 'rocCurve: posLabel is 3, the labels are 1, 2'],
  [() => m.rocCurve([0, 1], [0.1, nan]), 'rocCurve: row 1 of the predictions has NaN (give numbers)'],
  [
    () =>
      m.precisionRecallCurve(
        [0, 1],
        [
          [0.1, 0.2],
          [0.1, 0.2],
        ],
      ),
    'precisionRecallCurve: the truth or the scores have two axes (give one column at a time)',
  ],
  [() => m.auc([0], [1]), 'auc: 1 of x, 1 of y (give as many, two or more)'],
  [() => m.auc([0, 2, 1], [1, 2, 3]), 'auc: x goes up and down, from 0 to 2 (sort the points by x)'],
  [() => m.rocAuc([1, 1], [0.1, 0.2]), 'rocAuc: all 2 samples are of class 1 (the area needs two)'],
  [() => m.rocAuc([0, 1, 2], [0.1, 0.2, 0.3]), 'rocAuc: 3 classes and one score each (give scores [n, classes])'],
  [
    () =>
      m.rocAuc(
        [
          [1, 0],
          [1, 1],
        ],
        [
          [0.1, 0.2],
          [0.1, 0.2],
        ],
      ),
    'rocAuc: all 2 samples are positive (the area needs both)',
  ],
  [
    () =>
      m.rocAuc(
        [0, 1],
        [
          [0.1, 0.2, 0.7],
          [0.1, 0.2, 0.7],
        ],
      ),
    "rocAuc: scores of 3 classes (say how they become one: multiClass 'ovr' or 'ovo')",
  ],
  [
    () =>
      m.rocAuc(
        [0, 1],
        [
          [0.1, 0.2, 0.7],
          [0.1, 0.2, 0.7],
        ],
        { multiClass: 'ovr' },
      ),
    'rocAuc: class 2 does not occur in the truth (the area needs all of them)',
  ],
  [
    () =>
      m.rocAuc(
        [0, 1, 2],
        [
          [0.1, 0.2, 0.7],
          [1, 2, 3],
          [0, 0, 1],
        ],
        { multiClass: 'ovr' },
      ),
    'rocAuc: row 1 has the probability 2 (softmax logits first)',
  ],
  [
    () =>
      m.rocAuc(
        [0, 1, 2],
        [
          [0.1, 0.2, 0.7],
          [0, 1, 0],
          [0, 0, 1],
        ],
        { multiClass: 'ovo', average: null },
      ),
    "rocAuc: average is null with multiClass 'ovo' ('macro' or 'weighted')",
  ],
  [
    () =>
      m.rocAuc(
        [0, 1, 2],
        [
          [0.1, 0.2, 0.7],
          [0, 1, 0],
          [0, 0, 1],
        ],
        { multiClass: 'ovo', sampleWeight: [1, 1, 2] },
      ),
    "rocAuc: sampleWeight with multiClass 'ovo' (leave it out, or take 'ovr')",
  ],
  [() => m.rocAuc([0, 1], [0, 1], { multiClass: 'all' }), "rocAuc: multiClass is 'all' (one of 'ovr', 'ovo', null)"],
  [
    () => m.averagePrecision([0, 1], [0, 1], { average: 'samples' }),
    "averagePrecision: average is 'samples' (one of 'macro', 'micro', 'weighted', null)",
  ],
  [
    () =>
      m.logLoss(
        [0, 2],
        [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      ),
    'logLoss: row 1 of the truth is class 2, of 2 classes (labels are integers)',
  ],
  [() => m.logLoss([0, 1], [0.5, 1.5]), 'logLoss: row 1 has the probability 1.5 (softmax logits first)'],
  [
    () =>
      m.logLoss(
        [0, 1],
        [
          [0.5, 0.5],
          [0.5, 0.75],
        ],
      ),
    'logLoss: the probabilities of row 1 add up to 1.25 (softmax logits first)',
  ],
  [() => m.perplexity([-100], [[1, 2]]), 'perplexity: all 1 rows are of class -100, which does not count'],
  [
    () =>
      m.perplexity(
        [0, 3],
        [
          [1, 2],
          [1, 2],
        ],
      ),
    'perplexity: row 1 of the truth is class 3, of 2 classes (labels are integers)',
  ],
  [
    () =>
      m.meanSquaredError(
        [1, 2],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    'meanSquaredError: the truth is [2], the predictions [2, 2] (give both one shape)',
  ],
  [() => m.meanSquaredError([1, nan], [1, 2]), 'meanSquaredError: row 1 of the truth has NaN (give numbers)'],
  [
    () => m.meanAbsoluteError([1], [1], { multioutput: 'raw' }),
    "meanAbsoluteError: multioutput is 'raw' (one of 'uniformAverage', null)",
  ],
  [
    () => m.meanAbsoluteError([1], [1], { multioutput: [1, 2] }),
    'meanAbsoluteError: multioutput has the weights [1, 2] (give 1 that do not add up to 0)',
  ],
  [() => m.r2Score([1], [1]), 'r2Score: 1 sample (give two or more)'],
]

const update =
  (metric: Any, ...args: Any[]) =>
  () =>
    metric.update(...args)

const streams: readonly Refusal[] = [
  [() => new m.Accuracy({ topK: 0 }), 'Accuracy: topK is 0 (give an integer from 1 up)'],
  [() => new m.Accuracy({ threshold: 'half' }), "Accuracy: threshold is 'half' (give a number)"],
  [() => new m.ConfusionMatrix({ classes: 0 }), 'ConfusionMatrix: classes is 0 (give an integer from 1 up)'],
  [
    () => new m.F1Score({ classes: 10 }),
    "F1Score: 10 classes (say how they become one: average 'micro', 'macro' or 'weighted')",
  ],
  [() => new m.Precision({ average: 'samples' }), "Precision: average is 'samples' (the function of this name has it)"],
  [() => new m.Recall({ posLabel: 2 }), 'Recall: posLabel is 2, of 2 classes'],
  [() => new m.Recall({ zeroDivision: 2 }), 'Recall: zeroDivision is 2 (give 0 or 1)'],
  [() => new m.Mean({ of: 1 }), 'Mean: of is 1 (give a function)'],
  [() => new m.Perplexity({ ignoreIndex: 0.5 }), 'Perplexity: ignoreIndex is 0.5 (give an integer)'],
  [() => new m.RocAuc({ average: 'mean' }), "RocAuc: average is 'mean' (one of 'macro', 'micro', 'weighted', null)"],
  [
    () => new m.AveragePrecision({ average: 'mean' }),
    "AveragePrecision: average is 'mean' (one of 'macro', 'micro', 'weighted', null)",
  ],
  [() => new m.RocAuc({ multiClass: 'all' }), "RocAuc: multiClass is 'all' (one of 'ovr', 'ovo', null)"],
  [update(new m.Accuracy(), [1], ints(1)), 'Accuracy: prediction is an array, not a tensor (make it with tensor(…))'],
  [
    update(new m.Accuracy(), zeros(2, 3), zeros(2)),
    "Accuracy: the target is float32 (classes are integers: labels.to('int32'))",
  ],
  [
    update(new m.Accuracy(), zeros(2, 3), ints(3)),
    'Accuracy: prediction [2, 3], target [3] (give scores [n, classes] for [n])',
  ],
  [update(new m.Accuracy({ topK: 2 }), ints(3), ints(3)), 'Accuracy: topK is 2, of [3] (give scores [n, classes])'],
  [update(new m.Accuracy(), zeros(3), ints(2)), 'Accuracy: prediction [3], target [2] (reshape one of them)'],
  [
    update(new m.Accuracy(), elsewhere(2, 3), ints(2)),
    'Accuracy: the prediction is on cpu, not cpu (move it with to(device))',
  ],
  [
    update(new m.ConfusionMatrix({ classes: 4 }), zeros(2, 3), ints(2)),
    'ConfusionMatrix: scores of 3 classes (the target has 4)',
  ],
  [
    update(new m.F1Score({ classes: 3, multilabel: true, average: 'macro' }), zeros(2, 2), ints(2, 2)),
    'F1Score: prediction [2, 2] (give [n, 3], a column for each label)',
  ],
  [
    update(new m.MeanSquaredError(), zeros(3, 1), zeros(3)),
    'MeanSquaredError: prediction [3, 1], target [3] (reshape one of them)',
  ],
  [
    update(new m.R2Score(), ints(3), ints(3)),
    "R2Score: the prediction is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [
    update(new m.Mean(), ints(3)),
    "Mean: what is averaged is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [
    update(new m.LogLoss(), zeros(3), zeros(3)),
    "LogLoss: the target is float32 (classes are integers: labels.to('int32'))",
  ],
  [
    update(new m.RocAuc(), ints(3), ints(3)),
    "RocAuc: the prediction is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [() => new m.Accuracy().compute(), 'Accuracy: no rows were counted (call update(prediction, target) first)'],
  [() => new m.RocAuc().compute(), 'RocAuc: no rows were counted (call update(prediction, target) first)'],
]

describe('functions', () => {
  refuse(functions)
})

describe('over batches', () => {
  refuse(streams)
})

it('batches of another kind than those before', async () => {
  const ranked: Any = new metrics.RocAuc()
  ranked.update(zeros(2, 3), ints(2))
  expect(await refusal(() => ranked.update(zeros(2, 4), ints(2)))).toBe(
    'RocAuc: 4 scores in a row (there were 3 before)',
  )
  const squares: Any = new metrics.MeanSquaredError()
  squares.update(zeros(2), zeros(2))
  expect(await refusal(() => squares.update(elsewhere(2), elsewhere(2)))).toMatch(
    /^MeanSquaredError: the prediction is /,
  )
  expect(await refusal(() => squares.update(doubles(2), doubles(2)))).toBe(
    "MeanSquaredError: the prediction is float64, float32 before (cast with x.to('float32'))",
  )
  const explained: Any = new metrics.R2Score()
  explained.update(zeros(2, 2), zeros(2, 2))
  expect(await refusal(() => explained.update(zeros(2, 3), zeros(2, 3)))).toBe(
    'R2Score: target [2, 3], and 2 outputs before',
  )
  const one: Any = new metrics.R2Score()
  one.update(zeros(1), zeros(1))
  expect(await refusal(() => one.compute())).toBe('R2Score: 1 row (give two or more)')
  const none: Any = new metrics.Perplexity({ ignoreIndex: 0 })
  none.update(zeros(2, 3), ints(2))
  expect(await refusal(() => none.compute())).toBe('Perplexity: all rows are of class 0, which does not count')
})

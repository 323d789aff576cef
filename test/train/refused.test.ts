/** @file What the trainer refuses, before anything is done: each text is pinned. */
import { describe, expect, test } from 'vitest'
import { nn, optim, type Tensor, tensor, train } from '../../src/index.ts'
import { ConfusionMatrix, F1Score } from '../../src/metrics/index.ts'
import { type Any, type Refusal, refusal, refuse } from '../support/refusals.ts'
import { rows } from '../support/training.ts'

const model = new nn.Linear(2, 1)
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })
const loss = (y: Tensor, target: Tensor): Tensor => nn.functional.mseLoss(y, target.reshape([-1, 1]))
const all = { train: rows([1, 1, 1]), loss, optimizer, progress: false }
const fitted =
  (options: Any, of: Any = model) =>
  () =>
    train.fit(of, { ...all, ...options })
const oneCycle = (totalSteps: number) =>
  new optim.OneCycleLR(new optim.SGD(model.parameters(), { lr: 1, momentum: 0.5 }), { maxLr: 1, totalSteps })
const cosine = (tMax: number) => new optim.CosineAnnealingLR(new optim.SGD(model.parameters(), { lr: 1 }), { tMax })

const takes =
  'it takes { train, loss, optimizer, schedule, epochs, clip, gradNorm, accumulate, weight, autocast, scaler, l1, l2, ema, metrics, device, ' +
  'validation, scheduleEvery, monitor, mode, earlyStop, callbacks, progress, checkpoint, resume, findNaN }'

const refused: readonly Refusal[] = [
  [fitted({}, {}), 'fit: the model is an object (give an nn.Module)'],
  [fitted({}, new nn.ReLU()), 'fit: the model, ReLU, has no parameters to train (make them with nn.parameter(…))'],
  [fitted({ epoch: 3 }), `fit: there is no option epoch (did you mean epochs? ${takes})`],
  [fitted({ epochs: 0 }), 'fit: epochs is 0 (give an integer from 1 up)'],
  [fitted({ accumulate: 1.5 }), 'fit: accumulate is 1.5 (give an integer from 1 up)'],
  [fitted({ train: undefined }), 'fit: train is undefined (give a DataLoader, or batches with their number as length)'],
  [fitted({ train: [] }), 'fit: train has no batches (give at least one)'],
  [fitted({ validation: [] }), 'fit: validation has no batches (give at least one)'],
  [fitted({ loss: 'mse' }), "fit: loss is 'mse' (give nn.functional.crossEntropy or new nn.MSELoss(), say)"],
  [fitted({ optimizer: 0.1 }), 'fit: optimizer is 0.1 (give new optim.Adam(model.parameters()), say)'],
  [
    fitted({ optimizer: new optim.SGD(new nn.Linear(1, 1).parameters(), { lr: 1 }) }),
    "fit: the optimizer has none of the model's parameters (make it with model.parameters())",
  ],
  [fitted({ schedule: 0.1 }), 'fit: schedule is 0.1 (give new optim.OneCycleLR(optimizer, { … }), say)'],
  [
    fitted({ schedule: oneCycle(8), epochs: 2 }),
    "fit: the schedule, OneCycleLR, is made for 8 steps, and there are 6 steps (make it for 6, or say scheduleEvery: 'step' or 'epoch')",
  ],
  [
    fitted({ schedule: oneCycle(4), epochs: 2 }),
    "fit: the schedule, OneCycleLR, is made for 4 steps, and there are 6 steps (make it for 6, or say scheduleEvery: 'step' or 'epoch')",
  ],
  [
    fitted({ schedule: cosine(6), scheduleEvery: 'epoch', epochs: 2 }),
    "fit: the schedule, CosineAnnealingLR, is made for 6 steps, and there are 2 epochs (make it for 2, or say scheduleEvery: 'step' or 'epoch')",
  ],
  [fitted({ scheduleEvery: 'batch' }), "fit: scheduleEvery is 'batch' (give 'step' or 'epoch')"],
  [
    fitted({ schedule: new optim.ReduceLROnPlateau(optimizer), scheduleEvery: 'step' }),
    "fit: scheduleEvery is 'step', and ReduceLROnPlateau looks at the validation (give 'epoch')",
  ],
  [fitted({ clip: { norms: 1 } }), 'fit: there is no option norms (did you mean norm? it takes { norm, value })'],
  [fitted({ clip: { norm: 0 } }), 'fit: clip.norm is 0 (give a number above 0)'],
  [fitted({ l2: -1 }), 'fit: l2 is -1 (give a number from 0 up)'],
  [fitted({ gradNorm: 1 }), 'fit: gradNorm is 1 (give true or false)'],
  [fitted({ autocast: 'half' }), "fit: autocast is 'half' (give 'bfloat16' or 'float16', or leave it out)"],
  [
    fitted({ autocast: 'bfloat16', scaler: new optim.GradScaler() }),
    "fit: scaler is a GradScaler, autocast 'bfloat16' (give new optim.GradScaler(), with autocast: 'float16')",
  ],
  [fitted({ ema: 0.9 }), 'fit: ema is 0.9 (give new optim.EMA(model))'],
  [
    fitted({ metrics: 'accuracy' }),
    "fit: metrics is 'accuracy' (give an object: { accuracy: new metrics.Accuracy() })",
  ],
  [fitted({ metrics: { a: loss } }), 'fit: metrics.a is a function (give a Metric: new metrics.Accuracy(), say)'],
  ...[new F1Score({ classes: 2, average: null }), new ConfusionMatrix()].map((a): Refusal => {
    return [
      fitted({ metrics: { a } }),
      "fit: metrics.a gives more than one number (average: 'macro' makes one of a list)",
    ]
  }),
  [fitted({ device: 'cpu' }), "fit: device is 'cpu' (give await device('auto'))"],
  [fitted({ monitor: 'accuracy' }), "fit: monitor is 'accuracy' (give one of loss)"],
  [
    fitted({ monitor: 'a', metrics: { a: { update() {}, compute: async () => 1, reset() {} } } }),
    "fit: monitor is 'a', mode undefined (say which is best: mode: 'min' or 'max')",
  ],
  [fitted({ earlyStop: {} }), 'fit: earlyStop.patience is undefined (give an integer from 1 up)'],
  [fitted({ earlyStop: { patience: 1, minDelta: -1 } }), 'fit: earlyStop.minDelta is -1 (give a number from 0 up)'],
  [fitted({ callbacks: () => {} }), 'fit: callbacks is a function (give a list of functions of an event)'],
  [fitted({ checkpoint: { every: 2 } }), 'fit: checkpoint.folder is undefined (give a path)'],
  [fitted({ checkpoint: { folder: 'x', every: 0 } }), 'fit: checkpoint.every is 0 (give an integer from 1 up)'],
  [fitted({ checkpoint: { folder: 'x', keepLast: 0 } }), 'fit: checkpoint.keepLast is 0 (give an integer from 1 up)'],
  [fitted({ resume: true }), 'fit: resume is true (give the folder of the checkpoints)'],
  [
    () => train.trainSteps(model, all as Any),
    'trainSteps: there is no option progress (it takes { train, loss, optimizer, schedule, epochs, clip, gradNorm, ' +
      'accumulate, weight, autocast, scaler, l1, l2, ema, metrics, device, from })',
  ],
  [() => train.evaluate(model, [], { loss }), 'evaluate: batches has no batches (give at least one)'],
  [
    () => train.lrRange(model, all as Any),
    'lrRange: there is no option progress (it takes { train, loss, optimizer, clip, accumulate, l1, l2, device, low, ' +
      'high, steps, smooth, stopAt })',
  ],
  [
    () => train.lrRange(model, { train: all.train, loss, optimizer, low: 0 }),
    'lrRange: low is 0 (give a number above 0)',
  ],
  [
    () => train.lrRange(model, { train: all.train, loss, optimizer, high: 1e-9 }),
    'lrRange: high is 1e-9 (give a number above 1e-7)',
  ],
  [
    () => train.lrRange(model, { train: all.train, loss, optimizer, steps: 1 }),
    'lrRange: steps is 1 (give an integer from 2 up)',
  ],
  [() => train.csv('x', { every: 'batch' } as Any), "csv: every is 'batch' (give 'epoch' or 'step')"],
  [() => train.jsonLines(5 as Any), 'jsonLines: the path is 5 (give a path as text; of a URL fileURLToPath(url))'],
  [() => train.tensorBoard('x', { histograms: 1 } as Any), 'tensorBoard: histograms is 1 (give true or false)'],
]

/** What only the run itself shows. */
const found: readonly Refusal[] = [
  [
    fitted({ train: [[tensor([1])]] }),
    'fit: a batch is [a Tensor] (give a list of tensors: inputs, and the target last)',
  ],
  [
    fitted({ loss: (y: Tensor) => y.expand([4, 1]) }),
    "fit: the loss has 4 elements (it is one number: reduction 'mean', or loss.mean())",
  ],
  [
    fitted({ loss: async (y: Tensor) => y.mean() }),
    'fit: the loss gave a Promise (return a tensor of one number, at once)',
  ],
  [
    fitted({ train: Object.assign(rows([1]), { [Symbol.iterator]: () => rows([1, 1])[Symbol.iterator]() }) }),
    'fit: train gave another batch (its length says 1)',
  ],
  [
    fitted({ train: { length: 3, [Symbol.iterator]: () => rows([1])[Symbol.iterator]() } }),
    'fit: train gave 1 batches (its length says 3)',
  ],
  [
    fitted({ metrics: { a: { update() {}, compute: async () => [1], reset() {} } } }),
    'fit: metrics.a gave an array (give a metric of one number)',
  ],
]

describe('refused', () => {
  refuse(refused)
})

test.each(found)('found on the way: %#', async (call, text) => {
  expect(await refusal(call)).toBe(text)
})

test('what is refused has changed nothing', async () => {
  const before = await model.weight.array()
  await Promise.all(
    refused.slice(0, 30).map(([f]) =>
      Promise.resolve()
        .then(f)
        .catch(() => {}),
    ),
  )
  expect(await model.weight.array()).toEqual(before)
})

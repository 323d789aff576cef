/** @file Samples to be judged, what the formula says of them, and a page of everything, for the tests of reports. */
import * as handgrad from '../../src/index.ts'
import { Confusion } from '../../src/metrics/index.ts'
import { judge, report } from '../../src/report/index.ts'
import type { History } from '../../src/train/index.ts'

const { data, inspect, manualSeed, nn } = handgrad
type Device = handgrad.Device

export const history: History = {
  epochs: [
    {
      epoch: 1,
      step: 2,
      loss: 2,
      metrics: { 'a<b': 0.5, accuracy: 0.75 },
      validationLoss: 1.5,
      validation: { 'a<b': 0.25, accuracy: 0.875 },
      seconds: 61,
    },
  ],
  losses: [3, 1],
  rates: [0.1, 0.2],
  gradNorms: [5, 4],
}

/** Its inputs are its logits. */
export class Given extends nn.Module {
  forward(x: handgrad.Tensor): handgrad.Tensor {
    return x
  }
}

export const CLASSES = 4
/** 100 rows of logits, [4], which are images of 2 × 2 as well; no two probabilities are close to each other. */
export const rows = {
  length: 100,
  get: (i: number) => {
    const z = Float32Array.from({ length: CLASSES }, (_, c) => 4 * Math.sin(i * i + 3 * c + 0.1 * i))
    return [
      { data: z, shape: [CLASSES] },
      { data: Int32Array.of((7 * i) % CLASSES), shape: [] },
    ]
  },
}

/** What the formula says of the rows: softmax, and −ln p of the true class. */
export function expected() {
  const all = Array.from({ length: rows.length }, (_, index) => {
    const [{ data: logits }, { data: target }] = rows.get(index)
    const [z, label] = [[...logits], target[0]]
    const total = z.reduce((sum, v) => sum + Math.exp(v), 0)
    const p = z.map((v) => Math.exp(v) / total)
    const confidence = Math.max(...p)
    return { index, label, answer: p.indexOf(confidence), confidence, truth: p[label] }
  })
  const confusion = new Confusion(CLASSES)
  for (const { label, answer } of all) confusion.add([label], [answer])
  const wrong = all.filter(({ label, answer }) => label !== answer).sort((a, b) => a.truth - b.truth)
  return { all, wrong, confusion, loss: all.reduce((sum, { truth }) => sum - Math.log(truth), 0) / all.length }
}

/** The rows as batches on a device. */
export const batchesOf = (batchSize: number, device: Device) => new data.DataLoader(rows, { batchSize, device })

/** A page with everything on it, of digits and an untrained model; names are as bad as they may be. */
export async function everything(device?: Device): Promise<string> {
  manualSeed(3)
  const on = device ?? new handgrad.CpuDevice()
  const digits = new data.DigitDataset(data.syntheticDigits({ count: 60, seed: 1 }))
  const batches = new data.DataLoader(digits, { batchSize: 30, device: on })
  const linear = (inputs: number, outputs: number) => new nn.Linear(inputs, outputs, { device: on })
  const model = new nn.Sequential(linear(784, 40), new nn.ReLU(), linear(40, 10))
  const { confusion, samples, mistakes } = await judge(model, batches, { imageSize: [28, 28] })
  const [[x, target]] = new data.DataLoader(digits, { batchSize: 8, device: on })
  const graph = await inspect.backward(nn.functional.crossEntropy(model.forward(x), target))
  const classes = ['zero', '<b>one</b>', ...Array.from({ length: 8 }, (_, i) => `class number ${i + 2}`)]
  const lead = 'Lead <i>text</i>'
  const facts = { 'a very long fact': 'word '.repeat(60), unbroken: 'x'.repeat(300) }
  const shown = { confusion, samples, mistakes, classes, graph, weights: [28, 28] } as const
  return report(history, { model, title: 'All & more', lead, badge: 'badge "quoted"', facts, ...shown })
}

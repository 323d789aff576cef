/** @file The digit classifier: its model, its batches and its graph. Training and evaluation are in src/train. */

import type { Device } from '../core/device.ts'
import { DataLoader, DigitDataset, type Digits } from '../data/index.ts'
import { nn, scope } from '../index.ts'
import * as inspect from '../inspect/index.ts'

/** 784 → 256 → ReLU → 10: logits of the ten classes. */
export function makeModel(inputs: number, classes: number, device: Device): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(inputs, 256, { device }),
    new nn.ReLU(),
    new nn.Linear(256, classes, { device }),
  )
}

/** Batches of images, pixels scaled, and their labels. */
export const makeLoader = (
  digits: Digits,
  { mean, std }: Normal,
  options: { batchSize: number; shuffle?: boolean; seed?: number; device: Device },
) => new DataLoader(new DigitDataset(digits, { mean, std }), options)
export type DigitLoader = ReturnType<typeof makeLoader>

/** What is taken off pixels in 0 … 1, and what they are divided by. */
export interface Normal {
  readonly mean: number
  readonly std: number
}

/** The model's graph on one batch, with values and gradients. */
export async function captureGraph(model: nn.Sequential, loader: DigitLoader): Promise<inspect.Graph> {
  const [batch] = loader
  const [x, target] = batch
  // What the last step left would add to the gradients shown.
  model.zeroGrad()
  const loss = scope(() => nn.functional.crossEntropy(model.forward(x), target))
  const graph = await inspect.backward(loss, {
    names: { ...Object.fromEntries(model.namedParameters()), images: x, labels: target, loss },
  })
  model.zeroGrad()
  for (const tensor of [loss, x, target]) tensor.dispose()
  return graph
}

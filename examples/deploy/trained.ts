/** @file The classifier of digits that serve.ts, prune.ts and quantize.ts start from. */
import { type Device, data, nn, optim, train } from 'handgrad'
import { judge } from 'handgrad/report'
import { digits } from '../data.ts'

export const perceptron = (device: Device): nn.Sequential =>
  new nn.Sequential(new nn.Linear(784, 64, { device }), new nn.ReLU(), new nn.Linear(64, 10, { device }))

/** Some steps of Adam; `each` is told of each, and may change the weights. */
export async function learn(
  model: nn.Sequential,
  batches: train.FitOptions['train'],
  steps: number,
  each: (step: number) => void,
): Promise<void> {
  const optimizer = new optim.Adam(model.parameters(), { lr: 3e-3 })
  const options = { train: batches, loss: nn.functional.crossEntropy, optimizer, epochs: steps }
  for await (const { step } of train.trainSteps(model, options)) {
    each(step)
    if (step >= steps) break
  }
}

/** The classifier after so many steps, with the batches that it learned from and those that it is asked about. */
export async function trained(device: Device, folder: string, steps: number, each: (step: number) => void) {
  const parts = await digits(folder, 1500)
  const [learned, asked] = [parts.train, parts.test].map((part) => new data.DigitDataset(part)) // x = u/255
  const batches = new data.DataLoader(learned, { batchSize: 32, shuffle: true, device })
  const tests = new data.DataLoader(asked, { batchSize: 300, device })
  const model = perceptron(device)
  await learn(model, batches, steps, each)
  const accuracyOf = async (m: nn.Sequential): Promise<number> => (await judge(m, tests, { mistakes: 0 })).accuracy
  return { model, test: parts.test, batches, accuracyOf }
}

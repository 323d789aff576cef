/**
 * @file MNIST by a perceptron or a convolutional network: `npx tsx tools/runs/mnist.ts --model cnn --device webgpu
 * --data DIR`. 55,000 images are trained on and 5,000 validate, by `train.fit`; the 10,000 of the test set are looked
 * at once, at the end.
 */
import { join } from 'node:path'
import { type Device, data, manualSeed, nn, optim, train } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'
import { type Outcome, program, start } from './run.ts'

const models = {
  mlp: {
    name: 'MLP',
    wanted: 0.98,
    epochs: 8,
    maxLr: 4e-3,
    make: (device: Device) => {
      const [first, last] = [new nn.Linear(784, 256, { device }), new nn.Linear(256, 10, { device })]
      return new nn.Sequential(first, new nn.ReLU(), new nn.Dropout(0.2), last)
    },
  },
  cnn: {
    name: 'CNN',
    wanted: 0.99,
    epochs: 4,
    maxLr: 1e-2,
    make: (device: Device) => {
      const block = (from: number, to: number): nn.Layer[] => [
        new nn.Conv2d(from, to, 3, { padding: 1, bias: false, device }),
        new nn.BatchNorm2d(to, { device }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
      ]
      const end = [new nn.Flatten(), new nn.Dropout(0.2), new nn.Linear(32 * 7 * 7, 10, { device })]
      return new nn.Sequential(new nn.Unflatten(1, [1, 28, 28]), ...block(1, 16), ...block(16, 32), ...end)
    },
  },
}

export function main(args: readonly string[]): Promise<Outcome> {
  const defaults = { model: 'mlp', epochs: '', batch: '128', seed: '0' }
  return program('mnist', args, defaults, async ({ data: folder, device, own }) => {
    const model = models[own.model as keyof typeof models]
    if (!Object.hasOwn(models, own.model)) throw new Error(`mnist: --model is '${own.model}' (mlp or cnn)`)
    const [epochs, batchSize, seed] = [own.epochs || model.epochs, own.batch, own.seed].map(Number)
    manualSeed(seed)
    const digits = await data.loadMnist(join(folder, 'mnist'))
    const scale = { std: data.meanStd(digits.train.images).std }
    const whole = new data.DigitDataset(digits.train, scale)
    const parts = data.trainTestSplit(whole, { testSize: 1 / 12, seed, stratify: [...digits.train.labels] })
    const batches = new data.DataLoader(parts.train, { batchSize, shuffle: true, seed, device })
    const validation = new data.DataLoader(parts.test, { batchSize: 500, device })
    const test = new data.DataLoader(new data.DigitDataset(digits.test, scale), { batchSize: 500, device })
    const net = model.make(device)
    const optimizer = new optim.AdamW(net.parameters(), { lr: model.maxLr, weightDecay: 0.01 })
    const schedule = new optim.OneCycleLR(optimizer, { maxLr: model.maxLr, totalSteps: epochs * batches.length })
    const loss = new nn.CrossEntropyLoss()
    const measures = { accuracy: new metrics.Accuracy() }
    await train.fit(net, { train: batches, validation, loss, optimizer, schedule, epochs, metrics: measures, device })
    const { metrics: found } = await train.evaluate(net, test, { loss, metrics: measures, device })
    return {
      what: `MNIST, ${model.name}`,
      length: `${epochs} epochs, ${epochs * batches.length} steps`,
      result: `${(100 * found.accuracy).toFixed(2)} % of the test set`,
      wanted: `≥ ${100 * model.wanted} %`,
      reached: found.accuracy >= model.wanted,
    }
  })
}

await start(import.meta.url, main)

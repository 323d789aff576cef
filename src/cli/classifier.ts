/** @file The digit classifiers: their models by name, their batches, and the graph of one. Training is in src/train. */
import type { Device } from '../core/device.ts'
import { DataLoader, type Dataset, DigitDataset, type Digits } from '../data/index.ts'
import { nn, scope, type Tensor } from '../index.ts'
import * as inspect from '../inspect/index.ts'
import type { ReportOptions } from '../report/index.ts'

/** Units between the two layers of the perceptron, filters of the blocks, and numbers in the state of the LSTM. */
const HIDDEN = 256
const FILTERS = [8, 16]
const STATE = 64

/** What an LSTM remembers at the end of sequences x [batch, steps, features]. */
class LastState extends nn.Module {
  readonly lstm: nn.LSTM

  constructor(features: number, hidden: number, device: Device) {
    super()
    this.lstm = new nn.LSTM(features, hidden, { batchFirst: true, device })
  }

  forward(x: Tensor): Tensor {
    const [, [state]] = this.lstm.forward(x)
    return state.squeeze(0)
  }
}

type Sizes = Pick<Digits, 'rows' | 'cols' | 'classes'>

interface Recipe {
  readonly title: string
  readonly weights: (size: readonly [rows: number, cols: number]) => ReportOptions['weights']
  readonly layers: (sizes: Sizes, device: Device) => nn.Layer[]
}

/** From pixels [batch, rows · cols] to logits; and how weights of the first layer are images, see `report`. */
export const models = {
  mlp: {
    title: 'perceptron',
    weights: (size) => size,
    layers: ({ rows, cols, classes }, device) => [
      new nn.Linear(rows * cols, HIDDEN, { device }),
      new nn.ReLU(),
      new nn.Linear(HIDDEN, classes, { device }),
    ],
  },
  cnn: {
    title: 'convolutional network',
    weights: () => true,
    layers: ({ rows, cols, classes }, device) => {
      const block = (from: number, to: number): nn.Layer[] => [
        new nn.Conv2d(from, to, 3, { padding: 1, bias: false, device }),
        new nn.BatchNorm2d(to, { device }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
      ]
      return [
        new nn.Unflatten(1, [1, rows, cols]),
        ...FILTERS.flatMap((to, i) => block(FILTERS[i - 1] ?? 1, to)),
        new nn.Flatten(),
        new nn.Dropout(0.2),
        new nn.Linear(FILTERS[1] * (rows >> 2) * (cols >> 2), classes, { device }),
      ]
    },
  },
  rnn: {
    title: 'recurrent network',
    weights: () => undefined,
    layers: ({ rows, cols, classes }, device) => [
      new nn.Unflatten(1, [rows, cols]),
      new LastState(cols, STATE, device),
      new nn.Linear(STATE, classes, { device }),
    ],
  },
} as const satisfies Readonly<Record<string, Recipe>>
export type ModelName = keyof typeof models

export const makeModel = (name: ModelName, sizes: Sizes, device: Device): nn.Sequential =>
  new nn.Sequential(...models[name].layers(sizes, device))

/** What is taken off pixels in 0 … 1, and what they are divided by. */
export interface Normal {
  readonly mean: number
  readonly std: number
}

/** Images, pixels scaled, and their labels. */
export const scaled = (digits: Digits, { mean, std }: Normal): DigitDataset => new DigitDataset(digits, { mean, std })

/** Batches of such images. */
export const makeLoader = (
  images: Dataset<ReturnType<DigitDataset['get']>>,
  options: { batchSize: number; shuffle?: boolean; seed?: number; device: Device },
) => new DataLoader(images, options)
export type DigitLoader = ReturnType<typeof makeLoader>

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

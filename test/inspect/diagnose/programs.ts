/** @file Small programs that learn, to be broken: a model, its data, loss and optimizer, each by a seed. */
import {
  arange,
  type Device,
  data,
  keep,
  manualSeed,
  nn,
  optim,
  randint,
  randn,
  scope,
  type Tensor,
  tensor,
} from '../../../src/index.ts'
import type { DiagnoseOptions } from '../../../src/inspect/index.ts'
import type { Stepping, Trainable } from '../../../src/train/index.ts'

export interface Program {
  model: Trainable
  options: DiagnoseOptions & { optimizer: Stepping }
}

const { crossEntropy, mseLoss, relu } = nn.functional

/** Batches of points in `width` dimensions with one of `classes` names, which a plane for each tells. */
export function points(device: Device, { width = 8, classes = 4, count = 6, rows = 24 } = {}): [Tensor, Tensor][] {
  const planes = randn([width, classes], { device })
  return Array.from({ length: count }, () =>
    keep(
      scope((): [Tensor, Tensor] => {
        const x = randn([rows, width], { device })
        return [x, x.matmul(planes).argmax(1)]
      }),
    ),
  )
}

/** A perceptron by modules. `bias` begins at 0, weights as He et al. have them. */
export function perceptron(
  device: Device,
  sizes: readonly number[],
  activation: () => nn.Layer = () => new nn.ReLU(),
): nn.Sequential {
  const layers = sizes.slice(1).flatMap((width, i): nn.Layer[] => {
    const linear = new nn.Linear(sizes[i], width, { device })
    if (i === sizes.length - 2) return [linear]
    nn.init.kaimingNormal_(linear.weight, { nonlinearity: 'relu' })
    nn.init.zeros_(linear.bias as Tensor)
    return [linear, activation()]
  })
  return new nn.Sequential(...layers)
}

class ConvNet extends nn.Module {
  conv1: nn.Conv2d
  norm: nn.BatchNorm2d
  conv2: nn.Conv2d
  drop = new nn.Dropout(0.1)
  fc: nn.Linear
  constructor(device: Device) {
    super()
    this.conv1 = new nn.Conv2d(1, 6, 3, { padding: 1, device })
    this.norm = new nn.BatchNorm2d(6, { device })
    this.conv2 = new nn.Conv2d(6, 8, 3, { stride: 2, device })
    this.fc = new nn.Linear(8 * 9, 3, { device })
  }
  forward(x: Tensor): Tensor {
    const h = relu(this.norm.forward(this.conv1.forward(x)))
    return this.fc.forward(this.drop.forward(relu(this.conv2.forward(h)).flatten(1)))
  }
}

class Recurrent extends nn.Module {
  lstm: nn.LSTM
  fc: nn.Linear
  constructor(device: Device) {
    super()
    this.lstm = new nn.LSTM(3, 10, { batchFirst: true, device })
    this.fc = new nn.Linear(10, 1, { device })
  }
  forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(x)
    return this.fc.forward(y.select(1, -1)).squeeze(1)
  }
}

class Block extends nn.Module {
  norm1: nn.LayerNorm
  attention: nn.MultiheadAttention
  norm2: nn.LayerNorm
  up: nn.Linear
  down: nn.Linear
  constructor(width: number, device: Device) {
    super()
    this.norm1 = new nn.LayerNorm(width, { device })
    this.attention = new nn.MultiheadAttention(width, 2, { batchFirst: true, device })
    this.norm2 = new nn.LayerNorm(width, { device })
    this.up = new nn.Linear(width, 2 * width, { device })
    this.down = new nn.Linear(2 * width, width, { device })
  }
  forward(x: Tensor): Tensor {
    const h = this.norm1.forward(x)
    const y = x.add(this.attention.forward(h, h, h, { isCausal: true, needWeights: false })[0])
    return y.add(this.down.forward(nn.functional.gelu(this.up.forward(this.norm2.forward(y)))))
  }
}

class GPT extends nn.Module {
  tokens: nn.Embedding
  places: nn.Embedding
  block: Block
  norm: nn.LayerNorm
  head: nn.Linear
  constructor(device: Device, width = 12, vocabulary = 9, length = 6) {
    super()
    this.tokens = new nn.Embedding(vocabulary, width, { device })
    this.places = new nn.Embedding(length, width, { device })
    this.block = new Block(width, device)
    this.norm = new nn.LayerNorm(width, { device })
    this.head = new nn.Linear(width, vocabulary, { device })
  }
  forward(x: Tensor): Tensor {
    const at = arange(0, x.shape[1], 1, { dtype: 'int32', device: x.device })
    const h = this.tokens.forward(x).add(this.places.forward(at))
    return this.head.forward(this.norm.forward(this.block.forward(h)))
  }
}

type Optimizer = (model: nn.Module) => Stepping
export const sgd =
  (lr: number, momentum = 0): Optimizer =>
  (model) =>
    new optim.SGD(model.parameters(), { lr, momentum })
export const adam =
  (lr: number): Optimizer =>
  (model) =>
    new optim.Adam(model.parameters(), { lr })

/** Programs that learn. */
export const healthy: Readonly<Record<string, (device: Device, seed: number) => Program>> = {
  'a perceptron of ReLUs, by SGD': (device, seed) => {
    manualSeed(seed)
    const model = perceptron(device, [8, 24, 16, 4])
    return { model, options: { loss: crossEntropy, optimizer: sgd(0.1)(model), loader: points(device) } }
  },
  'a perceptron of tanh, by SGD with momentum': (device, seed) => {
    manualSeed(seed)
    const model = perceptron(device, [6, 16, 4], () => new nn.Tanh())
    const loader = points(device, { width: 6, rows: 16 })
    return { model, options: { loss: new nn.CrossEntropyLoss(), optimizer: sgd(0.05, 0.9)(model), loader } }
  },
  'a perceptron with dropout and batch normalisation, by Adam': (device, seed) => {
    manualSeed(seed)
    const model = new nn.Sequential(
      new nn.Linear(8, 20, { device }),
      new nn.BatchNorm1d(20, { device }),
      new nn.ReLU(),
      new nn.Dropout(0.2),
      new nn.Linear(20, 4, { device }),
    )
    return { model, options: { loss: crossEntropy, optimizer: adam(3e-3)(model), loader: points(device) } }
  },
  'a regression by sigmoids, by Adam': (device, seed) => {
    manualSeed(seed)
    const model = perceptron(device, [4, 12, 1], () => new nn.Sigmoid())
    const loader = Array.from({ length: 6 }, () => {
      const x = keep(randn([24, 4], { device }))
      return [x, keep(scope(() => x.sum(1, { keepdim: true }).sin()))] as const
    })
    return { model, options: { loss: mseLoss, optimizer: adam(0.01)(model), loader } }
  },
  'a convolutional net, by Adam': (device, seed) => {
    manualSeed(seed)
    const model = new ConvNet(device)
    const loader = Array.from({ length: 4 }, () => {
      const x = keep(randn([12, 1, 8, 8], { device }))
      return [x, keep(scope(() => x.mean([1, 2, 3]).mul(8).add(1).clamp(0, 2).round().to('int32')))] as const
    })
    return { model, options: { loss: crossEntropy, optimizer: adam(2e-3)(model), loader, steps: 4 } }
  },
  'an LSTM, by Adam': (device, seed) => {
    manualSeed(seed)
    const model = new Recurrent(device)
    const loader = Array.from({ length: 5 }, () => {
      const x = keep(randn([16, 5, 3], { device }))
      return [x, keep(scope(() => x.sum([1, 2]).tanh()))] as const
    })
    return { model, options: { loss: mseLoss, optimizer: adam(5e-3)(model), loader, steps: 5 } }
  },
  'a transformer, by AdamW': (device, seed) => {
    manualSeed(seed)
    const model = new GPT(device)
    const loader = Array.from({ length: 4 }, () => {
      const x = keep(randint(0, 9, [8, 6], { device }))
      return [x, keep(scope(() => x.add(1).remainder(9)))] as const
    })
    const loss = (y: Tensor, target: Tensor) => crossEntropy(y.reshape([-1, 9]), target.reshape([-1]))
    const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3 })
    return { model, options: { loss, optimizer, loader, steps: 4 } }
  },
  'logistic regression from zeros, by SGD': (device, seed) => {
    manualSeed(seed)
    const model = new nn.Linear(5, 1, { device })
    nn.init.zeros_(model.weight)
    const loader = points(device, { width: 5, classes: 2, rows: 20 }).map(([x, y]) => {
      return [x, keep(scope(() => y.to('float32').reshape([-1, 1])))] as const
    })
    return { model, options: { loss: nn.functional.bceWithLogits, optimizer: sgd(0.5)(model), loader } }
  },
}

const words = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'.split(' ')
const letters = [...new Set(`\n${words.join('')}`)]
const LETTERS = letters.length

/** Rows of letters, each with the letter after it as its class. */
function sentences(device: Device): [Tensor, Tensor][] {
  const rows = words.map((word) => [...`\n${word}`.padEnd(11, '\n')].map((letter) => letters.indexOf(letter)))
  const text = keep(tensor(rows, { dtype: 'int32', device }))
  return [keep(scope(() => [text.narrow(1, 0, 10).clone(), text.narrow(1, 1, 10).flatten().clone()]))]
}

const digits = (device: Device, batchSize: number): DiagnoseOptions['loader'] =>
  new data.DataLoader(new data.DigitDataset(data.syntheticDigits({ count: 4 * batchSize, seed: 1 })), {
    batchSize,
    shuffle: true,
    device,
  })

class Writer extends nn.Module {
  table: nn.Embedding
  lstm: nn.LSTM
  head: nn.Linear
  constructor(device: Device) {
    super()
    this.table = new nn.Embedding(LETTERS, 16, { device })
    this.lstm = new nn.LSTM(16, 48, { batchFirst: true, device })
    this.head = new nn.Linear(48, LETTERS, { device })
  }
  forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(this.table.forward(x))
    return this.head.forward(y).flatten(0, 1)
  }
}

/** Networks of examples/short with their rates, and small classifiers as in examples/xor.ts and framework.ts. */
export const fromExamples: Readonly<Record<string, (device: Device, seed: number) => Program>> = {
  'short/mlp': (device, seed) => {
    manualSeed(seed)
    const first = new nn.Linear(784, 64, { device })
    const model = new nn.Sequential(first, new nn.ReLU(), new nn.Dropout(0.1), new nn.Linear(64, 10, { device }))
    const loss = new nn.CrossEntropyLoss({ labelSmoothing: 0.05 })
    const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3 })
    return { model, options: { loss, optimizer, loader: digits(device, 64), steps: 4 } }
  },
  'short/cnn': (device, seed) => {
    manualSeed(seed)
    const block = (from: number, to: number): nn.Layer[] => [
      new nn.Conv2d(from, to, 3, { padding: 1, bias: false, device }),
      new nn.BatchNorm2d(to, { device }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
    ]
    const body = [new nn.Unflatten(1, [1, 28, 28]), ...block(1, 8), ...block(8, 16), new nn.Flatten()]
    const model = new nn.Sequential(...body, new nn.Linear(16 * 7 * 7, 10, { device }))
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9, nesterov: true, weightDecay: 1e-4 })
    return { model, options: { loss: crossEntropy, optimizer, loader: digits(device, 16), steps: 4 } }
  },
  'short/lstm': (device, seed) => {
    manualSeed(seed)
    const model = new Writer(device)
    return { model, options: { loss: crossEntropy, optimizer: adam(0.03)(model), loader: sentences(device), steps: 4 } }
  },
  'short/gpt': (device, seed) => {
    manualSeed(seed)
    const options = { dimFeedforward: 64, dropout: 0, batchFirst: true, normFirst: true, device }
    const layer = () => new nn.TransformerEncoderLayer(32, 4, { ...options, activation: 'gelu' })
    const blocks = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(32, { device }))
    blocks.registerForwardPreHook((_, [x]) => [x, { isCausal: true }])
    const places = new nn.PositionalEncoding(32, { dropout: 0, maxLen: 10, batchFirst: true, device })
    const embed = new nn.Embedding(LETTERS, 32, { device })
    const head = new nn.Linear(32, LETTERS, { device })
    const model = new nn.Sequential(embed, places, blocks, head, new nn.Flatten(0, 1))
    return { model, options: { loss: crossEntropy, optimizer: adam(1e-2)(model), loader: sentences(device), steps: 4 } }
  },
  'XOR, 2–8–1': (device, seed) => {
    manualSeed(seed)
    const sizes = [new nn.Linear(2, 8, { device }), new nn.Tanh(), new nn.Linear(8, 1, { device })]
    const model = new nn.Sequential(...sizes, new nn.Flatten(0))
    const [x, y] = xor(device)
    const loader = [[x, keep(scope(() => y.to('float32')))]] as const
    return { model, options: { loss: nn.functional.bceWithLogits, optimizer: adam(0.05)(model), loader } }
  },
  'framework, 2–10–1': (device, seed) => {
    manualSeed(seed)
    const model = new nn.Sequential(new nn.Linear(2, 10, { device }), new nn.ReLU(), new nn.Linear(10, 1, { device }))
    const x = keep(scope(() => randn([200, 2], { device })))
    const y = keep(scope(() => x.square().sum(1, { keepdim: true }).lt(1.4).to('float32')))
    return { model, options: { loss: nn.functional.bceWithLogits, optimizer: sgd(0.5)(model), loader: [[x, y]] } }
  },
}

/** XOR's four rows, as integers' classes. */
export const xor = (device: Device): [Tensor, Tensor] => [
  keep(
    tensor(
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      { device },
    ),
  ),
  keep(tensor(Int32Array.of(0, 1, 1, 0), { device })),
]

/** @file Training steps that proofs are made on: networks of layers, an LSTM, and a transformer of two blocks. */
import { type Device, manualSeed, nn, optim, randn, scope, type Tensor, tensor } from '../src/node.ts'

export interface Training {
  readonly model: nn.Module
  readonly optimizer: optim.Adam
  /** A step, on the same batch each time. @returns the loss, which is the caller's */
  step(): Tensor
}

/** Steps of a classifier with 10 classes. */
function training(model: nn.Module & { forward(x: Tensor): Tensor }, x: Tensor, classes: Tensor): Training {
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 })
  const step = () => {
    optimizer.zeroGrad()
    const loss = scope(() => nn.functional.crossEntropy(model.forward(x), classes))
    loss.backward()
    optimizer.step()
    return loss
  }
  return { model, optimizer, step }
}

const classesOf = (count: number, device: Device): Tensor =>
  tensor(
    Array.from({ length: count }, (_, i) => i % 10),
    { dtype: 'int32', device },
  )

/** 64–32–10, batch 32. */
export async function small(device: Device): Promise<Training> {
  manualSeed(1)
  const model = new nn.Sequential(new nn.Linear(64, 32, { device }), new nn.ReLU(), new nn.Linear(32, 10, { device }))
  return training(model, randn([32, 64], { device }), classesOf(32, device))
}

/** 784–256–10, batch 64. */
export async function mlp(device: Device): Promise<Training> {
  manualSeed(1)
  const model = new nn.Sequential(
    new nn.Linear(784, 256, { device }),
    new nn.GELU(),
    new nn.Linear(256, 10, { device }),
  )
  return training(model, randn([64, 784], { device }), classesOf(64, device))
}

/** An LSTM of 64 units over 16 sequences of 16 places, which tells the class of each place. */
export async function lstm(device: Device): Promise<Training> {
  manualSeed(1)
  const model = new Tagger(device)
  return training(model, randn([16, 16, 32], { device }), classesOf(16 * 16, device))
}

class Tagger extends nn.Module {
  private readonly lstm: nn.LSTM
  private readonly head: nn.Linear
  constructor(device: Device) {
    super()
    this.lstm = new nn.LSTM(32, 64, { batchFirst: true, device })
    this.head = new nn.Linear(64, 10, { device })
  }
  forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(x)
    return this.head.forward(y).reshape(-1, 10)
  }
}

/** Two blocks of width 64 with 4 heads, 8 sequences of 32 places. */
export async function transformer(device: Device): Promise<Training> {
  manualSeed(1)
  const layer = () =>
    new nn.TransformerEncoderLayer(64, 4, { dimFeedforward: 256, dropout: 0, batchFirst: true, device })
  const model = new nn.Sequential(
    new nn.TransformerEncoder(layer, 2),
    new nn.Linear(64, 10, { device }),
    new nn.Flatten(0, 1),
  )
  return training(model, randn([8, 32, 64], { device }), classesOf(8 * 32, device))
}

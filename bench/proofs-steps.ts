/** @file Training steps that proofs are made on: a small network of layers, and a transformer of two blocks. */
import { type Device, manualSeed, nn, optim, randn, scope, type Tensor, tensor } from '../src/node.ts'

/** A step of a classifier with 10 classes. */
function stepOf(model: nn.Module & { forward(x: Tensor): Tensor }, x: Tensor, classes: Tensor): () => void {
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 })
  return () => {
    optimizer.zeroGrad()
    scope(() => nn.functional.crossEntropy(model.forward(x), classes).backward())
    optimizer.step()
  }
}

const classesOf = (count: number, device: Device): Tensor =>
  tensor(
    Array.from({ length: count }, (_, i) => i % 10),
    { dtype: 'int32', device },
  )

/** 784–256–10, batch 64. */
export async function mlp(device: Device): Promise<() => void> {
  manualSeed(1)
  const model = new nn.Sequential(
    new nn.Linear(784, 256, { device }),
    new nn.GELU(),
    new nn.Linear(256, 10, { device }),
  )
  return stepOf(model, randn([64, 784], { device }), classesOf(64, device))
}

/** Two blocks of width 64 with 4 heads, 8 sequences of 32 places. */
export async function transformer(device: Device): Promise<() => void> {
  manualSeed(1)
  const layer = () =>
    new nn.TransformerEncoderLayer(64, 4, { dimFeedforward: 256, dropout: 0, batchFirst: true, device })
  const model = new nn.Sequential(
    new nn.TransformerEncoder(layer, 2),
    new nn.Linear(64, 10, { device }),
    new nn.Flatten(0, 1),
  )
  return stepOf(model, randn([8, 32, 64], { device }), classesOf(8 * 32, device))
}

/** @file What the browser tests run, on the main thread and in a worker: XOR, and 100 steps of the digit classifier. */
import { DataLoader, DigitDataset, syntheticDigits } from '../../src/data/index.ts'
import { argmax, device, manualSeed, memory, nn, openScope, optim, setDefaultDevice, tensor } from '../../src/index.ts'

export type Kind = 'cpu' | 'webgpu'

/** Plain numbers, so that a worker can send them. */
export interface Trained {
  /** The device that computed, by name. */
  readonly device: string
  /** The four outputs for 00, 01, 10, 11. */
  readonly xor: number[]
  /** Mean loss of the digit classifier over its first 10 and its last 10 of 100 steps. */
  readonly first: number
  readonly last: number
  /** Part of the last 10 batches' digits that were recognised. */
  readonly accuracy: number
  /** Tensors alive after step 100, beyond those after step 50. */
  readonly grown: number
}

export async function train(kind: Kind): Promise<Trained> {
  const where = await device(kind)
  setDefaultDevice(where)
  manualSeed(1)
  const result = { device: where.name, xor: await trainXor(), ...(await trainDigits()) }
  where.destroy()
  return result
}

async function trainXor(): Promise<number[]> {
  // biome-ignore format: a truth table
  const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
  const y = tensor([[0], [1], [1], [0]])
  const model = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 1))
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 })
  for (let step = 1; step <= 200; step++) {
    using scope = openScope()
    const loss = scope.run(() => {
      const error = nn.functional.mseLoss(model.forward(x), y)
      error.backward()
      optimizer.step()
      optimizer.zeroGrad()
      return error
    })
    if (step % 50 === 0) await loss.item()
  }
  return [...(await model.forward(x).data())]
}

async function trainDigits(): Promise<Pick<Trained, 'first' | 'last' | 'accuracy' | 'grown'>> {
  const batchSize = 32
  const digits = new DigitDataset(syntheticDigits({ count: 800, seed: 1 }), { mean: 0.13, std: 0.31 })
  const loader = new DataLoader(digits, { batchSize, shuffle: true, dropLast: true })
  const model = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 10))
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 })
  const losses: number[] = []
  let right = 0
  let alive = 0
  for (let epoch = 0; epoch < 4; epoch++) {
    const batches = loader[Symbol.iterator]()
    for (let i = 0; i < 25; i++) {
      using scope = openScope()
      const { loss, hits } = scope.run(() => {
        const { value } = batches.next()
        if (!value) throw new Error('the loader gave fewer batches than one epoch has')
        const [x, target] = value
        const scores = model.forward(x)
        const loss = nn.functional.crossEntropy(scores, target)
        loss.backward()
        optimizer.step()
        optimizer.zeroGrad()
        return { loss, hits: argmax(scores, 1).eq(target).sum() }
      })
      losses.push(await loss.item())
      if (losses.length > 90) right += await hits.item()
      if (losses.length === 50) alive = memory().tensors
    }
  }
  const mean = (from: number) => losses.slice(from, from + 10).reduce((sum, loss) => sum + loss, 0) / 10
  return { first: mean(0), last: mean(90), accuracy: right / (10 * batchSize), grown: memory().tensors - alive }
}

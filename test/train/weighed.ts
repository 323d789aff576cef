/** @file Batches of texts of different lengths, by which accumulation is weighed, on any device. */
import { backward, crossEntropy, type Device, nn, optim, scope, type Tensor, tensor, train } from '../../src/index.ts'
import { modelOn, row } from '../generate/few.ts'
import { error } from '../support/difference.ts'

const UNKNOWN = -100
/** Of six texts; of the fourth and fifth nothing is asked. */
const lengths = [9, 2, 4, 0, 0, 7]

class Telling extends nn.Module {
  readonly gpt: ReturnType<typeof modelOn>
  constructor(device: Device, dtype: 'float32' | 'float64') {
    super()
    this.gpt = modelOn(device, { n_layer: 1, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 }, dtype)
  }
  forward(ids: Tensor): Tensor {
    return this.gpt.forward(ids)
  }
}

/** Batches [ids, next] of so many texts each. */
const batchesOn = (device: Device, counts: readonly number[]): Tensor[][] => {
  let at = 0
  return counts.map((count) => {
    const own = lengths.slice(at, (at += count))
    const first = at - count
    const ids = own.map((_, i) => row(first + i, 9))
    const next = own.map((n, i) =>
      row(first + i, 10)
        .slice(1)
        .map((id, t) => (t < n ? id : UNKNOWN)),
    )
    const pair = [ids, next].map((list) => tensor(list, { dtype: 'int32', device }))
    counted.set(
      pair[1],
      own.reduce((sum, n) => sum + n, 0),
    )
    return pair
  })
}
const lossOf = (z: Tensor, next: Tensor, reduction: 'mean' | 'sum' = 'mean') =>
  crossEntropy(z.flatten(0, 1), next.flatten(), { ignoreIndex: UNKNOWN, reduction })

/** How the tokens of a batch are counted. */
export const weights = {
  'on the device': (_: readonly Tensor[], next: Tensor) => next.ne(UNKNOWN).sum(),
  'on the host': (_: readonly Tensor[], next: Tensor) => counted.get(next) as number,
}
/** Tokens of each batch that count, known on the host. */
const counted = new WeakMap<Tensor, number>()

/** Loss and gradients of one step over all texts, in batches of so many. */
async function stepOf(
  device: Device,
  counts: readonly number[],
  dtype: 'float32' | 'float64',
  weight?: train.StepOptions['weight'],
) {
  const model = new Telling(device, dtype)
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const batches = batchesOn(device, counts)
  const options = { train: batches, loss: lossOf, optimizer, accumulate: counts.length, weight, l2: 0.01 }
  let loss = 0
  for await (const step of train.trainSteps(model, options)) loss = await step.loss.item()
  const gradients = await Promise.all(model.parameters().map(async (x) => (x.grad as Tensor).data()))
  return { loss, gradients: gradients.flatMap((g) => Array.from(g)) }
}

/** How far a step in four batches is from that in one. */
export async function accumulationError(
  device: Device,
  weight: train.StepOptions['weight'],
  dtype: 'float32' | 'float64' = 'float32',
): Promise<number> {
  const whole = await stepOf(device, [6], dtype)
  const parts = await stepOf(device, [2, 1, 2, 1], dtype, weight)
  return Math.max(error(parts.gradients, whole.gradients), Math.abs(parts.loss - whole.loss))
}

/** Losses of an epoch and of its validation as `fit` tells them: how far those of small batches are from large ones. */
export async function printedError(device: Device, weight: train.StepOptions['weight']): Promise<number> {
  const told = async (counts: readonly number[], accumulate: number, whole: readonly number[]) => {
    const model = new Telling(device, 'float32')
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
    const [batches, validation] = [counts, whole].map((list) => batchesOn(device, list))
    const options = { train: batches, validation, loss: lossOf, optimizer, accumulate, weight, progress: false }
    const { epochs } = await train.fit(model, options)
    return [epochs[0].loss, epochs[0].validationLoss ?? Number.NaN]
  }
  return error(await told([2, 1, 2, 1], 2, [2, 2, 2]), await told([3, 3], 1, [6]))
}

/** The same by a loop of one's own: sums, and `scaleGrad` by what was counted. */
export async function ownLoopError(device: Device, counted: 'number' | 'tensor'): Promise<number> {
  const [model, other] = [0, 1].map(() => new Telling(device, 'float32'))
  scope(() => {
    const [[ids, next]] = batchesOn(device, [6])
    backward(lossOf(model.forward(ids), next))
  })
  let tokens = 0
  for (const [ids, next] of batchesOn(device, [2, 1, 2, 1])) {
    scope(() => backward(lossOf(other.forward(ids), next, 'sum')))
    tokens += await next.ne(UNKNOWN).sum().item()
  }
  optim.scaleGrad(other.parameters(), counted === 'number' ? 1 / tokens : tensor(1 / tokens, { device }))
  const [want, got] = await Promise.all(
    [model, other].map(async (one) =>
      (await Promise.all(one.parameters().map((x) => (x.grad as Tensor).data()))).flatMap((g) => Array.from(g)),
    ),
  )
  return error(got, want)
}

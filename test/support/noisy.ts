/** @file A training step with everything that changes from step to step, on its own and by launches run again. */
import {
  type Device,
  dropout,
  getRandomState,
  manualSeed,
  optim,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { Series } from '../../src/metrics/series.ts'
import { record } from './replay.ts'

export interface Outcome {
  readonly params: unknown[]
  readonly states: unknown[]
  readonly numbers: unknown
  readonly losses: number[]
}

/**
 * Six steps with dropout in two ops and in attention, noise, two optimizers of which one has groups and takes two steps
 * at a time, and a series of losses. The rate changes after the third, the seed after the fifth.
 * @param again  steps from the third on are the launches of the second
 */
export async function train(device: Device, again: boolean): Promise<Outcome> {
  manualSeed(3)
  const leaf = (shape: number[]) => randn(shape, { device }).requiresGrad_()
  const [q, k, w, b] = [leaf([5, 4]), leaf([6, 4]), leaf([4, 3]), leaf([3])]
  const x = randn([6, 4], { device })
  const series = new Series(12, device)
  const adam = new optim.AdamW(
    [
      { params: [q, w], lr: 0.02 },
      { params: [b], weightDecay: 0 },
    ],
    { lr: 0.05 },
  )
  const sgd = new optim.SGD([k], { lr: 0.1, momentum: 0.9 })
  const step = () => {
    adam.zeroGrad()
    sgd.zeroGrad()
    const v = dropout(x, { p: 0.3 })
    const y = scaledDotProductAttention(q, k, v, { dropoutP: 0.4 })
    const noise = randn([5, 3], { device })
    const loss = dropout(y.matmul(w).add(b).add(noise)).square().mean()
    loss.backward()
    adam.step()
    sgd.step()
    sgd.step()
    series.push(loss.detach())
    series.push(loss.detach())
  }
  const next = again ? record(device, step) : step
  for (let i = again ? 2 : 0; i < 6; i++) {
    if (i === 3) {
      adam.groups[1].lr = 0.5
      sgd.lr = 0.01
    }
    if (i === 5) manualSeed(2 ** 40 + 1)
    next()
  }
  const values = (list: readonly Tensor[]) => Promise.all(list.map((t) => t.data()))
  const states = [adam, sgd].map((one) => optim.splitState(one.stateDict()))
  return {
    params: await values([q, k, w, b]),
    states: await values(states.flatMap(({ tensors }) => Object.values(tensors))),
    numbers: [states.map(({ numbers }) => numbers), getRandomState()],
    losses: await series.take(),
  }
}

/** What follows a step that was run again: the next eager draw. */
export const drawn = async (device: Device): Promise<number[]> => [
  ...(await randn([3], { device }).data()),
  ...(await dropout(tensor([1, 1, 1, 1], { device })).data()),
]

/** @file Recurrent networks without a batch, and the forms that their states may have. Values are PyTorch's. */
import { describe, expect, it } from 'vitest'
import {
  gru,
  gruCell,
  type LstmStates,
  lstm,
  lstmCell,
  rnn,
  rnnCell,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'

/** The weights that PyTorch was given: (7·i mod 11)/10 − ½. */
const weight = (...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((7 * i) % 11) / 10 - 0.5),
    { shape },
  )
const weights = (gates: number) =>
  [weight(2 * gates, 3), weight(2 * gates, 2), weight(2 * gates), weight(2 * gates)] as const
const x = tensor([
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
])
const near = async (y: Tensor, want: readonly number[][]): Promise<void> => {
  expect(y.shape).toEqual([want.length, want[0].length])
  const data = await y.data()
  want.flat().forEach((v, i) => {
    expect(data[i]).toBeCloseTo(v, 5)
  })
}

const LSTM = {
  output: [
    [0.1050106, 0.1676282],
    [0.0549049, -0.148902],
  ],
  cn: [[0.0897198, -0.3785167]],
  again: [
    [0.1203796, 0.0293472],
    [0.0578599, -0.1954549],
  ],
}

describe('a sequence without a batch', () => {
  it('lstm', async () => {
    const { output, hn, cn } = lstm(x, null, weights(4))
    await near(output, LSTM.output)
    await near(hn, LSTM.output.slice(1))
    await near(cn, LSTM.cn)
  })
  it('gru', async () => {
    const first = gru(x, null, weights(3), { batchFirst: true })
    await near(first.output, [
      [0.6493653, 0.265646],
      [0.3881809, 0.1532894],
    ])
    const again = gru(x, first.hn, weights(3))
    await near(again.hn, [[0.4495651, 0.2042206]])
  })
  it('rnn', async () => {
    const first = rnn(x, null, weights(1), { lengths: null })
    await near(first.output, [
      [-0.9517459, -0.0499584],
      [-0.7947214, 0.9162862],
    ])
    await near(rnn(x, first.hn, weights(1)).hn, [[-0.770087, 0.9495646]])
  })
  it('is a batch of one', async () => {
    const options = { bidirectional: true, numLayers: 1, lengths: [1] }
    const both = [...weights(1), ...weights(1)]
    const [alone, batch] = [rnn(x, zeros([2, 2]), both, options), rnn(x.unsqueeze(1), null, both, options)]
    expect(await alone.output.array()).toEqual(await batch.output.squeeze(1).array())
    expect(await alone.hn.array()).toEqual(await batch.hn.squeeze(1).array())
  })
})

describe('the states of an LSTM', () => {
  const first = lstm(x, null, weights(4))
  const [h, c] = [first.hn, first.cn]
  it.each<readonly [string, LstmStates]>([
    ['{ h0, c0 }', { h0: h, c0: c }],
    ['{ h, c }', { h, c }],
    ['a result', first],
    ['a pair', [h, c]],
  ])('%s', async (_, state) => near(lstm(x, state, weights(4)).output, LSTM.again))
})

describe('one step without a batch', () => {
  const [one] = x.unbind()
  it('lstmCell', async () => {
    const { h, c } = lstmCell(one, null, ...weights(4))
    await near(h.unsqueeze(0), [[0.1050106, 0.1676282]])
    await near(c.unsqueeze(0), [[0.1229851, 0.2440049]])
    const next = lstmCell(x.select(0, 1), [h, c], ...weights(4))
    await near(next.h.unsqueeze(0), LSTM.output.slice(1))
  })
  it('gruCell and rnnCell', async () => {
    await near(gruCell(one, null, ...weights(3)).unsqueeze(0), [[0.6493653, 0.265646]])
    await near(rnnCell(one, zeros([2]), ...weights(1)).unsqueeze(0), [[-0.9517459, -0.0499584]])
    await near(rnnCell(one.unsqueeze(0), null, ...weights(1)), [[-0.9517459, -0.0499584]])
  })
})

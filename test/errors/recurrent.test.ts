/** @file What recurrent cells and sequences refuse, before any work, and by which text. */
import { describe } from 'vitest'
import { doubles, elsewhere, ints, loose, type Refusal, refuse, refuseOptions, zeros } from '../support/refusals.ts'

const [x, h, c] = [zeros(2, 3), zeros(2, 4), zeros(2, 4)]
const wi = zeros(16, 3)
const wh = zeros(16, 4)
const { lstm, gru, rnn, lstmCell, gruCell, rnnCell } = loose

// Made before any call: making them is work.
const doublex16x4 = doubles(16, 4)
const intx2x3 = ints(2, 3)
const otherx16x3 = elsewhere(16, 3)
const w0x2x3 = zeros(0, 2, 3)
const w12 = zeros(12)
const w12x3 = zeros(12, 3)
const w12x4 = zeros(12, 4)
const w12x5 = zeros(12, 5)
const w16x3 = zeros(16, 3)
const w16x4 = zeros(16, 4)
const w1x2x4 = zeros(1, 2, 4)
const w1x3x4 = zeros(1, 3, 4)
const w2x4 = zeros(2, 4)
const w3 = zeros(3)
const w3x4 = zeros(3, 4)
const w4 = zeros(4)
const w4x3 = zeros(4, 3)
const w4x4 = zeros(4, 4)
const w5x2x3 = zeros(5, 2, 3)

const cells: readonly Refusal[] = [
  [
    () => lstmCell(intx2x3, { h, c }, wi, wh),
    "lstmCell: x is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [() => lstmCell(w3, { h, c }, wi, wh), 'lstmCell: h is [2, 4], not [4] (one row for each of x)'],
  [() => lstmCell(w5x2x3, { h, c }, wi, wh), 'lstmCell: x is [5, 2, 3] (give [batch, features] or [features])'],
  [() => lstmCell(x, [h], wi, wh), 'lstmCell: state is an array (give { h, c }, [h, c] or null)'],
  [() => lstmCell(x, h, wi, wh), 'lstmCell: state is a Tensor (give { h, c }, [h, c] or null)'],
  [() => lstmCell(x, { h, c: w3x4 }, wi, wh), 'lstmCell: c is [3, 4], not [2, 4] (one row for each of x)'],
  [() => gruCell(x, w3x4, w12x3, w12x4), 'gruCell: h is [3, 4], not [2, 4] (one row for each of x)'],
  [() => gruCell(x, w4, w12x3, w12x4), 'gruCell: h is [4], not [2, 4] (one row for each of x)'],
  [
    () => gruCell(x, h, wi, wh),
    'gruCell: weightIh is [16, 3], not [12, 3] (gates × hidden rows, one column per input)',
  ],
  [
    () => lstmCell(x, { h, c }, wi, w16x3),
    'lstmCell: weightHh is [16, 3], not [16, 4] (gates × hidden rows, one column per input)',
  ],
  [
    () => lstmCell(x, { h, c }, wi, wh, w4),
    'lstmCell: biasIh is [4], not [16] (gates × hidden rows, one column per input)',
  ],
  [
    () => lstmCell(x, { h, c }, wi, doublex16x4),
    "lstmCell: inputs are float32 and float64 (cast with x.to('float32'))",
  ],
  [() => lstmCell(x, { h, c }, otherx16x3, wh), 'lstmCell: inputs are on cpu and cpu (move one with to(device))'],
  [
    () => rnnCell(x, h, w4x3, w4x4, null, null, { nonlinearity: 'gelu' }),
    "rnnCell: nonlinearity is 'gelu' ('tanh' or 'relu')",
  ],
]

const list = [w12x3, w12x4]
const sequences: readonly Refusal[] = [
  [() => gru(w3, null, list), 'gru: x is [3] (give [steps, batch, features] or [steps, features])'],
  [
    () => gru(w3, null, list, { batchFirst: true }),
    'gru: x is [3] (give [batch, steps, features] or [steps, features])',
  ],
  [() => gru(x, w1x2x4, list), 'gru: h0 is [1, 2, 4], not [1, 4] ([layers·directions, hidden])'],
  [() => gru(w0x2x3, null, list), 'gru: x [0, 2, 3] has no steps'],
  [() => gru(w5x2x3, null, list, { numLayers: 0 }), 'gru: numLayers is 0 (give an integer from 1 up)'],
  [() => gru(w5x2x3, null, list, { dropout: 2 }), 'gru: dropout is 2 (give a probability from 0 to 1)'],
  [() => gru(w5x2x3, null, w12x3), 'gru: weights is a Tensor (give a list: [weightIh, weightHh, …])'],
  [
    () => gru(w5x2x3, null, [...list, w12]),
    'gru: 3 weights for 1 layers and directions (give weightIh and weightHh for each, or these and biasIh and biasHh)',
  ],
  [
    () => gru(w5x2x3, null, [...list, ...list], { numLayers: 2 }),
    'gru: weight_ih_l1 is [12, 3], not [12, 4] (gates × hidden rows, one column per input)',
  ],
  [
    () => gru(w5x2x3, null, [...list, w12x5, w12x4], { bidirectional: true }),
    'gru: weight_ih_l0_reverse is [12, 5], not [12, 3] (gates × hidden rows, one column per input)',
  ],
  [() => gru(w5x2x3, w2x4, list), 'gru: h0 is [2, 4], not [1, 2, 4] ([layers·directions, batch, hidden])'],
  [
    () => lstm(w5x2x3, w1x2x4, [w16x3, w16x4]),
    'lstm: state is a Tensor (give { h0, c0 }, [h0, c0], what lstm gave, or null)',
  ],
  [
    () => lstm(w5x2x3, { h0: w1x2x4 }, [w16x3, w16x4]),
    'lstm: state is an object (give { h0, c0 }, [h0, c0], what lstm gave, or null)',
  ],
  [
    () => lstm(w5x2x3, { h0: w1x2x4, c0: w1x3x4 }, [w16x3, w16x4]),
    'lstm: c0 is [1, 3, 4], not [1, 2, 4] ([layers·directions, batch, hidden])',
  ],
  [
    () => gru(w5x2x3, null, list, { lengths: [5] }),
    'gru: lengths is an array (give 2 integers, one for each sequence)',
  ],
  [() => gru(w5x2x3, null, list, { lengths: [5, 6] }), 'gru: a length is 6 (give integers from 1 to 5)'],
  [() => gru(w5x2x3, null, list, { lengths: [5, 0] }), 'gru: a length is 0 (give integers from 1 to 5)'],
  [() => rnn(w5x2x3, null, [w4x3, w4x4], { nonlinearity: 'gelu' }), "rnn: nonlinearity is 'gelu' ('tanh' or 'relu')"],
]

describe('cells', () => refuse(cells))
describe('sequences', () => refuse(sequences))
describe('options', () =>
  refuseOptions({
    rnn: (o) => rnn(w5x2x3, null, [w4x3, w4x4], o),
    lstm: (o) => lstm(w5x2x3, null, [w16x3, w16x4], o),
    gru: (o) => gru(w5x2x3, null, list, o),
    rnnCell: (o) => rnnCell(x, h, w4x3, w4x4, null, null, o),
  }))

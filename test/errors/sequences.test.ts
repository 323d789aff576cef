/** @file What embeddings and recurrent layers refuse: sizes when they are made, inputs by the layer's place. */
import { describe } from 'vitest'
import { tensor, nn as typed } from '../../src/index.ts'
import { type Any, device, type Refusal, refuse, zeros as z } from '../support/refusals.ts'

const nn = typed as Any
const make =
  (name: string, ...args: unknown[]) =>
  () =>
    new nn[name](...args)

describe('sizes and options, when a layer is made', () => {
  const cases: readonly Refusal[] = [
    [make('Embedding', 0, 3), 'Embedding: numEmbeddings is 0 (give an integer from 1 up)'],
    [make('Embedding', 5, 1.5), 'Embedding: embeddingDim is 1.5 (give an integer from 1 up)'],
    [make('Embedding', 5, 3, { paddingIdx: 5 }), 'Embedding: paddingIdx is 5 (give an integer from -5 to 4)'],
    [make('Embedding', 5, 3, { maxNorm: 0 }), 'Embedding: maxNorm is 0 (give a number above 0, or null for no limit)'],
    [make('Embedding', 5, 3, { normType: 0 }), 'Embedding: normType is 0 (give the p of the norm, a number above 0)'],
    [make('Embedding', 5, 3, { weight: z(5, 4) }), 'Embedding: weight is [5, 4], not [5, 3]'],
    [make('Embedding', 5, 3, { weight: [1] }), 'Embedding: weight is an array, not a tensor (make it with tensor(…))'],
    [
      make('Embedding', 5, 3, { paddingIndex: 0 }),
      'Embedding: there is no option paddingIndex (did you mean paddingIdx? it takes { device, dtype, paddingIdx, maxNorm, normType, weight })',
    ],
    [make('EmbeddingBag', 5, 3, { mode: 'avg' }), "EmbeddingBag: mode is 'avg' ('sum', 'mean' or 'max')"],
    [() => nn.Embedding.fromPretrained(z(5)), 'Embedding.fromPretrained: weight is [5] (give [rows, cols])'],
    [
      () => nn.Embedding.fromPretrained(3),
      'Embedding.fromPretrained: weight is 3, not a tensor (make it with tensor(…))',
    ],
    [
      () => nn.EmbeddingBag.fromPretrained(z(5, 3), { frozen: true }),
      'EmbeddingBag.fromPretrained: there is no option frozen (it takes { paddingIdx, maxNorm, normType, freeze, mode, includeLastOffset })',
    ],
    [make('LSTM', 0, 3), 'LSTM: inputSize is 0 (give an integer from 1 up)'],
    [make('GRU', 3), 'GRU: hiddenSize is undefined (give an integer from 1 up)'],
    [make('RNN', 3, 2, { numLayers: 0 }), 'RNN: numLayers is 0 (give an integer from 1 up)'],
    [make('LSTM', 3, 2, { dropout: 2 }), 'LSTM: dropout is 2 (give a number from 0 to 1)'],
    [
      make('LSTM', 3, 2, 2),
      'LSTM: the options are 2 (it takes { device, dtype, numLayers, bias, batchFirst, dropout, bidirectional })',
    ],
    [make('RNN', 3, 2, { nonlinearity: 'sigmoid' }), "RNN: nonlinearity is 'sigmoid' ('tanh' or 'relu')"],
    [make('RNNCell', 3, 2, { nonlinearity: 'gelu' }), "RNNCell: nonlinearity is 'gelu' ('tanh' or 'relu')"],
    [make('GRUCell', 3, -1), 'GRUCell: hiddenSize is -1 (give an integer from 1 up)'],
    [
      make('LSTMCell', 3, 2, { numLayers: 2 }),
      'LSTMCell: there is no option numLayers (it takes { device, dtype, bias })',
    ],
  ]
  refuse(cases)
})

describe('inputs, by the layer’s place', () => {
  const net = new nn.Sequential({
    lstm: new nn.LSTM(3, 2, { device }),
    gru: new nn.GRU(2, 2, { device, batchFirst: true }),
  })
  const [lstm, gru] = net.layers
  const cell = new nn.LSTMCell(3, 2, { device })
  const table = new nn.Embedding(5, 3, { device })
  const limited = new nn.Embedding(5, 3, { device, maxNorm: 1 })
  const cases: readonly Refusal[] = [
    [
      () => net.forward(z(4, 2, 5)),
      'lstm (LSTM 3, 2): x is [4, 2, 5], its last axis 5, not 3 (give [steps, batch, 3] or [steps, 3])',
    ],
    [() => gru.forward(z(2)), 'GRU(2, 2, batchFirst): x is [2] (give [batch, steps, 2] or [steps, 2])'],
    [() => lstm.forward(z(4, 2, 3), z(1, 2, 2)), 'LSTM: the options are a Tensor (it takes { state, lengths })'],
    [
      () => lstm.forward(z(4, 2, 3), { state: [z(1, 2, 2), z(1, 2, 3)] }),
      'lstm: c0 is [1, 2, 3], not [1, 2, 2] ([layers·directions, batch, hidden])',
    ],
    [() => lstm.forward(z(4, 2, 3), { lengths: [4, 5] }), 'lstm: a length is 5 (give integers from 1 to 4)'],
    [() => cell.forward(z(2, 4)), 'LSTMCell(3, 2): x is [2, 4], its last axis 4, not 3 (give [batch, 3] or [3])'],
    [() => cell.forward(z(1, 2, 3)), 'LSTMCell(3, 2): x is [1, 2, 3] (give [batch, 3] or [3])'],
    [
      () => new nn.Sequential({ table }).forward(z(2)),
      "table (Embedding 5, 3): embedding: index is float32, not int32 (cast with x.to('int32'))",
    ],
    [
      () => table.forward(tensor(Int32Array.of(2, 5), { device })),
      'embedding: index 5 at position 1 is outside [-5, 5)',
    ],
    [
      () => limited.forward(tensor(Int32Array.of(2, 5), { device })),
      'embedding: index 5 at position 1 is outside [-5, 5)',
    ],
  ]
  refuse(cases)
})

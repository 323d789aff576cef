"""Writes test/reference/nn_sequence.json: embeddings and recurrent layers of PyTorch in float64, as reference_nn.py writes the others.

Run:  python3 tools/reference_nn_sequence.py
"""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reference_common import i, n, v, write
from reference_nn import L, cases


def with_lengths(base):
    """The layer with our signature: lengths in the place of a packed sequence."""

    class Layer(base):
        def forward(self, x, state=None, lengths=None):
            if lengths is None:
                return super().forward(x, state)
            steps = x.shape[1 if self.batch_first else 0]
            sequence = pack_padded_sequence(x, lengths, batch_first=self.batch_first, enforce_sorted=False)
            y, state = super().forward(sequence, state)
            return pad_packed_sequence(y, batch_first=self.batch_first, total_length=steps)[0], state

    return Layer


def embedding():
    L('Embedding', [5, 3], i(0, 5, 2, 3))
    L('Embedding', [5, 3, {'paddingIdx': 1}], v([0, 1, 4, 1, 0]))
    L('Embedding', [4, 2, {'paddingIdx': -1}], v([[0, 3], [3, 2]]))
    L('Embedding', [5, 3, {'maxNorm': 0.75}], v([0, 1, 4, 1, 0]))
    L('Embedding', [5, 3, {'maxNorm': 1, 'normType': 1}], v([0, 1, 2, 3]), before=[[v([0, 4])]])
    L('Embedding', [5, 3, {'maxNorm': 0.5, 'normType': float('inf'), 'paddingIdx': 0}], v([[0, 1], [2, 3]]))
    L('EmbeddingBag', [5, 3], i(0, 5, 2, 3))
    L('EmbeddingBag', [5, 3, {'mode': 'sum', 'paddingIdx': 1}], v([0, 1, 4, 1, 0]), v([0, 2]))
    L('EmbeddingBag', [5, 3, {'mode': 'sum'}], i(0, 5, 2, 3), n(2, 3), call=['$0', None, '$1'])
    L('EmbeddingBag', [5, 3, {'mode': 'max'}], v([0, 1, 4, 2]), v([0, 3]))
    L('EmbeddingBag', [5, 3, {'mode': 'mean', 'includeLastOffset': True, 'maxNorm': 0.75}], v([0, 1, 4]), v([0, 1, 3]))


def recurrent():
    for name in ('RNN', 'LSTM', 'GRU'):
        make = with_lengths(getattr(nn, name))
        states = lambda *shape: [n(*shape) for _ in range(2 if name == 'LSTM' else 1)]
        given = ['$1', '$2'] if name == 'LSTM' else '$1'
        L(name, [3, 2], n(3, 2, 3), make=make)
        # The second order of the functions is in sequence.json.
        L(name, [3, 2, {'numLayers': 2, 'bidirectional': True, 'batchFirst': True}], n(2, 3, 3), *states(4, 2, 2), call=['$0', {'state': given}], make=make, second=False)
        L(name, [2, 2, {'bidirectional': True, 'bias': False}], n(4, 3, 2), *states(2, 3, 2), call=['$0', {'state': given, 'lengths': [2, 4, 1]}], make=make, second=False)
        L(name, [2, 2, {'numLayers': 2, 'batchFirst': True, 'dropout': 0.5}], n(2, 3, 2), call=['$0', {'lengths': [3, 2]}], make=make, train=False, second=False)
        L(name, [3, 2, {'numLayers': 2}], n(3, 3), *states(2, 2), call=['$0', {'state': given}], make=make, second=False)
        cell = f'{name}Cell'
        L(cell, [3, 2], n(2, 3), second=False)
        L(cell, [3, 2], n(2, 3), *states(2, 2), call=['$0', given])
        L(cell, [2, 3, {'bias': False}], n(2), *states(3), call=['$0', given], second=False)
    L('RNN', [3, 2, {'numLayers': 2, 'nonlinearity': 'relu'}], n(3, 2, 3), second=False)
    L('RNNCell', [3, 2, {'nonlinearity': 'relu'}], n(2, 3), n(2, 2))


def main():
    for seed, family in enumerate((embedding, recurrent)):
        torch.manual_seed(20261128 + seed)
        family()
    write('nn_sequence', cases)
    print(f'{len(cases)} cases from PyTorch {torch.__version__}')


if __name__ == '__main__':
    main()

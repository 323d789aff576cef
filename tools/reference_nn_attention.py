"""Writes test/reference/nn_attention.json: attention and transformers of PyTorch in float64, as reference_nn.py writes the others.

Run:  python3 tools/reference_nn_attention.py

PyTorch 1.13 has no is_causal that acts by itself, so that is compared with a mask by test/nn/attention.test.ts. Dropout is 0.
"""
import math

import torch
from torch import nn

from reference_common import n, v, write
from reference_nn import L, cases


class PositionalEncoding(nn.Module):
    """That of PyTorch's tutorial (Vaswani et al. 2017), for inputs of either layout."""

    def __init__(self, d_model, dropout=0.1, max_len=5000, batch_first=False):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        rate = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * rate)
        pe[:, 0, 1::2] = torch.cos(position * rate)[:, : d_model // 2]
        self.register_buffer('pe', pe)
        self.dropout = nn.Dropout(dropout)
        self.batch_first = batch_first

    def forward(self, x):
        rows = self.pe[: x.size(1), 0] if self.batch_first else self.pe[: x.size(0)]
        return self.dropout(x + rows)


def later(count):
    """True where a key comes later."""
    return torch.ones(count, count, dtype=torch.bool).triu(1)


padding = lambda: v([[False, False, True], [False, True, True]])


def attention():
    own = ['$0', '$0', '$0']
    first = {'batchFirst': True}
    L('MultiheadAttention', [4, 2], n(3, 2, 4), call=own + [{'needWeights': False}])
    L('MultiheadAttention', [4, 2, {'bias': False, **first}], n(2, 3, 4), call=own + [{'needWeights': True}])
    L('MultiheadAttention', [4, 1], n(3, 4), n(2, 4), call=['$0', '$1', '$1', {'needWeights': True}])
    L('MultiheadAttention', [4, 2, first], n(2, 3, 4), n(2, 2, 4), n(2, 2, 4), call=['$0', '$1', '$2', {'needWeights': False}])
    L('MultiheadAttention', [4, 2], n(2, 1, 4), n(2, 1, 4), call=['$0', '$0', '$1', {'needWeights': False}])
    L('MultiheadAttention', [4, 2, {'kdim': 3, 'vdim': 2}], n(2, 2, 4), n(3, 2, 3), n(3, 2, 2), call=['$0', '$1', '$2', {'needWeights': True, 'averageAttnWeights': False}])
    L('MultiheadAttention', [4, 2, {'kdim': 3, 'vdim': 3, **first}], n(2, 2, 4), n(2, 3, 3), call=['$0', '$1', '$1', {'needWeights': False}])
    masks = lambda **names: [{**names, 'needWeights': True}]
    L('MultiheadAttention', [2, 2], n(3, 2, 2), later(3), call=own + masks(attnMask='$1'))
    L('MultiheadAttention', [2, 2, first], n(2, 3, 2), padding(), call=own + masks(keyPaddingMask='$1'))
    L('MultiheadAttention', [2, 2, first], n(2, 3, 2), padding(), later(3), call=own + masks(keyPaddingMask='$1', attnMask='$2'))
    L('MultiheadAttention', [2, 2, first], n(2, 3, 2), n(4, 3, 3), call=own + masks(attnMask='$1'))
    L('MultiheadAttention', [2, 2], n(3, 2, 2), padding(), n(3, 3), call=own + masks(keyPaddingMask='$1', attnMask='$2'))
    L('MultiheadAttention', [2, 2], n(3, 2), v([False, True, False]), call=own + masks(keyPaddingMask='$1'), train=False)


def layers():
    small = {'dimFeedforward': 5, 'dropout': 0}
    first = {**small, 'batchFirst': True}
    L('TransformerEncoderLayer', [4, 2, small], n(3, 2, 4))
    L('TransformerEncoderLayer', [4, 2, {**small, 'activation': 'gelu', 'layerNormEps': 0.25}], n(3, 4))
    L('TransformerEncoderLayer', [3, 3, {**first, 'normFirst': True}], n(2, 3, 3))
    L('TransformerEncoderLayer', [4, 2, {**first, 'activation': 'gelu', 'normFirst': True}], n(2, 3, 4), later(3), padding(), call=['$0', {'srcMask': '$1', 'srcKeyPaddingMask': '$2'}])
    # With dropout that eval() takes away.
    L('TransformerEncoderLayer', [3, 1, {'dimFeedforward': 5, 'batchFirst': True}], n(2, 3, 3), train=False)
    L('TransformerDecoderLayer', [3, 1, small], n(3, 2, 3), n(2, 2, 3))
    names = {'tgtMask': '$2', 'memoryKeyPaddingMask': '$3', 'tgtKeyPaddingMask': '$4', 'memoryMask': '$5'}
    masks = [later(2), padding(), v([[False, False], [False, True]]), n(2, 3)]
    L('TransformerDecoderLayer', [4, 2, {**first, 'activation': 'gelu', 'normFirst': True}], n(2, 2, 4), n(2, 3, 4), *masks, call=['$0', '$1', names])


def stacks():
    small = {'dimFeedforward': 2, 'dropout': 0, 'batchFirst': True}
    encoder = {'make': 'TransformerEncoderLayer', 'args': [3, 1, {**small, 'normFirst': True}]}
    norm = {'new': 'LayerNorm', 'args': [3]}
    L('TransformerEncoder', [encoder, 2, norm], n(2, 3, 3), later(3), padding(), call=['$0', {'mask': '$1', 'srcKeyPaddingMask': '$2'}], second=False)
    whole = {**small, 'numEncoderLayers': 1, 'numDecoderLayers': 2}
    names = {'srcKeyPaddingMask': '$2', 'memoryKeyPaddingMask': '$2', 'tgtMask': '$3'}
    L('Transformer', [3, 1, whole], n(2, 3, 3), n(2, 2, 3), padding(), later(2), call=['$0', '$1', names], second=False)
    L('PositionalEncoding', [4, {'dropout': 0, 'maxLen': 7}], n(3, 2, 4), make=PositionalEncoding)
    L('PositionalEncoding', [3, {'maxLen': 4, 'batchFirst': True}], n(2, 4, 3), train=False, make=PositionalEncoding)


def rounded(x):
    """12 digits, which is a hundred times finer than what they are compared to."""
    if isinstance(x, dict):
        return {key: rounded(value) for key, value in x.items()}
    if isinstance(x, list):
        return [rounded(value) for value in x]
    return float(f'{x:.12g}') if isinstance(x, float) else x


def main():
    for seed, family in enumerate((attention, layers, stacks)):
        torch.manual_seed(20261130 + seed)
        family()
    write('nn_attention', rounded(cases))
    print(f'{len(cases)} cases from PyTorch {torch.__version__}')


if __name__ == '__main__':
    main()

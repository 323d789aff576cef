"""The twins in PyTorch of names.ts and shakespeare.ts: the losses of every step from the same weights and batches.

Run:  npx tsx tools/runs/names.ts --steps 1 --weights FILE --out OTHER.md --data DIR, then
      python3 tools/runs/twin.py names FILE DIR   writes test/reference/runs/names.json; the same with shakespeare
"""
import json
import os
import sys

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from torch_weights import read  # noqa: E402

STRIDE = 7919


class Writer(nn.Module):
    file, lr, steps, batch, block = 'names/names.txt', 3e-3, 1000, 32, 32

    def __init__(self, characters):
        super().__init__()
        self.embed = nn.Embedding(characters, 32)
        self.lstm = nn.LSTM(32, 64, batch_first=True)
        self.head = nn.Linear(64, characters)

    def forward(self, x):
        return self.head(self.lstm(self.embed(x))[0])


class Speaker(nn.Module):
    file, lr, steps, batch, block = 'tinyshakespeare/input.txt', 1e-3, 500, 16, 32

    def __init__(self, characters):
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, dim_feedforward=256, dropout=0.0, activation='gelu', batch_first=True, norm_first=True)
        self.embed = nn.Embedding(characters, 64)
        self.places = nn.Embedding(self.block, 64)
        self.blocks = nn.TransformerEncoder(layer, 2, nn.LayerNorm(64))
        self.head = nn.Linear(64, characters)

    def forward(self, x):
        n = x.shape[1]
        mask = torch.full((n, n), float('-inf')).triu(1)
        return self.head(self.blocks(self.embed(x) + self.places(torch.arange(n)), mask))


def main(name, weights, folder):
    kind = {'names': Writer, 'shakespeare': Speaker}[name]
    with open(os.path.join(folder, kind.file), encoding='utf8', newline='') as file:
        text = file.read()
    alphabet = {character: i for i, character in enumerate(sorted(set(text)))}
    codes = torch.tensor([alphabet[character] for character in text])
    net = kind(len(alphabet))
    net.load_state_dict(read(weights)[0], strict=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=kind.lr)
    windows = len(text) - kind.block
    losses = []
    for step in range(kind.steps):
        starts = [(step * kind.batch + row) * STRIDE % windows for row in range(kind.batch)]
        both = torch.stack([codes[at:at + kind.block + 1] for at in starts])
        logits = net(both[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), both[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        losses.append(float(f'{loss.item():.6g}'))
    out = os.path.join(HERE, '..', '..', 'test', 'reference', 'runs', f'{name}.json')
    with open(out, 'w') as file:
        file.write(json.dumps({'torch': torch.__version__, 'losses': losses}, separators=(',', ':')) + '\n')
    print(f'{name}: loss {losses[0]} to {losses[-1]} in {kind.steps} steps')


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    main(*sys.argv[1:])

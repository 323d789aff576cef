"""Weights between PyTorch and handgrad, through safetensors, which is read and written here by hand.

Run:  python3 tools/torch_weights.py FILE.safetensors   loads the checkpoint that tools/torch_weights.ts wrote, strictly, compares outputs,
                                                        and writes it again with other weights, for tools/torch_weights.ts FILE --load
      python3 tools/torch_weights.py --write            writes test/reference/torch.safetensors, which test/nn/torch.test.ts loads
"""
import json
import os
import struct
import sys

import torch
from torch import nn

TYPES = {'F32': torch.float32, 'F64': torch.float64, 'I32': torch.int32, 'I64': torch.int64}


def read(path):
    with open(path, 'rb') as file:
        raw = file.read()
    start = 8 + struct.unpack('<Q', raw[:8])[0]
    header = json.loads(raw[8:start])
    metadata = header.pop('__metadata__', {})

    def one(entry):
        begin, end = entry['data_offsets']
        return torch.frombuffer(bytearray(raw[start + begin:start + end]), dtype=TYPES[entry['dtype']]).reshape(entry['shape'])

    return {name: one(entry) for name, entry in header.items()}, metadata


def write(path, tensors, metadata=None):
    names = {dtype: name for name, dtype in TYPES.items()}
    header, data = ({'__metadata__': metadata} if metadata else {}), b''
    for name, x in tensors.items():
        values = x.detach().contiguous().numpy().tobytes()
        header[name] = {'dtype': names[x.dtype], 'shape': list(x.shape), 'data_offsets': [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + data)


class Net(nn.Module):
    """The model of test/nn/torch.ts."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4, padding_idx=0)
        self.lstm = nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True)
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)
        self.gru = nn.GRU(60, 4)
        self.fc = nn.Linear(4, 3)

    def forward(self, tokens):
        read, _ = self.lstm(self.embedding(tokens))
        image = self.norm(self.conv(read.unsqueeze(1))).relu()
        last, _ = self.gru(image.flatten(1))
        return self.fc(last)


def made_here(path):
    torch.manual_seed(20261127)
    net = Net()
    tokens = torch.randint(0, 7, (3, 5))
    for _ in range(2):
        net(tokens)
    # Statistics and a padding row that are not those of a new model.
    with torch.no_grad():
        net.embedding.weight[0] = torch.randn(4)
    state = {f'model.{name}': x for name, x in net.state_dict().items()}
    write(path, {**state, 'input': tokens, 'output': net.eval()(tokens)})
    print(f'{path}: {os.path.getsize(path)} bytes from PyTorch {torch.__version__}')


def made_there(path):
    tensors, metadata = read(path)
    tokens, output = tensors['extra.input'], tensors['extra.output']
    saved = json.loads(metadata['state'])
    net = Net()
    model = {name[len('model.'):]: x for name, x in tensors.items() if name.startswith('model.')}
    print(net.load_state_dict(model, strict=True))
    with torch.no_grad():
        difference = (net.eval()(tokens) - output).abs().max().item()
    print(f'step {saved["step"]}, {len(model)} tensors; the largest difference of outputs is {difference:.3g}, of {output.abs().max().item():.3g}')
    # The other way: other weights and their output in the same checkpoint.
    with torch.no_grad():
        for x in net.parameters():
            x.mul_(0.5)
        changed = {f'model.{name}': x for name, x in net.state_dict().items()}
        changed['extra.output'] = net(tokens)
    write(path, {name: changed.get(name, x).to(x.dtype) for name, x in tensors.items()}, metadata)
    return difference < 1e-6


if __name__ == '__main__':
    torch.set_num_threads(1)
    if sys.argv[1:] == ['--write']:
        made_here(os.path.normpath(os.path.join(os.path.dirname(__file__), '..', 'test', 'reference', 'torch.safetensors')))
    elif len(sys.argv) == 2:
        sys.exit(0 if made_there(sys.argv[1]) else 1)
    else:
        sys.exit(__doc__)

"""What the programs beside it write: weights in the layout of Hugging Face's files."""
import json
import os
import struct

import torch

TAGS = {torch.float64: 'F64', torch.float32: 'F32', torch.float16: 'F16', torch.bfloat16: 'BF16', torch.uint8: 'U8', torch.int64: 'I64'}


def save(path, tensors, metadata=None):
    """A safetensors file: length of the header, header, elements."""
    header, at, parts = {}, 0, []
    if metadata:
        header['__metadata__'] = metadata
    for name, x in tensors.items():
        x = x.detach().contiguous()
        data = x.view(torch.int16).numpy().tobytes() if x.dtype == torch.bfloat16 else x.numpy().tobytes()
        header[name] = {'dtype': TAGS[x.dtype], 'shape': list(x.shape), 'data_offsets': [at, at + len(data)]}
        at += len(data)
        parts.append(data)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + b''.join(parts))


def save_parts(path, tensors, shards):
    """A folder's weights: model.safetensors, or several parts and their index."""
    if shards == 1:
        save(os.path.join(path, 'model.safetensors'), tensors, {'format': 'pt'})
        return
    names = list(tensors)
    files, index = {}, {}
    for i, name in enumerate(names):
        file = f'model-{i * shards // len(names) + 1:05}-of-{shards:05}.safetensors'
        files.setdefault(file, {})[name] = tensors[name]
        index[name] = file
    for file, part in files.items():
        save(os.path.join(path, file), part, {'format': 'pt'})
    size = sum(x.numel() * x.element_size() for x in tensors.values())
    with open(os.path.join(path, 'model.safetensors.index.json'), 'w') as out:
        json.dump({'metadata': {'total_size': size}, 'weight_map': index}, out, indent=1)

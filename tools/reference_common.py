"""What the writers of reference cases share: draws of inputs, and cases as JSON. All in float64, inputs multiples of 1/64."""
import json
import math
import os

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference')


def quantised(x):
    return torch.round(x * 64) / 64


def n(*shape):
    """Normal."""
    return quantised(torch.randn(shape))


def u(low, high, *shape):
    """Uniform in [low, high]."""
    return quantised(low + (high - low) * torch.rand(shape))


def away(gap, *shape):
    """At least gap from 0: for kinks and poles."""
    x = torch.randn(shape)
    return quantised(torch.sign(x) * (gap + x.abs()))


def d(*shape):
    """All different: for sorts and extremes."""
    count = math.prod(shape)
    return ((torch.randperm(count) - count // 2) / 16.0).reshape(shape)


def i(low, high, *shape):
    return torch.randint(low, high, shape)


def b(*shape):
    return torch.rand(shape) < 0.5


def v(values):
    return torch.tensor(values)


def number(x):
    if isinstance(x, bool):
        return int(x)
    if isinstance(x, int):
        return x
    if math.isnan(x):
        return 'NaN'
    if math.isinf(x):
        return 'Infinity' if x > 0 else '-Infinity'
    return int(x) if x == int(x) and abs(x) < 2**53 and not (x == 0 and math.copysign(1, x) < 0) else x


def option(x):
    """An argument as JSON: infinities as text."""
    if isinstance(x, dict):
        return {key: option(value) for key, value in x.items()}
    if isinstance(x, list):
        return [option(value) for value in x]
    return number(x) if isinstance(x, float) else x


def packed(x):
    kind = {torch.float64: 'float', torch.int64: 'int32', torch.bool: 'bool'}[x.dtype]
    return {'kind': kind, 'shape': list(x.shape), 'data': [number(value) for value in x.detach().flatten().tolist()]}


def write(name, cases):
    """A case a line, into test/reference/NAME.json."""
    lines = [json.dumps(case, separators=(',', ':'), ensure_ascii=False) for case in cases]
    with open(os.path.join(FOLDER, f'{name}.json'), 'w', encoding='utf-8', newline='\n') as file:
        file.write('[\n' + ',\n'.join(lines) + '\n]\n')

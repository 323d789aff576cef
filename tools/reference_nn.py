"""Writes test/reference/nn.json: layers of PyTorch in float64, replayed by test/nn/layers*.test.ts.

Run:  python3 tools/reference_nn.py

A case is  L(layer, args, *inputs):  args are those of our constructor, an object last for options; PyTorch's layer of that name is made
with the same, names in snake_case. '$weight' among args is the tensor of that name in `tensors`. A layer that PyTorch 1.13 lacks is
written below, and named with `make`. Parameters are drawn anew, as multiples of 1/64; a case has the state before, the outputs, all
gradients for random cotangents, their gradients along random directions, and the buffers after.
"""
import re

import torch
from torch import nn

from reference_common import away, b, d, i, n, option, packed, quantised, u, v, write

cases = []


def snake(name):
    return re.sub(r'([A-Z])', lambda m: '_' + m[1].lower(), name)


def python(x, tensors):
    """An argument of ours as PyTorch's."""
    if isinstance(x, list):
        return tuple(python(one, tensors) for one in x)
    return tensors[x[1:]] if isinstance(x, str) and x[0] == '$' else x


def called(f, args, tensors):
    named = {}
    if args and isinstance(args[-1], dict):
        named = {snake(key): python(value, tensors) for key, value in args[-1].items()}
        args = args[:-1]
    return f(*(python(x, tensors) for x in args), **named)


def flat(ys):
    """The tensors of a result."""
    if isinstance(ys, torch.Tensor):
        return [ys]
    return [] if ys is None else [y for part in ys for y in flat(part)]


def draw(module):
    """New values of parameters and running statistics."""
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(quantised(torch.randn(p.shape) / 2))
        for name, x in module.named_buffers():
            if 'running_mean' in name:
                x.copy_(quantised(torch.randn(x.shape)))
            elif 'running_var' in name:
                x.copy_(quantised(0.5 + torch.rand(x.shape)))


def L(layer, args, *inputs, tensors={}, call=None, train=True, before=(), second=True, make=None, drawn=True):
    """
    call: the arguments of forward, '$0' for the first input, an object last for options; default: the inputs
    train: False is eval()
    before: inputs of earlier steps, a list for each
    second: False where there are no second derivatives, or PyTorch has none
    make: the layer of PyTorch in place of nn's, called with the arguments
    drawn: False keeps the parameters that `make` gave
    """
    module = called(make or getattr(nn, layer), args, tensors)
    module.train(train)
    if drawn:
        draw(module)
    state = module.state_dict()
    case = {'layer': layer, 'args': option(args), 'train': train, 'state': {name: packed(x) for name, x in state.items()}}
    places = call or [f'${j}' for j in range(len(inputs))]
    run = lambda xs: flat(called(module, places, {str(j): x for j, x in enumerate(xs)}))
    if before:
        case['before'] = [[packed(x) for x in xs] for xs in before]
    for xs in before:
        run(xs)
    xs = [x.clone().requires_grad_(x.dtype == torch.float64) for x in inputs]
    ys = run(xs)
    case['call'] = option(places)
    case['inputs'] = [packed(x) for x in xs]
    case['outputs'] = [packed(y) for y in ys]
    named = dict(module.named_parameters())
    smooth = [y for y in ys if y.requires_grad]
    wanted = [x for x in xs if x.requires_grad] + list(named.values())
    if smooth:
        cotangents = [quantised(torch.randn(y.shape)) for y in smooth]
        grads = torch.autograd.grad(smooth, wanted, cotangents, create_graph=second, allow_unused=True)
        none = lambda list_: [None if g is None else packed(g) for g in list_]
        case['cotangents'] = none(cotangents)
        case['grads'] = none(grads)
        curved = [(j, g) for j, g in enumerate(grads) if g is not None and g.requires_grad]
        if second and curved:
            directions = {j: quantised(torch.randn(g.shape)) for j, g in curved}
            again = torch.autograd.grad([(g * directions[j]).sum() for j, g in curved], wanted, allow_unused=True)
            if any(g is not None and bool((g != 0).any()) for g in again):
                case['directions'] = none([directions.get(j) for j in range(len(grads))])
                case['second'] = none(again)
    after = {name: packed(x) for name, x in module.named_buffers() if 'running' in name or 'num_batches' in name}
    if after:
        case['after'] = after
    cases.append(case)


def main():
    torch.manual_seed(20261127)
    L('Linear', [3, 2], n(4, 3))
    L('Linear', [3, 2, {'bias': False}], n(2, 2, 3))
    L('Bilinear', [3, 2, 4], n(5, 3), n(5, 2))
    write('nn', cases)
    print(f'{len(cases)} cases from PyTorch {torch.__version__}')


if __name__ == '__main__':
    main()

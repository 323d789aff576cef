"""Writes test/reference/nn.json: layers of PyTorch in float64, replayed by test/nn/layers*.test.ts.

Run:  python3 tools/reference_nn.py

A case is  L(layer, args, *inputs):  args are those of our constructor, an object last for options; PyTorch's layer of that name is made
with the same, names in snake_case. '$weight' among args is the tensor of that name in `tensors`. A layer that PyTorch 1.13 lacks is
written below, and named with `make`. Parameters are drawn anew, as multiples of 1/64; a case has the state before, the outputs, all
gradients for random cotangents, their gradients along random directions, and the running statistics after, with whatever else a call has changed.
"""
import re

import torch
from torch import nn

from reference_common import away, b, d, i, n, option, packed, quantised, u, v, write

cases = []


def snake(name):
    return re.sub(r'([A-Z])', lambda m: '_' + m[1].lower(), name)


def python(x, tensors):
    """An argument of ours as PyTorch's; {'new': layer, 'args': …} and {'make': …}, a function that makes one, are a layer."""
    if isinstance(x, dict):
        return called(getattr(nn, x.get('new') or x['make']), x['args'], tensors)
    if isinstance(x, list):
        return tuple(python(one, tensors) for one in x)
    return tensors[x[1:]] if isinstance(x, str) and x[0] == '$' else x


def called(f, args, tensors):
    named = {}
    if args and isinstance(args[-1], dict) and 'args' not in args[-1]:
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
    second: False where there are none
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
            try:
                again = torch.autograd.grad([(g * directions[j]).sum() for j, g in curved], wanted, allow_unused=True)
            except RuntimeError:  # PyTorch has no second derivative of some ops
                again = []
            if any(g is not None and bool((g != 0).any()) for g in again):
                case['directions'] = none([directions.get(j) for j in range(len(grads))])
                case['second'] = none(again)
    statistics = lambda name: 'running' in name or 'num_batches' in name
    now = {name: packed(x) for name, x in module.state_dict().items()}
    after = {name: x for name, x in now.items() if statistics(name) or x != case['state'][name]}
    if after:
        case['after'] = after
    cases.append(case)


class RMSNorm(nn.Module):
    """y = x / sqrt(mean x^2 + eps) * w (Zhang and Sennrich 2019)."""

    def __init__(self, shape, eps=None, elementwise_affine=True):
        super().__init__()
        self.shape = (shape,) if isinstance(shape, int) else shape
        self.eps = torch.finfo(torch.float64).eps if eps is None else eps
        self.weight = nn.Parameter(torch.ones(self.shape)) if elementwise_affine else None

    def forward(self, x):
        axes = tuple(range(-len(self.shape), 0))
        y = x * torch.rsqrt((x * x).mean(axes, keepdim=True) + self.eps)
        return y if self.weight is None else y * self.weight


def function(f):
    module = nn.Module()
    module.forward = f
    return module


def pad(padding, mode='constant', value=0):
    """Pad: PyTorch has a layer of each mode and number of axes."""
    return function(lambda x: nn.functional.pad(x, padding, mode, value))


def linear():
    L('Linear', [3, 2], n(4, 3))
    L('Linear', [3, 2, {'bias': False}], n(2, 2, 3))
    L('Bilinear', [3, 2, 4], n(5, 3), n(5, 2))


def conv():
    L('Conv1d', [4, 6, 3], n(2, 4, 7))
    L('Conv1d', [2, 3, 3, {'stride': 2, 'padding': 1, 'dilation': 2, 'bias': False}], n(2, 9))
    L('Conv1d', [2, 2, 4, {'padding': 'same', 'dilation': 2, 'paddingMode': 'circular'}], n(1, 2, 7))
    L('Conv2d', [2, 3, 3], n(2, 2, 5, 4))
    L('Conv2d', [4, 4, [3, 2], {'stride': [2, 1], 'padding': [0, 1], 'dilation': [1, 2], 'groups': 2}], n(1, 4, 5, 5))
    L('Conv2d', [2, 2, 3, {'padding': 'same'}], n(1, 2, 3, 4))
    L('Conv2d', [1, 2, 2, {'padding': 'valid', 'bias': False}], n(1, 3, 3))
    for mode in ('reflect', 'replicate', 'circular'):
        L('Conv2d', [1, 2, [3, 2], {'padding': [2, 1], 'paddingMode': mode}], n(1, 1, 4, 3))
    L('Conv2d', [1, 1, [3, 4], {'padding': 'same', 'paddingMode': 'reflect'}], n(1, 1, 3, 4))
    L('ConvTranspose1d', [4, 6, 3, {'groups': 2}], n(2, 4, 4))
    L('ConvTranspose1d', [2, 3, 3, {'stride': 3, 'padding': 1, 'outputPadding': 2, 'dilation': 2}], n(2, 4))
    L('ConvTranspose2d', [2, 3, 3, {'stride': 2, 'padding': 1, 'outputPadding': 1, 'bias': False}], n(1, 2, 3, 2))
    L('ConvTranspose2d', [4, 2, [2, 3], {'stride': [1, 2], 'padding': [1, 0], 'outputPadding': [0, 1], 'groups': 2}], n(1, 4, 3, 2))
    L('ConvTranspose2d', [2, 1, 3, {'stride': 2}], n(1, 2, 3, 3), call=['$0', [8, 7]])


def pool():
    L('MaxPool1d', [2], d(2, 2, 5))
    L('MaxPool1d', [3, {'stride': 1, 'padding': 1, 'dilation': 1, 'ceilMode': True}], d(2, 6))
    L('MaxPool2d', [2], d(2, 2, 4, 5))
    L('MaxPool2d', [[3, 2], {'stride': [2, 1], 'padding': [1, 0], 'dilation': [1, 2], 'ceilMode': True}], d(1, 2, 5, 6))
    L('AvgPool1d', [2], n(2, 2, 5))
    L('AvgPool1d', [3, {'stride': 2, 'padding': 1, 'ceilMode': True, 'countIncludePad': False}], n(2, 6))
    L('AvgPool2d', [2], n(2, 2, 4, 5))
    L('AvgPool2d', [[3, 2], {'stride': [2, 1], 'padding': [1, 0], 'countIncludePad': False}], n(1, 2, 5, 6))
    L('AvgPool2d', [2, {'divisorOverride': 3, 'ceilMode': True}], n(1, 1, 3, 3))
    L('AdaptiveAvgPool1d', [3], n(2, 2, 7))
    L('AdaptiveAvgPool2d', [1], n(2, 3, 4, 5))
    L('AdaptiveAvgPool2d', [[3, None]], n(2, 5, 4))
    L('AdaptiveMaxPool1d', [3], d(2, 2, 7))
    L('AdaptiveMaxPool2d', [[2, 3]], d(2, 2, 5, 4))


def resample():
    L('Upsample', [{'scaleFactor': 2}], n(1, 2, 3, 2))
    L('Upsample', [{'size': [5, 7], 'mode': 'bilinear', 'alignCorners': True}], n(1, 2, 3, 4))
    L('Upsample', [{'scaleFactor': 1.5, 'mode': 'linear'}], n(1, 2, 4))
    L('Upsample', [{'size': 5, 'mode': 'bicubic'}], n(1, 1, 3, 4))
    L('PixelShuffle', [2], n(1, 8, 2, 3))
    L('PixelUnshuffle', [2], n(1, 2, 4, 6))
    L('Pad', [[1, 2, 0, 1], {'mode': 'reflect'}], n(1, 1, 3, 4), make=pad)
    L('Pad', [[1, -1], {'value': 0.5}], n(2, 3), make=pad)
    L('ZeroPad2d', [[1, 0, 2, 1]], n(1, 2, 2, 3))
    L('ConstantPad1d', [2, 1.5], n(1, 2, 3))
    L('ConstantPad2d', [[1, 2, 0, 1], -0.5], n(1, 2, 2, 3))
    L('ReflectionPad1d', [[2, 1]], n(1, 2, 4))
    L('ReflectionPad2d', [1], n(1, 2, 3, 3))
    L('ReplicationPad1d', [[2, 1]], n(1, 2, 3))
    L('ReplicationPad2d', [1], n(1, 1, 2, 3))
    L('Unfold', [[2, 3], {'stride': [1, 2], 'padding': 1, 'dilation': [2, 1]}], n(1, 2, 4, 5))
    L('Fold', [[4, 5], 2, {'stride': [2, 1], 'padding': [0, 1]}], n(1, 8, 12))
    L('Flatten', [], n(2, 2, 3))
    L('Flatten', [0, 1], n(2, 2, 3))
    L('Unflatten', [1, [2, 3]], n(2, 6))


def norm():
    for size, shape in (('BatchNorm1d', (4, 3)), ('BatchNorm1d', (2, 3, 4)), ('BatchNorm2d', (2, 3, 2, 3))):
        L(size, [3], n(*shape), before=[[n(*shape)], [1 + n(*shape)]])
        L(size, [3], n(*shape), train=False)
        L(size, [3, {'eps': 0.25, 'momentum': None}], n(*shape), before=[[n(*shape)], [n(*shape)]])
    L('BatchNorm2d', [2, {'affine': False, 'momentum': 0.5}], n(3, 2, 2, 2), before=[[n(3, 2, 2, 2)]])
    L('BatchNorm1d', [2, {'trackRunningStats': False}], n(4, 2))
    L('BatchNorm1d', [2, {'trackRunningStats': False, 'affine': False}], n(4, 2), train=False)
    for size, shape in (('InstanceNorm1d', (2, 3, 4)), ('InstanceNorm2d', (2, 3, 2, 3))):
        L(size, [3], n(*shape))
        L(size, [3, {'affine': True}], n(*shape[1:]), train=False)
        L(size, [3, {'affine': True, 'trackRunningStats': True, 'momentum': 0.25}], n(*shape), before=[[n(*shape)]])
        L(size, [3, {'trackRunningStats': True, 'eps': 0.5}], n(*shape), train=False)
    L('LayerNorm', [4], n(3, 4))
    L('LayerNorm', [[2, 3], {'eps': 0.25}], n(2, 2, 3))
    L('LayerNorm', [4, {'elementwiseAffine': False}], n(2, 4))
    L('RMSNorm', [4], n(3, 4), make=RMSNorm)
    L('RMSNorm', [[2, 3], {'eps': 0.25}], n(2, 2, 3), make=RMSNorm)
    L('RMSNorm', [4, {'elementwiseAffine': False, 'eps': 1e-6}], n(2, 4), make=RMSNorm)
    L('GroupNorm', [2, 4], n(2, 4, 3))
    L('GroupNorm', [3, 3, {'eps': 0.25, 'affine': False}], n(2, 3, 2, 2))
    L('LocalResponseNorm', [3, {'alpha': 2, 'beta': 0.5, 'k': 2}], n(2, 4, 3))


def dropout():
    for name, shape in (('Dropout', (3, 4)), ('AlphaDropout', (3, 4)), ('Dropout1d', (2, 3, 2)), ('Dropout2d', (2, 3, 2, 2))):
        L(name, [0.25], n(*shape), train=False)
        L(name, [{'p': 0}], n(*shape))


def activations():
    for name in ('ReLU', 'ReLU6', 'Hardswish'):
        L(name, [], 4 * away(0.1, 3, 4))
    # PyTorch 1.13 has the 1/6 of its gradient in float32.
    L('Hardsigmoid', [], n(3, 4), make=lambda: function(lambda x: (x / 6 + 0.5).clamp(0, 1)))
    for name in ('Tanh', 'Sigmoid', 'SELU', 'SiLU', 'Mish', 'LogSigmoid', 'Softsign', 'Tanhshrink', 'ELU', 'CELU', 'GELU', 'LeakyReLU', 'Softplus', 'Hardtanh'):
        L(name, [], away(0.1, 3, 4))
    for name in ('Hardshrink', 'Softshrink'):
        L(name, [], n(3, 4))
        L(name, [0.75], n(3, 4))
    L('ELU', [2], away(0.1, 3, 4))
    L('CELU', [{'alpha': 2}], away(0.1, 3, 4))
    L('GELU', ['tanh'], n(3, 4), make=lambda approximate: nn.GELU(approximate=approximate))
    L('GELU', [{'approximate': 'tanh'}], n(3, 4))
    L('LeakyReLU', [0.25], away(0.1, 3, 4))
    L('RReLU', [0.25, 0.5], away(0.1, 3, 4), train=False)
    L('RReLU', [{'lower': 0.125, 'upper': 0.125}], away(0.1, 3, 4))
    L('Hardtanh', [-0.5, 1.5], n(3, 4))
    L('Hardtanh', [{'minVal': -2, 'maxVal': 0.5}], n(3, 4))
    L('Softplus', [], v([-30., -1., 0., 1., 19., 20.5, 30.]))
    L('Softplus', [2, 1], n(3, 4))
    L('Threshold', [0.25, -1], n(3, 4))
    L('GLU', [], n(3, 4))
    L('GLU', [0], n(4, 3))
    for name in ('Softmax', 'LogSoftmax', 'Softmin'):
        L(name, [-1], n(2, 3, 4))
        L(name, [{'dim': 1}], n(2, 3, 4))
    L('Softmax2d', [], n(2, 3, 2, 2))
    L('Softmax2d', [], n(3, 2, 2))
    L('PReLU', [], away(0.1, 3, 4))
    L('PReLU', [{'numParameters': 3}], away(0.1, 2, 3, 2))


def losses():
    signs = lambda *shape: 1 - 2 * i(0, 2, *shape)
    three = ('mean', 'sum', 'none')
    for reduction in three:
        r = {'reduction': reduction}
        for name in ('L1Loss', 'MSELoss', 'SmoothL1Loss', 'HuberLoss'):
            L(name, [r], n(2, 3), n(2, 3))
        L('CrossEntropyLoss', [r], n(4, 3), v([0, 2, -100, 1]))
        L('NLLLoss', [r], n(4, 3), v([0, 2, -100, 1]))
        L('BCELoss', [r], u(0.1, 0.9, 2, 3), u(0, 1, 2, 3))
        L('BCEWithLogitsLoss', [r], n(2, 3), u(0, 1, 2, 3))
        L('KLDivLoss', [r], n(2, 3), u(0.1, 1, 2, 3))
        L('PoissonNLLLoss', [r], n(2, 3), i(0, 5, 2, 3).double())
        L('GaussianNLLLoss', [r], n(2, 3), n(2, 3), u(0.5, 2, 2, 3))
        L('HingeEmbeddingLoss', [r], n(2, 3), signs(2, 3))
        L('MarginRankingLoss', [r], n(4), n(4), signs(4))
        L('SoftMarginLoss', [r], n(2, 3), signs(2, 3))
        L('MultiLabelMarginLoss', [r], n(2, 4), v([[2, 0, -1, 1], [3, -1, -1, -1]]), second=False)
        L('MultiLabelSoftMarginLoss', [r], n(2, 3), u(0, 1, 2, 3))
        L('MultiMarginLoss', [r], n(4, 3), v([0, 2, 1, 1]), second=False)
        L('TripletMarginLoss', [r], n(2, 3), n(2, 3), n(2, 3))
        L('TripletMarginWithDistanceLoss', [r], n(2, 3), n(2, 3), n(2, 3))
        L('CosineEmbeddingLoss', [r], n(3, 4), n(3, 4), v([1, -1, -1]))
        L('CTCLoss', [r], n(6, 3, 4), i(1, 4, 3, 2), call=['$0', '$1', [6, 4, 5], [2, 1, 0]], second=False)
    weight = {'weight': u(0.5, 2, 3)}
    L('SmoothL1Loss', [{'beta': 0.5}], n(2, 3), n(2, 3))
    L('HuberLoss', [{'delta': 0.5}], n(2, 3), n(2, 3))
    L('CrossEntropyLoss', [{'weight': '$weight', 'labelSmoothing': 0.25, 'ignoreIndex': 1}], n(4, 3), v([0, 2, 1, 2]), tensors=weight)
    L('CrossEntropyLoss', [{'weight': '$weight'}], n(2, 3, 2), u(0, 1, 2, 3, 2), tensors=weight)
    L('NLLLoss', [{'weight': '$weight', 'ignoreIndex': 1}], n(4, 3), v([0, 2, 1, 2]), tensors=weight)
    L('BCELoss', [{'weight': '$weight'}], u(0.1, 0.9, 2, 3), u(0, 1, 2, 3), tensors=weight)
    L('BCEWithLogitsLoss', [{'weight': '$weight', 'posWeight': '$pos_weight'}], n(2, 3), u(0, 1, 2, 3), tensors={**weight, 'pos_weight': u(0.5, 2, 3)})
    L('KLDivLoss', [{'reduction': 'batchmean', 'logTarget': True}], n(2, 3), n(2, 3))
    L('PoissonNLLLoss', [{'logInput': False, 'full': True, 'eps': 0.25}], u(0.5, 3, 2, 3), i(1, 5, 2, 3).double())
    L('GaussianNLLLoss', [{'full': True, 'eps': 0.75}], n(2, 3), n(2, 3), u(0.5, 2, 2, 1))
    L('HingeEmbeddingLoss', [{'margin': 0.5}], n(2, 3), signs(2, 3))
    L('MarginRankingLoss', [{'margin': 0.5}], n(4), n(4), signs(4))
    L('MultiLabelSoftMarginLoss', [{'weight': '$weight'}], n(2, 3), u(0, 1, 2, 3), tensors=weight)
    L('MultiMarginLoss', [{'p': 2, 'margin': 0.5, 'weight': '$weight'}], n(4, 3), v([0, 2, 1, 1]), tensors=weight, second=False)
    L('TripletMarginLoss', [{'margin': 2, 'p': 3, 'eps': 1e-3, 'swap': True}], n(2, 3), n(2, 3), n(2, 3))
    L('TripletMarginWithDistanceLoss', [{'margin': 2, 'swap': True}], n(2, 3), n(2, 3), n(2, 3))
    L('CosineEmbeddingLoss', [{'margin': 0.25}], n(3, 4), n(3, 4), v([1, -1, -1]))
    L('CTCLoss', [{'blank': 2, 'zeroInfinity': True}], n(4, 2, 3), v([[0, 0], [1, 0]]), call=['$0', '$1', [2, 4], [2, 2]], second=False)
    L('PairwiseDistance', [], n(3, 4), n(3, 4))
    L('PairwiseDistance', [3, 0.25, True], n(3, 4), n(3, 4))
    L('CosineSimilarity', [], n(3, 4), n(3, 4))
    L('CosineSimilarity', [{'dim': 0, 'eps': 0.25}], away(0.5, 3, 4), away(0.5, 3, 4))


def main():
    for seed, family in enumerate((linear, conv, pool, resample, norm, dropout, activations, losses)):
        # A case that is added changes the numbers of its family alone.
        torch.manual_seed(20261127 + seed)
        family()
    write('nn', cases)
    print(f'{len(cases)} cases from PyTorch {torch.__version__}')


if __name__ == '__main__':
    main()

"""Writes test/reference/*.json: values, gradients and second-order products of PyTorch in float64 for the ops of handgrad.

Run:  python3 tools/reference.py          (needs PyTorch >= 1.13, e.g. Debian's python3-torch; the tests themselves need no Python)
      python3 tools/reference.py special  writes that file alone, of those that have a seed: the last digits of the others depend
                                          on where PyTorch's memory happens to lie

A case is  C(op, inputs, f, args):  f is the call in PyTorch; args the same call in handgrad, '$0', '$1' ... standing for the
inputs. Inputs are multiples of 1/64, so that float32 holds them exactly and the files stay short. Cotangents are random.
What PyTorch 1.13 lacks (RMSNorm, attention, logit-free losses) is written out below from its paper, in a few lines.
"""
import math
import sys

import torch
import torch.nn.functional as F

from reference_common import away, b, d, i, n, option, packed, quantised, u, v, write

torch.manual_seed(20261123)
inf = math.inf


cases = {}
family = ''
seeds = {}


def begin(name, seed):
    """Start a file whose numbers do not depend on the files before it, so that adding a case changes this file alone."""
    global family, drawn
    if not seeds:
        drawn = torch.get_rng_state()
    family = name
    seeds[name] = seed
    torch.manual_seed(seed)


def C(op, inputs, f, args=None, second=True):
    cases.setdefault(family, []).append((op, inputs, f, args, second))


def unary(op, draw, f=None, shapes=((), (5,), (2, 3))):
    f = f or getattr(torch, op)
    for shape in shapes:
        C(op, [draw(*shape)], f)


def binary(op, draw, other=None, f=None):
    f = f or getattr(torch, op)
    other = other or draw
    for s, t in (((4,), (4,)), ((2, 3), (3,)), ((3, 1), (1, 2))):
        C(op, [draw(*s), other(*t)], f)


# ---------------------------------------------------------------- elementwise
family = 'elementwise'
unary('neg', n)
unary('abs', lambda *s: away(0.1, *s))
unary('sign', lambda *s: away(0.1, *s), shapes=((5,),))
unary('exp', n)
unary('expm1', n)
for op in ('log', 'log2', 'log10', 'log1p', 'sqrt', 'rsqrt'):
    unary(op, lambda *s: u(0.25, 6, *s))
unary('square', n)
unary('reciprocal', lambda *s: away(0.3, *s))
for op in ('sin', 'cos', 'sinh', 'cosh', 'tanh', 'asinh', 'atan', 'erf', 'sigmoid'):
    unary(op, lambda *s: u(-3, 3, *s))
unary('tan', lambda *s: u(-1.2, 1.2, *s))
for op in ('asin', 'acos', 'atanh'):
    unary(op, lambda *s: u(-0.9, 0.9, *s))
unary('acosh', lambda *s: u(1.2, 5, *s))
unary('logit', lambda *s: u(0.1, 0.9, *s))
C('logit', [u(0, 1, 6)], lambda x: torch.logit(x, 0.25), ['$0', 0.25], second=False)
for op, f in (
    ('logSigmoid', F.logsigmoid), ('softplus', F.softplus), ('silu', F.silu), ('mish', F.mish), ('gelu', F.gelu),
    ('softsign', F.softsign),
):
    unary(op, lambda *s: u(-4, 4, *s), f)
C('softplus', [n(5)], lambda x: F.softplus(x, beta=2, threshold=1), ['$0', {'beta': 2, 'threshold': 1}])
# F.hardsigmoid's gradient holds 1/6 in float32.
for op, f in (
    ('relu', F.relu), ('selu', F.selu), ('elu', F.elu), ('celu', F.celu), ('leakyRelu', F.leaky_relu), ('relu6', F.relu6),
    ('hardtanh', F.hardtanh), ('hardsigmoid', lambda x: F.relu6(x + 3) / 6),
    ('hardswish', F.hardswish),
):
    unary(op, lambda *s: away(0.15, *s) * 1.37, f, ((6,), (3, 4)))
C('elu', [away(0.1, 6)], lambda x: F.elu(x, 1.5), ['$0', 1.5])
C('celu', [away(0.1, 6)], lambda x: F.celu(x, 1.5), ['$0', 1.5])
C('leakyRelu', [away(0.1, 6)], lambda x: F.leaky_relu(x, 0.25), ['$0', 0.25])
C('hardtanh', [away(0.1, 6)], lambda x: F.hardtanh(x, -0.55, 0.7), ['$0', -0.55, 0.7])
C('prelu', [away(0.1, 2, 3, 2), n(3)], F.prelu)
C('prelu', [away(0.1, 4), n(1)], F.prelu)
C('glu', [n(3, 4)], F.glu)
C('glu', [n(4, 3)], lambda x: F.glu(x, 0), ['$0', 0])
C('gelu', [u(-4, 4, 7)], lambda x: F.gelu(x, approximate='tanh'), ['$0', {'approximate': 'tanh'}])
C('clamp', [n(8)], lambda x: torch.clamp(x, -0.55, 0.6), ['$0', {'min': -0.55, 'max': 0.6}])
C('clamp', [n(8)], lambda x: torch.clamp(x, min=0.11), ['$0', {'min': 0.11}])
C('clamp', [n(8)], lambda x: torch.clamp(x, max=0.11), ['$0', {'max': 0.11}])
for op in ('floor', 'ceil', 'round', 'trunc', 'frac'):
    C(op, [u(-3, 3, 9) + 0.1], getattr(torch, op))
C('round', [v([0.5, 1.5, 2.5, -0.5, -1.5, 3.2])], torch.round)
special = v([0.0, -0.0, inf, -inf, math.nan, 1.5])
for op in ('isnan', 'isinf', 'isfinite'):
    C(op, [special], getattr(torch, op))
C('nanToNum', [v([1.0, math.nan, inf, -inf])], lambda x: torch.nan_to_num(x, 7.0, 8.0, 9.0),
  ['$0', {'nan': 7, 'posinf': 8, 'neginf': 9}])
binary('add', n)
binary('sub', n)
binary('mul', n)
binary('div', n, lambda *s: away(0.4, *s))
binary('pow', lambda *s: u(0.3, 3, *s), n)
C('pow', [away(0.3, 5)], lambda x: x**3, ['$0', 3])
C('pow', [away(0.3, 5)], lambda x: x**-2, ['$0', -2])
C('pow', [v([0.0, 2.0, 1.0, -1.0, inf, 0.0]), v([0.0, 0.0, inf, 3.0, 2.0, 2.0])], torch.pow, second=False)
binary('maximum', d)
binary('minimum', d)
C('maximum', [v([1.0, 2.0]), v([1.0, 3.0])], torch.maximum)
C('remainder', [away(0.3, 6) * 5.03, away(0.8, 6)], torch.remainder, second=False)
C('fmod', [away(0.3, 6) * 5.03, away(0.8, 6)], torch.fmod, second=False)
C('remainder', [i(-9, 9, 8), i(2, 5, 8)], torch.remainder)
C('fmod', [i(-9, 9, 8), i(2, 5, 8)], torch.fmod)
C('remainder', [v([-7.0, 7.0, -7.0, 7.5]), v([3.0, -3.0, -3.0, 2.0])], torch.remainder, second=False)
binary('atan2', lambda *s: away(0.2, *s))
binary('logaddexp', n)
C('lerp', [n(2, 3), n(3), u(0, 1, 2, 1)], lambda a, c, w: torch.lerp(*torch.broadcast_tensors(a, c, w)))
C('lerp', [n(4), n(4)], lambda a, c: torch.lerp(a, c, 0.3), ['$0', '$1', 0.3])
C('addcmul', [n(2, 3), n(3), n(2, 1)], lambda x, a, c: torch.addcmul(x, a, c, value=0.5), ['$0', '$1', '$2', {'value': 0.5}])
for op in ('eq', 'ne', 'lt', 'le', 'gt', 'ge'):
    C(op, [i(0, 3, 4, 3), i(0, 3, 3)], getattr(torch, op))
    C(op, [special, v([0.0, 0.0, inf, inf, math.nan, 1.0])], getattr(torch, op))
C('logicalAnd', [b(8), b(8)], torch.logical_and)
C('logicalOr', [b(8), b(8)], torch.logical_or)
C('logicalXor', [b(8), b(8)], torch.logical_xor)
C('logicalNot', [b(8)], torch.logical_not)
C('where', [b(3, 2), n(3, 1), n(2)], torch.where)
C('maskedFill', [n(3, 4), b(4)], lambda x, m: x.masked_fill(m, 2.5), ['$0', '$1', 2.5])

# ---------------------------------------------------------------- reduce, scan, sort
family = 'reduce'
k = {'keepdim': True}
for dims, shape in ((None, (3, 4)), (0, (3, 4)), ([0, 2], (2, 3, 2))):
    given = ['$0'] if dims is None else ['$0', dims]
    along = {} if dims is None else {'dim': dims}
    C('sum', [n(*shape)], lambda x, a=along: torch.sum(x, **a), given)
    C('mean', [n(*shape)], lambda x, a=along: torch.mean(x, **a), given)
    C('amax', [d(*shape)], lambda x, a=along: torch.amax(x, **a), given)
    C('amin', [d(*shape)], lambda x, a=along: torch.amin(x, **a), given)
    unbiased = {'dim': dims, 'unbiased': True} if dims is not None else {'unbiased': True}
    C('var', [n(*shape)], lambda x, a=unbiased: torch.var(x, **a), given)
    C('std', [n(*shape)], lambda x, a=unbiased: torch.std(x, **a), given)
    C('logsumexp', [n(*shape)], lambda x, q=dims: torch.logsumexp(x, list(range(x.ndim)) if q is None else q), given)
C('amax', [v([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])], lambda x: torch.amax(x, 1), ['$0', 1], second=False)
C('sum', [i(-9, 9, 3, 4)], lambda x: torch.sum(x, 1), ['$0', 1])
C('var', [n(3, 5)], lambda x: torch.var(x, 1, unbiased=False, keepdim=True), ['$0', 1, {'correction': 0, 'keepdim': True}])
C('std', [n(3, 5)], lambda x: torch.std(x, 1, unbiased=False), ['$0', 1, {'correction': 0}])
C('prod', [away(0.3, 5)], torch.prod)
C('prod', [away(0.3, 3, 4)], lambda x: torch.prod(x, 1), ['$0', 1])
C('prod', [v([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [1.0, 2.0, 3.0]])], lambda x: torch.prod(x, 1), ['$0', 1])
for p in (1, 2, 3, inf, -inf, 0):
    C('norm', [d(3, 4) + 1 / 32], lambda x, p=p: torch.norm(x, p, 1), ['$0', {'p': p, 'dim': 1}], second=p not in (inf, -inf))
C('norm', [away(0.2, 2, 3)], torch.norm)
C('norm', [v([0.0, 0.0])], torch.norm, second=False)
for dim in (0, -1):
    C('max', [d(3, 4)], lambda x, q=dim: tuple(torch.max(x, q)), ['$0', dim])
    C('min', [d(3, 4)], lambda x, q=dim: tuple(torch.min(x, q)), ['$0', dim])
    C('argmax', [d(3, 4)], lambda x, q=dim: torch.argmax(x, q), ['$0', dim])
    C('argmin', [d(3, 4)], lambda x, q=dim: torch.argmin(x, q), ['$0', dim])
    C('cumsum', [n(3, 4)], lambda x, q=dim: torch.cumsum(x, q), ['$0', dim])
    C('cumprod', [away(0.3, 3, 4)], lambda x, q=dim: torch.cumprod(x, q), ['$0', dim])
    C('logcumsumexp', [n(3, 4)], lambda x, q=dim: torch.logcumsumexp(x, q), ['$0', dim])
    C('sort', [d(3, 4)], lambda x, q=dim: tuple(torch.sort(x, q)), ['$0', dim])
    C('sort', [d(3, 4)], lambda x, q=dim: tuple(torch.sort(x, q, descending=True)), ['$0', dim, {'descending': True}])
    C('argsort', [d(3, 4)], lambda x, q=dim: torch.argsort(x, q), ['$0', dim])
    C('topk', [d(4, 5)], lambda x, q=dim: tuple(torch.topk(x, 2, q)), ['$0', 2, dim])
    C('topk', [d(4, 5)], lambda x, q=dim: tuple(torch.topk(x, 3, q, largest=False)), ['$0', 3, dim, {'largest': False}])
    C('median', [d(4, 5)], lambda x, q=dim: tuple(torch.median(x, q)), ['$0', dim])
C('cumprod', [v([2.0, 0.0, 3.0, 0.0, 4.0])], lambda x: torch.cumprod(x, 0), ['$0', 0])
C('median', [d(7)], torch.median)
C('sort', [i(0, 4, 12)], lambda x: tuple(torch.sort(x, stable=True)))
C('searchsorted', [v([1.0, 3.0, 5.0, 7.0]), v([0.0, 3.0, 6.0, 9.0])], torch.searchsorted)
C('searchsorted', [v([1.0, 3.0, 3.0, 7.0]), v([3.0, 7.0])], lambda s, x: torch.searchsorted(s, x, right=True), ['$0', '$1', {'right': True}])
C('all', [b(3, 4)], lambda x: torch.all(x, 1), ['$0', 1])
C('any', [b(3, 4)], lambda x: torch.any(x, 0), ['$0', 0])
C('countNonzero', [i(0, 2, 3, 4)], lambda x: torch.count_nonzero(x, 1), ['$0', 1])
C('histc', [u(-1, 4, 30)], lambda x: torch.histc(x, 5, 0, 3), ['$0', {'bins': 5, 'min': 0, 'max': 3}])

# ---------------------------------------------------------------- movement and indexing
family = 'movement'
C('reshape', [n(2, 6)], lambda x: x.reshape(3, 4), ['$0', [3, 4]])
C('view', [n(2, 6)], lambda x: x.view(3, -1), ['$0', [3, -1]])
C('flatten', [n(2, 3, 2)], lambda x: x.flatten(1), ['$0', 1])
C('unflatten', [n(2, 6)], lambda x: x.unflatten(1, (2, 3)), ['$0', 1, [2, 3]])
C('squeeze', [n(2, 1, 3)], torch.squeeze)
C('unsqueeze', [n(2, 3)], lambda x: x.unsqueeze(1), ['$0', 1])
C('transpose', [n(2, 3, 2)], lambda x: x.transpose(0, 2), ['$0', 0, 2])
C('permute', [n(2, 3, 2)], lambda x: x.permute(2, 0, 1), ['$0', [2, 0, 1]])
C('movedim', [n(2, 3, 4)], lambda x: x.movedim(0, 2), ['$0', 0, 2])
C('movedim', [n(2, 3, 4)], lambda x: x.movedim((0, 1), (2, 0)), ['$0', [0, 1], [2, 0]])
C('expand', [n(3, 1)], lambda x: x.expand(2, 3, 4), ['$0', [2, 3, 4]])
C('broadcastTo', [n(3)], lambda x: torch.broadcast_to(x, (2, 3)), ['$0', [2, 3]])
C('flip', [n(3, 4)], lambda x: x.flip(0, 1), ['$0', [0, 1]])
C('flip', [n(3, 4)], lambda x: x.flip(1), ['$0', [1]])
C('roll', [n(3, 4)], lambda x: x.roll(2), ['$0', 2])
C('roll', [n(3, 4)], lambda x: x.roll((1, -1), (0, 1)), ['$0', [1, -1], [0, 1]])
C('slice', [n(5, 6)], lambda x: x[1:4, ::2], ['$0', [1, 4], [None, None, 2]])
C('narrow', [n(5, 3)], lambda x: x.narrow(0, 1, 3), ['$0', 0, 1, 3])
C('select', [n(3, 4)], lambda x: x.select(1, 2), ['$0', 1, 2])
C('pad', [n(2, 3)], lambda x: F.pad(x, (1, 2)), ['$0', [1, 2]])
C('pad', [n(2, 3)], lambda x: F.pad(x, (1, -1, 2, 0), value=1.5), ['$0', [1, -1, 2, 0], {'value': 1.5}])
for mode in ('reflect', 'replicate', 'circular'):
    C('pad', [n(1, 2, 4)], lambda x, m=mode: F.pad(x, (2, 1), mode=m), ['$0', [2, 1], {'mode': mode}])
    C('pad', [n(1, 2, 3, 4)], lambda x, m=mode: F.pad(x, (2, 1, 1, 2), mode=m), ['$0', [2, 1, 1, 2], {'mode': mode}])
C('cat', [n(2, 3), n(1, 3)], lambda x, y: torch.cat([x, y]), [['$0', '$1']])
C('cat', [n(2, 3), n(2, 1)], lambda x, y: torch.cat([x, y], 1), [['$0', '$1'], 1])
C('stack', [n(2, 3), n(2, 3)], lambda x, y: torch.stack([x, y], 1), [['$0', '$1'], 1])
C('split', [n(5, 2)], lambda x: x.split(2), ['$0', 2])
C('split', [n(5, 2)], lambda x: x.split([1, 4]), ['$0', [1, 4]])
C('chunk', [n(5, 2)], lambda x: x.chunk(2), ['$0', 2])
C('unbind', [n(3, 2)], lambda x: x.unbind(1), ['$0', 1])
C('tile', [n(2, 3)], lambda x: x.tile((2, 2)), ['$0', [2, 2]])
C('repeat', [n(2, 3)], lambda x: x.repeat(2, 1, 2), ['$0', [2, 1, 2]])
C('repeatInterleave', [n(2, 3)], lambda x: x.repeat_interleave(2), ['$0', 2])
C('repeatInterleave', [n(2, 3)], lambda x: x.repeat_interleave(3, 1), ['$0', 3, 1])
C('diag', [n(3)], torch.diag)
C('diag', [n(3, 4)], lambda x: torch.diag(x, 1), ['$0', 1])
C('diag', [n(3)], lambda x: torch.diag(x, -1), ['$0', -1])
C('diagonal', [n(2, 3, 4)], lambda x: torch.diagonal(x, 1, 1, 2), ['$0', {'offset': 1, 'dim1': 1, 'dim2': 2}])
C('trace', [n(3, 4)], torch.trace)
C('tril', [n(3, 4)], lambda x: torch.tril(x, 1), ['$0', 1])
C('triu', [n(2, 3, 3)], lambda x: torch.triu(x, -1), ['$0', -1])
C('unfold', [n(2, 7)], lambda x: x.unfold(1, 3, 2), ['$0', 1, 3, 2])
C('unfold', [n(7)], lambda x: x.unfold(0, 4, 1), ['$0', 0, 4, 1])
C('meshgrid', [n(2), n(3)], lambda x, y: torch.meshgrid(x, y, indexing='ij'), [['$0', '$1']])
C('meshgrid', [n(2), n(3)], lambda x, y: torch.meshgrid(x, y, indexing='xy'), [['$0', '$1'], {'indexing': 'xy'}])
C('indexSelect', [n(4, 3), i(0, 3, 5)], lambda x, q: x.index_select(1, q), ['$0', 1, '$1'])
C('gather', [n(3, 4), i(0, 3, 2, 4)], lambda x, q: x.gather(0, q), ['$0', 0, '$1'])
C('gather', [n(3, 4), i(0, 4, 3, 6)], lambda x, q: x.gather(1, q), ['$0', 1, '$1'])
C('takeAlongDim', [n(3, 4), i(0, 4, 3, 2)], lambda x, q: x.take_along_dim(q, 1), ['$0', '$1', 1])
C('take', [n(3, 4), i(0, 12, 5)], torch.take)
C('scatter', [n(3, 4), v([[2, 0, 1, 2]]), n(1, 4)], lambda x, q, s: x.scatter(0, q, s), ['$0', 0, '$1', '$2'])
C('scatter', [n(3, 4), v([[2, 0, 1, 2]])], lambda x, q: x.scatter(0, q, 1.5), ['$0', 0, '$1', 1.5])
C('scatterAdd', [n(3, 4), i(0, 4, 3, 6), n(3, 6)], lambda x, q, s: x.scatter_add(1, q, s), ['$0', 1, '$1', '$2'])
C('indexAdd', [n(3, 4), i(0, 3, 5), n(5, 4)], lambda x, q, s: x.index_add(0, q, s), ['$0', 0, '$1', '$2'])
C('oneHot', [i(0, 4, 2, 3)], lambda q: F.one_hot(q, 4), ['$0', 4])
C('embedding', [n(5, 3), i(0, 5, 2, 4)], lambda w, q: F.embedding(q, w))
C('embedding', [n(5, 3), v([1, 2, 1, 0])], lambda w, q: F.embedding(q, w, padding_idx=1), ['$0', '$1', {'paddingIdx': 1}])
C('at', [n(4, 5, 2)], lambda x: x[1:3, -1], ['$0', [1, 3], -1])
C('at', [n(4, 5), i(0, 4, 3)], lambda x, q: x[q], ['$0', '$1'])
C('at', [n(4, 5, 3), i(0, 5, 2)], lambda x, q: x[:, q, 0], ['$0', None, '$1', 0])
C('at', [n(4, 5), i(-4, 4, 3), i(0, 5, 2, 3)], lambda x, q, r: x[q, r], ['$0', '$1', '$2'])

# ---------------------------------------------------------------- contractions
family = 'contract'
for s, t in (((3, 4), (4, 2)), ((4,), (4,)), ((4,), (4, 2)), ((3, 4), (4,)), ((2, 3, 4), (2, 4, 2)), ((2, 1, 3, 2), (3, 2, 2)), ((2, 3, 4), (4,))):
    C('matmul', [n(*s), n(*t)], torch.matmul)
C('bmm', [n(2, 3, 4), n(2, 4, 2)], torch.bmm)
C('addmm', [n(3), n(2, 4), n(4, 3)], lambda x, p, q: torch.addmm(x, p, q, beta=0.5, alpha=2), ['$0', '$1', '$2', {'beta': 0.5, 'alpha': 2}])
C('dot', [n(5), n(5)], torch.dot)
C('outer', [n(3), n(4)], torch.outer)
C('linear', [n(2, 3), n(4, 3), n(4)], F.linear)
C('linear', [n(2, 2, 3), n(4, 3)], F.linear)
C('bilinear', [n(2, 3), n(2, 4), n(2, 3, 4), n(2)], F.bilinear)
for eq, shapes in (
    ('ij,jk->ik', ((2, 3), (3, 2))), ('ij->ji', ((2, 3),)), ('ij->', ((2, 3),)), ('ii->i', ((3, 3),)), ('ii', ((3, 3),)),
    ('bij,bjk->bik', ((2, 2, 3), (2, 3, 2))), ('i,j->ij', ((2,), (3,))), ('ij,ij->i', ((2, 3), (2, 3))),
    ('bhqd,bhkd->bhqk', ((1, 2, 2, 3), (1, 2, 3, 3))), ('...ij,...jk->...ik', ((2, 2, 3), (3, 2))),
    ('ij,jk,kl->il', ((2, 3), (3, 2), (2, 2))), ('ijk,k->ji', ((2, 3, 2), (2,))), ('ab,cb', ((2, 3), (4, 3))),
    ('iij,jk->ik', ((2, 2, 3), (3, 2))),
):
    C('einsum', [n(*s) for s in shapes], lambda *x, e=eq: torch.einsum(e, *x), [eq] + [f'${j}' for j in range(len(shapes))])
C('tensordot', [n(2, 3, 4), n(3, 4, 2)], lambda x, y: torch.tensordot(x, y, 2), ['$0', '$1', 2])
C('tensordot', [n(2, 3, 4), n(4, 2)], lambda x, y: torch.tensordot(x, y, ([2, 0], [0, 1])), ['$0', '$1', [[2, 0], [0, 1]]])
C('kron', [n(2, 3), n(2, 2)], torch.kron)
for p in (1, 2, 3, inf):
    C('cdist', [n(3, 4), d(2, 4) * 1.7], lambda x, y, p=p: torch.cdist(x, y, p, compute_mode='donot_use_mm_for_euclid_dist'), ['$0', '$1', {'p': p}], second=False)

# ---------------------------------------------------------------- norms, softmax, losses
family = 'loss'


def rms_norm(x, shape, w=None, eps=1e-5):
    """Zhang & Sennrich 2019: x / sqrt(mean(x²) + eps) · w."""
    dims = tuple(range(x.ndim - len(shape), x.ndim))
    y = x / torch.sqrt((x * x).mean(dims, keepdim=True) + eps)
    return y if w is None else y * w


C('layerNorm', [n(3, 4), n(4), n(4)], lambda x, w, c: F.layer_norm(x, (4,), w, c), ['$0', [4], '$1', '$2'])
C('layerNorm', [n(2, 3, 4)], lambda x: F.layer_norm(x, (3, 4)), ['$0', [3, 4]])
C('layerNorm', [n(2, 6)], lambda x: F.layer_norm(x, (6,), eps=0.1), ['$0', [6], None, None, {'eps': 0.1}])
C('rmsNorm', [n(3, 4), n(4)], lambda x, w: rms_norm(x, (4,), w), ['$0', [4], '$1', {'eps': 1e-5}])
C('rmsNorm', [n(2, 3, 2)], lambda x: rms_norm(x, (3, 2)), ['$0', [3, 2], None, {'eps': 1e-5}])
C('groupNorm', [n(2, 4, 3), n(4), n(4)], lambda x, w, c: F.group_norm(x, 2, w, c), ['$0', 2, '$1', '$2'])
C('instanceNorm', [n(2, 3, 4)], F.instance_norm)
C('batchNorm', [n(4, 3), n(3), n(3)], lambda x, w, c: F.batch_norm(x, None, None, w, c, True), ['$0', None, None, {'weight': '$1', 'bias': '$2', 'training': True}])
C('batchNorm', [n(2, 3, 4)], lambda x: F.batch_norm(x, None, None, training=True), ['$0', None, None, {'training': True}])
C('batchNorm', [n(4, 3), n(3), u(0.5, 2, 3)], lambda x, m, s: F.batch_norm(x, m.detach(), s.detach()), ['$0', '$1', '$2'], second=False)
C('normalize', [n(3, 4)], F.normalize)
C('normalize', [away(0.2, 3, 4)], lambda x: F.normalize(x, 1, 0), ['$0', {'p': 1, 'dim': 0}])
for dim in (0, -1):
    C('softmax', [n(3, 4)], lambda x, q=dim: F.softmax(x, q), ['$0', dim])
    C('logSoftmax', [n(3, 4)], lambda x, q=dim: F.log_softmax(x, q), ['$0', dim])
    C('softmin', [n(3, 4)], lambda x, q=dim: F.softmin(x, q), ['$0', dim])
for reduction in ('mean', 'sum', 'none'):
    r = {'reduction': reduction}
    t = i(0, 4, 3)
    C('mseLoss', [n(3, 4), n(3, 4)], lambda x, y, r=r: F.mse_loss(x, y, **r), ['$0', '$1', r])
    C('l1Loss', [d(3, 4), d(3, 4) + 1 / 32], lambda x, y, r=r: F.l1_loss(x, y, **r), ['$0', '$1', r])
    C('smoothL1Loss', [n(3, 4), n(3, 4)], lambda x, y, r=r: F.smooth_l1_loss(x, y, beta=0.71, **r), ['$0', '$1', {'beta': 0.71, **r}])
    C('huberLoss', [n(3, 4), n(3, 4)], lambda x, y, r=r: F.huber_loss(x, y, delta=0.71, **r), ['$0', '$1', {'delta': 0.71, **r}])
    C('crossEntropy', [n(3, 4), t], lambda x, y, r=r: F.cross_entropy(x, y, **r), ['$0', '$1', r])
    C('crossEntropy', [n(3, 4), t], lambda x, y, r=r: F.cross_entropy(x, y, label_smoothing=0.2, **r), ['$0', '$1', {'labelSmoothing': 0.2, **r}])
    C('crossEntropy', [n(3, 4), v([1, 3, 1])], lambda x, y, r=r: F.cross_entropy(x, y, ignore_index=3, **r), ['$0', '$1', {'ignoreIndex': 3, **r}])
    C('crossEntropy', [n(3, 4), t, u(0.5, 2, 4)], lambda x, y, w, r=r: F.cross_entropy(x, y, w.detach(), **r), ['$0', '$1', {'weight': '$2', **r}])
    C('crossEntropy', [n(3, 4), u(0, 1, 3, 4)], lambda x, y, r=r: F.cross_entropy(x, y, **r), ['$0', '$1', r])
    C('nllLoss', [n(3, 4), t, u(0.5, 2, 4)], lambda x, y, w, r=r: F.nll_loss(x, y, w.detach(), **r), ['$0', '$1', {'weight': '$2', **r}])
    C('bceLoss', [u(0.1, 0.9, 3, 2), u(0, 1, 3, 2)], lambda x, y, r=r: F.binary_cross_entropy(x, y, **r), ['$0', '$1', r], second=False)
    C('bceWithLogits', [n(3, 2), u(0, 1, 3, 2)], lambda x, y, r=r: F.binary_cross_entropy_with_logits(x, y, **r), ['$0', '$1', r])
    C('klDiv', [n(3, 4), u(0.1, 1, 3, 4)], lambda x, y, r=r: F.kl_div(x, y, **r), ['$0', '$1', r])
    C('hingeEmbeddingLoss', [n(6), v([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])], lambda x, y, r=r: F.hinge_embedding_loss(x, y.detach(), **r), ['$0', '$1', r], second=False)
    C('cosineEmbeddingLoss', [n(4, 3), n(4, 3), v([1, -1, 1, -1])], lambda x, y, q, r=r: F.cosine_embedding_loss(x, y, q, margin=0.1, **r), ['$0', '$1', '$2', {'margin': 0.1, **r}], second=False)
    C('tripletMarginLoss', [n(4, 3), n(4, 3), n(4, 3)], lambda x, y, q, r=r: F.triplet_margin_loss(x, y, q, **r), ['$0', '$1', '$2', r], second=False)
    C('gaussianNllLoss', [n(4), n(4), u(0.3, 2, 4)], lambda x, y, q, r=r: F.gaussian_nll_loss(x, y, q, **r), ['$0', '$1', '$2', r], second=False)
    C('poissonNllLoss', [n(4), i(0, 5, 4) * 1.0], lambda x, y, r=r: F.poisson_nll_loss(x, y, **r), ['$0', '$1', r], second=False)
C('klDiv', [n(3, 4), n(3, 4)], lambda x, y: F.kl_div(x, y, log_target=True, reduction='batchmean'), ['$0', '$1', {'logTarget': True, 'reduction': 'batchmean'}])
C('bceWithLogits', [n(3, 2), u(0, 1, 3, 2), u(0.5, 3, 2)], lambda x, y, w: F.binary_cross_entropy_with_logits(x, y, pos_weight=w.detach()), ['$0', '$1', {'posWeight': '$2'}])
C('poissonNllLoss', [u(0.5, 2, 4), i(0, 5, 4) * 1.0], lambda x, y: F.poisson_nll_loss(x, y.detach(), log_input=False, full=True), ['$0', '$1', {'logInput': False, 'full': True}], second=False)
C('gaussianNllLoss', [n(4), n(4), u(0.3, 2, 4)], lambda x, y, q: F.gaussian_nll_loss(x, y, q, full=True), ['$0', '$1', '$2', {'full': True}], second=False)
C('cosineSimilarity', [n(3, 4), n(3, 4)], F.cosine_similarity)
C('cosineSimilarity', [n(3, 4), n(3, 4)], lambda x, y: F.cosine_similarity(x, y, dim=0).detach(), ['$0', '$1', {'dim': 0}])

# ---------------------------------------------------------------- convolution and pooling
family = 'conv'
for options in ({}, {'stride': 2}, {'padding': 1}, {'dilation': 2}, {'stride': 2, 'padding': 2, 'dilation': 2}, {'padding': 'same'}):
    C('conv1d', [n(2, 2, 7), n(3, 2, 3), n(3)], lambda x, w, c, o=options: F.conv1d(x, w, c, **o), ['$0', '$1', '$2', options])
    C('conv2d', [n(1, 2, 5, 6), n(3, 2, 2, 3), n(3)], lambda x, w, c, o=options: F.conv2d(x, w, c, **o), ['$0', '$1', '$2', options])
C('conv2d', [n(1, 4, 4, 4), n(4, 2, 3, 3)], lambda x, w: F.conv2d(x, w, groups=2), ['$0', '$1', None, {'groups': 2}])
C('conv2d', [n(1, 3, 4, 4), n(3, 1, 3, 3)], lambda x, w: F.conv2d(x, w, groups=3, padding=1), ['$0', '$1', None, {'groups': 3, 'padding': 1}])
C('conv2d', [n(2, 5, 5), n(1, 2, 3, 2)], F.conv2d)
C('conv2d', [n(1, 1, 6, 5), n(2, 1, 2, 2)], lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=(0, 1)), ['$0', '$1', None, {'stride': [2, 1], 'padding': [0, 1]}])
for options, js in (({}, {}), ({'stride': 2}, {'stride': 2}), ({'stride': 2, 'padding': 1, 'output_padding': 1}, {'stride': 2, 'padding': 1, 'outputPadding': 1}), ({'dilation': 2}, {'dilation': 2})):
    C('convTranspose1d', [n(2, 2, 4), n(2, 3, 3), n(3)], lambda x, w, c, o=options: F.conv_transpose1d(x, w, c, **o), ['$0', '$1', '$2', js])
    C('convTranspose2d', [n(1, 2, 3, 3), n(2, 2, 2, 3), n(2)], lambda x, w, c, o=options: F.conv_transpose2d(x, w, c, **o), ['$0', '$1', '$2', js])
C('convTranspose2d', [n(1, 4, 3, 3), n(4, 1, 2, 2)], lambda x, w: F.conv_transpose2d(x, w, groups=2), ['$0', '$1', None, {'groups': 2}])
C('maxPool1d', [d(2, 2, 7)], lambda x: F.max_pool1d(x, 3, 2, 1), ['$0', 3, {'stride': 2, 'padding': 1}])
C('maxPool2d', [d(1, 2, 5, 6)], lambda x: F.max_pool2d(x, 2), ['$0', 2])
C('maxPool2d', [d(1, 2, 5, 6)], lambda x: F.max_pool2d(x, 3, 2, 1, return_indices=True), ['$0', 3, {'stride': 2, 'padding': 1, 'returnIndices': True}])
C('maxPool2d', [d(1, 1, 5, 6)], lambda x: F.max_pool2d(x, 2, 2, ceil_mode=True), ['$0', 2, {'ceilMode': True}])
C('maxPool2d', [d(1, 1, 7, 7)], lambda x: F.max_pool2d(x, 2, 1, dilation=2), ['$0', 2, {'stride': 1, 'dilation': 2}])
C('avgPool1d', [n(2, 2, 7)], lambda x: F.avg_pool1d(x, 3, 2, 1), ['$0', 3, {'stride': 2, 'padding': 1}])
C('avgPool2d', [n(1, 2, 5, 6)], lambda x: F.avg_pool2d(x, 2), ['$0', 2])
C('avgPool2d', [n(1, 2, 5, 6)], lambda x: F.avg_pool2d(x, 3, 2, 1), ['$0', 3, {'stride': 2, 'padding': 1}])
C('avgPool2d', [n(1, 2, 5, 6)], lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), ['$0', 3, {'stride': 2, 'padding': 1, 'countIncludePad': False}])
C('avgPool2d', [n(1, 1, 5, 6)], lambda x: F.avg_pool2d(x, 2, ceil_mode=True), ['$0', 2, {'ceilMode': True}])
C('avgPool2d', [n(1, 1, 4, 4)], lambda x: F.avg_pool2d(x, 2, divisor_override=3), ['$0', 2, {'divisorOverride': 3}])
C('adaptiveAvgPool1d', [n(1, 2, 7)], lambda x: F.adaptive_avg_pool1d(x, 3), ['$0', 3])
C('adaptiveAvgPool2d', [n(1, 2, 5, 7)], lambda x: F.adaptive_avg_pool2d(x, (2, 3)), ['$0', [2, 3]])
C('adaptiveMaxPool1d', [d(1, 2, 7)], lambda x: F.adaptive_max_pool1d(x, 3), ['$0', 3])
C('adaptiveMaxPool2d', [d(1, 2, 5, 7)], lambda x: F.adaptive_max_pool2d(x, (2, 3)), ['$0', [2, 3]])
C('im2col', [n(1, 2, 4, 5)], lambda x: F.unfold(x, (2, 3), padding=1, stride=2), ['$0', [2, 3], {'padding': 1, 'stride': 2}])
C('fold', [n(1, 8, 6)], lambda x: F.fold(x, (3, 4), 2), ['$0', [3, 4], 2])
C('fold', [n(1, 4, 9)], lambda x: F.fold(x, (4, 4), 2, padding=1, stride=2), ['$0', [4, 4], 2, {'padding': 1, 'stride': 2}])
C('interpolate', [n(1, 2, 3)], lambda x: F.interpolate(x, size=5), ['$0', {'size': 5}])
C('interpolate', [n(1, 2, 2, 3)], lambda x: F.interpolate(x, scale_factor=2), ['$0', {'scaleFactor': 2}])
for align in (False, True):
    C('interpolate', [n(1, 2, 3, 4)], lambda x, a=align: F.interpolate(x, size=(5, 3), mode='bilinear', align_corners=a), ['$0', {'size': [5, 3], 'mode': 'bilinear', 'alignCorners': align}])
    C('interpolate', [n(1, 2, 4)], lambda x, a=align: F.interpolate(x, size=7, mode='linear', align_corners=a), ['$0', {'size': 7, 'mode': 'linear', 'alignCorners': align}])
    for padding in ('zeros', 'border', 'reflection'):
        C('gridSample', [n(1, 2, 4, 5), u(-1.3, 1.3, 1, 2, 3, 2) + 0.003], lambda x, g, a=align, p=padding: F.grid_sample(x, g, padding_mode=p, align_corners=a), ['$0', '$1', {'paddingMode': padding, 'alignCorners': align}], second=False)
    C('gridSample', [n(1, 2, 4, 5), u(-1.3, 1.3, 1, 2, 3, 2) + 0.003], lambda x, g, a=align: F.grid_sample(x, g, mode='nearest', align_corners=a), ['$0', '$1', {'mode': 'nearest', 'alignCorners': align}], second=False)
for align in (False, True):
    C('affineGrid', [n(2, 2, 3)], lambda x, a=align: F.affine_grid(x, (2, 1, 3, 4), align_corners=a), ['$0', [2, 1, 3, 4], {'alignCorners': align}])

# ---------------------------------------------------------------- attention and recurrent
family = 'sequence'


def attention(q, k, v, mask=None, causal=False, scale=None):
    """Vaswani et al. 2017: softmax(q kᵀ · scale + mask) v."""
    s = q @ k.transpose(-2, -1) * (scale or 1 / math.sqrt(q.shape[-1]))
    if causal:
        mask = torch.ones(s.shape[-2:], dtype=torch.bool).tril()
    if mask is not None:
        s = s.masked_fill(~mask, -inf) if mask.dtype == torch.bool else s + mask
    return torch.softmax(s, -1) @ v


C('scaledDotProductAttention', [n(2, 3, 4), n(2, 5, 4), n(2, 5, 2)], attention)
C('scaledDotProductAttention', [n(1, 2, 4, 3), n(1, 2, 4, 3), n(1, 2, 4, 3)], lambda q, k, v: attention(q, k, v, causal=True), ['$0', '$1', '$2', {'isCausal': True}])
C('scaledDotProductAttention', [n(2, 3, 4), n(2, 5, 4), n(2, 5, 2), v([[True, True, False, True, False]] * 3)], lambda q, k, v, m: attention(q, k, v, m), ['$0', '$1', '$2', {'attnMask': '$3'}])
C('scaledDotProductAttention', [n(2, 3, 4), n(2, 5, 4), n(2, 5, 2), n(3, 5)], lambda q, k, v, m: attention(q, k, v, m), ['$0', '$1', '$2', {'attnMask': '$3'}])
C('scaledDotProductAttention', [n(2, 3, 4), n(2, 5, 4), n(2, 5, 2)], lambda q, k, v: attention(q, k, v, scale=0.3), ['$0', '$1', '$2', {'scale': 0.3}])
C('scaledDotProductAttention', [n(1, 4, 3, 2), n(1, 2, 3, 2), n(1, 2, 3, 2)], lambda q, k, v: attention(q, k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)), ['$0', '$1', '$2', {'enableGqa': True}])


def weights(gates, features, hidden, layers=1, directions=1, biases=True):
    """In PyTorch's order, small enough that no gate is at its end."""
    made = []
    for place in range(layers * directions):
        rows, columns = gates * hidden, features if place < directions else directions * hidden
        made += [u(-0.7, 0.7, rows, columns), u(-0.7, 0.7, rows, hidden)] + ([u(-0.7, 0.7, rows), u(-0.7, 0.7, rows)] if biases else [])
    return made


def by_length(lengths, run, x, *starts):
    """Each sequence by itself, cut at its length; outputs after it are 0."""
    each = [run(x[:count, j:j + 1], *(s[:, j:j + 1].contiguous() for s in starts)) for j, count in enumerate(lengths)]
    outputs = torch.cat([F.pad(one[0], (0, 0, 0, 0, 0, x.shape[0] - one[0].shape[0])) for one in each], 1)
    return (outputs, *(torch.cat([one[k] for one in each], 1) for k in range(1, len(each[0]))))


for layers, directions, biases, first, lengths in ((1, 1, True, False, None), (1, 1, False, True, None), (2, 1, True, False, None), (1, 2, True, False, None), (2, 2, True, True, None), (1, 1, True, False, [2, 4, 1]), (2, 2, True, False, [3, 1, 4])):
    steps, batch, features, hidden = 4, 3, 2, 2
    x = n(batch, steps, features) if first else n(steps, batch, features)
    options = {'numLayers': layers, 'bidirectional': directions == 2, 'batchFirst': first, **({'lengths': lengths} if lengths else {})}
    for op, gates in (('lstm', 4), ('gru', 3), ('rnn', 1)):
        starts = [n(layers * directions, batch, hidden) for _ in range(2 if op == 'lstm' else 1)]
        params = weights(gates, features, hidden, layers, directions, biases)
        relu = op == 'rnn' and layers == 2
        call = {'lstm': torch.lstm, 'gru': torch.gru, 'rnn': torch.rnn_relu if relu else torch.rnn_tanh}[op]

        def run(x, *rest, call=call, op=op, count=len(starts), biases=biases, layers=layers, directions=directions, first=first, lengths=lengths):
            hx, params = rest[:count], list(rest[count:])
            one = lambda x, *hx: call(x, hx if op == 'lstm' else hx[0], params, biases, layers, 0.0, False, directions == 2, first)
            return by_length(lengths, one, x, *hx) if lengths else one(x, *hx)

        names = [f'${j}' for j in range(1 + len(starts) + len(params))]
        state = {'h0': '$1', 'c0': '$2'} if op == 'lstm' else '$1'
        C(op, [x, *starts, *params], run, ['$0', state, names[1 + len(starts):], {**options, **({'nonlinearity': 'relu'} if relu else {})}])

for features, hidden in ((3, 2), (1, 3)):
    cell = lambda gates: weights(gates, features, hidden)
    C('lstmCell', [n(2, features), n(2, hidden), n(2, hidden), *cell(4)], lambda x, h, c, *w: tuple(torch.lstm_cell(x, (h, c), *w)), ['$0', {'h': '$1', 'c': '$2'}, '$3', '$4', '$5', '$6'])
    C('gruCell', [n(2, features), n(2, hidden), *cell(3)], torch.gru_cell)
    C('rnnCell', [n(2, features), n(2, hidden), *cell(1)], torch.rnn_tanh_cell)

# ---------------------------------------------------------------- functions that are not methods: special, order, matrices
begin('special', 20261127)
unary('exp2', lambda *s: u(-5, 5, *s), torch.exp2)
unary('erfc', lambda *s: u(-4, 4, *s), torch.special.erfc)
C('erfc', [v([5.0, 8.0, 20.0, 26.0, -6.0, inf, -inf])], torch.special.erfc, second=False)
unary('erfinv', lambda *s: u(-0.9, 0.9, *s), torch.special.erfinv)
C('erfinv', [v([1.0, -1.0, 0.0])], torch.special.erfinv, second=False)
# PyTorch's trigamma has 9 digits below 10: second derivatives are taken above.
for low, high, second in ((0.25, 9, False), (12, 20, True)):
    C('lgamma', [u(low, high, 2, 3)], torch.lgamma, second=second)
    C('digamma', [u(low, high, 5)], torch.digamma if second else lambda x: torch.digamma(x).detach())
C('lgamma', [v([-0.5, -1.25, -6.75, 1.0, 2.0, 30.0, 1e6, inf])], torch.lgamma, second=False)
C('digamma', [v([-0.5, -1.25, -6.75, 0.0, -0.0, -2.0, 30.0, inf])], lambda x: torch.digamma(x).detach())
for order in (0, 1, 2, 4):
    C('polygamma', [u(12, 20, 6) if order < 2 else u(0.25, 9, 6)], lambda x, order=order: torch.polygamma(order, x), [order, '$0'])
binary('hypot', lambda *s: away(0.2, *s), f=torch.hypot)
C('hypot', [v([inf, inf, 3e30]), v([math.nan, 1.0, 4e30])], lambda a, b: torch.hypot(a, b).detach())
binary('xlogy', n, lambda *s: u(0.25, 5, *s), torch.special.xlogy)
C('xlogy', [v([0.0, 0.0, 0.0, 0.0]), v([0.0, -1.0, inf, math.nan])], lambda a, b: torch.special.xlogy(a, b).detach())
for op in ('fmax', 'fmin'):
    binary(op, n)
    C(op, [v([math.nan, 1.0, math.nan, 2.0]), v([1.0, math.nan, math.nan, 2.0])], getattr(torch, op))
    C(op, [i(-4, 4, 5), i(-4, 4, 5)], getattr(torch, op))
for shapes in (((4,), (4,), (4,)), ((2, 3), (3,), (2, 1))):
    C('addcdiv', [n(*shapes[0]), n(*shapes[1]), away(0.3, *shapes[2])], torch.addcdiv)
C('addcdiv', [n(4), n(4), away(0.3, 4)], lambda x, a, b: torch.addcdiv(x, a, b, value=-1.5), ['$0', '$1', '$2', {'value': -1.5}])
near = [v([1.0, 1.0, 1.0, 0.0, inf, inf, math.nan]), v([1.0, 1.000005, 1.00005, 1e-9, inf, -inf, math.nan])]
C('isclose', near, torch.isclose)
C('isclose', near, lambda a, b: torch.isclose(a, b, rtol=1e-3, equal_nan=True), ['$0', '$1', {'rtol': 1e-3, 'equalNan': True}])
C('isclose', [i(0, 4, 6), i(0, 4, 6)], lambda a, b: torch.isclose(a, b, rtol=0, atol=1), ['$0', '$1', {'rtol': 0, 'atol': 1}])
unary('softshrink', lambda *s: away(0.1, *s), F.softshrink, ((6,), (3, 4)))
C('softshrink', [n(8)], lambda x: F.softshrink(x, 0.3), ['$0', 0.3])
unary('hardshrink', lambda *s: away(0.1, *s), F.hardshrink, ((6,), (3, 4)))
C('hardshrink', [n(8)], lambda x: F.hardshrink(x, 0.3), ['$0', {'lambd': 0.3}])
C('hardshrink', [v([0.5, -0.5, inf, math.nan])], F.hardshrink)
unary('tanhshrink', lambda *s: away(0.3, *s), F.tanhshrink)
C('threshold', [n(8)], lambda x: F.threshold(x, 0.1, -3), ['$0', 0.1, -3])
C('threshold', [v([0.5, 0.25, math.nan])], lambda x: F.threshold(x, 0.5, 9), ['$0', {'threshold': 0.5, 'value': 9}])
for op, f in (('bitwiseAnd', torch.bitwise_and), ('bitwiseOr', torch.bitwise_or), ('bitwiseXor', torch.bitwise_xor)):
    C(op, [i(-100, 100, 3, 4), i(-100, 100, 4)], f)
    C(op, [b(3, 4), b(4)], f)
    C(op, [i(-100, 100, 5)], lambda x, f=f: f(x, 12), ['$0', 12])
C('bitwiseNot', [i(-100, 100, 5)], torch.bitwise_not)
C('bitwiseNot', [b(5)], torch.bitwise_not)
C('bitwiseLeftShift', [i(-100, 100, 5), i(0, 9, 5)], torch.bitwise_left_shift)
C('bitwiseRightShift', [i(-100, 100, 5), i(0, 9, 5)], torch.bitwise_right_shift)
# by position and by name
C('leakyRelu', [away(0.1, 6)], lambda x: F.leaky_relu(x, 0.25), ['$0', {'negativeSlope': 0.25}])
C('elu', [away(0.1, 6)], lambda x: F.elu(x, 1.5), ['$0', {'alpha': 1.5}])
C('celu', [away(0.1, 6)], lambda x: F.celu(x, 1.5), ['$0', {'alpha': 1.5}])
C('hardtanh', [away(0.1, 6)], lambda x: F.hardtanh(x, -0.55, 0.7), ['$0', {'minVal': -0.55, 'maxVal': 0.7}])
C('softplus', [n(5)], lambda x: F.softplus(x, 2, 1), ['$0', 2, 1])
C('gelu', [n(5)], lambda x: F.gelu(x, approximate='tanh'), ['$0', 'tanh'])
C('glu', [n(4, 3)], lambda x: F.glu(x, 0), ['$0', {'dim': 0}])
C('logit', [u(0, 1, 6)], lambda x: torch.logit(x, 0.25), ['$0', {'eps': 0.25}], second=False)
C('softmax', [n(3, 4)], lambda x: F.softmax(x, 0), ['$0', {'dim': 0}])
C('logSoftmax', [n(3, 4)], lambda x: F.log_softmax(x, 0), ['$0', {'dim': 0}])
C('softmin', [n(3, 4)], lambda x: F.softmin(x, 0), ['$0', {'dim': 0}])
C('normalize', [n(3, 4)], lambda x: F.normalize(x, 3, 0), ['$0', 3, 0])
C('cosineSimilarity', [n(3, 4), n(3, 4)], lambda a, b: F.cosine_similarity(a, b, 0), ['$0', '$1', 0])
C('pairwiseDistance', [n(3, 4), n(3, 4)], lambda a, b: F.pairwise_distance(a, b, 3), ['$0', '$1', 3])
C('cdist', [n(3, 4), n(2, 4)], lambda a, b: torch.cdist(a, b, 3), ['$0', '$1', 3], second=False)
# dtypes
for op, f in (('sum', torch.sum), ('prod', torch.prod), ('nansum', torch.nansum)):
    C(op, [i(-3, 4, 2, 3)], lambda x, f=f: f(x, 1, dtype=torch.float64).to(torch.int64), ['$0', 1, {'dtype': 'int32'}])
for op, f in (('cumsum', torch.cumsum), ('cumprod', torch.cumprod)):
    C(op, [u(-3, 3, 2, 3)], lambda x, f=f: f(x.detach(), 1, dtype=torch.int64), ['$0', 1, {'dtype': 'int32'}])

holes = v([[1.0, math.nan, 2.0, 7.0], [math.nan, math.nan, math.nan, math.nan], [3.0, 5.0, -1.0, 4.0]])
for op, f in (('nansum', torch.nansum), ('nanmean', torch.nanmean)):
    C(op, [n(3, 4)], f)
    C(op, [n(3, 4)], lambda x, f=f: f(x, 1, True), ['$0', 1, {'keepdim': True}])
    C(op, [holes], lambda x, f=f: f(x, 1).detach(), ['$0', 1])
for mode in ('linear', 'lower', 'higher', 'midpoint', 'nearest'):
    C('quantile', [d(3, 5)], lambda x, mode=mode: torch.quantile(x, v([0.15, 0.5, 0.8]), 1, interpolation=mode),
      ['$0', [0.15, 0.5, 0.8], 1, {'interpolation': mode}])
    C('nanquantile', [holes], lambda x, mode=mode: torch.nanquantile(x, v([0.15, 0.5, 0.8]), 1, interpolation=mode).detach(),
      ['$0', [0.15, 0.5, 0.8], {'dim': 1, 'interpolation': mode}])
C('quantile', [d(3, 5)], lambda x: torch.quantile(x, 0.3), ['$0', 0.3])
C('quantile', [d(3, 5)], lambda x: torch.quantile(x, 0.3, 0, True), ['$0', 0.3, {'dim': 0, 'keepdim': True}])
C('quantile', [d(3, 5, 2)], lambda x: torch.quantile(x, v([0.25, 0.75]), 1, True), ['$0', [0.25, 0.75], 1, {'keepdim': True}])
C('quantile', [d(3, 5), u(0.1, 0.9, 2)], lambda x, q: torch.quantile(x, q, 1), ['$0', '$1', 1])
C('quantile', [holes], lambda x: torch.quantile(x, 0.5, 1).detach(), ['$0', 0.5, 1])
C('nanquantile', [d(3, 5)], lambda x: torch.nanquantile(x, 0.3, 1), ['$0', 0.3, 1])
C('kthvalue', [d(3, 5)], lambda x: torch.kthvalue(x, 2), ['$0', 2])
C('kthvalue', [d(3, 5)], lambda x: torch.kthvalue(x, 3, 0, True), ['$0', 3, {'dim': 0, 'keepdim': True}])
C('kthvalue', [v([3.0, math.nan, 1.0, 2.0])], lambda x: torch.kthvalue(x, 4), ['$0', 4])
C('mode', [i(0, 4, 4, 9)], torch.mode)
C('mode', [i(0, 3, 9, 2).double()], lambda x: torch.mode(x, 0, True), ['$0', {'dim': 0, 'keepdim': True}])
for op in ('cummax', 'cummin'):
    C(op, [d(3, 6)], lambda x, op=op: getattr(torch, op)(x, 1), ['$0', 1])
    C(op, [i(0, 4, 6, 2).double()], lambda x, op=op: getattr(torch, op)(x, 0), ['$0', 0])
    C(op, [v([1.0, math.nan, 3.0, math.nan, 2.0])], lambda x, op=op: [y.detach() for y in getattr(torch, op)(x, 0)], ['$0', 0])
    C(op, [i(-4, 4, 3, 7)], lambda x, op=op: getattr(torch, op)(x, 1), ['$0', 1])
C('varMean', [n(3, 5)], lambda x: torch.var_mean(x, 1), ['$0', 1])
C('varMean', [n(3, 5)], lambda x: torch.var_mean(x, (0, 1), unbiased=False), ['$0', None, {'correction': 0}])
C('stdMean', [n(3, 5)], lambda x: torch.std_mean(x, 1, keepdim=True), ['$0', 1, {'keepdim': True}])
C('aminmax', [d(3, 5)], lambda x: (torch.amin(x), torch.amax(x)))
C('aminmax', [i(0, 3, 3, 5).double()], lambda x: (torch.amin(x, 1), torch.amax(x, 1)), ['$0', {'dim': 1}])
C('diff', [n(3, 6)], torch.diff)
C('diff', [n(3, 6)], lambda x: torch.diff(x, 2, 0), ['$0', 2, 0])
C('diff', [n(3, 6)], lambda x: torch.diff(x, n=8), ['$0', {'n': 8}])
C('diff', [n(2, 3), n(2, 1), n(2, 2)], lambda x, p, a: torch.diff(x, prepend=p, append=a), ['$0', {'prepend': '$1', 'append': '$2'}])
C('diff', [b(3, 4)], torch.diff)
C('diff', [i(-9, 9, 3, 4)], torch.diff)
C('cross', [n(4, 3), n(4, 3)], torch.linalg.cross)
C('cross', [n(3, 2), n(3, 2)], lambda x, y: torch.linalg.cross(x, y, dim=0), ['$0', '$1', 0])
C('cross', [i(-9, 9, 2, 3), i(-9, 9, 2, 3)], torch.linalg.cross)
for s, t in (((4,), (4,)), ((2, 4), (3, 4)), ((2, 3, 4), (5, 4)), ((), (3,))):
    C('inner', [n(*s), n(*t)], torch.inner)
for p in (2, 1, 3, inf):
    C('dist', [n(3, 4), n(4)], lambda x, y, p=p: torch.dist(x, y, p), ['$0', '$1', p])
for order in ('fro', 1, -1, inf, -inf):
    C('matrixNorm', [away(0.1, 3, 4)], lambda x, order=order: torch.linalg.matrix_norm(x, order), ['$0', order])
    C('matrixNorm', [away(0.1, 2, 3, 4)], lambda x, order=order: torch.linalg.matrix_norm(x, order, (2, 0), True),
      ['$0', {'ord': order, 'dim': [2, 0], 'keepdim': True}])
C('cov', [n(3, 6)], torch.cov)
C('cov', [n(7)], torch.cov)
C('cov', [n(3, 6)], lambda x: torch.cov(x, correction=0), ['$0', {'correction': 0}])
C('cov', [n(3, 5), i(1, 4, 5)], lambda x, w: torch.cov(x, fweights=w), ['$0', {'fweights': '$1'}])
C('cov', [n(3, 5), u(0.25, 2, 5)], lambda x, w: torch.cov(x, aweights=w), ['$0', {'aweights': '$1'}])
C('cov', [n(3, 5), i(1, 4, 5), u(0.25, 2, 5)], lambda x, f, a: torch.cov(x, fweights=f, aweights=a), ['$0', {'fweights': '$1', 'aweights': '$2'}])
C('corrcoef', [n(3, 6)], torch.corrcoef, second=False)
for op, f in (('trilIndices', torch.tril_indices), ('triuIndices', torch.triu_indices)):
    for row, col, offset in ((3, 3, 0), (2, 4, 1), (4, 2, -1), (0, 3, 0), (3, 3, 9), (3, 3, -9)):
        C(op, [], lambda row=row, col=col, offset=offset, f=f: f(row, col, offset), [row, col, offset])
# axes of 0-d tensors
for op, f in (('sum', torch.sum), ('mean', torch.mean), ('prod', torch.prod), ('amax', torch.amax), ('max', torch.max), ('logsumexp', torch.logsumexp),
              ('softmax', torch.softmax), ('logSoftmax', torch.log_softmax), ('cumsum', torch.cumsum), ('cumprod', torch.cumprod),
              ('logcumsumexp', torch.logcumsumexp), ('cummax', torch.cummax), ('sort', torch.sort), ('mode', torch.mode), ('nansum', torch.nansum),
              ('nanmean', torch.nanmean), ('squeeze', torch.squeeze), ('unsqueeze', torch.unsqueeze)):
    for dim in (0, -1):
        C(op, [n()], lambda x, f=f, dim=dim: f(x, dim), ['$0', dim])
C('argsort', [n()], lambda x: torch.argsort(x, 0), ['$0', 0])
C('argmax', [n()], lambda x: torch.argmax(x, -1), ['$0', -1])
C('topk', [n()], lambda x: torch.topk(x, 1, 0), ['$0', 1, 0])
C('kthvalue', [n()], lambda x: torch.kthvalue(x, 1, -1), ['$0', 1, -1])
C('median', [n()], lambda x: torch.median(x, 0), ['$0', 0])
C('quantile', [n()], lambda x: torch.quantile(x, 0.5, -1), ['$0', 0.5, -1])
C('aminmax', [n()], lambda x: [y.detach() for y in torch.aminmax(x, dim=0)], ['$0', {'dim': 0}])
C('norm', [away(0.1)], lambda x: torch.norm(x, 2, 0), ['$0', 2, 0])
C('normalize', [away(0.1)], lambda x: F.normalize(x, dim=0), ['$0', {'dim': 0}])
C('cosineSimilarity', [away(0.1), away(0.1)], lambda x, y: F.cosine_similarity(x, y, dim=0).detach(), ['$0', '$1', {'dim': 0}])
for op in ('all', 'any'):
    C(op, [b()], lambda x, op=op: getattr(torch, op)(x, 0), ['$0', 0])
C('countNonzero', [n()], lambda x: torch.count_nonzero(x, 0), ['$0', 0])
C('flip', [n()], lambda x: torch.flip(x, [0]), ['$0', [0]])
C('flip', [n()], lambda x: torch.flip(x, [-1]), ['$0', -1])
C('transpose', [n()], lambda x: torch.transpose(x, 0, -1), ['$0', 0, -1])
C('movedim', [n()], lambda x: torch.movedim(x, 0, -1), ['$0', 0, -1])
C('flatten', [n()], lambda x: torch.flatten(x, 0, -1), ['$0', 0, -1])
C('unfold', [n()], lambda x: x.unfold(0, 1, 1), ['$0', 0, 1, 1])
C('stack', [n(), n()], lambda x, y: torch.stack([x, y], -1), [['$0', '$1'], -1])
C('roll', [n()], lambda x: torch.roll(x, 1), ['$0', 1])
C('gather', [n(), v(0)], lambda x, j: torch.gather(x, 0, j), ['$0', -1, '$1'])
C('indexSelect', [n(), v([0])], lambda x, j: torch.index_select(x, 0, j), ['$0', 0, '$1'])
C('scatter', [n(), v(0), n()], lambda x, j, y: torch.scatter(x, 0, j, y), ['$0', 0, '$1', '$2'])
C('scatterAdd', [n(), v(0), n()], lambda x, j, y: torch.scatter_add(x, 0, j, y), ['$0', 0, '$1', '$2'])
C('indexAdd', [n(), v([0]), v([1.5])], lambda x, j, y: torch.index_add(x, 0, j, y), ['$0', 0, '$1', '$2'], second=False)

# ---------------------------------------------------------------- arrange: joins, folds by an index, label losses
begin('arrange', 20261128)
for op, f in (('hstack', torch.hstack), ('vstack', torch.vstack), ('dstack', torch.dstack), ('columnStack', torch.column_stack)):
    for shape in ((), (3,), (2, 3), (2, 3, 4)):
        C(op, [n(*shape), n(*shape)], lambda *x, f=f: f(x), [['$0', '$1']])
C('hstack', [n(2, 3), n(2, 1)], lambda *x: torch.hstack(x), [['$0', '$1']])
C('vstack', [n(3), n(2, 3)], lambda *x: torch.vstack(x), [['$0', '$1']])
C('columnStack', [n(2), n(2, 3), n(2, 1)], lambda *x: torch.column_stack(x), [['$0', '$1', '$2']])
C('broadcastTensors', [n(3, 1), n(4), n()], lambda *x: torch.broadcast_tensors(*x))
for places in (3, 4, [1, 4], [-3, 99], [5, 2], [0, 0, 7]):
    C('tensorSplit', [n(7)], lambda x, p=places: torch.tensor_split(x, p), ['$0', places])
C('tensorSplit', [n(2, 5)], lambda x: torch.tensor_split(x, 2, 1), ['$0', 2, -1])
for options, kw in (({}, {}), ({'offset': 2}, {'offset': 2}), ({'offset': -1, 'dim1': 0, 'dim2': 2}, {'offset': -1, 'dim1': 0, 'dim2': 2}), ({'offset': 1, 'dim1': 2, 'dim2': 0}, {'offset': 1, 'dim1': 2, 'dim2': 0})):
    C('diagEmbed', [n(2, 3)], lambda x, kw=kw: torch.diag_embed(x, **kw), ['$0', options])
for k in (-1, 0, 1, 2, 3, 5):
    C('rot90', [n(2, 3, 2)], lambda x, k=k: torch.rot90(x, k, [0, 1]), ['$0', k])
C('rot90', [n(2, 3, 2)], lambda x: torch.rot90(x, 1, [2, 0]), ['$0', 1, [2, 0]])
C('fliplr', [n(2, 3, 2)], torch.fliplr)
C('flipud', [n(2, 3, 2)], torch.flipud)
C('repeatInterleave', [n(3, 2)], lambda x: torch.repeat_interleave(x, v([2, 0, 3]), 0), ['$0', [2, 0, 3], 0])
C('repeatInterleave', [n(2, 3), v([1, 0, 2])], lambda x, k: torch.repeat_interleave(x, k, 1), ['$0', '$1', 1, {'outputSize': 3}])
C('repeatInterleave', [n(2, 2), v([2])], lambda x, k: torch.repeat_interleave(x, k), ['$0', '$1', None, {'outputSize': 8}])
for r in (1, 2, 3):
    C('pixelShuffle', [n(2, 2 * r * r, 2, 3)], lambda x, r=r: F.pixel_shuffle(x, r), ['$0', r])
    C('pixelUnshuffle', [n(2, 2, 2 * r, 3 * r)], lambda x, r=r: F.pixel_unshuffle(x, r), ['$0', r])

for own in (True, False):
    for reduce in ('sum', 'prod', 'mean', 'amax', 'amin'):
        fold = lambda x, k, s, reduce=reduce, own=own: torch.scatter_reduce(x, 0, k, s, reduce, include_self=own)
        args = ['$0', 0, '$1', '$2', reduce, {'includeSelf': own}]
        C('scatterReduce', [away(0.3, 4, 3), i(0, 4, 7, 3), away(0.3, 7, 3)], fold, args)
        C('scatterReduce', [d(4, 3), i(0, 4, 3, 2), away(0.3, 3, 2)], fold, args)
    C('scatterReduce', [v([9., 2. + own, -1.]), v([0, 0, 1, 1, 1, 2]), v([3., 3., 3., 1., 3., 4.])], lambda x, k, s, own=own: torch.scatter_reduce(x, 0, k, s, 'amax', include_self=own), ['$0', 0, '$1', '$2', 'amax', {'includeSelf': own}])
C('scatterReduce', [v([2., 0., 3.]), v([0, 0, 1, 1, 2]), v([0., 3., 2., 5., 0.])], lambda x, k, s: torch.scatter_reduce(x, 0, k, s, 'prod'), ['$0', 0, '$1', '$2', 'prod'])
C('scatterReduce', [v([2., 3.]), v([0, 0, 1]), v([0., 0., 5.])], lambda x, k, s: torch.scatter_reduce(x, 0, k, s, 'prod'), ['$0', 0, '$1', '$2', 'prod'], second=False)
C('indexCopy', [n(4, 3), v([2, 0]), n(2, 3)], lambda x, k, s: torch.index_copy(x, 0, k, s), ['$0', 0, '$1', '$2'])
C('indexCopy', [n(2, 4), n(2, 2)], lambda x, s: torch.index_copy(x, 1, v([3, 1]), s), ['$0', 1, [-1, 1], '$1'])
C('indexFill', [n(4, 3), v([2, 0])], lambda x, k: torch.index_fill(x, 0, k, 1.5), ['$0', 0, '$1', 1.5])
C('indexFill', [n(2, 4), v([1, 3]), n()], lambda x, k, value: torch.index_fill(x, 1, k, value), ['$0', -1, '$1', '$2'])
C('maskedScatter', [n(3, 4), b(3, 4), n(13)], lambda x, m, s: x.masked_scatter(m, s))
C('maskedScatter', [n(3, 4), b(4), n(3, 5)], lambda x, m, s: x.masked_scatter(m, s))
C('isin', [i(0, 9, 3, 4), i(0, 9, 4)], torch.isin)
C('isin', [v([0., math.nan, 2.]), v([-0., math.nan, 1.])], lambda x, t: torch.isin(x, t, invert=True), ['$0', '$1', {'invert': True}])
for right in (False, True):
    C('bucketize', [v([-2., -1., 0., 0.5, 2., 3., inf]), v([-1., 0., 0., 2.])], lambda x, e, right=right: torch.bucketize(x, e, right=right), ['$0', '$1', {'right': right}])
for mode in ('sum', 'mean', 'max'):
    bag = lambda w, k, mode=mode, **kw: F.embedding_bag(k, w, mode=mode, **kw)
    C('embeddingBag', [d(6, 3), i(0, 6, 2, 4)], bag, ['$0', '$1', {'mode': mode}])
    C('embeddingBag', [d(6, 3), v([1, 1, 4, 5, 0, 2])], lambda w, k, bag=bag: bag(w, k, offsets=v([0, 2, 2, 3])), ['$0', '$1', {'mode': mode, 'offsets': [0, 2, 2, 3]}])
    C('embeddingBag', [d(6, 3), v([1, 1, 4, 5, 0, 2]), v([0, 4, 6])], lambda w, k, o, bag=bag: bag(w, k, offsets=o, include_last_offset=True), ['$0', '$1', {'mode': mode, 'offsets': '$2', 'includeLastOffset': True}])
    C('embeddingBag', [d(6, 3), v([[1, 2, 4], [4, 4, 4], [0, 4, 5]])], lambda w, k, bag=bag: bag(w, k, padding_idx=-2), ['$0', '$1', {'mode': mode, 'paddingIdx': -2}])
C('embeddingBag', [v([[1., 2.], [1., 5.], [0., 5.]]), v([[0, 1, 2], [2, 1, 0]])], lambda w, k: F.embedding_bag(k, w, mode='max'), ['$0', '$1', {'mode': 'max'}])
C('embeddingBag', [n(6, 3), i(0, 6, 2, 4), n(2, 4)], lambda w, k, p: F.embedding_bag(k, w, mode='sum', per_sample_weights=p), ['$0', '$1', {'mode': 'sum', 'perSampleWeights': '$2'}], second=False)
C('baddbmm', [n(2, 3, 4), n(2, 3, 2), n(2, 2, 4)], torch.baddbmm)
C('baddbmm', [n(4), n(2, 3, 2), n(2, 2, 4)], lambda x, p, q: torch.baddbmm(x, p, q, alpha=0.5, beta=-2), ['$0', '$1', '$2', {'alpha': 0.5, 'beta': -2}])

for shape, size, aligned in (((2, 2, 3, 4), (7, 3), False), ((2, 2, 3, 4), (7, 3), True), ((1, 1, 5, 4), (2, 9), False), ((1, 1, 3, 3), (1, 1), True)):
    C('interpolate', [n(*shape)], lambda x, size=size, aligned=aligned: F.interpolate(x, size, mode='bicubic', align_corners=aligned), ['$0', {'size': list(size), 'mode': 'bicubic', 'alignCorners': aligned}])
C('interpolate', [n(1, 2, 4, 3)], lambda x: F.interpolate(x, scale_factor=(1.5, 2.5), mode='bicubic'), ['$0', {'scaleFactor': [1.5, 2.5], 'mode': 'bicubic'}])
C('interpolate', [n(2, 2, 5, 4)], lambda x: F.interpolate(x, (3, 7), mode='area'), ['$0', {'size': [3, 7], 'mode': 'area'}])
C('interpolate', [n(2, 2, 7)], lambda x: F.interpolate(x, scale_factor=0.5, mode='area'), ['$0', {'scaleFactor': 0.5, 'mode': 'area'}])
for size, options in ((2, {}), (3, {'alpha': 2, 'beta': 0.5, 'k': 2}), (5, {'alpha': 0.5})):
    C('localResponseNorm', [n(2, 4, 2, 3)], lambda x, size=size, options=options: F.local_response_norm(x, size, **options), ['$0', size, options])

ones = lambda *shape: 1 - 2 * i(0, 2, *shape)
for reduction in ('mean', 'sum', 'none'):
    C('marginRankingLoss', [n(3, 4), n(3, 4), ones(3, 4)], lambda p, q, t, r=reduction: F.margin_ranking_loss(p, q, t, margin=0.25, reduction=r), ['$0', '$1', '$2', {'margin': 0.25, 'reduction': reduction}])
    C('softMarginLoss', [n(3, 4), ones(3, 4)], lambda x, t, r=reduction: F.soft_margin_loss(x, t, reduction=r), ['$0', '$1', {'reduction': reduction}])
    C('multilabelMarginLoss', [n(3, 4), v([[2, 0, -1, 1], [3, -1, -1, -1], [0, 1, 2, 3]])], lambda x, t, r=reduction: F.multilabel_margin_loss(x, t, reduction=r), ['$0', '$1', {'reduction': reduction}], second=False)
    C('multilabelSoftMarginLoss', [n(3, 4), u(0, 1, 3, 4)], lambda x, t, r=reduction: F.multilabel_soft_margin_loss(x, t, reduction=r), ['$0', '$1', {'reduction': reduction}])
C('marginRankingLoss', [v([1., 2., 0., 3.]), v([2., 2., -1., 5.]), v([-1, 1, 1, -1])], lambda p, q, t: F.margin_ranking_loss(p, q, t, margin=1, reduction='sum'), ['$0', '$1', '$2', {'margin': 1, 'reduction': 'sum'}])
C('multilabelMarginLoss', [v([1., 0., 2., 1.]), v([0, -1, 0, 0])], F.multilabel_margin_loss, second=False)
C('multilabelMarginLoss', [n(4), v([1, 1, -1, 0])], F.multilabel_margin_loss, second=False)
C('multilabelSoftMarginLoss', [n(3, 4), u(0, 1, 3, 4), u(0.5, 2, 4)], lambda x, t, w: F.multilabel_soft_margin_loss(x, t, weight=w), ['$0', '$1', {'weight': '$2'}])

# Rows that are log-probabilities, and rows that are not: the gradient is that of scores in both.
for logs in (lambda *s: quantised(torch.log_softmax(torch.randn(s), -1)), n):
    for reduction in ('mean', 'sum', 'none'):
        C('ctcLoss', [logs(6, 3, 4), i(1, 4, 3, 2)], lambda x, t, r=reduction: F.ctc_loss(x, t, (6, 4, 5), (2, 1, 0), reduction=r), ['$0', '$1', [6, 4, 5], [2, 1, 0], {'reduction': reduction}], second=False)
    C('ctcLoss', [logs(7, 2, 3), v([0, 0, 1, 0, 1])], lambda x, t: F.ctc_loss(x, t, (7, 6), (3, 2), blank=2), ['$0', '$1', [7, 6], [3, 2], {'blank': 2}], second=False)
    C('ctcLoss', [logs(5, 3), v([1, 1])], lambda x, t: F.ctc_loss(x, t, v(5), v(2)), ['$0', '$1', 5, 2], second=False)
    C('ctcLoss', [logs(3, 2, 3), v([[1, 1], [2, 1]])], lambda x, t: F.ctc_loss(x, t, v([2, 3]), v([2, 2]), zero_infinity=True), ['$0', '$1', [2, 3], [2, 2], {'zeroInfinity': True}], second=False)

# ---------------------------------------------------------------- writing
def result(op, inputs, f, args, second):
    xs = [x.clone().requires_grad_(x.dtype == torch.float64) for x in inputs]
    ys = f(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    case = {'op': op, 'args': option(args or [f'${j}' for j in range(len(xs))]), 'inputs': [packed(x) for x in xs], 'outputs': [packed(y) for y in ys]}
    smooth = [y for y in ys if y.requires_grad]
    wanted = [x for x in xs if x.requires_grad]
    if smooth and wanted:
        cotangents = [quantised(torch.randn(y.shape)) for y in smooth]
        grads = torch.autograd.grad(smooth, wanted, cotangents, create_graph=second, allow_unused=True)
        case['cotangents'] = [packed(c) for c in cotangents]
        case['grads'] = [None if g is None else packed(g) for g in grads]
        curved = [g for g in grads if g is not None and g.requires_grad]
        if second and curved:
            directions = [quantised(torch.randn(g.shape)) for g in grads if g is not None]
            total = sum((g * w).sum() for g, w in zip([g for g in grads if g is not None], directions))
            try:
                again = torch.autograd.grad(total, wanted, allow_unused=True)
            except RuntimeError:  # PyTorch has no second derivative of some ops
                again = []
            if any(g is not None and bool((g != 0).any()) for g in again):
                case['directions'] = [packed(w) for w in directions]
                case['second'] = [None if g is None else packed(g) for g in again]
    return case


if seeds:
    torch.set_rng_state(drawn)
total = 0
for name, rows in cases.items():
    if sys.argv[1:] and name not in sys.argv[1:]:
        continue
    if name in seeds:
        torch.manual_seed(seeds[name] + 1)
    write(name, [result(*row) for row in rows])
    total += len(rows)
print(f'{total} cases from PyTorch {torch.__version__} in {len(cases)} files')

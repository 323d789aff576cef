"""Writes test/reference/optim/optimizers.json: what PyTorch's optimizers make of one problem in 50 steps, in float64, and how far
its own float32 is from that.

Run:  python3 tools/reference_optim.py    (needs PyTorch >= 1.13, e.g. Debian's python3-torch)

The problem: parameters of a few shapes, and gradients g = a*p + sin(p + t/5) at the t-th step, with a = 0.5, 0.6, 0.7 ...
along all elements of a tensor. A case has the optimizer's class and options as handgrad spells them, and for steps 1, 2,
10, 50 the parameters, all in one list, and the largest deviation of float32. What PyTorch 1.13 lacks, or has not as later
versions and the paper have it, is written out below: the same formula in float64 and in float32.
L-BFGS: the losses and parameters of a few steps on Rosenbrock's function and a regression.
"""
import json
import math
import os

import numpy as np
import torch

torch.set_num_threads(1)
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference', 'optim', 'optimizers.json')
SNAPSHOTS = (1, 2, 10, 50)
SHAPES = [[2, 3], [5], []]
MATRICES = [[2, 3], [4, 2], [3, 3]]


def starts(shapes):
    rng = np.random.default_rng(9)
    return [np.round(rng.normal(size=shape) * 64) / 64 for shape in shapes]


def gradient(p, t, sin):
    """In the precision of p: a tensor or an array."""
    return p * like(p, slopes(p.shape)) + sin(p + 0.2 * t)


def slopes(shape):
    return (0.5 + 0.1 * np.arange(math.prod(shape))).reshape(tuple(shape))


def like(p, x):
    return torch.tensor(x, dtype=p.dtype) if isinstance(p, torch.Tensor) else x.astype(p.dtype)


def by_torch(make):
    def run(dtype):
        params = [torch.tensor(x, dtype=dtype) for x in starts(SHAPES)]
        optimizer = make(params)
        for t in range(1, 51):
            for p in params:
                p.grad = gradient(p, t, torch.sin)
            optimizer.step()
            if t in SNAPSHOTS:
                yield np.concatenate([p.double().numpy().ravel() for p in params])
    return list(run(torch.float64)), list(run(torch.float32))


def by_hand(step, shapes=SHAPES):
    """step(p, g, s, t) gives the new p; s is what is remembered of a parameter."""
    def run(dtype):
        params = [x.astype(dtype) for x in starts(shapes)]
        memories = [{} for _ in params]
        for t in range(1, 51):
            params = [step(p, gradient(p, t, np.sin).astype(dtype), s, t).astype(dtype) for p, s in zip(params, memories)]
            if t in SNAPSHOTS:
                yield np.concatenate([p.astype(np.float64).ravel() for p in params])
    return list(run(np.float64)), list(run(np.float32))


def mean(s, key, x, beta):
    s[key] = beta * s.get(key, np.zeros_like(x)) + (1 - beta) * x
    return s[key]


def lion(lr=1e-4, betas=(0.9, 0.99), decay=0, sign=1):
    """Chen et al. 2023, algorithm 2."""
    def step(p, g, s, t):
        g = sign * g
        u = np.sign(betas[0] * s.get('m', np.zeros_like(g)) + (1 - betas[0]) * g)
        mean(s, 'm', g, betas[1])
        return p - lr * (u + decay * p)
    return step


def muon(lr=1e-3, decay=0.1, mu=0.95, nesterov=True, coefficients=(3.4445, -4.775, 2.0315), eps=1e-7, steps=5, rms=False, sign=1):
    """Jordan et al. 2024; Liu et al. 2025 for rms."""
    a, b, c = coefficients
    def step(p, g, s, t):
        m = mean(s, 'm', g, mu)
        x = mu * m + (1 - mu) * g if nesterov else m
        tall = x.shape[0] > x.shape[1]
        x = (x.T if tall else x) / max(np.linalg.norm(x), eps)
        for _ in range(steps):
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        rows, cols = p.shape
        ratio = 0.2 * math.sqrt(max(rows, cols)) if rms else math.sqrt(max(1, rows / cols))
        return p - lr * (sign * ratio * (x.T if tall else x) + decay * p)
    return step


def nadam(lr=2e-3, betas=(0.9, 0.999), eps=1e-8, decay=0, psi=4e-3, decoupled=False, sign=1):
    """Dozat 2016. PyTorch 1.13 has mu twice in the product up to t + 1, which 2.0 mended."""
    mu = lambda t: betas[0] * (1 - 0.5 * 0.96 ** (t * psi))
    def step(p, g, s, t):
        g = sign * g + (0 if decoupled else decay) * p
        s['product'] = s.get('product', 1) * mu(t)
        m, v = mean(s, 'm', g, betas[0]), mean(s, 'v', g * g, betas[1])
        nesterov = (1 - mu(t)) / (1 - s['product']) * g + mu(t + 1) / (1 - s['product'] * mu(t + 1)) * m
        return p * (1 - lr * decay * decoupled) - lr * nesterov / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return step


def radam(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, decay=0, decoupled=False, sign=1):
    """Liu et al. 2020, algorithm 2."""
    def step(p, g, s, t):
        g = sign * g + (0 if decoupled else decay) * p
        m, v = mean(s, 'm', g, betas[0]) / (1 - betas[0] ** t), mean(s, 'v', g * g, betas[1])
        most, left = 2 / (1 - betas[1]) - 1, 1 - betas[1] ** t
        rho = most - 2 * t * betas[1] ** t / left
        p = p * (1 - lr * decay * decoupled)
        if rho <= 5:
            return p - lr * m
        r = math.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
        return p - lr * m * r * math.sqrt(left) / (np.sqrt(v) + eps)
    return step


cases = []


def case(name, options, runs, shapes=SHAPES):
    doubles, singles = runs
    rows = [[float(f'{x:.13g}') for x in row] for row in doubles]
    off = [float(f'{np.abs(a - b).max():.3g}') for a, b in zip(doubles, singles)]
    cases.append({'optimizer': name, 'options': options, 'shapes': shapes, 'values': rows, 'off': off})


def snake(name):
    return ''.join('_' + letter.lower() if letter.isupper() else letter for letter in name)


def C(name, **options):
    """A case of PyTorch's, with handgrad's names of options."""
    own = {snake(key): value for key, value in options.items()}
    case(name, options, by_torch(lambda params: getattr(torch.optim, name)(params, **own)))


C('SGD', lr=0.05)
C('SGD', lr=0.05, momentum=0.9)
C('SGD', lr=0.05, momentum=0.9, dampening=0.4)
C('SGD', lr=0.05, momentum=0.9, nesterov=True, weightDecay=0.2)
C('SGD', lr=0.01, momentum=0.5, dampening=0.2, weightDecay=0.2, maximize=True)
C('Adam', lr=0.02)
C('Adam', lr=0.02, betas=[0.8, 0.99], eps=1e-4, weightDecay=0.2)
C('Adam', lr=0.02, betas=[0.9, 0.9], amsgrad=True)
C('Adam', lr=0.02, amsgrad=True, weightDecay=0.1, maximize=True)
C('AdamW', lr=0.02)
C('AdamW', lr=0.02, betas=[0.8, 0.9], weightDecay=0.3, amsgrad=True)
C('AdamW', lr=0.02, eps=1e-3, maximize=True)
C('RMSprop')
C('RMSprop', lr=0.02, alpha=0.9, eps=1e-4, weightDecay=0.1)
C('RMSprop', lr=0.02, momentum=0.8)
C('RMSprop', lr=0.02, centered=True)
C('RMSprop', lr=0.02, centered=True, momentum=0.5, alpha=0.95, weightDecay=0.1, maximize=True)
C('Adagrad', lr=0.1)
C('Adagrad', lr=0.1, lrDecay=0.05, weightDecay=0.1, initialAccumulatorValue=0.3, eps=1e-4)
C('Adagrad', lr=0.1, maximize=True)
C('Adadelta')
C('Adadelta', lr=0.5, rho=0.8, eps=1e-3, weightDecay=0.1)
C('Adadelta', maximize=True)
C('Adamax')
C('Adamax', lr=0.02, betas=[0.8, 0.9], eps=1e-3, weightDecay=0.1)
C('Adamax', lr=0.02, maximize=True)
case('NAdam', {}, by_hand(nadam()))
case('NAdam', {'lr': 0.02, 'betas': [0.8, 0.9], 'eps': 1e-3, 'weightDecay': 0.1, 'momentumDecay': 0.05}, by_hand(nadam(0.02, (0.8, 0.9), 1e-3, 0.1, 0.05)))
case('NAdam', {'lr': 0.02, 'weightDecay': 0.1, 'decoupledWeightDecay': True, 'maximize': True}, by_hand(nadam(0.02, decay=0.1, decoupled=True, sign=-1)))
C('RAdam')
C('RAdam', lr=0.02, betas=[0.8, 0.9], eps=1e-3, weightDecay=0.1)
case('RAdam', {'lr': 0.02, 'weightDecay': 0.1, 'decoupledWeightDecay': True, 'maximize': True}, by_hand(radam(0.02, decay=0.1, decoupled=True, sign=-1)))
case('Lion', {}, by_hand(lion()))
case('Lion', {'lr': 0.01, 'betas': [0.95, 0.98], 'weightDecay': 0.3}, by_hand(lion(0.01, (0.95, 0.98), 0.3)))
case('Lion', {'lr': 0.01, 'maximize': True}, by_hand(lion(0.01, sign=-1)))
case('Muon', {}, by_hand(muon(), MATRICES), MATRICES)
case('Muon', {'lr': 0.02, 'weightDecay': 0, 'momentum': 0.8, 'nesterov': False, 'nsSteps': 3}, by_hand(muon(0.02, 0, 0.8, False, steps=3), MATRICES), MATRICES)
case('Muon', {'lr': 0.02, 'adjustLrFn': 'matchRmsAdamw', 'maximize': True}, by_hand(muon(0.02, rms=True, sign=-1), MATRICES), MATRICES)
case('Muon', {'lr': 0.02, 'nsCoefficients': [2, -1.5, 0.5], 'eps': 0.1}, by_hand(muon(0.02, coefficients=(2, -1.5, 0.5), eps=0.1), MATRICES), MATRICES)


# ---------------------------------------------------------------- L-BFGS
def rosenbrock(p):
    """Of two numbers, and a sum of squares that makes a second parameter matter."""
    (xy, z) = p
    return 100 * (xy[1] - xy[0] ** 2) ** 2 + (1 - xy[0]) ** 2 + (z * z).sum()


def regression(p):
    """y = sin(x) fitted by w2 tanh(w1 x + b) at nine points."""
    (w1, b, w2) = p
    x = (torch.arange(9, dtype=w1.dtype) - 4) / 2
    y = (w2 * torch.tanh(x.reshape(9, 1) * w1 + b)).sum(1)
    return ((y - torch.sin(x)) ** 2).mean()


PROBLEMS = {
    'rosenbrock': (rosenbrock, [[-1.5, 2.0], [[0.5, -0.25]]]),
    'regression': (regression, [[0.5, -0.25, 0.75], [0.125, -0.25, 0.5], [0.5, 0.25, -0.5]]),
}
lbfgs = []


def L(problem, steps, **options):
    f, start = PROBLEMS[problem]
    own = {snake(key): snake(value) if isinstance(value, str) else value for key, value in options.items()}
    results = []
    for dtype in (torch.float64, torch.float32):
        params = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in start]
        optimizer = torch.optim.LBFGS(params, **own)
        def closure():
            optimizer.zero_grad()
            loss = f(params)
            loss.backward()
            return loss
        rows = [[float(optimizer.step(closure)), *(float(x) for p in params for x in p.detach().flatten())] for _ in range(steps)]
        memory = optimizer.state[params[0]]
        results.append((rows, [memory['n_iter'], memory['func_evals']]))
    (doubles, counts), (singles, _) = results
    off = [float(f'{np.abs(np.subtract(a, b)).max():.3g}') for a, b in zip(doubles, singles)]
    lbfgs.append({'problem': problem, 'start': start, 'options': options, 'rows': doubles, 'off': off, 'counts': counts})


L('rosenbrock', 3, lineSearchFn='strongWolfe')
L('rosenbrock', 2, lr=0.002, maxIter=8)
L('rosenbrock', 4, lineSearchFn='strongWolfe', historySize=2, maxIter=4, maxEval=7)
L('regression', 3, lineSearchFn='strongWolfe', maxIter=6)
L('regression', 3, lr=0.5, maxIter=5)
L('regression', 2, lineSearchFn='strongWolfe', toleranceGrad=1e-3, toleranceChange=1e-4)

with open(FILE, 'w', encoding='utf-8', newline='\n') as file:
    rows = [json.dumps(row, separators=(',', ':')) for row in cases]
    more = [json.dumps(row, separators=(',', ':')) for row in lbfgs]
    begin = {json.dumps(shapes, separators=(',', ':')): [float(x) for p in starts(shapes) for x in p.ravel()] for shapes in (SHAPES, MATRICES)}
    head = json.dumps({'steps': SNAPSHOTS, 'begin': begin}, separators=(',', ':'))[:-1]
    file.write(head + ',"cases":[\n' + ',\n'.join(rows) + '\n],"lbfgs":[\n' + ',\n'.join(more) + '\n]}\n')
for row in cases:
    print(row['optimizer'], row['options'], row['off'])
for row in lbfgs:
    print(row['problem'], row['options'], row['off'], row['counts'], row['rows'][-1][0])

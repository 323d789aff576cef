"""Writes test/reference/optim/schedules.json: learning rates (and momenta) of PyTorch's schedules, and
test/reference/optim/clip.json: fifty steps of SGD with clipped gradients, both in float64 (and
how far PyTorch's float32 is off).

Run:  python3 tools/reference_schedules.py      (needs PyTorch 1.13, e.g. Debian's python3-torch; the tests need no Python)

A case is  S(name, options, make, ...): the class and options in handgrad; make is the same in PyTorch.
There are 200 steps, each of 11 digits; where a rate repeats the one before, it is null.
"""
import json
import math
import os
import warnings

import torch
from torch.optim import lr_scheduler as lr
from torch.optim.swa_utils import SWALR

warnings.simplefilter('ignore')
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference', 'optim')
STEPS = 200
cases = []


def optimizer(kind):
    w = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    if kind == 'sgd':
        return torch.optim.SGD([{'params': [w[0]]}, {'params': [w[1]], 'lr': 0.3}], lr=0.1, momentum=0.9)
    return torch.optim.Adam([{'params': [w[0]]}], lr=0.1)


def packed(rows):
    """Numbers of each step to 11 digits, one where the groups agree; null where they are those of the step before."""
    short = [[float(f'{x:.11g}') for x in row] for row in rows]
    short = [row[0] if len(set(row)) == 1 else row for row in short]
    return [None if k and row == short[k - 1] else row for k, row in enumerate(short)]


def S(name, options, make, kind='sgd', steps=None, title=''):
    """steps: arguments of each step(), where it takes one."""
    opt = optimizer(kind)
    schedule = make(opt)
    rows, momenta = [], []

    def look():
        rows.append([g['lr'] for g in opt.param_groups])
        momenta.append([g['betas'][0] if 'betas' in g else g['momentum'] for g in opt.param_groups])

    look()
    for k in range(STEPS):
        if steps is not None and k >= len(steps):
            break
        schedule.step(*([] if steps is None else [steps[k]]))
        look()
    case = {'schedule': name, 'optimizer': kind, 'options': options, 'rates': packed(rows)}
    if title:
        case['title'] = title
    if any(m != momenta[0] for m in momenta) or 'Cycl' in name:
        case['momenta'] = packed(momenta)
    if steps is not None:
        case['steps'] = steps
    cases.append(case)


S('StepLR', {'stepSize': 30}, lambda o: lr.StepLR(o, 30))
S('StepLR', {'stepSize': 7, 'gamma': 0.9}, lambda o: lr.StepLR(o, 7, 0.9))
S('MultiStepLR', {'milestones': [30, 80, 81]}, lambda o: lr.MultiStepLR(o, [30, 80, 81]))
S('MultiStepLR', {'milestones': [1, 150], 'gamma': 0.5}, lambda o: lr.MultiStepLR(o, [1, 150], 0.5))
S('ConstantLR', {}, lambda o: lr.ConstantLR(o))
S('ConstantLR', {'factor': 0.7, 'totalIters': 90}, lambda o: lr.ConstantLR(o, 0.7, 90))
S('LinearLR', {}, lambda o: lr.LinearLR(o))
S('LinearLR', {'startFactor': 0.9, 'endFactor': 0.05, 'totalIters': 60}, lambda o: lr.LinearLR(o, 0.9, 0.05, 60))
S('ExponentialLR', {'gamma': 0.97}, lambda o: lr.ExponentialLR(o, 0.97))
S('PolynomialLR', {}, lambda o: lr.PolynomialLR(o))
S('PolynomialLR', {'totalIters': 70, 'power': 2.5}, lambda o: lr.PolynomialLR(o, 70, 2.5))
S('CosineAnnealingLR', {'tMax': 45}, lambda o: lr.CosineAnnealingLR(o, 45), kind='adam')
S('CosineAnnealingLR', {'tMax': 60, 'etaMin': 0.01}, lambda o: lr.CosineAnnealingLR(o, 60, 0.01))
restarts = lr.CosineAnnealingWarmRestarts
S('CosineAnnealingWarmRestarts', {'t0': 30}, lambda o: restarts(o, 30), kind='adam')
S('CosineAnnealingWarmRestarts', {'t0': 10, 'tMult': 2, 'etaMin': 0.01}, lambda o: restarts(o, 10, 2, 0.01))
S('CosineAnnealingWarmRestarts', {'t0': 5, 'tMult': 3}, lambda o: restarts(o, 5, 3))
S('CosineAnnealingWarmRestarts', {'t0': 4}, lambda o: restarts(o, 4), kind='adam', steps=[k / 10 for k in range(1, 201)])
S('CosineAnnealingWarmRestarts', {'t0': 1, 'tMult': 2}, lambda o: restarts(o, 1, 2), kind='adam', steps=[k * 0.25 for k in range(1, 201)])
S('CosineAnnealingWarmRestarts', {'t0': 10, 'tMult': 3}, lambda o: restarts(o, 10, 3), kind='adam', steps=[k * 0.7 for k in range(200)])

one = lr.OneCycleLR
S('OneCycleLR', {'maxLr': 0.5, 'totalSteps': 201}, lambda o: one(o, 0.5, 201))
S('OneCycleLR', {'maxLr': [0.5, 2], 'epochs': 67, 'stepsPerEpoch': 3, 'annealStrategy': 'linear', 'divFactor': 10},
  lambda o: one(o, [0.5, 2.0], epochs=67, steps_per_epoch=3, anneal_strategy='linear', div_factor=10))
S('OneCycleLR', {'maxLr': 0.5, 'totalSteps': 201, 'threePhase': True, 'pctStart': 0.4, 'finalDivFactor': 100},
  lambda o: one(o, 0.5, 201, three_phase=True, pct_start=0.4, final_div_factor=100))
S('OneCycleLR', {'maxLr': 0.5, 'totalSteps': 201, 'threePhase': True, 'annealStrategy': 'linear', 'pctStart': 0.25},
  lambda o: one(o, 0.5, 201, three_phase=True, anneal_strategy='linear', pct_start=0.25), kind='adam')
S('OneCycleLR', {'maxLr': 0.5, 'totalSteps': 201, 'baseMomentum': 0.7, 'maxMomentum': 0.99},
  lambda o: one(o, 0.5, 201, base_momentum=0.7, max_momentum=0.99), kind='adam')
S('OneCycleLR', {'maxLr': 0.5, 'totalSteps': 201, 'cycleMomentum': False}, lambda o: one(o, 0.5, 201, cycle_momentum=False), kind='adam')

cyclic = lr.CyclicLR
S('CyclicLR', {'baseLr': 0.01, 'maxLr': 0.2, 'stepSizeUp': 20}, lambda o: cyclic(o, 0.01, 0.2, 20))
S('CyclicLR', {'baseLr': [0.01, 0.02], 'maxLr': [0.2, 0.9], 'stepSizeUp': 13, 'stepSizeDown': 21, 'mode': 'triangular2'},
  lambda o: cyclic(o, [0.01, 0.02], [0.2, 0.9], 13, 21, mode='triangular2'))
S('CyclicLR', {'baseLr': 0.01, 'maxLr': 0.2, 'stepSizeUp': 17, 'mode': 'expRange', 'gamma': 0.99, 'baseMomentum': 0.5,
               'maxMomentum': 0.95},
  lambda o: cyclic(o, 0.01, 0.2, 17, mode='exp_range', gamma=0.99, base_momentum=0.5, max_momentum=0.95))
S('CyclicLR', {'baseLr': 0.01, 'maxLr': 0.2, 'stepSizeUp': 10, 'scaleFn': '1/x', 'cycleMomentum': False},
  lambda o: cyclic(o, 0.01, 0.2, 10, scale_fn=lambda x: 1 / x, cycle_momentum=False))
S('CyclicLR', {'baseLr': 0.01, 'maxLr': 0.2, 'stepSizeUp': 10, 'scaleFn': '1/(1+x)', 'scaleMode': 'iterations'},
  lambda o: cyclic(o, 0.01, 0.2, 10, scale_fn=lambda x: 1 / (1 + x), scale_mode='iterations'))

plateau = lr.ReduceLROnPlateau
falling = [round(2 / (1 + k / 12) + 0.05 * math.sin(k), 4) for k in range(STEPS)]
steady = [1 + (k % 5) * 1e-4 for k in range(STEPS)]
S('ReduceLROnPlateau', {}, lambda o: plateau(o), steps=falling)
S('ReduceLROnPlateau', {'factor': 0.5, 'patience': 3, 'cooldown': 4, 'minLr': [0.001, 0.1]},
  lambda o: plateau(o, factor=0.5, patience=3, cooldown=4, min_lr=[0.001, 0.1]), steps=falling)
S('ReduceLROnPlateau', {'mode': 'max', 'patience': 5, 'thresholdMode': 'abs', 'threshold': 0.01},
  lambda o: plateau(o, mode='max', patience=5, threshold_mode='abs', threshold=0.01), steps=falling)
S('ReduceLROnPlateau', {'mode': 'max', 'patience': 0, 'factor': 0.9, 'eps': 0.02},
  lambda o: plateau(o, mode='max', patience=0, factor=0.9, eps=0.02), steps=falling)
S('ReduceLROnPlateau', {'thresholdMode': 'abs', 'threshold': 0.001, 'patience': 8, 'factor': 0.8, 'minLr': 0.05},
  lambda o: plateau(o, threshold_mode='abs', threshold=0.001, patience=8, factor=0.8, min_lr=0.05), steps=steady)

S('LambdaLR', {'lrLambda': '0.95**t'}, lambda o: lr.LambdaLR(o, lambda t: 0.95 ** t))
S('LambdaLR', {'lrLambda': ['0.95**t', '1/(1+t)']}, lambda o: lr.LambdaLR(o, [lambda t: 0.95 ** t, lambda t: 1 / (1 + t)]))
S('MultiplicativeLR', {'lrLambda': '1/(1+t/100)'}, lambda o: lr.MultiplicativeLR(o, lambda t: 1 / (1 + t / 100)))
S('SWALR', {'swaLr': 0.05}, lambda o: SWALR(o, 0.05), kind='adam')
S('SWALR', {'swaLr': [0.5, 0.02], 'annealEpochs': 50, 'annealStrategy': 'linear'}, lambda o: SWALR(o, [0.5, 0.02], 50, 'linear'))
S('SWALR', {'swaLr': 0.05, 'annealEpochs': 0}, lambda o: SWALR(o, 0.05, 0))


def sequence(parts, milestones):
    return lambda o: lr.SequentialLR(o, [part(o) for part in parts], milestones)


S('SequentialLR', {'schedulers': [['LinearLR', {'startFactor': 0.1, 'totalIters': 20}], ['CosineAnnealingLR', {'tMax': 180}]],
                   'milestones': [20]},
  sequence([lambda o: lr.LinearLR(o, 0.1, total_iters=20), lambda o: lr.CosineAnnealingLR(o, 180)], [20]))
S('SequentialLR', {'schedulers': [['ConstantLR', {'factor': 0.1, 'totalIters': 2}], ['ExponentialLR', {'gamma': 0.9}],
                                  ['StepLR', {'stepSize': 5}]], 'milestones': [2, 50]},
  sequence([lambda o: lr.ConstantLR(o, 0.1, 2), lambda o: lr.ExponentialLR(o, 0.9), lambda o: lr.StepLR(o, 5)], [2, 50]))
S('SequentialLR', {'schedulers': [['CosineAnnealingWarmRestarts', {'t0': 6, 'tMult': 2}], ['MultiplicativeLR', {'lrLambda': '1/(1+t/100)'}],
                                  ['CosineAnnealingWarmRestarts', {'t0': 20, 'etaMin': 0.01}], ['PolynomialLR', {'totalIters': 30, 'power': 2}],
                                  ['LinearLR', {}], ['MultiStepLR', {'milestones': [3, 9]}]],
                   'milestones': [40, 60, 130, 170, 180]},
  sequence([lambda o: restarts(o, 6, 2), lambda o: lr.MultiplicativeLR(o, lambda t: 1 / (1 + t / 100)),
            lambda o: restarts(o, 20, eta_min=0.01), lambda o: lr.PolynomialLR(o, 30, 2), lambda o: lr.LinearLR(o),
            lambda o: lr.MultiStepLR(o, [3, 9])], [40, 60, 130, 170, 180]))
S('SequentialLR', {'schedulers': [['LambdaLR', {'lrLambda': '1/(1+t)'}], ['CosineAnnealingLR', {'tMax': 25, 'etaMin': 0.003}],
                                  ['ConstantLR', {'factor': 0.5, 'totalIters': 10}]], 'milestones': [10, 111]},
  sequence([lambda o: lr.LambdaLR(o, lambda t: 1 / (1 + t)), lambda o: lr.CosineAnnealingLR(o, 25, 0.003),
            lambda o: lr.ConstantLR(o, 0.5, 10)], [10, 111]), kind='adam')
S('WarmupCosineLR', {'warmupSteps': 20, 'totalSteps': 200, 'startFactor': 0.1},
  sequence([lambda o: lr.LinearLR(o, 0.1, total_iters=20), lambda o: lr.CosineAnnealingLR(o, 180)], [20]))
S('WarmupCosineLR', {'warmupSteps': 40, 'totalSteps': 200, 'minLr': 0.02},
  sequence([lambda o: lr.LinearLR(o, 1 / 40, total_iters=40), lambda o: lr.CosineAnnealingLR(o, 160, 0.02)], [40]))


def chain(*parts):
    return lambda o: lr.ChainedScheduler([part(o) for part in parts])


S('ChainedScheduler', {'schedulers': [['ConstantLR', {'factor': 0.1, 'totalIters': 2}], ['ExponentialLR', {'gamma': 0.99}]]},
  chain(lambda o: lr.ConstantLR(o, 0.1, 2), lambda o: lr.ExponentialLR(o, 0.99)))
S('ChainedScheduler', {'schedulers': [['LinearLR', {'totalIters': 30}], ['CosineAnnealingLR', {'tMax': 70, 'etaMin': 0.001}], ['StepLR', {'stepSize': 60, 'gamma': 0.5}]]},
  chain(lambda o: lr.LinearLR(o, total_iters=30), lambda o: lr.CosineAnnealingLR(o, 70, 0.001), lambda o: lr.StepLR(o, 60, 0.5)))

os.makedirs(FOLDER, exist_ok=True)
with open(os.path.join(FOLDER, 'schedules.json'), 'w') as file:
    file.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')

# ---- clipping: min over three tensors of sum(sin(k + 1) * w^2 * scale + w), by SGD with momentum


def fifty(clip, scale, dtype):
    """Norms before clipping, and the weights afterwards."""
    ws = [torch.arange(1, n + 1, dtype=torch.float64) / n * (-1) ** n for n in (3, 8, 1)]
    ws = [w.to(dtype).reshape(shape).requires_grad_() for w, shape in zip(ws, ((3,), (2, 4), ()))]
    opt = torch.optim.SGD(ws, lr=0.05, momentum=0.9)
    norms = []
    for step in range(50):
        opt.zero_grad()
        sum(((math.sin(step + 1) * w * w + w) * scale * (k + 1)).sum() for k, w in enumerate(ws)).backward()
        total = clip(ws)
        norms.append(None if total is None else total.item())
        opt.step()
    return norms, [w.detach().flatten().tolist() for w in ws]


def clipped(options, clip, scale):
    norms, weights = fifty(clip, scale, torch.float64)
    norms32, weights32 = fifty(clip, scale, torch.float32)
    numbers = lambda norms, weights: [x for x in norms if x is not None] + sum(weights, [])
    pairs = list(zip(numbers(norms, weights), numbers(norms32, weights32)))
    # how far float32 is off, in parts of the largest number
    deviation = max(abs(x - y) for x, y in pairs) / max(abs(x) for x, _ in pairs)
    return {**options, 'scale': scale, 'deviation': deviation, 'norms': norms, 'weights': weights}


nn = torch.nn.utils
with open(os.path.join(FOLDER, 'clip.json'), 'w') as file:
    rows = [
        clipped({'norm': {'max': m, 'p': p}}, lambda ws, m=m, p=p: nn.clip_grad_norm_(ws, m, p if p != 'Infinity' else math.inf), scale)
        for m, p, scale in ((1, 2, 1), (1, 2, 1e-3), (0.5, 1, 1), (1, 'Infinity', 1), (1, 3, 1), (2, 2.5, 1))
    ] + [clipped({'value': 0.7}, lambda ws: nn.clip_grad_value_(ws, 0.7), 1)]
    file.write('[\n' + ',\n'.join(json.dumps(row, separators=(',', ':')) for row in rows) + '\n]\n')

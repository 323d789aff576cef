"""Writes test/reference/data/sample.json: which tokens PyTorch leaves after the options of sample, and how likely each is.

Run by a Python with PyTorch 1.13. Each case is a row of logits, options under the names of sample, the ids that were there
already, and the probabilities in float64.
"""
import torch

from reference_common import n, write

torch.manual_seed(15)
cases = []


def probabilities(logits, seen, temperature=1.0, topK=0, topP=1.0, minP=0.0, repetitionPenalty=1.0):
    marked = torch.zeros(logits.shape, dtype=torch.bool)
    marked[seen] = True
    harder = torch.where(logits < 0, logits * repetitionPenalty, logits / repetitionPenalty)
    x = torch.where(marked, harder, logits) / temperature
    values, order = torch.sort(x, descending=True, stable=True)
    if topK > 0:
        values[topK:] = -torch.inf
    p = torch.softmax(values, 0)
    # What comes before a token has not reached topP; sums of the same numbers differ by rounding.
    p = torch.where(torch.cumsum(p, 0) - p < topP - 1e-9, p, 0.0)
    p = torch.where(p >= minP * p.max() * (1 - 1e-9), p, 0.0)
    return torch.zeros_like(p).scatter(0, order, p / p.sum())


def C(logits, seen=(), **options):
    p = probabilities(logits, list(seen), **options)
    case = {'logits': logits.tolist(), 'options': options, 'seen': sorted(seen), 'probabilities': p.tolist()}
    cases.append({k: v for k, v in case.items() if v not in ({}, [])})


twelve = n(12) * 2
C(twelve)
for temperature in (0.25, 0.7, 3.0):
    C(twelve, temperature=temperature)
for topK in (1, 2, 5, 11):
    C(twelve, topK=topK)
for topP in (1e-6, 0.3, 0.5, 0.9, 0.99):
    C(twelve, topP=topP)
for minP in (0.01, 0.1, 0.5, 1.0):
    C(twelve, minP=minP)
for repetitionPenalty in (0.8, 1.3, 5.0):
    C(twelve, {0, 3, 4, 7, 11}, repetitionPenalty=repetitionPenalty)
C(twelve, {1, 2, 5}, repetitionPenalty=1.2, temperature=0.8, topK=8, topP=0.85, minP=0.05)
C(torch.zeros(10), topK=3)
C(torch.zeros(10), topP=0.3)
C(torch.zeros(10), {0, 1}, topP=0.25, topK=8, repetitionPenalty=1.5)
C(torch.tensor([1.0, 3.0, 2.0, 3.0, 2.0, 2.0, 0.0]), topK=4)
C(torch.tensor([1.0, 3.0, 2.0, 3.0, 2.0, 2.0, 0.0]), topP=0.7)
C(torch.tensor([1.0, 3.0, 2.0, 3.0, 2.0, 2.0, 0.0]), minP=0.36)
C(n(40) * 3, temperature=1.5, topK=20, topP=0.95, minP=0.02)
# Cold enough that hardly any but the greatest is drawn.
C(twelve, temperature=0.01)
write('data/sample', cases)

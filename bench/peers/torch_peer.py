"""PyTorch on the CPU (or, with the device `cuda`, a GPU) as a peer: one workload in a process of its own, as one.ts.

    python3 torch_peer.py DEVICE WORKLOAD SECONDS
"""
import json
import re
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

KIND, NAME, SECONDS = sys.argv[1], sys.argv[2], float(sys.argv[3])
DEVICE = torch.device(KIND)
if KIND == "cuda":
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
MASK = 2**32 - 1


def draws(length, seed):
    """The states of numbers.ts' generator: known ones give as many again at once."""
    a, c = 1664525, 1013904223
    state = (((seed * 2654435761 + 1) & MASK) * a + c) & MASK
    states = np.array([state], dtype=np.uint64)
    while len(states) < length:
        states = np.concatenate([states, (states * np.uint64(a) + np.uint64(c)) & np.uint64(MASK)])
        a, c = (a * a) & MASK, (c * (a + 1)) & MASK
    return states[:length].astype(np.float64) / 2**32


def numbers(shape, seed, scale=1.0):
    values = (scale * (2 * draws(int(np.prod(shape)), seed) - 1)).astype(np.float32)
    return torch.from_numpy(values.reshape(shape)).to(DEVICE)


def classes(length, end, seed):
    return torch.from_numpy(np.floor(draws(length, seed) * end).astype(np.int64)).to(DEVICE)


def initial(parameters):
    return [
        (numbers(shape, 100 + i, 0.1) + 1 if scale == 1 else numbers(shape, 100 + i, scale)).requires_grad_()
        for i, (shape, scale) in enumerate(parameters)
    ]


def training(parameters, lr, loss_of):
    p = initial(parameters)
    sgd = torch.optim.SGD(p, lr=lr)

    def step():
        sgd.zero_grad()
        loss = loss_of(p)
        loss.backward()
        sgd.step()
        return loss.detach()

    return step, lambda: [step().item() for _ in range(4)]


def of(f):
    def check():
        y = f().detach().cpu().numpy().reshape(-1)
        wide = y.astype(np.float64)
        few = [float(y[i]) for i in (0, len(y) // 3, len(y) - 1)]
        return [float(wide.mean()), float(np.sqrt((wide**2).mean())), *few]

    return f, check


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores + mask
    return torch.softmax(scores, -1) @ v


def attention_gradients(qkv, c):
    def f():
        return torch.autograd.grad((attention(*qkv) * c).sum(), qkv)[0]

    return f


def mlp():
    sizes = [784, 256, 128, 10]
    parameters = [p for i, o in zip(sizes, sizes[1:]) for p in (([i, o], (3 / i) ** 0.5), ([o], 0.01))]
    x, t = numbers([128, 784], 20), classes(128, 10, 21)

    def loss(p):
        h = torch.relu(x @ p[0] + p[1])
        return F.cross_entropy(torch.relu(h @ p[2] + p[3]) @ p[4] + p[5], t)

    return training(parameters, 0.05, loss)


def cnn():
    shapes = [([8, 1, 3, 3], 0.5), ([8], 0.01), ([16, 8, 3, 3], 0.2), ([16], 0.01), ([784, 10], 0.06), ([10], 0.01)]
    x, t = numbers([32, 1, 28, 28], 22), classes(32, 10, 23)

    def loss(p):
        h = F.max_pool2d(torch.relu(F.conv2d(x, p[0], p[1], padding=1)), 2)
        h = F.max_pool2d(torch.relu(F.conv2d(h, p[2], p[3], padding=1)), 2)
        return F.cross_entropy(h.flatten(1) @ p[4] + p[5], t)

    return training(shapes, 0.05, loss)


def gpt():
    B, T, C, H, V = 4, 64, 64, 4, 65
    layer = [([C], 1), ([C, 3 * C], 0.2), ([C, C], 0.2), ([C], 1), ([C, 4 * C], 0.2), ([4 * C, C], 0.1)]
    shapes = [([V, C], 0.3), ([T, C], 0.3), *layer, *layer, ([C], 1), ([C, V], 0.2)]
    ids, t = classes(B * T, V, 24).reshape(B, T), classes(B * T, V, 25)
    mask = torch.triu(torch.full([T, T], float("-inf"), device=DEVICE), 1)

    def loss(p):
        x = F.embedding(ids, p[0]) + p[1]
        for n1, qkv, out, n2, up, down in (p[2:8], p[8:14]):
            h = F.layer_norm(x, [C], n1) @ qkv
            q, k, v = (part.reshape(B, T, H, C // H).transpose(1, 2) for part in h.split(C, -1))
            x = x + attention(q, k, v, mask).transpose(1, 2).reshape(B, T, C) @ out
            x = x + torch.relu(F.layer_norm(x, [C], n2) @ up) @ down
        return F.cross_entropy((F.layer_norm(x, [C], p[14]) @ p[15]).reshape(B * T, V), t)

    return training(shapes, 0.05, loss)


def adds():
    x, one = numbers([16], 4), numbers([16], 5)

    def f():
        y = x
        for _ in range(1000):
            y = y + one
        return y

    return f


def make(name):
    size = re.match(r"matmul (\d+)$", name)
    if size:
        n = int(size[1])
        a, b = numbers([n, n], 1), numbers([n, n], 2)
        return of(lambda: a @ b)
    x = numbers([4096, 1024], 3)
    qkv = [numbers([2, 4, 256, 32], seed) for seed in (11, 12, 13)]
    image, filters = numbers([8, 16, 64, 64], 6), numbers([32, 16, 3, 3], 7)
    rows, weight, bias = numbers([4096, 256], 8), numbers([256], 9), numbers([256], 10)
    tracked = [y.clone().requires_grad_() for y in qkv]
    makers = {
        "chain of 4, (2x + 1)·relu(x)": lambda: of(lambda: (x * 2 + 1) * torch.relu(x)),
        "row sums": lambda: of(lambda: x.sum(1)),
        "full sum": lambda: of(lambda: x.sum()),
        "softmax of rows": lambda: of(lambda: torch.softmax(x, 1)),
        "1000 dependent adds": lambda: of(adds()),
        "conv2d 16→32, 3×3": lambda: of(lambda: F.conv2d(image, filters, padding=1)),
        "layerNorm of rows": lambda: of(lambda: F.layer_norm(rows, [256], weight, bias)),
        "attention": lambda: of(lambda: attention(*qkv)),
        "attention, forward and backward": lambda: of(attention_gradients(tracked, numbers([2, 4, 256, 32], 14))),
        "MLP step": mlp,
        "CNN step": cnn,
        "GPT step": gpt,
    }
    if name not in makers:
        raise ValueError(f"no {name}")
    return makers[name]()


def done():
    if KIND == "cuda":
        torch.cuda.synchronize()


def timed(run, runs):
    done()
    start = time.perf_counter()
    for _ in range(runs):
        run()
    done()
    return (time.perf_counter() - start) / runs


run, check = make(NAME)
first = timed(run, 1)
numbers_found = check()
once = min(timed(run, 1), timed(run, 1))
count = max(1, round(0.03 / once))
samples = []
until = time.perf_counter() + SECONDS
while len(samples) < 3 or (len(samples) < 40 and time.perf_counter() < until):
    samples.append(timed(run, count))
print(json.dumps({"version": torch.__version__, "check": numbers_found, "first": first, "samples": samples}))

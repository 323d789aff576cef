"""The cases of kernels.ts in PyTorch, eager, float32 (TF32 off), at a GPU's sizes: `python3 bench/kernels_torch.py`.

Prints the same names with milliseconds and rates, medians of seven samples of at least 30 ms, waiting included.
"""
import json
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F

device = "cuda" if torch.cuda.is_available() else "cpu"
N = 256 if device == "cuda" else 16
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def normal(*shape, grad=False):
    return torch.randn(*shape, device=device, requires_grad=grad)


def of_matrix(passes, f):
    x = normal(64 * N, 1024)
    return lambda: f(x), 0, passes * 4 * x.numel()


def backward(f, xs):
    y = f(*xs)
    cotangent = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, xs, cotangent, retain_graph=True)


def add_of_two():
    a, b = normal(64 * N, 1024), normal(64 * N, 1024)
    return lambda: a + b, 0, 12 * a.numel()


def add_of_a_row():
    a, b = normal(64 * N, 1024), normal(1024)
    return lambda: a + b, 0, 8 * a.numel()


def layer_norm_backward():
    x, w, b = normal(64 * N, 1024, grad=True), normal(1024, grad=True), normal(1024, grad=True)
    return backward(lambda x, w, b: F.layer_norm(x, [1024], w, b), [x, w, b]), 0, 12 * x.numel()


def cross_entropy():
    x, t = normal(64 * N, 1024), torch.randint(0, 1024, [64 * N], device=device)
    return lambda: F.cross_entropy(x, t), 0, 4 * x.numel()


def embedding(gradients):
    table, index = normal(8192, 1024, grad=gradients), torch.randint(0, 8192, [64 * N], device=device)
    if not gradients:
        return lambda: F.embedding(index, table), 0, 8 * index.numel() * 1024
    return backward(lambda w: F.embedding(index, w), [table]), 0, 4 * 1024 * (index.numel() + 8192)


def adam():
    x = normal(64 * N, 1024, grad=True)
    x.grad = normal(64 * N, 1024)
    return torch.optim.Adam([x], lr=1e-3).step, 0, 28 * x.numel()


def product(side):
    m = max(64, int(side * math.sqrt(N) / 16))
    a, b = normal(m, m), normal(m, m)
    return lambda: a @ b, 2 * m**3, 0


def few_rows():
    a, b = normal(16, 1024), normal(1024, 16 * N)
    return lambda: a @ b, 2 * 16 * 1024 * 16 * N, 0


def dot():
    a, b = normal(1, 65536 * N), normal(65536 * N, 1)
    return lambda: a @ b, 0, 8 * 65536 * N


def convolution(gradients):
    batch, channels, side = max(1, N // 8), 64, 56
    x, w = normal(batch, channels, side, side, grad=gradients), normal(channels, channels, 3, 3, grad=gradients)
    flop = 2 * batch * channels * channels * 9 * side * side
    if gradients:
        return backward(lambda a, b: F.conv2d(a, b, padding=1), [x, w]), 2 * flop, 0
    return lambda: F.conv2d(x, w, padding=1), flop, 0


def max_pool(gradients):
    x = normal(N, 16, 64, 64, grad=gradients)
    if gradients:
        return backward(lambda a: F.max_pool2d(a, 2), [x]), 0, 5 * x.numel()
    return lambda: F.max_pool2d(x, 2), 0, 5 * x.numel()


def attention(gradients):
    batch, heads, length, width = max(1, N // 32), 8, 512, 64
    qkv = [normal(batch, heads, length, width, grad=gradients) for _ in range(3)]
    f = lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)
    flop = 2 * batch * heads * length * length * width
    if gradients:
        return backward(f, qkv), 2.5 * flop, 0
    return lambda: f(*qkv), flop, 0


cases = {
    "copy": lambda: of_matrix(2, lambda x: x.clone()),
    "transposed copy": lambda: of_matrix(2, lambda x: x.t().contiguous()),
    "add of two": add_of_two,
    "add of a row": add_of_a_row,
    "gelu": lambda: of_matrix(2, F.gelu),
    "chain of 4, (2x + 1)·relu(x)": lambda: of_matrix(9, lambda x: (x * 2 + 1) * x.relu()),
    "row sums": lambda: of_matrix(1, lambda x: x.sum(1)),
    "column sums": lambda: of_matrix(1, lambda x: x.sum(0)),
    "full sum": lambda: of_matrix(1, lambda x: x.sum()),
    "argmax of one row": lambda: of_matrix(1, lambda x: x.reshape(-1).argmax(0)),
    "softmax of rows": lambda: of_matrix(2, lambda x: x.softmax(1)),
    "layerNorm of rows": lambda: of_matrix(2, lambda x: F.layer_norm(x, [1024])),
    "layerNorm backward": layer_norm_backward,
    "cross-entropy": cross_entropy,
    "cumsum": lambda: of_matrix(2, lambda x: x.cumsum(1)),
    "sort of rows": lambda: of_matrix(2, lambda x: x.sort(1).values),
    "embedding of 1024": lambda: embedding(False),
    "embedding backward": lambda: embedding(True),
    "randn": lambda: (lambda: normal(64 * N, 1024), 0, 4 * 64 * N * 1024),
    "Adam, a step": adam,
    "matmul 1024": lambda: product(1024),
    "matmul 2048": lambda: product(2048),
    "matmul 4096": lambda: product(4096),
    "matmul, 16 rows": few_rows,
    "dot of long vectors": dot,
    "conv2d 64→64, 3×3": lambda: convolution(False),
    "conv2d backward": lambda: convolution(True),
    "max-pool 2×2": lambda: max_pool(False),
    "max-pool backward": lambda: max_pool(True),
    "attention, causal": lambda: attention(False),
    "attention backward": lambda: attention(True),
}


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def seconds(run, count):
    wait()
    start = time.perf_counter()
    for _ in range(count):
        run()
    wait()
    return (time.perf_counter() - start) / count


def main():
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    figures = []
    for case, make in cases.items():
        run, flop, moved = make()
        seconds(run, 2)
        count = max(1, min(200, round(0.03 / seconds(run, 1))))
        median = statistics.median(seconds(run, count) for _ in range(7))
        rate = f"{flop / median / 1e9:.4g} GFLOP/s" if flop else f"{moved / median / 1e9:.4g} GB/s"
        print(f"{case:32}{1000 * median:10.3f} ms  {rate}", flush=True)
        figures.append({"name": case, "unit": "ms", "median": float(f"{1000 * median:.4g}"), "note": rate})
    if len(sys.argv) > 1:
        environment = {"device": name, "torch": torch.__version__}
        with open(sys.argv[1], "w") as file:
            json.dump({"suite": "kernels", "environment": environment, "figures": figures}, file, indent=2)


main()

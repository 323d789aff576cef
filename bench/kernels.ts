/**
 * @file One case for each kind of kernel, at a size that fills a GPU (a sixteenth of it where the adapter computes on
 * the CPU): the rate at which it does its arithmetic, or at which the bytes move that it must read and write. PyTorch's
 * figures for the same cases are printed by kernels_torch.py.
 */
import * as F from '../src/node.ts'
import { type Device, grad, optim, randint, randn, scope, type Tensor } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'
import { type Case, type Figure, figure, type Setting, time, verify } from './harness.ts'

/** What is done once, and what it costs: floating-point operations, or bytes. */
interface Work {
  readonly run: () => Tensor
  readonly flop?: number
  readonly bytes?: number
}

/** Makes a case of a size: n is one of `sizes`. */
type Kind = (n: number, device: Device) => Work

/** For the check, for a device that computes on a processor, for a GPU. */
const sizes = { check: 1, processor: 16, gpu: 256 }

const normal = (shape: readonly number[], device: Device, requiresGrad = false): Tensor =>
  randn(shape, { device, requiresGrad })
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** A function of one matrix. @param passes  how many times as many bytes as the matrix has are read and written */
function ofMatrix(cols: number, passes: number, f: (x: Tensor) => Tensor): Kind {
  return (n, device) => {
    const shape = [64 * n, cols]
    const x = normal(shape, device)
    return { run: () => f(x), bytes: passes * 4 * size(shape) }
  }
}

/** The gradients of Σ f(x, …)·cotangent. */
function backward(f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[]): () => Tensor {
  const y = f(...xs)
  const cotangent = normal(y.shape, y.device)
  return () => grad([y], xs, { gradOutputs: [cotangent], retainGraph: true })[0]
}

function product(side: number): Kind {
  return (n, device) => {
    const m = Math.max(64, (side * Math.sqrt(n)) / 16)
    const [a, b] = [normal([m, m], device), normal([m, m], device)]
    return { run: () => a.matmul(b), flop: 2 * m ** 3 }
  }
}

function convolution(gradients: boolean): Kind {
  return (n, device) => {
    const [batch, channels, side] = [Math.max(1, n / 8), 64, 56]
    const x = normal([batch, channels, side, side], device, gradients)
    const weight = normal([channels, channels, 3, 3], device, gradients)
    const f = (a: Tensor, w: Tensor): Tensor => F.conv2d(a, w, null, { padding: 1 })
    const flop = 2 * batch * channels * channels * 9 * side * side
    return gradients ? { run: backward(f, [x, weight]), flop: 2 * flop } : { run: () => f(x, weight), flop }
  }
}

function attention(gradients: boolean): Kind {
  return (n, device) => {
    const [batch, heads, length, width] = [Math.max(1, n / 32), 8, 512, 64]
    const qkv = [0, 1, 2].map(() => normal([batch, heads, length, width], device, gradients))
    const f = (q: Tensor, k: Tensor, v: Tensor): Tensor => F.scaledDotProductAttention(q, k, v, { isCausal: true })
    // of two products, of which a causal mask needs half
    const flop = 2 * batch * heads * length * length * width
    const [q, k, v] = qkv
    return gradients ? { run: backward(f, qkv), flop: 2.5 * flop } : { run: () => f(q, k, v), flop }
  }
}

export const kinds: Readonly<Record<string, Kind>> = {
  copy: ofMatrix(1024, 2, (x) => x.clone()),
  'transposed copy': ofMatrix(1024, 2, (x) => x.transpose().clone()),
  'add of two': (n, device) => {
    const [a, b] = [normal([64 * n, 1024], device), normal([64 * n, 1024], device)]
    return { run: () => a.add(b), bytes: 12 * a.numel }
  },
  'add of a row': (n, device) => {
    const [a, b] = [normal([64 * n, 1024], device), normal([1024], device)]
    return { run: () => a.add(b), bytes: 8 * a.numel }
  },
  gelu: ofMatrix(1024, 2, (x) => F.gelu(x)),
  'chain of 4, (2x + 1)·relu(x)': ofMatrix(1024, 9, (x) => x.mul(2).add(1).mul(x.relu())),
  'row sums': ofMatrix(1024, 1, (x) => x.sum(1)),
  'column sums': ofMatrix(1024, 1, (x) => x.sum(0)),
  'full sum': ofMatrix(1024, 1, (x) => x.sum()),
  'argmax of one row': ofMatrix(1024, 1, (x) => x.reshape(-1).argmax(0)),
  'softmax of rows': ofMatrix(1024, 2, (x) => x.softmax(1)),
  'layerNorm of rows': ofMatrix(1024, 2, (x) => F.layerNorm(x, 1024)),
  'layerNorm backward': (n, device) => {
    const x = normal([64 * n, 1024], device, true)
    const [w, b] = [normal([1024], device, true), normal([1024], device, true)]
    return { run: backward((a, c, d) => F.layerNorm(a, 1024, c, d), [x, w, b]), bytes: 12 * x.numel }
  },
  'cross-entropy': (n, device) => {
    const x = normal([64 * n, 1024], device)
    const t = randint(0, 1024, [64 * n], { device })
    return { run: () => F.crossEntropy(x, t), bytes: 4 * x.numel }
  },
  cumsum: ofMatrix(1024, 2, (x) => x.cumsum(1)),
  'sort of rows': ofMatrix(1024, 2, (x) => x.sort(1).values),
  'embedding of 1024': (n, device) => {
    const [table, index] = [normal([8192, 1024], device), randint(0, 8192, [64 * n], { device })]
    return { run: () => F.embedding(table, index), bytes: 8 * index.numel * 1024 }
  },
  'embedding backward': (n, device) => {
    const [table, index] = [normal([8192, 1024], device, true), randint(0, 8192, [64 * n], { device })]
    const bytes = 4 * 1024 * (index.numel + 8192)
    return { run: backward((w) => F.embedding(w, index), [table]), bytes }
  },
  randn: (n, device) => ({ run: () => normal([64 * n, 1024], device), bytes: 4 * 64 * n * 1024 }),
  'Adam, a step': (n, device) => {
    const x = normal([64 * n, 1024], device, true)
    x.grad = normal([64 * n, 1024], device)
    const adam = new optim.Adam([x], { lr: 1e-3 })
    const run = (): Tensor => {
      adam.step()
      return x
    }
    return { run, bytes: 28 * x.numel }
  },
  'matmul 1024': product(1024),
  'matmul 2048': product(2048),
  'matmul 4096': product(4096),
  'matmul, 16 rows': (n, device) => {
    const [a, b] = [normal([16, 1024], device), normal([1024, 16 * n], device)]
    return { run: () => a.matmul(b), flop: 2 * 16 * 1024 * 16 * n }
  },
  'dot of long vectors': (n, device) => {
    const [a, b] = [normal([1, 65536 * n], device), normal([65536 * n, 1], device)]
    return { run: () => a.matmul(b), bytes: 8 * 65536 * n }
  },
  'conv2d 64→64, 3×3': convolution(false),
  'conv2d backward': convolution(true),
  'max-pool 2×2': (n, device) => {
    const x = normal([n, 16, 64, 64], device)
    return { run: () => F.maxPool2d(x, 2), bytes: 5 * x.numel }
  },
  'max-pool backward': (n, device) => {
    const x = normal([n, 16, 64, 64], device, true)
    return { run: backward((a) => F.maxPool2d(a, 2), [x]), bytes: 5 * x.numel }
  },
  'attention, causal': attention(false),
  'attention backward': attention(true),
}

/** The numbers of a small case on both devices: normal(…) draws the same on each. */
async function check(name: string, kind: Kind, device: Device): Promise<void> {
  const on = async (where: Device): Promise<ArrayLike<number>> => {
    F.manualSeed(7)
    return scope(() => kind(sizes.check, where).run().detach().clone()).data()
  }
  const [found, exact] = [await on(device), await on(await F.device('cpu'))]
  const scale = Array.from(exact).reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30)
  const off = Array.from(found).reduce((most, x, i) => Math.max(most, Math.abs(x - exact[i])), 0)
  verify(name, off / scale, 1e-4)
}

export async function kernels({ device }: Setting): Promise<Figure[]> {
  const gpu = device.kind === 'webgpu' && !(device as WebGPUDevice).facts.software
  const n = gpu ? sizes.gpu : sizes.processor
  const figures: Figure[] = []
  for (const [name, kind] of Object.entries(kinds)) {
    await check(name, kind, device)
    const { run, flop, bytes } = kind(n, device)
    let count = 1
    const work: Case = {
      name,
      run: async () => {
        for (let i = 0; i < count; i++) scope(() => void run())
        await device.sync()
      },
    }
    // As many of them in a call that waiting at its end does not count.
    await work.run()
    const start = performance.now()
    await work.run()
    count = Math.max(1, Math.min(200, Math.round(30 / (performance.now() - start))))
    const times = (await time(name, [work], 1)).get(name) ?? []
    const rate = flop ? 'GFLOP/s' : 'GB/s'
    const ms = figure(name, 'ms', times, (s) => (1000 * s) / count)
    const amount = (flop ?? bytes ?? 0) / 1e9
    figures.push({ ...ms, note: `${(amount / (ms.median / 1000)).toPrecision(4)} ${rate}` })
  }
  return figures
}

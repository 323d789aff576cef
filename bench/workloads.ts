/**
 * @file What two versions of the engine are compared by (compare.ts), and whose launches test/core/launches.test.ts
 * holds. Everything goes by the public API that is handed in, so that a workload runs on any checkout; nothing of this
 * one's engine is imported but types.
 */
import type * as handgrad from '../src/node.ts'
import type { Device, Tensor } from '../src/node.ts'

/** Sizes of the CPU suite. */
export const ROWS = 1024
export const COLS = 512

/** The CPU suite: what is bound by memory or by transcendental functions. */
export const cpuOps = {
  add: (x) => x.add(x),
  'chain of 4, (2x + 1)·relu(x)': (x) => x.mul(2).add(1).mul(x.relu()),
  tanh: (x) => x.tanh(),
  'row sums': (x) => x.sum(1),
  sum: (x) => x.sum(),
  'softmax of rows': (x) => x.softmax(1),
  'transposed copy': (x) => x.transpose().clone(),
} satisfies Record<string, (x: Tensor) => Tensor>

/** One thing to time, made on a device. */
export interface Workload {
  readonly name: string
  readonly unit: 'µs' | 'ms'
  /** Numbers by which two versions are held against each other before anything is timed. */
  check(): Promise<readonly number[]>
  /** Seconds of one unit. */
  sample(): Promise<number>
}

/** The engine of a checkout, where it computes, and the clock in seconds by which it is timed. */
export interface Engine {
  readonly api: typeof handgrad
  readonly device: Device
  now(): number
}

/** All workloads of a device. */
export function workloadsOn(engine: Engine): Workload[] {
  const onCpu = engine.device.kind === 'cpu'
  return [
    dispatch(engine, 'dispatch', false),
    dispatch(engine, 'dispatch, recorded', true),
    longBackward(engine),
    mlp(engine, 'SGD'),
    mlp(engine, 'Adam'),
    gpt(engine),
    matmul(engine),
    op(engine, 'softmax of rows, 4096×1024', 4096, 1024, (x) => x.softmax(1), 1),
    op(engine, 'chain of 4, 1 M', 1024, 1024, cpuOps['chain of 4, (2x + 1)·relu(x)'], 1),
    op(engine, 'chain of 4, 4 M', 4096, 1024, cpuOps['chain of 4, (2x + 1)·relu(x)'], 1),
    ...Object.entries(onCpu ? cpuOps : {}).map(([name, f]) => op(engine, `cpu suite: ${name}`, ROWS, COLS, f, 4)),
  ]
}

/**
 * Numbers in (−scale, scale), the same everywhere and for ever: those of the engine's generator may come to be others.
 */
function numbers(length: number, seed: number, scale = 1): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0
  return Float32Array.from({ length }, () => {
    // The constants of Numerical Recipes' `ranqd1`.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return scale * (state / 2 ** 31 - 1)
  })
}

/** A tensor of such numbers. */
function made(
  { api, device }: Engine,
  shape: readonly number[],
  seed: number,
  scale = 1,
  requiresGrad = false,
): Tensor {
  const length = shape.reduce((a, b) => a * b, 1)
  return api.tensor(numbers(length, seed, scale), { device, shape, requiresGrad })
}

/** Seconds that f takes. */
function timed({ now }: Engine, f: () => void): number {
  const start = now()
  f()
  return now() - start
}

/** Seconds of one of `count` calls, until the device has done them all. */
async function timedAndDone({ device, now }: Engine, count: number, f: () => void): Promise<number> {
  await device.sync()
  const start = now()
  for (let i = 0; i < count; i++) f()
  await device.sync()
  return (now() - start) / count
}

/**
 * A dependent chain of 1000 adds of 16 floats, in scopes of 100: what an op costs on the host before its kernel runs.
 */
function dispatch(engine: Engine, name: string, recorded: boolean): Workload {
  const { api, device } = engine
  const one = made(engine, [16], 1)
  const start = made(engine, [16], 2, 1, recorded)
  const chain = (): Tensor => {
    let x = start
    for (let i = 0; i < 100; i++) x = x.add(one)
    return x.detach()
  }
  return {
    name: `${name}, an op`,
    unit: 'µs',
    check: async () => [...(await api.scope(chain).data())],
    sample: async () => {
      let seconds = 0
      for (let i = 0; i < 10; i++) {
        seconds += timed(engine, () => api.scope(() => void chain()))
        // What the device does meanwhile is not of interest here, nor may it pile up.
        await device.sync()
      }
      return seconds / 1000
    },
  }
}

/** The walk backward through 5000 nodes of 16 floats: host time, without building the chain. */
function longBackward(engine: Engine): Workload {
  const { api, device } = engine
  const x = made(engine, [16], 3, 1, true)
  const run = (): number =>
    api.scope(() => {
      let y = x
      for (let i = 0; i < 2499; i++) y = y.mul(0.999).add(x)
      const loss = y.mul(y).sum()
      return timed(engine, () => loss.backward())
    })
  return {
    name: 'backward of 5000 nodes',
    unit: 'ms',
    check: async () => {
      x.zeroGrad()
      run()
      return [...(await x.grad.data())]
    },
    sample: async () => {
      x.zeroGrad()
      const seconds = run()
      await device.sync()
      return seconds
    },
  }
}

interface Training {
  readonly name: string
  /** Steps until the device is waited for. */
  readonly steps: number
  readonly parameters: readonly Tensor[]
  readonly optimizer: 'SGD' | 'Adam'
  loss(): Tensor
}

/** Training steps: loss, backward, update. The first five losses are what is checked. */
function training(engine: Engine, { name, steps, parameters, optimizer, loss }: Training): Workload {
  const { api } = engine
  const update =
    optimizer === 'SGD'
      ? new api.optim.SGD(parameters, { lr: 1e-3, momentum: 0.9 })
      : new api.optim.Adam(parameters, { lr: 1e-4 })
  const step = (): Tensor => {
    update.zeroGrad()
    const y = loss()
    y.backward()
    update.step()
    return y.detach()
  }
  return {
    name: `${name}, ${optimizer}`,
    unit: 'ms',
    check: async () => {
      const losses: number[] = []
      for (let i = 0; i < 5; i++) losses.push(await api.scope(step).item())
      return losses
    },
    sample: () => timedAndDone(engine, steps, () => api.scope(() => void step())),
  }
}

const classes = (length: number, count: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => (i * 7 + 3) % count)

/** A 784–256–128–10 classifier at batch 128. */
function mlp(engine: Engine, optimizer: 'SGD' | 'Adam'): Workload {
  const { api, device } = engine
  const x = made(engine, [128, 784], 4)
  const t = api.tensor(classes(128, 10), { device })
  const sizes = [784, 256, 128, 10]
  const linear = (i: number) => {
    const layer = new api.nn.Linear(sizes[i], sizes[i + 1], { device })
    layer.loadStateDict({
      weight: made(engine, [sizes[i + 1], sizes[i]], 5 + i, Math.sqrt(3 / sizes[i])),
      bias: made(engine, [sizes[i + 1]], 8 + i, 0.01),
    })
    return layer
  }
  const relu = () => new api.nn.ReLU()
  const model = new api.nn.Sequential(linear(0), relu(), linear(1), relu(), linear(2))
  const loss = (): Tensor => api.crossEntropy(model.forward(x), t)
  const parameters = model.parameters()
  return training(engine, { name: 'MLP step', steps: device.kind === 'cpu' ? 1 : 5, parameters, optimizer, loss })
}

/** A GPT of two layers: 4 sequences of 64 tokens, 64 channels, 4 heads, a vocabulary of 65. */
function gpt(engine: Engine): Workload {
  const { api, device } = engine
  const [B, T, C, HEADS, VOCABULARY] = [4, 64, 64, 4, 65]
  const parameters: Tensor[] = []
  const parameter = (shape: readonly number[], scale: number): Tensor => {
    parameters.push(made(engine, shape, 20 + parameters.length, scale, true))
    return parameters[parameters.length - 1]
  }
  const linear = (inputs: number, outputs: number) => {
    const [weight, bias] = [parameter([outputs, inputs], Math.sqrt(1 / inputs)), parameter([outputs], 0.01)]
    return (x: Tensor) => api.linear(x, weight, bias)
  }
  const layerNorm = () => {
    const [weight, bias] = [parameter([C], 1), parameter([C], 0.01)]
    return (x: Tensor) => api.layerNorm(x, C, weight, bias)
  }
  const attention = () => {
    const [qkv, out] = [linear(C, 3 * C), linear(C, C)]
    const heads = (x: Tensor) => x.view(B, T, HEADS, C / HEADS).transpose(1, 2)
    return (x: Tensor) => {
      const [q, k, v] = qkv(x).split(C, 2)
      const y = api.scaledDotProductAttention(heads(q), heads(k), heads(v), { isCausal: true })
      return out(y.transpose(1, 2).reshape(B, T, C))
    }
  }
  const block = () => {
    const [norm1, mix, norm2, widen, narrow] = [
      layerNorm(),
      attention(),
      layerNorm(),
      linear(C, 4 * C),
      linear(4 * C, C),
    ]
    return (x: Tensor) => {
      const y = x.add(mix(norm1(x)))
      return y.add(narrow(api.gelu(widen(norm2(y)), { approximate: 'tanh' })))
    }
  }
  const [tokens, positions] = [parameter([VOCABULARY, C], 0.1), parameter([T, C], 0.1)]
  const [blocks, norm, head] = [[block(), block()], layerNorm(), linear(C, VOCABULARY)]
  const index = api.tensor(classes(B * T, VOCABULARY), { device, shape: [B, T] })
  const t = api.tensor(classes(B * T, 11), { device })
  const loss = (): Tensor => {
    const x = api.embedding(tokens, index).add(positions)
    const y = head(norm(blocks.reduce((h, f) => f(h), x)))
    return api.crossEntropy(y.reshape(B * T, VOCABULARY), t)
  }
  return training(engine, { name: 'GPT step, 2 layers', steps: 1, parameters, optimizer: 'Adam', loss })
}

/** Some of the elements and the sum of all. */
async function digest(x: Tensor): Promise<number[]> {
  const values = [...(await x.data())]
  const every = Math.max(1, Math.floor(values.length / 50))
  return [...values.filter((_, i) => i % every === 0), values.reduce((sum, v) => sum + v, 0)]
}

function matmul(engine: Engine): Workload {
  const { api } = engine
  const [a, b] = [made(engine, [512, 512], 50), made(engine, [512, 512], 51)]
  return {
    name: 'matmul 512',
    unit: 'ms',
    check: () => digest(api.matmul(a, b)),
    sample: () => timedAndDone(engine, 2, () => api.scope(() => void api.matmul(a, b))),
  }
}

/** One function on a matrix. @param count  calls of a sample */
function op(
  engine: Engine,
  name: string,
  rows: number,
  cols: number,
  f: (x: Tensor) => Tensor,
  count: number,
): Workload {
  const { api } = engine
  const x = made(engine, [rows, cols], 60, 3)
  return {
    name,
    unit: 'ms',
    check: () => digest(api.scope(() => f(x))),
    sample: () => timedAndDone(engine, count, () => api.scope(() => void f(x))),
  }
}

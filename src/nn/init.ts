/**
 * @file First values of parameters. They are drawn on the host in float64 from the seed of `manualSeed`, so a model
 * begins the same on every device. All change their tensor in place, outside of the graph, and return it.
 */
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { tensorOf } from '../core/launch.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { defaultGenerator } from '../ops/base/generator.ts'
import { optionsOf } from '../ops/base/options.ts'
import { copy_, fill_ } from '../ops/methods.ts'

/** @param draw  the number at a place, in the order of rows */
function fillBy(op: string, x: Tensor, draw: (at: number) => number): Tensor {
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    fail(op, `${x.title} is ${x.dtype}`, 'only float tensors are drawn')
  const values = tensorOf(
    Float64Array.from({ length: x.numel }, (_, at) => draw(at)),
    x.shape,
    x.dtype,
    x.device,
    op,
  )
  noGrad(() => copy_(x, values))
  values.dispose()
  return x
}

function number(op: string, name: string, value: number, low = -Infinity): number {
  if (!Number.isFinite(value) || value < low)
    fail(op, `${name} is ${describe(value)}`, low === 0 ? 'give a number from 0 up' : 'give a finite number')
  return value
}

/** x ← U[low, high). @throws HandgradError if x is not of floats, a bound is not finite, or low is above high */
export function uniform_(x: Tensor, low = 0, high = 1): Tensor {
  if (number('uniform_', 'high', high) < number('uniform_', 'low', low))
    fail('uniform_', `low ${low} is above high ${high}`)
  const random = defaultGenerator.host
  return fillBy('uniform_', x, () => low + (high - low) * random.uniform())
}

/** x ← N(mean, std²). @throws HandgradError if x is not of floats, mean or std is not finite, or std is below 0 */
export function normal_(x: Tensor, mean = 0, std = 1): Tensor {
  number('normal_', 'mean', mean)
  number('normal_', 'std', std, 0)
  const random = defaultGenerator.host
  return fillBy('normal_', x, () => mean + std * random.normal())
}

/**
 * A draw of N(0, 1) in [low, high], by rejection: of normals or uniforms around 0, in the tails of uniforms or of
 * exponentials that begin at `low`. @see Robert 1995, "Simulation of truncated normal variables"
 */
function truncated(low: number, high: number): number {
  if (high < 0) return -truncated(-high, -low)
  // What lies beyond is narrower than the gap to the next number.
  if (low > 1e8) return low
  const random = defaultGenerator.host
  const width = high - low
  if (low <= 0 && width > Math.sqrt(2 * Math.PI)) {
    for (;;) {
      const x = random.normal()
      if (x >= low && x <= high) return x
    }
  }
  const root = Math.sqrt(low * low + 4)
  const rate = (low + root) / 2
  // Which of the two is accepted more often.
  const short = low <= 0 || width <= (Math.sqrt(Math.E) / rate) * Math.exp((low * low - low * root) / 4)
  const peak = Math.max(low, 0)
  for (;;) {
    const x = low + (short ? width * random.uniform() : -Math.log(1 - random.uniform()) / rate)
    const odds = short ? (peak - x) * (peak + x) : -((x - rate) ** 2)
    if (x <= high && random.uniform() < Math.exp(odds / 2)) return x
  }
}

/**
 * x ← N(mean, std²) of which only what lies in [a, b] is taken. Exact for any bounds, where PyTorch warns that far from
 * the mean it may be wrong.
 * @throws HandgradError if x is not of floats, mean or std is not finite, std is below 0, or a is not below or at b
 * @see Robert 1995
 */
export function truncNormal_(x: Tensor, mean = 0, std = 1, a = -2, b = 2): Tensor {
  const op = 'truncNormal_'
  number(op, 'mean', mean)
  number(op, 'std', std, 0)
  if (!(a <= b)) fail(op, `a is ${describe(a)}, b ${describe(b)}`, 'give the least and the greatest number')
  const within = (y: number): number => Math.min(Math.max(y, a), b)
  if (std === 0) return fillBy(op, x, () => within(mean))
  return fillBy(op, x, () => within(mean + std * truncated((a - mean) / std, (b - mean) / std)))
}

/** x ← value. @throws HandgradError if value is not finite, or x's dtype cannot hold it */
export const constant_ = (x: Tensor, value: number): Tensor =>
  noGrad(() => fill_(x, number('constant_', 'value', value)))
/** x ← 0. @throws HandgradError if x is not a tensor, or is disposed */
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0)
/** x ← 1. @throws HandgradError if x is not a tensor, or is disposed */
export const ones_ = (x: Tensor): Tensor => constant_(x, 1)

/** x ← the identity: 1 on the diagonal, 0 elsewhere. @throws HandgradError if x is not a matrix of floats */
export function eye_(x: Tensor): Tensor {
  const [, cols] = matrix('eye_', x)
  return fillBy('eye_', x, (at) => (Math.floor(at / cols) === at % cols ? 1 : 0))
}

/**
 * x ← a kernel that hands its inputs on: weight[i, i, middle] = 1, in each group of outputs.
 * @param x       weight of a convolution, [out, in/groups, …kernel]
 * @param groups  default 1
 * @throws HandgradError if x is not of floats, has not three to five axes, or groups do not divide its outputs
 */
export function dirac_(x: Tensor, groups = 1): Tensor {
  const op = 'dirac_'
  if (x.ndim < 3 || x.ndim > 5) fail(op, `${x.title} has ${x.ndim} dims`, 'give a weight [out, in, …kernel]')
  const [out, into, ...kernel] = x.shape
  if (!Number.isSafeInteger(groups) || groups < 1 || out % groups !== 0)
    fail(op, `groups is ${describe(groups)}`, `give a divisor of ${out}, the outputs`)
  const taps = sizeOf(kernel)
  const middle = kernel.reduce((at, n) => at * n + Math.floor(n / 2), 0)
  return fillBy(op, x, (at) => {
    const unit = Math.floor(at / taps)
    return at % taps === middle && Math.floor(unit / into) % (out / groups) === unit % into ? 1 : 0
  })
}

/**
 * x ← gain·Q, Q with orthonormal rows or columns, whichever are fewer; uniform among all such. Axes after the first
 * count as one.
 * @throws HandgradError if x is not of floats, has fewer than two axes, or gain is not finite or below 0
 * @see Saxe, McClelland, Ganguli 2014
 */
export function orthogonal_(x: Tensor, options?: { gain?: number }): Tensor {
  const op = 'orthogonal_'
  const { gain } = optionsOf(op, options, { gain: 1 })
  number(op, 'gain', gain, 0)
  if (x.ndim < 2) fail(op, `${x.title} has ${x.ndim} dims`, 'give two or more')
  const rows = x.shape[0]
  const cols = rows === 0 ? 0 : x.numel / rows
  const basis = orthonormal(Math.min(rows, cols), Math.max(rows, cols))
  return fillBy(op, x, (at) => {
    const [row, col] = [Math.floor(at / cols), at % cols]
    return gain * (rows <= cols ? basis[row][col] : basis[col][row])
  })
}

/** Vectors of normal numbers made orthonormal one after the other (modified Gram–Schmidt). */
function orthonormal(count: number, size: number): Float64Array[] {
  const random = defaultGenerator.host
  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0
    for (let i = 0; i < size; i++) sum += a[i] * b[i]
    return sum
  }
  const basis: Float64Array[] = []
  while (basis.length < count) {
    const v = Float64Array.from({ length: size }, () => random.normal())
    let length = 0
    let before: number
    do {
      before = Math.sqrt(dot(v, v))
      for (const q of basis) {
        const share = dot(q, v)
        for (let i = 0; i < size; i++) v[i] -= share * q[i]
      }
      length = Math.sqrt(dot(v, v))
      // Of a vector that nearly vanishes, rounding is no longer orthogonal to the others: once more.
    } while (length < before / 10)
    basis.push(v.map((value) => value / length))
  }
  return basis
}

/**
 * x ← N(0, std²), but in each column a share of the rows is 0.
 * @param sparsity  the share, from 0 to 1; rounded up to whole rows
 * @param std       default 0.01
 * @throws HandgradError if x is not a matrix of floats, sparsity is not in [0, 1], or std is not finite or below 0
 * @see Martens 2010
 */
export function sparse_(x: Tensor, sparsity: number, std = 0.01): Tensor {
  const op = 'sparse_'
  const [rows, cols] = matrix(op, x)
  if (!(sparsity >= 0 && sparsity <= 1)) fail(op, `sparsity is ${describe(sparsity)}`, 'give a number from 0 to 1')
  number(op, 'std', std, 0)
  const random = defaultGenerator.host
  const values = Float64Array.from({ length: x.numel }, () => std * random.normal())
  for (let col = 0; col < cols; col++)
    for (const row of random.permutation(rows).subarray(0, Math.ceil(sparsity * rows))) values[row * cols + col] = 0
  return fillBy(op, x, (at) => values[at])
}

/** What follows the layer, each of which shrinks or grows the signal; layers themselves do neither. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'convTranspose1d'
  | 'convTranspose2d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'selu'

const gains: Readonly<Record<Exclude<Nonlinearity, 'leakyRelu'>, number>> = {
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  convTranspose1d: 1,
  convTranspose2d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 3 / 4,
}

/**
 * The factor on the standard deviation that keeps the signal's scale through a nonlinearity, PyTorch's table: 1 for
 * layers (linear, conv1d, convTranspose2d, …) and sigmoid, 5/3 for tanh, √2 for relu, √(2/(1 + a²)) for leakyRelu of
 * slope a, 3/4 for selu (for the fixed point of its paper take 'linear').
 * @throws HandgradError if there is no such nonlinearity
 */
export function calculateGain(nonlinearity: Nonlinearity, a = 0.01): number {
  if (nonlinearity === 'leakyRelu') return Math.sqrt(2 / (1 + a * a))
  if (Object.hasOwn(gains, nonlinearity)) return gains[nonlinearity]
  return fail(
    'calculateGain',
    `'${String(nonlinearity)}' is not a nonlinearity`,
    `one of ${[...Object.keys(gains), 'leakyRelu'].join(', ')}`,
  )
}

/** The sizes of a matrix. */
function matrix(op: string, x: Tensor): [rows: number, cols: number] {
  if (x.ndim !== 2) fail(op, `${x.title} has ${x.ndim} dims`, 'give a matrix')
  return [x.shape[0], x.shape[1]]
}

/** Inputs and outputs of one unit of a weight [out, in, …kernel]. */
function fans(op: string, x: Tensor): { fanIn: number; fanOut: number } {
  if (x.ndim < 2)
    fail(op, `${x.title} has ${x.ndim} dims, fans need 2`, 'give a weight [out, in]; use zeros_ or uniform_ for a bias')
  const [out, into, ...kernel] = x.shape
  const field = sizeOf(kernel)
  if (x.numel === 0) fail(op, `${showShape(x.shape)} has no elements`)
  return { fanIn: into * field, fanOut: out * field }
}

/**
 * x ← U(−b, b), b = gain·√(6/(fanIn + fanOut)): keeps the variance of signals and gradients.
 * @throws HandgradError if x is not of floats, has fewer than two axes or no elements, or gain is not finite or below 0
 * @see Glorot & Bengio 2010, eq. 16
 */
export function xavierUniform_(x: Tensor, options?: { gain?: number }): Tensor {
  const op = 'xavierUniform_'
  const { gain } = optionsOf(op, options, { gain: 1 })
  const { fanIn, fanOut } = fans(op, x)
  const bound = number(op, 'gain', gain, 0) * Math.sqrt(6 / (fanIn + fanOut))
  return uniform_(x, -bound, bound)
}

/**
 * x ← N(0, gain²·2/(fanIn + fanOut)).
 * @throws HandgradError if x is not of floats, has fewer than two axes or no elements, or gain is not finite or below 0
 * @see Glorot & Bengio 2010
 */
export function xavierNormal_(x: Tensor, options?: { gain?: number }): Tensor {
  const op = 'xavierNormal_'
  const { gain } = optionsOf(op, options, { gain: 1 })
  const { fanIn, fanOut } = fans(op, x)
  return normal_(x, 0, number(op, 'gain', gain, 0) * Math.sqrt(2 / (fanIn + fanOut)))
}

/** Options of the Kaiming schemes. */
export interface KaimingOptions {
  /** 'fanIn' (default) keeps the variance of signals, 'fanOut' that of gradients. */
  mode?: 'fanIn' | 'fanOut'
  /** Default: 'leakyRelu' of slope a, as PyTorch has it; with a = 0 that is relu. */
  nonlinearity?: Nonlinearity
  /** Slope of leakyRelu below 0; default 0. */
  a?: number
}

function kaimingStd(op: string, x: Tensor, options?: KaimingOptions): number {
  const { mode, nonlinearity, a } = optionsOf(op, options, { mode: 'fanIn', nonlinearity: 'leakyRelu', a: 0 })
  if (mode !== 'fanIn' && mode !== 'fanOut') fail(op, `mode is '${String(mode)}'`, "'fanIn' or 'fanOut'")
  return calculateGain(nonlinearity, number(op, 'a', a)) / Math.sqrt(fans(op, x)[mode])
}

/**
 * x ← U(−b, b), b = gain·√(3/fan).
 * @throws HandgradError if x is not of floats, has fewer than two axes or no elements, there is no such mode or
 *   nonlinearity, or `a` is not finite
 * @see He, Zhang, Ren, Sun 2015, eq. 14
 */
export function kaimingUniform_(x: Tensor, options?: KaimingOptions): Tensor {
  const bound = Math.sqrt(3) * kaimingStd('kaimingUniform_', x, options)
  return uniform_(x, -bound, bound)
}

/**
 * x ← N(0, gain²/fan).
 * @throws HandgradError if x is not of floats, has fewer than two axes or no elements, there is no such mode or
 *   nonlinearity, or `a` is not finite
 * @see He, Zhang, Ren, Sun 2015, eq. 14
 */
export const kaimingNormal_ = (x: Tensor, options?: KaimingOptions): Tensor =>
  normal_(x, 0, kaimingStd('kaimingNormal_', x, options))

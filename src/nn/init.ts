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

function fillBy(op: string, x: Tensor, draw: () => number): Tensor {
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    fail(op, `${x.title} is ${x.dtype}`, 'only float tensors are drawn')
  const values = tensorOf(Float64Array.from({ length: x.numel }, draw), x.shape, x.dtype, x.device, op)
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

/** x ← value. @throws HandgradError if value is not finite, or x's dtype cannot hold it */
export const constant_ = (x: Tensor, value: number): Tensor =>
  noGrad(() => fill_(x, number('constant_', 'value', value)))
/** x ← 0. @throws HandgradError if x is not a tensor, or is disposed */
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0)
/** x ← 1. @throws HandgradError if x is not a tensor, or is disposed */
export const ones_ = (x: Tensor): Tensor => constant_(x, 1)

/** What follows the layer; each shrinks or grows the signal. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu'

/**
 * The factor on the standard deviation that keeps the signal's scale through a nonlinearity, PyTorch's table: 1, 5/3
 * for tanh, √2 for relu, √(2/(1 + a²)) for leakyRelu of slope a.
 * @throws HandgradError if there is no such nonlinearity
 */
export function calculateGain(nonlinearity: Nonlinearity, a = 0.01): number {
  if (nonlinearity === 'linear' || nonlinearity === 'sigmoid') return 1
  if (nonlinearity === 'tanh') return 5 / 3
  if (nonlinearity === 'relu') return Math.SQRT2
  if (nonlinearity === 'leakyRelu') return Math.sqrt(2 / (1 + a * a))
  return fail(
    'calculateGain',
    `'${String(nonlinearity)}' is not a nonlinearity`,
    "'linear', 'sigmoid', 'tanh', 'relu' or 'leakyRelu'",
  )
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

/**
 * @file Activations that PyTorch has in nn.functional only; relu, sigmoid, tanh and softplus are in elementwise.ts.
 * Those that networks spend their time in are fused: one code forwards, one backwards, and under createGraph the
 * composition is differentiated. Dtypes of all: floats.
 */

import { describe, fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { normalDim, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers, checkSameKind } from '../base/arguments.ts'
import type { Operand, PointwiseCode } from '../base/launches.ts'
import { parametersOf } from '../base/options.ts'
import { elementwise, unary } from '../base/pointwise.ts'
import { reshape, slice } from '../base/views.ts'
import {
  abs,
  add,
  clamp,
  div,
  erf,
  exp,
  ge,
  gt,
  le,
  lt,
  mul,
  neg,
  pow,
  sigmoid,
  softplus,
  square,
  tanh,
  where,
} from './elementwise.ts'

/** A fused activation: codes of f(x) and of g·f′(x), and f in simpler ops. */
function fused(
  name: string,
  f: PointwiseCode,
  slope: PointwiseCode,
  reference: (x: Tensor) => Tensor,
  as = name,
): (x: Tensor) => Tensor {
  const grad = elementwise({
    name: `${name}Grad`,
    as: `${as}Grad`,
    inputs: ['g', 'x'],
    dtypes: floats,
    codes: { f: slope },
    rules: 'once',
  })
  return unary(name, f, 'x', grad, { as, reference })
}

const siluOp = fused('silu', 'SILU', 'SILU_GRAD', (x) => mul(x, sigmoid(x)))
/** y = x·σ(x), also called swish (Elfwing et al. 2017; Ramachandran et al. 2017). Dtypes: floats. */
export const silu = (x: Tensor): Tensor => siluOp(x)

const mishOp = fused('mish', 'MISH', 'MISH_GRAD', (x) => mul(x, tanh(softplus(x))))
/** y = x·tanh(ln(1 + eˣ)) (Misra 2019). Dtypes: floats. */
export const mish = (x: Tensor): Tensor => mishOp(x)

type Phi = 'none' | 'tanh'
const geluOps = {
  none: fused('gelu', 'GELU', 'GELU_GRAD', (x) => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1))),
  // ½(1 + tanh u) = σ(2u), which is 0 or 1 long before u overflows.
  tanh: fused(
    'geluTanh',
    'GELU_TANH',
    'GELU_TANH_GRAD',
    (x) => {
      const c = clamp(x, { min: -20, max: 20 })
      return mul(x, sigmoid(mul(mul(c, add(mul(square(c), 0.044715), 1)), Math.sqrt(8 / Math.PI))))
    },
    'gelu',
  ),
}
/**
 * y = x·Φ(x) with the normal distribution function Φ(x) = ½(1 + erf(x/√2)) (Hendrycks & Gimpel 2016). Dtypes: floats.
 * @param options.approximate  'none' (default), or 'tanh': Φ(x) ≈ ½(1 + tanh(√(2/π)(x + 0.044715x³))), as GPT-2 has it
 * @throws HandgradError if approximate is neither 'none' nor 'tanh'
 */
export function gelu(x: Tensor, options?: { approximate?: Phi }): Tensor
/** The same by position: `gelu(x, 'tanh')`. */
export function gelu(x: Tensor, approximate?: Phi): Tensor
export function gelu(x: Tensor, ...given: unknown[]): Tensor {
  const { approximate } = parametersOf('gelu', given, { approximate: 'none' as Phi })
  if (!Object.hasOwn(geluOps, approximate)) fail('gelu', `approximate is ${describe(approximate)}`, "'none' or 'tanh'")
  return geluOps[approximate](x)
}

const logSigmoidOp = unary('logSigmoid', 'LOG_SIGMOID', 'x', (g, x) => mul(g, sigmoid(neg(x))))
/** y = ln σ(x) = −ln(1 + e⁻ˣ), finite for every finite x. Dtypes: floats. */
export const logSigmoid = (x: Tensor): Tensor => logSigmoidOp(x)

// ---- bent at 0: x above, something else below

const leaky = (name: string) =>
  elementwise({
    name,
    inputs: ['x', 'slope'],
    dtypes: floats,
    codes: { f: 'LEAKY' },
    saves: { x: ['x', 'slope'], slope: ['x'] },
    rules: {
      x: (g, { x, slope }) => where(gt(x, 0), g, mul(g, slope)),
      slope: (g, { x }) => mul(g, where(gt(x, 0), 0, x)),
    },
  })
const leakyReluOp = leaky('leakyRelu')
const preluOp = leaky('prelu')

/**
 * y = x for x > 0, else negativeSlope·x; the derivative at 0 is the slope (Maas et al. 2013). Dtypes: floats.
 * @throws HandgradError if negativeSlope is not a number
 */
export function leakyRelu(x: Tensor, negativeSlope?: number): Tensor
/** The same by name: `leakyRelu(x, { negativeSlope: 0.2 })`. */
export function leakyRelu(x: Tensor, options?: { negativeSlope?: number }): Tensor
export function leakyRelu(x: Tensor, ...given: unknown[]): Tensor {
  const { negativeSlope } = parametersOf('leakyRelu', given, { negativeSlope: 0.01 })
  checkNumbers('leakyRelu', { negativeSlope })
  return leakyReluOp(x, negativeSlope)
}

/**
 * y = x for x > 0, else w·x with a learnt slope; the derivative at 0 is the slope (He et al. 2015). Dtypes: floats.
 * @param x       [N, C, …], or any shape for one slope
 * @param weight  [C], a slope for each channel, or one element for all
 * @returns x's shape
 * @throws HandgradError if weight differs from x in dtype or device, or is neither [C] nor of one element
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const op = 'prelu'
  checkDType(op, 'x', x, floats)
  checkSameKind(op, x, 'weight', weight)
  if (weight.numel === 1) return preluOp(x, reshape(weight, []))
  if (weight.ndim !== 1 || x.ndim < 2 || weight.numel !== x.shape[1]) {
    const what = `weight is ${showShape(weight.shape)} for an input of ${showShape(x.shape)}`
    fail(op, what, 'give one slope, or one for each channel: axis 1 of the input')
  }
  return preluOp(x, reshape(weight, [-1, ...x.shape.slice(2).fill(1)]))
}

/** @param slope  the derivative for x ≤ 0 */
const bent = (name: string, f: 'ELU' | 'CELU', slope: (x: Tensor, alpha: Operand) => Tensor) =>
  elementwise({
    name,
    inputs: ['x', 'alpha'],
    dtypes: floats,
    codes: { f },
    saves: { x: ['x', 'alpha'] },
    rules: {
      x: (g, { x, alpha }) => {
        const above = gt(x, 0)
        // The inner where keeps an e^x that overflows out of the graph.
        return where(above, g, mul(g, slope(where(above, 0, x), alpha)))
      },
      alpha: 'none',
    },
  })
const eluOp = bent('elu', 'ELU', (x, alpha) => mul(exp(x), alpha))
const seluOp = bent('selu', 'ELU', (x, alpha) => mul(exp(x), alpha))
const celuOp = bent('celu', 'CELU', (x, alpha) => exp(div(x, alpha)))

/**
 * y = x for x > 0, else α(eˣ − 1) (Clevert et al. 2016). Dtypes: floats.
 * @throws HandgradError if alpha is not a number
 */
export function elu(x: Tensor, alpha?: number): Tensor
/** The same by name: `elu(x, { alpha: 2 })`. */
export function elu(x: Tensor, options?: { alpha?: number }): Tensor
export function elu(x: Tensor, ...given: unknown[]): Tensor {
  const { alpha } = parametersOf('elu', given, { alpha: 1 })
  checkNumbers('elu', { alpha })
  return eluOp(x, alpha)
}

/** y = 1.0507·elu(x, 1.6733): activations keep mean 0 and variance 1 (Klambauer et al. 2017). Dtypes: floats. */
export const selu = (x: Tensor): Tensor => mul(seluOp(x, 1.6732632423543772), 1.0507009873554805)

/**
 * y = x for x > 0, else α(e^(x/α) − 1): elu with slope 1 at 0 for every α (Barron 2017). Dtypes: floats.
 * @throws HandgradError if alpha is 0 or no number
 */
export function celu(x: Tensor, alpha?: number): Tensor
/** The same by name: `celu(x, { alpha: 2 })`. */
export function celu(x: Tensor, options?: { alpha?: number }): Tensor
export function celu(x: Tensor, ...given: unknown[]): Tensor {
  const { alpha } = parametersOf('celu', given, { alpha: 1 })
  checkNumbers('celu', { alpha })
  if (alpha === 0) fail('celu', 'alpha is 0', 'give another number')
  return celuOp(x, alpha)
}

// ---- bounded, and piecewise

// The kinks: the derivative at both bounds is 0, where clamp passes it.
const relu6Op = unary('relu6', 'RELU6', 'y', (g, y) => where(le(y, 0), 0, where(ge(y, 6), 0, g)))
/** y = min(max(x, 0), 6); the derivative at 0 and 6 is 0 (Krizhevsky 2010). Dtypes: floats. */
export const relu6 = (x: Tensor): Tensor => relu6Op(x)

const above = elementwise({
  name: 'hardtanhMin',
  as: 'hardtanh',
  inputs: ['x', 'min'],
  dtypes: floats,
  codes: { f: 'MAXIMUM' },
  saves: { x: ['x', 'min'] },
  rules: { x: (g, { x, min }) => where(le(x, min), 0, g), min: 'none' },
})
const below = elementwise({
  name: 'hardtanhMax',
  as: 'hardtanh',
  inputs: ['x', 'max'],
  dtypes: floats,
  codes: { f: 'MINIMUM' },
  saves: { x: ['x', 'max'] },
  rules: { x: (g, { x, max }) => where(ge(x, max), 0, g), max: 'none' },
})
/**
 * y = min(max(x, minVal), maxVal); the derivative at both bounds is 0 (Collobert 2004). Dtypes: floats.
 * @param minVal  default −1
 * @param maxVal  default 1
 * @throws HandgradError if minVal or maxVal is not a number, or minVal is not below maxVal
 */
export function hardtanh(x: Tensor, minVal?: number, maxVal?: number): Tensor
/** The same by name: `hardtanh(x, { maxVal: 2 })`. */
export function hardtanh(x: Tensor, options?: { minVal?: number; maxVal?: number }): Tensor
export function hardtanh(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'hardtanh'
  const { minVal, maxVal } = parametersOf(op, given, { minVal: -1, maxVal: 1 })
  checkNumbers(op, { minVal, maxVal })
  if (!(minVal < maxVal)) fail(op, `minVal ${minVal} is not below maxVal ${maxVal}`)
  return below(above(x, minVal), maxVal)
}

const hardsigmoidOp = unary('hardsigmoid', 'HARDSIGMOID', 'x', (g, x) => where(lt(abs(x), 3), mul(g, 1 / 6), 0))
/** y = min(max(x/6 + ½, 0), 1); the derivative at ±3 is 0 (Howard et al. 2019). Dtypes: floats. */
export const hardsigmoid = (x: Tensor): Tensor => hardsigmoidOp(x)

const hardswishOp = unary('hardswish', 'HARDSWISH', 'x', (g, x) =>
  where(le(x, -3), 0, where(lt(x, 3), mul(g, add(mul(x, 1 / 3), 0.5)), g)),
)
/** y = x·hardsigmoid(x); the derivative is 0 at −3 and 1 at 3 (Howard et al. 2019). Dtypes: floats. */
export const hardswish = (x: Tensor): Tensor => hardswishOp(x)

const softsignOp = unary('softsign', 'SOFTSIGN', 'x', (g, x) => mul(g, pow(add(abs(x), 1), -2)))
/** y = x/(1 + |x|), ±1 with derivative 0 at ±∞ (Bergstra et al. 2009). Dtypes: floats. */
export const softsign = (x: Tensor): Tensor => softsignOp(x)

/**
 * y = a·σ(b) with the halves a, b of x along an axis: a gate (Dauphin et al. 2017). Dtypes: floats.
 * @returns x's shape with half the size at dim
 * @throws HandgradError if x is 0-d, dim is out of range, or its size is odd
 */
export function glu(x: Tensor, dim?: number): Tensor
/** The same by name: `glu(x, { dim: 0 })`. */
export function glu(x: Tensor, options?: { dim?: number }): Tensor
export function glu(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'glu'
  const { dim } = parametersOf(op, given, { dim: -1 })
  checkDType(op, 'x', x, floats)
  if (x.ndim === 0) fail(op, `${x.title} is 0-d`, 'it has no halves')
  const axis = normalDim(op, dim, x.ndim)
  const size = x.shape[axis]
  if (size % 2 !== 0) fail(op, `axis ${axis} of ${showShape(x.shape)} has no halves`, 'its size must be even')
  const before = new Array<null>(axis).fill(null)
  return mul(slice(x, ...before, [0, size / 2]), sigmoid(slice(x, ...before, [size / 2, size])))
}

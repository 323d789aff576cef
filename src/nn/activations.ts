/** @file Activations: modules of one function each, the formulas in ops/elementwise and ops/reduce/softmax.ts. */
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkNumbers } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  celu,
  elu,
  full,
  gelu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  prelu,
  relu,
  relu6,
  rrelu,
  selu,
  sigmoid,
  silu,
  softmax,
  softmin,
  softplus,
  softshrink,
  softsign,
  tanh,
  tanhshrink,
  threshold,
} from '../ops/index.ts'
import { Configured, type LayerOptions, named, nowhere, size } from './layer.ts'
import { Module, parameter } from './module.ts'

// ---- without options

/** y = max(x, 0). */
export class ReLU extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return relu(x)
  }
}

/** y = tanh x. */
export class Tanh extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

/** y = 1/(1 + e⁻ˣ). */
export class Sigmoid extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

/** y = min(max(x, 0), 6). */
export class ReLU6 extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return relu6(x)
  }
}

/** y = 1.0507·(x for x > 0, else 1.6733·(eˣ − 1)): activations keep mean 0 and variance 1. */
export class SELU extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return selu(x)
  }
}

/** y = x·σ(x), also called swish. */
export class SiLU extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return silu(x)
  }
}

/** y = x·tanh(ln(1 + eˣ)). */
export class Mish extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return mish(x)
  }
}

/** y = ln σ(x) = −ln(1 + e⁻ˣ). */
export class LogSigmoid extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return logSigmoid(x)
  }
}

/** y = min(max(x/6 + ½, 0), 1). */
export class Hardsigmoid extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return hardsigmoid(x)
  }
}

/** y = x·min(max(x/6 + ½, 0), 1). */
export class Hardswish extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return hardswish(x)
  }
}

/** y = x/(1 + |x|). */
export class Softsign extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return softsign(x)
  }
}

/** y = x − tanh x. */
export class Tanhshrink extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return tanhshrink(x)
  }
}

// ---- with options, by position or by name

/** y = x for x > 0, else α(eˣ − 1). */
export class ELU extends Configured<{ alpha: number }> {
  /** @param alpha default 1 @throws HandgradError if alpha is not a number */
  constructor(alpha?: number)
  constructor(options?: { alpha?: number })
  constructor(...given: unknown[]) {
    super(...named('ELU', given, { alpha: 1 }))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return elu(x, this.options)
  }
}

/** y = x for x > 0, else α(e^(x/α) − 1). */
export class CELU extends Configured<{ alpha: number }> {
  /** @param alpha default 1, not 0 @throws HandgradError if alpha is 0 or no number */
  constructor(alpha?: number)
  constructor(options?: { alpha?: number })
  constructor(...given: unknown[]) {
    super(...named('CELU', given, { alpha: 1 }))
    if (this.options.alpha === 0) fail('CELU', 'alpha is 0', 'give another number')
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return celu(x, this.options)
  }
}

/** y = x·Φ(x) with the normal distribution function Φ; 'tanh': Φ(x) ≈ ½(1 + tanh(√(2/π)(x + 0.044715x³))). */
export class GELU extends Configured<{ approximate: 'none' | 'tanh' }> {
  /** @param approximate default 'none' @throws HandgradError if it is neither 'none' nor 'tanh' */
  constructor(approximate?: 'none' | 'tanh')
  constructor(options?: { approximate?: 'none' | 'tanh' })
  constructor(...given: unknown[]) {
    super(...named('GELU', given, { approximate: 'none' as 'none' | 'tanh' }))
    const { approximate } = this.options
    if (!['none', 'tanh'].includes(approximate))
      fail('GELU', `approximate is ${describe(approximate)}`, "'none' or 'tanh'")
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return gelu(x, this.options)
  }
}

/** y = x for x > 0, else negativeSlope·x. */
export class LeakyReLU extends Configured<{ negativeSlope: number }> {
  /** @param negativeSlope default 0.01 @throws HandgradError if it is not a number */
  constructor(negativeSlope?: number)
  constructor(options?: { negativeSlope?: number })
  constructor(...given: unknown[]) {
    super(...named('LeakyReLU', given, { negativeSlope: 0.01 }))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.options)
  }
}

/** y = x for x > 0, else a·x: in training a is drawn from [lower, upper], else their mean. @see Xu et al. 2015 */
export class RReLU extends Configured<{ lower: number; upper: number }> {
  /**
   * @param lower default 1/8
   * @param upper default 1/3
   * @throws HandgradError if one is not a number, or lower is above upper
   */
  constructor(lower?: number, upper?: number)
  constructor(options?: { lower?: number; upper?: number })
  constructor(...given: unknown[]) {
    super(...named('RReLU', given, { lower: 1 / 8, upper: 1 / 3 }))
    const { lower, upper } = this.options
    if (!(lower <= upper)) fail('RReLU', `lower ${lower} is above upper ${upper}`)
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return rrelu(x, { ...this.options, training: this.training })
  }
}

/** y = min(max(x, minVal), maxVal). */
export class Hardtanh extends Configured<{ minVal: number; maxVal: number }> {
  /**
   * @param minVal default −1
   * @param maxVal default 1
   * @throws HandgradError if one is not a number, or minVal is not below maxVal
   */
  constructor(minVal?: number, maxVal?: number)
  constructor(options?: { minVal?: number; maxVal?: number })
  constructor(...given: unknown[]) {
    super(...named('Hardtanh', given, { minVal: -1, maxVal: 1 }))
    const { minVal, maxVal } = this.options
    if (!(minVal < maxVal)) fail('Hardtanh', `minVal ${minVal} is not below maxVal ${maxVal}`)
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return hardtanh(x, this.options)
  }
}

/** y = x where |x| > λ, else 0. */
export class Hardshrink extends Configured<{ lambd: number }> {
  /** @param lambd λ, default 0.5 @throws HandgradError if it is not a number from 0 up */
  constructor(lambd?: number)
  constructor(options?: { lambd?: number })
  constructor(...given: unknown[]) {
    super(...width('Hardshrink', given))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return hardshrink(x, this.options)
  }
}

/** y = x − λ above λ, x + λ below −λ, else 0. */
export class Softshrink extends Configured<{ lambd: number }> {
  /** @param lambd λ, default 0.5 @throws HandgradError if it is not a number from 0 up */
  constructor(lambd?: number)
  constructor(options?: { lambd?: number })
  constructor(...given: unknown[]) {
    super(...width('Softshrink', given))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return softshrink(x, this.options)
  }
}

function width(op: string, given: readonly unknown[]) {
  const [options, defaults] = named(op, given, { lambd: 0.5 })
  if (!(options.lambd >= 0)) fail(op, `lambd is ${options.lambd}`, 'give a number from 0 up')
  return [options, defaults] as const
}

/** y = ln(1 + e^(βx))/β, and x where βx is above the threshold, as PyTorch has it. */
export class Softplus extends Configured<{ beta: number; threshold: number }> {
  /**
   * @param beta       β, default 1
   * @param threshold  default 20
   * @throws HandgradError if one is not a number, or beta is 0
   */
  constructor(beta?: number, threshold?: number)
  constructor(options?: { beta?: number; threshold?: number })
  constructor(...given: unknown[]) {
    super(...named('Softplus', given, { beta: 1, threshold: 20 }))
    if (this.options.beta === 0) fail('Softplus', 'beta is 0', 'give another number')
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return softplus(x, this.options)
  }
}

/** y = x where x > threshold, else value. */
export class Threshold extends Configured<{ threshold: number; value: number }> {
  /** @throws HandgradError if one is not a number */
  constructor(threshold: number, value: number)
  constructor(options: { threshold: number; value: number })
  constructor(...given: unknown[]) {
    // Both are asked for: no number is the default.
    super(named('Threshold', given, { threshold: NaN, value: NaN })[0], {})
    const missing = Object.entries(this.options).find(([, value]) => Number.isNaN(value))
    if (missing) fail('Threshold', `${missing[0]} is ${missing[1]}`, 'give threshold and value')
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return threshold(x, this.options)
  }
}

/** y = a·σ(b) with the halves a, b of x along an axis: a gate. */
export class GLU extends Configured<{ dim: number }> {
  /** @param dim default: the last axis @throws HandgradError if it is not a number */
  constructor(dim?: number)
  constructor(options?: { dim?: number })
  constructor(...given: unknown[]) {
    super(...named('GLU', given, { dim: -1 }))
  }

  /** @param x any shape with an even size at dim @returns half of that size */
  forward(x: Tensor): Tensor {
    return glu(x, this.options)
  }
}

/** yⱼ = e^xⱼ / Σₖ e^xₖ along an axis. */
export class Softmax extends Configured<{ dim: number }> {
  /** @param dim default: the last axis @throws HandgradError if it is not a number */
  constructor(dim?: number)
  constructor(options?: { dim?: number })
  constructor(...given: unknown[]) {
    super(...named('Softmax', given, { dim: -1 }))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return softmax(x, this.options)
  }
}

/** yⱼ = xⱼ − ln Σₖ e^xₖ along an axis. */
export class LogSoftmax extends Configured<{ dim: number }> {
  /** @param dim default: the last axis @throws HandgradError if it is not a number */
  constructor(dim?: number)
  constructor(options?: { dim?: number })
  constructor(...given: unknown[]) {
    super(...named('LogSoftmax', given, { dim: -1 }))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.options)
  }
}

/** yⱼ = e^(−xⱼ) / Σₖ e^(−xₖ) along an axis. */
export class Softmin extends Configured<{ dim: number }> {
  /** @param dim default: the last axis @throws HandgradError if it is not a number */
  constructor(dim?: number)
  constructor(options?: { dim?: number })
  constructor(...given: unknown[]) {
    super(...named('Softmin', given, { dim: -1 }))
  }

  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return softmin(x, this.options)
  }
}

/** {@link Softmax} over the channels of images, at each pixel. */
export class Softmax2d extends Module {
  /** @param x [N, C, H, W] or [C, H, W] @returns the same shape @throws HandgradError if x has other axes */
  forward(x: Tensor): Tensor {
    if (x?.ndim !== undefined && x.ndim !== 3 && x.ndim !== 4)
      this.refuse(`x has ${x.ndim} axes`, 'give [batch, channels, height, width] or [channels, height, width]')
    return softmax(x, -3)
  }
}

/** y = x for x > 0, else w·x with a learnt slope w, one or one for each channel. */
export class PReLU extends Module {
  readonly numParameters: number
  weight: Tensor

  /**
   * @param options.numParameters  1 (default), or the number of channels
   * @param options.init           what slopes begin as; default 0.25
   * @throws HandgradError if numParameters is not an integer from 1 up, or init not a number
   */
  constructor(options?: LayerOptions & { numParameters?: number; init?: number }) {
    super()
    const given = optionsOf('PReLU', options, { ...nowhere, numParameters: 1, init: 0.25 })
    const { numParameters, init, ...where } = given
    checkNumbers('PReLU', { init })
    this.numParameters = size('PReLU', 'numParameters', numParameters)
    this.weight = parameter(full([numParameters], init, where))
  }

  /** @param x [N, C, …], or any shape for one slope @returns the same shape */
  forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }

  protected override sizes(): string {
    return String(this.numParameters)
  }
}

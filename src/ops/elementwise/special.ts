/** @file Functions of one number with a kernel of their own, shaders/functions.wgsl. Dtypes of all: floats. */
import * as shaders from '../../core/contracts.generated.ts'
import { describe, fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { exp, mul, neg, square } from './elementwise.ts'

/** Which derivative, where the function is one of a family. */
interface Order {
  readonly n: number
}

/** The definition that all share but for their rule. */
const shared = (name: string, OP: number) =>
  ({
    name,
    inputs: ['x'],
    dtypes: floats,
    contiguous: ['x'],
    shape: ([x]: readonly Tensor[], _: Order) => ({ shape: x.shape }),
    launch: ([x]: readonly Tensor[], [y]: readonly Tensor[], { n }: Order) =>
      launch(name, kernels.functions, [y, x], { size: x.numel, offset: x.layout.offset, n }, { OP }),
  }) as const

const { EXP2, ERFC, ERFINV, LGAMMA, DIGAMMA, POLYGAMMA } = shaders.functions.consts
const ROOT_PI = Math.sqrt(Math.PI)
const once = { n: 0 }

const exp2Op = defineOp({
  ...shared('exp2', EXP2),
  saves: { x: ['y'] },
  vjp: { x: ({ g, y }) => mul(g, mul(y, Math.LN2)) },
})
/** y = 2ˣ, exact for integers. Dtypes: floats. */
export function exp2(x: Tensor): Tensor {
  return exp2Op([x], once)
}

const erfcOp = defineOp({
  ...shared('erfc', ERFC),
  saves: { x: ['x'] },
  vjp: { x: ({ g, x }) => mul(g, mul(exp(neg(square(x))), -2 / ROOT_PI)) },
})
/** y = erfc x = 1 − erf x = 2/√π ∫ e^(−t²) dt from x on, with all digits of a small tail. Dtypes: floats. */
export function erfc(x: Tensor): Tensor {
  return erfcOp([x], once)
}

const erfinvOp = defineOp({
  ...shared('erfinv', ERFINV),
  saves: { x: ['y'] },
  vjp: { x: ({ g, y }) => mul(g, mul(exp(square(y)), ROOT_PI / 2)) },
})
/**
 * The y with erf y = x; ±Inf at ±1, where the derivative is Inf, NaN beyond. The derivative is √π/2·e^(y²). Dtypes:
 * floats.
 */
export function erfinv(x: Tensor): Tensor {
  return erfinvOp([x], once)
}

const lgammaOp = defineOp({
  ...shared('lgamma', LGAMMA),
  saves: { x: ['x'] },
  vjp: { x: ({ g, x }) => mul(g, digamma(x)) },
})
/** y = ln |Γ(x)|; Inf at 0, −1, −2, … The derivative is {@link digamma}. Dtypes: floats. */
export function lgamma(x: Tensor): Tensor {
  return lgammaOp([x], once)
}

const digammaOp = defineOp({
  ...shared('digamma', DIGAMMA),
  saves: { x: ['x'] },
  vjp: { x: ({ g, x }) => mul(g, polygammaOp([x], { n: 1 })) },
})
/**
 * y = ψ(x) = Γ′(x)/Γ(x), the derivative of {@link lgamma}; ∓Inf at ±0, NaN at −1, −2, … The derivative is
 * {@link polygamma} of order 1. Dtypes: floats.
 */
export function digamma(x: Tensor): Tensor {
  return digammaOp([x], once)
}

const polygammaOp: Op<Order> = defineOp({
  ...shared('polygamma', POLYGAMMA),
  saves: { x: ['x'] },
  vjp: { x: ({ g, x, attrs: { n } }) => mul(g, polygammaOp([x], { n: n + 1 })) },
})
/**
 * y = ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹·n!·Σ 1/(x + k)ⁿ⁺¹ over k ≥ 0, the n-th derivative of {@link digamma}; at 0, −1, −2, … Inf for
 * odd n, −Inf for even n. The derivative is that of order n + 1. Dtypes: floats.
 * @param n  0 (digamma itself) to 100
 * @throws HandgradError if n is not such an integer
 */
export function polygamma(n: number, x: Tensor): Tensor {
  const op = 'polygamma'
  checkDType(op, 'x', x, floats)
  if (!Number.isInteger(n) || n < 0 || n > 100) fail(op, `n is ${describe(n)}`, 'give an integer from 0 to 100')
  return n === 0 ? digamma(x) : polygammaOp([x], { n })
}

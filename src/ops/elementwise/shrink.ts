/** @file Activations that are 0 around 0, or up to a threshold. Dtypes of all: floats. */
import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers } from '../base/arguments.ts'
import { parametersOf } from '../base/options.ts'
import { abs, clamp, le, sub, tanh, where } from './elementwise.ts'

/** The half width of what becomes 0. */
function widthOf(op: string, x: Tensor, given: readonly unknown[]): number {
  checkDType(op, 'x', x, floats)
  const { lambd } = parametersOf(op, given, { lambd: 0.5 })
  checkNumbers(op, { lambd })
  if (!(lambd >= 0)) fail(op, `lambd is ${lambd}`, 'give a number from 0 up')
  return lambd
}

/**
 * y = x − λ above λ, x + λ below −λ, else 0; the derivative at ±λ is 0 (Donoho 1995). Dtypes: floats.
 * @param lambd  λ ≥ 0; default 0.5
 * @throws HandgradError if lambd is not a number from 0 up
 */
export function softshrink(x: Tensor, lambd?: number): Tensor
/** The same by name: `softshrink(x, { lambd: 1 })`. */
export function softshrink(x: Tensor, options?: { lambd?: number }): Tensor
export function softshrink(x: Tensor, ...given: unknown[]): Tensor {
  const lambd = widthOf('softshrink', x, given)
  return sub(x, clamp(x, -lambd, lambd))
}

/**
 * y = x where |x| > λ, else 0; the derivative at ±λ is 0. Dtypes: floats.
 * @param lambd  λ ≥ 0; default 0.5
 * @throws HandgradError if lambd is not a number from 0 up
 */
export function hardshrink(x: Tensor, lambd?: number): Tensor
/** The same by name: `hardshrink(x, { lambd: 1 })`. */
export function hardshrink(x: Tensor, options?: { lambd?: number }): Tensor
export function hardshrink(x: Tensor, ...given: unknown[]): Tensor {
  const lambd = widthOf('hardshrink', x, given)
  return where(le(abs(x), lambd), 0, x)
}

/** y = x − tanh x. Dtypes: floats. */
export function tanhshrink(x: Tensor): Tensor {
  checkDType('tanhshrink', 'x', x, floats)
  return sub(x, tanh(x))
}

/**
 * y = x where x > threshold, else value; the derivative at the threshold is 0. Dtypes: floats.
 * @throws HandgradError if threshold or value is not a number
 */
export function threshold(x: Tensor, threshold: number, value: number): Tensor
/** The same by name: `threshold(x, { threshold: 0.1, value: 0 })`. */
export function threshold(x: Tensor, options: { threshold: number; value: number }): Tensor
export function threshold(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'threshold'
  checkDType(op, 'x', x, floats)
  const { threshold: from, value } = parametersOf(op, given, {
    threshold: undefined as number | undefined,
    value: undefined as number | undefined,
  })
  checkNumbers(op, { threshold: from, value })
  return where(le(x, from as number), value as number, x)
}

/** @file Two reductions at once, by name or in order: `const [variance, mean] = varMean(x)`. */
import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { attrsOf, checkExtreme, varianceDefaults } from './attributes.ts'
import { amax, amin, mean, type Over, type ReduceOptions } from './reduce.ts'
import { std, type VarianceOptions, var as variance } from './statistics.ts'

/** Tensors by name, which are also a list in that order. */
type Several<Name extends string> = { readonly [K in Name]: Tensor } & Iterable<Tensor>

const several = <Name extends string>(named: { readonly [K in Name]: Tensor }): Several<Name> => ({
  ...named,
  [Symbol.iterator]: () => Object.values<Tensor>(named).values(),
})

/** The axes and the options, refused under the name that the user called. */
function checked(op: string, x: Tensor, given: readonly unknown[]) {
  checkDType(op, 'x', x, floats)
  const { dim, ...rest } = parametersOf(op, given, varianceDefaults)
  attrsOf(op, x, [dim, rest.keepdim])
  return [dim, rest] as const
}

/**
 * The variance and the mean over `dims`, as {@link var} and {@link mean} have them. Dtypes: floats.
 * @returns `var` and `mean`, in this order
 * @throws HandgradError if correction is not a finite number
 */
export function varMean(x: Tensor, dims?: Over<VarianceOptions>, options?: VarianceOptions): Several<'var' | 'mean'>
export function varMean(x: Tensor, ...given: unknown[]): Several<'var' | 'mean'> {
  const [dim, rest] = checked('varMean', x, given)
  const y = variance(x, dim, rest)
  return several({ var: y, mean: mean(x, dim, rest.keepdim) })
}

/**
 * The standard deviation and the mean over `dims`, as {@link std} and {@link mean} have them. Dtypes: floats.
 * @returns `std` and `mean`, in this order
 * @throws HandgradError if correction is not a finite number
 */
export function stdMean(x: Tensor, dims?: Over<VarianceOptions>, options?: VarianceOptions): Several<'std' | 'mean'>
export function stdMean(x: Tensor, ...given: unknown[]): Several<'std' | 'mean'> {
  const [dim, rest] = checked('stdMean', x, given)
  const y = std(x, dim, rest)
  return several({ std: y, mean: mean(x, dim, rest.keepdim) })
}

/**
 * The smallest and the largest element, as {@link amin} and {@link amax} have them: ties share the gradient evenly, NaN
 * wins. Dtypes: floats, int32.
 * @param options.dim  one axis; default, or null: over all
 * @returns `min` and `max`, in this order
 * @throws HandgradError if x has no elements along the reduced axes
 */
export function aminmax(x: Tensor, options?: ReduceOptions & { dim?: number | null }): Several<'min' | 'max'> {
  const op = 'aminmax'
  const { dim, keepdim } = optionsOf(op, options, { dim: null, keepdim: false })
  checkExtreme(op, x, [dim])
  return several({ min: amin(x, dim, { keepdim }), max: amax(x, dim, { keepdim }) })
}

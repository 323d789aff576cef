/** @file Two reductions at once, by name or in order: `const [variance, mean] = varMean(x)`. */
import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { checkExtreme } from './attributes.ts'
import { amax, amin, type Dims, mean, type ReduceOptions } from './reduce.ts'
import { std, type VarianceOptions, var as variance } from './statistics.ts'

/** Tensors by name, which are also a list in that order. */
type Several<Name extends string> = { readonly [K in Name]: Tensor } & Iterable<Tensor>

const several = <Name extends string>(named: { readonly [K in Name]: Tensor }): Several<Name> => ({
  ...named,
  [Symbol.iterator]: () => Object.values<Tensor>(named).values(),
})

/** What is refused under the name that the user called. */
function checked(op: string, x: Tensor, options: VarianceOptions | undefined): { keepdim: boolean } {
  checkDType(op, 'x', x, floats)
  return optionsOf(op, options, { correction: 1, keepdim: false })
}

/**
 * The variance and the mean over `dims`, as {@link var} and {@link mean} have them. Dtypes: floats.
 * @returns `var` and `mean`, in this order
 * @throws HandgradError if correction is not a finite number
 */
export function varMean(x: Tensor, dims?: Dims, options?: VarianceOptions): Several<'var' | 'mean'> {
  const { keepdim } = checked('varMean', x, options)
  const y = variance(x, dims, options)
  return several({ var: y, mean: mean(x, dims, { keepdim }) })
}

/**
 * The standard deviation and the mean over `dims`, as {@link std} and {@link mean} have them. Dtypes: floats.
 * @returns `std` and `mean`, in this order
 * @throws HandgradError if correction is not a finite number
 */
export function stdMean(x: Tensor, dims?: Dims, options?: VarianceOptions): Several<'std' | 'mean'> {
  const { keepdim } = checked('stdMean', x, options)
  const y = std(x, dims, options)
  return several({ std: y, mean: mean(x, dims, { keepdim }) })
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
  checkExtreme(op, x, dim)
  return several({ min: amin(x, dim, { keepdim }), max: amax(x, dim, { keepdim }) })
}

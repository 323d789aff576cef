/**
 * @file Options, declared once: optionsOf names what a function takes and what holds where nothing is given. It refuses
 * other names, and does not compile where the interface and the defaults differ. Other arguments are checked in
 * arguments.ts.
 */
import { describe, fail, failOption, takes } from '../../core/errors.ts'
import { Tensor } from '../../core/tensor.ts'

/**
 * A value for every option; undefined where the function decides for itself, or where true and false are not all that
 * it takes: a default of theirs lets nothing else through.
 */
export type Defaults<O> = {
  readonly [K in keyof Required<O>]:
    | (O[K] extends boolean | null | undefined ? O[K] : Exclude<O[K], boolean>)
    | undefined
}

/** Options after their defaults: only one whose default is undefined may be undefined. */
export type Filled<O, D> = {
  readonly [K in keyof Required<O>]: K extends keyof D
    ? undefined extends D[K]
      ? O[K] | undefined
      : Exclude<O[K], undefined>
    : never
}

/** A default of something that is not an option has no type. */
type NoOthers<O, D> = { readonly [K in Exclude<keyof D, keyof O>]: never }

/**
 * The options that were given, and the defaults of the others. Their names are those of `defaults`.
 *
 *     const { stride, groups } = optionsOf('conv2d', options, { stride: 1, padding: 0, dilation: 1, groups: 1 })
 *
 * @throws HandgradError if options is not an object, or has a name that the function does not know: `x.round(2)` for
 *   `x.round({ decimals: 2 })`
 */
export function optionsOf<O extends object, const D extends Defaults<O>>(
  op: string,
  options: O | undefined,
  defaults: D & NoOthers<O, D>,
): Filled<O, D> {
  if (options !== undefined && !isOptions(options))
    fail(op, `the options are ${describe(options)}`, takes(Object.keys(defaults)))
  // Defaults are options that are filled in: the names are the same by `Defaults` and `NoOthers`.
  return parametersOf(op, [options], defaults) as unknown as Filled<O, D>
}

/**
 * Options that may also be given one after the other, in the order of `defaults`, as PyTorch has both: `elu(x, 2)` and
 * `elu(x, { alpha: 2 })`. Those by name come last, and are none of those before.
 *
 *     const { dim, dtype } = parametersOf('softmax', given, { dim: -1, dtype: null as DType | null })
 *
 * @throws HandgradError if there are too many, one is given both ways, one that is true or false by default is neither,
 *   or as {@link optionsOf}
 */
export function parametersOf<D extends object>(op: string, given: readonly unknown[], defaults: D): D {
  const end = given.findLastIndex((one) => one !== undefined)
  if (end < 0 && given.length < 2) return defaults
  const last = given[end]
  const named = isOptions(last)
  const listed = named ? end : given.length
  const names = Object.keys(defaults)
  if (listed > names.length) fail(op, `${listed} parameters are given`, takes(names))
  const filled = { ...defaults } as Record<string, unknown> // of D, name by name
  const fill = (name: string, value: unknown): void => {
    if (value === undefined) return
    if (typeof filled[name] === 'boolean' && typeof value !== 'boolean')
      fail(op, `${name} is ${describe(value)}`, 'give true or false')
    filled[name] = value
  }
  for (let i = 0; i < listed; i++) fill(names[i], given[i])
  if (named)
    for (const name in last) {
      const at = names.indexOf(name)
      if (at < 0) failOption(op, name, names)
      if (at < listed) fail(op, `${name} is given twice`)
      fill(name, last[name])
    }
  return filled as D
}

/** An object, whoever made it, other than the values that parameters have. */
const isOptions = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !(x instanceof Tensor || Array.isArray(x) || ArrayBuffer.isView(x))

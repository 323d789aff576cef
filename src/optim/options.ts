/**
 * @file What an optimizer is set by. A rule lists its options in a table: constructors, settable properties, saved and
 * loaded states all follow from it. The tables are in the files of the rules; groups and states are put together in
 * optimizer.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'

/**
 * One option of a rule. Its value is kept as numbers, one live cell each, so that a change holds from the next step on.
 */
export interface Option<T> {
  readonly initial: T
  /** The kernel's names of these numbers: params, or one override where `switches` is true. */
  readonly names: readonly string[]
  readonly switches: boolean
  /** A state that was saved with another value is refused. */
  readonly fixed: boolean
  /** Check a value, wherever it comes from. @throws HandgradError if it is out of range */
  numbers(op: string, name: string, value: unknown): readonly number[]
  /** The value that is kept as these numbers. */
  value(numbers: readonly number[]): T
}

/** The options of a rule, in the order in which they are listed to users. */
export type OptionTable<Options> = { readonly [K in keyof Options]-?: Option<NonNullable<Options[K]>> }

/** Each option's value. */
export type Values<Options> = { -readonly [K in keyof Options]-?: NonNullable<Options[K]> }

/** What a value is held to. */
export interface OptionLimits {
  /** Values lie below it. Default: any finite number from 0 up. */
  readonly below?: number
  readonly fixed?: boolean
}

const noLimits = { below: undefined, fixed: false }

/** A number from 0 up; `param` is the kernel's name of it. */
export const numberOption = (param: string, initial: number, limits?: OptionLimits): Option<number> => {
  const { below, fixed } = optionsOf('numberOption', limits, noLimits)
  return {
    initial,
    names: [param],
    switches: false,
    fixed,
    numbers: (op, name, value) => [checkNumber(op, name, value, below)],
    value: ([x]) => x,
  }
}

/** Two numbers from 0 up. */
export const pairOption = (
  params: readonly [string, string],
  initial: readonly [number, number],
  limits?: OptionLimits,
): Option<readonly [number, number]> => {
  const { below, fixed } = optionsOf('pairOption', limits, noLimits)
  return {
    initial,
    names: params,
    switches: false,
    fixed,
    numbers: (op, name, value) => {
      if (!Array.isArray(value) || value.length !== 2)
        fail(op, `${name} is ${describe(value)}`, `give [${initial.join(', ')}], say`)
      return value.map((x, i) => checkNumber(op, `${name}[${i}]`, x, below))
    },
    value: ([a, b]) => [a, b],
  }
}

/** True or false; `override` is the kernel's name of it, which is 1 or 0 there. */
export const flagOption = (
  override: string,
  initial: boolean,
  limits?: Pick<OptionLimits, 'fixed'>,
): Option<boolean> => {
  const { fixed } = optionsOf('flagOption', limits, { fixed: false })
  return {
    initial,
    names: [override],
    switches: true,
    fixed,
    numbers: (op, name, value) => {
      if (typeof value !== 'boolean') fail(op, `${name} is ${describe(value)}`, 'give true or false')
      return [value ? 1 : 0]
    },
    value: ([x]) => x === 1,
  }
}

/** A finite number from 0 up, below a limit where one is given. */
export function checkNumber(op: string, name: string, value: unknown, below = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value >= below) {
    const range = below === Infinity ? 'from 0 up' : `from 0 to below ${below}`
    fail(op, `${name} is ${describe(value)}`, `give a number ${range}`)
  }
  return value
}

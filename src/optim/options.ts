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
  /** What is kept of a parameter depends on whether it is 0: a state that differs in that is refused. */
  readonly fixed: boolean
  /** Check a value, wherever it comes from. @throws HandgradError if it is out of range */
  numbers(op: string, name: string, value: unknown): readonly number[]
  /** The value that is kept as these numbers. */
  value(numbers: readonly number[]): T
}

/** The options of a rule, in the order in which they are listed to users. */
export type OptionTable<Options> = { readonly [K in keyof Options]-?: Option<Exclude<Options[K], undefined>> }

/** Each option's value. */
export type Values<Options> = { -readonly [K in keyof Options]-?: Exclude<Options[K], undefined> }

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
    numbers: (op, name, value) => [checkFlag(op, name, value) ? 1 : 0],
    value: ([x]) => x === 1,
  }
}

/** Ascend: the kernel multiplies gradients by its param `sign`, which is −1 then. */
export const maximizeOption: Option<boolean> = {
  initial: false,
  names: ['sign'],
  switches: false,
  fixed: false,
  numbers: (op, name, value) => [checkFlag(op, name, value) ? -1 : 1],
  value: ([sign]) => sign < 0,
}

/** A whole number from 0 up. */
export const integerOption = (param: string, initial: number): Option<number> => ({
  initial,
  names: [param],
  switches: false,
  fixed: false,
  numbers: (op, name, value) => {
    if (!Number.isInteger(value) || (value as number) < 0)
      fail(op, `${name} is ${describe(value)}`, 'give a whole number from 0 up')
    return [value as number]
  },
  value: ([x]) => x,
})

/** What {@link wordOption} chooses from. */
export type Word = string | null

/** One of some words, the first unless given, or null for none. A state has PyTorch's spelling, `strong_wolfe`. */
export const wordOption = <const W extends readonly Word[]>(param: string, words: W): Option<W[number]> => ({
  initial: words[0],
  names: [param],
  switches: false,
  fixed: false,
  numbers: (op, name, value) => {
    const at = words.findIndex((word) => word === value || (word && snake(word) === value))
    if (at < 0)
      fail(
        op,
        `${name} is ${describe(value)}`,
        `give ${words.map((word) => (word === null ? 'null' : `'${word}'`)).join(' or ')}`,
      )
    return [at]
  },
  value: ([at]) => words[at],
})

/** A name as PyTorch writes it: `weight_decay`. */
export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function checkFlag(op: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') fail(op, `${name} is ${describe(value)}`, 'give true or false')
  return value
}

/** A finite number from 0 up, below a limit where one is given. */
export function checkNumber(op: string, name: string, value: unknown, below = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value >= below) {
    const range = below === Infinity ? 'from 0 up' : `from 0 to below ${below}`
    fail(op, `${name} is ${describe(value)}`, `give a number ${range}`)
  }
  return value
}

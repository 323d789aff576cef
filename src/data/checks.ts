/** @file Options that transforms and augmentations have: a table of each one's default, and of what it is held to. */
import { describe, fail } from '../core/errors.ts'
import { checkWord } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'

/** Makes an option's value of what was given. @throws HandgradError if it is none */
type Check<T> = (op: string, name: string, value: unknown) => T

/** Values of options by their table, and before them the class that errors name. */
export function given<
  G extends object,
  const T extends { [K in keyof G]-?: readonly [initial: unknown, Check<unknown>] },
>(
  op: string,
  options: G | undefined,
  table: T,
): [op: string, values: { readonly [K in keyof T]: ReturnType<T[K][1]> }] {
  const defaults = Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, (entry as [unknown])[0]]))
  const all = Object.entries(
    optionsOf<Record<string, unknown>, Record<string, unknown>>(op, options as Record<string, unknown>, defaults),
  )
  return [
    op,
    Object.fromEntries(all.map(([name, value]) => [name, table[name as keyof T][1](op, name, value)])) as never,
  ]
}

/** A finite number between two bounds. */
export const number =
  (low = -Infinity, high = Infinity): Check<number> =>
  (op, name, value) => {
    if (Number.isFinite(value) && (value as number) >= low && (value as number) <= high) return value as number
    const bounds = `${low > -Infinity ? ` from ${low}` : ''}${high < Infinity ? ` to ${high}` : ''}`
    return fail(op, `${name} is ${describe(value)}`, `give a finite number${bounds}`)
  }

/** An integer between two bounds. */
export const integer =
  (low = 1, high = 2 ** 31 - 1): Check<number> =>
  (op, name, value) =>
    Number.isInteger(value)
      ? number(low, high)(op, name, value)
      : fail(op, `${name} is ${describe(value)}`, 'give an integer')

/** Two numbers, the lower one first; one number is made two, where it is said how. */
export const range =
  (low?: number, high?: number, ofOne?: (value: number) => [number, number]): Check<readonly [number, number]> =>
  (op, name, value) => {
    const pair = typeof value === 'number' && ofOne ? ofOne(value) : value
    if (!Array.isArray(pair) || pair.length !== 2 || pair[0] > pair[1])
      fail(op, `${name} is ${Array.isArray(pair) ? `[${pair.join(', ')}]` : describe(value)}`, 'give [low, high]')
    return [number(low, high)(op, name, pair[0]), number(low, high)(op, name, pair[1])]
  }

/** One of some words. */
export const word =
  <const W extends string>(...words: W[]): Check<W> =>
  (op, name, value) => {
    checkWord(op, name, value, words)
    return value as W
  }

/** True or false, as every option is that is so by default. */
export const flag: Check<boolean> = (_op, _name, value) => value as boolean

/** Nothing, or what another check takes. */
export const optional =
  <T>(check: Check<T>): Check<T | null> =>
  (op, name, value) =>
    value == null ? null : check(op, name, value)

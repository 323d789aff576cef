/** @file What schedules are given: an optimizer, and options that are checked before anything changes. */
import { describe, fail } from '../../core/errors.ts'

/** What a schedule may set in a group of parameters. */
export interface ScheduledGroup {
  lr: number
  momentum?: number
  betas?: readonly [number, number]
}

/** Anything with groups that have a learning rate: every optimizer of this package. */
export interface ScheduledOptimizer {
  readonly groups: readonly { lr: number }[]
}

/** A number for all groups, or one for each. */
export type PerGroup = number | readonly number[]

/** The groups of an optimizer. @throws HandgradError if it has none */
export function groupsOf(op: string, optimizer: unknown): readonly ScheduledGroup[] {
  const groups: unknown = (optimizer as ScheduledOptimizer | null | undefined)?.groups
  const whole = Array.isArray(groups) && groups.length > 0 && groups.every((group) => typeof group?.lr === 'number')
  if (!whole) fail(op, `the optimizer is ${describe(optimizer)}`, `write new ${op}(optimizer, { … })`)
  return groups
}

/** What a number is held to, from 0 up unless said otherwise; `above` and `below` leave their ends out. */
export interface Limits {
  readonly from?: number
  readonly above?: number
  readonly to?: number
  readonly below?: number
  readonly integer?: boolean
}

/** A finite number within limits. */
export function numberIn(op: string, name: string, value: unknown, limits: Limits = {}): number {
  const { from = 0, above = -Infinity, to = Infinity, below = Infinity, integer = false } = limits
  const fits = typeof value === 'number' && Number.isFinite(value) && (Number.isInteger(value) || !integer)
  if (!fits || value < from || value <= above || value > to || value >= below) {
    const low = above > -Infinity ? `above ${above}` : `from ${from}`
    const high = to < Infinity ? ` to ${to}` : below < Infinity ? ` to below ${below}` : above > -Infinity ? '' : ' up'
    fail(op, `${name} is ${describe(value)}`, `give ${integer ? 'an integer' : 'a number'} ${low}${high}`)
  }
  return value
}

/** One number per group, from one for all of them or a list. */
export function perGroup(op: string, name: string, value: unknown, groups: number, limits?: Limits): readonly number[] {
  if (!Array.isArray(value)) return new Array<number>(groups).fill(numberIn(op, name, value, limits))
  if (value.length !== groups)
    fail(op, `${name} has ${value.length} numbers, the optimizer ${groups} groups`, 'give one for each, or one number')
  return value.map((x, i) => numberIn(op, `${name}[${i}]`, x, limits))
}

/** One function per group, from one for all of them or a list. */
export function functionsOf(op: string, name: string, value: unknown, groups: number): readonly Factor[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : new Array(groups).fill(value)
  if (list.length !== groups)
    fail(
      op,
      `${name} has ${list.length} functions, the optimizer ${groups} groups`,
      'give one for each, or one for all',
    )
  for (const f of list) if (typeof f !== 'function') fail(op, `${name} is ${describe(f)}`, 'give (epoch) => factor')
  return list as readonly Factor[]
}

/** A factor by epoch. */
export type Factor = (epoch: number) => number

/** One of several words. */
export function wordIn<const T extends string>(op: string, name: string, value: unknown, words: readonly T[]): T {
  if (!words.includes(value as T))
    fail(op, `${name} is ${describe(value)}`, `give ${words.map((word) => `'${word}'`).join(' or ')}`)
  return value as T
}

/** True or false. */
export function flag(op: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') fail(op, `${name} is ${describe(value)}`, 'give true or false')
  return value
}

/** Integers from 1 up, each above the one before. */
export function increasing(op: string, name: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) fail(op, `${name} is ${describe(value)}`, 'give a list: [30, 80]')
  value.forEach((x, i) => {
    numberIn(op, `${name}[${i}]`, x, { from: 1, integer: true })
    if (i > 0 && x <= value[i - 1]) fail(op, `${name} has ${x} after ${value[i - 1]}`, 'give them in increasing order')
  })
  return [...value]
}

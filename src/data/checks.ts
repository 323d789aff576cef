/** @file Checks of options that transforms and augmentations share. */
import { describe, fail } from '../core/errors.ts'

/** An integer between two bounds. */
export function checkInteger(op: string, name: string, value: unknown, low: number, high: number): number {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high)
    fail(op, `${name} is ${describe(value)}`, `give an integer from ${low} to ${high}`)
  return value as number
}

/** A finite number between two bounds. */
export function checkNumber(op: string, name: string, value: unknown, low = -Infinity, high = Infinity): number {
  if (!Number.isFinite(value) || (value as number) < low || (value as number) > high) {
    const [from, to] = [low > -Infinity ? ` from ${low}` : '', high < Infinity ? ` to ${high}` : ' up']
    fail(op, `${name} is ${describe(value)}`, `give a number${from && from + to}`)
  }
  return value as number
}

/** Two finite numbers between two bounds, the lower one first. */
export function checkPair(
  op: string,
  name: string,
  value: unknown,
  low = -Infinity,
  high = Infinity,
): [low: number, high: number] {
  if (!Array.isArray(value) || value.length !== 2)
    fail(op, `${name} is ${describe(value)}`, 'give two numbers, [low, high]')
  const [a, b] = value.map((x, i) => checkNumber(op, `${name}[${i}]`, x, low, high))
  if (a > b) fail(op, `${name} is [${a}, ${b}]`, 'give the lower number first')
  return [a, b]
}

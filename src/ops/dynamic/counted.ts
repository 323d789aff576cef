/**
 * @file What is made of values that the host has read: indices and counts. Whoever asks waits for the values anyway, so
 * this file is loaded then, and is in no bundle that does not ask.
 */
import { fail } from '../../core/errors.ts'
import { rowMajor, type Shape } from '../../core/shape.ts'

/** Positions of the elements other than 0; NaN is one. */
export function positions(data: ArrayLike<number>): number[] {
  const found: number[] = []
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) found.push(i)
  return found
}

/** The indices of the elements other than 0: of each axis a list. */
export function indicesOf(data: ArrayLike<number>, shape: Shape): number[][] {
  const places = positions(data)
  const steps = rowMajor(shape)
  return shape.map((size, axis) => places.map((place) => Math.floor(place / steps[axis]) % size))
}

/**
 * How often each integer occurs, or the sums of its weights, from 0 to the largest.
 * @param least  the least length
 * @throws HandgradError if one is below 0
 */
export function counts(
  op: string,
  data: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  least: number,
): Float64Array {
  let length = least
  for (let i = 0; i < data.length; i++) {
    if (data[i] < 0) fail(op, `x has ${data[i]} at position ${i}`, 'only integers from 0 up are counted')
    length = Math.max(length, data[i] + 1)
  }
  const sums = new Float64Array(length)
  for (let i = 0; i < data.length; i++) sums[data[i]] += weights ? weights[i] : 1
  return sums
}

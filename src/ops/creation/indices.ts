/** @file Positions in the triangles of a matrix. */
import type { Device } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import type { Tensor } from '../../core/tensor.ts'
import { parametersOf } from '../base/options.ts'
import { deviceAndDType, written } from './making.ts'

/** Where a triangle's diagonal is, and the device. */
export interface TriangleOptions {
  /** 0 (default): the main diagonal; above it where positive. */
  offset?: number
  /** Default: the default device. */
  device?: Device | null
}

function triangle(op: string, row: number, col: number, given: readonly unknown[], lower: boolean): Tensor {
  const { offset, device: on } = parametersOf<Required<TriangleOptions>>(op, given, { offset: 0, device: null })
  for (const [name, n, least] of [
    ['row', row, 0],
    ['col', col, 0],
    ['offset', offset, -Infinity],
  ] as const)
    if (!Number.isSafeInteger(n) || n < least)
      fail(op, `${name} is ${describe(n)}`, least === 0 ? 'give an integer from 0 up' : 'give an integer')
  const { device } = deviceAndDType(op, { device: on })
  const places: [row: number, col: number][] = []
  for (let i = 0; i < row; i++) {
    // The columns up to the diagonal, or from it.
    const bend = Math.max(0, Math.min(col, i + offset + (lower ? 1 : 0)))
    for (let j = lower ? 0 : bend; j < (lower ? bend : col); j++) places.push([i, j])
  }
  const n = places.length
  return written(op, [2, n], 'int32', device, (at) => places[at % n][at < n ? 0 : 1])
}

/**
 * The positions (i, j) with j ≤ i + offset in a matrix of row × col, row by row: [2, n] of int32, for `x.at(…)`.
 * @param offset  default 0; or by name: `trilIndices(3, 3, { offset: -1 })`
 * @throws HandgradError if row or col is not an integer from 0 up, or offset not an integer
 */
export function trilIndices(row: number, col: number, offset?: number, options?: { device?: Device | null }): Tensor
/** The same by name. */
export function trilIndices(row: number, col: number, options?: TriangleOptions): Tensor
export function trilIndices(row: number, col: number, ...given: unknown[]): Tensor {
  return triangle('trilIndices', row, col, given, true)
}

/**
 * The positions (i, j) with j ≥ i + offset in a matrix of row × col, row by row: [2, n] of int32, for `x.at(…)`.
 * @param offset  default 0; or by name: `triuIndices(3, 3, { offset: 1 })`
 * @throws HandgradError if row or col is not an integer from 0 up, or offset not an integer
 */
export function triuIndices(row: number, col: number, offset?: number, options?: { device?: Device | null }): Tensor
/** The same by name. */
export function triuIndices(row: number, col: number, options?: TriangleOptions): Tensor
export function triuIndices(row: number, col: number, ...given: unknown[]): Tensor {
  return triangle('triuIndices', row, col, given, false)
}

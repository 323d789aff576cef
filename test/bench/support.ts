/** @file Small helpers of the benchmark tests. */
import { writeFileSync } from 'node:fs'
import { encodeArray } from '../../src/io/npy.ts'

/** A .npy file of float32 with these elements. */
export function writeNpyOf(path: string, shape: number[], element: (i: number) => number): void {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => element(i))
  writeFileSync(path, encodeArray('test', { dtype: 'float32', shape, data }, undefined))
}

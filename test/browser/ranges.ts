/** @file For tests in the browser: a safetensors file that is sent by ranges. */
import { io } from '../../src/index.ts'
import { served } from '../support/served.ts'

export interface Served {
  /** The file; `/asked` beside it lists the ranges that were asked for, and `?whole` knows none. */
  readonly url: string
  readonly bytes: number
}

export async function servedByRanges(): Promise<Served> {
  const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => i)
  const bytes = io.encodeSafetensors({
    large: { dtype: 'float32', shape: [1000, 100], data: ramp(100_000) },
    small: { dtype: 'float32', shape: [3], data: ramp(3) },
  })
  return { url: `${await served(() => bytes)}/w.safetensors`, bytes: bytes.length }
}

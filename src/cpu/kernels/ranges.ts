/**
 * @file Windows of pooling, as shaders/lib/pool.wgsl has them: for each window of an axis its pixels, and how long it
 * counts.
 */

import type { WindowAxis } from './taps.ts'

export interface Range {
  /** Pixels, without those on padding. */
  readonly pixels: readonly number[]
  /** What an average counts: with padding, but not what hangs over the end. */
  readonly extent: number
}

/** The windows of an axis. */
export function rangesOf(
  [windows, size, taps, stride]: WindowAxis,
  padding: number,
  dilation: number,
  { ADAPTIVE, PADDED }: Readonly<Record<string, number>>,
): Range[] {
  return Array.from({ length: windows }, (_, o) => {
    const begin = ADAPTIVE ? Math.floor((o * size) / windows) : o * stride - padding
    const end = ADAPTIVE ? Math.ceil(((o + 1) * size) / windows) : begin + (taps - 1) * dilation + 1
    const pixels: number[] = []
    for (let i = begin; i < end; i += dilation) if (i >= 0 && i < size) pixels.push(i)
    return { pixels, extent: PADDED ? Math.min(end, size + padding) - begin : pixels.length }
  })
}

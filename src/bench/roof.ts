/**
 * @file The roofline: what a device could do at most for a case of some arithmetic intensity, by the peaks of the same
 * run (Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009).
 */
import type { Inputs, Peaks } from './figure.ts'

/** Operations a byte. */
export const intensityOf = (flop: number, bytes: number): number => flop / bytes

/**
 * Bytes a second of the place that a case's data come from: for rotated inputs memory, for hot ones the smallest
 * measured size that holds them. A kernel reads and writes, so that the better of reading and copying counts.
 */
export function bandwidthAt({ bandwidth }: Pick<Peaks, 'bandwidth'>, bytes: number, inputs: Inputs): number {
  const sizes = [...bandwidth].sort((a, b) => a.bytes - b.bytes)
  const place = (inputs === 'hot' && sizes.find((one) => one.bytes >= bytes)) || sizes[sizes.length - 1]
  return Math.max(place.read, place.copy)
}

/** Seconds that a case needs at least: for its operations or for its bytes, whichever takes longer. */
export function leastSeconds(peaks: Peaks, flop: number | undefined, bytes: number, inputs: Inputs): number {
  return Math.max((flop ?? 0) / peaks.flops.f32, bytes / bandwidthAt(peaks, bytes, inputs))
}

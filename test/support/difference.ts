/** @file How far numbers are from others, as a whole. */

/** The largest difference, in units of the largest value. */
export function error(got: ArrayLike<number>, want: ArrayLike<number>, chosen = (_: number): boolean => true): number {
  if (got.length !== want.length) return Infinity
  let [worst, largest] = [0, 1e-30]
  for (let i = 0; i < want.length; i++) {
    if (!chosen(i)) continue
    const off = Math.abs(got[i] - want[i])
    worst = Number.isNaN(off) ? Infinity : Math.max(worst, off)
    largest = Math.max(largest, Math.abs(want[i]))
  }
  return worst / largest
}

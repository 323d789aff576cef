/** @file How far a result is off, in ulp: speed is never shown without accuracy. */

/** The distance from |x| to the next float32, at least that of the smallest normal number. */
export const ulpOf = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23)

/** Where a result is off the most. */
export interface Worst {
  /** Its error in ulp. */
  readonly ulp: number
  readonly index: number
  readonly found: number
  readonly exact: number
}

/**
 * The largest error in ulp of float32, at the size of the exact element or of the root mean square of all, whichever is
 * larger: an element that is near 0 because large terms cancel is not held to its own digits.
 */
export function worstOf(found: ArrayLike<number>, exact: ArrayLike<number>): Worst {
  let squares = 0
  for (let i = 0; i < exact.length; i++) if (Number.isFinite(exact[i])) squares += exact[i] ** 2
  const typical = Math.sqrt(squares / Math.max(1, exact.length))
  let worst: Worst = { ulp: 0, index: 0, found: found[0], exact: exact[0] }
  for (let i = 0; i < exact.length; i++) {
    if (Object.is(found[i], exact[i])) continue
    const ulp = Math.abs(found[i] - exact[i]) / ulpOf(Math.max(Math.abs(exact[i]), typical))
    // NaN where there should be none, or the other way round.
    if (!(ulp <= worst.ulp))
      worst = { ulp: Number.isNaN(ulp) ? Number.POSITIVE_INFINITY : ulp, index: i, found: found[i], exact: exact[i] }
    if (worst.ulp === Number.POSITIVE_INFINITY) break
  }
  return worst
}

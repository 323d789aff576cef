/** @file The order of shaders/lib/order.wgsl: NaN is the greatest, 0 and −0 are equal. */

/** Negative, 0 or positive as a goes before, with or after b. */
export function order(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return +Number.isNaN(a) - +Number.isNaN(b)
}

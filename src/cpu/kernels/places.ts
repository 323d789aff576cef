/** @file Where the taps of windows lie on an image: a table, for the twins of convolutions and folds. */

/**
 * For each window (`of` = 0), in turn each pixel (1), and each of its taps, in order: the pixel under that tap, or the window that has
 * it there; −1 for none.
 * @param rows,cols  (windows, pixels, taps, stride) of an axis
 * @param steps      padding and dilation: (py, px, dy, dx)
 */
export function placesOf(
  of: 0 | 1,
  rows: readonly number[],
  cols: readonly number[],
  steps: readonly number[],
): Int32Array {
  const other = 1 - of
  const vertical = along(of, rows, steps[0], steps[2])
  const horizontal = along(of, cols, steps[1], steps[3])
  const table = new Int32Array(rows[of] * cols[of] * rows[2] * cols[2])
  let e = 0
  for (let i = 0; i < rows[of]; i++) {
    for (let j = 0; j < cols[of]; j++) {
      for (let ky = 0; ky < rows[2]; ky++) {
        const y = vertical[i * rows[2] + ky]
        for (let kx = 0; kx < cols[2]; kx++) {
          const x = horizontal[j * cols[2] + kx]
          table[e++] = y < 0 || x < 0 ? -1 : y * cols[other] + x
        }
      }
    }
  }
  return table
}

/** The same of one axis. */
function along(of: 0 | 1, axis: readonly number[], padding: number, dilation: number): number[] {
  const [windows, pixels, taps, stride] = axis
  return Array.from({ length: axis[of] * taps }, (_, e) => {
    const shift = (e % taps) * dilation - padding
    const place = Math.floor(e / taps)
    const at = of === 0 ? place * stride + shift : (place - shift) / stride
    return Number.isInteger(at) && at >= 0 && at < (of === 0 ? pixels : windows) ? at : -1
  })
}

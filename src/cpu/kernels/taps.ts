/** @file What lies under the taps of windows on an image: a table, for the twins of convolutions and folds. */

/**
 * An axis of an image with windows: how many windows, pixels, and taps of a window it has, and the stride of windows.
 */
export type WindowAxis = readonly number[]

/**
 * For each window or each pixel, and each of its taps, in order: the pixel under that tap, or the window that has it
 * there; −1 for none.
 * @param rows,cols  the two axes
 * @param steps  padding and dilation: (py, px, dy, dx)
 */
export function tapsPer(
  what: 'window' | 'pixel',
  rows: WindowAxis,
  cols: WindowAxis,
  steps: readonly number[],
): Int32Array {
  const [paddingY, paddingX, dilationY, dilationX] = steps
  const [windowRows, pixelRows, tapRows] = rows
  const [windowCols, pixelCols, tapCols] = cols
  const vertical = tapsAlong(what, rows, paddingY, dilationY)
  const horizontal = tapsAlong(what, cols, paddingX, dilationX)
  const perWindow = what === 'window'
  const [height, width] = perWindow ? [windowRows, windowCols] : [pixelRows, pixelCols]
  const otherWidth = perWindow ? pixelCols : windowCols
  const table = new Int32Array(height * width * tapRows * tapCols)
  let e = 0
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      for (let ky = 0; ky < tapRows; ky++) {
        const y = vertical[i * tapRows + ky]
        for (let kx = 0; kx < tapCols; kx++) {
          const x = horizontal[j * tapCols + kx]
          table[e++] = y < 0 || x < 0 ? -1 : y * otherWidth + x
        }
      }
    }
  }
  return table
}

/** The same of one axis. */
function tapsAlong(what: 'window' | 'pixel', axis: WindowAxis, padding: number, dilation: number): number[] {
  const [windows, pixels, taps, stride] = axis
  const [count, others] = what === 'window' ? [windows, pixels] : [pixels, windows]
  return Array.from({ length: count * taps }, (_, e) => {
    const shift = (e % taps) * dilation - padding
    const i = Math.floor(e / taps)
    const at = what === 'window' ? i * stride + shift : (i - shift) / stride
    return Number.isInteger(at) && at >= 0 && at < others ? at : -1
  })
}

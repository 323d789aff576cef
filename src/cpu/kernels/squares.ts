/**
 * @file CPU twin of shaders/squares.wgsl: the norm of tensors as one vector, by three sums of squares (Blue 1978), and
 * the factor that takes it down to a limit.
 */
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { reportError } from '../../core/reports.ts'

/** Above `big` and below `small`, elements are scaled by 2^∓90 in float32, 2^∓700 in float64. */
const float32 = { big: 2 ** 45, small: 2 ** -60, up: 2 ** 90, medium: 2 ** -60 }
const float64 = { big: 2 ** 480, small: 2 ** -500, up: 2 ** 700, medium: 2 ** -600 }

export const squares: Twin = (
  [out, ...xs]: (TypedArray | undefined)[],
  { lo, hi, first, last, limit },
  { CHECK },
  label,
) => {
  const y = out as TypedArray
  const { big, small, up, medium } = y instanceof Float64Array ? float64 : float32
  const sizes = [...lo, ...hi]
  const sums = first ? [0, 0, 0] : [y[2], y[3], y[4]]
  for (const [t, x] of xs.entries())
    for (let i = 0; i < (x ? sizes[t] : 0); i++) {
      const size = Math.abs((x as TypedArray)[i])
      if (size >= small && size <= big) sums[1] += size * size
      else if (size < small) sums[2] += (size * up) ** 2
      else sums[0] += (size / up) ** 2
    }
  y.set(sums, 2)
  if (!last) return
  const [above, middle, below] = sums
  const norm =
    above !== 0
      ? Math.sqrt(above + middle / up / up) * up
      : middle >= medium
        ? Math.sqrt(middle + below / up / up)
        : Math.sqrt(below + middle * up * up) / up
  y[0] = norm
  y[1] = Math.min(1, limit / (y[0] + 1e-6))
  if (CHECK && !Number.isFinite(y[0]))
    throw reportError(label, { kind: shaders.squares.consts.NONFINITE, position: 0, value: y[0], limit: 0 })
}

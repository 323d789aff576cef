/** @file CPU twin of shaders/copy.wgsl: y[dst view] = x[src view] over up to eight axes, from one format to another. */
import { rounded, widened } from '../../core/half.ts'
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import { rowMajor } from '../../core/shape.ts'

export const copy: Twin = ([y, x], p, { FROM, TO }, label) => {
  const { size, dst_offset, src_offset } = p
  if (FROM !== TO) {
    // What changes its bits is put in order first, and into its places after.
    const taken = new (x.constructor as Float32ArrayConstructor)(size)
    copy([taken, x], inOrder(p, 'dst'), {}, label)
    const numbers = widened(FROM, taken)
    copy([y, TO === 0 ? numbers : rounded(TO, numbers)], inOrder(p, 'src'), {}, label)
    return
  }
  if (p.flat) {
    y.set(x.subarray(src_offset, src_offset + size), dst_offset)
    return
  }
  const [dst, src] = [
    [...p.dst_lo, ...p.dst_hi],
    [...p.src_lo, ...p.src_hi],
  ]
  const axes = [...p.shape_lo, ...p.shape_hi].map((n, i) => ({ n, to: dst[i], from: src[i] })).filter(({ n }) => n > 1)
  // Each element is copied for itself, so axes may come in any order: y's shortest steps last, x's before them.
  const last = takeShortest(axes, 'to')
  const next = takeShortest(axes, 'from')
  const walk = (d: number, to: number, from: number): void => {
    if (d === axes.length) copyPlane(y, x, next, last, to, from)
    else for (let i = 0; i < axes[d].n; i++) walk(d + 1, to + i * axes[d].to, from + i * axes[d].from)
  }
  walk(0, dst_offset, src_offset)
}

/** The params of a copy, one side of which lies in order. */
function inOrder(p: TwinParams, side: 'dst' | 'src'): TwinParams {
  const steps = rowMajor([...p.shape_lo, ...p.shape_hi])
  return {
    ...p,
    [`${side}_offset`]: 0,
    [`${side}_lo`]: steps.slice(0, 4),
    [`${side}_hi`]: steps.slice(4),
  } as TwinParams
}

/** An axis: how many elements, and how far apart they are in y and in x. */
interface Axis {
  readonly n: number
  readonly to: number
  readonly from: number
}

/** Take the axis with the shortest steps off the list. */
function takeShortest(axes: Axis[], side: 'to' | 'from'): Axis {
  let best = axes.length - 1
  if (best < 0) return { n: 1, to: 0, from: 0 }
  for (let d = best - 1; d >= 0; d--) if (Math.abs(axes[d][side]) < Math.abs(axes[best][side])) best = d
  return axes.splice(best, 1)[0]
}

/** What a block of a transposition reads and writes stays in the nearest cache. */
const BLOCK = 32

/** Copy two axes, in blocks where the inner one jumps through memory. */
function copyPlane(y: TypedArray, x: TypedArray, outer: Axis, inner: Axis, to: number, from: number): void {
  const [yDown, xDown, yRight, xRight] = [outer.to, outer.from, inner.to, inner.from]
  const width = Math.abs(xRight) > 1 ? BLOCK : inner.n
  for (let i0 = 0; i0 < outer.n; i0 += BLOCK) {
    const i1 = Math.min(i0 + BLOCK, outer.n)
    for (let j0 = 0; j0 < inner.n; j0 += width) {
      const j1 = Math.min(j0 + width, inner.n)
      for (let i = i0; i < i1; i++) {
        const [toRow, fromRow] = [to + i * yDown, from + i * xDown]
        for (let j = j0; j < j1; j++) y[toRow + j * yRight] = x[fromRow + j * xRight]
      }
    }
  }
}

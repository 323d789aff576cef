/**
 * @file Tensors of 16 bits among the inputs of ops. They are storage: an op that takes them is given wider ones, and
 * what it computes from 16 bits alone is rounded to 16 bits again. Both are ops, so gradients and graphs need nothing
 * more: the gradient of a widened tensor is computed in float32, and rounded last.
 */
import { type DType, isFloat, isHalf } from '../../core/device.ts'
import { keeping, plain, restore, type Saved } from '../../core/graph.ts'
import { copyTo } from '../../core/launch.ts'
import { casting, defineOp, floats, type Op } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { contiguousView } from '../../core/shape.ts'
import { Storage } from '../../core/storage.ts'
import { Tensor } from '../../core/tensor.ts'

/** What was kept in 16 bits, for those who ask for the wider tensor that had the same numbers. */
const widened = (kept: Saved, dtype: DType): Saved => ({
  ...kept,
  version: -1,
  again: (op, name, _, edge) => {
    const from = restore(op, name, kept, null)
    const { shape, numel, device } = from
    const y = new Tensor(new Storage(device, dtype, numel, op), contiguousView(shape), edge)
    copyTo(op, y, y.layout, from, from.layout)
    from.dispose()
    return y
  },
})

/**
 * Run f, which keeps tensors of 16 bits for backward in the place of those that they were widened to: half of the
 * memory, and the same numbers. Its op is not cast once more.
 * @param results  takes the place of those of f's results that f keeps, under `autocast`
 */
function keepingNarrow(
  before: ReadonlyMap<Tensor, Tensor>,
  f: () => Tensor[],
  results: (ys: Tensor[]) => Tensor[],
): Tensor[] {
  const { by } = keeping
  const { now } = casting
  const later = new Map<Tensor, Saved>()
  keeping.by = (x) => {
    const narrow = before.get(x)
    if (narrow) return widened(by?.(narrow) ?? plain(narrow), x.dtype)
    const kept = by?.(x) ?? plain(x)
    if (now && !kept.again) later.set(x, kept)
    return kept
  }
  casting.now = null
  let ys: Tensor[]
  try {
    ys = f()
  } finally {
    keeping.by = by
    casting.now = now
  }
  const zs = results(ys)
  for (const [x, kept] of later) {
    const z = zs[ys.indexOf(x)]
    if (!z || z === x) continue
    z.storage.retain()
    kept.storage.release()
    Object.assign(kept, widened(plain(z), x.dtype))
  }
  return zs
}

/** Floats, and those that are stored in 16 bits. */
export const stored: readonly DType[] = [...floats, 'float16', 'bfloat16']

/** `halves` of ops whose launch takes tensors of 16 bits as they are. */
export const asTheyAre = (): undefined => undefined

/** Floats of other bits: widened, or rounded to the nearest, ties to even. */
export const resize: Op<{ dtype: DType }> = defineOp({
  name: 'resize',
  as: 'to',
  inputs: ['x'],
  dtypes: floats,
  shape: ([x], { dtype }: { dtype: DType }) => ({ shape: x.shape, dtype }),
  halves: asTheyAre,
  launch: ([x], [y]) => copyTo('to', y, y.layout, x, x.layout),
  vjp: { x: (ctx) => resize([ctx.g], { dtype: ctx.meta('x').dtype }) },
})

/** A tensor that an op is given, if it is of 16 bits. */
export const isNarrow = (x: Tensor | undefined): boolean => x !== undefined && isHalf(x.dtype)

/**
 * `halves` of ops that are given wider tensors: those of the other inputs' float dtype, float32 where all have 16 bits.
 * Results are of the dtype that all floats among the inputs have, else of the wider one, as in PyTorch; 0-d tensors, as
 * numbers, have no say next to others.
 */
export function widen<A>(
  op: Op<A>,
  xs: readonly (Tensor | undefined)[],
  attrs: A,
  results: 'as inputs' | 'wide' = 'as inputs',
): Tensor[] | undefined {
  if (!xs.some(isNarrow)) return undefined
  return scope(() => {
    const given = xs.filter((x) => x !== undefined && isFloat(x.dtype)) as Tensor[]
    const wide = given.find((x) => !isNarrow(x))?.dtype ?? 'float32'
    const before = new Map<Tensor, Tensor>()
    const wider = xs.map((x) => {
      if (!x || !isNarrow(x)) return x
      const y = resize([x], { dtype: wide })
      before.set(y, x)
      return y
    })
    const f = () => op.all(wider, attrs)
    if (results === 'wide') return keepingNarrow(before, f, (ys) => ys)
    const deciding = given.some(({ ndim }) => ndim > 0) ? given.filter(({ ndim }) => ndim > 0) : given
    const [{ dtype: own }] = deciding
    const isSame = isHalf(own) && deciding.every(({ dtype }) => dtype === own)
    return keepingNarrow(before, f, (ys) =>
      isSame ? ys.map((y) => (isFloat(y.dtype) ? resize([y], { dtype: own }) : y)) : ys,
    )
  })
}

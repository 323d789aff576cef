/**
 * @file Tensors of 16 bits among the inputs of ops. They are storage: an op that takes them is given wider ones, and
 * what it computes from 16 bits alone is rounded to 16 bits again. Both are ops, so gradients and graphs need nothing
 * more: the gradient of a widened tensor is computed in float32, and rounded last.
 */
import { type DType, isFloat, isHalf } from '../../core/device.ts'
import { keeping, Node, plain, restore, type Saved } from '../../core/graph.ts'
import { copyTo } from '../../core/launch.ts'
import { casting, defineOp, floats, metaOf, type Op, tell } from '../../core/op.ts'
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
 * @param before  of the wider tensors, what they were
 * @param round   gives what is kept of a result; undefined: the result
 */
function keepingNarrow<T>(
  before: ReadonlyMap<unknown, Tensor>,
  round: (y: Tensor) => Tensor | undefined,
  f: () => T,
): T {
  const { by } = keeping
  const { now } = casting
  keeping.by = (x) => {
    const narrow = before.get(x) ?? round(x)
    return narrow ? widened(by?.(narrow) ?? plain(narrow), x.dtype) : (by?.(x) ?? null)
  }
  casting.now = null
  try {
    return f()
  } finally {
    keeping.by = by
    casting.now = now
  }
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
    const deciding = given.some(({ ndim }) => ndim > 0) ? given.filter(({ ndim }) => ndim > 0) : given
    const [{ dtype: own }] = deciding
    const rounds = results === 'as inputs' && isHalf(own) && deciding.every(({ dtype }) => dtype === own)
    const before = new Map<Tensor, Tensor>()
    const wider = xs.map((x) => {
      if (!x || !isNarrow(x)) return x
      const y = resize([x], { dtype: wide })
      before.set(y, x)
      return y
    })
    // Under autocast the result that is kept is the rounded one, which is there anyway; others are statistics.
    let first: readonly [y: Tensor, rounded: Tensor] | undefined
    const round = (y: Tensor): Tensor | undefined => {
      if (!rounds || !casts || first || wider.includes(y)) return undefined
      const rounded = Tensor.alloc(y.device, own, y.shape, 'to')
      copyTo('to', rounded, rounded.layout, y, y.layout)
      first = [y, rounded]
      return rounded
    }
    const casts = casting.now !== null
    const ys = keepingNarrow(before, round, () => op.all(wider, attrs))
    if (!rounds) return ys
    return ys.map((y) => {
      if (!isFloat(y.dtype)) return y
      if (y !== first?.[0]) return resize([y], { dtype: own })
      const [[, rounded], attrs] = [first, { dtype: own }]
      const node = new Node(resize, attrs, [y.edge], {}, [metaOf(y)], [metaOf(rounded)])
      rounded.setEdge({ source: node, index: 0 })
      tell(resize as Op<unknown>, [y], attrs, [rounded])
      return rounded
    })
  })
}

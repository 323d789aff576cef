/**
 * @file Attention: softmax(scale·q kᵀ + mask) v, by fused kernels that never store the scores, forwards and backwards;
 * the same composed of matmul and softmax is the reference.
 */

import { describe, fail } from '../../core/errors.ts'
import type { Kernel } from '../../core/kernel.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import { broadcastShapes, expandView, showShape, sizeOf, type View } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkTensor } from '../base/arguments.ts'
import { stored, widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'
import { parametersOf } from '../base/options.ts'
import { expand, reshape, slice, transpose, unsqueeze } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { add, exp, le, lt, mul, sub, where } from '../elementwise/elementwise.ts'
import { matmul } from '../matrix/matmul.ts'
import { checkProbability, type DropMask, drawMask, dropoutOp } from '../random/mask.ts'
import { softmax } from '../reduce/softmax.ts'
import { type Operands, type Order, ordered, orderOf, restored, shapeIn, viewIn, walked } from './heads.ts'
import { cleared, lengthsOf } from './lengths.ts'

interface AttentionAttrs {
  readonly scale: number
  /** Query i sees keys j ≤ i, counted from the first of each or from the last; null: all. */
  readonly causal: 'first' | 'last' | null
  /** Neighbouring matrices of q that share one of k and v. */
  readonly group: number
  /** The mask of dropout over all queries × keys, and what is left divided by 1 − p. */
  readonly drop: (DropMask & { readonly keep: number }) | null
  /** How y and the gradients lie in memory: as q, k and v do. */
  readonly orders: Readonly<Record<'q' | 'k' | 'v', Order>>
}

const maskTypes = { bias: floats, allow: ['bool'] } as const
const attentionTypes = { q: floats, k: floats, v: floats, ...maskTypes, lengths: ['int32'] } as const
const gradientTypes = { ...attentionTypes, g: floats, stats: floats }

const NOTHING_WALKED = { mask_at: [0, 0, 0, 0], mask_step: 0, lengths_at: [0, 0, 0, 0] }
const NO_DROP = { seed_lo: 0, seed_hi: 0, offset_lo: 0, offset_hi: 0, threshold: 0, keep: 1 }

/** Launch a kernel that works on queries and keys. @param bind  the tensors in its order, of inputs that it can walk */
function run(
  label: string,
  kernel: Kernel,
  [q, k, v, bias, allow, lengths]: readonly Tensor[],
  more: Operands,
  results: Readonly<Record<string, View>>,
  { scale, causal, group, drop }: AttentionAttrs,
  bind: (x: Operands) => readonly Tensor[],
): void {
  const [rows, e] = q.shape.slice(-2)
  const [cols, ev] = [k.shape[k.ndim - 2], v.shape[v.ndim - 1]]
  const sizes = { batch: sizeOf(q.shape.slice(0, -2)), rows, cols, e, ev, group, scale }
  const switches = {
    mask_kind: bias ? 2 : allow ? 1 : 0,
    causal: causal === null ? 0 : causal === 'first' ? 1 : 2,
    ragged: lengths ? 1 : 0,
    launch_id: 0,
  }
  const mask = bias ?? allow
  const inputs = { q, k, v, ...(mask && { mask }), ...(lengths && { lengths }), ...more }
  walked(label, group, inputs, results, (x, walks) =>
    // The kernels' text names a mask and lengths; where there are none, any buffer will do.
    launch(label, kernel, bind({ ...x, mask: x.mask ?? x.q, lengths: x.lengths ?? x.q }), {
      ...NOTHING_WALKED,
      ...sizes,
      ...switches,
      ...(drop ?? NO_DROP),
      ...walks,
    }),
  )
}

/**
 * q [..., L, E], k [..., S, E], v [..., S, Ev]; the masks, of which one may be given, are stretched to [..., L, S],
 * lengths to [..., 1].
 */
const attentionOp = defineOp({
  name: 'scaledDotProductAttention',
  inputs: ['q', 'k', 'v', 'bias?', 'allow?', 'lengths?'],
  outputs: ['y', 'stats'],
  dtypes: attentionTypes,
  shape: ([q, , v], { orders }: AttentionAttrs) => [
    { shape: shapeIn(orders.q, q, v.shape[v.ndim - 1]) },
    { shape: [...q.shape.slice(0, -1), 2] },
  ],
  halves: widen,
  autocast: 'narrow',
  launch: (xs, [y, stats], attrs) => {
    const results = { y: viewIn(attrs.orders.q, xs[0], { columns: xs[2].shape.at(-1) }) }
    const bind = ({ q, k, v, mask, lengths }: Operands) => [y, stats, q, k, v, mask, lengths]
    run('scaledDotProductAttention', kernels.attention, xs, {}, results, attrs, bind)
  },
  // All of it, for the composition too.
  saves: { all: ['q', 'k', 'v', 'bias', 'allow', 'lengths', 'y', 'stats'] },
  vjp: {
    all: (ctx, needs) => {
      const { q, k, v, bias, allow, lengths, stats, attrs } = ctx
      const { orders } = attrs
      const [g, y] = [ctx.g, ctx.y].map((x) => restored(x, orders.q))
      const known = attentionDelta([g, y, stats], {})
      const inputs = [q, k, v, bias, allow, lengths, g, known]
      const kv = needs.k || needs.v ? attentionGradKV(inputs, attrs) : null
      /** The gradient of x, which lies in its own order in y from `start` on. */
      const part = (y: Tensor | null, x: Tensor, order: Order, start = 0) =>
        y && restored(reshape(slice(y, [start, start + x.numel]), shapeIn(order, x)), order)
      const biasGrad = (): Tensor => {
        const [most, factor, delta] = [0, 1, 2].map((i) =>
          slice(known, ...q.shape.slice(1).map(() => null), [i, i + 1]),
        )
        const p = mul(exp(sub(scores(q, k, bias, allow, lengths, attrs), most)), factor)
        const dp = dropWeights(grouped(g, cleared(v, lengths), attrs.group, true), attrs)
        return mul(p, sub(dp, delta))
      }
      return {
        q: part(needs.q ? attentionGradQ(inputs, attrs) : null, q, orders.q),
        k: part(kv, k, orders.k),
        v: part(kv, v, orders.v, k.numel),
        bias: needs.bias ? biasGrad() : null,
      }
    },
  },
  reference: ([q, k, v, bias, allow, lengths], attrs) => {
    const s = scores(q, k, bias, allow, lengths, attrs)
    const p = dropWeights(s.shape.at(-1) ? softmax(s) : s, attrs)
    return ordered(grouped(p, cleared(v, lengths), attrs.group), attrs.orders.q)
  },
})

// ---- the fused gradients

/** What the kernels know of each query, [..., L, 4]: m, 1 / Σ, and delta = g·y, which softmax's gradient subtracts. */
const attentionDelta = defineOp({
  name: 'attentionDelta',
  inputs: ['g', 'y', 'stats'],
  outputs: ['known'],
  dtypes: floats,
  shape: ([g]) => ({ shape: [...g.shape.slice(0, -1), 4] }),
  launch: ([g, y, stats], [known]) => {
    const [rows, ev] = g.shape.slice(-2)
    const kernel: Kernel = kernels.attention_delta
    walked('attentionDelta', 1, { g, y }, {}, (x, walks) =>
      launch('attentionDelta', kernel, [known, x.g, x.y, stats], {
        ...walks,
        size: sizeOf(g.shape.slice(0, -1)),
        rows,
        ev,
      }),
    )
  },
  vjp: 'once',
})

/** All that a kernel gives as one tensor of one axis. */
const gradientOp = (
  name: string,
  kernel: Kernel,
  results: (xs: readonly Tensor[], orders: AttentionAttrs['orders']) => Readonly<Record<string, View>>,
) =>
  defineOp({
    name,
    inputs: ['q', 'k', 'v', 'bias?', 'allow?', 'lengths?', 'g', 'stats'],
    dtypes: gradientTypes,
    shape: (xs, { orders }: AttentionAttrs) => {
      const parts = Object.values(results(xs, orders))
      return { shape: [parts.reduce((size, { shape }) => size + sizeOf(shape), 0)] }
    },
    launch: (xs, [y], attrs) => {
      const [g, stats] = xs.slice(6)
      const bind = (x: Operands) => [y, x.q, x.k, x.v, x.mask, x.g, stats, x.lengths]
      run(name, kernel, xs, { g }, results(xs, attrs.orders), attrs, bind)
    },
    vjp: 'once',
  })
const attentionGradQ = gradientOp('attentionGradQ', kernels.attention_grad_q, ([q], orders) => ({
  y: viewIn(orders.q, q),
}))
/** dk and after it dv. */
const attentionGradKV = gradientOp('attentionGradKV', kernels.attention_grad_kv, ([, k, v], orders) => ({
  dk: viewIn(orders.k, k),
  dv: viewIn(orders.v, v, { start: k.numel }),
}))

// ---- the same in simpler ops

/** a b for each matrix of a, `group` neighbouring ones sharing one of b; or a bᵀ. */
function grouped(a: Tensor, b: Tensor, group: number, transposed = false): Tensor {
  const own = (x: Tensor) => (transposed ? transpose(x) : x)
  if (group === 1) return matmul(a, own(b))
  const [rows, columns] = [a.shape.slice(-2), b.shape.slice(-2)]
  const batch = sizeOf(b.shape.slice(0, -2))
  const y = matmul(reshape(a, [batch, group, ...rows]), own(reshape(b, [batch, 1, ...columns])))
  return reshape(y, [...a.shape.slice(0, -1), y.shape[3]])
}

/** scale·q kᵀ plus the mask; −Inf where a key takes no part. */
function scores(
  q: Tensor,
  k: Tensor,
  bias: Tensor | undefined,
  allow: Tensor | undefined,
  lengths: Tensor | undefined,
  { scale, causal, group }: AttentionAttrs,
): Tensor {
  let s = mul(grouped(q, cleared(k, lengths), group, true), scale)
  if (bias) s = add(s, bias)
  if (allow) s = where(allow, s, -Infinity)
  const [L, S] = s.shape.slice(-2)
  const count = (n: number) => arange(n, { device: q.device })
  const seen = lengths && unsqueeze(lengths, -1)
  if (seen) s = where(lt(count(S), seen), s, -Infinity)
  if (causal === null) return s
  const sight = causal === 'first' ? 0 : seen ? sub(seen, L) : S - L
  return where(le(count(S), add(unsqueeze(count(L), 1), sight)), s, -Infinity)
}

/** Dropout of weights [..., L, S] as the kernels do it. */
function dropWeights(p: Tensor, { drop }: AttentionAttrs): Tensor {
  if (!drop || p.numel === 0) return p
  return dropoutOp([p], { mask: drop, cols: p.shape[p.ndim - 1], scale: drop.keep, shift: 0, drop: 0 })
}

// ---- for users

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /**
   * Broadcasts to [..., L, S]. bool: true takes part; floats: added to the scores, −Inf takes no part, has a gradient.
   * Null: none.
   */
  attnMask?: Tensor | null
  /**
   * Key j takes part for queries i ≥ j only, counted from the first of each; with a mask, both count. Default false.
   */
  isCausal?: boolean
  /** Probability with which a weight is dropped, also outside of training: pass 0 there. Default 0. */
  dropoutP?: number
  /** Factor on q kᵀ. Default (or null) 1/√E. */
  scale?: number | null
  /** Axis −3 are heads, and k and v may have fewer than q: neighbours share (Ainslie et al. 2023). Default false. */
  enableGqa?: boolean
  /**
   * As isCausal, but counted from the last of each: query i sees keys j ≤ i + S − L, as where keys of earlier queries
   * are kept. PyTorch's `causal_lower_right`. Default false.
   */
  causalFromLast?: boolean
  /**
   * An int32 tensor [batch], or as many numbers: row b of the first axis sees its first keyLengths[b] keys, and what
   * lies behind them, NaN too, has no influence and no gradient: padding, or a cache of fixed size. causalFromLast then
   * counts from the last of these, i + keyLengths[b] − L. A row of length 0 gives 0. Default null: all.
   */
  keyLengths?: Tensor | readonly number[] | null
}

/**
 * y = softmax(scale·q kᵀ + mask) v over the last two axes (Vaswani et al. 2017). Fused forwards and backwards: the
 * scores are never stored (Dao et al. 2022); second derivatives by the composition. A query for which no key takes part
 * gives 0, and gradient 0; where a key takes no part, k and v are still to be finite, as 0·∞ is NaN. Other axes
 * broadcast. Dtypes: floats.
 * @param q  [..., L, E]
 * @param k  [..., S, E]
 * @param v  [..., S, Ev]
 * @returns  [..., L, Ev]
 * @throws HandgradError if an input has fewer than two axes (three with `enableGqa`), E, S, the heads or the batch
 *   axes do not fit, the mask does not broadcast to [..., L, S], dropoutP is not in [0, 1], scale is not
 *   finite, or a length of keys is not one from 0 to S; on WebGPU at the next read where lengths are a tensor
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  attnMask?: Tensor | null,
  dropoutP?: number,
  isCausal?: boolean,
): Tensor
/** The same by name: `scaledDotProductAttention(q, k, v, { isCausal: true })`. */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options?: AttentionOptions): Tensor
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, ...options: unknown[]): Tensor {
  const op = 'scaledDotProductAttention'
  checkDType(op, 'q', q, stored)
  checkSameKind(op, q, 'k', k)
  checkSameKind(op, q, 'v', v)
  const { attnMask, isCausal, dropoutP, enableGqa, causalFromLast, keyLengths, ...given } = parametersOf<
    Required<AttentionOptions>
  >(op, options, {
    attnMask: null,
    dropoutP: 0,
    isCausal: false,
    scale: null,
    enableGqa: false,
    causalFromLast: false,
    keyLengths: null,
  })
  checkProbability(op, 'dropoutP', dropoutP)
  const all = `q ${showShape(q.shape)}, k ${showShape(k.shape)}, v ${showShape(v.shape)}`
  const least = enableGqa ? 3 : 2
  for (const x of [q, k, v])
    if (x.ndim < least) fail(op, all, `give ${enableGqa ? '[..., heads, rows, columns]' : '[..., rows, columns]'}`)
  const [L, E] = q.shape.slice(-2)
  const [S, kE] = k.shape.slice(-2)
  const [vS] = v.shape.slice(-2)
  if (E !== kE) fail(op, `${all}: q has ${E} columns, k ${kE}`, 'they are multiplied: give as many')
  if (S !== vS) fail(op, `${all}: k has ${S} rows, v ${vS}`, 'each key has one value')
  const scale = given.scale ?? 1 / Math.sqrt(Math.max(E, 1))
  if (!Number.isFinite(scale)) fail(op, `scale is ${describe(scale)}`, 'give a finite number')
  const [heads, kHeads, vHeads] = [q, k, v].map((x) => (enableGqa ? x.shape[x.ndim - 3] : 1))
  if (kHeads !== vHeads) fail(op, `${all}: k has ${kHeads} heads, v ${vHeads}`, 'give as many')
  if (heads !== kHeads && !(heads % kHeads === 0))
    fail(op, `${all}: ${heads} heads of q do not share ${kHeads} of k evenly`, 'give a multiple')
  const outer = broadcastShapes(op, ...[q, k, v].map((x) => x.shape.slice(0, -least)))
  const stretch = (x: Tensor, n: number) => expand(x, [...outer, ...(enableGqa ? [n] : []), ...x.shape.slice(-2)])
  const ofHeads = enableGqa ? [heads] : []
  let mask: Tensor | undefined
  if (attnMask != null) {
    checkTensor(op, 'attnMask', attnMask)
    if (attnMask.dtype !== 'bool') checkSameKind(op, q, 'attnMask', attnMask)
    const full = [...outer, ...ofHeads, L, S]
    expandView(op, attnMask.layout, full)
    mask = expand(attnMask, full)
  }
  const lengths = keyLengths == null ? undefined : lengthsOf(op, keyLengths, outer, ofHeads, S, q)
  const keep = dropoutP === 1 ? 0 : 1 / (1 - dropoutP)
  const drop = dropoutP === 0 ? null : { ...drawMask(S, dropoutP), keep }
  const group = kHeads === 0 || heads === 0 ? 1 : heads / kHeads
  const [bias, allow] = mask?.dtype === 'bool' ? [undefined, mask] : [mask, undefined]
  // Without heads of q, none of k and v is used.
  const shared = (x: Tensor): Tensor =>
    heads > 0 ? stretch(x, kHeads) : stretch(slice(x, ...x.shape.slice(0, -3).map(() => null), [0, 0]), 0)
  const [from, to, of] = [stretch(q, heads), shared(k), shared(v)]
  const orders = { q: orderOf(from), k: orderOf(to), v: orderOf(of) }
  const causal = causalFromLast ? 'last' : isCausal ? 'first' : null
  const [y, stats] = attentionOp.all([from, to, of, bias, allow, lengths], { scale, causal, group, drop, orders })
  stats.dispose()
  return restored(y, orders.q)
}

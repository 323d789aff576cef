/**
 * @file Attention: softmax(scale·q kᵀ + mask) v, by fused kernels that never store the scores, forwards and backwards;
 * the same composed of matmul and softmax is the reference.
 */

import { describe, fail } from '../../core/errors.ts'
import type { Live } from '../../core/kernel.ts'
import { contiguousCopy, launch } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import {
  broadcastShapes,
  contiguousView,
  expandView,
  mergeViews,
  type Shape,
  showShape,
  sizeOf,
} from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkTensor } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { parametersOf } from '../base/options.ts'
import { expand, reshape, slice, transpose, unsqueeze } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { add, exp, le, mul, sub, where } from '../elementwise/elementwise.ts'
import { matmul } from '../matrix/matmul.ts'
import { checkProbability, type DropMask, drawMask, dropoutOp } from '../random/mask.ts'
import { sum } from '../reduce/reduce.ts'
import { softmax } from '../reduce/softmax.ts'

interface AttentionAttrs {
  readonly scale: number
  readonly causal: boolean
  /** Neighbouring matrices of q that share one of k and v. */
  readonly group: number
  /** The mask of dropout over all queries × keys, and what is left divided by 1 − p. */
  readonly drop: (DropMask & { readonly keep: number }) | null
}

const maskTypes = { bias: floats, allow: ['bool'] } as const
const attentionTypes = { q: floats, k: floats, v: floats, ...maskTypes }
const gradientTypes = { ...attentionTypes, g: floats, stats: floats, delta: floats }

/** What the three kernels have in common: the mask's binding and walk, sizes, offsets. Calls `run` with them. */
function withMask(
  label: string,
  [q, k, v, bias, allow]: readonly (Tensor | undefined)[],
  { scale, causal, group, drop }: AttentionAttrs,
  run: (mask: Tensor, params: ReturnType<typeof sizes> & typeof NO_DROP & Walk) => void,
): void {
  const [from, to, of] = [q, k, v] as Tensor[]
  const given = bias ?? allow
  const batch = from.shape.slice(0, -2)
  let mask = given
  const merge = (x: Tensor) => {
    const view = { ...x.layout, shape: batch, strides: x.layout.strides.slice(0, -2) }
    return mergeViews([contiguousView(batch), view])
  }
  let merged = mask && merge(mask)
  if (mask && merged && merged.shape.length > 2) {
    // Batch axes that do not fold into two: a copy folds into one.
    mask = contiguousCopy(label, mask, mask.layout)
    merged = merge(mask)
  }
  const walk = {
    inner: merged?.shape.at(-1) ?? 1,
    mask_offset: mask?.layout.offset ?? 0,
    steps:
      merged && mask
        ? [merged.strides[1].at(-2) ?? 0, merged.strides[1].at(-1) ?? 0, ...mask.layout.strides.slice(-2)]
        : [0, 0, 0, 0],
  }
  const switches = { mask_kind: bias ? 2 : allow ? 1 : 0, causal: causal ? 1 : 0 }
  // The kernels' text names a mask; where there is none, any buffer will do.
  run(mask ?? from, { ...sizes(from, to, of, scale, group), ...walk, ...(drop ?? NO_DROP), ...switches })
  if (mask !== given) mask?.dispose()
}

interface Walk {
  readonly inner: number
  readonly mask_offset: number
  readonly steps: readonly number[]
  readonly mask_kind: number
  readonly causal: number
}
const NO_DROP: Readonly<Record<keyof DropMask | 'keep', number | Live>> = {
  seed_lo: 0,
  seed_hi: 0,
  offset_lo: 0,
  offset_hi: 0,
  threshold: 0,
  keep: 1,
}

const sizes = (q: Tensor, k: Tensor, v: Tensor, scale: number, group: number) => ({
  batch: sizeOf(q.shape.slice(0, -2)),
  rows: q.shape[q.ndim - 2],
  cols: k.shape[k.ndim - 2],
  e: q.shape[q.ndim - 1],
  ev: v.shape[v.ndim - 1],
  group,
  scale,
  q_offset: q.layout.offset,
  k_offset: k.layout.offset,
  v_offset: v.layout.offset,
})

/** q [..., L, E], k [..., S, E], v [..., S, Ev]; the masks, of which one may be given, are stretched to [..., L, S]. */
const attentionOp = defineOp({
  name: 'scaledDotProductAttention',
  inputs: ['q', 'k', 'v', 'bias?', 'allow?'],
  outputs: ['y', 'stats'],
  dtypes: attentionTypes,
  contiguous: ['q', 'k', 'v'],
  shape: ([q, , v], _: AttentionAttrs) => [
    { shape: [...q.shape.slice(0, -1), v.shape[v.ndim - 1]] },
    { shape: [...q.shape.slice(0, -1), 2] },
  ],
  launch: ([q, k, v, ...masks], [y, stats], attrs) =>
    withMask('scaledDotProductAttention', [q, k, v, ...masks], attrs, (mask, params) =>
      launch('scaledDotProductAttention', kernels.attention, [y, stats, q, k, v, mask], params),
    ),
  // All of it, for the composition too.
  saves: { all: ['q', 'k', 'v', 'bias', 'allow', 'y', 'stats'] },
  vjp: {
    all: ({ q, k, v, bias, allow, y, stats, g, attrs }, needs) => {
      // delta = Σ g ⊙ y = Σ_j p·dp of each query: what softmax's gradient subtracts.
      const delta = sum(mul(g, y), -1)
      const inputs = [q, k, v, bias, allow, g, stats, delta]
      const kv = needs.k || needs.v ? attentionGradKV(inputs, attrs) : null
      const biasGrad = (): Tensor => {
        const [most, factor] = [0, 1].map((i) => slice(stats, ...q.shape.slice(1).map(() => null), [i, i + 1]))
        const p = mul(exp(sub(scores(q, k, bias, allow, attrs), most)), factor)
        const dp = dropWeights(grouped(g, v, attrs.group, true), attrs)
        return mul(p, sub(dp, unsqueeze(delta, -1)))
      }
      return {
        q: needs.q ? attentionGradQ(inputs, attrs) : null,
        k: kv && reshape(slice(kv, [0, k.numel]), k.shape),
        v: kv && reshape(slice(kv, [k.numel]), v.shape),
        bias: needs.bias ? biasGrad() : null,
      }
    },
  },
  reference: ([q, k, v, bias, allow], attrs) => {
    const s = scores(q, k, bias, allow, attrs)
    return grouped(dropWeights(s.shape.at(-1) ? softmax(s) : s, attrs), v, attrs.group)
  },
})

// ---- the fused gradients

const gradientNames = ['q', 'k', 'v', 'bias?', 'allow?', 'g', 'stats', 'delta'] as const
const gradientOp = (name: string, shape: (q: Tensor, k: Tensor, v: Tensor) => Shape, kv: boolean) =>
  defineOp({
    name,
    inputs: gradientNames,
    dtypes: gradientTypes,
    contiguous: ['q', 'k', 'v', 'g', 'stats', 'delta'],
    shape: ([q, k, v], _: AttentionAttrs) => ({ shape: shape(q, k, v) }),
    launch: ([q, k, v, bias, allow, g, stats, delta], [y], attrs) =>
      withMask(name, [q, k, v, bias, allow], attrs, (mask, params) => {
        const all = { ...params, g_offset: g.layout.offset }
        const blocks = [y, q, k, v, mask, g, stats, delta]
        if (kv) launch(name, kernels.attention_grad_kv, blocks, { ...all, dv_offset: k.numel })
        else launch(name, kernels.attention_grad_q, blocks, all)
      }),
    vjp: 'once',
  })
const attentionGradQ = gradientOp('attentionGradQ', (q) => q.shape, false)
/** dk and after it dv, as one tensor of one axis. */
const attentionGradKV = gradientOp('attentionGradKV', (_, k, v) => [k.numel + v.numel], true)

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
  { scale, causal, group }: AttentionAttrs,
): Tensor {
  let s = mul(grouped(q, k, group, true), scale)
  if (bias) s = add(s, bias)
  if (allow) s = where(allow, s, -Infinity)
  if (!causal) return s
  const count = (n: number) => arange(0, n, 1, { device: q.device })
  return where(le(count(s.shape[s.ndim - 1]), unsqueeze(count(s.shape[s.ndim - 2]), 1)), s, -Infinity)
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
 *   axes do not fit, the mask does not broadcast to [..., L, S], dropoutP is not in [0, 1], or scale is not finite
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
  checkDType(op, 'q', q, floats)
  checkSameKind(op, q, 'k', k)
  checkSameKind(op, q, 'v', v)
  const { attnMask, isCausal, dropoutP, enableGqa, ...given } = parametersOf<Required<AttentionOptions>>(op, options, {
    attnMask: null,
    dropoutP: 0,
    isCausal: false,
    scale: null,
    enableGqa: false,
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
  let mask: Tensor | undefined
  if (attnMask != null) {
    checkTensor(op, 'attnMask', attnMask)
    if (attnMask.dtype !== 'bool') checkSameKind(op, q, 'attnMask', attnMask)
    const full = [...outer, ...(enableGqa ? [heads] : []), L, S]
    expandView(op, attnMask.layout, full)
    mask = expand(attnMask, full)
  }
  const keep = dropoutP === 1 ? 0 : 1 / (1 - dropoutP)
  const drop = dropoutP === 0 ? null : { ...drawMask(S, dropoutP), keep }
  const group = kHeads === 0 ? 1 : heads / kHeads
  const [bias, allow] = mask?.dtype === 'bool' ? [undefined, mask] : [mask, undefined]
  const inputs = [stretch(q, heads), stretch(k, kHeads), stretch(v, kHeads), bias, allow]
  const [y, stats] = attentionOp.all(inputs, { scale, causal: isCausal, group, drop })
  stats.dispose()
  return y
}

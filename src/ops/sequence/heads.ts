/**
 * @file How the matrices of attention and of rope lie in memory: in which order results are written, and the strides by
 * which kernels walk operands, so that heads cut out of [B, T, H·D] and joined again are never copied.
 */
import type { ParamValue } from '../../core/kernel.ts'
import { contiguousCopy } from '../../core/launch.ts'
import { contiguousView, mergeViews, permuteView, type Shape, type View } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { permute } from '../base/views.ts'

// ---- how results lie

/** All axes but the last as they lie in memory, the outermost first. */
export type Order = readonly number[]

/** x's own; row-major where axes overlap or kernels have not strides enough. */
export function orderOf({ layout: { shape, strides } }: Tensor): Order {
  const axes = shape.slice(0, -1).map((_, i) => i)
  const kept = axes.length <= 3 && axes.every((i) => strides[i] > 0 || shape[i] === 1)
  return kept ? axes.sort((a, b) => strides[b] - strides[a]) : axes
}

const inverse = (order: Order): Order => order.map((_, i) => order.indexOf(i))

/** x with its first axes in an order. */
export const ordered = (x: Tensor, order: Order): Tensor =>
  order.every((axis, i) => axis === i) ? x : permute(x, [...order, ...x.shape.map((_, i) => i).slice(order.length)])

/** x, whose first axes are in an order, with these as they were. */
export const restored = (x: Tensor, order: Order): Tensor => ordered(x, inverse(order))

/** Shape of a result in an order: as x, or of so many columns. */
export const shapeIn = (order: Order, { shape }: Tensor, columns = shape[order.length]): Shape => [
  ...order.map((axis) => shape[axis]),
  columns,
]

/** How the same result lies, from `start` of its memory on, with axes as x has them. */
export const viewIn = (order: Order, x: Tensor, { columns, start = 0 }: { columns?: number; start?: number } = {}) => ({
  ...permuteView(contiguousView(shapeIn(order, x, columns)), [...inverse(order), order.length]),
  offset: start,
})

// ---- how kernels walk

/** What lies in a matrix for each of k; all else for each of q. */
const OF_KEYS: readonly string[] = ['k', 'v', 'dk', 'dv']

/** Inputs of a kernel by name. */
export type Operands = Readonly<Record<string, Tensor>>

/**
 * For each view where it begins, its strides of two batch axes (the second of `inner` matrices of q) and that of rows;
 * null where the batch axes are not walked as two.
 */
function walksOf(batch: Shape, group: number, views: readonly (readonly [name: string, View])[]) {
  const shared = views.map(([name]) => (OF_KEYS.includes(name) ? group : 1))
  // As if each matrix of k were there for all of q that share it.
  const spread = views.map(([, { strides }], n) => ({
    shape: batch,
    strides: batch.map((_, i) => strides[i] * (i < batch.length - 1 ? shared[n] : 1)),
    offset: 0,
  }))
  const { shape, strides } = mergeViews(spread)
  if (shape.length > 2) return null
  const walks = views.map(([name, view], n) => {
    const outer = shape.length > 1 ? strides[n][0] / shared[n] : 0
    return [`${name}_at`, [view.offset, outer, strides[n].at(-1) ?? 0, view.strides[batch.length] ?? 0]]
  })
  return { inner: shape.at(-1) ?? 1, ...Object.fromEntries(walks) }
}

/** Calls `run` with the inputs, or copies of those that are not walked as they lie, and with how all operands lie. */
export function walked(
  label: string,
  group: number,
  inputs: Operands,
  results: Readonly<Record<string, View>>,
  run: (ready: Operands, walks: Readonly<Record<string, ParamValue>>) => void,
): void {
  const batch = (inputs.q ?? inputs.g ?? inputs.x).shape.slice(0, -2)
  const ready = { ...inputs }
  const copyThose = (unfit: (x: Tensor, name: string) => boolean): void => {
    for (const [name, x] of Object.entries(ready)) if (unfit(x, name)) ready[name] = contiguousCopy(label, x, x.layout)
  }
  const find = () => {
    const views = Object.entries(ready).map(([name, x]) => [name, x.layout] as const)
    return walksOf(batch, group, [...views, ...Object.entries(results)])
  }
  // Elements of a row follow each other, but in the mask. Lengths have no such axis.
  const last = batch.length + 1
  copyThose(({ shape, layout }, name) => name !== 'mask' && shape[last] > 1 && layout.strides[last] !== 1)
  let walks = find()
  if (!walks) {
    copyThose((x) => !x.isContiguous)
    walks = find()
  }
  run(ready, { ...(ready.mask && { mask_step: ready.mask.layout.strides[last] }), ...walks })
  for (const [name, x] of Object.entries(ready)) if (x !== inputs[name]) x.dispose()
}

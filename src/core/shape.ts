/**
 * @file Shapes and views: sizes, strides and offsets in elements, never bytes. Pure functions; no storage is known
 * here.
 */
import { describe, fail } from './errors.ts'

export type Shape = readonly number[]

/** How a tensor lies on its storage: element (i₀, i₁, …) is at offset + Σ iₖ·stridesₖ. */
export interface View {
  readonly shape: Shape
  readonly strides: readonly number[]
  readonly offset: number
}

/** Most dimensions a tensor may have. */
export const MAX_RANK = 8

/** Number of elements; 1 for a 0-d tensor. */
export function sizeOf(shape: Shape): number {
  let n = 1
  for (let i = 0; i < shape.length; i++) n *= shape[i]
  return n
}

/** `[2, 3]`, as errors and printing show it. */
export const showShape = (shape: Shape): string => `[${shape.map(String).join(', ')}]`

/** Row-major strides of a fresh tensor. */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]
  }
  return strides
}

/** The index of the i-th element in row-major order. */
export const indexAt = (shape: Shape, i: number): number[] =>
  rowMajor(shape).map((step, axis) => Math.floor(i / step) % shape[axis])

/** The view of a fresh tensor. */
export const contiguousView = (shape: Shape): View => ({ shape, strides: rowMajor(shape), offset: 0 })

/** True if the elements follow each other in row-major order (the offset may be anything). */
export function isContiguous(view: View): boolean {
  let step = 1
  for (let i = view.shape.length - 1; i >= 0; i--) {
    const n = view.shape[i]
    if (n === 0) return true
    if (n !== 1 && view.strides[i] !== step) return false
    step *= n
  }
  return true
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Check a shape a user gave: integers ≥ 0, rank ≤ 8. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) fail(op, `shape is ${describe(shape)}`, 'give an array of sizes, such as [2, 3]')
  if (shape.length > MAX_RANK) fail(op, `${showShape(shape)} has ${shape.length} dims, the most is ${MAX_RANK}`)
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0)
      fail(op, `${showShape(shape)} is not a shape`, 'sizes are integers from 0 up')
  }
}

/** A dim counted from the front; negative ones count from the end. */
export function normalDim(op: string, dim: number, rank: number): number {
  const span = Math.max(rank, 1)
  if (dim !== null && typeof dim === 'object') fail(op, `dim is ${describe(dim)}`, 'give an integer')
  if (!Number.isInteger(dim) || dim < -span || dim >= span) {
    fail(op, `dim ${describe(dim)} is out of range for a tensor of ${rank} dims`, `give ${-span} to ${span - 1}`)
  }
  return dim < 0 ? dim + span : dim
}

/** Several dims, sorted, each once; null or undefined means all of them, an empty list none. */
export function normalDims(op: string, dims: number | readonly number[] | null | undefined, rank: number): number[] {
  if (dims == null) return Array.from({ length: rank }, (_, i) => i)
  if (typeof dims !== 'number' && !Array.isArray(dims)) {
    fail(op, `dims is ${describe(dims)}`, 'an axis, a list of them, or null for all')
  }
  const list = (typeof dims === 'number' ? [dims] : [...dims]).map((d) => normalDim(op, d, rank))
  const unique = [...new Set(list)].sort((a, b) => a - b)
  if (unique.length !== list.length) fail(op, `dims [${list.join(', ')}] name one twice`)
  return unique.filter((d) => d < rank)
}

/** The shape that all broadcast to, by NumPy's rule: right-aligned, sizes equal or 1. */
export function broadcastShapes(op: string, ...shapes: Shape[]): Shape {
  const first = shapes[0]
  if (shapes.every((s) => sameShape(s, first))) return first
  const rank = Math.max(...shapes.map((s) => s.length))
  const out = new Array<number>(rank).fill(1)
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i
      if (shape[i] === 1 || shape[i] === out[at]) continue
      if (out[at] !== 1) {
        const all = shapes.map(showShape).join(' and ')
        fail(op, `${all} do not broadcast, axis ${at - rank} is ${out[at]} and ${shape[i]}`, 'reshape or unsqueeze one')
      }
      out[at] = shape[i]
    }
  }
  return out
}

/** Stretch a view to a shape: axes of size 1 and missing leading axes get stride 0. */
export function expandView(op: string, view: View, shape: Shape): View {
  if (sameShape(view.shape, shape)) return view
  const pad = shape.length - view.shape.length
  const ok = pad >= 0 && view.shape.every((n, i) => n === shape[pad + i] || n === 1)
  if (!ok) fail(op, `${showShape(view.shape)} does not expand to ${showShape(shape)}`, 'only axes of size 1 stretch')
  const strides = shape.map((n, i) => (i < pad || view.shape[i - pad] !== n ? 0 : view.strides[i - pad]))
  return { shape, strides, offset: view.offset }
}

/** Reorder axes. */
export function permuteView(view: View, dims: readonly number[]): View {
  return { shape: dims.map((d) => view.shape[d]), strides: dims.map((d) => view.strides[d]), offset: view.offset }
}

/** Give the same elements, in the same order, another shape; null if only a copy can do it. */
export function reshapeView(view: View, shape: Shape): View | null {
  if (isContiguous(view)) return { shape, strides: rowMajor(shape), offset: view.offset }
  // Walk the merged axes of the old view and cut each into axes of the new shape.
  const merged = mergeViews([view])
  const strides = new Array<number>(shape.length)
  let axis = shape.length - 1
  for (let i = merged.shape.length - 1; i >= 0; i--) {
    let left = merged.shape[i]
    let step = merged.strides[0][i]
    while (axis >= 0 && (left > 1 || shape[axis] === 1)) {
      if (left % shape[axis] !== 0) return null
      strides[axis] = step
      step *= shape[axis]
      left /= shape[axis]
      axis--
    }
    if (left > 1) return null
  }
  while (axis >= 0) strides[axis--] = 0
  return { shape, strides, offset: view.offset }
}

/** Several views of one shape as few axes as possible. */
export interface Merged {
  readonly shape: number[]
  /** Per view, the stride of each merged axis. */
  readonly strides: number[][]
}

/**
 * Drop axes of size 1 and join neighbours that every view walks as one: (i, j) with stride[i] = size[j]·stride[j].
 * Kernels take few axes; most tensors have one after merging.
 */
export function mergeViews(views: readonly View[]): Merged {
  const full = views[0].shape
  const shape: number[] = []
  const strides: number[][] = views.map(() => [])
  for (let i = 0; i < full.length; i++) {
    const n = full[i]
    if (n === 1) continue
    const last = shape.length - 1
    let joins = last >= 0
    for (let v = 0; joins && v < views.length; v++) joins = strides[v][last] === n * views[v].strides[i]
    if (joins) {
      shape[last] *= n
      for (let v = 0; v < views.length; v++) strides[v][last] = views[v].strides[i]
    } else {
      shape.push(n)
      for (let v = 0; v < views.length; v++) strides[v].push(views[v].strides[i])
    }
  }
  return { shape, strides }
}

/** Elements of the storage between the first and the last one a view touches, both included: [low, high]. */
export function viewRange(view: View): [number, number] {
  let [low, high] = [view.offset, view.offset]
  view.shape.forEach((n, i) => {
    const reach = (n - 1) * view.strides[i]
    if (reach < 0) low += reach
    else high += reach
  })
  return [low, high]
}

/** Walk a view's elements in row-major order: calls `visit(address, i)`. */
export function eachAddress(view: View, visit: (address: number, i: number) => void): void {
  const { shape, strides } = mergeViews([view])
  const rank = shape.length
  const index = new Array<number>(rank).fill(0)
  const n = sizeOf(view.shape)
  let at = view.offset
  for (let i = 0; i < n; i++) {
    visit(at, i)
    for (let d = rank - 1; d >= 0; d--) {
      at += strides[0][d]
      if (++index[d] < shape[d]) break
      at -= strides[0][d] * shape[d]
      index[d] = 0
    }
  }
}

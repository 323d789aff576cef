/** @file Tensors as text, in PyTorch's layout: aligned columns, four digits, long axes cut in the middle. */
import type { DType } from '../core/device.ts'
import { formatOf, widened } from '../core/half.ts'
import type { TypedArray } from '../core/kernel.ts'
import { rowMajor, type Shape, showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'

/** Tensors with more elements show only the first and last EDGE of each axis. */
const SUMMARISE = 1000
const EDGE = 3

/**
 * Values in nested brackets, continuation lines indented by `indent`. Only elements that are shown are looked at.
 * @param at  the i-th element in row-major order
 */
function formatValues(at: (i: number) => number, shape: Shape, dtype: DType, indent = 0): string {
  // Rows of nothing would fill lines, and a thousand of them a screen; the shape is said elsewhere.
  if (sizeOf(shape) === 0) return '[]'
  const cut = sizeOf(shape) > SUMMARISE
  // Per axis the positions that are shown; −1 is the gap.
  const shown = shape.map((n) => {
    const all = Array.from({ length: cut && n > 2 * EDGE ? EDGE : n }, (_, i) => i)
    return all.length === n ? all : [...all, -1, ...all.map((i) => n - EDGE + i)]
  })
  const steps = rowMajor(shape)
  const visit = <T>(
    depth: number,
    from: number,
    cell: (i: number) => T,
    join: (parts: (T | null)[], depth: number) => T,
  ): T =>
    depth === shape.length
      ? cell(from)
      : join(
          shown[depth].map((i) => (i < 0 ? null : visit(depth + 1, from + i * steps[depth], cell, join))),
          depth,
        )
  const values: number[] = []
  visit<void>(
    0,
    0,
    (i) => void values.push(at(i)),
    () => {},
  )
  const cells = formatCells(values, dtype)
  const width = cells.reduce((most, { length }) => Math.max(most, length), 0)
  let next = 0
  return visit(
    0,
    0,
    () => cells[next++].padStart(width),
    (parts, depth) => {
      const rest = shape.length - depth - 1
      const gap = rest === 0 ? ', ' : `,${'\n'.repeat(rest)}${' '.repeat(indent + depth + 1)}`
      return `[${parts.map((part) => part ?? '...').join(gap)}]`
    },
  )
}

/**
 * PyTorch's rules: 1. where all are whole, 1.0000, or 1.0000e+00 where four digits would not show the smallest next
 * to the largest.
 */
function formatCells(values: readonly number[], dtype: DType): string[] {
  if (dtype === 'bool') return values.map((v) => String(v !== 0))
  if (dtype === 'int32') return values.map(String)
  const sizes = values.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs)
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0)
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity)
  const whole = sizes.every(Number.isInteger)
  const scientific = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4)
  return values.map((v) => {
    if (Number.isNaN(v)) return 'nan'
    if (!Number.isFinite(v)) return v > 0 ? 'inf' : '-inf'
    if (scientific) return v.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2')
    return whole ? `${v}.` : v.toFixed(4)
  })
}

function suffix(x: Tensor): string {
  const parts: string[] = []
  if (x.numel === 0 && x.ndim > 1) parts.push(`size=${showShape(x.shape)}`)
  if (x.dtype !== 'float32') parts.push(`dtype=${x.dtype}`)
  if (x.device.kind !== 'cpu') parts.push(`device=${x.device.name}`)
  if (x.edge) parts.push(x.edge.source.name === 'leaf' ? 'requiresGrad=true' : `from=${x.edge.source.name}`)
  return parts.map((p) => `, ${p}`).join('')
}

/** What `x.print()` shows. @param data  the values of x */
export const printed = (x: Tensor, data: TypedArray): string =>
  `tensor(${formatValues((i) => data[i], x.shape, x.dtype, 7)}${suffix(x)})`

/** What Node's console.log shows: the values where the host can see them, else shape, dtype, device and op. */
export function describeTensor(x: Tensor): string {
  if (x.disposed || !x.device.peek) return x.toString()
  const raw = widened(formatOf(x.dtype), x.device.peek(x.storage.block))
  const { shape, strides, offset } = x.layout
  const steps = rowMajor(shape)
  const address = (i: number) => shape.reduce((at, n, d) => at + (Math.floor(i / steps[d]) % n) * strides[d], offset)
  return `${x.toString()}\n${formatValues((i) => raw[address(i)], shape, x.dtype)}`
}

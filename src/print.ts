/** @file Tensors as text, in PyTorch's layout: aligned columns, four digits, long axes cut in the middle. */
import type { DType } from './device.ts'
import type { TypedArray } from './kernel.ts'
import { eachAddress, type Shape, sizeOf } from './shape.ts'
import type { Tensor } from './tensor.ts'

/** Tensors with more elements show only the first and last EDGE of each axis. */
const SUMMARISE = 1000
const EDGE = 3

/** Values in nested brackets, continuation lines indented by `indent`. */
export function formatValues(data: ArrayLike<number>, shape: Shape, dtype: DType, indent = 0): string {
  const cells = formatCells(data, dtype)
  const width = Math.max(0, ...cells.map((c) => c.length))
  const cut = sizeOf(shape) > SUMMARISE
  const show = (dims: Shape, at: number, depth: number): string => {
    if (dims.length === 0) return cells[at].padStart(width)
    const [n, ...rest] = dims
    const step = sizeOf(rest)
    const all = Array.from({ length: n }, (_, i) => i)
    const kept = cut && n > 2 * EDGE ? [...all.slice(0, EDGE), -1, ...all.slice(-EDGE)] : all
    const parts = kept.map((i) => (i < 0 ? '...' : show(rest, at + i * step, depth + 1)))
    const gap = rest.length === 0 ? ', ' : `,${'\n'.repeat(rest.length)}${' '.repeat(indent + depth + 1)}`
    return `[${parts.join(gap)}]`
  }
  return show(shape, 0, 0)
}

function formatCells(data: ArrayLike<number>, dtype: DType): string[] {
  const values = Array.from(data)
  if (dtype === 'bool') return values.map((v) => String(v !== 0))
  if (dtype === 'int32') return values.map(String)
  const finite = values.filter(Number.isFinite).map(Math.abs)
  const largest = Math.max(0, ...finite)
  const smallest = Math.min(Infinity, ...finite.filter((v) => v > 0))
  const name = (v: number) => (Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf')
  if (finite.every(Number.isInteger) && largest < 1e8)
    return values.map((v) => (Number.isFinite(v) ? `${v}.` : name(v)))
  const scientific = largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3 * 1e5
  return values.map((v) => (!Number.isFinite(v) ? name(v) : scientific ? v.toExponential(4) : v.toFixed(4)))
}

function suffix(x: Tensor): string {
  const parts: string[] = []
  if (x.dtype !== 'float32') parts.push(`dtype=${x.dtype}`)
  if (x.device.kind !== 'cpu') parts.push(`device=${x.device.name}`)
  if (x.edge) parts.push(x.edge.source.name === 'leaf' ? 'requiresGrad=true' : `from=${x.edge.source.name}`)
  return parts.map((p) => `, ${p}`).join('')
}

const format = (x: Tensor, data: TypedArray): string => `tensor(${formatValues(data, x.shape, x.dtype, 7)}${suffix(x)})`

/** Print the values; waits for the device. */
export async function printTensor(x: Tensor): Promise<void> {
  const data = await x.data()
  console.log(format(x, data))
}

/** What console.log shows: the values where the host can see them, else shape, dtype, device and op. */
export function describeTensor(x: Tensor): string {
  if (x.disposed || !x.device.peek) return x.toString()
  const raw = x.device.peek(x.storage.block)
  const data = new Float64Array(x.numel)
  eachAddress(x.view, (address, i) => {
    data[i] = raw[address]
  })
  return `${x.toString()}\n${formatValues(data, x.shape, x.dtype)}`
}

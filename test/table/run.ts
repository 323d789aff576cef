/**
 * @file Puts a row of the op table through everything, on any device and in any JS environment (no test runner is
 * imported): shapes and values against float64, gradients with random cotangents (by the op's own rule, and by its
 * composition under createGraph), every memory layout, every dtype, and the balance of tensors and buffers.
 */

import type { Device, DType } from '../../src/core/device.ts'
import { HandgradError } from '../../src/core/errors.ts'
import { grad } from '../../src/core/walk.ts'
import { memory } from '../../src/memory.ts'
import '../../src/methods.ts'
import type { TypedArray } from '../../src/core/kernel.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import { rowMajor, type Shape, showShape, sizeOf } from '../../src/core/shape.ts'
import { Tensor } from '../../src/core/tensor.ts'
import { cpu } from '../../src/devices.ts'
import type { InterpreterDevice } from '../../src/interpreter/device.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import type { Input } from './inputs.ts'
import { type Bound, type Case, type OpName, ops, type Row, table } from './table.ts'

/** How a tensor lies in memory. Every case is run in each of them. */
export const layouts = ['contiguous', 'transposed', 'offset', 'expanded'] as const
/**
 * 'shifted': row-major, after eight elements that are not its own. The variants that take four at a time are run on it
 * as well.
 */
export type Layout = (typeof layouts)[number] | 'shifted'

/** One failed check; the run goes on, so that a report shows all of them. */
export interface Failure {
  readonly op: OpName
  readonly where: string
  readonly what: string
  /** The case and its layout; undefined for what belongs to none: a dtype, the memory. */
  readonly at?: Place
}

/** A case of a row, by its index, in a layout. */
export interface Place {
  readonly index: number
  readonly layout: Layout
}

/** What a case launched in a layout, as `kernel/variant` (on WebGPU), and how far off it was. */
export interface CaseReport extends Place {
  readonly launched: readonly string[]
  /** The largest error in units of what is allowed; 0 where all is exact, Infinity where nothing is allowed. */
  share: number
}

export interface RowReport {
  readonly op: OpName
  readonly checks: number
  readonly failures: readonly Failure[]
  readonly worst: Readonly<Record<Layout, Worst>>
  readonly cases: readonly CaseReport[]
}

/**
 * Largest errors seen in a layout, in float32 units in the last place of the largest element; null where nothing was
 * compared.
 */
export interface Worst {
  forward: number | null
  backward: number | null
}

/** True if some input lies differently in this layout: a vector has nothing to transpose. */
export const changes = (c: Case, layout: Layout): boolean =>
  layout === 'contiguous' ||
  layout === 'offset' ||
  layout === 'shifted' ||
  c.x.some(({ shape }) => (layout === 'transposed' ? shape.length > 1 : shape[0] > 1))

/** Host values in a layout: expanded inputs repeat their first row. */
function hostValues(input: Input, layout: Layout, seed: number): Float64Array {
  const data = input.draw(new Philox(seed))
  const [first, ...rest] = input.shape
  if (layout === 'expanded' && first > 1) {
    const step = sizeOf(rest)
    for (let i = step; i < data.length; i++) data[i] = data[i % step]
  }
  return data
}

/** The values as a tensor whose memory has the given layout. */
export function arrange(data: Float64Array, shape: Shape, layout: Layout, dtype: DType, device: Device): Tensor {
  const make = (values: Float64Array, s: Shape) =>
    tensor(dtype === 'bool' ? Uint8Array.from(values) : dtype === 'int32' ? Int32Array.from(values) : values, {
      shape: s,
      dtype,
      device,
    })
  if (layout === 'transposed' && shape.length > 1) {
    const dims = shape.map((_, i) => shape.length - 1 - i)
    const reversed = dims.map((d) => shape[d])
    const strides = rowMajor(shape)
    const flipped = new Float64Array(data.length)
    for (let i = 0; i < data.length; i++) {
      let [rest, from] = [i, 0]
      for (let d = dims.length - 1; d >= 0; d--) {
        from += (rest % reversed[d]) * strides[dims[d]]
        rest = Math.floor(rest / reversed[d])
      }
      flipped[i] = data[from]
    }
    return make(flipped, reversed).permute(dims)
  }
  if (layout === 'offset') {
    const cols = shape.at(-1) ?? 1
    const padded = new Float64Array(sizeOf(shape.slice(0, -1)) * (cols + 3)).fill(dtype === 'bool' ? 1 : 77)
    for (let i = 0; i < data.length; i++) padded[Math.floor(i / cols) * (cols + 3) + 2 + (i % cols)] = data[i]
    const wide = make(padded, shape.length ? [...shape.slice(0, -1), cols + 3] : [cols + 3])
    const cut = wide.slice(...wide.shape.map((_, i) => (i === wide.ndim - 1 ? ([2, 2 + cols] as const) : null)))
    return shape.length ? cut : cut.reshape([])
  }
  if (layout === 'shifted') {
    const longer = new Float64Array(8 + data.length).fill(dtype === 'bool' ? 1 : 77)
    longer.set(data, 8)
    return make(longer, [longer.length]).slice([8]).reshape(shape)
  }
  if (layout === 'expanded' && shape[0] > 1) {
    return make(data.subarray(0, sizeOf(shape.slice(1))), [1, ...shape.slice(1)]).expand([...shape])
  }
  return make(data, shape)
}

const dtypeOf = (input: Input, float: DType): DType => (input.kind === 'float' ? float : input.kind)
const isFloat = (x: Tensor): boolean => x.dtype === 'float32' || x.dtype === 'float64'
const list = (y: Tensor | readonly Tensor[]): readonly Tensor[] => (y instanceof Tensor ? [y] : y)

/**
 * Call a case's function on leaves of a layout; outputs, and gradients of the float inputs for the cotangents that are
 * given to the outputs that have a gradient.
 */
function evaluate(
  name: OpName,
  c: Case,
  data: readonly Float64Array[],
  layout: Layout,
  float: DType,
  device: Device,
  cotangentsOf: (smooth: readonly Tensor[]) => readonly Float64Array[],
  createGraph: boolean,
) {
  const xs = c.x.map((input, i) => {
    const x = arrange(data[i], input.shape, layout, dtypeOf(input, float), device).detach()
    return input.kind === 'float' ? x.requiresGrad_() : x
  })
  const f = (c.f ?? ops[name]) as (...x: Tensor[]) => Tensor | readonly Tensor[]
  const ys = list(f(...xs))
  const smooth = ys.filter((y) => y.edge)
  const wanted = xs.filter((x) => x.edge)
  const cotangents = cotangentsOf(smooth)
  if (smooth.length === 0 || cotangents.length === 0) return { ys, grads: [] }
  const gradOutputs = smooth.map((y, i) => tensor(cotangents[i], { shape: y.shape, dtype: y.dtype, device }))
  const grads = grad(smooth, wanted, { gradOutputs, createGraph, allowUnused: true })
  return { ys, grads: grads.map((g, i) => g ?? wanted[i].detach().mul(0)) }
}

/** A float32's unit in the last place; never below the smallest normal number, because devices may flush denormals. */
function ulp(v: number): number {
  const a = Math.abs(v)
  return a < 2 ** -126 || !Number.isFinite(a) ? 2 ** -126 : 2 ** (Math.floor(Math.log2(a)) - 23)
}

/**
 * Below this all of a result has cancelled (the gradient of a row that is normalised to 1): its errors are measured
 * against 1.
 */
const CANCELLED = 1e-6

/**
 * Compare with the float64 result; the worst error in ulp of the largest element and in units of what is allowed, and a
 * text that says what is off.
 */
function compare(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  bound: Bound,
  terms?: ArrayLike<number>,
): { worst: number; share: number; fault: string | null } {
  if (got.length !== want.length)
    return { worst: Infinity, share: Infinity, fault: `${got.length} elements, not ${want.length}` }
  let max = 0
  for (let i = 0; i < want.length; i++) if (Number.isFinite(want[i])) max = Math.max(max, Math.abs(want[i]))
  const largest = ulp(max < CANCELLED ? 1 : max)
  let worst = 0
  let share = 0
  let fault: string | null = null
  for (let i = 0; i < want.length; i++) {
    const expected = Math.fround(want[i])
    if (got[i] === expected || (Number.isNaN(got[i]) && Number.isNaN(expected))) continue
    const error = Math.abs(got[i] - want[i])
    const tiny = Math.abs(expected) < 2 ** -126 ? 2 ** -126 : 0
    const allowed =
      (bound.abs ?? 0) +
      (bound.ulp ?? 0) * ulp(expected) +
      (bound.ulpOfMax ?? 0) * largest +
      (terms ? (bound.ulpOfTerms ?? 0) * ulp(terms[i]) : 0) +
      tiny
    worst = Math.max(worst, error / largest)
    // Where nothing is allowed every error is beyond all bounds, and so is one that is NaN.
    share = Math.max(share, error === 0 ? 0 : Number.isNaN(error) ? Infinity : error / allowed)
    if (!(error <= allowed) && !fault) {
      fault = `element ${i} is ${got[i]}, float64 says ${want[i]} (off by ${error.toExponential(2)}, ${allowed.toExponential(2)} allowed)`
    }
  }
  return { worst, share, fault }
}

/** Backward adds up products of what forward computed: four times its bound, and room for sums. */
const backwardBound = (b: Bound): Bound => ({
  ulp: 4 * ((b.ulp ?? 0) + 1),
  ulpOfMax: 4 * ((b.ulpOfMax ?? 0) + 2),
  ulpOfTerms: 4 * (b.ulpOfTerms ?? 0),
  abs: 4 * (b.abs ?? 0),
})

const seedOf = (op: string, index: number): number =>
  [...op].reduce((h, ch) => (h * 31 + ch.charCodeAt(0)) >>> 0, 7) + index * 1000

/** How often each variant ran, on devices that count. */
const countsOf = (device: Device): Readonly<Record<string, number>> =>
  device.kind === 'cpu' ? {} : (device as WebGPUDevice | InterpreterDevice).counts()

/**
 * Everything that is checked of one op on one device.
 * @param pick    which layouts
 * @param chosen  which cases, by their index in the row; default: all
 */
export async function runRow(
  op: OpName,
  device: Device,
  pick: readonly Layout[] = layouts,
  row: Row = table[op],
  chosen: (index: number) => boolean = () => true,
): Promise<RowReport> {
  const failures: Failure[] = []
  const worst = Object.fromEntries(pick.map((layout) => [layout, { forward: null, backward: null }])) as Record<
    Layout,
    Worst
  >
  const cases: CaseReport[] = []
  let checks = 0
  const before = memory(device)
  using s = openScope()
  const pending: Promise<void>[] = []
  row.cases.forEach((c, index) => {
    // layouts differ in memory, not in values, but for 'expanded'
    const references = new Map<boolean, Reference>()
    const referenceFor = (layout: Layout): Reference => {
      const repeated = layout === 'expanded'
      const known = references.get(repeated) ?? referenceOf(op, row, c, layout, seedOf(op, index))
      references.set(repeated, known)
      return known
    }
    for (const layout of chosen(index) ? pick : []) {
      const where = `case ${index} ${c.x.map((x) => showShape(x.shape)).join(' ')}${c.note ? ` (${c.note})` : ''}, ${layout}`
      const failed = (what: string) => failures.push({ op, where, what, at: { index, layout } })
      if (c.kink && layout === 'expanded') continue
      if (c.forward && layout !== 'contiguous') continue
      const counted = countsOf(device)
      try {
        const run = () => checkCase(op, row, c, layout, device, referenceFor(layout))
        const checked = s.run(run)
        const now = Object.entries(countsOf(device))
        const launched = now.filter(([name, times]) => times > (counted[name] ?? 0)).map(([name]) => name)
        const report: CaseReport = { index, layout, launched, share: 0 }
        cases.push(report)
        for (const check of checked) {
          checks++
          pending.push(
            Promise.all([check.got, check.want, check.terms]).then(([got, want, terms]) => {
              const { worst: error, share, fault } = compare(got, want, check.bound, terms)
              report.share = Math.max(report.share, share)
              const pass = check.backward ? 'backward' : 'forward'
              if (changes(c, layout)) worst[layout][pass] = Math.max(worst[layout][pass] ?? 0, error)
              if (fault) failed(`${check.what}: ${fault}`)
            }),
          )
        }
      } catch (error) {
        failed((error as Error).stack ?? String(error))
      }
    }
  })
  // All reads of a row wait together.
  for (const result of await Promise.allSettled(pending))
    if (result.status === 'rejected') failures.push({ op, where: 'reading', what: String(result.reason) })
  s.dispose()
  checks += checkDTypes(op, row, device, failures)
  const after = memory(device)
  for (const key of ['tensors', 'nodes', 'storages', 'bytes', 'live'] as const) {
    checks++
    // Less is what the collector took meanwhile of what others had left behind; more is a leak of this row.
    if (after[key] > before[key])
      failures.push({ op, where: 'memory', what: `${key} went from ${before[key]} to ${after[key]}` })
  }
  return { op, checks, failures, worst, cases }
}

interface Check {
  readonly what: string
  readonly backward: boolean
  readonly got: Promise<TypedArray>
  readonly want: Promise<TypedArray>
  /** The same with absolute values: what cancelled. */
  readonly terms?: Promise<TypedArray>
  readonly bound: Bound
}

/** Host values of a case, and what float64 makes of them on the CPU. */
interface Reference {
  readonly data: readonly Float64Array[]
  readonly cotangents: readonly Float64Array[]
  readonly want: ReturnType<typeof evaluate>
  /** The same with absolute values, where a bound counts in what cancelled. */
  readonly absolute: ReturnType<typeof evaluate> | null
}

function referenceOf(op: OpName, row: Row, c: Case, layout: Layout, seed: number): Reference {
  const data = c.x.map((input, i) => hostValues(input, layout, seed + i))
  const random = new Philox(seed + 500)
  let cotangents: Float64Array[] = []
  const draw = (smooth: readonly Tensor[]) => {
    if (!c.forward)
      cotangents = smooth.map((y) => Float64Array.from({ length: y.numel }, () => Math.fround(random.normal())))
    return cotangents
  }
  const exact = (values: readonly Float64Array[], drawn: typeof draw) =>
    evaluate(op, c, values, 'contiguous', 'float64', cpu, drawn, false)
  const want = exact(data, draw)
  const magnitudes = (all: readonly Float64Array[]) => all.map((values) => values.map(Math.abs))
  const absolute = (c.bound ?? row.bound).ulpOfTerms ? exact(magnitudes(data), () => magnitudes(cotangents)) : null
  return { data, cotangents, want, absolute }
}

function checkCase(op: OpName, row: Row, c: Case, layout: Layout, device: Device, reference: Reference): Check[] {
  const { data, cotangents, want, absolute } = reference
  const run = (createGraph: boolean) => evaluate(op, c, data, layout, 'float32', device, () => cotangents, createGraph)
  const got = run(false)
  const bound = c.bound ?? row.bound
  const checks: Check[] = []
  if (got.ys.length !== want.ys.length) throw new Error(`${got.ys.length} outputs, not ${want.ys.length}`)
  got.ys.forEach((y, i) => {
    const expected = want.ys[i]
    const dtype = expected.dtype === 'float64' ? 'float32' : expected.dtype
    if (showShape(y.shape) !== showShape(expected.shape))
      throw new Error(`shape ${showShape(y.shape)}, not ${showShape(expected.shape)}`)
    if (y.dtype !== dtype) throw new Error(`dtype ${y.dtype}, not ${dtype}`)
    checks.push({
      what: `output ${i}`,
      backward: false,
      got: y.data(),
      want: expected.data(),
      terms: absolute?.ys[i].data(),
      bound: isFloat(y) ? bound : {},
    })
  })
  const compareGrads = (what: string, grads: readonly Tensor[]) => {
    if (grads.length !== want.grads.length) throw new Error(`${grads.length} gradients, not ${want.grads.length}`)
    grads.forEach((g, i) => {
      checks.push({
        what: `${what} ${i}`,
        backward: true,
        got: g.data(),
        want: want.grads[i].data(),
        terms: absolute?.grads[i].data(),
        bound: backwardBound(bound),
      })
    })
  }
  compareGrads('gradient', got.grads)
  if (layout === 'contiguous' && row.order === 2 && !c.forward)
    compareGrads('gradient under createGraph', run(true).grads)
  return checks
}

/** Ops that a row's first case calls before the row's own; one of them may refuse the dtype. */
const CALLED_FIRST: Partial<Record<OpName, readonly OpName[]>> = {
  gaussianNllLoss: ['square', 'add'],
  ctcLoss: ['logSoftmax'],
}

/** Each dtype in place of the float inputs is either accepted, or refused by a text that names the op and the dtype. */
function checkDTypes(op: OpName, row: Row, device: Device, failures: Failure[]): number {
  const c = row.cases.find((one) => one.x.some((x) => x.kind === 'float')) ?? row.cases[0]
  for (const dtype of device.dtypes) {
    using s = openScope()
    try {
      s.run(() => {
        const xs = c.x.map((input, i) =>
          arrange(
            hostValues(input, 'contiguous', i).map(Math.abs).map(Math.floor),
            input.shape,
            'contiguous',
            dtypeOf(input, dtype),
            device,
          ),
        )
        return (c.f ?? (ops[op] as (...x: Tensor[]) => Tensor))(...xs)
      })
    } catch (error) {
      const named =
        error instanceof HandgradError &&
        [op, ...(CALLED_FIRST[op] ?? [])].includes(error.op as OpName) &&
        error.message.startsWith(`${error.op}: `) &&
        error.message.includes(dtype)
      if (!named) failures.push({ op, where: `dtype ${dtype}`, what: String((error as Error).stack) })
    }
  }
  return device.dtypes.length
}

export const opNames = Object.keys(table) as OpName[]

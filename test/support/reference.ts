/**
 * @file Replays the calls of test/reference/*.json, which tools/reference.py wrote with PyTorch in float64: outputs,
 * gradients for given cotangents, and the gradients of those along given directions.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Device, DType } from '../../src/core/device.ts'
import { grad } from '../../src/core/walk.ts'
import '../../src/methods.ts'
import { openScope } from '../../src/core/scope.ts'
import { showShape } from '../../src/core/shape.ts'
import { Tensor } from '../../src/core/tensor.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import * as ops from '../../src/ops/index.ts'

export interface Packed {
  readonly kind: 'float' | 'int32' | 'bool'
  readonly shape: readonly number[]
  /** Numbers, or 'NaN', 'Infinity', '-Infinity'. */
  readonly data: readonly (number | string)[]
}

/** One call: '$0' among its args stands for the first input. Gradients are those of the float inputs. */
export interface Reference {
  readonly op: keyof typeof ops
  readonly args: readonly unknown[]
  readonly inputs: readonly Packed[]
  readonly outputs: readonly Packed[]
  readonly cotangents?: readonly Packed[]
  readonly grads?: readonly (Packed | null)[]
  readonly directions?: readonly Packed[]
  readonly second?: readonly (Packed | null)[]
}

const folder = new URL('../reference/', import.meta.url)

/** All cases of ops, by file. Those of layers, nn*.json, are replayed by test/nn/layers.ts. */
export const references: Readonly<Record<string, readonly Reference[]>> = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !file.startsWith('nn'))
    .sort()
    .map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(new URL(file, folder), 'utf8'))]),
)

/** The case as a line of text, for a test's name. */
export const titleOf = ({ op, args, inputs }: Reference): string =>
  `${op}(${args.map((arg) => JSON.stringify(arg)).join(', ')}) on ${inputs.map((x) => showShape(x.shape)).join(' ')}`

export const numbers = (x: Packed): number[] => x.data.map(Number)

export function unpack(x: Packed, float: DType, device: Device): Tensor {
  const data = numbers(x)
  const values = x.kind === 'int32' ? Int32Array.from(data) : x.kind === 'bool' ? Uint8Array.from(data) : data
  return tensor(values, { shape: x.shape, dtype: x.kind === 'float' ? float : x.kind, device })
}

/** Put inputs in the places that '$i' marks. */
export function place(arg: unknown, xs: readonly Tensor[]): unknown {
  if (typeof arg === 'string')
    return /^\$\d+$/.test(arg) ? xs[Number(arg.slice(1))] : /^-?Infinity$/.test(arg) ? Number(arg) : arg
  if (Array.isArray(arg)) return arg.map((one) => place(one, xs))
  if (arg !== null && typeof arg === 'object')
    return Object.fromEntries(Object.entries(arg).map(([key, one]) => [key, place(one, xs)]))
  return arg
}

/** A result as a list: one tensor, several, or an object of them; null is none. */
export const listed = (y: unknown): Tensor[] =>
  y instanceof Tensor ? [y] : Object.values((y ?? []) as object).flatMap(listed)

/** Below this a tensor has cancelled: its errors are measured against this. */
const FLOOR = 1e-9

/** A result, and what PyTorch has. */
export interface Compared {
  readonly what: string
  readonly y: Tensor
  readonly want: Packed
}

/** What is off in results, read all at once; tolerance as {@link replay}. */
export async function differences(got: readonly Compared[], tolerance: number): Promise<string[]> {
  const faults: string[] = []
  const data = await Promise.all(got.map(({ y }) => y.data()))
  got.forEach(({ what, y, want }, i) => {
    if (showShape(y.shape) !== showShape(want.shape)) {
      faults.push(`${what}: shape ${showShape(y.shape)}, not ${showShape(want.shape)}`)
      return
    }
    const expected = numbers(want)
    const largest = Math.max(FLOOR, ...expected.filter(Number.isFinite).map(Math.abs))
    const allowed = want.kind === 'float' ? tolerance * largest : 0
    const bad = expected.findIndex(
      (v, j) => !(Object.is(v, data[i][j]) || v === data[i][j] || Math.abs(v - data[i][j]) <= allowed),
    )
    if (bad >= 0) faults.push(`${what}: element ${bad} is ${data[i][bad]}, PyTorch has ${expected[bad]}`)
  })
  return faults
}

/**
 * Run a case. @returns what is off, '' where nothing is
 * @param tolerance  accepted distance, relative to the largest element of each tensor (of FLOOR, where all are smaller)
 */
export async function replay(c: Reference, device: Device, float: DType, tolerance: number): Promise<string> {
  using s = openScope()
  const faults: string[] = []
  const got: Compared[] = []
  s.run(() => {
    const xs = c.inputs.map((x) => {
      const leaf = unpack(x, float, device)
      return x.kind === 'float' ? leaf.requiresGrad_() : leaf
    })
    const call = (ops as unknown as Record<string, (...args: unknown[]) => unknown>)[c.op]
    const ys = listed(call(...c.args.map((arg) => place(arg, xs))))
    if (ys.length !== c.outputs.length) faults.push(`${ys.length} outputs, not ${c.outputs.length}`)
    c.outputs.forEach((want, i) => ys[i] && got.push({ what: `output ${i}`, y: ys[i], want }))
    if (!c.cotangents || !c.grads) return
    const smooth = ys.filter((y) => y.requiresGrad)
    const wanted = xs.filter((x) => x.requiresGrad)
    const gradOutputs = c.cotangents.map((g) => unpack(g, float, device))
    const createGraph = c.directions !== undefined
    const grads = grad(smooth, wanted, { gradOutputs, createGraph, allowUnused: true })
    c.grads.forEach((want, i) => {
      const y = grads[i]
      if (want && y) got.push({ what: `gradient ${i}`, y, want })
      else if (want && numbers(want).some((v) => v !== 0)) faults.push(`gradient ${i} is missing`)
    })
    if (!c.directions || !c.second) return
    let at = 0
    const along = grads.flatMap((g, i) => {
      const direction = c.grads?.[i] ? c.directions?.[at++] : undefined
      return g?.requiresGrad && direction ? [{ g, direction }] : []
    })
    const second = grad(
      along.map(({ g }) => g),
      wanted,
      { gradOutputs: along.map(({ direction }) => unpack(direction, float, device)), allowUnused: true },
    )
    c.second.forEach((want, i) => {
      const y = second[i]
      if (want && y) got.push({ what: `second order ${i}`, y, want })
      else if (want && numbers(want).some((v) => Math.abs(v) > tolerance)) faults.push(`second order ${i} is missing`)
    })
  })
  return [...faults, ...(await differences(got, tolerance))].join('; ')
}

/** @file A case of a row, differentiated twice: what ends.ts, empties.ts and kinks.ts look at. */
import type { Device } from '../../src/core/device.ts'
import { fail } from '../../src/core/errors.ts'
import { Philox } from '../../src/core/philox.ts'
import type { Shape } from '../../src/core/shape.ts'
import { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import '../../src/methods.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { arrange } from './run.ts'
import { type Case, type OpName, ops, table } from './table.ts'

export interface Twice {
  /** What the op gives. */
  readonly ys: readonly Tensor[]
  /** The float inputs, as leaves. */
  readonly leaves: readonly Tensor[]
  /** Gradients of Σ c·y by each leaf, c random; null where nothing depends on it. */
  readonly first: readonly (Tensor | null)[]
  /** The gradients of Σ v·first, v random; all null where the op is not differentiable twice. */
  readonly second: readonly (Tensor | null)[]
}

const random = (seed: number, n: number): Float64Array => {
  const philox = new Philox(seed)
  return Float64Array.from({ length: n }, () => Math.fround(philox.normal()))
}

/** @param shapes  of the inputs, whose values are `data` */
export function twice(
  op: OpName,
  c: Case,
  shapes: readonly Shape[],
  data: readonly Float64Array[],
  dtype: 'float32' | 'float64',
  device: Device,
): Twice {
  const xs = c.x.map(({ kind }, i) => {
    const x = arrange(data[i], shapes[i], 'contiguous', kind === 'float' ? dtype : kind, device).detach()
    return kind === 'float' ? x.requiresGrad_() : x
  })
  const result = (c.f ?? (ops[op] as (...x: Tensor[]) => Tensor | readonly Tensor[] | undefined))(...xs)
  if (!result) fail(op, 'the case picks a part that is not there')
  const ys = result instanceof Tensor ? [result] : result
  const leaves = xs.filter((x) => x.edge)
  const none = leaves.map(() => null)
  const back = (of: readonly Tensor[], seed: number, createGraph: boolean): readonly (Tensor | null)[] => {
    if (of.length === 0) return none
    const like = (x: Tensor, i: number) => tensor(random(seed + i, x.numel), { shape: x.shape, dtype, device })
    return grad(of, leaves, { allowUnused: true, createGraph, gradOutputs: of.map(like) })
  }
  const createGraph = table[op].order === 2
  const recorded = (list: readonly (Tensor | null)[]) => list.filter((x) => x !== null).filter((x) => x.edge)
  const first = back(recorded(ys), 50, createGraph)
  const second = createGraph ? back(recorded(first), 90, false) : none
  return { ys, leaves, first, second }
}

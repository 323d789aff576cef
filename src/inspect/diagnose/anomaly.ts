/** @file Steps that are watched for numbers that are not finite; one that has some is taken again, op by op. */
import { gradOf, hasGrad } from '../../autograd/backward.ts'
import { describe, fail, HandgradError } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { openScope, scope } from '../../core/scope.ts'
import { Tensor } from '../../core/tensor.ts'
import { Module } from '../../nn/index.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { clone } from '../../ops/base/views.ts'
import { findOrigin, type Origin, sayOrigin } from '../../train/origin.ts'
import { isStateful, Snapshot } from '../../train/snapshot.ts'
import type { AnomalyOptions } from '../loaded.ts'
import { finiteOf } from './figures.ts'
import { besides, Gradients, partOf } from './restored.ts'

const OP = 'detectAnomaly'

/** Where a step's numbers ceased to be finite. */
export interface Anomaly extends Origin {
  /** The step, from 1. */
  readonly step: number
}

/** The error of a step whose numbers are not finite. */
export interface AnomalyError extends HandgradError {
  readonly anomaly: Anomaly
}

/** Take a step; if its numbers are not finite, go back and say where they ceased to be. */
export async function watched<T>(
  model: Module,
  options: AnomalyOptions | undefined,
  n: number,
  step: () => T | Promise<T>,
): Promise<T> {
  const { parts } = optionsOf(OP, options, { parts: [] })
  if (!(model instanceof Module)) fail(OP, `the model is ${describe(model)}`, 'give an nn.Module')
  if (!Array.isArray(parts) || !parts.every(isStateful))
    fail(OP, `parts is ${describe(parts)}`, 'give a list of what has stateDict() and loadStateDict()')
  if (typeof step !== 'function') fail(OP, `the step is ${describe(step)}`, 'give a function')
  const params = model.namedParameters()
  const more = besides(model, undefined, parts)
  const before = new Snapshot([model, ...parts, partOf(more)])
  const gradients = new Gradients([...params.map(([, x]) => x), ...more])
  try {
    const result = await step()
    using own = openScope()
    // Handles of gradients are the step's, and end with it.
    const tensors = own.run(() => params.flatMap(([, x]) => (hasGrad(x) ? [x, gradOf(x)] : [x])))
    if (result instanceof Tensor && !result.disposed) tensors.push(result)
    if (await allFinite(tensors)) return result
    let dropped: unknown
    const again = async (): Promise<unknown> => {
      before.restore()
      gradients.restore()
      if (dropped instanceof Tensor) dropped.dispose()
      return (dropped = await step())
    }
    const origin = await findOrigin(again, params)
    if (dropped instanceof Tensor) dropped.dispose()
    before.restore()
    gradients.restore()
    throw anomalous(origin, n)
  } finally {
    before.dispose()
    gradients.dispose()
  }
}

function anomalous(origin: Origin | undefined, step: number): HandgradError {
  const what = origin ? sayOrigin(origin) : 'the optimizer gives weights that are not finite, from finite gradients'
  const error = new HandgradError(OP, `${what}, in step ${step}`, 'keep what the op is given inside its domain')
  return Object.assign(error, { anomaly: origin && { ...origin, step } })
}

/** Whether every element is finite: one launch for six tensors, and one read. */
async function allFinite(tensors: readonly Tensor[]): Promise<boolean> {
  const kinds = new Map<string, Tensor[]>()
  for (const x of tensors.filter(({ dtype, numel }) => floats.includes(dtype) && numel > 0)) {
    const kind = `${x.dtype} ${x.device.name}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), x])
  }
  const reads = [...kinds.values()].map((xs) => {
    const sums = scope(() => clone(finiteOf(xs)))
    return sums.item().finally(() => sums.dispose())
  })
  return (await Promise.all(reads)).every(Number.isFinite)
}

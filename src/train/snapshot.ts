/** @file Copies, on the device, of what a training changes: to go back to it. Files are io's. */
import { contiguousCopy } from '../core/launch.ts'
import { type Handle, keep, scope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import type { Stateful } from '../io/index.ts'
import { getRandomState, setRandomState } from '../ops/index.ts'

/** True of what can be saved and restored. */
export const isStateful = (x: unknown): x is Stateful =>
  typeof (x as Partial<Stateful> | undefined)?.stateDict === 'function' &&
  typeof (x as Partial<Stateful>).loadStateDict === 'function'

/** The same lists and objects with copies of the tensors, which go into `copies`. */
function copied(value: unknown, copies: Handle[]): unknown {
  if (value instanceof Tensor) {
    const copy = keep(contiguousCopy('snapshot', value, value.layout))
    copies.push(copy)
    return copy
  }
  if (Array.isArray(value)) return value.map((item) => copied(item, copies))
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copied(item, copies)]))
}

/** Parts as they stood, and the random state. */
export class Snapshot {
  private readonly copies: Handle[] = []
  private readonly states: readonly (readonly [part: Stateful, state: unknown])[]
  private readonly random = getRandomState()

  constructor(parts: readonly Stateful[]) {
    // Optimizers make views of their state for it.
    this.states = scope(() => parts.map((part) => [part, copied(part.stateDict(), this.copies)] as const))
  }

  /** Put everything back. */
  restore(): void {
    for (const [part, state] of this.states) part.loadStateDict(state as never)
    setRandomState(this.random)
  }

  dispose(): void {
    for (const copy of this.copies) copy.dispose()
  }
}

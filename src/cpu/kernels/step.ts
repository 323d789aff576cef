/**
 * @file What the twins of optimizer steps share: a launch updates up to three tensors, each with a slot in flat state
 * buffers.
 */
import type { Constants, Twin, TypedArray } from '../../core/kernel.ts'

/**
 * Params of a step: the rule's numbers, and of each tensor how many elements it has and where its slot in the state
 * begins.
 */
export type StepParams = Readonly<Record<string, number>> & {
  readonly sizes: readonly number[]
  readonly starts: readonly number[]
}

/**
 * One tensor's step: `size` elements of p, given g; its state begins at `start` of each buffer in `state`, undefined
 * where a launch has none. The loop is the rule's own, so that the engine compiles one per rule.
 */
export type TensorStep = (
  p: TypedArray,
  g: TypedArray,
  size: number,
  state: readonly (TypedArray | undefined)[],
  start: number,
  numbers: StepParams,
  constants: Constants,
) => void

/** State of a rule that always keeps some: those that every launch has come first. */
export type States = readonly TypedArray[]

/** The twin of a rule. `states`: how many blocks come before the pairs of tensor and gradient. */
export const stepTwin =
  (states: number, update: TensorStep): Twin =>
  (blocks: (TypedArray | undefined)[], numbers: StepParams, constants) => {
    const state = blocks.slice(0, states)
    for (let t = 0; states + 2 * t < blocks.length; t++) {
      const [p, g] = [blocks[states + 2 * t], blocks[states + 2 * t + 1]]
      if (p && g) update(p, g, numbers.sizes[t], state, numbers.starts[t], numbers, constants)
    }
  }

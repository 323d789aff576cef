/**
 * @file Ops of users: defineOp of op.ts, with a look at what shape() and view() gave at every call. The ops of handgrad
 * are tested and go without.
 */
import { describe, fail } from './errors.ts'
import { type Check, defineOp as define, type NoAttrs, type Op, type OpSpec, type Saves } from './op.ts'
import { checkShape, sameShape, showShape, sizeOf, viewRange } from './shape.ts'

/**
 * Make an op. The compiler asks for a gradient rule per input (or 'none' with a reason in its comment), and for the
 * name in `saves` of every value that a rule reads.
 * @returns a function `op(inputs, attrs)`; wrap it in one with the public signature and docs
 * @throws HandgradError if an input has no gradient rule; at a call, if shape() or view() gives something else than
 *   shapes and views inside of the storage, one for each output
 */
export function defineOp<
  const Name extends string,
  A = NoAttrs,
  const Out extends string = 'y',
  const S extends Saves<Name, Out> = never,
>(spec: OpSpec<Name, A, Out, S>): Op<A> {
  return define(spec, checkGiven)
}

const checkGiven: Check = (op, x, outputs, results, views) => {
  for (const r of results) checkShape(op, r?.shape)
  if (outputs && results.length < outputs.length)
    fail(op, `its shape() gave ${results.length} of ${outputs}`, 'give each')
  const { length } = x.storage
  views?.forEach((view, i) => {
    if (!(view && results[i] && sameShape(view.shape, results[i].shape)))
      fail(
        op,
        `its view is ${view?.shape ? showShape(view.shape) : describe(view)}`,
        'one for each shape, of that shape',
      )
    const [low, high] = sizeOf(view.shape) > 0 ? viewRange(view) : [0, -1]
    if (low < 0 || high >= length)
      fail(op, `its view has elements ${low} to ${high} of a storage of ${length}`, 'stay inside of it')
  })
}

/** @file A look at all batches with the weights as they stand: forward and backward, watched. */
import { backward, gradOf, hasGrad, registerHook } from '../../autograd/backward.ts'
import { openScope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { setRandomState } from '../../ops/index.ts'
import { isFloat } from '../../train/origin.ts'
import { Figures, finiteOf, greatestOf, rmsOf, spreadOf } from './figures.ts'
import type { Session } from './session.ts'
import { Watch } from './watch.ts'

/** What was seen. */
export interface Look {
  readonly watch: Watch
  /** Mean over the batches. */
  readonly loss: number
  /** The greatest |gradient| of each parameter, NaN where none arrived. */
  readonly gradients: ReadonlyMap<string, number>
  /** Root mean square of the inputs that are floats, and how much samples differ in them and in the prediction. */
  readonly inputs: number
  readonly spread: number
  readonly predictions: number
  /** The greatest gradient of the prediction. */
  readonly gradient: number
  /** What cut the loss from the graph. */
  readonly cut: string | undefined
  /** The first batch whose loss or gradient is not finite; -1: none. */
  readonly bad: number
}

/** Forward and backward of all batches, with the session's random numbers. */
export async function lookAt(session: Session): Promise<Look> {
  const { model, batches, options } = session
  const watch = new Watch(model)
  let [loss, inputs, spread, predictions, gradient] = [0, 0, 0, 0, 0]
  let cut: string | undefined
  let bad = -1
  setRandomState(session.random)
  session.zeroGrad()
  try {
    for (const [i, batch] of batches.entries()) {
      using own = openScope()
      const figures = new Figures()
      watch.begin(batch.rows)
      const value = own.run(() =>
        session.loss(batch, (prediction) => {
          watch.predicted(prediction)
          if (prediction.ndim > 0)
            figures.note(
              () => spreadOf(prediction),
              (v) => void (predictions += v),
            )
          if (prediction.edge)
            registerHook(prediction, (g) =>
              figures.note(
                () => greatestOf(g),
                (v) => void (gradient = Math.max(gradient, v)),
              ),
            )
        }),
      )
      watch.pause()
      for (const x of batch.inputs)
        if (isFloat(x)) {
          figures.note(
            () => rmsOf(x),
            (v) => void (inputs = Math.max(inputs, v)),
          )
          if (x.ndim > 0)
            figures.note(
              () => spreadOf(x),
              (v) => void (spread += v),
            )
        }
      if (value.edge) own.run(() => backward(value))
      else cut = value.cut ?? 'a constant'
      let norm = 0
      const grads = figures.run(() => options.params.flatMap(([, x]) => (hasGrad(x) ? [gradOf(x)] : [])))
      if (grads.length > 0)
        figures.note(
          () => finiteOf(grads),
          (v) => void (norm = v),
        )
      const [one] = await Promise.all([value.item(), figures.read(), watch.read()])
      loss += one / batches.length
      if (!Number.isFinite(one) || !Number.isFinite(norm)) {
        bad = i
        break
      }
    }
  } finally {
    watch.pause()
    await watch.end()
  }
  return { watch, loss, gradients: await gradientsOf(options.params), inputs, spread, predictions, gradient, cut, bad }
}

/** The greatest |gradient| of each parameter, NaN where none arrived. */
async function gradientsOf(params: readonly (readonly [string, Tensor])[]): Promise<Map<string, number>> {
  const figures = new Figures()
  const found = new Map<string, number>()
  for (const [name, x] of params) {
    found.set(name, Number.NaN)
    if (hasGrad(x))
      figures.note(
        () => greatestOf(gradOf(x)),
        (v) => void found.set(name, v),
      )
  }
  await figures.read()
  return found
}

/** @file Findings of the loss: what cuts its gradient, probabilities made twice, and how it counts the batch. */
import { noGrad } from '../../core/graph.ts'
import { openScope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { cat, roll } from '../../ops/index.ts'
import { lossOf } from '../../train/steps.ts'
import type { Look } from './look.ts'
import type { Session } from './session.ts'

/** How the loss counts a batch. */
export interface Counting {
  /** The loss with the targets of other samples; NaN where it cannot be had. */
  readonly chance: number
  /** The loss of a batch that is there twice, over that of the batch. */
  readonly ratio: number
}

/** Findings that need no steps. */
export function lossFindings(session: Session, { watch, cut, gradient, loss }: Look, { chance }: Counting): void {
  const { twice, ops } = watch.loss
  if (twice) session.find('softmaxTwice', twice.where, { first: twice.first, second: twice.second })
  if (cut) session.find('lossClipped', cut, { loss })
  // Of a loss of nothing there is nothing to go back.
  else if (gradient === 0 && Math.abs(loss) > 1e-3 * Math.max(Math.abs(chance) || 0, 1e-3)) {
    const where = ops.find((op) => op.gradient > 0)?.name ?? 'the loss'
    session.find('lossClipped', where, { loss })
  }
}

/** Loss of the first batch in evaluation, of itself twice, and with its targets exchanged. */
export async function countBatch(session: Session, { watch }: Look): Promise<Counting> {
  const { model, options, batches } = session
  const [{ inputs, target, rows }] = batches
  const nothing = { chance: Number.NaN, ratio: Number.NaN }
  using own = openScope()
  const loss = (prediction: Tensor, aim: Tensor): Tensor =>
    typeof options.loss === 'function' ? options.loss(prediction, aim) : options.loss.forward(prediction, aim)
  model.eval()
  const losses = own.run(() =>
    noGrad(() => {
      const { prediction, loss: once } = lossOf('diagnose', model, options.loss, inputs, target)
      if (target.ndim === 0 || prediction.ndim === 0 || rows < 2) return null
      // A loss of one's own may be made for batches of one length alone.
      const tried = (f: () => Tensor): Tensor | null => {
        try {
          return f()
        } catch {
          return null
        }
      }
      const twice = tried(() => loss(cat([prediction, prediction]), cat([target, target])))
      return [once, tried(() => loss(prediction, roll(target, 1, 0))), twice]
    }),
  )
  if (!losses) return nothing
  const [once, chance, twice] = await Promise.all(losses.map((x) => x?.item() ?? Number.NaN))
  const { pairs } = watch.loss
  // Where every prediction meets every target, it makes no difference whose they are.
  if (pairs && Math.abs(chance - once) <= 1e-5 * Math.abs(once))
    session.find('batchPairs', pairs.where, { batch: rows, shape: pairs.shape.join(' × ') })
  return { chance, ratio: twice / once }
}

/** Findings of how long a batch is. A sum is a fault only where it made the steps too long. */
export function countingFindings(session: Session, { ratio }: Counting): void {
  const near = (value: number): boolean => Math.abs(ratio - value) < 1e-3 * value
  const harm = ['learningRateTooLarge', 'updateTooLarge', 'notFinite']
  const harmful = session.found.some(({ code, numbers }) => harm.includes(code) || (numbers.since as number) > 0)
  if (near(0.5) || near(4) || (near(2) && harmful)) session.find('batchCounted', '', { ratio })
}

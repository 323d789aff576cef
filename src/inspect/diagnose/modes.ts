/** @file Findings of evaluation: outputs that are random, or that depend on the rest of the batch. */
import { noGrad } from '../../core/graph.ts'
import { openScope } from '../../core/scope.ts'
import { Tensor } from '../../core/tensor.ts'
import { abs, max, narrow, setRandomState, sub } from '../../ops/index.ts'
import type { Session } from './session.ts'
import { Watch } from './watch.ts'

/** Share of the outputs' size that another order of sums may make, with space. */
const SAME = 1e-3

/** Predict the first batch twice, and its first half alone. */
export async function modeFindings(session: Session): Promise<void> {
  const { model, options, batches } = session
  const [{ inputs, rows }] = batches
  using own = openScope()
  const watch = new Watch(model)
  const evaluate = (xs: readonly Tensor[]): Tensor =>
    own.run(() =>
      noGrad(() => {
        if (!options.evaluate) model.eval()
        watch.begin(xs[0].shape[0] ?? 1)
        const y: unknown = options.evaluate ? options.evaluate(...xs) : model.forward(...xs)
        watch.pause()
        return y as Tensor
      }),
    )
  const furthest = async (a: Tensor, b: Tensor): Promise<number> => {
    const [apart, size] = own.run(() => noGrad(() => [max(abs(sub(a, b))), max(abs(a))]))
    return (await apart.item()) / ((await size.item()) || 1)
  }
  try {
    setRandomState(session.random)
    const [first, second] = [evaluate(inputs), evaluate(inputs)]
    if (!(first instanceof Tensor)) return
    const change = await furthest(first, second)
    if (change > SAME) session.find('dropoutInEvaluation', [...watch.random].join(', ') || 'the model', { change })
    const half = rows >> 1
    const sliced = inputs.every((x) => x.shape[0] === rows) && first.shape[0] === rows && half > 1
    if (!sliced || change > SAME) return
    const alone = evaluate(inputs.map((x) => own.run(() => noGrad(() => narrow(x, 0, 0, half)))))
    const apart = await furthest(
      alone,
      own.run(() => noGrad(() => narrow(first, 0, 0, half))),
    )
    const where = [...watch.overBatch].join(', ')
    if (where && apart > SAME) session.find('batchStatisticsInEvaluation', where, { change: apart })
  } finally {
    await watch.end()
  }
}

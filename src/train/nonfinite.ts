/**
 * @file Where a training ran out of numbers: the steps since the last look are taken again, each batch looked at, and
 * the op is found whose result or gradient is the first that is not finite (origin.ts).
 */
import { HandgradError } from '../core/errors.ts'
import { openScope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { setRandomState } from '../ops/index.ts'
import { clipGradNorm } from '../optim/index.ts'
import type { Snapshot } from './snapshot.ts'
import { type Pass, type Steps, type Trainable, takeSteps } from './steps.ts'

/** What may help, whatever the cause. */
const REMEDY = 'try a smaller learning rate, clip: { norm: 1 }, or look at the data'

/** The loss of a step that is not finite. */
export interface Fault {
  readonly loss: number
  readonly step: number
  readonly epoch: number
  readonly batch: number
  readonly lr: number
}

/** The error that says so, and what else is known. */
export function notFinite(op: string, { loss, step, epoch, batch, lr }: Fault, where: string): HandgradError {
  const at = `step ${step}, batch ${batch} of epoch ${epoch}, learning rate ${lr}`
  return new HandgradError(op, `the loss is ${loss} at ${at}; ${where}`, REMEDY)
}

/**
 * Go back to a snapshot, take the steps up to the fault again, and say by which op of which step it began.
 * @param from  steps that had been taken at the snapshot
 */
export async function search(
  op: string,
  model: Trainable,
  run: Steps,
  snapshot: Snapshot,
  from: number,
  fault: Fault,
): Promise<string> {
  let found: string | undefined
  const look = async (pass: Pass): Promise<void> => {
    using norm = clipGradNorm(run.params, Infinity)
    const [loss, length] = await Promise.all([pass.loss.item(), norm.item()])
    if (Number.isFinite(loss) && Number.isFinite(length)) return
    // Loaded when numbers have ended, which few runs see.
    const { findOrigin, sayOrigin } = await import('./origin.ts')
    const given = pass.inputs.map((x, i) => [`input ${i} of the batch`, x] as const)
    using own = openScope()
    const again = (): Tensor =>
      own.run(() => {
        run.optimizer.zeroGrad()
        setRandomState(pass.random)
        return pass.again()
      })
    const origin = await findOrigin(again, [...given, ...model.namedParameters()])
    const earlier = pass.step < fault.step ? `, at step ${pass.step} before` : ''
    if (origin) found = `${sayOrigin(origin)}${earlier}`
  }
  snapshot.restore()
  const steps = takeSteps(op, model, { ...run, metrics: {}, ema: undefined, from }, async (pass) => {
    if (!found) await look(pass)
  })
  for await (const { step } of steps) if (found || step >= fault.step) break
  return found ?? 'taken again, the steps before it were finite'
}

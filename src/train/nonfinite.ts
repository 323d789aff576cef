/**
 * @file Where a training ran out of numbers: the steps since the last look are taken again, each batch looked at, and
 * the first module is found whose output or gradient is not finite.
 */
import { gradOf, hasGrad, registerHook } from '../autograd/backward.ts'
import { HandgradError } from '../core/errors.ts'
import { calling } from '../core/frame.ts'
import { noGrad } from '../core/graph.ts'
import { keep, openScope, scope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { placeOf } from '../nn/call.ts'
import { detach } from '../ops/base/views.ts'
import { all, isfinite, setRandomState } from '../ops/index.ts'
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
 * Go back to a snapshot, take the steps up to the fault again, and say in which module of which step it began.
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
    const name = await firstIn(model, run, pass)
    const earlier = pass.step < fault.step ? `, at step ${pass.step} before` : ''
    if (name) found = `${name} is the first that is not finite${earlier}`
  }
  snapshot.restore()
  const steps = takeSteps(op, model, { ...run, metrics: {}, ema: undefined, from }, async (pass) => {
    if (!found) await look(pass)
  })
  for await (const { step } of steps) if (found || step >= fault.step) break
  return found ?? 'taken again, the steps before it were finite'
}

/** The first of inputs, outputs of modules, loss, their gradients and those of parameters that is not finite. */
async function firstIn(model: Trainable, run: Steps, pass: Pass): Promise<string | undefined> {
  const seen: [what: string, value: Tensor][] = pass.inputs.map((x, i) => [`input ${i} of the batch`, x])
  const gradients: [what: string, value: Tensor][] = []
  using own = openScope()
  const held = (x: Tensor): Tensor => own.run(() => noGrad(() => detach(x)))
  const look = (output: unknown): void => {
    if (Array.isArray(output)) for (const part of output) look(part)
    if (!(output instanceof Tensor) || !calling.now) return
    const name = placeOf(calling.now)
    seen.push([`the output of ${name}`, held(output)])
    if (output.edge)
      registerHook(output, (g) => {
        gradients.push([`the gradient of the output of ${name}`, held(g)])
      })
  }
  const hooks = model.modules().map((module) => module.registerForwardHook((_, __, output) => look(output)))
  try {
    run.optimizer.zeroGrad()
    setRandomState(pass.random)
    seen.push(['the loss', keep(pass.again())])
  } finally {
    for (const remove of hooks) remove()
  }
  const parameters = model
    .namedParameters()
    .flatMap(([name, x]): [string, Tensor][] => (hasGrad(x) ? [[`the gradient of ${name}`, gradOf(x)]] : []))
  for (const [what, x] of [...seen, ...gradients, ...parameters]) {
    if (x.dtype !== 'float32' && x.dtype !== 'float64') continue
    using whole = scope(() => noGrad(() => all(isfinite(x))))
    if ((await whole.item()) === 0) return what
  }
  return undefined
}

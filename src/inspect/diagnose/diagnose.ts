/** @file The diagnosis: looks, steps that are tried, and everything as it was found. */
import { backward } from '../../autograd/backward.ts'
import { HandgradError } from '../../core/errors.ts'
import { openScope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { getRandomState, setRandomState } from '../../ops/index.ts'
import type { Trainable } from '../../train/index.ts'
import { findOrigin, type Origin, sayInputs } from '../../train/origin.ts'
import { inputFindings, labelFindings, leakFindings, orderFindings } from './data.ts'
import { Diagnosis } from './finding.ts'
import { layerFindings } from './layers.ts'
import { type Look, lookAt } from './look.ts'
import { countBatch, countingFindings, lossFindings } from './loss.ts'
import { modeFindings } from './modes.ts'
import { gradientFindings, optimizerFindings } from './parameters.ts'
import { rateFindings } from './rates.ts'
import { checkDiagnose, type DiagnoseOptions, Session } from './session.ts'
import { takeSteps } from './steps.ts'

/** What `inspect.diagnose` does. */
export async function diagnose(model: Trainable, options: DiagnoseOptions): Promise<Diagnosis> {
  const session = new Session(model, checkDiagnose(model, options))
  try {
    await session.take()
    session.rewind()
    optimizerFindings(session)
    await orderFindings(session)
    await leakFindings(session)
    await look(session)
  } finally {
    session.end()
  }
  return new Diagnosis(session.found)
}

/** What is seen of the model. */
async function look(session: Session): Promise<void> {
  let before: Look
  try {
    before = await lookAt(session)
  } catch (error) {
    if (!(error instanceof HandgradError && error.code === 'index')) throw error
    await labelFindings(session)
    // Indices of another kind: of an embedding, say.
    if (!session.found.some(({ code }) => code.startsWith('label'))) throw error
    return
  }
  await inputFindings(session, before)
  if (before.bad >= 0) return notFinite(session, 0, before.bad)
  const counting = await countBatch(session, before)
  lossFindings(session, before, counting)
  session.rewind()
  await modeFindings(session)
  session.rewind()
  const steps = await takeSteps(session)
  if (steps.forgotten) {
    const { name, ...numbers } = steps.forgotten
    session.find('zeroGradForgotten', name, numbers)
  }
  const finite = steps.bad < 0
  const after = finite ? await lookAt(session) : undefined
  const well = after && after.bad < 0 ? after : undefined
  layerFindings(session, before, well)
  gradientFindings(session, before, well)
  const course = {
    before: before.loss,
    after: well ? well.loss : Number.NaN,
    chance: counting.chance,
    steps,
    gradients: before.gradients,
  }
  await rateFindings(session, course)
  if (!well)
    await notFinite(session, finite ? session.batches.length : steps.bad, finite ? (after?.bad ?? 0) : steps.bad)
  countingFindings(session, counting)
}

/** The op that made the first number that is not finite, in a batch after so many steps. */
async function notFinite(session: Session, since: number, batch: number): Promise<void> {
  session.rewind()
  await takeSteps(session, session.batches.slice(0, since))
  const random = getRandomState()
  using own = openScope()
  const again = (): Tensor =>
    own.run(() => {
      setRandomState(random)
      session.zeroGrad()
      const loss = session.loss(session.batches[batch])
      if (loss.edge) backward(loss)
      return loss
    })
  const origin = await findOrigin(again, session.options.params)
  session.find('notFinite', origin ? placeIn(origin) : 'a step of the optimizer', { ...numbersOf(origin), since })
}

/** Op and module. */
const placeIn = ({ op, gradient, where }: Origin): string =>
  [gradient ? 'gradient of' : '', op, op && where ? `in ${where}` : where].filter(Boolean).join(' ')

function numbersOf(origin: Origin | undefined): Record<string, number | string> {
  if (!origin) return { value: Number.NaN }
  const { value, index, inputs, source } = origin
  const from = sayInputs(inputs).slice(' of '.length)
  const at = index.length > 0 ? `[${index.join(', ')}]` : ''
  return { value, ...(at && { at }), ...(from && { from }), ...(source && { source }) }
}

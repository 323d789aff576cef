/** @file The callback of a training that looks into it between its epochs. */
import { describe, fail } from '../../core/errors.ts'
import type { TrainEvent } from '../../train/index.ts'
import { checkCount } from '../../train/steps.ts'
import type { DiagnosingOptions } from '../loaded.ts'
import { diagnose } from './diagnose.ts'

/** Look, and tell of what is not known yet. */
export async function tellOf(event: TrainEvent, options: DiagnosingOptions, known: Set<string>): Promise<void> {
  if (event.kind !== 'start' && event.kind !== 'epoch') return
  const { every = 1, tell = (diagnosis) => console.warn(String(diagnosis)), ...rest } = options
  checkCount('diagnosing', 'every', every, 1)
  if (typeof tell !== 'function') fail('diagnosing', `tell is ${describe(tell)}`, 'give a function of a diagnosis')
  const epoch = event.kind === 'start' ? 0 : event.epoch
  if (epoch % every !== 0) return
  const diagnosis = await diagnose(event.model, rest)
  const fresh = diagnosis.findings.map(({ code, where }) => `${code} ${where}`).filter((key) => !known.has(key))
  for (const key of fresh) known.add(key)
  if (fresh.length > 0) await tell(diagnosis, epoch)
}

/** @file The ways to train that differ in what they hold, for a plan of it. */
import { describe, fail, nearest } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { Adam, AdamW, type Grouped, Lion, RMSprop, SGD } from '../optim/index.ts'

/** How a model is trained. */
export interface PlanMode {
  /** Of logits that exist as a whole, or some rows of them at a time. Default: `crossEntropy`. */
  loss?: 'crossEntropy' | 'linearCrossEntropy'
  /** Default: `adamw`. `momentum` is `sgd` with one. */
  optimizer?: OptimizerName
}

/** With every choice made. */
export type WholeMode = Required<PlanMode>

/** Optimizers that a plan knows by name. */
export type OptimizerName = keyof typeof optimizers

type Steps = Pick<Grouped<object>, 'zeroGrad'> & { step(): void }

/** What they hold does not depend on their numbers. */
export const optimizers = {
  adam: (params: Tensor[]): Steps => new Adam(params),
  adamw: (params: Tensor[]): Steps => new AdamW(params),
  lion: (params: Tensor[]): Steps => new Lion(params),
  momentum: (params: Tensor[]): Steps => new SGD(params, { lr: 1, momentum: 0.9 }),
  rmsprop: (params: Tensor[]): Steps => new RMSprop(params),
  sgd: (params: Tensor[]): Steps => new SGD(params, { lr: 1 }),
}

const losses = ['crossEntropy', 'linearCrossEntropy']

function oneOf(op: string, name: string, value: unknown, known: readonly string[]): void {
  if (known.includes(value as string)) return
  const near = typeof value === 'string' ? nearest(value, known) : undefined
  fail(op, `${name} is ${describe(value)}`, `${near ? `did you mean ${near}? ` : ''}one of ${known.join(', ')}`)
}

/** A mode whose choices are all made. @throws HandgradError if one is none */
export function modeOf(op: string, given: PlanMode | undefined): WholeMode {
  const mode = optionsOf(op, given, { loss: 'crossEntropy', optimizer: 'adamw' })
  oneOf(op, 'loss', mode.loss, losses)
  oneOf(op, 'optimizer', mode.optimizer, Object.keys(optimizers))
  return mode
}

/** As code has it. */
export const modeText = (mode: WholeMode): string =>
  `{ ${Object.entries(mode)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}`)
    .join(', ')} }`

/** What takes less than a mode, one change after another, those that cost least first. */
export function* leaner(mode: WholeMode): Generator<WholeMode> {
  let now = mode
  for (const change of changes) {
    const changed = { ...now, ...change }
    if (modeText(changed) === modeText(now)) continue
    now = changed
    yield now
  }
}

/** Cheapest first: a product more. */
const changes: readonly Partial<WholeMode>[] = [{ loss: 'linearCrossEntropy' }]

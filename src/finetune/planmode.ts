/** @file The ways to train that differ in what they hold, for a plan of it. */
import type { AutocastDType } from '../autograd/autocast.ts'
import { isHalf } from '../core/device.ts'
import { describe, fail, nearest } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { Adam, AdamW, type Grouped, Lion, RMSprop, SGD } from '../optim/index.ts'
import type { LoRAOptions } from './loraconfig.ts'

/** How a model is trained. */
export interface PlanMode {
  /** Of logits that exist as a whole, or some rows of them at a time. Default: `crossEntropy`. */
  loss?: 'crossEntropy' | 'linearCrossEntropy'
  /** `gradientCheckpointing`: each block is computed again in backward. Default: that of a model, else false. */
  checkpoint?: boolean
  /** What products store, by `autocast`. Default (null): as much as the weights. */
  autocast?: Exclude<AutocastDType, 'float32'> | null
  /** Adapters that train in place of all weights. Default (null): none. */
  lora?: LoRAOptions | null
  /** Of the weights. In 16 bits they do not train. Default: float32; of a model that is given, its own. */
  dtype?: (typeof dtypes)[number]
  /** Default: `adamw`. `momentum` is `sgd` with one. */
  optimizer?: OptimizerName
}

/** With every choice made. */
export type WholeMode = Required<PlanMode>

/** What a model that is given says itself. */
type OwnMode = Pick<WholeMode, 'dtype' | 'checkpoint'>

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

const dtypes = ['float32', 'float64', 'float16', 'bfloat16'] as const
const losses = ['crossEntropy', 'linearCrossEntropy']

function oneOf(op: string, name: string, value: unknown, known: readonly string[]): void {
  if (known.includes(value as string)) return
  const near = typeof value === 'string' ? nearest(value, known) : undefined
  fail(op, `${name} is ${describe(value)}`, `${near ? `did you mean ${near}? ` : ''}one of ${known.join(', ')}`)
}

const plain: WholeMode = {
  loss: 'crossEntropy',
  checkpoint: false,
  autocast: null,
  lora: null,
  dtype: 'float32',
  optimizer: 'adamw',
}

/**
 * A mode whose choices are all made.
 * @param own  what holds where nothing is said
 * @throws HandgradError if one is none, or nothing would train
 */
export function modeOf(op: string, given: PlanMode | undefined, own: OwnMode): WholeMode {
  const mode = optionsOf(op, given, { ...plain, dtype: own.dtype, checkpoint: own.checkpoint })
  oneOf(op, 'loss', mode.loss, losses)
  oneOf(op, 'dtype', mode.dtype, dtypes)
  if (mode.autocast !== null) oneOf(op, 'autocast', mode.autocast, ['bfloat16', 'float16'])
  oneOf(op, 'optimizer', mode.optimizer, Object.keys(optimizers))
  if (isHalf(mode.dtype) && !mode.lora)
    fail(op, `weights of ${mode.dtype} do not train`, 'give mode.lora, which trains beside them, or dtype float32')
  return mode
}

/** What of a mode is not as it is by default, as code has it. */
export function modeText(mode: WholeMode): string {
  const chosen = Object.entries(mode).filter(([name, value]) => value !== plain[name as keyof WholeMode])
  return literal(Object.fromEntries(chosen))
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([name, one]) => `${name}: ${literal(one)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

/**
 * A mode of which a step takes no more than `limit`, by the changes that cost least of those that help.
 * @param takes  what a step takes by a mode
 * @returns it, and what it takes; null for the mode where there is none
 */
export function within(
  limit: number,
  mode: WholeMode,
  takes: (mode: WholeMode) => number,
): { readonly mode: WholeMode | null; readonly all: number } {
  let now = { mode, all: takes(mode) }
  for (const change of changes) {
    const changed = { ...now.mode, ...change(now.mode) }
    const all = takes(changed)
    if (all < now.all) now = { mode: changed, all }
    if (now.all <= limit) return now
  }
  return { mode: null, all: now.all }
}

/** A product more; a third more work; activations in 16 bits; fewer weights that train; all others in 16 bits. */
const changes: readonly ((mode: WholeMode) => PlanMode)[] = [
  () => ({ loss: 'linearCrossEntropy' }),
  () => ({ checkpoint: true }),
  ({ autocast }) => ({ autocast: autocast ?? 'bfloat16' }),
  ({ lora }) => ({ lora: lora ?? { targets: 'all-linear' } }),
  ({ lora, dtype }) => ({
    lora: lora ?? { targets: 'all-linear' },
    dtype: isHalf(dtype) ? dtype : 'bfloat16',
  }),
]

/**
 * @file What a training step takes, before it is taken. The step itself is run, with the sizes that are meant, on a
 * device that has no memory and only counts (counting.ts): so a plan knows what ops keep for backward, what they hold
 * on the way, and what optimizers remember, without a formula for any of it.
 */
import { autocast, castingTo } from '../autograd/autocast.ts'
import { backward } from '../autograd/backward.ts'
import { isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { enableGrad, setRequiresGrad, slotOf } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import { showAsText } from '../core/show.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Json } from '../models/config.ts'
import { families } from '../models/families.ts'
import { type Family, type ModelConfig, readConfig } from '../models/family.ts'
import type { GPT2Config } from '../models/gpt2config.ts'
import { LanguageModel } from '../models/language.ts'
import type { LlamaConfig } from '../models/llamaconfig.ts'
import { size } from '../nn/layer.ts'
import { Module } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { crossEntropy, getRandomState, linearCrossEntropy, reshape, setRandomState, sum, zeros } from '../ops/index.ts'
import { bytesText } from '../text/bytes.ts'
import { type Counted, CountingDevice } from './counting.ts'
import { lora } from './lora.ts'
import { modeOf, modeText, optimizers, type PlanMode, type WholeMode, within } from './planmode.ts'

/** Of what a plan is made. */
export interface PlanOptions {
  /** Texts of a step. Default: 1. */
  batch?: number
  /** Tokens of each text. Default: as many as the model has positions. */
  length?: number
  /** How it is trained. */
  mode?: PlanMode
  /** Default: that of a model, `cpu` of a configuration. */
  device?: Counted
  /** Bytes that the step may take; default: any number. */
  limit?: number
}

/** What a step takes, in bytes. Each but `all` is the most by itself. */
export class MemoryPlan {
  /** Parameters, and the constants of the model. */
  readonly weights!: number
  /** Of the parameters that train, after backward. */
  readonly gradients!: number
  /** What the optimizer remembers. */
  readonly optimizer!: number
  /** What the blocks keep for backward, and hold on the way there and back. */
  readonly activations!: number
  /** From hidden states to the loss and back. */
  readonly logits!: number
  /** The most that is held at once: gradients come as activations go, so it may be less than the sum. */
  readonly all!: number
  /** What was planned, in words. */
  readonly title: string

  constructor(title: string, amounts: Amounts) {
    Object.assign(this, amounts)
    this.title = title
  }

  /** A table. */
  toString(): string {
    const width = Math.max(...rows.map((name) => bytesText(this[name]).length))
    const lines = rows.map((name) => `  ${name.padEnd(12)} ${bytesText(this[name]).padStart(width)}`)
    return [this.title, ...lines].join('\n')
  }
}
showAsText(MemoryPlan)

const rows = ['weights', 'gradients', 'optimizer', 'activations', 'logits', 'all'] as const
type Amounts = Readonly<Record<(typeof rows)[number], number>>

/** What is planned for: a model that may not exist yet. */
interface Subject {
  readonly family: Family
  readonly config: ModelConfig
  readonly dtype: WholeMode['dtype']
  readonly kind: Counted
  readonly checkpoint: boolean
  /** Names of parameters that do not train. */
  readonly frozen: ReadonlySet<string>
}

const op = 'memoryPlan'

function subjectOf(given: unknown): Subject {
  if (given instanceof LanguageModel) {
    const family = families.find((one) => one.owns(given))
    if (!family) fail(op, `${given.title()} is of no family of handgrad/models`, 'give a GPT2 or a Llama')
    const named = given.namedParameters()
    const frozen = new Set(named.filter(([, x]) => !x.edge).map(([name]) => name))
    const [, { dtype, device }] = named[0]
    const kind = device.kind === 'webgpu' ? 'webgpu' : 'cpu'
    const config = given.config as ModelConfig // its family's
    const shapes = new Map(family.shapes(config))
    const other = named.find(([name]) => !shapes.has(name))
    if (other) fail(op, `the model has ${other[0]} beside what its configuration says`, 'plan before, with mode.lora')
    const { gradientCheckpointing: checkpoint } = given
    return { family, config, dtype: dtype as Subject['dtype'], kind, checkpoint, frozen } // parameters are floats
  }
  if (typeof given !== 'object' || given === null || given instanceof Module)
    fail(op, `${describe(given)} is not a model`, 'give one, or its configuration')
  const type = 'hidden_size' in given ? 'llama' : 'gpt2'
  const read = readConfig(op, 'the config', { model_type: type, ...given }, families)
  return { ...read, dtype: 'float32', kind: 'cpu', checkpoint: false, frozen: new Set() }
}

/** Texts, and tokens of each. */
type Sizes = readonly [batch: number, length: number | undefined]

/** A model where nothing has numbers, and what trains it. */
class Rehearsal {
  readonly device: CountingDevice
  private readonly model: LanguageModel
  private readonly head: Tensor
  private readonly ids: Tensor
  private readonly mode: WholeMode

  constructor({ family, config, frozen }: Subject, kind: Counted, [batch, given]: Sizes, mode: WholeMode) {
    this.device = new CountingDevice(kind)
    this.mode = mode
    // First values are drawn on the host, one by one: those of a large model take minutes.
    const where = { device: this.device, dtype: mode.dtype }
    const weights = Object.fromEntries(
      Array.from(family.shapes(config), ([name, shape]) => [name, zeros(shape, where)]),
    )
    this.model = family.make(config, { ...where, weights })
    const named = new Map(this.model.namedParameters())
    for (const [name, x] of named) if (isHalf(mode.dtype) || frozen.has(name)) setRequiresGrad(x, false)
    this.head = named.get('lm_head.weight') ?? (named.get(family.table) as Tensor) // each model has a table
    if (mode.lora) lora(this.model, mode.lora)
    this.model.gradientCheckpointing = mode.checkpoint
    const { positions } = this.model.cacheSizes
    const length = size(op, 'length', given ?? positions)
    if (length > positions) fail(op, `length is ${length}`, `the model has positions for 1 to ${positions}`)
    if (this.trained.length === 0) fail(op, 'nothing of the model trains', 'unfreeze some, or give mode.lora')
    this.ids = zeros([batch, length], { dtype: 'int32', device: this.device })
  }

  /** The loss reads the head's weight, and its adapters would not train. */
  get past(): boolean {
    const adapted = this.model.namedParameters().some(([name]) => name.startsWith('lm_head.lora_'))
    return adapted && this.mode.loss === 'linearCrossEntropy'
  }

  private get trained(): Tensor[] {
    return this.model.parameters().filter(({ edge }) => edge !== null)
  }

  private loss(h: Tensor): Tensor {
    const rows = reshape(h, [-1, h.shape[2]])
    const next = reshape(this.ids, [-1])
    if (this.mode.loss === 'linearCrossEntropy') return linearCrossEntropy(rows, this.head, next)
    return crossEntropy(this.model.logits(rows), next)
  }

  /** As `autocast` has it, where the mode has one. */
  private cast(f: () => Tensor): Tensor {
    const { autocast: dtype } = this.mode
    return dtype ? autocast(dtype, f) : f()
  }

  /** The most that is held while f runs, beyond what is held after it; gradients that it leaves do not count. */
  private most(f: () => void): number {
    const { device } = this
    device.begin()
    scope(f)
    const left = new Set(this.trained.flatMap((x) => slotOf(op, x).grad?.storage.block ?? []))
    this.model.zeroGrad()
    return device.most(left) - device.memory().liveBytes
  }

  amounts(): Amounts {
    const { device, model, mode, ids } = this
    const { trained } = this
    const channels = { shape: [0, 0, 0] }
    const activations = this.most(() => {
      const h = this.cast(() => model.hidden(ids))
      channels.shape = [...h.shape]
      // Where the head alone trains, nothing goes back through the blocks.
      if (h.edge) backward(sum(h))
    })
    const weights = device.memory().liveBytes
    for (const x of trained) setRequiresGrad(x, false)
    const logits = this.most(() => {
      const h = setRequiresGrad(zeros(channels.shape, { device }), true)
      backward(this.cast(() => this.loss(h)))
    })
    for (const x of trained) setRequiresGrad(x, true)
    const optimizer = optimizers[mode.optimizer](trained)
    // The first step makes what an optimizer remembers, the second is as all others.
    const step = () =>
      scope(() => {
        optimizer.zeroGrad()
        backward(this.cast(() => this.loss(model.hidden(ids))))
        optimizer.step()
      })
    step()
    device.begin()
    step()
    const all = device.most()
    const grown = device.memory().liveBytes
    optimizer.zeroGrad()
    const kept = device.memory().liveBytes
    return { weights, gradients: grown - kept, optimizer: kept - weights, activations, logits, all }
  }

  title(): string {
    const [batch, length] = this.ids.shape
    return `${this.model.title()}, ${batch} × ${length} tokens, ${modeText(this.mode)}`
  }

  dispose(): void {
    for (const x of [this.ids, ...this.model.parameters()]) x.dispose()
  }
}

/** A plan by one mode; none where the loss goes past adapters. */
function rehearsed(subject: Subject, kind: Counted, shape: Sizes, mode: WholeMode): MemoryPlan | undefined {
  const rehearsal = new Rehearsal(subject, kind, shape, mode)
  try {
    return rehearsal.past ? undefined : new MemoryPlan(rehearsal.title(), rehearsal.amounts())
  } finally {
    rehearsal.dispose()
  }
}

/** The same numbers follow whether anything was planned or not, and what is planned is not cast by who plans. */
function withoutTrace<T>(f: () => T): T {
  const random = getRandomState()
  try {
    return castingTo(null, () => enableGrad(f))
  } finally {
    setRandomState(random)
  }
}

/**
 * What a step of training takes on a device, before anything is allocated: a table of bytes.
 *
 *     const plan = finetune.memoryPlan(gpt, { batch: 8, length: 1024, mode: { loss: 'linearCrossEntropy' } })
 *     console.log(String(plan))
 *     plan.all                                           // bytes, the most at once
 *
 * A step is `zeroGrad`, forward, backward, `step`, in a `scope`, by a model that trains (with dropout, if its
 * configuration has some). A model that is given is planned for as it is: what is frozen has no gradient, and its
 * `gradientCheckpointing` holds where the mode says nothing.
 * @param model  a GPT2 or a Llama, or what makes one: its configuration, or what a config.json says
 * @throws HandgradError if it is none, a size or a choice is none, nothing would train, the loss goes past adapters of
 *   the head, or the step takes more than `limit`: then it says by which mode it would not, if one of those tried does
 */
export function memoryPlan(model: LanguageModel | GPT2Config | LlamaConfig | Json, options?: PlanOptions): MemoryPlan {
  const given = optionsOf(op, options, {
    batch: 1,
    length: undefined,
    mode: undefined,
    device: undefined,
    limit: Infinity,
  })
  const { limit } = given
  if (!(typeof limit === 'number' && limit > 0)) fail(op, `limit is ${describe(limit)}`, 'give bytes, above 0')
  if (given.device !== undefined && given.device !== 'cpu' && given.device !== 'webgpu')
    fail(op, `device is ${describe(given.device)}`, "give 'cpu' or 'webgpu'")
  const subject = subjectOf(model)
  const kind = given.device ?? subject.kind
  const batch = size(op, 'batch', given.batch)
  const mode = modeOf(op, given.mode, subject)
  return withoutTrace(() => {
    const planned = (mode: WholeMode) => rehearsed(subject, kind, [batch, given.length], mode)
    const plan = planned(mode)
    if (!plan)
      fail(
        op,
        'linearCrossEntropy reads the weight of lm_head, not its adapters',
        "give loss 'crossEntropy', or other targets",
      )
    if (plan.all <= limit) return plan
    const takes = `a step takes ${bytesText(plan.all)}, the limit is ${bytesText(limit)}`
    const other = within(limit, mode, (one) => planned(one)?.all ?? Infinity)
    if (other.mode) fail(op, takes, `with mode ${modeText(other.mode)} it takes ${bytesText(other.all)}`)
    return fail(
      op,
      `${takes}, and none of the modes tried takes less than ${bytesText(other.all)}`,
      'give fewer texts, or shorter ones',
    )
  })
}

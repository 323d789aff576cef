/**
 * @file LoRA: products of two thin matrices beside the weights of layers, which alone are trained. The layers stay what
 * they are; what an adapter gives is added behind them by a hook, and its matrices are fields of theirs.
 * @see Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models"
 */
import { type DType, isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { alias, noGrad } from '../core/graph.ts'
import { keep, scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Json } from '../models/config.ts'
import { Conv1D, LanguageModel } from '../models/index.ts'
import { Linear } from '../nn/linear.ts'
import { type LoadResult, Module, type StateDict } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { add, cast, clone, dropout, matmul, mul, transpose, zeros } from '../ops/index.ts'
import { writeAdapter } from './adapterfiles.ts'
import { configOf, type LoRAConfig, type LoRAOptions, writtenLoRA } from './loraconfig.ts'
import { type Adaptable, ALL, endsOf, layersOf, savedOf } from './targets.ts'

/** What stands before the names of a model in PEFT's files. */
export const PREFIX = 'base_model.model.'

/** What a model gets, found and checked, before it gets it. */
export interface Plan {
  /** As errors say it. */
  readonly op: string
  readonly model: Module
  readonly config: LoRAConfig
  /** By path. */
  readonly layers: ReadonlyMap<string, Adaptable>
  readonly saved: ReadonlyMap<string, Module>
  /** Values for the adapter, by the names of the state dict; those that are missing are first values. */
  readonly weights?: Readonly<Record<string, Tensor>>
  /** Whether it trains. */
  readonly trains: boolean
  /** Further keys of adapter_config.json. */
  readonly more: Json
}

/** A layer that has an adapter. */
interface Adapted {
  readonly path: string
  readonly layer: Adaptable
  /** [r, in] and [out, r]. */
  readonly a: Linear
  readonly b: Linear
  /** Takes the hook away, which is there while the adapter counts. */
  unhook: (() => void) | null
  /** While its weight is the merged one: the base's. While that is disabled: the merged one. */
  other: Tensor | null
}

/** Models that have an adapter, which holds them until it is dropped, and its layers: other models may share those. */
const adapted = new WeakSet<Module>()

/** Refuse a model that has an adapter, or a layer that has one. */
function checkFree(op: string, model: Module): void {
  const found = model.namedModules().find(([, module]) => adapted.has(module))
  if (found) fail(op, `${found[0] || 'the model'} has an adapter`, 'merge() it, if it is to stay, and drop() it first')
}

/** Refuse what goes on when the function that gave it is done. */
function checkDone<T>(op: string, y: T): T {
  const isAsync = Symbol.asyncIterator in Object(y)
  if (isAsync || 'next' in Object(y))
    fail(op, `f gives an ${isAsync ? 'async ' : ''}iterator, which runs after f is done`, 'go through it in f')
  return y
}

const isThenable = (y: unknown): boolean => typeof (Object(y) as { then?: unknown }).then === 'function'

/** Tensors by name as those of a module, whose state dict can be loaded. */
class Named extends Module {
  readonly #entries: readonly (readonly [name: string, x: Tensor])[]

  constructor(entries: readonly (readonly [name: string, x: Tensor])[]) {
    super()
    this.#entries = entries
  }

  protected override fields(): Iterable<[string, unknown]> {
    return this.#entries.map(([name, x]): [string, unknown] => [name, x])
  }
}

/** Give a handle what `other`, which is used up, holds. @returns what it held, as a leaf if it was one */
function swap(x: Tensor, other: Tensor): Tensor {
  const before = keep(alias(x))
  x.become(other)
  return before
}

/** What A and B are: as what they stand beside, and float32 where that has 16 bits. */
const dtypeOf = ({ weight: { dtype } }: Adaptable): DType => (isHalf(dtype) ? 'float32' : dtype)

/** The same numbers, as a tensor that is not a leaf. */
const copyOf = (x: Tensor): Tensor => keep(noGrad(() => clone(x)))

/**
 * The adapters of a model: what {@link lora} and {@link loadLoRA} give. While they count, y = base(x) + s·(x Aᵀ) Bᵀ,
 * s = alpha / r. The state dict of the model has them beside the base's names: `….c_attn.lora_A.weight` [r, in],
 * `….c_attn.lora_B.weight` [out, r]; so checkpoints, optimizers and `model.to(device)` need nothing more.
 */
export class LoRA {
  /** What the adapters are made of. */
  readonly config: LoRAConfig
  /** What trains: A and B of each layer, and all of the modules to save. */
  readonly parameters: Tensor[]
  /** Numbers in them, of all numbers in the model's parameters. */
  readonly share: number
  readonly #model: Module
  readonly #layers: readonly Adapted[]
  /** Of the modules to save: what they hold, and what they held before, which `disable` puts in its place. */
  readonly #saved: { readonly name: string; readonly x: Tensor; other: Tensor }[]
  readonly #named: Named
  readonly #json: Json
  /** Parameters of the base that were not frozen before. */
  readonly #trained: readonly Tensor[]
  readonly #scale: number
  #state: 'beside' | 'merged' | 'dropped' = 'beside'
  #disabled = 0

  /** Internal: `plan` is checked. */
  constructor({ op, model, config, layers, saved, weights, trains, more }: Plan) {
    // A plan may have waited for its weights, and another one come before it.
    checkFree(op, model)
    const { r, alpha, rslora } = config
    this.config = config
    this.#model = model
    this.#scale = alpha / (rslora ? Math.sqrt(r) : r)
    // What 'all-linear' means differs from model to model: names do not. PEFT takes no layers beside an expression.
    const isNamed = config.targets === ALL || (typeof config.targets === 'string' && config.layers !== null)
    const ends = isNamed && { targets: endsOf(model, new Set(layers.keys())), layers: null, layersPattern: null }
    const own = { ...config, ...ends }
    const isTurned = [...layers.values()].every((layer) => layer instanceof Conv1D)
    this.#json = writtenLoRA(own, { ...more, fan_in_fan_out: isTurned })
    this.#trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
    this.#saved = [...saved].flatMap(([path, module]) =>
      Object.entries(module.stateDict()).map(([name, x]) => ({ name: `${path}.${name}`, x, other: copyOf(x) })),
    )
    this.#layers = [...layers].map(([path, layer]) => {
      const where = { device: layer.weight.device, dtype: dtypeOf(layer) }
      const known = (name: string) => weights?.[`${path}.${name}.weight`]
      const a = new Linear(layer.inFeatures, r, { bias: false, ...where, weight: known('lora_A') })
      const first = known('lora_B') ?? zeros([layer.outFeatures, r], where)
      const b = new Linear(r, layer.outFeatures, { bias: false, ...where, weight: first })
      return { path, layer, a, b, unhook: null, other: null }
    })
    // All is made that can fail.
    model.freeze()
    const wholes = [...saved.values()].flatMap((module) => module.parameters())
    if (weights) for (const { name, x } of this.#saved) swap(x, weights[name]).dispose()
    for (const x of wholes) x.requiresGrad = trains
    const pairs = this.#layers.flatMap(({ a, b }) => [a.weight, b.weight])
    for (const x of pairs) x.requiresGrad = trains
    for (const one of this.#layers) this.#put(one)
    this.parameters = [...pairs, ...wholes]
    const numbers = (list: readonly Tensor[]): number => list.reduce((sum, { numel }) => sum + numel, 0)
    this.share = numbers(this.parameters) / numbers(model.parameters())
    this.#named = new Named([
      ...this.#layers.flatMap(({ path, a, b }) => [
        [`${path}.lora_A.weight`, a.weight] as const,
        [`${path}.lora_B.weight`, b.weight] as const,
      ]),
      ...this.#saved.map(({ name, x }) => [name, x] as const),
    ])
    for (const one of [model, ...layers.values()]) adapted.add(one)
  }

  /** Whether the weights of the layers are those with s·B A added. */
  get merged(): boolean {
    return this.#state === 'merged'
  }

  /**
   * Put W + s·B A in the place of each layer's weight, rounded to its dtype: a call of the model takes nothing more
   * than before, and its state dict has the base's names alone. The base is kept. Merged adapters do not train. A
   * second call changes nothing.
   * @throws HandgradError if the adapter was dropped, or is disabled
   */
  merge(): void {
    this.#check('merge')
    if (this.merged) return
    const made: Tensor[] = []
    try {
      for (const one of this.#layers) made.push(keep(noGrad(() => scope(() => this.#sumOf(one)))))
    } catch (error) {
      for (const x of made) x.dispose()
      throw error
    }
    this.#layers.forEach((one, i) => {
      this.#take(one)
      one.other = swap(one.layer.weight, made[i])
    })
    this.#state = 'merged'
  }

  /**
   * Put the base's weights back, to the bit, and the adapters beside them. Without a {@link merge} before it changes
   * nothing.
   * @throws HandgradError if the adapter was dropped or is disabled, or the model was moved since it was merged
   */
  unmerge(): void {
    const op = 'unmerge'
    this.#check(op)
    if (!this.merged) return
    this.#checkPlace(op)
    for (const one of this.#layers) {
      this.#exchange(one)
      one.other?.dispose()
      one.other = null
      this.#put(one)
    }
    this.#state = 'beside'
  }

  /**
   * Take the adapters away for good: what is merged stays so, with the modules that trained as they are; else the model
   * is what it was before {@link lora}. What trained before trains again.
   * @throws HandgradError if the adapter was dropped before or is disabled, or the model was moved since it has it, and
   *   modules to save are to be what they were
   */
  drop(): void {
    const op = 'drop'
    this.#check(op)
    const { merged } = this
    // A classifier that was made of the model meanwhile has freed its head.
    const isThere = (x: Tensor): boolean => !x.disposed
    const saved = this.#saved.filter(({ x }) => isThere(x))
    if (!merged) this.#checkPlace(op, saved)
    this.#state = 'dropped'
    for (const one of [this.#model, ...this.#layers.map(({ layer }) => layer)]) adapted.delete(one)
    for (const one of this.#layers) {
      if (!merged) this.#take(one)
      one.other?.dispose()
      one.a.weight.dispose()
      one.b.weight.dispose()
    }
    for (const { x, other } of saved) {
      if (!merged) swap(x, other).dispose()
      x.requiresGrad = false
    }
    // Those that were put back are used up.
    for (const { other } of this.#saved) other.dispose()
    for (const x of this.#trained.filter(isThere)) x.requiresGrad = true
  }

  /**
   * Run `f` with the base's bits, merged or not, and modules to save as they were.
   * @param f  may be async: the base is there until its promise is settled
   * @returns what f returns
   * @throws HandgradError if f is not a function, or gives an iterator (as `generate` does), which would run when the
   *   adapter counts again; if the adapter was dropped, or the model was moved since; what f throws
   */
  disable<T>(f: () => T): T {
    const op = 'disable'
    this.#check(op, false)
    if (typeof f !== 'function') fail(`LoRA.${op}`, `${describe(f)} is not a function`, 'give () => …')
    if (this.#disabled === 0) {
      this.#checkPlace(op)
      this.#turn(false)
    }
    this.#disabled++
    const end = (): void => {
      if (--this.#disabled === 0) this.#turn(true)
    }
    let waits = false
    try {
      const y = f()
      if (!isThenable(y)) return checkDone(`LoRA.${op}`, y)
      waits = true
      const settled = Promise.resolve(y).finally(end)
      return settled.then((value) => checkDone(`LoRA.${op}`, value)) as T // a promise of the same
    } finally {
      if (!waits) end()
    }
  }

  /** The adapters and what else trains, by name: a checkpoint of them alone. */
  stateDict(): StateDict {
    this.#check('stateDict')
    return this.#named.stateDict()
  }

  /**
   * Copy values into the adapters, as a module does.
   * @throws HandgradError if they are merged, which would keep the old ones, or do not fit
   */
  loadStateDict(dict: Readonly<Record<string, Tensor>>, options?: { strict?: boolean }): LoadResult {
    const op = 'loadStateDict'
    this.#check(op)
    if (this.merged) fail(`LoRA.${op}`, 'the adapter is merged', 'unmerge() first')
    return this.#named.loadStateDict(dict, options)
  }

  /**
   * Write `adapter_model.safetensors` and `adapter_config.json` as PEFT reads them, merged or not. Both appear whole.
   * @param folder             made if it is not there
   * @param options.baseModel  the name or path of the base, which PEFT looks up; default: what the files said that it
   *   was loaded from, or none
   * @throws HandgradError if the adapter was dropped or is disabled, or a file cannot be written
   */
  async save(folder: string, options?: { baseModel?: string }): Promise<void> {
    const op = 'save'
    this.#check(op)
    const { baseModel } = optionsOf('LoRA.save', options, { baseModel: undefined })
    if (baseModel !== undefined && typeof baseModel !== 'string')
      fail('LoRA.save', `baseModel is ${describe(baseModel)}`, 'give a name or a path')
    const own = Object.entries(this.#named.stateDict()).map(([name, x]) => [PREFIX + name, x])
    const config = { ...this.#json, ...(baseModel !== undefined && { base_model_name_or_path: baseModel }) }
    await writeAdapter('LoRA.save', folder, Object.fromEntries(own), config)
  }

  #check(op: string, enabled = true): void {
    if (this.#state === 'dropped') fail(`LoRA.${op}`, 'the adapter was dropped', 'make another one by lora(model)')
    if (enabled && this.#disabled > 0) fail(`LoRA.${op}`, 'the adapter is disabled', 'call it after disable(…)')
  }

  /** Refuse to exchange what is on one device, or of one dtype, for what is of another. */
  #checkPlace(op: string, saved = this.#saved): void {
    const pairs = [
      ...this.#layers.flatMap(({ path, layer: { weight }, other }) => (other ? [[path, weight, other] as const] : [])),
      ...saved.map(({ name, x, other }) => [name, x, other] as const),
    ]
    for (const [name, x, other] of pairs)
      if (x.device !== other.device || x.dtype !== other.dtype) {
        const [now, then] = [x, other].map(({ dtype, device }) => `${dtype} on ${device.name}`)
        fail(`LoRA.${op}`, `${name} is ${now}, and what it was before ${then}`, 'move the model back first')
      }
  }

  /** W + s·B A, of W's shape. */
  #sumOf({ layer, a, b }: Adapted): Tensor {
    const product = mul(matmul(b.weight, a.weight), this.#scale)
    const sum = add(layer.weight, layer instanceof Conv1D ? transpose(product) : product)
    return sum.dtype === layer.weight.dtype ? sum : cast(sum, layer.weight.dtype)
  }

  /** What the adapter of a layer adds to y. */
  #added({ layer, a, b }: Adapted, x: Tensor, y: Tensor): Tensor {
    const kept = dropout(x, { p: this.config.dropout, training: layer.training })
    const given = b.forward(mul(a.forward(kept), this.#scale))
    return add(y, given.dtype === y.dtype ? given : cast(given, y.dtype))
  }

  /** Let an adapter count: it is in the layer, and in its mode. */
  #put(one: Adapted): void {
    for (const part of [one.a, one.b]) part.train(one.layer.training)
    Object.assign(one.layer, { lora_A: one.a, lora_B: one.b })
    this.#hook(one)
  }

  #hook(one: Adapted): void {
    // A layer takes one tensor and gives another.
    one.unhook = one.layer.registerForwardHook((_, [x], y) => this.#added(one, x as Tensor, y as Tensor))
  }

  /** The contrary of `put`. */
  #take(one: Adapted): void {
    one.unhook?.()
    one.unhook = null
    Reflect.deleteProperty(one.layer, 'lora_A')
    Reflect.deleteProperty(one.layer, 'lora_B')
  }

  /** Exchange a layer's weight for the other one. */
  #exchange(one: Adapted): void {
    if (one.other) one.other = swap(one.layer.weight, one.other)
  }

  /** Let all count, or the base alone. */
  #turn(on: boolean): void {
    for (const one of this.#layers) {
      if (this.merged) this.#exchange(one)
      else if (on) this.#hook(one)
      else one.unhook?.()
    }
    for (const one of this.#saved) one.other = swap(one.x, one.other)
  }
}

/** The head of a classifier, which PEFT trains too. */
const SCORE = 'score'

/**
 * Find what an adapter is put into.
 * @param isWhole  whether each name has to mean something, as those that are given here, and not those of files
 * @throws HandgradError if that cannot be
 */
export function planOf(
  op: string,
  model: Module,
  given: LoRAConfig,
  isWhole: boolean,
): Pick<Plan, 'op' | 'model' | 'config' | 'layers' | 'saved'> {
  if (!(model instanceof Module)) fail(op, `${describe(model)} is not a module`, 'give a model')
  checkFree(op, model)
  const hasScore = model.namedModules().some(([path]) => path === SCORE)
  const config = { ...given, modulesToSave: given.modulesToSave ?? (hasScore && isWhole ? [SCORE] : null) }
  const saved = savedOf(op, model, config.modulesToSave ?? [], isWhole)
  const layers = layersOf(op, model, config, [...saved.keys()], isWhole)
  for (const [path, { inFeatures, outFeatures, weight }] of layers)
    if (config.r > Math.min(inFeatures, outFeatures))
      fail(op, `r is ${config.r}, and ${path} is ${showShape(weight.shape)}`, 'give at most the smaller of the two')
  return { op, model, config, layers, saved }
}

/** What PEFT calls the task of a model. */
export function taskOf(model: Module): string | null {
  if (model.namedModules().some(([path]) => path === SCORE)) return 'SEQ_CLS'
  return model instanceof LanguageModel ? 'CAUSAL_LM' : null
}

/**
 * Put adapters beside layers of a model: y = base(x) + s·(x Aᵀ) Bᵀ, s = alpha / r, A [r, in] uniform in ±1/√in, B
 * [out, r] of zeros, so that first outputs are the base's, to the bit. The base is frozen, and keeps nothing for
 * gradients of its own; A and B are float32 also beside weights of 16 bits, and float64 beside such.
 *
 *     const adapter = finetune.lora(gpt, { r: 8, targets: ['c_attn'] })
 *     const optimizer = new optim.AdamW(adapter.parameters, { lr: 1e-3 })
 *     …                                    // train as always
 *     await adapter.save('poems')          // for PEFT, and finetune.loadLoRA
 *
 * Dropout of what goes into an adapter follows `model.train()` and `model.eval()`.
 * @param model  of `handgrad/models`, or any module with Linear or Conv1D in it
 * @returns what trains, and what turns the adapters off, into the weights, or into files
 * @throws HandgradError if an option is none, targets mean no layer, a tied weight (`lm_head` and `wte` of most
 *   models) or what is not Linear nor Conv1D, r is more than a side of a weight, or the model or a layer of it has an
 *   adapter
 * @see Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models"
 */
export function lora(model: Module, options?: LoRAOptions): LoRA {
  const op = 'lora'
  const plan = planOf(op, model, configOf(op, options), true)
  return new LoRA({ ...plan, trains: true, more: { task_type: taskOf(model) } })
}

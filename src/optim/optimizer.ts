/**
 * @file What optimizers share: packing parameters into launches of up to three, so that a step of a small model is one
 * or two launches; what is remembered of each parameter, saved and restored. Rules are in sgd.ts and adam.ts, options
 * and groups in options.ts and group.ts, the kernels in shaders/.
 *
 * All numbers of a launch are live cells: options belong to their group, the step t and what follows from it to the
 * launch. So a recorded step that is run again counts its steps and reads changed options as `step()` does.
 *
 * Gradients stay where backward put them. Copied into one buffer, so that a dispatch takes a whole group, a step is
 * slower: Adam on llvmpipe, medians of 20 samples, 3.6 ms in place of 2.6 ms for the four tensors of 784–256–10, and
 * 3.0 ms in place of 1.8 ms for 48 tensors of 64 and 1024 elements. Born in one buffer, parameters as well, these 48
 * would take 0.75 ms.
 */
import { describe, fail } from '../core/errors.ts'
import { dropGrad, slotOf } from '../core/graph.ts'
import { Live, type Params, type ParamValue } from '../core/kernel.ts'
import { contiguousCopy, copyTo, fillNew, launch } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import { contiguousView, sameShape, showShape } from '../core/shape.ts'
import { showAsText } from '../core/show.ts'
import { Tensor } from '../core/tensor.ts'
import { eachOption, type Group, type LiveGroup, makeGroups, type OptimizerParams } from './group.ts'
import { checkNumber, type Values } from './options.ts'
import type { Rule } from './rule.ts'

/** One parameter's slot in the state of its chunk. */
interface Member {
  readonly param: Tensor
  /** Position among all parameters of the optimizer. */
  readonly index: number
  /** First element of its slot in each state tensor. */
  readonly start: number
}

/** Parameters of one group, device and dtype whose state lies in the same flat tensors. */
interface Chunk<Options> {
  readonly of: LiveGroup<Options>
  /** Params of the kernel that are options. */
  readonly numbers: Params
  /** Overrides of the kernel that are options: they choose the pipeline, and so are not live in a recorded launch. */
  readonly switches: readonly (readonly [string, Live])[]
  readonly members: Member[]
  length: number
  /** Made at the first step that needs it. */
  readonly state: Tensor[]
}

/** Numbers of a group as JSON. */
export type SavedOptions = Readonly<Record<string, number | boolean | readonly number[]>>

/** An optimizer's memory, for checkpoints: numbers as JSON, tensors as safetensors. */
export interface OptimizerState {
  /** Steps taken of each parameter. */
  readonly steps: readonly number[]
  /** Options of the first group. */
  readonly options: SavedOptions
  /**
   * Options of each group, and in `params` the positions of its parameters. Missing in older states, which had one
   * group.
   */
  readonly groups?: readonly SavedOptions[]
  /** State by parameter and PyTorch's name for it: `0.exp_avg`, `3.momentum_buffer`. */
  readonly tensors: Readonly<Record<string, Tensor>>
}

/**
 * What optimizers share: parameters in groups, the learning rate, state by parameter. A class of your own gives the
 * rule.
 */
export abstract class Optimizer<Options extends { lr?: number } = { lr?: number }> {
  /** All parameters, group by group. */
  readonly params: readonly Tensor[]
  /** The parameters with their options, which can be set: `groups[1].lr = 0.01` holds from the next step on. */
  readonly groups: readonly Group<Options>[]
  private readonly rule: Rule<Options>
  private readonly liveGroups: readonly LiveGroup<Options>[]
  /** Steps taken of each parameter; those without a gradient are passed over. */
  private readonly steps: number[]
  private readonly chunks: Chunk<Options>[] = []
  /** Bindings of the kernel for state, and tensors that it updates in one launch. */
  private readonly stateSlots: number
  private readonly perLaunch: number

  /**
   * @param rule     what the class computes
   * @param params   leaf tensors, each once: `model.parameters()`; or groups of them, `{ params, lr }`
   * @param options  of all groups that do not have their own
   * @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf
   */
  constructor(rule: Rule<Options>, params: OptimizerParams<Options>, options: Options) {
    this.rule = rule
    this.liveGroups = makeGroups(rule, params, options)
    this.groups = this.liveGroups.map(({ group }) => group)
    this.params = this.groups.flatMap((group) => group.params)
    this.steps = this.params.map(() => 0)
    const { bindings } = rule.kernel
    this.perLaunch = bindings.filter(({ name }) => /^p\d$/.test(name)).length
    this.stateSlots = bindings.length - 2 * this.perLaunch
    for (const { group } of this.liveGroups) checkStates(rule, rule.states(group), this.perLaunch, this.stateSlots)
    for (const of of this.liveGroups) of.group.params.forEach((param, i) => this.addSlot(of, param, of.indices[i]))
  }

  /**
   * The learning rate, of the first group; to set it sets that of every group. A change holds from the next step on.
   */
  get lr(): number {
    return this.groups[0].lr as number
  }
  set lr(value: number) {
    for (const group of this.groups) (group as { lr: number }).lr = value
  }

  /** One line: parameters and options; a line for each of several groups. */
  toString(): string {
    const lines = this.groups.map(({ params, ...options }) => {
      const values = Object.entries(options).map(([name, value]) => `${name}: ${shown(value)}`)
      return [`${params.length} tensors`, ...values].join(', ')
    })
    const inside = lines.length === 1 ? lines[0] : `\n${lines.map((line, i) => `  (${i}): ${line}`).join('\n')}\n`
    return `${this.constructor.name}(${inside})`
  }

  /** Change every parameter that has a gradient. Not recorded in the graph. */
  step(): void {
    for (const chunk of this.chunks) {
      let ready = chunk.members.filter(({ param }) => param.numel > 0 && gradient(param))
      while (ready.length > 0) {
        // One launch: the same step number, and no buffer twice, which WebGPU would refuse.
        const step = this.steps[ready[0].index]
        const together: Member[] = []
        for (const member of ready) {
          const shared = together.some(({ param }) => param.storage === member.param.storage)
          if (!shared && this.steps[member.index] === step) together.push(member)
        }
        this.launch(chunk, together)
        ready = ready.filter((member) => !together.includes(member))
      }
    }
  }

  /** Forget all gradients. Call it before each `backward()`: gradients add up. */
  zeroGrad(): void {
    for (const param of this.params) if (param.edge) dropGrad(slotOf('zeroGrad', param))
  }

  /**
   * Steps, numbers and state tensors. The tensors are views of the running state: save or clone them before the next
   * step.
   */
  stateDict(): OptimizerState {
    const tensors: Record<string, Tensor> = {}
    for (const { of, members, state } of this.chunks) {
      const names = this.rule.states(of.group).slice(0, state.length)
      for (const { param, index, start } of members) {
        const view = { ...contiguousView(param.shape), offset: start }
        names.forEach((name, i) => {
          tensors[`${index}.${name}`] = new Tensor(state[i].storage.retain(), view)
        })
      }
    }
    const groups = this.liveGroups.map(({ group, indices }) => ({ ...(group as object), params: [...indices] }))
    const { params: _, ...options } = groups[0]
    return { steps: [...this.steps], options, groups, tensors }
  }

  /**
   * Go on where another optimizer of the same class and parameters stood. Everything is checked before anything
   * changes.
   * @throws HandgradError if it is not the state of an optimizer, or the parameters' number, groups or shapes differ
   */
  loadStateDict(dict: OptimizerState): void {
    const op = 'loadStateDict'
    const { steps, tensors, groups, options } = dict ?? {}
    const whole = Array.isArray(steps) && [tensors, groups?.[0] ?? options].every((x) => typeof x === 'object' && x)
    if (!whole) fail(op, `${describe(dict)} is not the state of an optimizer`, 'give what stateDict() gave')
    if (steps.length !== this.params.length) {
      fail(op, `the state is of ${steps.length} parameters, the optimizer has ${this.params.length}`)
    }
    const saved = this.savedGroups(op, dict)
    this.checkTensors(op, tensors)
    steps.forEach((step, i) => checkNumber(op, `steps[${i}]`, step))
    const numbers = this.liveGroups.map((of, i) => this.savedNumbers(op, of, i, saved[i]))

    this.liveGroups.forEach(({ cells }, i) => {
      for (const [name, own] of cells)
        own.forEach((cell, k) => {
          cell.value = numbers[i][name][k]
        })
    })
    for (const chunk of this.chunks) {
      const names = this.rule.states(chunk.of.group)
      for (const { index, param, start } of chunk.members) {
        this.steps[index] = steps[index]
        names.forEach((name, i) => {
          const value = tensors[`${index}.${name}`]
          const slot = { ...contiguousView(param.shape), offset: start }
          if (value && value.numel > 0) copyTo(op, this.stateOf(chunk)[i], slot, value, value.layout)
        })
      }
    }
  }

  /** The options of each group in a state, which must have the groups of this optimizer. */
  private savedGroups(op: string, { options, groups }: OptimizerState): readonly SavedOptions[] {
    const saved = groups ?? [{ ...options, params: this.params.map((_, i) => i) }]
    const [theirs, own] = [saved.length, this.liveGroups.length]
    if (theirs !== own) fail(op, `the number of groups is ${theirs} in the state, ${own} here`, 'make the same groups')
    this.liveGroups.forEach(({ indices }, i) => {
      const params = saved[i].params as readonly number[]
      if (String(params) !== String(indices))
        fail(op, `group ${i} has parameters [${params}] in the state, [${indices}] here`, 'make the same groups')
    })
    return saved
  }

  /** A saved group's options as the numbers of their cells. */
  private savedNumbers(op: string, { group, cells }: LiveGroup<Options>, i: number, saved: SavedOptions) {
    const numbers: Record<string, readonly number[]> = {}
    const values: Record<string, unknown> = {}
    const which = this.groups.length > 1 ? `group ${i}: ` : ''
    for (const [name, option] of eachOption(this.rule)) {
      // What older states do not have was not there to be set.
      numbers[name] = option.numbers(op, name, saved[name] ?? option.initial)
      const own = cells.get(name)?.map((cell) => cell.value)
      if (option.fixed && String(numbers[name]) !== String(own))
        fail(op, `${which}${name} was ${saved[name]}, this optimizer's is ${group[name as keyof typeof group]}`)
      values[name] = option.value(numbers[name])
    }
    this.rule.check?.(op, values as Values<Options>)
    return numbers
  }

  /** Saved tensors: each known by name, and of its parameter's shape and kind. */
  private checkTensors(op: string, tensors: OptimizerState['tensors']): void {
    const known = new Map<string, Tensor>()
    for (const { group, indices } of this.liveGroups) {
      const names = this.rule.states(group)
      for (const index of indices) for (const name of names) known.set(`${index}.${name}`, this.params[index])
    }
    for (const [key, value] of Object.entries(tensors)) {
      const param = known.get(key)
      if (!param) fail(op, `state ${key} is unknown`, this.hint(key))
      const { shape, device, dtype } = param
      if (!sameShape(shape, value.shape))
        fail(op, `${key} is ${showShape(value.shape)}, its parameter ${showShape(shape)}`)
      if (value.device !== device)
        fail(op, `${key} is on ${value.device.name}, its parameter on ${device.name}`, 'move it with to(device)')
      if (value.dtype !== dtype)
        fail(op, `${key} is ${value.dtype}, its parameter ${dtype}`, `cast with .to('${dtype}')`)
    }
  }

  /** What there could be in place of a state that is unknown. */
  private hint(key: string): string {
    const index = Number.parseInt(key, 10)
    const of = this.liveGroups.find(({ indices }) => indices.includes(index))
    if (!of) return `there are ${this.params.length} parameters`
    return `this optimizer keeps ${this.rule.states(of.group).join(' and ') || 'none'}`
  }

  /** Give a parameter a slot in the last chunk of its group, device and dtype, or in a new one. */
  private addSlot(of: LiveGroup<Options>, param: Tensor, index: number): void {
    const fits = (chunk: Chunk<Options>) => {
      const [{ param: first }] = chunk.members
      const { length } = chunk.members
      return chunk.of === of && length < this.perLaunch && first.device === param.device && first.dtype === param.dtype
    }
    let chunk = this.chunks.findLast(fits)
    if (!chunk) {
      const named = (switches: boolean) =>
        eachOption(this.rule).flatMap(([name, option]) =>
          option.switches === switches
            ? option.names.map((own, i) => [own, of.cells.get(name)?.[i] as Live] as const)
            : [],
        )
      const numbers = Object.fromEntries(named(false))
      this.chunks.push((chunk = { of, numbers, switches: named(true), members: [], length: 0, state: [] }))
    }
    chunk.members.push({ param, index, start: chunk.length })
    // The kernels read state four numbers at a time where slots start at multiples of four.
    chunk.length += Math.ceil(param.numel / 4) * 4
  }

  private stateOf({ of, members, length, state }: Chunk<Options>): readonly Tensor[] {
    const { dtype, device } = members[0].param
    const names = this.rule.states(of.group)
    for (let i = state.length; i < names.length; i++) state.push(keep(fillNew(names[i], [length], 0, dtype, device)))
    const [first] = state
    for (const { param } of members) {
      if (first && param.device !== first.device) {
        const what = `${param.title} moved to ${param.device.name}, its state is on ${first.device.name}`
        fail('step', what, 'move the model first, then make the optimizer')
      }
    }
    return state.slice(0, names.length)
  }

  private launch(chunk: Chunk<Options>, members: readonly Member[]): void {
    const { name, kernel } = this.rule
    const state = this.stateOf(chunk)
    const temporary: Tensor[] = []
    const flat = (x: Tensor, shared: boolean): Tensor => {
      if (!shared && x.isContiguous && x.layout.offset === 0) return x
      const copy = contiguousCopy('step', x, x.layout)
      temporary.push(copy)
      return copy
    }
    const params = members.map(({ param }) => flat(param, false))
    // A gradient under createGraph may be any view, even of a parameter.
    const grads = members.map(({ param }) => {
      const g = gradient(param) as Tensor
      return flat(
        g,
        params.some((p) => p.storage === g.storage),
      )
    })
    const tensors: (Tensor | null)[] = new Array(kernel.bindings.length).fill(null)
    state.forEach((x, i) => {
      tensors[i] = x
    })
    const sizes = [0, 0, 0, 0]
    const starts = [0, 0, 0, 0]
    members.forEach((member, i) => {
      tensors[this.stateSlots + 2 * i] = params[i]
      tensors[this.stateSlots + 2 * i + 1] = grads[i]
      sizes[i] = member.param.numel
      starts[i] = member.start
    })
    const numbers = { sizes, starts, ...chunk.numbers }
    this.count(chunk.of.group, members, numbers)
    const constants: Record<string, number> = {}
    for (const [override, cell] of chunk.switches) constants[override] = cell.value
    try {
      launch(name, kernel, tensors, numbers, constants)
      members.forEach(({ param }, i) => {
        if (params[i] !== param) copyTo('step', param, param.layout, params[i], params[i].layout)
      })
    } catch (error) {
      // A step that was not taken does not count.
      for (const { index } of members) this.steps[index]--
      throw error
    } finally {
      for (const x of temporary) x.dispose()
    }
  }

  /**
   * Count one step of these parameters, and add to a launch's numbers what depends on it. The cell t rides along,
   * though no kernel may read it, so that a recorded launch counts each time it is run again; the other cells follow
   * it.
   */
  private count(group: Group<Options>, members: readonly Member[], numbers: Record<string, ParamValue>): void {
    const cells: Record<string, Live> = {}
    const t = new Live(0, () => {
      const step = this.steps[members[0].index] + 1
      const values = this.rule.byStep?.(group, step)
      for (const name in values) {
        const value: unknown = values[name]
        if (typeof value !== 'number' || Number.isNaN(value))
          fail(this.rule.name, `byStep gave ${name} = ${describe(value)} for step ${step}`, 'give a number')
        cells[name] ??= new Live(0)
        cells[name].value = value
      }
      for (const { index } of members) this.steps[index]++
      return step
    })
    t.advance()
    numbers.t = t
    for (const name in cells) numbers[name] = cells[name]
  }
}
showAsText(Optimizer)

const shown = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value))

/** Refuse a rule whose kernel has no places for parameters, or not those for the states that it names. */
function checkStates<Options>(
  { name, kernel }: Rule<Options>,
  states: unknown,
  perLaunch: number,
  slots: number,
): void {
  if (perLaunch < 1 || slots < 0)
    fail(name, `kernel ${kernel.name} does not update parameters`, 'bind the state, then p0, g0, p1, g1, …')
  if (!Array.isArray(states) || states.length > slots || !states.every((state) => typeof state === 'string'))
    fail(name, `states gave ${Array.isArray(states) ? `[${states}]` : describe(states)}`, `give up to ${slots} names`)
}

/** The gradient without marking it as seen by user code, so that zeroGrad frees it. */
const gradient = (param: Tensor): Tensor | null => (param.edge ? slotOf('step', param).grad : null)

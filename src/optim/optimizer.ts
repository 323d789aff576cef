/**
 * @file What optimizers with a kernel share: packing parameters into launches of up to three, so that a step of a small
 * model is one or two launches; what is remembered of each parameter, saved and restored. Rules are in a file each,
 * options and groups in options.ts, group.ts and grouped.ts, saved states in saved.ts, the kernels in shaders/.
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
import { slotOf } from '../core/graph.ts'
import { Live, type Params, type ParamValue } from '../core/kernel.ts'
import { contiguousCopy, copyTo, fillNew, launch } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import { contiguousView, sameShape, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { eachOption, type Group, type LiveGroup, type OptimizerParams } from './group.ts'
import { Grouped } from './grouped.ts'
import { checkNumber } from './options.ts'
import type { Rule } from './rule.ts'
import { checkState, Faults, type OptimizerState, type ParameterState, readGroups, saveGroups } from './saved.ts'

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
  /** By name; made at the first step that needs it. */
  readonly state: Map<string, Tensor>
}

/** Storage buffers that a shader binds on every adapter. */
const MOST_BINDINGS = 8

/**
 * What optimizers share: parameters in groups, the learning rate, state by parameter. A class of your own gives the
 * rule.
 */
export abstract class Optimizer<Options extends { lr?: number } = { lr?: number }> extends Grouped<Options> {
  private readonly rule: Rule<Options>
  /** Of each parameter: steps taken, which pass over those without a gradient, and the rule's numbers. */
  private readonly kept: Kept[]
  private readonly chunks: Chunk<Options>[] = []
  /** Bindings of the kernel for state, and pairs of tensor and gradient. */
  private readonly stateSlots: number
  private readonly pairs: number

  /**
   * @param rule     what the class computes
   * @param params   leaf tensors, each once: `model.parameters()`; or groups of them, `{ params, lr }`
   * @param options  of all groups that do not have their own
   * @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf
   */
  constructor(rule: Rule<Options>, params: OptimizerParams<Options>, options: Options) {
    super(rule, params, options)
    this.rule = rule
    this.kept = this.params.map(() => this.fresh())
    const { bindings } = rule.kernel
    this.pairs = bindings.filter(({ name }) => /^p\d$/.test(name)).length
    this.stateSlots = bindings.length - 2 * this.pairs
    for (const { group } of this.liveGroups) checkStates(rule, rule.states(group), this.pairs, this.stateSlots)
    for (const of of this.liveGroups) of.group.params.forEach((param, i) => this.addSlot(of, param, of.indices[i]))
  }

  /** Change every parameter that has a gradient. Not recorded in the graph. */
  step(): void {
    for (const chunk of this.chunks) {
      const most = this.perLaunch(chunk.of)
      let ready = chunk.members.filter(({ param }) => param.numel > 0 && gradient(param))
      while (ready.length > 0) {
        // One launch: the same step and numbers, and no buffer twice, which WebGPU would refuse.
        const first = this.kept[ready[0].index]
        const together: Member[] = []
        for (const member of ready) {
          const shared = together.some(({ param }) => param.storage === member.param.storage)
          if (!shared && together.length < most && sameNumbers(this.kept[member.index], first)) together.push(member)
        }
        this.launch(chunk, together)
        ready = ready.filter((member) => !together.includes(member))
      }
    }
  }

  /**
   * What is remembered, in PyTorch's layout. The tensors are views of the running state: save or clone them before the
   * next step.
   */
  stateDict(): OptimizerState {
    const saved: Record<string, Record<string, number | Tensor>> = {}
    for (const { of, members, state } of this.chunks) {
      const names = this.rule.states(of.group)
      for (const { param, index, start } of members) {
        const { step, ...numbers } = this.kept[index]
        if (step === 0) continue
        saved[index] = this.rule.stepless ? numbers : { step, ...numbers }
        const view = { ...contiguousView(param.shape), offset: start }
        for (const name of names) {
          const all = state.get(name)
          if (all) saved[index][name] = new Tensor(all.storage.retain(), view)
        }
      }
    }
    // Without state there is nothing to save of a parameter.
    for (const index in saved) if (Object.keys(saved[index]).length === 0) delete saved[index]
    return { state: saved, param_groups: saveGroups(this.liveGroups) }
  }

  /**
   * Go on where another optimizer of the same class and parameters stood. What a state does not have of a parameter
   * begins anew; options that it does not name stay. Everything is checked before anything changes.
   * @throws HandgradError with all faults, if it is not the state of an optimizer, or the parameters' number, groups,
   *   shapes, devices, dtypes, options or what is kept of them differ
   */
  loadStateDict(dict: OptimizerState): void {
    const op = 'loadStateDict'
    checkState(op, dict)
    const faults = new Faults(op)
    const setOptions = readGroups(op, this.rule, this.liveGroups, dict.param_groups, faults)
    for (const index of Object.keys(dict.state))
      if (!this.params[Number(index)])
        faults.try(() => fail(op, `state ${index} is unknown`, `there are ${this.params.length} parameters`))
    const read = this.chunks.flatMap((chunk) =>
      chunk.members.map((member) => ({
        chunk,
        member,
        saved: this.readState(op, chunk.of, member, dict.state[member.index], faults),
      })),
    )
    faults.end()

    setOptions()
    for (const { chunk, member, saved } of read) {
      this.kept[member.index] = saved.kept
      // What has not begun is made when it does.
      if (saved.tensors.size === 0 && chunk.state.size === 0) continue
      const begins = this.rule.begins?.(chunk.of.group) ?? {}
      for (const [name, all] of this.stateOf(chunk)) {
        const { shape, dtype, device } = member.param
        const value = saved.tensors.get(name) ?? fillNew(op, shape, begins[name] ?? 0, dtype, device)
        copyTo(op, all, { ...contiguousView(shape), offset: member.start }, value, value.layout)
        if (!saved.tensors.has(name)) value.dispose()
      }
    }
  }

  /** Saved state of a parameter: each name known, and tensors of the parameter's shape and kind. */
  private readState(
    op: string,
    { group }: LiveGroup<Options>,
    { index, param }: Member,
    saved: ParameterState | undefined,
    faults: Faults,
  ): { kept: Kept; tensors: ReadonlyMap<string, Tensor> } {
    const kept = this.fresh()
    const tensors = new Map<string, Tensor>()
    const given = Object.entries(saved ?? {}).filter(([, value]) => value !== null)
    if (given.length === 0) return { kept, tensors }
    const names = this.rule.states(group)
    const numbers = Object.keys(kept).filter((name) => name !== 'step' || !this.rule.stepless)
    for (const [name, value] of given)
      faults.try(() => {
        const key = `${index}.${name}`
        if (numbers.includes(name)) {
          if (value instanceof Tensor) fail(op, `${key} is ${value.title}`, 'give its number: await x.item()')
          kept[name] = checkNumber(op, key, value)
        } else if (name !== 'step') {
          const hint = `this optimizer keeps ${names.join(' and ') || 'none'}`
          if (!names.includes(name)) fail(op, `state ${key} is unknown`, hint)
          tensors.set(name, checkLike(op, key, value, param))
        }
      })
    for (const name of [...numbers, ...names])
      if (!given.some(([own]) => own === name)) faults.try(() => fail(op, `state ${index}.${name} is missing`))
    if (this.rule.stepless) kept.step = 1
    return { kept, tensors }
  }

  private fresh(): Kept {
    return { step: 0, ...this.rule.numbers }
  }

  /** Tensors that one launch takes, by the buffers that their state leaves. */
  private perLaunch({ group }: LiveGroup<Options>): number {
    return Math.min(this.pairs, Math.floor((MOST_BINDINGS - this.rule.states(group).length) / 2))
  }

  /** Give a parameter a slot in the last chunk of its group, device and dtype, or in a new one. */
  private addSlot(of: LiveGroup<Options>, param: Tensor, index: number): void {
    const fits = (chunk: Chunk<Options>) => {
      const [{ param: first }] = chunk.members
      const { length } = chunk.members
      return (
        chunk.of === of && length < this.perLaunch(of) && first.device === param.device && first.dtype === param.dtype
      )
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
      this.chunks.push((chunk = { of, numbers, switches: named(true), members: [], length: 0, state: new Map() }))
    }
    chunk.members.push({ param, index, start: chunk.length })
    // The kernels read state four numbers at a time where slots start at multiples of four.
    chunk.length += Math.ceil(param.numel / 4) * 4
  }

  /** The state that the rule names now, in its order. */
  private stateOf({ of, members, length, state }: Chunk<Options>): ReadonlyMap<string, Tensor> {
    const [{ param: first }] = members
    const begins = this.rule.begins?.(of.group) ?? {}
    const found = new Map<string, Tensor>()
    for (const name of this.rule.states(of.group)) {
      const known = state.get(name) ?? keep(fillNew(name, [length], begins[name] ?? 0, first.dtype, first.device))
      state.set(name, known)
      found.set(name, known)
      for (const { param } of members)
        if (param.device !== known.device) {
          const what = `${param.title} moved to ${param.device.name}, its state is on ${known.device.name}`
          fail('step', what, 'move the model first, then make the optimizer')
        }
    }
    return found
  }

  private launch(chunk: Chunk<Options>, members: readonly Member[]): void {
    const { name, kernel } = this.rule
    const state = [...this.stateOf(chunk).values()]
    const temporary: Tensor[] = []
    const flat = (x: Tensor, shared: boolean): Tensor => {
      if (!shared && x.isContiguous && x.layout.offset === 0) return x
      const copy = contiguousCopy('step', x, x.layout)
      temporary.push(copy)
      return copy
    }
    const params = members.map(({ param }) => flat(param, false))
    const made = this.rule.finish ? params.map((x) => Tensor.alloc(x.device, x.dtype, x.shape, name)) : params
    if (this.rule.finish) temporary.push(...made)
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
      tensors[this.stateSlots + 2 * i] = made[i]
      tensors[this.stateSlots + 2 * i + 1] = grads[i]
      sizes[i] = member.param.numel
      starts[i] = member.start
    })
    const numbers = { sizes, starts, ...chunk.numbers }
    const before = members.map(({ index }) => this.kept[index])
    this.count(chunk.of.group, members, numbers)
    const constants: Record<string, number> = {}
    for (const [override, cell] of chunk.switches) constants[override] = cell.value
    try {
      launch(name, kernel, tensors, numbers, constants)
      this.rule.finish?.(params, made, chunk.of.group, numbers)
      members.forEach(({ param }, i) => {
        if (params[i] !== param) copyTo('step', param, param.layout, params[i], params[i].layout)
      })
    } catch (error) {
      // A step that was not taken does not count.
      members.forEach(({ index }, i) => {
        this.kept[index] = before[i]
      })
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
      const { step: taken, ...own } = this.kept[members[0].index]
      const step = taken + 1
      const values = this.rule.byStep?.(group, step, own)
      for (const name in values) {
        const value: unknown = values[name]
        if (typeof value !== 'number' || Number.isNaN(value))
          fail(this.rule.name, `byStep gave ${name} = ${describe(value)} for step ${step}`, 'give a number')
        cells[name] ??= new Live(0)
        cells[name].value = value
      }
      const counts = !this.rule.stepless || this.rule.states(group).length > 0
      if (counts) for (const { index } of members) this.kept[index] = { step, ...own }
      return step
    })
    t.advance()
    numbers.t = t
    for (const name in cells) numbers[name] = cells[name]
  }
}

/** Numbers that are remembered of a parameter. */
type Kept = { step: number } & Record<string, number>

const sameNumbers = (a: Kept, b: Kept): boolean => Object.keys(a).every((name) => a[name] === b[name])

/** A saved tensor that is of its parameter's shape and kind. */
function checkLike(op: string, key: string, value: unknown, { shape, device, dtype }: Tensor): Tensor {
  if (!(value instanceof Tensor)) fail(op, `${key} is ${describe(value)}, not a tensor`)
  if (!sameShape(shape, value.shape)) fail(op, `${key} is ${showShape(value.shape)}, its parameter ${showShape(shape)}`)
  if (value.device !== device)
    fail(op, `${key} is on ${value.device.name}, its parameter on ${device.name}`, 'move it with to(device)')
  if (value.dtype !== dtype) fail(op, `${key} is ${value.dtype}, its parameter ${dtype}`, `cast with .to('${dtype}')`)
  return value
}

/** Refuse a rule whose kernel has no places for parameters, or not those for the states that it names. */
function checkStates<Options>({ name, kernel }: Rule<Options>, states: unknown, pairs: number, slots: number): void {
  if (pairs < 1 || slots < 0)
    fail(name, `kernel ${kernel.name} does not update parameters`, 'bind the state, then p0, g0, p1, g1, …')
  if (!Array.isArray(states) || states.length > slots || !states.every((state) => typeof state === 'string'))
    fail(name, `states gave ${Array.isArray(states) ? `[${states}]` : describe(states)}`, `give up to ${slots} names`)
}

/** The gradient without marking it as seen by user code, so that zeroGrad frees it. */
const gradient = (param: Tensor): Tensor | null => (param.edge ? slotOf('step', param).grad : null)

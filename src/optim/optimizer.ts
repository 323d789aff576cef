/**
 * @file What optimizers share: their parameters, the learning rate, and the packing of parameters into launches of up to three, so
 * that a step of a small model is one or two launches. The update rules are in sgd.ts and adam.ts, the kernels in shaders/.
 */
import { fail } from '../core/errors.ts'
import { dropGrad, slotOf } from '../core/graph.ts'
import { Live } from '../core/kernel.ts'
import { contiguousCopy, copyTo, fillNew } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import { contiguousView, sameShape, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { checkNumber, checkParam } from './checks.ts'

/** Tensors that the fused kernels update in one launch: each takes two of WebGPU's eight bindings, the state up to two. */
const PER_LAUNCH = 3

/** One parameter's place in the state of its chunk. */
interface Member {
  readonly param: Tensor
  /** Position in the list the optimizer was given. */
  readonly index: number
  /** First element of its slot in each state tensor. */
  readonly start: number
}

/** Parameters of one device and dtype whose state lies in the same flat tensors. */
interface Chunk {
  readonly members: Member[]
  length: number
  /** Made at the first step that needs it. */
  state: Tensor[] | null
}

/** What a fused kernel is launched with: `tensors` are state, p0, g0, p1, g1, p2, g2, null where there is none. */
export interface Packed {
  readonly state: readonly Tensor[]
  readonly pairs: readonly (Tensor | null)[]
  readonly sizes: readonly number[]
  readonly starts: readonly number[]
  /** Position of the first parameter in the optimizer's list. */
  readonly lead: number
}

/** An optimizer's memory, for checkpoints: numbers as JSON, tensors as safetensors. */
export interface OptimizerState {
  /** Steps taken of each parameter. */
  readonly steps: readonly number[]
  /** Learning rate and other numbers. */
  readonly options: Readonly<Record<string, number | boolean | readonly number[]>>
  /** State by parameter and PyTorch's name for it: `0.exp_avg`, `3.momentum_buffer`. */
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** What optimizers share: parameters, the learning rate, state by parameter. A class of your own gives the update. */
export abstract class Optimizer {
  readonly params: readonly Tensor[]
  /** Steps taken of each parameter; those without a gradient are passed over. */
  protected readonly steps: number[]
  /** Read when a launch is encoded. */
  protected readonly rate: Live
  private readonly chunks: Chunk[] = []

  /**
   * @param name    the class, for errors
   * @param params  leaf tensors, each once; `model.parameters()`
   * @param lr      learning rate, 0 or more
   */
  constructor(name: string, params: Iterable<Tensor>, lr: number) {
    if (params instanceof Tensor) fail(name, 'the parameters are a Tensor', 'give a list: [w]')
    this.params = [...params]
    this.steps = this.params.map(() => 0)
    this.rate = new Live(checkNumber(name, 'lr', lr))
    if (this.params.length === 0) fail(name, 'there are no parameters', 'give model.parameters(), or a list of tensors')
    this.params.forEach((param, i) => {
      checkParam(name, this.params, i)
      this.place({ param, index: i, start: 0 })
    })
  }

  /** The learning rate; a change holds from the next step on. */
  get lr(): number {
    return this.rate.value
  }
  set lr(value: number) {
    this.rate.value = checkNumber('lr', 'lr', value)
  }

  /** Names of the state tensors, in the kernel's order. */
  protected abstract stateNames(): readonly string[]
  /** The numbers that belong in a checkpoint. */
  protected abstract options(): OptimizerState['options']
  /** Take the numbers of a checkpoint. */
  protected abstract setOptions(options: OptimizerState['options']): void
  /** Launch the update. `step`: which step of these parameters it is, from 1 on. */
  protected abstract update(packed: Packed, step: number): void

  /** Change every parameter that has a gradient. Not recorded in the graph. */
  step(): void {
    for (const chunk of this.chunks) {
      let ready = chunk.members.filter(({ param }) => param.numel > 0 && gradient(param))
      while (ready.length > 0) {
        // One launch: the same step number, and no buffer twice, which WebGPU would refuse.
        const step = this.steps[ready[0].index] + 1
        const together: Member[] = []
        for (const member of ready) {
          const shared = together.some(({ param }) => param.storage === member.param.storage)
          if (!shared && this.steps[member.index] + 1 === step) together.push(member)
        }
        this.launch(chunk, together, step)
        for (const { index } of together) this.steps[index] = step
        ready = ready.filter((member) => !together.includes(member))
      }
    }
  }

  /** Forget all gradients. Call it before each `backward()`: gradients add up. */
  zeroGrad(): void {
    for (const param of this.params) if (param.edge) dropGrad(slotOf('zeroGrad', param))
  }

  /** Steps, numbers and state tensors. The tensors are views of the running state: save or clone them before the next step. */
  stateDict(): OptimizerState {
    const tensors: Record<string, Tensor> = {}
    for (const { members, state } of this.chunks) {
      for (const { param, index, start } of state ? members : []) {
        const view = { ...contiguousView(param.shape), offset: start }
        state?.forEach((flat, i) => {
          tensors[`${index}.${this.stateNames()[i]}`] = new Tensor(flat.storage.retain(), view)
        })
      }
    }
    return { steps: [...this.steps], options: { lr: this.lr, ...this.options() }, tensors }
  }

  /**
   * Go on where another optimizer of the same class and parameters stood. Everything is checked before anything changes.
   * @throws HandgradError if the parameters' number or shapes differ
   */
  loadStateDict(dict: OptimizerState): void {
    const op = 'loadStateDict'
    const { steps, options, tensors } = dict
    if (steps.length !== this.params.length) {
      fail(op, `the state is of ${steps.length} parameters, the optimizer has ${this.params.length}`)
    }
    const names = this.stateNames()
    const known = new Set(this.params.flatMap((_, i) => names.map((name) => `${i}.${name}`)))
    for (const [key, value] of Object.entries(tensors)) {
      if (!known.has(key)) fail(op, `state ${key} is unknown`, `this optimizer keeps ${names.join(' and ') || 'none'}`)
      const { shape, device, dtype } = this.params[Number.parseInt(key, 10)]
      if (!sameShape(shape, value.shape))
        fail(op, `${key} is ${showShape(value.shape)}, its parameter ${showShape(shape)}`)
      if (value.device !== device)
        fail(op, `${key} is on ${value.device.name}, its parameter on ${device.name}`, 'move it with to(device)')
      if (value.dtype !== dtype)
        fail(op, `${key} is ${value.dtype}, its parameter ${dtype}`, `cast with .to('${dtype}')`)
    }
    steps.forEach((step, i) => checkNumber(op, `steps[${i}]`, step))
    this.setOptions(options)
    this.lr = options.lr as number
    for (const chunk of this.chunks) {
      for (const { index, param, start } of chunk.members) {
        this.steps[index] = steps[index]
        names.forEach((name, i) => {
          const value = tensors[`${index}.${name}`]
          const place = { ...contiguousView(param.shape), offset: start }
          if (value && value.numel > 0) copyTo(op, this.stateOf(chunk)[i], place, value, value.layout)
        })
      }
    }
  }

  /** Put a parameter into the last chunk of its device and dtype, or a new one. */
  private place(member: Member): void {
    const { param } = member
    const fits = ({ members }: Chunk) =>
      members.length < PER_LAUNCH && members[0].param.device === param.device && members[0].param.dtype === param.dtype
    let chunk = this.chunks.findLast(fits)
    if (!chunk) this.chunks.push((chunk = { members: [], length: 0, state: null }))
    chunk.members.push({ ...member, start: chunk.length })
    // The kernels read state four numbers at a time where slots start at multiples of four.
    chunk.length += Math.ceil(param.numel / 4) * 4
  }

  private stateOf(chunk: Chunk): Tensor[] {
    const { dtype, device } = chunk.members[0].param
    chunk.state ??= this.stateNames().map((name) => keep(fillNew(name, [chunk.length], 0, dtype, device)))
    const [first] = chunk.state
    for (const { param } of chunk.members) {
      if (first && param.device !== first.device) {
        const what = `${param.title} moved to ${param.device.name}, its state is on ${first.device.name}`
        fail('step', what, 'move the model first, then make the optimizer')
      }
    }
    return chunk.state
  }

  private launch(chunk: Chunk, members: readonly Member[], step: number): void {
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
    const pairs: (Tensor | null)[] = new Array(2 * PER_LAUNCH).fill(null)
    const sizes = [0, 0, 0, 0]
    const starts = [0, 0, 0, 0]
    members.forEach((member, i) => {
      pairs[2 * i] = params[i]
      pairs[2 * i + 1] = grads[i]
      sizes[i] = member.param.numel
      starts[i] = member.start
    })
    this.update({ state, pairs, sizes, starts, lead: members[0].index }, step)
    members.forEach(({ param }, i) => {
      if (params[i] !== param) copyTo('step', param, param.layout, params[i], params[i].layout)
    })
    for (const x of temporary) x.dispose()
  }
}

/** The gradient without marking it as seen by user code, so that zeroGrad frees it. */
const gradient = (param: Tensor): Tensor | null => (param.edge ? slotOf('step', param).grad : null)

/**
 * @file L-BFGS, for small problems: parameters and gradients come to the host at each evaluation, where the directions
 * are worked out in float64. The line search is in wolfe.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { slotOf } from '../core/graph.ts'
import { copyTo, tensorOf } from '../core/launch.ts'
import { scope } from '../core/scope.ts'
import { contiguousView } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { Grouped } from './grouped.ts'
import { integerOption, numberOption, wordOption } from './options.ts'
import type { OptionRule } from './rule.ts'
import { checkState, Faults, readGroups, type SavedGroup, saveGroups } from './saved.ts'
import { dot, type Evaluation, largest, type Point, strongWolfe } from './wolfe.ts'

/** Options of {@link LBFGS}. */
export interface LBFGSOptions {
  /** Learning rate, the first guess of the line search; default 1. */
  lr?: number
  /** Iterations of a step; default 20. */
  maxIter?: number
  /** Evaluations of a step after which no iteration begins; default 1.25·maxIter. */
  maxEval?: number
  /** A largest |g| up to it ends a step; default 1e-7. */
  toleranceGrad?: number
  /** A change of loss or parameters below it ends a step; default 1e-9. */
  toleranceChange?: number
  /** Pairs of changes that are remembered; default 100. */
  historySize?: number
  /** 'strongWolfe', or null for steps of lr; default null. */
  lineSearchFn?: 'strongWolfe' | null
}

/** What L-BFGS remembers, by PyTorch's names: vectors are lists of numbers, so all of it is JSON. */
export interface LBFGSMemory {
  func_evals: number
  n_iter: number
  d: number[]
  t: number
  old_dirs: number[][]
  old_stps: number[][]
  ro: number[]
  H_diag: number
  prev_flat_grad: number[]
  prev_loss: number
}

/** State of {@link LBFGS}, in PyTorch's layout: all of it stands at the first parameter. */
export interface LBFGSState {
  readonly state: { readonly 0?: Readonly<LBFGSMemory> }
  readonly param_groups: readonly SavedGroup[]
}

const rule: OptionRule<LBFGSOptions> = {
  name: 'LBFGS',
  options: {
    lr: numberOption('lr', 1),
    maxIter: integerOption('maxIter', 20),
    maxEval: integerOption('maxEval', 25),
    toleranceGrad: numberOption('toleranceGrad', 1e-7),
    toleranceChange: numberOption('toleranceChange', 1e-9),
    historySize: integerOption('historySize', 100),
    lineSearchFn: wordOption('lineSearchFn', [null, 'strongWolfe']),
  },
  check: (op, { maxIter, historySize }) => {
    for (const [name, value] of Object.entries({ maxIter, historySize }))
      if (value < 1) fail(op, `${name} is ${value}`, 'give a whole number from 1 up')
  },
}

/** Curvature below which a pair of changes is not remembered. */
const LEAST_CURVATURE = 1e-10

/** The memory while it is used. */
interface Memory {
  evaluations: number
  iterations: number
  direction: Float64Array
  t: number
  /** Changes of gradient y and parameters s, with 1/yᵀs. */
  pairs: { y: Float64Array; s: Float64Array; ro: number }[]
  scale: number
  grad: Float64Array
  loss: number
}

/**
 * d = −H·g, H made of the last changes s of parameters and y of gradients by the two-loop recursion from
 * H₀ = (sᵀy/yᵀy)·1; p ← p + t·d with t = lr, or found by the line search. A step is up to maxIter iterations. For
 * problems of up to some ten thousand numbers: parameters and gradients are read at each evaluation. One group.
 * @see Nocedal & Wright 2006, algorithms 7.4 and 7.5; torch.optim.LBFGS, which is followed step by step
 */
export class LBFGS extends Grouped<LBFGSOptions> {
  private memory: Memory | undefined
  private running = false

  /** @throws HandgradError if an option is unknown or out of range, a parameter is not a leaf, or there are groups */
  constructor(params: Iterable<Tensor>, options: LBFGSOptions = {}) {
    super(rule, params, options)
    if (this.groups.length > 1) fail('LBFGS', `there are ${this.groups.length} groups`, 'give one list of parameters')
    const [group] = this.groups
    if (options.maxEval === undefined) group.maxEval = Math.floor((group.maxIter * 5) / 4)
  }

  /**
   * One step.
   * @param closure  clears the gradients, computes the loss, calls `backward()`, and returns the loss; called up to
   *   about maxEval times
   * @returns the loss before the step
   * @throws HandgradError if the closure gives no number-like tensor, that loss is not finite, or a step is under way;
   *   after an error the parameters are where the last iteration left them
   */
  async step(closure: () => Tensor): Promise<number> {
    const op = 'LBFGS'
    if (typeof closure !== 'function')
      fail(op, `the closure is ${describe(closure)}`, 'give () => { opt.zeroGrad(); …; loss.backward(); return loss }')
    if (this.running) fail(op, 'a step is under way', 'await it')
    this.running = true
    try {
      return await this.iterate(closure)
    } finally {
      this.running = false
    }
  }

  private async iterate(closure: () => Tensor): Promise<number> {
    const [{ lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn }] = this.groups
    let x = await this.values()
    const first = await evaluate(closure, this.params)
    if (!Number.isFinite(first.loss)) fail('LBFGS', `the loss is ${first.loss}`, 'try a smaller lr, or strongWolfe')
    const m = this.memory ?? begun(x.length)
    this.memory = m
    m.evaluations++
    let { loss, grad }: Evaluation = first
    if (largest(grad) <= toleranceGrad) return first.loss
    let evaluations = 1
    for (let n = 1; n <= maxIter; n++) {
      m.iterations++
      const fresh = m.iterations === 1
      if (!fresh) remember(m, grad, historySize)
      m.direction = directionOf(m, grad)
      m.t = fresh ? Math.min(1, 1 / grad.reduce((sum, g) => sum + Math.abs(g), 0)) * lr : lr
      const before = loss
      const slope = dot(grad, m.direction)
      m.grad = grad
      m.loss = loss
      if (slope > -toleranceChange) break

      let used = 0
      const from = x
      const at = async (t: number): Promise<Point> => {
        this.write(moved(this.params, from, m.direction, t))
        const found = await evaluate(closure, this.params).catch((error: unknown) => {
          this.write(from)
          throw error
        })
        return { ...found, t, slope: dot(found.grad, m.direction) }
      }
      if (lineSearchFn === null) {
        x = moved(this.params, from, m.direction, m.t)
        if (n < maxIter) {
          ;({ loss, grad } = await at(m.t))
          used = 1
        } else this.write(x)
      } else {
        const start = { loss, grad, t: 0, slope }
        const { point, evaluations } = await strongWolfe(at, start, m.t, largest(m.direction), toleranceChange)
        ;({ loss, grad } = point)
        m.t = point.t
        used = evaluations
        x = moved(this.params, from, m.direction, m.t)
        this.write(x)
      }
      evaluations += used
      m.evaluations += used
      if (evaluations >= maxEval || largest(grad) <= toleranceGrad) break
      if (largest(m.direction) * Math.abs(m.t) <= toleranceChange || Math.abs(loss - before) < toleranceChange) break
    }
    return first.loss
  }

  /** What is remembered, in PyTorch's layout and as JSON. */
  stateDict(): LBFGSState {
    const param_groups = saveGroups(this.liveGroups)
    const m = this.memory
    if (!m) return { state: {}, param_groups }
    const saved: LBFGSMemory = {
      func_evals: m.evaluations,
      n_iter: m.iterations,
      d: [...m.direction],
      t: m.t,
      old_dirs: m.pairs.map(({ y }) => [...y]),
      old_stps: m.pairs.map(({ s }) => [...s]),
      ro: m.pairs.map(({ ro }) => ro),
      H_diag: m.scale,
      prev_flat_grad: [...m.grad],
      prev_loss: m.loss,
    }
    return { state: { 0: saved }, param_groups }
  }

  /**
   * Go on where another one stood. Everything is checked before anything changes.
   * @throws HandgradError with all faults, if it is not the state of L-BFGS, or the parameters differ in number
   */
  loadStateDict(dict: LBFGSState): void {
    const op = 'loadStateDict'
    checkState(op, dict as Parameters<typeof checkState>[1])
    const faults = new Faults(op)
    const setOptions = readGroups(op, rule, this.liveGroups, dict.param_groups, faults)
    const saved = dict.state[0]
    const read = saved && memoryOf(op, saved, sizeOf(this.params), faults)
    faults.end()
    setOptions()
    this.memory = read
  }

  /** The parameters' numbers, one after the other. */
  private async values(): Promise<Float64Array> {
    return joined(await Promise.all(this.params.map((x) => x.data())))
  }

  private write(values: Float64Array): void {
    let from = 0
    for (const param of this.params) {
      const part = values.slice(from, (from += param.numel))
      const x = tensorOf(part, param.shape, param.dtype, param.device, 'LBFGS')
      copyTo('LBFGS', param, param.layout, x, contiguousView(param.shape))
      x.dispose()
    }
  }
}

const sizeOf = (params: readonly Tensor[]): number => params.reduce((sum, { numel }) => sum + numel, 0)

const begun = (size: number): Memory => ({
  evaluations: 0,
  iterations: 0,
  direction: new Float64Array(size),
  t: 0,
  pairs: [],
  scale: 1,
  grad: new Float64Array(size),
  loss: 0,
})

function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let from = 0
  for (const part of parts) {
    all.set(part, from)
    from += part.length
  }
  return all
}

/** Loss and gradients; a parameter without a gradient has zeros. */
async function evaluate(closure: () => Tensor, params: readonly Tensor[]): Promise<Evaluation> {
  const loss: unknown = scope(closure)
  if (!(loss instanceof Tensor) || loss.numel !== 1)
    fail('LBFGS', `the closure gave ${loss instanceof Tensor ? loss.title : describe(loss)}`, 'return the loss')
  const grads = params.map((param) => (param.edge ? slotOf('LBFGS', param).grad : null))
  const [value, ...parts] = await Promise.all([
    loss.data(),
    ...params.map((param, i) => grads[i]?.data() ?? new Float64Array(param.numel)),
  ])
  loss.dispose()
  return { loss: value[0], grad: joined(parts) }
}

/** x + t·d, as the parameters' dtypes hold it. */
function moved(params: readonly Tensor[], x: Float64Array, d: Float64Array, t: number): Float64Array {
  const y = x.map((v, i) => v + t * d[i])
  let from = 0
  for (const { dtype, numel } of params) {
    if (dtype === 'float32') y.set(Float32Array.from(y.subarray(from, from + numel)), from)
    from += numel
  }
  return y
}

/** Keep the last change, where the loss curves upwards along it. */
function remember(m: Memory, grad: Float64Array, most: number): void {
  const y = grad.map((g, i) => g - m.grad[i])
  const s = m.direction.map((d) => d * m.t)
  const curvature = dot(y, s)
  if (!(curvature > LEAST_CURVATURE)) return
  while (m.pairs.length >= most) m.pairs.shift()
  m.pairs.push({ y, s, ro: 1 / curvature })
  m.scale = curvature / dot(y, y)
}

/** −H·g by the two-loop recursion. */
function directionOf({ pairs, scale }: Memory, grad: Float64Array): Float64Array {
  const d = grad.map((g) => -g)
  const add = (x: Float64Array, by: number) => {
    for (let i = 0; i < d.length; i++) d[i] += by * x[i]
  }
  const alphas = pairs.toReversed().map(({ y, s, ro }) => {
    const alpha = dot(s, d) * ro
    add(y, -alpha)
    return alpha
  })
  for (let i = 0; i < d.length; i++) d[i] *= scale
  pairs.forEach(({ y, s, ro }, i) => {
    add(s, alphas[pairs.length - 1 - i] - dot(y, d) * ro)
  })
  return d
}

/** A saved memory of vectors of this size. */
function memoryOf(op: string, saved: Readonly<LBFGSMemory>, size: number, faults: Faults): Memory {
  const number = (name: keyof LBFGSMemory): number => {
    const value: unknown = saved[name]
    if (typeof value !== 'number') faults.try(() => fail(op, `0.${name} is ${describe(value)}, not a number`))
    return value as number
  }
  const list = (name: string, value: unknown, length: number): number[] => {
    const found = Array.isArray(value) ? `of ${value.length} numbers` : describe(value)
    if (!Array.isArray(value) || value.length !== length || !value.every((x) => typeof x === 'number'))
      faults.try(() => fail(op, `0.${name} is ${found}`, `give a list of ${length}`))
    return value as number[]
  }
  const vectors = (name: 'old_dirs' | 'old_stps'): number[][] => {
    const value: unknown = saved[name]
    if (!Array.isArray(value)) faults.try(() => fail(op, `0.${name} is ${describe(value)}`, 'give a list of vectors'))
    return Array.isArray(value) ? value.map((x, i) => list(`${name}[${i}]`, x, size)) : []
  }
  const [ys, steps] = [vectors('old_dirs'), vectors('old_stps')]
  if (ys.length !== steps.length)
    faults.try(() => fail(op, `0.old_dirs has ${ys.length} vectors, old_stps ${steps.length}`))
  const ro = list('ro', saved.ro, ys.length)
  const [direction, grad] = [list('d', saved.d, size), list('prev_flat_grad', saved.prev_flat_grad, size)]
  const numbers = {
    evaluations: number('func_evals'),
    iterations: number('n_iter'),
    t: number('t'),
    scale: number('H_diag'),
    loss: number('prev_loss'),
  }
  faults.end()
  return {
    ...numbers,
    direction: Float64Array.from(direction),
    grad: Float64Array.from(grad),
    pairs: ys.map((y, i) => ({ y: Float64Array.from(y), s: Float64Array.from(steps[i]), ro: ro[i] })),
  }
}

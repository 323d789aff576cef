/** @file Optimizers on the problems of tools/reference_optim.py: what they make of them, against PyTorch's values. */
import { readFileSync } from 'node:fs'
import { keep, optim, scope, type Tensor, type TensorOptions, tensor } from '../../src/index.ts'

interface Case {
  readonly optimizer: string
  readonly options: Readonly<Record<string, unknown>>
  readonly shapes: readonly (readonly number[])[]
  /** Parameters, one after the other, at each of the steps. */
  readonly values: readonly (readonly number[])[]
  /** How far PyTorch's float32 is from them. */
  readonly off: readonly number[]
}

interface LbfgsCase {
  readonly problem: 'rosenbrock' | 'regression'
  readonly start: readonly (number[] | number[][])[]
  readonly options: optim.LBFGSOptions
  /** Of each step, the loss before it and the parameters after it. */
  readonly rows: readonly (readonly number[])[]
  readonly off: readonly number[]
  /** Iterations and evaluations of all steps. */
  readonly counts: readonly [number, number]
}

const file = new URL('../reference/optim/optimizers.json', import.meta.url)
const { steps, cases, lbfgs, begin } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly steps: readonly number[]
  readonly cases: readonly Case[]
  readonly lbfgs: readonly LbfgsCase[]
  readonly begin: Readonly<Record<string, readonly number[]>>
}

export { cases, lbfgs }

/** Makes an optimizer of a class by its name. */
export function make(name: string, params: readonly Tensor[], options: object): optim.Optimizer {
  const Class: new (params: readonly Tensor[], options: object) => optim.Optimizer = Reflect.get(optim, name)
  return new Class(params, options)
}

/** Beside 16 times PyTorch's own deviation: some roundings of the values themselves, where PyTorch had none. */
const bound = (off: number, values: readonly number[]): number =>
  Math.max(16 * off, 4 * 2 ** -23 * Math.max(1, ...values.map(Math.abs)))

/** Steps at which values are further off than they may be. */
function faultsOf(
  got: readonly (readonly number[])[],
  want: readonly (readonly number[])[],
  off: readonly number[] | null,
) {
  return want.flatMap((values, i) => {
    const worst = Math.max(...values.map((v, j) => Math.abs(v - got[i][j]) / (off ? 1 : Math.max(1e-3, Math.abs(v)))))
    const most = off ? bound(off[i], values) : 1e-9
    return worst <= most ? [] : [`row ${i} is off by ${worst}, allowed ${most}`]
  })
}

/** Fifty steps of a case. @param on  float64 is held to 1e-9 of each number, float32 to PyTorch's own deviation */
export async function caseFaults(
  { optimizer, options, shapes, values, off }: Case,
  on: TensorOptions,
): Promise<string[]> {
  const start = begin[JSON.stringify(shapes)]
  let from = 0
  const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1))
  const params = shapes.map((shape, i) =>
    tensor(start.slice(from, (from += sizes[i])), { ...on, shape, requiresGrad: true }),
  )
  const slopes = shapes.map((shape, i) =>
    tensor(
      Array.from({ length: sizes[i] }, (_, k) => 0.5 + 0.1 * k),
      { ...on, shape },
    ),
  )
  const own = make(optimizer, params, options)
  const seen: Tensor[][] = []
  for (let t = 1; t <= 50; t++)
    scope(() => {
      params.forEach((p, i) => {
        const x = p.detach()
        p.grad = x.mul(slopes[i]).add(x.add(0.2 * t).sin())
      })
      own.step()
      if (steps.includes(t)) seen.push(params.map((p) => keep(p.detach().clone())))
    })
  const got = await Promise.all(
    seen.map(async (list) => (await Promise.all(list.map((x) => x.data()))).flatMap((x) => [...x])),
  )
  return faultsOf(got, values, on.dtype === 'float64' ? null : off)
}

const problems: Readonly<Record<LbfgsCase['problem'], (p: readonly Tensor[]) => Tensor>> = {
  rosenbrock: ([xy, z]) => {
    const [x, y] = [xy.slice([0, 1]), xy.slice([1, 2])]
    const valley = y.sub(x.square()).square().mul(100).add(x.neg().add(1).square())
    return valley.sum().add(z.square().sum())
  },
  regression: ([w1, b, w2]) => {
    const x = tensor(
      Array.from({ length: 9 }, (_, i) => (i - 4) / 2),
      { device: w1.device, dtype: w1.dtype, shape: [9, 1] },
    )
    const y = x.mul(w1).add(b).tanh().mul(w2).sum(1)
    return y
      .sub(x.reshape([9]).sin())
      .square()
      .mean()
  },
}

/** An L-BFGS on a case's problem, its parameters, and a closure. */
export function lbfgsOn({ problem, start, options }: LbfgsCase, on: TensorOptions) {
  const params = start.map((x) => tensor([...x], { ...on, requiresGrad: true }))
  const own = new optim.LBFGS(params, options)
  const closure = (): Tensor => {
    own.zeroGrad()
    const loss = problems[problem](params)
    loss.backward()
    return loss
  }
  return { own, params, closure }
}

/** The steps of a case of L-BFGS, by loss and parameters, and how often it called its closure. */
export async function lbfgsFaults(c: LbfgsCase, on: TensorOptions): Promise<string[]> {
  const { own, params, closure } = lbfgsOn(c, on)
  const got: number[][] = []
  for (const _ of c.rows) {
    const loss = await own.step(closure)
    got.push([loss, ...(await Promise.all(params.map((p) => p.data()))).flatMap((x) => [...x])])
  }
  const exact = on.dtype === 'float64'
  const faults = faultsOf(got, c.rows, exact ? null : c.off)
  const memory = own.stateDict().state[0]
  const counts = [memory?.n_iter, memory?.func_evals]
  if (exact && String(counts) !== String(c.counts))
    faults.push(`iterations, evaluations ${counts}, PyTorch's ${c.counts}`)
  return faults
}

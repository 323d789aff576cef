/**
 * @file What the rows of the op table launch, and the smallest sample of ops found that between them launch everything:
 * each kernel with each of its variants that fits, and each of its modes. What depends on kernels, not on ops, is tried
 * on this sample.
 */
import type { Launch } from '../../src/core/device.ts'
import { noGrad } from '../../src/core/graph.ts'
import type { Facts } from '../../src/core/kernel.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import { sizeOf } from '../../src/core/shape.ts'
import { tap } from '../../src/core/tap.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { KVCache } from '../../src/generate/index.ts'
import '../../src/methods.ts'
import * as optim from '../../src/optim/index.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { idsOf, modelOn } from '../generate/few.ts'
import type { Configuration } from './configurations.ts'
import { arrange, opNames } from './run.ts'
import { type Case, type OpName, ops, type Row, table } from './table.ts'

/** Cases that are run to see what an op launches: how many, and elements of the largest input. */
const CASES = 8
const SMALL = 100

/** Calls on contiguous inputs of ops whose rows are mostly about others. */
const PLAIN: Partial<Record<OpName, (x: Tensor) => Tensor>> = {
  contiguous: (x) => ops.contiguous(x),
  reshape: (x) => ops.reshape(x, [-1]),
  view: (x) => ops.view(x, [-1]),
}

/** Cases without empty inputs, or inputs of more elements than said. */
export const smallCases = (row: Row, most: number): readonly Case[] =>
  row.cases.filter((c) => c.x.every((x) => sizeOf(x.shape) > 0 && sizeOf(x.shape) <= most))

/** Run cases of an op and of its gradient on contiguous inputs, and be told of each launch. */
export function watchLaunches(
  op: OpName,
  cases: readonly Case[],
  seen: (launch: Launch, pass: 'forward' | 'backward') => void,
): void {
  const device = new CpuDevice()
  let pass: 'forward' | 'backward' | null = null
  tap(device, {
    run: (next, launch) => {
      if (pass) seen(launch, pass)
      next(launch)
    },
  })
  for (const c of cases) {
    using s = openScope()
    s.run(() => {
      pass = null
      const xs = c.x.map((input, i) => {
        const dtype = input.kind === 'float' ? 'float32' : input.kind
        const x = arrange(input.draw(new Philox(i)), input.shape, 'contiguous', dtype, device)
        return input.kind === 'float' ? x.requiresGrad_() : x
      })
      pass = 'forward'
      const ys = [(PLAIN[op] ?? c.f ?? (ops[op] as (...x: Tensor[]) => Tensor | Tensor[]))(...xs)]
        .flat()
        .filter((y) => y.edge)
      pass = null
      const ones = ys.map((y) => arrange(new Float64Array(y.numel).fill(1), y.shape, 'contiguous', 'float32', device))
      pass = 'backward'
      const wanted = xs.filter((x) => x.edge)
      if (ys.length > 0) grad(ys, wanted, { gradOutputs: ones, allowUnused: true })
    })
  }
}

/** An adapter that has all that variants ask for. */
const facts: Facts = {
  adapter: { vendor: '', architecture: '', device: '', description: '' },
  software: false,
  features: new Set(['subgroups', 'shader-f16']),
  subgroupSize: 32,
  maxThreads: 256,
  maxWorkgroupBytes: 32768,
  maxBindingBytes: 2 ** 27,
}

/**
 * What a launch is an example of: its mode, and the variants that could run it. Op codes of the pointwise kernel are
 * one mode.
 */
function kindsOf({ kernel, params, constants = {}, blocks }: Launch): string[] {
  const name = kernel.name as keyof typeof plans
  const mode = name === 'pointwise' ? blocks.length : JSON.stringify(constants)
  const fitting = Object.entries(plans[name].variants).filter(
    ([, { fits }]) => fits?.(params, facts, constants) ?? true,
  )
  return [`${name} ${mode}`, ...fitting.map(([variant]) => `${name}/${variant}`)]
}

/** Take the op that adds most, the first of those, until none adds anything. */
function smallestCover(kinds: ReadonlyMap<OpName, ReadonlySet<string>>): OpName[] {
  const left = new Set([...kinds.values()].flatMap((set) => [...set]))
  const chosen: OpName[] = []
  while (left.size > 0) {
    let [best, most]: [OpName | undefined, number] = [undefined, 0]
    for (const [op, set] of kinds) {
      const added = [...set].filter((kind) => left.has(kind)).length
      if (added > most) [best, most] = [op, added]
    }
    if (!best) break
    chosen.push(best)
    for (const kind of kinds.get(best) ?? []) left.delete(kind)
  }
  return chosen
}

/** What each op launches. An op that fails launches no more; that it fails is the op table's to say. */
function recorded(): ReadonlyMap<OpName, ReadonlySet<string>> {
  const kinds = new Map<OpName, Set<string>>()
  for (const [op, row] of Object.entries(table) as [OpName, Row][]) {
    const set = new Set<string>()
    kinds.set(op, set)
    try {
      watchLaunches(op, smallCases(row, SMALL).slice(0, CASES), (launch) => {
        for (const kind of kindsOf(launch)) set.add(kind)
      })
    } catch {}
  }
  return kinds
}

const kinds = recorded()

/** Ops that between them launch every kernel in its variants and modes. */
export const eachKernel: readonly OpName[] = smallestCover(kinds)

/** Those of them that launch one of these kernels, and the ops that kernels are named after. */
export const launching = (kernels: readonly string[]): OpName[] =>
  opNames.filter(
    (op) =>
      kernels.includes(op) ||
      (eachKernel.includes(op) && [...(kinds.get(op) ?? [])].some((kind) => kernels.includes(kind.split(/[ /]/)[0]))),
  )

/** The rows that a device is tried on: what it forces variants of is launched by all of them. */
export const rowsOn = ({ rows, options: { force } }: Configuration): readonly OpName[] =>
  rows === 'all' ? opNames : force ? launching(Object.keys(force)) : eachKernel

/** Kernels of what is not an op: random numbers, a step of each optimizer, clipping, averages of weights, a cache. */
export function otherKernels(): ReadonlySet<string> {
  const found = new Set<string>()
  const device = new CpuDevice()
  const w = ops.rand([2, 2], { device, requiresGrad: true })
  const off = tap(device, {
    run: (next, launch) => {
      found.add(launch.kernel.name)
      next(launch)
    },
  })
  ops.rand([4], { device })
  ops.multinomial(ops.ones([4], { device }), 1)
  w.grad = w.detach()
  for (const Optimizer of Object.values(optim) as (typeof optim.SGD)[])
    if (Optimizer.prototype instanceof optim.Optimizer) new Optimizer([w], { lr: 0.1 }).step()
  optim.clipGradNorm([w], 1)
  new optim.EMA([w]).update()
  const gpt = modelOn(device)
  noGrad(() => gpt.forward(idsOf([[1]], device), { cache: new KVCache(gpt) }))
  off()
  return found
}

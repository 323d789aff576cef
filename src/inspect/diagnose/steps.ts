/** @file Steps of training that are tried: how far each changes a weight, and whether gradients are forgotten. */
import { gradOf, hasGrad, registerHook } from '../../autograd/backward.ts'
import type { Tensor } from '../../core/tensor.ts'
import { setRandomState, sub } from '../../ops/index.ts'
import { Figures, greatestOf, held, rmsOf } from './figures.ts'
import type { Session } from './session.ts'

/** What steps did. */
export interface Steps {
  /** Of each weight: the median over steps of ‖Δw‖/‖w‖. */
  readonly ratios: ReadonlyMap<string, number>
  /** The same of the first step, ∞ where it is not finite. */
  readonly first: ReadonlyMap<string, number>
  /** The greatest ‖Δw‖/‖w‖ of all; ∞ where a weight is not finite. */
  readonly leap: number
  /** A parameter whose gradient was still there when that of the next step came: greatest elements of both. */
  readonly forgotten: { readonly name: string; readonly before: number; readonly next: number } | undefined
  /** The step, from 0, after which a weight or a loss is not finite; -1: none. */
  readonly bad: number
}

/** One step for each batch, watched. */
export async function takeSteps(session: Session, batches = session.batches): Promise<Steps> {
  const { params } = session.options
  const ratios = new Map<string, number[]>()
  const matrices = params.filter(([, x]) => x.ndim > 1)
  // A model of vectors alone is measured by these.
  const weights = matrices.length > 0 ? matrices : params
  const watch = new Forgetting(params)
  let bad = -1
  let leap = 0
  const first = new Map<string, number>()
  setRandomState(session.random)
  try {
    for (const [i, batch] of batches.entries()) {
      const before = weights.map(([, x]) => held(x))
      const loss = await session.step(batch)
      const figures = new Figures()
      let failed = Number.isFinite(loss) || session.options.step ? undefined : 'loss'
      weights.forEach(([name, x], k) => {
        let change = 0
        figures.note(
          () => rmsOf(sub(x, before[k])),
          (v) => void (change = v),
        )
        figures.note(
          () => rmsOf(before[k]),
          (v) => {
            if (!Number.isFinite(change)) failed = name
            leap = Math.max(leap, Number.isFinite(change) ? change / (v || Infinity) : Infinity)
            if (v > 0 && i === 0) first.set(name, Number.isFinite(change) ? change / v : Infinity)
            if (v > 0) ratios.set(name, [...(ratios.get(name) ?? []), change / v])
          },
        )
      })
      await Promise.all([figures.read(), watch.read()])
      for (const x of before) x.dispose()
      if (failed) {
        leap = Infinity
        bad = i
        break
      }
    }
  } finally {
    watch.end()
  }
  const medians = [...ratios].map(([name, list]) => [name, median(list)] as const)
  return { ratios: new Map(medians), first, leap, forgotten: watch.found, bad }
}

export function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** Whether the gradient of a step is there still when the weights have changed and the next one comes. */
class Forgetting {
  found: Steps['forgotten']
  private figures = new Figures()
  private readonly undo: (() => void)[]
  private readonly versions = new Map<Tensor, number>()

  constructor(params: readonly (readonly [string, Tensor])[]) {
    this.undo = params.map(([name, x]) =>
      registerHook(x, (g) => {
        const { version } = x.storage
        const known = this.versions.get(x)
        this.versions.set(x, version)
        if (known === undefined || known === version || !hasGrad(x)) return
        let next = 0
        this.figures.note(
          () => greatestOf(g),
          (v) => void (next = v),
        )
        this.figures.note(
          () => greatestOf(gradOf(x)),
          (before) => {
            if (before > 0) this.found ??= { name, before, next }
          },
        )
      }),
    )
  }
  async read(): Promise<void> {
    const { figures } = this
    this.figures = new Figures()
    await figures.read()
  }
  end(): void {
    for (const step of this.undo) step()
  }
}

/** @file Whether the learning rate is to blame: the same steps are taken with others. */
import type { Session } from './session.ts'
import { median, type Steps, takeSteps } from './steps.ts'

/** Below this a step hardly changes a weight, above it is a leap. */
const SMALL = 1e-4
const LARGE = 1e-1
/** Half of a weight in one step: what a layer by itself is to blame for. */
const LEAP = 0.5
/** Share of the loss that steps should take away, and that other rates would have to. */
const LITTLE = 0.02
const MUCH = 0.1

/** What the steps made of the loss. */
export interface Course {
  readonly before: number
  /** NaN where it is not finite. */
  readonly after: number
  /** The loss with targets of other samples: what knowing nothing costs. */
  readonly chance: number
  readonly steps: Steps
  /** The greatest gradient of each parameter before them. */
  readonly gradients: ReadonlyMap<string, number>
}

/** Findings of the learning rate, and of weights that change too much or too little. */
export async function rateFindings(
  session: Session,
  { before, after, chance, steps, gradients }: Course,
): Promise<void> {
  const { optimizer, params } = session.options
  const optimized = new Set(optimizer.groups.flatMap((group) => group.params))
  const moved = new Set(params.flatMap(([name, x]) => (optimized.has(x) && gradients.get(name) ? [name] : [])))
  const ratios = [...steps.ratios].filter(([name]) => moved.has(name))
  if (ratios.length === 0) return
  const [leaping, ...rest] = [...steps.first].filter(([name]) => moved.has(name)).sort(([, a], [, b]) => b - a)
  const others = rest.length > 0 ? rest[0][1] : Infinity
  // What begins at 0 moves by its whole length at any rate.
  const begun = ratios.filter(([name]) => steps.first.has(name))
  const most = Math.max(...(begun.length > 0 ? begun : ratios).map(([, ratio]) => ratio))
  const scale = Math.max(Math.abs(before), 0.2 * Math.abs(chance) || 0)
  const gain = (loss: number): number => (Number.isFinite(loss) ? (before - loss) / scale : Number.NEGATIVE_INFINITY)
  const stuck = !(gain(after) > LITTLE)
  const worse = gain(after) < -0.2
  let verdict: 'learningRateTooLarge' | 'learningRateTooSmall' | undefined
  // Of one layer that leaps while the others walk, the rate of all is not to blame.
  const harmed = stuck || session.found.some(({ numbers }) => (numbers.since as number) > 0)
  // Weights that begin at 0 have no first step to be measured by.
  if (harmed && leaping && leaping[1] > LEAP && others > SMALL && leaping[1] > 30 * others)
    return session.find('updateTooLarge', leaping[0], { ratio: leaping[1] })
  if (stuck) {
    const rate = optimizer.groups[0].lr as number
    const numbers = (better: number, then: number) => ({ rate, before, after, better, then })
    // Where nothing moves, a smaller rate cannot help; where weights leap, a larger one cannot.
    const larger = most < SMALL ? [10, 1e2, 1e3, 1e4, 1e5] : []
    const smaller = steps.leap > LARGE / 10 ? [0.1, 0.01, 0.001] : []
    for (const factor of [...larger, ...smaller]) {
      const then = await trial(session, factor)
      const helps = factor > 1 ? gain(then) > MUCH : worse ? gain(then) > -LITTLE : gain(then) > 2 * MUCH
      if (!helps) continue
      verdict = factor > 1 ? 'learningRateTooSmall' : 'learningRateTooLarge'
      session.find(verdict, '', numbers(rate * factor, then))
      break
    }
  }
  for (const [name, ratio] of ratios) {
    const beside = ratios.flatMap(([other, r]) => (other === name ? [] : [r]))
    const below = ratios.length > 2 && ratio < 1e-3 * median(beside)
    if (ratio > LARGE && verdict === 'learningRateTooLarge') session.find('updateTooLarge', name, { ratio })
    if (ratio < SMALL && (verdict === 'learningRateTooSmall' || below)) session.find('updateTooSmall', name, { ratio })
  }
}

/** The loss after the same steps with other rates. */
async function trial(session: Session, factor: number): Promise<number> {
  session.rewind()
  const { groups } = session.options.optimizer
  for (const group of groups) group.lr = (group.lr as number) * factor
  const { bad } = await takeSteps(session)
  return bad < 0 ? session.mean() : Number.NaN
}

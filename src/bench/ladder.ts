/**
 * @file Ladders: a kernel from its plainest variant to its best, rung by rung, with the reason for each step, the bytes
 * that it loads and stores, and what it is measured to bring. Here rungs meet figures; data are in ladders/, what is
 * shown in ladders/show.ts and ladders/page.ts, and figures come from run.ts, in Node as in a page.
 */
import type { Kernel } from '../core/kernel.ts'
import { codeOf } from '../webgpu/code.ts'
import type { Case, Scale, Suite } from './case.ts'
import type { Figure, Inputs, Report } from './figure.ts'
import { sourceFrom } from './own/text.ts'

/** Sizes of a case by the letters that formulas have. */
export type Sizes = Readonly<Record<string, number>>

/** One variant of the kernel. */
export interface Rung {
  /** Its name in the plan. */
  readonly variant: string
  /** Its entry point. */
  readonly entry: string
  readonly title: string
  /** What it changes against the rung before, and why that should help. True of the shader. */
  readonly reason: string
  /** Its loads and stores of storage buffers in words. */
  readonly traffic: string
  /** The same in bytes. Caches may serve a part of them. */
  bytes(sizes: Sizes): { readonly loaded: number; readonly stored: number }
}

export interface LadderCase {
  readonly sizes: Sizes
  readonly case: Case
}

export interface Ladder {
  readonly name: string
  readonly about: string
  readonly kernel: Kernel
  /** From the plainest on. */
  readonly rungs: readonly Rung[]
  cases(scale: Scale): readonly LadderCase[]
}

/** The suite whose figures a ladder is made of. */
export const suiteOf = (ladder: Ladder): Suite => ({
  name: suiteName(ladder),
  about: ladder.about,
  cases: (scale) => ladder.cases(scale).map((one) => one.case),
})
export const suiteName = ({ name }: Pick<Ladder, 'name'>): string => `ladder of ${name}`

/** A rung with what was measured of it. */
export interface Climbed {
  readonly rung: Rung
  readonly loaded: number
  readonly stored: number
  /** The figure that counts; absent where the variant does not run here. */
  readonly figure?: Figure
  /** Why there is none. */
  readonly why?: string
  /** How many times faster than the measured rung before. */
  readonly step?: number
  /** How many times faster than the first. */
  readonly total?: number
  readonly best: boolean
}

/** A ladder climbed with one case. */
export interface Climb {
  readonly name: string
  readonly inputs: Inputs
  /** The fewest bytes that any kernel must move. */
  readonly least: number
  readonly rungs: readonly Climbed[]
}

/** What a report says of a ladder, for each of its cases that was measured. */
export function climbs(ladder: Ladder, scale: Scale, { figures, skipped }: Report): Climb[] {
  const suite = suiteName(ladder)
  return ladder.cases(scale).flatMap(({ sizes, case: { name, bytes } }) => {
    const all = figures.filter((one) => one.suite === suite && one.name === name)
    // Of inputs that come from memory, where there are such: that is what programs meet.
    const inputs: Inputs = all.some((one) => one.inputs === 'rotated') ? 'rotated' : 'hot'
    const clock = all.some((one) => one.clock === 'gpu') ? 'gpu' : 'wall'
    const mine = all.filter((one) => one.inputs === inputs && one.clock === clock)
    if (mine.length === 0) return []
    const fastest = Math.min(...mine.map(({ seconds }) => seconds.median))
    let first: number | undefined
    let before: number | undefined
    const rungs = ladder.rungs.map((rung): Climbed => {
      const figure = mine.find(({ variant }) => variant === rung.variant)
      const traffic = rung.bytes(sizes)
      if (!figure) {
        const reason = skipped.find((one) => one.suite === suite && one.name === name && one.variant === rung.variant)
        return { rung, ...traffic, why: reason?.why ?? 'it was not measured', best: false }
      }
      const { median } = figure.seconds
      const step = before === undefined ? undefined : before / median
      const total = first === undefined ? undefined : first / median
      before = median
      first ??= median
      return { rung, ...traffic, figure, step, total, best: median === fastest }
    })
    return [{ name, inputs, least: bytes, rungs }]
  })
}

/** The text of a rung's entry point in its shader, with the functions of the file that it calls. */
export function sourceOfRung({ kernel }: Ladder, { entry }: Rung): { file: string; text: string } {
  const module = codeOf(kernel).modules.find(({ entries }) => entries.includes(entry))
  if (!module) throw new Error(`${kernel.name} has no entry point ${entry}`)
  return { file: module.source.file, text: sourceFrom(module.source.text, entry) }
}

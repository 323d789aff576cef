/**
 * @file Which variant of a kernel runs a launch. Pure: the same kernel, params, facts and table give the same choice,
 * so results are reproducible. The launcher asks `choose` for every launch; `explainChoice` says the same in words,
 * with the dispatches and the reason why each other variant was not taken. The ways to run the built-in kernels are in
 * plans/.
 */
import type { Constants, Dispatch, Facts, Kernel, Params, Plan, Variant } from '../core/kernel.ts'
import { codeOf } from './code.ts'
import { matches, tuned as shipped, type Tuned } from './tuned.ts'

/** A variant that may be taken. */
export interface Candidate {
  readonly name: string
  readonly variant: Variant
  /** How often it was, which the launcher counts. */
  launches: number
}

/** The variants of one kernel on one device. */
export interface Candidates {
  /** The preferred ones first; the last is taken where no other is. */
  readonly all: readonly Candidate[]
  readonly classOf: NonNullable<Plan['class']>
  /** Taken where it fits; may be changed between launches (`WebGPUDevice.force`). */
  forced: Candidate | undefined
  /** What the table prefers, by size class; null where it says nothing of this kernel on this adapter. */
  readonly tuned: ReadonlyMap<string, readonly Candidate[]> | null
}

/** What stands above a plan's own rules. */
export interface Preferences {
  /** Variants by kernel, taken where they fit. */
  readonly force?: Readonly<Record<string, string>>
  /** Asked before the table that is shipped. */
  readonly tuned?: Tuned
}

/** The variants of a kernel, with what force and tables say of them. */
export function candidatesOf(kernel: string, plan: Plan, facts: Facts, preferences: Preferences): Candidates {
  const all = Object.entries(plan.variants).map(([name, variant]) => ({ name, variant, launches: 0 }))
  const named = (variant: string | undefined) => all.find(({ name }) => name === variant)
  const byClass = new Map<string, Candidate[]>()
  for (const entry of [...(preferences.tuned ?? []), ...shipped]) {
    const candidate = named(entry.variant)
    // An entry of a variant that is gone says nothing.
    if (entry.kernel !== kernel || !candidate || !matches(entry, facts.adapter)) continue
    byClass.set(entry.class, [...(byClass.get(entry.class) ?? []), candidate])
  }
  return {
    all,
    classOf: plan.class ?? (() => ''),
    forced: named(preferences.force?.[kernel]),
    tuned: byClass.size > 0 ? byClass : null,
  }
}

/**
 * The forced variant where it fits; else the first that the table prefers and that fits; else the plan's first that
 * fits and is better here; else its last.
 */
export function choose(candidates: Candidates, p: Params, facts: Facts, c: Constants): Candidate {
  const { all, forced, tuned } = candidates
  if (forced !== undefined && fits(forced, p, facts, c)) return forced
  if (tuned !== null) {
    const preferred = fromTable(candidates, p, facts, c)
    if (preferred) return preferred
  }
  const last = all.length - 1
  for (let i = 0; i < last; i++) {
    const { variant } = all[i]
    if (variant.fits && !variant.fits(p, facts, c)) continue
    if (!variant.better || variant.better(p, facts, c)) return all[i]
  }
  return all[last]
}

const fits = ({ variant }: Candidate, p: Params, facts: Facts, c: Constants): boolean =>
  variant.fits === undefined || variant.fits(p, facts, c)

const isBetter = ({ variant }: Candidate, p: Params, facts: Facts, c: Constants): boolean =>
  variant.better === undefined || variant.better(p, facts, c)

const inTable = ({ tuned, classOf }: Candidates, p: Params, c: Constants): readonly Candidate[] =>
  tuned?.get(classOf(p, c)) ?? []

const fromTable = (candidates: Candidates, p: Params, facts: Facts, c: Constants): Candidate | undefined =>
  inTable(candidates, p, c).find((candidate) => fits(candidate, p, facts, c))

/** From now on take this variant where it fits; undefined: what is chosen without force. */
export function force(candidates: Candidates, variant: string | undefined): void {
  candidates.forced = candidates.all.find(({ name }) => name === variant)
}

/** How often each variant was launched, as `kernel/variant`. */
export function countsOf(known: Iterable<{ kernel: Kernel; candidates: Candidates }>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kernel, candidates } of known) {
    for (const { name, launches } of candidates.all) {
      const key = `${kernel.name}/${name}`
      counts[key] = (counts[key] ?? 0) + launches
    }
  }
  return counts
}

/** A choice in words. */
export interface Choice {
  readonly kernel: string
  readonly variant: string
  /** Every other variant of the kernel, in the plan's order, and why it was not taken. */
  readonly refused: readonly { readonly variant: string; readonly reason: string }[]
  /** What is run, in order: entry points, workgroups, own constants and params, blocks and scratch. */
  readonly dispatches: readonly Dispatch[]
}

/** What a launch of a kernel would run on an adapter of these facts, and why. Nothing is run. */
export function explainChoice(
  kernel: Kernel,
  params: Params,
  facts: Facts,
  constants: Constants = {},
  preferences: Preferences = {},
): Choice {
  const candidates = candidatesOf(kernel.name, codeOf(kernel).plan, facts, preferences)
  const taken = choose(candidates, params, facts, constants)
  const others = candidates.all.filter((candidate) => candidate !== taken)
  return {
    kernel: kernel.name,
    variant: taken.name,
    refused: others.map((candidate) => ({
      variant: candidate.name,
      reason: reason(kernel, candidates, candidate, taken, params, facts, constants),
    })),
    dispatches: dispatchesOf(taken, params, facts, constants),
  }
}

const dispatchesOf = ({ variant }: Candidate, p: Params, facts: Facts, c: Constants): readonly Dispatch[] =>
  [variant.dispatch(p, facts, c)].flat()

/** Why a variant was not taken. */
function reason(
  kernel: Kernel,
  candidates: Candidates,
  candidate: Candidate,
  taken: Candidate,
  p: Params,
  facts: Facts,
  c: Constants,
): string {
  const { all, forced } = candidates
  const preferred = inTable(candidates, p, c)
  if (!fits(candidate, p, facts, c)) {
    const unfit = whyUnfit(kernel, candidate, p, facts, c)
    if (candidate === forced) return `it is forced, but ${unfit}`
    return preferred.includes(candidate) ? `the table prefers it, but ${unfit}` : unfit
  }
  if (taken === forced) return `${taken.name} is forced`
  if (preferred.includes(taken)) return `the table prefers ${taken.name}`
  return isBetter(candidate, p, facts, c) && all.indexOf(candidate) > all.indexOf(taken)
    ? `${taken.name} comes first`
    : 'it is not expected to be faster here'
}

function whyUnfit(kernel: Kernel, candidate: Candidate, p: Params, facts: Facts, c: Constants): string {
  const lacking = codeOf(kernel).modules.filter(({ needs }) => needs.some((feature) => !facts.features.has(feature)))
  if (lacking.length > 0) {
    const entries = dispatchesOf(candidate, p, facts, c).map(({ entry }) => entry)
    const module = lacking.find((one) => one.entries.some((entry) => entries.includes(entry)))
    const missing = module?.needs.filter((feature) => !facts.features.has(feature))
    if (missing) return `it needs ${missing.join(', ')}, which the adapter does not offer`
  }
  const { requires } = candidate.variant
  return requires ? `it requires ${requires}` : 'it does not fit these params'
}

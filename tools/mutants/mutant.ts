/** @file What a mutant is, and which of the many possible ones are tried. */

/** One small change of the source that some test must notice. */
export interface Mutant {
  readonly group: 'rule' | 'shader' | 'plan'
  /** From the repository's root, with slashes. */
  readonly file: string
  /** The function it is in; of rules, the op. */
  readonly where: string
  /** Where the text begins and ends in the file. */
  readonly start: number
  readonly end: number
  readonly original: string
  readonly mutated: string
  /** What is run in place of the text, where that is not `mutated` itself. */
  readonly code?: string
}

export const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length

/**
 * The lines that a mutant touches, before and after, with single spaces: these name it wherever it moves to. A line
 * that is dropped as a whole may have others like it, and is named with the one above.
 */
export function linesOf(text: string, { start, end, mutated }: Mutant): { before: string; after: string } {
  const line = text.lastIndexOf('\n', start - 1) + 1
  const whole = (text.slice(line, start) + mutated + text.slice(end, text.indexOf('\n', end))).trim() === ''
  const from = whole ? text.lastIndexOf('\n', line - 2) + 1 : line
  const after = text.indexOf('\n', end)
  const to = after < 0 ? text.length : after
  const tidy = (s: string) => s.replace(/\s+/g, ' ').trim()
  return { before: tidy(text.slice(from, to)), after: tidy(text.slice(from, start) + mutated + text.slice(end, to)) }
}

/** FNV-1a: a rank by the mutant's text, so that an edit elsewhere does not change the choice. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0
  return Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) >>> 0
}

/**
 * Candidates of one file in the order in which they are tried: every function has its turn before one has a second.
 * @param text  of the file
 */
export function ranked(candidates: readonly Mutant[], text: string, seed: number): Mutant[] {
  const rank = new Map(
    candidates.map((m) => {
      const { before, after } = linesOf(text, m)
      return [m, hash(`${seed} ${m.file} ${m.where} ${before} ${after}`)]
    }),
  )
  const byFunction = new Map<string, Mutant[]>()
  for (const m of [...candidates].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)))
    byFunction.set(m.where, [...(byFunction.get(m.where) ?? []), m])
  const turn = new Map([...byFunction.values()].flatMap((list) => list.map((m, i) => [m, i] as const)))
  return [...candidates].sort(
    (a, b) => (turn.get(a) ?? 0) - (turn.get(b) ?? 0) || (rank.get(a) ?? 0) - (rank.get(b) ?? 0),
  )
}

/**
 * How many mutants each file gets, of `total`: at least three where there are so many, more where there is more to
 * mutate.
 */
export function quotas(sizes: ReadonlyMap<string, number>, total: number): Map<string, number> {
  const roots = [...sizes.values()].reduce((sum, n) => sum + Math.sqrt(n), 0)
  return new Map(
    [...sizes].map(([file, n]) => [file, Math.min(n, Math.max(3, Math.round((total * Math.sqrt(n)) / roots)))]),
  )
}

/** All candidates in an order that a seed and their texts give. */
export function shuffled(candidates: readonly Mutant[], textOf: (file: string) => string, seed: number): Mutant[] {
  const ranks = candidates.map((m) => {
    const { before, after } = linesOf(textOf(m.file), m)
    return { m, rank: hash(`${seed} ${m.file} ${m.where} ${before} ${after}`) }
  })
  return ranks.sort((a, b) => a.rank - b.rank).map(({ m }) => m)
}

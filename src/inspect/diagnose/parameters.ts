/** @file Findings of parameters: whom no gradient reaches, whom the optimizer lacks, and how far steps change them. */
import type { Look } from './look.ts'
import type { Session } from './session.ts'

/** A few names, and how many more. */
const some = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 4).join(', ')}, …` : names.join(', ')

/** Parameters that the optimizer never got. */
export function optimizerFindings(session: Session): void {
  const { optimizer, params } = session.options
  const known = new Set(optimizer.groups.flatMap((group) => group.params))
  const missing = params.flatMap(([name, x]) => (known.has(x) ? [] : [name]))
  if (missing.length > 0) session.find('neverOptimized', some(missing), { count: missing.length })
}

/**
 * Parameters whose gradient never came, or was 0 for every sample both before and after the steps: a layer after zeros
 * has a gradient once these have moved.
 */
export function gradientFindings(session: Session, before: Look, after: Look | undefined): void {
  const names = session.options.params.map(([name]) => name)
  const unused = names.filter((name) => Number.isNaN(before.gradients.get(name)))
  if (unused.length > 0) session.find('neverUsed', some(unused), { count: unused.length })
  const silent = (look: Look) => names.filter((name) => look.gradients.get(name) === 0)
  const still = new Set(after ? silent(after) : [])
  const zero = silent(before).filter((name) => still.has(name))
  // A bias before a softmax or a normalisation has no gradient by right: its layer tells.
  const weights = zero.filter((name) => !/(^|\.)(bias|b)\w*$/i.test(name) || !hasWeight(names, zero, name))
  if (weights.length > 0) session.find('zeroGradient', some(weights), { count: weights.length, since: 0 })
  const late = after && silent(after).filter((name) => (before.gradients.get(name) as number) > 0)
  if (late && late.length > 0 && late.some((name) => !/bias/i.test(name)))
    session.find('zeroGradient', some(late), { count: late.length, since: session.batches.length })
}

/** True if other parameters of its module have a gradient. */
function hasWeight(names: readonly string[], zero: readonly string[], name: string): boolean {
  const module = name.replace(/[^.]*$/, '')
  return names.some((other) => other.startsWith(module) && !zero.includes(other))
}

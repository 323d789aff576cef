/** @file What `npm run check:kernels` runs: each op, or what others say of a GPU, in each pass of test/interpreter. */
import { type Pass, passesOf } from '../../test/interpreter/passes.ts'
import { launching } from '../../test/table/cover.ts'

export interface Job {
  readonly pass: Pass
  readonly what: string
}

/** Cases of a row that are tried. */
export const CASES = 6

/**
 * All jobs, in an order that every process finds again.
 * @param kernels  only what launches one of these; none: all
 * @param facts    only on these adapters; undefined: all
 */
export function jobsOf(kernels: readonly string[], facts: string | undefined): Job[] {
  const wanted = kernels.length > 0 ? new Set<string>(launching(kernels)) : undefined
  return passesOf(true)
    .filter((pass) => !facts || pass.facts === facts)
    .flatMap((pass) => {
      const others = wanted ? [] : pass.others
      return [...pass.ops.filter((op) => !wanted || wanted.has(op)), ...others].map((what) => ({ pass, what }))
    })
}

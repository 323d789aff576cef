/** @file How to run shaders/cat.wgsl. */
import type { Dispatch, Facts, Plan } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, runOf, sizeClass, type Vec4 } from './common.ts'
import { catNest } from './nests.ts'

export interface CatParams {
  rows: number
  width: number
  row: number
  begin: number
  ends_lo: Vec4
  ends_hi: Vec4
  at_lo: Vec4
  at_hi: Vec4
  step_lo: Vec4
  step_hi: Vec4
}

const inFours = (...numbers: readonly number[]): boolean => numbers.every((n) => n % 4 === 0)
const isAligned = ({ row, begin, ends_lo, ends_hi, at_lo, at_hi, step_lo, step_hi }: CatParams): boolean =>
  inFours(row, begin, ...ends_lo, ...ends_hi, ...at_lo, ...at_hi, ...step_lo, ...step_hi)

/** vec4s a thread, of one input. */
const runIn = (ends: readonly number[], facts: Facts): 1 | 4 =>
  ends.every((end) => end % (4 * runOf(facts)) === 0) ? runOf(facts) : 1

/** One input after the other. */
function oneByOne(p: CatParams, facts: Facts, inRows: boolean): Dispatch[] {
  const { rows, width, ends_lo, ends_hi } = p
  const [ends, ats, steps] = [
    [...ends_lo, ...ends_hi],
    [...p.at_lo, ...p.at_hi],
    [...p.step_lo, ...p.step_hi],
  ]
  const dispatches: Dispatch[] = []
  for (let k = 0, start = 0; start < width; start = ends[k], k++) {
    const own = ends[k] - start
    const run = runIn([own], facts)
    dispatches.push({
      ...(inRows
        ? { entry: 'cat_one_rows', groups: perVec4((rows * own) / run), constants: { RUN: run } }
        : { entry: 'cat_one', groups: perElement(rows * own) }),
      params: { width: own, begin: p.begin + start, at_lo: [ats[k] + start, 0, 0, 0], step_lo: [steps[k], 0, 0, 0] },
      blocks: [0, k + 1, null, null, null, null, null, null],
    })
  }
  return dispatches
}

/** Elements of an input, on average, from which a dispatch for each is cheaper than a switch for each, or for vec4s. */
const LARGE = 4096
const LARGE_ROWS = 16384
const areLarge =
  (least: number) =>
  ({ rows, width, ends_lo, ends_hi }: CatParams, { software }: Facts): boolean =>
    software && rows * width >= least * (1 + [...ends_lo, ...ends_hi].filter((end) => end < width).length)

export const cat: Plan = {
  nests: catNest,
  class: ({ rows, width }: CatParams) => sizeClass(rows, width),
  variants: {
    one_rows: {
      requires: 'rows of aligned vec4s in all operands',
      fits: isAligned,
      better: areLarge(LARGE_ROWS),
      dispatch: (p: CatParams, facts) => oneByOne(p, facts, true),
    },
    rows: {
      requires: 'rows of aligned vec4s in all operands',
      fits: isAligned,
      better: ({ rows, width }: CatParams, facts) => manyElements(rows * width, facts),
      dispatch: ({ rows, width, ends_lo, ends_hi }: CatParams, facts) => {
        const run = runIn([...ends_lo, ...ends_hi], facts)
        return { entry: 'cat_rows', groups: perVec4((rows * width) / run), constants: { RUN: run } }
      },
    },
    one: {
      better: areLarge(LARGE),
      dispatch: (p: CatParams, facts) => oneByOne(p, facts, false),
    },
    element: {
      dispatch: ({ rows, width }: CatParams) => ({ entry: 'cat_element', groups: perElement(rows * width) }),
    },
  },
}

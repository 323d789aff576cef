/** @file A reader's own kernel at a small size, for what takes a thousand times longer than a GPU. */
import { HandgradError } from '../../core/errors.ts'
import { layoutOf } from './guarded.ts'
import { type Files, type OwnSpec, type Plan, plansOf } from './spec.ts'

/** Sizes that are tried, from the largest down. */
const KEPT = [1024, 256, 64]

interface Most {
  readonly bytes: number
  readonly groups: number
  readonly flop: number
}
const SMALL: Most = { bytes: 2 ** 20, groups: 256, flop: 2 ** 21 }
/** Where sizes cannot be changed. */
const BEARABLE: Most = { bytes: 2 ** 23, groups: 256, flop: 2 ** 24 }

/** Plans of the same kernel on smaller params and shapes; undefined if it has none that are small. */
export function smallPlans(spec: OwnSpec, files: Files, checked: boolean): readonly Plan[] | undefined {
  // Workgroups that are a number stay as many, whatever the shapes are.
  const follows = /[A-Za-z_]/.test(spec.groups)
  for (const kept of follows ? KEPT : []) {
    const plans = tried(smallerSpec(spec, kept), files, checked)
    if (plans?.every((plan) => isWithin(plan, SMALL))) return plans
  }
  const plans = plansOf(spec, files, checked)
  return plans.every((plan) => isWithin(plan, BEARABLE)) ? plans : undefined
}

/** The plans, or undefined: a size may still ask for more workgroups than there are. What else is wrong shows later. */
function tried(...args: Parameters<typeof plansOf>): Plan[] | undefined {
  try {
    return plansOf(...args)
  } catch (error) {
    if (error instanceof HandgradError) return undefined
    throw error
  }
}

function isWithin({ buffers, grid, flop = 0 }: Plan, most: Most): boolean {
  const bytes = buffers.reduce((sum, planned) => sum + layoutOf(planned).data, 0)
  return bytes <= most.bytes && grid[0] * grid[1] * grid[2] <= most.groups && flop <= most.flop
}

/** Numbers of shapes and params, those alike alike. */
function smallerSpec(spec: OwnSpec, kept: number): OwnSpec {
  const value = (text: string): string => smaller(text, kept)
  const pair = (text: string): string => text.replace(/(?<==).*$/s, value)
  const { sweep, param } = spec
  const swept = sweep !== undefined && param?.some((one) => one.split('=')[0].trim() === sweep.split('=')[0].trim())
  return {
    ...spec,
    bind: spec.bind.map((text) => (/\.npy$/i.test(text) ? text : text.replace(/(?<=:)[^:]*$/, value))),
    param: param?.map(pair),
    sweep: swept ? pair(sweep) : sweep,
  }
}

/** Whole numbers made smaller so that what divides them still does: powers of two up to `kept`. */
const smaller = (text: string, kept: number): string =>
  text.replace(/(?<![\w.])\d+(?![\w.]|\.\d)|(?<=\dx)\d+|\d+(?=x\d)/g, (digits) => {
    const n = Number(digits)
    return n > 2 * kept ? String(kept + (n % kept)) : digits
  })

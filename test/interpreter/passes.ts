/**
 * @file How the op table's rows go through the interpreter: on which adapters, with which variants. Rows are those that
 * launch each kernel, in small sizes, odd ones among them; a kernel that no row launches is tried by what the tests of
 * optimizers, clipping, averages and random numbers do. The layers of nn and the cases of the bench suites follow.
 */
import type { Device } from '../../src/core/device.ts'
import { FACTS, type FactsName, faultText, interpreter } from '../../src/interpreter/index.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { forced, mostVariants } from '../table/configurations.ts'
import { eachKernel, launching } from '../table/cover.ts'
import { others } from '../table/others.ts'
import { type Layout, opNames, runRow } from '../table/run.ts'
import { type Case, type OpName, table } from '../table/table.ts'
import { recorded } from './recorded.ts'

/** Elements along an axis, and in all, of the largest input. */
const LONGEST = 65
const LARGEST = 4096

export interface Pass {
  readonly facts: FactsName
  readonly force: Readonly<Record<string, string>>
  readonly layouts: readonly Layout[]
  readonly ops: readonly OpName[]
  /** What others say of the GPU, by name, and what is recorded of layers and suites. */
  readonly others: readonly string[]
  /** Seed of contractions of a·b + c, which compilers may choose. */
  readonly contract?: number
  /** Workgroups in one dimension, from which on grids are folded. */
  readonly maxGroups?: number
  /** The longest cases that are not too many elements, instead of short ones. */
  readonly long?: boolean
}

/** Kernels that have variants of subgroups, with one of them. */
const bySubgroups = Object.fromEntries(
  Object.entries(plans).flatMap(([kernel, { variants }]) => {
    const name = Object.keys(variants).find((variant) => variant.includes('subgroup'))
    return name ? [[kernel, name]] : []
  }),
)

const sizeOf = ({ x }: Case): number => Math.max(...x.map(({ shape }) => shape.reduce((a, b) => a * b, 1)))

/**
 * The first small cases of an op's row, and the two smallest whose rows are of whole vec4s, for which there are
 * variants.
 */
function casesOf(op: OpName, count: number, long = false): ReadonlySet<Case> {
  const cases = table[op].cases.filter((one) => !one.forward && sizeOf(one) <= (long ? 4 * LARGEST : LARGEST))
  if (long) return new Set(cases.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, count))
  const short = cases.filter(({ x }) => x.every(({ shape }) => shape.every((n) => n <= LONGEST)))
  const inFours = cases.filter((one) => sizeOf(one) > 0 && (one.x[0].shape.at(-1) ?? 1) % 4 === 0)
  return new Set([...short.slice(0, count), ...inFours.sort((a, b) => sizeOf(a) - sizeOf(b)).slice(0, 2)])
}

const recordedNames = Object.keys(recorded)
const otherNames = Object.keys(others).filter((name) => !/^(accuracy|random$|ten steps)/.test(name))

/** All passes, or those of `npm test`: each variant once. */
export function passesOf(whole: boolean): Pass[] {
  const everyVariant = Array.from({ length: mostVariants }, (_, i): Pass => {
    const force = forced(i)
    const layouts: Layout[] = whole ? ['contiguous', 'transposed', 'shifted'] : ['contiguous']
    const ops = launching(Object.keys(force))
    // Folded, so that there are workgroups too many: one where a small row has three.
    return {
      facts: 'gpu32',
      force,
      layouts,
      ops,
      // The table's rows are of 32 bits.
      others: [...(i < 2 ? otherNames : ['products of float16']), ...(whole ? recordedNames : [])],
      maxGroups: 2,
    }
  })
  if (!whole) return everyVariant
  const ofSubgroups = launching(Object.keys(bySubgroups))
  const sizes = (Object.keys(FACTS) as FactsName[]).filter((name) => FACTS[name].subgroupSize > 0 && name !== 'gpu32')
  return [
    {
      facts: 'gpu',
      force: {},
      layouts: ['contiguous', 'shifted'],
      ops: opNames,
      others: [...Object.keys(others), ...recordedNames],
    },
    { facts: 'gpu', force: {}, layouts: ['contiguous'], ops: eachKernel, others: [], contract: 7 },
    ...everyVariant,
    ...sizes.map(
      (facts): Pass => ({ facts, force: bySubgroups, layouts: ['contiguous'], ops: ofSubgroups, others: [] }),
    ),
  ]
}

export interface Outcome {
  /** What was run and found right. */
  readonly passed: number
  /** What is wrong, a line each. */
  readonly failed: readonly string[]
  /** Variants that ran, as `kernel/variant`. */
  readonly ran: ReadonlySet<string>
}

/** Options with which a device runs a pass. */
export const optionsOf = (what: string, { facts, force, contract, maxGroups }: Pass) => ({
  facts,
  contract,
  maxGroups,
  force: { ...force, ...others[what]?.options.force },
})

/** One op of a pass, or what others say, on a device: what is wrong. @param count  small cases of a row */
export async function runOn(device: Device, what: string, { layouts, long }: Pass, count: number) {
  const other = others[what]?.run ?? recorded[what]
  if (other) return { passed: 1, failed: [...(await other(device))] }
  const op = what as OpName // passes name ops and others, and this is neither
  const chosen = casesOf(op, count, long)
  const report = await runRow(op, device, layouts, table[op], (i) => chosen.has(table[op].cases[i]))
  const failed = report.failures.map((failure) => `${failure.where}: ${failure.what.split('\n')[0]}`)
  return { passed: report.checks, failed }
}

/** Runs one op of a pass, or what others say, on the interpreter. @param count  small cases of a row */
export async function check(what: string, pass: Pass, count: number): Promise<Outcome> {
  const device = interpreter(optionsOf(what, pass))
  const { passed, failed } = await runOn(device, what, pass, count)
  failed.push(...device.faults().map(faultText))
  const ran = new Set(Object.entries(device.counts()).flatMap(([name, times]) => (times > 0 ? [name] : [])))
  device.destroy()
  return { passed, failed: failed.map((line) => `${pass.facts} ${what}: ${line}`), ran }
}

/** Every variant of every kernel. */
export const allVariants: readonly string[] = Object.entries(plans).flatMap(([kernel, { variants }]) =>
  Object.keys(variants).map((variant) => `${kernel}/${variant}`),
)

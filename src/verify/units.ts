/** @file The units of a verification: which ops, in which setups, and how much of each in `--quick`. */
import { type Configuration, configurations } from '../../test/table/configurations.ts'
import { extremes, integers } from '../../test/table/extremes.ts'
import { others } from '../../test/table/others.ts'
import { layouts, opNames } from '../../test/table/run.ts'
import { type OpName, type Row, table } from '../../test/table/table.ts'
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import type { Unit, Wanted } from './verdict.ts'

/** Values at the ends of the range, compared with the CPU: test/table/extremes.ts. */
export const EXTREMES = 'extremes'
/** Optimizers, random numbers and what else is not an op: test/table/others.ts. */
export const OTHERS = 'others'

/**
 * Quick: each op as users have it in the first of these layouts, without its large cases; the sample in both, with
 * them, and in other setups so many cases in the first, of what they are for.
 */
const QUICK_LAYOUTS = ['contiguous', 'transposed']
const QUICK_CASES = 3

const extremeOps = [...new Set([...extremes, ...integers].map(({ op }) => op))]

/** Names without spaces or commas, so that a command line can hold them. */
export const otherNames: ReadonlyMap<string, keyof typeof others> = new Map(
  Object.keys(others).map((name) => [name.replaceAll(',', '').replaceAll(' ', '-'), name]),
)

/** The cases that are small enough for gradients. */
const smallCases = (op: OpName): number[] =>
  [...table[op].cases.keys()].filter((index) => !table[op].cases[index].forward)

/** What is tried in a setup. */
type Tried = (configuration: Configuration) => readonly string[]

/**
 * Every unit, the plain setup first.
 * @param sample  the ops that are tried in a second layout where it is to be quick
 */
function allUnits(quick: boolean, sample: readonly string[], tried: Tried, kind: Device['kind']): Unit[] {
  const [plain, ...rest] = configurations
  const [one] = QUICK_LAYOUTS
  const units = opNames.map((op): Unit => {
    const less = sample.includes(op) ? { layouts: QUICK_LAYOUTS } : { layouts: [one], cases: smallCases(op) }
    return { setup: plain.name, op, ...(quick && less) }
  })
  // The CPU has no variants, and extreme values are compared with it.
  if (kind === 'cpu') return units
  for (const configuration of rest) {
    const ops = tried(configuration)
    for (const op of opNames.filter((name) => ops.includes(name)))
      units.push({
        setup: configuration.name,
        op,
        ...(quick && { cases: smallCases(op).slice(0, QUICK_CASES), layouts: [one] }),
      })
  }
  for (const op of extremeOps) units.push({ setup: EXTREMES, op })
  for (const op of otherNames.keys()) units.push({ setup: OTHERS, op })
  return units
}

/** The ops of a quick verification. Counting what rows launch takes seconds, so it is loaded for that alone. */
async function quickOps(): Promise<[sample: readonly string[], tried: Tried]> {
  const { eachKernel, rowsOn } = await import('../../test/table/cover.ts')
  return [eachKernel, rowsOn]
}

/** The units that are asked for. @throws HandgradError if there are none, naming what there is */
export async function unitsOf(wanted: Wanted, kind: Device['kind']): Promise<readonly Unit[]> {
  const { quick = false, setup, case: index, layout } = wanted
  const chosen = wanted.op?.split(',')
  const [sample, tried] = quick && !chosen ? await quickOps() : [chosen ?? opNames, () => chosen ?? opNames]
  const all = allUnits(quick, sample, tried, kind)
  const setups = [...new Set(all.map((unit) => unit.setup))]
  for (const op of chosen ?? [])
    if (!all.some((unit) => unit.op === op))
      fail('verify', `there is no op '${op}' on the ${kind}`, 'docs/made/ops.md lists them')
  if (setup !== undefined && !setups.includes(setup))
    fail('verify', `there is no setup '${setup}' on the ${kind}`, `one of ${setups.join(', ')}`)
  const units = all.filter(
    (unit) => (chosen === undefined || chosen.includes(unit.op)) && (setup ?? unit.setup) === unit.setup,
  )
  if (units.length === 0) fail('verify', `${wanted.op} has nothing in the setup '${setup}'`, 'leave --setup out')
  return index === undefined && layout === undefined ? units : narrowed(units, wanted)
}

/** A case or a layout of one op's rows. */
function narrowed(units: readonly Unit[], { op, case: index, layout }: Wanted): readonly Unit[] {
  const row = op === undefined ? undefined : (table as Readonly<Record<string, Row>>)[op]
  if (!row) return fail('verify', '--case and --layout are of one op', 'give its name, --op NAME')
  const count = row.cases.length
  if (index !== undefined && !(Number.isInteger(index) && index >= 0 && index < count))
    fail('verify', `${op} has no case ${index}`, `0 to ${count - 1}`)
  const known: readonly string[] = [...layouts, 'shifted']
  if (layout !== undefined && !known.includes(layout))
    fail('verify', `there is no layout '${layout}'`, `one of ${known.join(', ')}`)
  const rows = units.filter((unit) => unit.setup !== EXTREMES && unit.setup !== OTHERS)
  if (rows.length === 0)
    fail('verify', `${op} has no cases in the setup '${units[0].setup}'`, 'leave --case and --layout out')
  return rows.map((unit) => ({
    ...unit,
    ...(index !== undefined && { cases: [index] }),
    ...(layout !== undefined && { layouts: [layout] }),
  }))
}

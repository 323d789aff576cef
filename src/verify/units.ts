/** @file The units of a verification: which ops, in which setups, and how much of each in `--quick`. */
import { configurations } from '../../test/table/configurations.ts'
import { extremes, integers } from '../../test/table/extremes.ts'
import { others } from '../../test/table/others.ts'
import { layouts, opNames } from '../../test/table/run.ts'
import { type OpName, table } from '../../test/table/table.ts'
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import type { Unit, Wanted } from './verdict.ts'

/** Values at the ends of the range, compared with the CPU: test/table/extremes.ts. */
export const EXTREMES = 'extremes'
/** What is no op, optimizers and random numbers: test/table/others.ts. */
export const OTHERS = 'others'

/** Quick: of each op as users have it these layouts, and of the sample in other setups so many cases in one layout. */
const QUICK_LAYOUTS = ['contiguous', 'transposed']
const QUICK_CASES = 3

const extremeOps = [...new Set([...extremes, ...integers].map(({ op }) => op))]

/** Names without spaces or commas, so that a command line can hold them. */
export const otherNames: ReadonlyMap<string, keyof typeof others> = new Map(
  Object.keys(others).map((name) => [name.replaceAll(',', '').replaceAll(' ', '-'), name]),
)

/** The first cases that are small enough for gradients. */
const firstCases = (op: OpName): number[] =>
  [...table[op].cases.keys()].filter((index) => !table[op].cases[index].forward).slice(0, QUICK_CASES)

/** Every unit, the plain setup first. */
async function allUnits(quick: boolean, kind: Device['kind']): Promise<Unit[]> {
  const [plain, ...rest] = configurations
  const units = opNames.map((op): Unit => ({ setup: plain.name, op, ...(quick && { layouts: QUICK_LAYOUTS }) }))
  // The CPU has no variants, and extreme values are compared with it.
  if (kind === 'cpu') return units
  // Counting what rows launch takes seconds.
  const sample = quick ? (await import('../../test/table/cover.ts')).eachKernel : opNames
  for (const { name: setup } of rest)
    for (const op of sample) units.push({ setup, op, ...(quick && { cases: firstCases(op), layouts: ['contiguous'] }) })
  for (const op of extremeOps) units.push({ setup: EXTREMES, op })
  for (const op of otherNames.keys()) units.push({ setup: OTHERS, op })
  return units
}

/** The units that are asked for. @throws HandgradError if there are none, naming what there is */
export async function unitsOf(wanted: Wanted, kind: Device['kind']): Promise<readonly Unit[]> {
  const { quick = false, setup, op, case: index, layout } = wanted
  const all = await allUnits(quick && op === undefined, kind)
  const ops = new Set(all.map((unit) => unit.op))
  const setups = [...new Set(all.map((unit) => unit.setup))]
  if (op !== undefined && !ops.has(op)) fail('verify', `there is no op '${op}'`, 'docs/made/ops.md lists them')
  if (setup !== undefined && !setups.includes(setup))
    fail('verify', `there is no setup '${setup}' on the ${kind}`, `one of ${setups.join(', ')}`)
  const units = all.filter((unit) => (op ?? unit.op) === unit.op && (setup ?? unit.setup) === unit.setup)
  if (units.length === 0) fail('verify', `'${op}' has nothing in the setup '${setup}'`, 'leave --setup out')
  if (index === undefined && layout === undefined) return units
  if (op === undefined) fail('verify', '--case and --layout are of one op', 'give --op as well')
  const count = table[op as OpName]?.cases.length ?? 0
  if (index !== undefined && !(index < count))
    fail('verify', `${op} has no case ${index}`, count > 0 ? `0 to ${count - 1}` : 'leave --case out')
  const known: readonly string[] = [...layouts, 'shifted']
  if (layout !== undefined && !known.includes(layout))
    fail('verify', `there is no layout '${layout}'`, `one of ${known.join(', ')}`)
  return units
    .filter((unit) => unit.setup !== EXTREMES && unit.setup !== OTHERS)
    .map((unit) => ({
      ...unit,
      ...(index !== undefined && { cases: [index] }),
      ...(layout !== undefined && { layouts: [layout] }),
    }))
}

/**
 * @file Runs units of a verification, in Node as in a page. The build makes one file of this one, units.ts and the rows
 * of the tests, beside the engine that it imports (scripts/build.mjs): what is verified is what was published.
 */
import { configurations } from '../../test/table/configurations.ts'
import { answersOtherwise, differences, extremes, integers, ours, pinned } from '../../test/table/extremes.ts'
import { others } from '../../test/table/others.ts'
import { type Layout, type Place, runRow } from '../../test/table/run.ts'
import { type OpName, table } from '../../test/table/table.ts'
import type { Device } from '../core/device.ts'
import type { WebGPUDevice, WebGPUOptions } from '../webgpu/device.ts'
import { plans } from '../webgpu/plans.generated.ts'
import { EXTREMES, OTHERS, otherNames } from './units.ts'
import { cutShort, type Fault, type Open, type Session, type Unit, type Verdict, type Wanted } from './verdict.ts'

export { unitsOf } from './units.ts'

/** What a unit found. `at`: the case of the first fault, where it is one case's. */
type Found = Pick<Verdict, 'checks' | 'worst' | 'variants' | 'faults'> & { readonly at?: Place }

const setupOf = (name: string): (typeof configurations)[number] | undefined =>
  configurations.find((one) => one.name === name)

const optionsOf = ({ setup, op }: Unit): WebGPUOptions => {
  const name = otherNames.get(op)
  if (setup === OTHERS && name !== undefined) return others[name].options
  return setupOf(setup)?.options ?? {}
}

const plain = (faults: readonly Fault[], checks: number): Found => ({
  checks,
  worst: faults.length > 0 ? Number.POSITIVE_INFINITY : 0,
  variants: {},
  faults,
})

async function rows({ setup, op, cases, layouts }: Unit, device: Device): Promise<Found> {
  const pick = (layouts ?? setupOf(setup)?.layouts ?? []) as readonly Layout[]
  const name = op as OpName
  const chosen = cases && ((index: number) => cases.includes(index))
  const { checks, failures, cases: reports } = await runRow(name, device, pick, table[name], chosen)
  const variants: Record<string, number> = {}
  for (const { launched, share } of reports)
    for (const variant of launched) {
      const kernel = variant.split('/')[0] as keyof typeof plans
      if (Object.keys(plans[kernel].variants).length > 1) variants[variant] = Math.max(variants[variant] ?? 0, share)
    }
  const worst = reports.reduce((most, { share }) => Math.max(most, share), 0)
  return { checks, worst, variants, faults: failures, at: failures[0]?.at }
}

/** Values at the ends of the range, and PyTorch's answers there. */
async function extremesOf({ op }: Unit, device: Device): Promise<Found> {
  const faults: Fault[] = []
  let checks = 0
  for (const [list, int] of [
    [extremes, false],
    [integers, true],
  ] as const)
    for (const entry of list.filter((one) => one.op === op)) {
      checks++
      const found = await differences(entry, device, int)
      faults.push(...found.map(({ text, what }) => ({ where: `${int ? 'int32' : 'float32'}, ${what}`, what: text })))
    }
  for (const list of [pinned, ours].map((all) => all.filter((one) => one.op === op))) {
    checks += list.length
    const found = await answersOtherwise(list, device, 'float32')
    faults.push(...found.map((what) => ({ where: 'known answers', what })))
  }
  return plain(faults, checks)
}

async function otherOf({ op }: Unit, device: Device): Promise<Found> {
  const found = await others[otherNames.get(op) as string].run(device as WebGPUDevice)
  return plain(
    found.map((what) => ({ where: op, what })),
    1,
  )
}

const checksOf = (unit: Unit): typeof rows =>
  unit.setup === EXTREMES ? extremesOf : unit.setup === OTHERS ? otherOf : rows

export function openSession(open: Open): Session {
  /** The device of the units that come one after the other. */
  let current: { readonly key: string; readonly device: Device; lost: string | null } | null = null

  function close(): void {
    if (current && 'destroy' in current.device) (current.device as WebGPUDevice).destroy()
    current = null
  }

  async function deviceFor(unit: Unit): Promise<NonNullable<typeof current>> {
    const options = optionsOf(unit)
    const key = JSON.stringify(options)
    if (current?.key === key) return current
    close()
    const device = await open({ debug: true, ...options })
    const made: NonNullable<typeof current> = { key, device, lost: null }
    if (device.kind === 'webgpu')
      (device as WebGPUDevice).gpu.lost.then(({ message, reason }) => (made.lost = message || reason))
    current = made
    return made
  }

  /** What a unit finds; what it throws is a fault too. */
  async function find(unit: Unit): Promise<Found & { lost: string | null }> {
    const made = await deviceFor(unit)
    let found: Found
    try {
      found = await checksOf(unit)(unit, made.device)
    } catch (error) {
      found = plain([{ where: 'error', what: String((error as Error).stack ?? error) }], 0)
    }
    // A device on which something went wrong says nothing of the next unit.
    if (found.faults.length > 0) close()
    return { ...found, lost: made.lost }
  }

  /** The least that shows a fault again on a new device. */
  async function narrowed(unit: Unit, at: Place | undefined): Promise<Wanted> {
    const { setup, op } = unit
    if (at) {
      const again = await find({ setup, op, cases: [at.index], layouts: [at.layout] })
      if (again.faults.length > 0) return { setup, op, case: at.index, layout: at.layout }
    }
    return (await find({ setup, op })).faults.length > 0 ? { setup, op } : { setup }
  }

  async function run(unit: Unit): Promise<Verdict> {
    const { setup, op } = unit
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    try {
      const { lost, at, ...found } = await find(unit)
      if (lost !== null) return cutShort(unit, 'lost', lost, seconds())
      if (found.faults.length === 0) return { setup, op, outcome: 'passed', ...found, seconds: seconds() }
      const faults = found.faults.map(({ where, what }) => ({ where, what }))
      const repeat = await narrowed(unit, at)
      return { setup, op, outcome: 'failed', ...found, faults, repeat, seconds: seconds() }
    } catch (error) {
      // No new device: what is wrong with it, and what to do, is in the text.
      return cutShort(unit, 'lost', String((error as Error).message), seconds())
    }
  }

  return { run, close }
}

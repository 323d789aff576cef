/**
 * @file What `handgrad verify` runs and what comes out, as data: it goes between processes, into the report, and is the
 * same in Node and in a page. session.ts does the running.
 */
import type { Device } from '../core/device.ts'
import type { WebGPUOptions } from '../webgpu/device.ts'

/** What is asked for; what is left out is not narrowed. */
export interface Wanted {
  readonly quick?: boolean
  readonly setup?: string
  /** Ops, with commas between them. */
  readonly op?: string
  /** An index into the op's row of the test table. */
  readonly case?: number
  readonly layout?: string
}

/** One op in one setup: what is run at once, and judged. */
export interface Unit {
  /** How the device is made: a name of test/table/configurations.ts, or 'extremes' or 'others'. */
  readonly setup: string
  /** An op; in 'others' the name of what is tried. */
  readonly op: string
  /** Default: all cases, in the layouts of the setup. */
  readonly cases?: readonly number[]
  readonly layouts?: readonly string[]
}

export interface Fault {
  readonly where: string
  readonly what: string
}

/**
 * - `failed`: something is off, see the faults
 * - `lost`: the device went away
 * - `hung`: nothing was heard for minutes
 * - `ended`: the process that ran it ended
 */
export type Outcome = 'passed' | 'failed' | 'lost' | 'hung' | 'ended'

export interface Verdict {
  readonly setup: string
  readonly op: string
  readonly outcome: Outcome
  readonly checks: number
  /** The largest error in units of what is allowed; Infinity where nothing is. */
  readonly worst: number
  /** The same by `kernel/variant`, of the cases that launched it; of kernels that have more than one. */
  readonly variants: Readonly<Record<string, number>>
  readonly faults: readonly Fault[]
  /** The least that shows the first fault again. */
  readonly repeat?: Wanted
  readonly seconds: number
}

/** A verdict of a unit that could not be run to its end. */
export const cutShort = ({ setup, op }: Unit, outcome: Outcome, what: string, seconds: number): Verdict => ({
  setup,
  op,
  outcome,
  checks: 0,
  worst: 0,
  variants: {},
  faults: [{ where: outcome, what }],
  repeat: { op, setup },
  seconds,
})

/** Makes a device; a page and Node have their own ways. */
export type Open = (options: WebGPUOptions) => Promise<Device>

/** Runs units one after the other, on devices that it makes. */
export interface Session {
  run(unit: Unit): Promise<Verdict>
  close(): void
}

/** What session.ts exports. It is loaded by a path that no compiler follows: the build makes it by itself. */
export interface Verifier {
  unitsOf(wanted: Wanted, kind: Device['kind']): Promise<readonly Unit[]>
  openSession(open: Open): Session
}

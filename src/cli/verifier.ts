/**
 * @file The process in which `handgrad verify` runs its units: a driver that crashes or hangs takes this one with it,
 * and not the report. verify.ts starts it, and again after it was lost.
 */
import { writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { Device } from '../core/device.ts'
import { HandgradError } from '../core/errors.ts'
import { CpuDevice } from '../cpu/device.ts'
import { device } from '../node.ts'
import type { Place } from '../verify/report.ts'
import type { Session, Unit, Verdict, Verifier, Wanted } from '../verify/verdict.ts'
import { placeOf } from './place.ts'

/** What this process is told. */
export interface Task {
  readonly kind: Device['kind']
  readonly adapter?: string
  readonly wanted: Wanted
  /** Where to go on, after another process was lost. */
  readonly from: number
}

/** What it says: once the place and the units, then a verdict for each, in their order. */
export type Message =
  | { readonly place: Place; readonly units: readonly Unit[] }
  | { readonly verdict: Verdict }
  | { readonly refused: { readonly op: string; readonly text: string } }

const send = (message: Message): void => void process.send?.(message)

/** A path as a variable, because no compiler is to follow it: session.ts is built by itself, with the tests' rows. */
const SESSION: string = '../verify/session.ts'

async function work({ kind, adapter, wanted, from }: Task): Promise<void> {
  const { unitsOf, openSession } = (await import(SESSION)) as Verifier
  let session: Session | undefined
  try {
    const units = await unitsOf(wanted, kind)
    // Asked for once before anything runs, so that an adapter that is not there is an error and no report.
    const first = kind === 'cpu' ? new CpuDevice() : await device('webgpu', { adapter })
    send({ place: placeOf(first), units })
    if ('destroy' in first) first.destroy()
    session = openSession(async (options) =>
      kind === 'cpu' ? new CpuDevice({ debug: true }) : device('webgpu', { adapter, ...options }),
    )
    // What a broken driver leaves behind unawaited is not a reason to end.
    process.on('unhandledRejection', () => {})
    for (const unit of units.slice(from)) {
      const verdict = await session.run(unit)
      // The CPU device never waits, and that who asked is gone is learnt in between.
      await turn()
      if (!process.connected) break
      send({ verdict })
    }
  } catch (error) {
    if (!(error instanceof HandgradError)) throw error
    send({ refused: { op: error.op, text: error.message.slice(`${error.op}: `.length) } })
  } finally {
    session?.close()
  }
}

process.once('message', async (task: Task) => {
  try {
    await work(task)
  } catch (error) {
    // A fault of this program: the supervisor shows what it said last.
    writeSync(2, `${inspect(error)}\n`)
    process.exitCode = 1
  }
  // The channel would keep the process alive.
  if (process.connected) process.disconnect?.()
})

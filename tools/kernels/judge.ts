/**
 * @file The process that mutants.ts asks: runs rows and what others say with one text of a kernel replaced, on the
 * interpreter or on the WebGPU adapter.
 */
import { makeProgram } from '../../src/interpreter/code/index.ts'
import { InterpreterDevice } from '../../src/interpreter/device.ts'
import { type FaultKind, faultText } from '../../src/interpreter/index.ts'
import { Programs } from '../../src/interpreter/programs.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { optionsOf, type Pass, passesOf, runOn } from '../../test/interpreter/passes.ts'
import { findGpu } from '../../test/support/adapters.ts'
import { type Change, plant, watchEntries } from '../mutants/planted.ts'
import type { Ran } from '../mutants/reach.ts'

/** What can be run: an op or one of others, in a pass. */
export interface Job {
  readonly pass: number
  readonly what: string
}

export type Request =
  | { readonly ask: 'jobs' }
  /** Replace the text of a file; null: none. */
  | { readonly ask: 'set'; readonly change: Change | null }
  /** `wide`: long cases, in more layouts. */
  | { readonly ask: 'run'; readonly job: Job; readonly on: 'interpreter' | 'webgpu'; readonly wide: boolean }

export interface Told {
  readonly kind: FaultKind
  readonly text: string
}

export type Reply =
  | { readonly jobs: readonly Job[]; readonly adapter: string }
  | { readonly set: true }
  | {
      readonly faults: readonly Told[]
      /** What is wrong with values, and what was thrown. */
      readonly failed: readonly string[]
      readonly ran: readonly Ran[]
      readonly milliseconds: number
    }

const passes = passesOf(false)
const ran = watchEntries()
/** Of the text that is set now. */
let programs = new Programs(makeProgram)

async function run({ job, on, wide }: Extract<Request, { ask: 'run' }>): Promise<Reply> {
  const own = passes[job.pass]
  const pass: Pass = wide ? { ...own, layouts: ['contiguous', 'offset'], long: true } : own
  // A thread that a mutant leaves without an end, a fault at each step, shall not take minutes.
  const options = { ...optionsOf(job.what, pass), limit: wide ? 3_000_000 : 300_000 }
  // Grids are folded alike.
  const limits = { maxComputeWorkgroupsPerDimension: pass.maxGroups ?? 65535 }
  ran.clear()
  const from = performance.now()
  const device =
    on === 'interpreter'
      ? new InterpreterDevice(programs, options)
      : await createWebGPUDevice((await findGpu()).gpu, { force: options.force, limits })
  const failure = (error: unknown) => ({ failed: [String(error instanceof Error ? error.message : error)] })
  const { failed } = await runOn(device, job.what, pass, wide ? 10 : 2).catch(failure)
  const faults = device instanceof InterpreterDevice ? device.faults() : []
  device.destroy()
  return {
    faults: faults.map((fault) => ({ kind: fault.kind, text: faultText(fault) })),
    failed,
    ran: [...ran.values()],
    milliseconds: performance.now() - from,
  }
}

async function answer(request: Request): Promise<Reply> {
  if (request.ask === 'run') return run(request)
  if (request.ask === 'set') {
    plant(request.change)
    programs = new Programs(makeProgram)
    return { set: true }
  }
  const jobs = passes.flatMap(({ ops, others }, pass) => [...ops, ...others].map((what) => ({ pass, what })))
  return { jobs, adapter: (await findGpu()).name }
}

// What a mutant leaves behind unawaited is not a reason to end.
process.on('unhandledRejection', () => {})
process.on('message', async (request: Request) => process.send?.(await answer(request)))

/**
 * @file `handgrad verify`: every op on this machine's adapter against the CPU in float64, and a report of it. What is
 * run is in src/verify, and runs in a process of its own: verifier.ts, kept at work by supervise.ts.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from '../core/errors.ts'
import { writeBytes } from '../io/files.ts'
import { clock, Progress } from '../text/progress.ts'
import { inBounds, json, markdown, type Place, type Report, repeatLine } from '../verify/report.ts'
import type { Unit, Verdict, Wanted } from '../verify/verdict.ts'
import { inFolder } from './folder.ts'
import { commandLine, parseOptions, wholeNumber } from './options.ts'
import { supervise } from './supervise.ts'

/** Seconds after which a unit that says nothing has hung: software adapters compile for long where cores are busy. */
const PATIENCE = 180
/** What a run leaves in its folder. */
const [MARKDOWN, JSON_FILE] = ['verify.md', 'verify.json']

export const verifyOptions = {
  device: { value: 'webgpu|cpu', help: 'what is verified', standard: 'webgpu' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  quick: { help: 'every op, but fewer layouts, and a sample of ops for each variant' },
  op: { value: 'NAME', help: 'these ops only, with commas between them' },
  setup: { value: 'NAME', help: 'one setup only: plain, uniforms, variants-1 …, extremes, others' },
  case: { value: 'N', help: "one case of the op's only" },
  layout: { value: 'NAME', help: 'one memory layout only: contiguous, transposed, offset, expanded, shifted' },
  out: { value: 'DIR', help: 'folder for the report', standard: 'runs/<time>' },
  help: { help: 'show this' },
} as const

/**
 * Run the command; exit code 1 if anything failed.
 * @param program  the verifying process
 * @throws HandgradError for bad options, a folder that holds no report, or without a device
 */
export async function verify(args: readonly string[], program: string = verifier()): Promise<void> {
  const given = parseOptions('verify', verifyOptions, args)
  const kind = given.device ?? 'webgpu'
  if (kind !== 'webgpu' && kind !== 'cpu') fail('verify', `--device is '${kind}'`, 'webgpu or cpu')
  if (kind === 'cpu' && given.adapter)
    fail('verify', `--adapter ${given.adapter} with --device cpu`, 'an adapter is of webgpu: --device webgpu')
  const { op, setup, layout, adapter, quick } = given
  const index = given.case === undefined ? undefined : wholeNumber('verify', 'case', given.case, 0)
  const wanted: Wanted = { quick: quick === 'true', op, setup, case: index, layout }
  const started = new Date()
  const command = commandLine('verify', args)
  const told = new Teller(command)
  await inFolder('verify', given.out, started, [MARKDOWN, JSON_FILE], async (folder) => {
    await supervise(program, { kind, adapter, wanted }, PATIENCE, told)
    const report = told.report(started, wanted.quick === true)
    const write = (file: string, text: string) =>
      writeBytes('verify', join(folder, file), new TextEncoder().encode(text))
    await write(MARKDOWN, markdown(report))
    await write(JSON_FILE, json(report))
    told.summarize(report)
    console.log(`report: ${join(folder, MARKDOWN)}, ${JSON_FILE}`)
    if (report.failed > 0) process.exitCode = 1
  })
}

/** verifier.ts, or what the build made of it. */
function verifier(): string {
  const here = import.meta.url
  return fileURLToPath(new URL(`verifier${here.slice(here.lastIndexOf('.'))}`, here))
}

/** Shows how it goes, and keeps what was found. */
class Teller {
  private readonly command: string
  private readonly progress = new Progress()
  private readonly verdicts: Verdict[] = []
  private readonly begun = performance.now()
  private place: Place | undefined
  private total = 0

  constructor(command: string) {
    this.command = command
  }

  started(place: Place, units: readonly Unit[]): void {
    this.place = place
    this.total = units.length
    const driver = place.adapter.description
    console.log(`verifying ${place.device}${driver ? ` (${driver})` : ''}: ${units.length} units`)
  }

  judged(verdict: Verdict): void {
    this.verdicts.push(verdict)
    const { op, setup, outcome, faults, repeat } = verdict
    if (outcome !== 'passed') {
      const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
      const line = repeat ? `\n  ${repeatLine(this.command, repeat)}` : ''
      this.progress.done(`FAILED ${op}, ${setup}: ${faults[0].where}: ${faults[0].what.split('\n')[0]}${more}${line}`)
    }
    const done = this.verdicts.length
    const failed = this.failed()
    const left = (this.seconds() / done) * (this.total - done)
    const details = `${failed > 0 ? `${failed} failed  ` : ''}eta ${clock(left)}  ${setup}: ${op}`
    this.progress.update('verify', done / this.total, details)
  }

  report(started: Date, quick: boolean): Report {
    const failed = this.failed()
    return {
      started: started.toISOString(),
      command: this.command,
      place: this.place as Place, // told before the first verdict
      quick,
      seconds: this.seconds(),
      passed: this.verdicts.length - failed,
      failed,
      verdicts: this.verdicts,
    }
  }

  summarize({ passed, failed, seconds, place }: Report): void {
    const worst = this.verdicts.reduce((a, b) => (b.worst > a.worst ? b : a))
    const far = `largest error ${inBounds(worst.worst)} of its bound (${worst.op}, ${worst.setup})`
    this.progress.done(`${passed} passed, ${failed} failed on ${place.device} in ${clock(seconds)}; ${far}`)
  }

  private failed(): number {
    return this.verdicts.filter(({ outcome }) => outcome !== 'passed').length
  }

  private seconds(): number {
    return (performance.now() - this.begun) / 1000
  }
}

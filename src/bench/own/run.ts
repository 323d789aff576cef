/**
 * @file A reader's own kernel from its texts to a report: compiled, run once between guard cells, held against a
 * reference, then timed, each value of a sweep in turn. In Node as in a page.
 */
import { fail } from '../../core/errors.ts'
import type { HostTensor } from '../../io/elements.ts'
import type { WebGPUDevice } from '../../webgpu/device.ts'
import { Clock } from '../clock.ts'
import type { Open } from '../cold.ts'
import { environmentOf, type Place } from '../environment.ts'
import { type Figure, type Inputs, type Peaks, type Report, SCHEMA, type Skipped } from '../figure.ts'
import { MOST_SETS, ROTATION } from '../measure.ts'
import { probeOf } from '../probe.ts'
import type { Program } from '../program.ts'
import { leastSeconds } from '../roof.ts'
import { type Driver, type Ended, rounds } from '../rounds.ts'
import { spreadOf } from '../stats.ts'
import { compiling, examine, type Verdict } from './examine.ts'
import { layoutOf } from './guarded.ts'
import { Made } from './made.ts'
import { type Contents, contentsOf, groupOf, programOf } from './program.ts'
import type { Reference } from './reference.ts'
import { type OwnSpec, type Plan, pathsOf, plansOf } from './spec.ts'
import { OwnTurn } from './turn.ts'

export interface OwnOptions {
  /** Seconds for all values of the sweep together. */
  readonly seconds: number
  readonly place: Place
  /** Absent: the result is not checked. */
  readonly reference?: Reference
  /** Reads the arrays of files that the spec names. */
  readonly read?: (path: string) => Promise<HostTensor>
  /** What the device can do; absent: figures have no share of it. */
  readonly peaks?: (device: WebGPUDevice, clock: Clock, progress: OwnOptions['progress']) => Promise<Peaks>
  /** Makes further devices, to measure compiling on fresh ones. */
  readonly open?: Open
  readonly driver?: Driver
  readonly progress?: (done: number, about: string) => void
  readonly signal?: AbortSignal
}

/** The suite that figures of a reader's kernel are of. */
export const OWN = 'own'

export type { Verdict } from './examine.ts'

export interface OwnResult {
  readonly report: Report
  readonly plans: readonly Plan[]
  readonly verdicts: readonly Verdict[]
}

/** @throws HandgradError for whatever is wrong in the texts, the shader's by line and column */
export async function runOwn(device: WebGPUDevice, spec: OwnSpec, options: OwnOptions): Promise<OwnResult> {
  const begun = performance.now()
  const { reference, read, peaks: measured, open, seconds, place, driver, progress, signal } = options
  const files = new Map<string, HostTensor>()
  for (const path of pathsOf(spec)) files.set(path, await (read ?? unreadable)(path))
  const plans = plansOf(spec, files, reference !== undefined)
  const made = new Made(device)
  const clock = await Clock.of(device)
  try {
    const environment = environmentOf(device, clock.quantum, place)
    const verdicts: Verdict[] = []
    const ready: Ready[] = []
    for (const plan of plans) {
      progress?.(0, `checking ${plan.variant ?? plan.declared.entry.name}`)
      const program = await programOf(device.gpu, spec, plan)
      const contents = contentsOf(plan, files)
      const { verdict, ulp } = await examine(program, plan, contents, made, reference)
      verdicts.push(verdict)
      if (verdict.result === 'wrong') continue
      const compile = open && (await compiling(open, spec, plan, contents))
      ready.push({ program, plan, contents, ulp, compile })
    }
    signal?.throwIfAborted()
    const peaks = ready.length > 0 && measured ? await measured(device, clock, progress) : null
    const turns = ready.flatMap((each) => turnsOf(each, clock, made))
    for (const { turn } of turns) await turn.calibrate()
    const probe = await probeOf(device, clock)
    const about = plans[0].declared.entry.name
    const { ended, drift, probes } =
      turns.length > 0
        ? await rounds(
            turns.map(({ turn }) => turn),
            { seconds, probe, driver, signal, progress: (done) => progress?.(done, about) },
          )
        : { ended: [], drift: 0, probes: [] }
    const figures = turns.flatMap(({ turn, from }, i) => figuresOf(turn, from, spec, peaks, clock, ended[i]))
    const wrong = verdicts.filter(({ result }) => result === 'wrong')
    const skipped: Skipped[] = [
      ...(peaks?.skipped ?? []),
      ...wrong.map(({ variant, lines }) => ({ suite: OWN, name: about, variant, why: lines.join('\n'), failed: true })),
    ]
    const taken = (performance.now() - begun) / 1e3
    const report: Report = {
      schema: SCHEMA,
      environment,
      peaks,
      figures,
      skipped,
      drift: { [OWN]: drift },
      probe: probes.length > 0 ? { [OWN]: spreadOf(probes) } : {},
      seconds: taken,
    }
    return { report, plans, verdicts }
  } finally {
    made.destroy()
    clock.destroy()
  }
}

const unreadable = (path: string): never =>
  fail('bench', `--bind names the file ${path}`, 'files are read in Node only')

/** A kernel that was found right, or not to be told. */
interface Ready {
  readonly program: Program
  readonly plan: Plan
  readonly contents: Contents
  readonly ulp: number | undefined
  readonly compile: number | undefined
}

/** Hot and rotated, as far as the sets are larger than caches together. */
function turnsOf(from: Ready, clock: Clock, made: Made): { turn: OwnTurn; from: Ready }[] {
  const { program, plan, contents } = from
  const { software } = made.device.facts
  const scale = software ? 'small' : 'large'
  const bytes = plan.buffers.reduce((sum, planned) => sum + layoutOf(planned).data, 0)
  const count = Math.max(1, Math.min(MOST_SETS, Math.ceil(ROTATION[scale] / bytes)))
  const [original, ...sets] = made.sets(plan, contents, count + 1)
  const uniforms = made.uniforms(plan)
  const bound = sets.map((set) => ({ set, group: groupOf(program, plan, set, uniforms) }))
  const kinds: Inputs[] = count > 1 ? ['hot', 'rotated'] : ['rotated']
  // Without the device's clock, restoring would be measured with the kernel.
  const restored = clock.best === 'gpu' ? original : null
  return kinds.map((inputs) => ({ turn: new OwnTurn(program, plan, inputs, bound, restored, { clock, scale }), from }))
}

function figuresOf(
  { inputs, readings, runs, restores }: OwnTurn,
  { plan, ulp, compile }: Ready,
  { file }: OwnSpec,
  peaks: Peaks | null,
  clock: Clock,
  ended: Ended,
): Figure[] {
  const { declared, variant, flop, bytes } = plan
  const { name } = declared.entry
  const common = {
    suite: OWN,
    name,
    kernel: name,
    variant,
    source: file,
    inputs,
    flop,
    bytes,
    launches: 1,
    runs,
    compile,
    ulp,
    ended,
  }
  // Where buffers are restored between runs, the other clocks would count that.
  const clocks = restores.length > 0 ? (['gpu'] as const) : (['gpu', 'wall', 'host'] as const)
  return clocks.flatMap((which) => {
    const samples = readings.map((reading) => reading[which]).filter((s) => s !== undefined)
    if (samples.length === 0) return []
    const seconds = spreadOf(samples)
    const share = peaks && which === clock.best ? leastSeconds(peaks, flop, bytes, inputs) / seconds.median : undefined
    return [{ ...common, clock: which, seconds, share }]
  })
}

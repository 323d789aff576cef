/**
 * @file Measuring a suite on a device: each case is checked, its variants one by one, then all variants of it take
 * turns with hot and with rotated inputs; what comes of it are figures by three clocks.
 */
import type { Device } from '../core/device.ts'
import { openScope, scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { type Case, type Result, readyOf, type Scale, type Suite } from './case.ts'
import { check, exactOf } from './check.ts'
import type { Clock, Reading, Work } from './clock.ts'
import { type Compiling, firstRuns, type Open } from './cold.ts'
import type { Figure, Inputs, Peaks, Skipped } from './figure.ts'
import { Footprint, type Launched, type Observed, observe, sourceOf, variantsOf } from './observe.ts'
import { leastSeconds } from './roof.ts'
import { type Driver, rounds, type Turn } from './rounds.ts'
import { spreadOf } from './stats.ts'
import type { Worst } from './ulp.ts'

/** What a suite is measured with. */
export interface Setting {
  readonly device: Device
  readonly clock: Clock
  readonly scale: Scale
  /** Null where they were not measured: then no figure has a share. */
  readonly peaks: Peaks | null
  /** Watches the machine between rounds. */
  readonly probe: Turn
  /** Time for each case, variants and both kinds of inputs together. */
  readonly seconds: number
  /** Milliseconds of compiling a case's kernels, on a fresh device (cold.ts); null: not asked for. */
  readonly compile: Compiling | null
  /** Makes further devices on the same adapter; absent or null: nothing is measured on a fresh one. */
  readonly open?: Open | null
  readonly driver?: Driver
  /** Only cases whose name holds one of these. */
  readonly only?: readonly string[]
  readonly progress?: (done: number, about: string) => void
  readonly signal?: AbortSignal
}

export interface Measured {
  readonly figures: readonly Figure[]
  readonly skipped: readonly Skipped[]
  readonly drift: number
  /** Seconds of the probe, of all rounds. */
  readonly probes: readonly number[]
}

/** Inputs are rotated through so many bytes: more than any last-level cache that a software adapter or GPU has. */
export const ROTATION = { tiny: 2 ** 20, small: 128 * 2 ** 20, large: 512 * 2 ** 20 } as const
export const MOST_SETS = 64
/** Seconds of one sample: an interruption is small in it, and hundreds of samples are possible. */
export const SAMPLE = { tiny: 0.001, small: 0.02, large: 0.004 } as const
const MOST_RUNS = 2000
/** What the clock's quantum may be of a sample. */
export const ROUNDED = 0.02

export async function measureSuite(suite: Suite, setting: Setting): Promise<Measured> {
  if (suite.measure) return suite.measure(setting)
  const { only = [], scale, progress } = setting
  const cases = suite.cases(scale).filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const figures: Figure[] = []
  const skipped: Skipped[] = []
  const probes: number[] = []
  let drift = 0
  for (const [i, one] of cases.entries()) {
    progress?.(i / cases.length, one.name)
    const found = await measureCase(suite.name, one, setting, (done) => progress?.((i + done) / cases.length, one.name))
    figures.push(...found.figures)
    skipped.push(...found.skipped)
    drift = Math.max(drift, found.drift)
    probes.push(...found.probes)
  }
  return { figures, skipped, drift, probes }
}

/** A variant that is right, with what its figures say besides times. */
interface Checked {
  /** As it is forced; undefined: what the engine takes. */
  readonly variant: string | undefined
  readonly observed: Observed
  readonly worst: Worst
  readonly compile: number | undefined
}

async function measureCase(
  suite: string,
  one: Case,
  setting: Setting,
  progress: (done: number) => void,
): Promise<Measured> {
  const { device, scale, seconds, probe, driver, signal } = setting
  const skipped: Skipped[] = []
  const checked: Checked[] = []
  const memory = new Footprint(device)
  const sets: (readonly Tensor[])[] = [memory.during(() => one.inputs(device, 1))]
  /** What a case makes ready lives as long as its inputs. */
  const held = openScope()
  const ready = (inputs: readonly Tensor[]): Run => held.run(() => readyOf(one, inputs))
  try {
    const runs = [memory.during(() => ready(sets[0]))]
    const right = await exactOf(one)
    for (const variant of variantsToTry(one, device)) {
      const skip = (why: string, failed: boolean) => skipped.push({ suite, name: one.name, variant, why, failed })
      force(device, one, variant)
      // What a first run leaves (gradients, an optimizer's state) is there in all later ones.
      memory.during(() => scope(() => void runs[0]()))
      const observed = observe(device, () => void runs[0](), memory)
      const ran = ({ kernel, variant: by }: Launched) => kernel.name === one.kernel?.name && by === variant
      if (variant && !observed.launched.some(ran)) {
        skip('it does not fit this case, or this adapter', false)
        continue
      }
      try {
        const worst = await check(one, device, right)
        const compile = await setting.compile?.(one, variant, observed.launched)
        checked.push({ variant, observed, worst, compile })
      } catch (error) {
        skip((error as Error).message, true)
      }
    }
    const bytes = sets[0].reduce((sum, x) => sum + 4 * x.numel, 0)
    const count = one.rotate === false ? 1 : Math.min(MOST_SETS, Math.ceil(ROTATION[scale] / bytes))
    for (let seed = 2; seed <= count; seed++) {
      sets.push(one.inputs(device, seed))
      runs.push(ready(sets[seed - 1]))
    }
    const kinds: Inputs[] = one.rotate === false ? ['hot'] : count > 1 ? ['hot', 'rotated'] : ['rotated']
    const series = checked.flatMap((about) => kinds.map((inputs) => new Series(one, about, inputs, runs, setting)))
    for (const each of series) await each.calibrate()
    const { ended, drift, probes } = await rounds(series, { seconds, probe, driver, progress, signal })
    const figures = series.flatMap((each, i) => each.figures(suite, ended[i]))
    if (one.first && setting.open && checked.length > 0)
      figures.push(firstFigure(suite, one, await firstRuns(one, setting.open)))
    return { figures, skipped, drift, probes }
  } finally {
    force(device, one, undefined)
    held.dispose()
    for (const x of new Set(sets.flat())) if (!x.disposed) x.dispose()
  }
}

type Run = () => Result

/** The first run on a fresh device: what a user waits for once. */
const firstFigure = (suite: string, { name, flop, bytes }: Case, seconds: readonly number[]): Figure => ({
  suite,
  name: `${name}, the first on a fresh device`,
  inputs: 'hot',
  clock: 'wall',
  seconds: spreadOf(seconds),
  flop,
  bytes,
  runs: 1,
  ended: 'time',
})

const variantsToTry = ({ kernel }: Case, device: Device): readonly (string | undefined)[] =>
  kernel && device.kind === 'webgpu' ? variantsOf(kernel) : [undefined]

function force(device: Device, { kernel }: Case, variant: string | undefined): void {
  if (kernel && device.kind === 'webgpu') (device as WebGPUDevice).force(kernel, variant)
}

/** The samples of one variant with one kind of inputs. */
class Series implements Turn {
  readonly name: string
  private readonly readings: Reading[] = []
  private readonly work: Work
  private runs = 1

  private readonly one: Case
  private readonly about: Checked
  private readonly inputs: Inputs
  private readonly setting: Setting

  constructor(one: Case, about: Checked, inputs: Inputs, runs: readonly Run[], setting: Setting) {
    this.one = one
    this.about = about
    this.inputs = inputs
    this.setting = setting
    this.name = [one.name, about.variant, inputs].filter(Boolean).join(', ')
    let next = 0
    const all = inputs === 'hot' ? runs.slice(0, 1) : runs
    this.work = {
      run: () => {
        scope(() => void all[next]())
        next = (next + 1) % all.length
      },
    }
  }

  /** Find how many runs make a sample, which also warms up. */
  async calibrate(): Promise<void> {
    const { clock, scale } = this.setting
    for (let i = 0; i < 4; i++) {
      const { gpu, wall, passes } = await this.measure()
      const taken = (gpu || wall) * this.runs
      const least = Math.max(SAMPLE[scale], (passes * (clock.quantum ?? 0)) / ROUNDED)
      if (taken >= least / 2 || this.runs === MOST_RUNS) return
      this.runs = Math.min(MOST_RUNS, Math.ceil((this.runs * least) / Math.max(taken, 1e-6)))
    }
  }

  async sample(): Promise<number> {
    const reading = await this.measure()
    this.readings.push(reading)
    return reading.gpu ?? reading.wall
  }

  figures(suite: string, ended: Figure['ended']): Figure[] {
    const { one, inputs, runs, setting } = this
    const { observed, worst, compile, variant } = this.about
    const only = new Set(observed.launched.map((each) => each.kernel)).size === 1 ? observed.launched[0] : undefined
    const taken = variant ?? only?.variant
    const kernel = one.kernel ?? only?.kernel
    const common = {
      suite,
      name: one.name,
      ...(kernel && { kernel: kernel.name }),
      ...(kernel && setting.device.kind === 'webgpu' && { source: sourceOf(kernel) }),
      ...(taken !== undefined && { variant: taken }),
      inputs,
      flop: one.flop,
      bytes: one.bytes,
      launches: observed.dispatches,
      peakBytes: observed.peakBytes,
      allocations: observed.allocations,
      runs,
      compile,
      ulp: worst.ulp,
      ended,
    }
    return (['gpu', 'wall', 'host'] as const).flatMap((clock) => {
      const samples = this.readings.map((reading) => reading[clock]).filter((s) => s !== undefined)
      if (samples.length === 0) return []
      const seconds = spreadOf(samples)
      const { peaks } = setting
      const share =
        peaks && clock === setting.clock.best
          ? leastSeconds(peaks, one.flop, one.bytes, inputs) / seconds.median
          : undefined
      return [{ ...common, clock, seconds, share }]
    })
  }

  private measure(): Promise<Reading> {
    force(this.setting.device, this.one, this.about.variant)
    return this.setting.clock.measure(this.work, this.runs)
  }
}

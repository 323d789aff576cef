/**
 * @file What a device can do at most, measured first in each run: arithmetic, memory at four sizes, workgroup memory,
 * dispatches, atomics, subgroups. A limit whose kernel computes something wrong is not timed. The kernels are in
 * shaders/bench/, the list of limits in peaks/.
 */
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import type { Clock, ClockName, Reading } from './clock.ts'
import type { PeakRow, Peaks, Skipped } from './figure.ts'
import { arithmetic, FMA_F16, FMA_F32 } from './peaks/arithmetic.ts'
import { type Band, bands } from './peaks/bandwidth.ts'
import { cpuArithmetic, cpuBands } from './peaks/cpu.ts'
import { Ground, type Limit } from './peaks/limit.ts'
import { atomics, dispatches, subgroups, workgroupMemory } from './peaks/units.ts'
import { type Driver, rounds, type Turn } from './rounds.ts'
import { quantile, sortedCopy } from './stats.ts'

export interface PeaksOptions {
  /** Time for all of them, checks aside. */
  readonly seconds?: number
  readonly driver?: Driver
  readonly progress?: (done: number, about: string) => void
  readonly signal?: AbortSignal
}

const SECONDS = 8
/** Seconds of one sample. */
const SAMPLE = 0.02
const MOST_RUNS = 1000
/** What the clock's quantum may be of a sample. */
const ROUNDED = 0.02

/** @throws HandgradError  where arithmetic or a bandwidth, which each roof is made of, comes out wrong */
export async function measurePeaks(device: Device, clock: Clock, options: PeaksOptions = {}): Promise<Peaks> {
  const { seconds = SECONDS, driver, progress, signal } = options
  const ground = device.kind === 'webgpu' ? new Ground(device as WebGPUDevice) : null
  try {
    const found = ground ? await limitsOf(ground) : { bands: cpuBands(), others: cpuArithmetic() }
    const limits = [...found.others, ...found.bands.flatMap(({ read, copy }) => [read, copy])]
    const skipped: Skipped[] = []
    const series: Series[] = []
    for (const [i, limit] of limits.entries()) {
      signal?.throwIfAborted()
      progress?.(i / limits.length / 2, limit.name)
      const why = await limit.check()
      if (why) skipped.push({ suite: 'peaks', name: limit.name, why, failed: true })
      else {
        const one = new Series(limit, clock)
        await one.calibrate()
        series.push(one)
      }
    }
    await rounds(series, {
      seconds,
      driver,
      signal,
      progress: (done, round) => progress?.((1 + done) / 2, `round ${round}`),
    })
    const rows = series.flatMap((one) => one.rows())
    return { ...roofsOf(rows, found.bands, skipped), rows, ...(skipped.length > 0 && { skipped }) }
  } finally {
    ground?.destroy()
  }
}

async function limitsOf(ground: Ground): Promise<{ bands: Band[]; others: Limit[] }> {
  const others = [
    ...(await arithmetic(ground)),
    await workgroupMemory(ground),
    ...(await dispatches(ground)),
    ...(await atomics(ground)),
    ...(await subgroups(ground)),
  ]
  return { bands: await bands(ground), others }
}

/** The rows that roofs are made of. */
function roofsOf(
  rows: readonly PeakRow[],
  bands: readonly Band[],
  skipped: readonly Skipped[],
): Pick<Peaks, 'flops' | 'bandwidth'> {
  const value = (name: string): number => {
    const row = rows.find((one) => one.name === name)
    if (row) return row.value
    const why = skipped.find((one) => one.name === name)?.why
    return fail('bench', `${name} came out wrong, ${why}`, 'leave the peaks out: --no-peaks')
  }
  const f16 = rows.find(({ name }) => name === FMA_F16)?.value
  return {
    flops: { f32: value(FMA_F32), ...(f16 !== undefined && { f16 }) },
    bandwidth: bands.map(({ bytes, read, copy }) => ({ bytes, read: value(read.name), copy: value(copy.name) })),
  }
}

/** The samples of one limit. */
class Series implements Turn {
  readonly name: string
  private readonly limit: Limit
  private readonly clock: Clock
  private readonly readings: Reading[] = []
  private runs = 1

  constructor(limit: Limit, clock: Clock) {
    this.name = limit.name
    this.limit = limit
    this.clock = clock
  }

  /** Find how many runs make a sample, which also warms up. */
  async calibrate(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      const { gpu, wall, passes } = await this.clock.measure(this.limit.work, this.runs)
      const taken = (gpu || wall) * this.runs
      const least = Math.max(SAMPLE, (passes * (this.clock.quantum ?? 0)) / ROUNDED)
      if (taken >= least / 2 || this.runs === MOST_RUNS) return
      this.runs = Math.min(MOST_RUNS, Math.ceil((this.runs * least) / Math.max(taken, 1e-6)))
    }
  }

  async sample(): Promise<number> {
    const reading = await this.clock.measure(this.limit.work, this.runs)
    this.readings.push(reading)
    return reading.gpu ?? reading.wall
  }

  rows(): PeakRow[] {
    const { name, unit, amount, clocks = [this.clock.best] } = this.limit
    return clocks.flatMap((clock) => {
      const seconds = this.readings.map((reading) => reading[clock]).filter((one) => one !== undefined)
      return seconds.length === 0
        ? []
        : [
            rowOf(
              name,
              unit,
              clock,
              seconds.map((s) => inUnit(unit, amount, s)),
            ),
          ]
    })
  }
}

const inUnit = (unit: PeakRow['unit'], amount: number, seconds: number): number =>
  unit === 's' ? seconds / amount : amount / seconds

function rowOf(name: string, unit: PeakRow['unit'], clock: ClockName, values: readonly number[]): PeakRow {
  const sorted = sortedCopy(values)
  return {
    name,
    unit,
    value: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    count: sorted.length,
    clock,
  }
}

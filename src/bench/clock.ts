/**
 * @file Three clocks that are never mixed: what the device took (`gpu`, timestamp queries around its passes), what the
 * user waits for (`wall`, from the first call until all is done), and what the host's thread needs to encode it
 * (`host`). A device without timestamps has the last two; then a figure is of a chain, long enough that waiting at its
 * end does not count.
 */
import type { Device } from '../core/device.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { PassTimer, secondsOf } from './timer.ts'

export type ClockName = 'gpu' | 'wall' | 'host'

/** Something that can be timed. */
export interface Work {
  /** Do it once: launch ops on the device, or encode and submit. It does not wait for the device. */
  run(): void
  /**
   * The passes that `run` encodes by itself, with no help of the engine, ask this timer where to write their times;
   * null: no times are wanted. Absent: all of it goes through the engine.
   */
  timer?: PassTimer | null
}

/** Seconds of one run, by each clock. */
export interface Reading {
  /** Undefined where the device has no timestamps. */
  readonly gpu: number | undefined
  readonly wall: number
  readonly host: number
  /** Passes of all runs together: each is off by up to the clock's quantum. */
  readonly passes: number
}

/** Timestamps that a quantum is found from. */
const LOOKS = 40

export class Clock {
  readonly device: Device
  /** Seconds by which the device's clock goes on, undefined where it has none. Measured: browsers round it. */
  readonly quantum: number | undefined
  private readonly timer: PassTimer | null
  private measuring = false

  private constructor(device: Device, timer: PassTimer | null, quantum: number | undefined) {
    this.device = device
    this.timer = timer
    this.quantum = quantum
  }

  /** The clock of a device. Measures the quantum of its timestamps. */
  static async of(device: Device): Promise<Clock> {
    if (device.kind !== 'webgpu' || !(device as WebGPUDevice).facts.features.has('timestamp-query'))
      return new Clock(device, null, undefined)
    const { gpu } = device as WebGPUDevice
    return new Clock(device, new PassTimer(gpu, { batch: 1000 }), await quantumOf(gpu))
  }

  /** The clock that a figure goes by: the device's, or else the wall's. */
  get best(): ClockName {
    return this.timer ? 'gpu' : 'wall'
  }

  /** Time `runs` runs in a row, on an idle device. */
  async measure(work: Work, runs: number): Promise<Reading> {
    if (this.measuring) throw new Error('bench: two measurements at once would be of each other')
    this.measuring = true
    try {
      return await this.reading(work, runs)
    } finally {
      this.measuring = false
    }
  }

  private async reading(work: Work, runs: number): Promise<Reading> {
    const { device, timer } = this
    await device.sync()
    this.watch(work, timer)
    const start = performance.now()
    for (let i = 0; i < runs; i++) work.run()
    this.watch(work, null)
    const encoded = performance.now()
    await device.sync()
    const done = performance.now()
    const spans = timer ? await timer.read() : []
    // Passes of one submit follow each other; between two submits the device may wait for the host, which is not its
    // time.
    const gpu = timer ? spans.reduce((sum, span) => sum + secondsOf(span), 0) / runs : undefined
    return { gpu, wall: (done - start) / 1e3 / runs, host: (encoded - start) / 1e3 / runs, passes: spans.length }
  }

  destroy(): void {
    this.timer?.destroy()
  }

  /** The end of watching submits what is still open, so that encoding ends there. */
  private watch(work: Work, timer: PassTimer | null): void {
    if (work.timer !== undefined) work.timer = timer
    else if (this.device.kind === 'webgpu') (this.device as WebGPUDevice).watch(timer)
  }
}

/** The largest step of which all timestamps are multiples, in seconds: 1 ns where the device's clock is not rounded. */
async function quantumOf(gpu: GPUDevice): Promise<number> {
  const timer = new PassTimer(gpu)
  for (let i = 0; i < LOOKS; i++) {
    const encoder = gpu.createCommandEncoder()
    encoder.beginComputePass({ timestampWrites: timer.begins() }).end()
    gpu.queue.submit([encoder.finish()])
    await gpu.queue.onSubmittedWorkDone()
  }
  const spans = await timer.read()
  timer.destroy()
  let common = 0n
  for (const { begin, end } of spans) {
    common = gcd(common, begin - spans[0].begin)
    common = gcd(common, end - spans[0].begin)
  }
  // A clock that has not moved at all is coarser than what was looked at.
  return common === 0n ? Number.POSITIVE_INFINITY : Number(common) / 1e9
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y > 0n) [x, y] = [y, x % y]
  return x
}

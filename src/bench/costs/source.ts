/** @file Where a cost's samples come from: something done many times in a row, or awaited each time. */
import type { Device } from '../../core/device.ts'
import type { ClockName } from '../clock.ts'

/** Seconds of one thing by one clock. */
export interface Taken {
  readonly name: string
  readonly clock: Exclude<ClockName, 'gpu'>
  readonly seconds: number
  /** Bytes that were moved. */
  readonly bytes?: number
  /** Times that it was done in this sample. */
  readonly runs: number
}

export interface Source {
  readonly name: string
  /** @returns what is wrong, if anything is */
  check?(): Promise<string | undefined>
  sample(): Promise<readonly Taken[]>
}

/** Seconds of one sample. */
const SAMPLE = 0.01
const MOST_RUNS = 1000

const now = (): number => performance.now() / 1e3

export interface Costly {
  readonly name: string
  readonly bytes?: number
  /** Absent: by both, what the host's thread needs and until the device is done. */
  readonly only?: 'host' | 'wall'
  readonly check?: () => Promise<string | undefined>
}

/** Something that does not wait: done many times, then all of it is waited for. */
export function repeated(device: Device, about: Costly, run: () => void): Source {
  let runs = 0
  const measure = async (count: number): Promise<Taken[]> => {
    await device.sync()
    const start = now()
    for (let i = 0; i < count; i++) run()
    const encoded = now()
    await device.sync()
    return taken(about, count, (encoded - start) / count, (now() - start) / count)
  }
  return {
    name: about.name,
    check: about.check,
    async sample() {
      runs ||= await enough(measure)
      return measure(runs)
    },
  }
}

/** Something that has to be awaited: a transfer until it is there, a map. */
export function awaited(device: Device, about: Costly, run: () => Promise<void>): Source {
  let runs = 0
  const measure = async (count: number): Promise<Taken[]> => {
    await device.sync()
    let [host, wall] = [0, 0]
    for (let i = 0; i < count; i++) {
      const start = now()
      const running = run()
      host += now() - start
      await running
      wall += now() - start
    }
    return taken(about, count, host / count, wall / count)
  }
  return {
    name: about.name,
    check: about.check,
    async sample() {
      runs ||= await enough(measure)
      return measure(runs)
    },
  }
}

/** Runs that make a sample, found by trying, which also warms up. */
async function enough(measure: (runs: number) => Promise<Taken[]>): Promise<number> {
  let runs = 1
  for (let i = 0; i < 3; i++) {
    const seconds = Math.max(...(await measure(runs)).map((one) => one.seconds)) * runs
    if (seconds >= SAMPLE / 2 || runs === MOST_RUNS) break
    runs = Math.min(MOST_RUNS, Math.ceil((runs * SAMPLE) / Math.max(seconds, 1e-6)))
  }
  return runs
}

const taken = ({ name, bytes, only }: Costly, runs: number, host: number, wall: number): Taken[] =>
  (['wall', 'host'] as const)
    .filter((clock) => !only || only === clock)
    .map((clock) => ({ name, clock, seconds: clock === 'wall' ? wall : host, runs, ...(bytes && { bytes }) }))

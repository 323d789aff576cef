/** @file A whole run: suites on one device, from the peaks to a report. In Node as in a page. */
import type { Device } from '../core/device.ts'
import type { Scale, Suite } from './case.ts'
import { Clock } from './clock.ts'
import { compiling, type Open } from './cold.ts'
import { environmentOf, type Place } from './environment.ts'
import { type Figure, type Report, SCHEMA, type Skipped } from './figure.ts'
import { measureSuite } from './measure.ts'
import { measurePeaks } from './peaks.ts'
import { probeOf } from './probe.ts'
import type { Driver } from './rounds.ts'
import { type Spread, spreadOf } from './stats.ts'
import { suites } from './suites/index.ts'

export interface RunOptions {
  /** Suites by name. */
  readonly names: readonly string[]
  /** Where they are. Default: all of suites/. */
  readonly suites?: Readonly<Record<string, () => Promise<Suite>>>
  readonly scale: Scale
  /** Seconds for each case. */
  readonly seconds: number
  readonly place: Place
  /** Makes further devices on the same adapter, for what is measured on fresh ones; null: compiling is not measured. */
  readonly open: Open | null
  readonly only?: readonly string[]
  /** False: what the device can do at most is not measured, and no figure has a share of it. */
  readonly peaks?: boolean
  readonly driver?: Driver
  /** How far it is, 0 … 1, and with what. */
  readonly progress?: (done: number, about: string) => void
  readonly signal?: AbortSignal
}

export async function runSuites(device: Device, options: RunOptions): Promise<Report> {
  const { names, scale, place, open, only, driver, progress, signal } = options
  const begun = performance.now()
  const clock = await Clock.of(device)
  try {
    const environment = environmentOf(device, clock.quantum, place)
    const parts = names.length + (options.peaks === false ? 0 : 1)
    const part = (at: number) => (done: number, about: string) => progress?.((at + done) / parts, about)
    const peaks =
      options.peaks === false ? null : await measurePeaks(device, clock, { driver, signal, progress: part(0) })
    const probe = await probeOf(device, clock)
    const figures: Figure[] = []
    const skipped: Skipped[] = [...(peaks?.skipped ?? [])]
    const drift: Record<string, number> = {}
    const probes: Record<string, Spread> = {}
    const compile = open && compiling(open)
    for (const [i, name] of names.entries()) {
      const found = await measureSuite(await (options.suites ?? suites)[name](), {
        device,
        clock,
        scale,
        peaks,
        probe,
        seconds: options.seconds,
        compile,
        open,
        driver,
        only,
        signal,
        progress: (done, about) => part(i + parts - names.length)(done, `${name}: ${about}`),
      })
      figures.push(...found.figures)
      skipped.push(...found.skipped)
      drift[name] = found.drift
      if (found.probes.length > 0) probes[name] = spreadOf(found.probes)
    }
    const seconds = (performance.now() - begun) / 1e3
    return { schema: SCHEMA, environment, peaks, figures, skipped, drift, probe: probes, seconds }
  } finally {
    clock.destroy()
  }
}

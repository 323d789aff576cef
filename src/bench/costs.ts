/**
 * @file What is around a kernel: opening a device, compiling, the first run, transfers, submits, maps, bind groups.
 * Each has rows of its own, by the wall's clock and the host's, so that none of it is thought to be in a kernel's
 * figure.
 */
import type { WebGPUDevice } from '../webgpu/device.ts'
import { engineCosts } from './costs/engine.ts'
import type { Source, Taken } from './costs/source.ts'
import { freshCosts, webgpuCosts } from './costs/webgpu.ts'
import type { Figure, Skipped } from './figure.ts'
import type { Measured, Setting } from './measure.ts'
import { rounds } from './rounds.ts'
import { spreadOf } from './stats.ts'

const SUITE = 'costs'
/** All costs take turns together: time of so many cases. */
const CASES = 3

export async function measureCosts(setting: Setting): Promise<Measured> {
  const { device, open, only = [], seconds, probe, driver, progress, signal } = setting
  const engine = engineCosts(device)
  const webgpu = device.kind === 'webgpu' ? await webgpuCosts(device as WebGPUDevice) : null
  try {
    const all = [...engine.sources, ...(webgpu?.sources ?? []), ...(webgpu && open ? [freshCosts(open)] : [])].filter(
      ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
    )
    const skipped: Skipped[] = []
    const sources: Source[] = []
    for (const [i, source] of all.entries()) {
      signal?.throwIfAborted()
      progress?.(i / all.length / 4, source.name)
      const why = await source.check?.()
      if (why) skipped.push({ suite: SUITE, name: source.name, why, failed: true })
      else {
        // The first sample finds how many runs make one.
        await source.sample()
        sources.push(source)
      }
    }
    const rows = sources.map((): Taken[] => [])
    const turns = sources.map(({ name, sample }, i) => ({
      name,
      async sample() {
        const found = await sample()
        rows[i].push(...found)
        return found[0].seconds
      },
    }))
    const { ended, drift, probes } = await rounds(turns, {
      seconds: CASES * seconds,
      probe,
      driver,
      signal,
      progress: (done, round) => progress?.((1 + 3 * done) / 4, `round ${round}`),
    })
    return { figures: rows.flatMap((taken, i) => figuresOf(taken, ended[i])), skipped, drift, probes }
  } finally {
    engine.free()
    webgpu?.free()
  }
}

function figuresOf(taken: readonly Taken[], ended: Figure['ended']): Figure[] {
  const groups = new Map<string, Taken[]>()
  for (const one of taken) {
    const key = `${one.name}|${one.clock}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].map((all) => {
    const [{ name, clock, bytes, runs }] = all
    const seconds = spreadOf(all.map((one) => one.seconds))
    return { suite: SUITE, name, inputs: 'hot', clock, seconds, ...(bytes && { bytes }), runs, ended }
  })
}

/** @file Steps that were watched, as sums: by op, shape, kernel and variant; by module; of all. */
import { type ModuleFrame, pathOf } from '../../core/frame.ts'
import type { DeviceClock, ProfileModule, ProfileRow, ProfileTotals } from './data.ts'
import type { Called, Launched, Pass, StepEvents } from './events.ts'

/** A row as it is added up over all steps. */
type Sum = { -readonly [K in Exclude<keyof ProfileRow, 'share' | 'device' | 'flops'>]: ProfileRow[K] } & {
  device: number
  flops: number | undefined
}

const seconds = ({ begin, end }: { readonly begin: number; readonly end: number }): number => (end - begin) / 1e3

/** What the host did for a call besides its launches' kernels, which on the CPU device run in them. */
export function hostOf(called: Called, clock: DeviceClock): number {
  const kernels = clock === 'launches' ? called.launches.reduce((sum, { device }) => sum + device, 0) : 0
  return Math.max(0, seconds(called) - kernels)
}

export function rowsOf(steps: readonly StepEvents[], clock: DeviceClock): ProfileRow[] {
  const sums = new Map<string, Sum>()
  for (const { called } of steps) for (const one of called) addCall(sums, one, clock)
  const n = steps.length
  const timed = clock !== null
  const all = [...sums.values()]
  const total = all.reduce((sum, row) => sum + (timed ? row.device : row.host), 0)
  return all
    .map(({ flops, ...row }): ProfileRow => {
      return {
        ...row,
        launches: row.launches / n,
        dispatches: row.dispatches / n,
        device: timed ? row.device / n : null,
        host: row.host / n,
        bytes: row.bytes / n,
        ...(flops !== undefined && { flops: flops / n }),
        share: total > 0 ? (timed ? row.device : row.host) / total : 0,
        allocations: row.allocations / n,
        allocatedBytes: row.allocatedBytes / n,
      }
    })
    .sort((a, b) => b.share - a.share || b.host - a.host)
}

function addCall(sums: Map<string, Sum>, called: Called, clock: DeviceClock): void {
  const { name, shape, back, launches } = called
  const backward = back !== null
  const rowOf = (launched: Launched | undefined): Sum => {
    const [kernel, variant] = [launched?.kernel ?? null, launched?.variant ?? null]
    const key = JSON.stringify([name, shape, kernel, variant, backward])
    let row = sums.get(key)
    if (!row) {
      const none = { launches: 0, dispatches: 0, device: 0, host: 0, bytes: 0, allocations: 0, allocatedBytes: 0 }
      // A count for one launch of a kernel is one for all.
      row = { name, shape, kernel, variant, backward, ...none, flops: launched?.flops === undefined ? undefined : 0 }
      sums.set(key, row)
    }
    return row
  }
  let rest = hostOf(called, clock)
  for (const launched of launches) {
    const row = rowOf(launched)
    row.launches++
    row.dispatches += launched.dispatches
    row.device += launched.device
    row.bytes += launched.bytes
    if (row.flops !== undefined) row.flops += launched.flops ?? 0
    const own = clock === 'launches' ? 0 : seconds(launched)
    row.host += own
    rest -= own
  }
  // Checks, allocations and recording are the call's: they stand with its last kernel, before which it may copy.
  const row = rowOf(launches.at(-1))
  row.host += Math.max(0, rest)
  row.allocations += called.allocations
  row.allocatedBytes += called.allocatedBytes
}

/** From the first pass to the end of the last, and what of it no pass covers, in seconds. */
export function spanOf(passes: readonly Pass[]): { span: number; gaps: number } {
  if (passes.length === 0) return { span: 0, gaps: 0 }
  const sorted = [...passes].sort((a, b) => a.begin - b.begin)
  let [gaps, reached] = [0, sorted[0].begin]
  for (const { begin, end } of sorted) {
    gaps += Math.max(0, begin - reached)
    reached = Math.max(reached, end)
  }
  return { span: reached - sorted[0].begin, gaps }
}

export function totalsOf(steps: readonly StepEvents[], rows: readonly ProfileRow[], clock: DeviceClock): ProfileTotals {
  const n = steps.length
  const mean = (of: (step: StepEvents) => number): number => steps.reduce((sum, step) => sum + of(step), 0) / n
  const total = (of: (row: ProfileRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0)
  const moved = (kind: 'write' | 'read', of: (bytes: number) => number): number =>
    mean(({ transfers }) => transfers.reduce((sum, one) => sum + (one.kind === kind ? of(one.bytes) : 0), 0))
  const stamped = clock === 'timestamps'
  return {
    wall: mean(({ begin, end }) => end - begin) / 1e3,
    host: mean(({ begin, encoded }) => encoded - begin) / 1e3,
    hostOps: total(({ host }) => host),
    device: clock === null ? null : total(({ device }) => device ?? 0),
    span: stamped ? mean(({ passes }) => spanOf(passes).span) : null,
    gaps: stamped ? mean(({ passes }) => spanOf(passes).gaps) : null,
    launches: total(({ launches }) => launches),
    dispatches: total(({ dispatches }) => dispatches),
    bytes: total(({ bytes }) => bytes),
    flops: total(({ flops = 0 }) => flops),
    allocations: total(({ allocations }) => allocations),
    allocatedBytes: total(({ allocatedBytes }) => allocatedBytes),
    writes: moved('write', () => 1),
    writtenBytes: moved('write', (bytes) => bytes),
    reads: moved('read', () => 1),
    readBytes: moved('read', (bytes) => bytes),
  }
}

/** The running calls of modules, the outermost first. */
export function framesOf(frame: ModuleFrame | null): ModuleFrame[] {
  const all: ModuleFrame[] = []
  for (let at = frame; at; at = at.outer) all.unshift(at)
  return all
}

const paths = new WeakMap<ModuleFrame, string>()

/** `GPT.blocks.0.attention`: the class of the outermost module, and the way from there. */
export function placeOf(frame: ModuleFrame): string {
  const known = paths.get(frame)
  if (known !== undefined) return known
  const [{ module }] = framesOf(frame)
  const path = [module.constructor.name, pathOf(frame)].filter(Boolean).join('.')
  paths.set(frame, path)
  return path
}

/** The module that a call belongs to: the running one, or the one that is gone back through. */
export const moduleOf = ({ frame, back }: Called): ModuleFrame | null => frame ?? back?.frame ?? null

export function modulesOf(steps: readonly StepEvents[], clock: DeviceClock): ProfileModule[] {
  const sums = new Map<string, { device: number; host: number; dispatches: number }>()
  for (const called of steps.flatMap((step) => step.called)) {
    for (const path of new Set(framesOf(moduleOf(called)).map(placeOf))) {
      const sum = sums.get(path) ?? { device: 0, host: 0, dispatches: 0 }
      sums.set(path, sum)
      sum.host += hostOf(called, clock)
      for (const { device, dispatches } of called.launches) {
        sum.device += device
        sum.dispatches += dispatches
      }
    }
  }
  const n = steps.length
  return [...sums].map(([path, { device, host, dispatches }]) => {
    return { path, device: clock === null ? null : device / n, host: host / n, dispatches: dispatches / n }
  })
}

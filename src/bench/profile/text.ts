/** @file A profile as text: sums of a step, then a row for each op, shape, kernel and variant. */
import type { Terminal } from '../../text/terminal.ts'
import { aligned, rateOf, time } from '../report/table.ts'
import type { ProfileData, ProfileRow } from './data.ts'

/** How many rows a table has if nothing else is said; a network's step has a hundred. */
export const ROWS = 20

/** `3.1 MB`, `512 B`. */
export function size(bytes: number): string {
  const [unit, scale] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : bytes >= 1e3 ? ['kB', 1e3] : ['B', 1]
  const value = bytes / scale
  return `${unit === 'B' ? Math.round(value) : value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`
}

/** `1.2 MFLOP`. */
export function work(flops: number): string {
  const [prefix, scale] =
    flops >= 1e12
      ? ['T', 1e12]
      : flops >= 1e9
        ? ['G', 1e9]
        : flops >= 1e6
          ? ['M', 1e6]
          : flops >= 1e3
            ? ['k', 1e3]
            : ['', 1]
  return `${Number((flops / scale).toPrecision(3))} ${prefix}FLOP`
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
/** Means of counts: whole where each step has as many. */
export const count = (n: number): string => (Number.isInteger(n) ? String(n) : n.toFixed(1))

/** `matmul`, or in a gradient `∂ matmul`. */
export const titleOf = ({ name, backward }: Pick<ProfileRow, 'name' | 'backward'>): string =>
  backward ? `∂ ${name}` : name
export const kernelOf = ({ kernel, variant }: ProfileRow): string => [kernel, variant].filter(Boolean).join('/')

/** What the column of the device's time is called, and what is said of it. */
export function clockTexts({ clock }: Pick<ProfileData, 'clock'>): { readonly head: string; readonly note: string } {
  if (clock === 'timestamps')
    return { head: 'GPU', note: 'GPU: by timestamps, each dispatch a pass of its own, so that a step has more gaps.' }
  if (clock === 'launches')
    return { head: 'time', note: 'time: of the kernel; on the CPU device it runs in its launch.' }
  return { head: '', note: 'The adapter has no timestamps: times are of the host alone, and no figure is of the GPU.' }
}

/** Sums of a step, in lines. */
export function summaryOf(data: ProfileData): string[] {
  const { device, steps, totals, first, plain, clock } = data
  const { wall, host, hostOps, span, gaps, launches, dispatches, bytes, flops, allocations, allocatedBytes } = totals
  const outside = host - hostOps - (clock === 'launches' ? (totals.device ?? 0) : 0)
  const lines = [`A step on ${device}, mean of ${steps}: ${time(wall)} until done, ${time(host)} of the host's thread`]
  if (clock === 'timestamps' && span !== null && gaps !== null)
    lines.push(`GPU: ${time(totals.device ?? 0)} in kernels + ${time(gaps)} in gaps, of a span of ${time(span)}`)
  if (clock === 'launches') lines.push(`kernels: ${time(totals.device ?? 0)}`)
  lines.push(
    `host: ${time(hostOps)} in ops and launches, ${time(Math.max(0, outside))} outside of them`,
    `${count(launches)} launches, ${count(dispatches)} dispatches; ${size(bytes)} moved, ${work(flops)} counted`,
    `${count(allocations)} allocations, ${size(allocatedBytes)}; ${copied(totals)}`,
  )
  if (plain)
    lines.push(`without the profiler: ${time(plain.wall)} until done, ${time(plain.host)} of the host's thread`)
  if (first)
    lines.push(
      `the first step, not in these figures: ${time(first.wall)}, ${time(first.more)} more: compilation, memory`,
    )
  return lines
}

const copied = ({ writes, writtenBytes, reads, readBytes }: ProfileData['totals']): string =>
  `${count(writes)} writes, ${size(writtenBytes)}; ${count(reads)} reads, ${size(readBytes)}`

const HEAD = 'op shape kernel share host dispatches bytes B/s FLOP FLOP/s allocations'.split(' ')

/** The cells of a row; the device's time is put in fourth by those who have one. */
export function cellsOf(row: ProfileRow): string[] {
  const { shape, device, host, dispatches, bytes, flops, share, allocations } = row
  return [
    titleOf(row),
    shape,
    kernelOf(row),
    ...(device === null ? [] : [time(device)]),
    percent(share),
    host > 0 ? time(host) : '',
    count(dispatches),
    bytes > 0 ? size(bytes) : '',
    bytes > 0 && device ? rateOf(bytes, device, 'B/s') : '',
    flops ? work(flops) : '',
    flops && device ? rateOf(flops, device, 'FLOP/s') : '',
    allocations > 0 ? count(allocations) : '',
  ]
}

export function headOf(data: ProfileData): string[] {
  const { head } = clockTexts(data)
  return head ? [...HEAD.slice(0, 3), head, ...HEAD.slice(3)] : [...HEAD]
}

/** Op and shape in one column, which is the one to the left. */
const joined = ([op, shape, ...cells]: readonly string[]): string[] => [`${op} ${shape}`.trim(), ...cells]

/** The rows that take longest, and what the others come to. */
export function tableOf(data: ProfileData, rows: number, terminal: Terminal): string {
  const shown = data.rows.slice(0, rows)
  const rest = data.rows.slice(rows)
  const share = rest.reduce((sum, row) => sum + row.share, 0)
  const more = rest.length > 0 ? [`and ${rest.length} more, ${percent(share)} together`] : []
  return [aligned([headOf(data), ...shown.map(cellsOf)].map(joined), terminal), ...more, clockTexts(data).note].join(
    '\n',
  )
}

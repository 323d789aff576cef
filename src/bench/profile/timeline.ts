/** @file One step on a line of time, as SVG: what encloses what on the host, and the device's passes below. */
import { escapeMarkup as text } from '../../text/markup.ts'
import { time } from '../report/table.ts'
import type { DeviceClock } from './data.ts'
import type { StepEvents } from './events.ts'
import { type TraceSpan, traceOf } from './trace.ts'

/** Units of the drawing's width; it is stretched to the page's. */
const WIDTH = 1000
const LANE = 18
const GAP = 2
/** Lanes of the host: steps, modules, ops. What is deeper is in the trace. */
const DEPTH = 6
/** Boxes that a page draws without effort; the shortest are left out. */
const BOXES = 4000
/** Labels of the axis. */
const TICKS = 4

interface Lane {
  readonly title: string
  readonly spans: readonly TraceSpan[]
}

/** The median step by its length. */
function typical(steps: readonly StepEvents[]): StepEvents {
  const sorted = [...steps].sort((a, b) => a.end - a.begin - (b.end - b.begin))
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

export function timelineOf(steps: readonly StepEvents[], clock: DeviceClock, device: string): string {
  const step = typical(steps)
  const spans = traceOf([step], clock, { device }).traceEvents.filter((one): one is TraceSpan => one.ph === 'X')
  const on = (track: number) => spans.filter(({ tid, cat }) => tid === track && cat !== 'launch')
  const lanes = [...lanesOf(on(1)), { title: clock === 'timestamps' ? 'GPU' : 'kernels', spans: on(2) }]
  const used = lanes.filter((lane) => lane.spans.length > 0)
  const end = Math.max(...spans.map(({ ts, dur }) => ts + dur), 1)
  const begin = Math.min(...spans.map(({ ts }) => ts))
  const drawn = boxes(used, begin, end)
  const height = used.length * (LANE + GAP)
  const ticks = Array.from(
    { length: TICKS + 1 },
    (_, i) => `<span>${i === 0 ? '0' : text(time(((end - begin) * i) / TICKS / 1e6))}</span>`,
  )
  const names = used.map(({ title }) => `<span>${text(title)}</span>`).join('')
  return `<p>${text(about(clock, step))}</p>
<figure class="pf-time"><div class="pf-lanes" aria-hidden="true">${names}</div>
<div><svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" height="${height}" role="img" aria-label="one step on a line of time">${drawn}</svg>
<div class="pf-ticks" aria-hidden="true">${ticks.join('')}</div></div></figure>`
}

const about = (clock: DeviceClock, { begin, end }: StepEvents): string =>
  `The step of median length, ${time((end - begin) / 1e3)}. ${
    clock === 'timestamps' ? 'The GPU has a clock of its own: its passes are shown as late as they can have run. ' : ''
  }Point at a box for its name.`

/** Spans of the host by how many others they lie in. */
function lanesOf(spans: readonly TraceSpan[]): Lane[] {
  const lanes: TraceSpan[][] = []
  const open: TraceSpan[] = []
  for (const span of [...spans].sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    while (open.length > 0 && open[open.length - 1].ts + open[open.length - 1].dur < span.ts + span.dur) open.pop()
    ;(lanes[open.length] ??= []).push(span)
    open.push(span)
  }
  return lanes.slice(0, DEPTH).map((lane, i) => ({ title: i === 0 ? 'host' : '', spans: lane }))
}

function boxes(lanes: readonly Lane[], begin: number, end: number): string {
  const scale = WIDTH / (end - begin)
  const all = lanes.flatMap(({ spans }, i) => spans.map((span) => ({ span, y: i * (LANE + GAP) })))
  const kept = all.sort((a, b) => b.span.dur - a.span.dur).slice(0, BOXES)
  return kept
    .map(({ span: { name, cat, ts, dur, args }, y }) => {
      const [x, width] = [(ts - begin) * scale, Math.max(dur * scale, 0.4)]
      const words = [name, args.op, args.shape, args.module, time(dur / 1e6)].filter(Boolean).join(' · ')
      return `<rect class="${args.phase === 'backward' ? args.phase : cat}" x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${LANE}"><title>${text(words)}</title></rect>`
    })
    .join('')
}

/**
 * @file A profile in the Trace Event Format, which chrome://tracing and ui.perfetto.dev open: a track for the host,
 * with steps, modules, the walk backward and ops inside of each other, one for the device's passes, one for copies.
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
import type { BackwardPlace } from '../../core/frame.ts'
import type { DeviceClock } from './data.ts'
import type { Called, StepEvents } from './events.ts'
import { framesOf, moduleOf, placeOf } from './rows.ts'

/** `M`: the name or place of a process or thread. */
export interface TraceName {
  readonly ph: 'M'
  readonly name: 'process_name' | 'thread_name' | 'thread_sort_index'
  readonly pid: number
  readonly tid: number
  readonly args: { readonly name?: string; readonly sort_index?: number }
}

/** `X`: something that took from `ts` on for `dur`, both in microseconds. */
export interface TraceSpan {
  readonly ph: 'X'
  readonly name: string
  readonly cat: string
  readonly ts: number
  readonly dur: number
  readonly pid: number
  readonly tid: number
  readonly args: Readonly<Record<string, string | number | null>>
}

/** What `JSON.stringify` makes a file of. */
export interface Trace {
  readonly traceEvents: readonly (TraceName | TraceSpan)[]
  readonly displayTimeUnit: 'ms'
  readonly otherData: Readonly<Record<string, string | number>>
}

const PID = 1
const [HOST, DEVICE, COPIES] = [1, 2, 3]

/** Milliseconds of the host, rounded to nanoseconds, from `zero` on. */
const micros = (ms: number): number => Math.round(1e6 * ms) / 1e3

interface Span {
  readonly name: string
  readonly cat: string
  readonly begin: number
  readonly end: number
  readonly tid?: number
  readonly args?: TraceSpan['args']
}

/** @param about  what is said beside the events */
export function traceOf(steps: readonly StepEvents[], clock: DeviceClock, about: Trace['otherData']): Trace {
  const zero = steps[0]?.begin ?? 0
  const spans = steps.flatMap((step, i) => [
    { name: `step ${i + 1}`, cat: 'step', begin: step.begin, end: step.encoded },
    ...nested(step.called),
    ...copies(step),
  ])
  const device = clock === 'timestamps' ? passSpans(steps) : clock === 'launches' ? launchSpans(steps) : []
  const names = [
    meta('process_name', 0, { name: `handgrad on ${about.device}` }),
    ...track(HOST, 'host'),
    ...(device.length > 0 ? track(DEVICE, 'device') : []),
    ...(spans.some(({ tid }) => tid === COPIES) ? track(COPIES, 'copies') : []),
  ]
  const events = [...spans, ...device].map(
    ({ name, cat, begin, end, tid = HOST, args = {} }: Span): TraceSpan => ({
      ...{ ph: 'X', name, cat, ts: micros(begin - zero), dur: Math.max(0, micros(end - begin)), pid: PID, tid, args },
    }),
  )
  return { traceEvents: [...names, ...events], displayTimeUnit: 'ms', otherData: about }
}

const meta = (name: TraceName['name'], tid: number, args: TraceName['args']): TraceName => ({
  ...{ ph: 'M', name, pid: PID, tid, args },
})
const track = (tid: number, name: string): TraceName[] => [
  meta('thread_name', tid, { name }),
  meta('thread_sort_index', tid, { sort_index: tid }),
]

const detail = (called: Called): Record<string, string | number | null> => {
  const { shape, allocations, allocatedBytes } = called
  const frame = moduleOf(called)
  const phase = called.back ? 'backward' : 'forward'
  return { shape, module: frame && placeOf(frame), phase, allocations, allocatedBytes }
}

/** What encloses a call: modules by their calls, or the walk backward and the node that it is at. */
function enclosing({ frame, back }: Called): { readonly key: object; readonly name: string; readonly cat: string }[] {
  const walk = back ? [{ key: WALK, name: 'backward', cat: 'backward' }, ruleOf(back)] : []
  const modules = framesOf(frame).map((key) => ({ key, name: placeOf(key), cat: 'module' }))
  return [...walk, ...modules]
}
const WALK = {}
const ruleOf = (back: BackwardPlace) => ({
  key: back,
  name: back.name === 'leaf' ? 'into .grad' : `∂ ${back.name}${back.frame ? ` of ${placeOf(back.frame)}` : ''}`,
  cat: 'backward',
})

/** Calls within what they were made in: each span from its first call to the end of its last. */
function nested(all: readonly Called[]): Span[] {
  const spans: Span[] = []
  type Open = { key: object; name: string; cat: string; begin: number; end: number }
  const open: Open[] = []
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      const { key: _, ...span } = open.pop() as Open
      spans.push(span)
    }
  }
  for (const called of all) {
    const { name, begin, end, launches } = called
    const around = enclosing(called)
    const shared = around.findIndex(({ key }, i) => open[i]?.key !== key)
    closeTo(shared < 0 ? around.length : shared)
    for (const one of around.slice(open.length)) open.push({ ...one, begin, end })
    for (const one of open) one.end = end
    spans.push({ name, cat: 'op', begin, end, args: detail(called) })
    for (const { kernel, variant, begin, end, bytes, flops, dispatches } of launches)
      spans.push({
        ...{ name: `launch ${kernel}`, cat: 'launch', begin, end },
        args: { variant, dispatches, bytes, ...(flops !== undefined && { flops }) },
      })
  }
  closeTo(0)
  return spans
}

const copies = ({ transfers }: StepEvents): Span[] =>
  transfers.map(({ kind, bytes, begin, end }) => ({
    name: kind,
    cat: 'copy',
    begin,
    end,
    tid: COPIES,
    args: { bytes },
  }))

/** On the CPU device a launch is the kernel's run. */
const launchSpans = (steps: readonly StepEvents[]): Span[] =>
  steps.flatMap(({ called }) =>
    called.flatMap((one) =>
      one.launches.map(({ kernel, begin, end, bytes }) => {
        return { name: kernel, cat: 'kernel', begin, end, tid: DEVICE, args: { op: one.name, ...detail(one), bytes } }
      }),
    ),
  )

/**
 * The device's clock has a zero of its own, which nobody tells. Its last pass of each step was over when the host knew
 * that all was done: the tightest of these is taken for the same moment, so that passes are shown at the latest when
 * they can have run.
 */
export function hostTimeOf(steps: readonly StepEvents[]): (seconds: number) => number {
  const offsets = steps.flatMap(({ end, passes }) =>
    passes.length === 0 ? [] : [end - 1e3 * passes.reduce((last, pass) => Math.max(last, pass.end), 0)],
  )
  const offset = Math.min(...offsets)
  return (seconds) => offset + 1e3 * seconds
}

function passSpans(steps: readonly StepEvents[]): Span[] {
  const host = hostTimeOf(steps)
  return steps.flatMap(({ called, passes }) => {
    const of = new Map(called.flatMap((one) => one.launches.map((launched) => [launched, one] as const)))
    return passes.map(({ begin, end, launched }): Span => {
      const one = launched && of.get(launched)
      const name = launched ? [launched.kernel, launched.variant].filter(Boolean).join('/') : 'pass'
      const args = one && launched ? { op: one.name, ...detail(one), bytes: launched.bytes } : {}
      return { name, cat: 'kernel', begin: host(begin), end: host(end), tid: DEVICE, args }
    })
  })
}

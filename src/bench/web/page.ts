/**
 * @file The page of `npm run bench:web`: what is to be measured is asked here and handed to a worker, what it found is
 * shown in a frame, offered as files, and compared with another report.
 */
import { tableChart } from '../../report/charts.ts'
import type { Scale } from '../case.ts'
import { compareReports } from '../compare.ts'
import type { Report } from '../figure.ts'
import { ladders } from '../ladders/index.ts'
import { comparisonCells } from '../report/comparison.ts'
import { reportFiles } from '../report/files.ts'
import { readReport } from '../report/json.ts'
import { toHtml } from '../report/page.ts'
import { suites } from '../suites/index.ts'
import type { Answer, Order, Task } from './messages.ts'
import { specOf } from './spec.ts'

/** Put in by the build: the worker's script, and reports of devices by name. */
declare const WORKER: string
declare const DEVICES: Readonly<Record<string, Report>>

const at = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const field = (id: string): string => at<HTMLInputElement>(id).value.trim()

const SAMPLE = `@group(0) @binding(0) var<storage> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
override LANES: u32 = 64;
@compute @workgroup_size(LANES)
fn double(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&y)) { y[id.x] = 2.0 * x[id.x]; }
}`
const SAMPLE_OPTIONS =
  '--bind x=rand:1048576 --bind y=out:1048576 --param n=1048576 --groups n/LANES --sweep LANES=32,64,128,256'
const SAMPLE_REFERENCE = 'export default ({ x }) => x.map((v) => 2 * v)'

let worker: Worker | null = null
let latest: Report | null = null

function element(tag: string, text: string, inside: HTMLElement): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  inside.append(made)
  return made
}

/** Measure, and show what comes of it. Whatever runs is ended first. */
function start(task: Task): void {
  stop('')
  at('fault').textContent = ''
  const address = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
  worker = new Worker(address)
  worker.onmessage = ({ data }: MessageEvent<Answer>) => answered(data)
  worker.onerror = ({ message }) => answered({ kind: 'fault', message: message || 'the worker did not start' })
  const order: Order = { task, place: placeOf() }
  worker.postMessage(order)
  at('progress').hidden = false
  at<HTMLButtonElement>('cancel').disabled = false
  at('state').textContent = 'It begins …'
}

/** A worker that is ended takes its device with it, in the middle of whatever it does. */
function stop(why: string): void {
  worker?.terminate()
  worker = null
  at('progress').hidden = true
  at<HTMLButtonElement>('cancel').disabled = true
  at('state').textContent = why
}

function answered(answer: Answer): void {
  if (answer.kind === 'progress') {
    at<HTMLProgressElement>('progress').value = answer.done
    at('state').textContent = `${Math.floor(100 * answer.done)} %: ${answer.about}`
  } else if (answer.kind === 'fault') {
    stop('')
    at('fault').textContent = answer.message
  } else {
    stop('Done.')
    show(answer.report, answer.html)
  }
}

function show(report: Report, html: string): void {
  latest = report
  const frame = at<HTMLIFrameElement>('shown')
  frame.hidden = false
  frame.srcdoc = html
  at('files').replaceChildren()
  for (const [name, of] of Object.entries(reportFiles)) {
    const link = element('a', name, at('files')) as HTMLAnchorElement
    link.href = URL.createObjectURL(new Blob([of(report)], { type: 'text/plain' }))
    link.download = name
  }
}

/** What is shown beside another report; without one of this browser the other is shown itself. */
function against(other: Report): void {
  if (!latest) return show(other, toHtml(other))
  const { judged, notes } = compareReports(other, latest)
  const [head, ...rows] = comparisonCells(judged, (ratio) => ratio.toPrecision(3))
  const about = `Before: ${other.environment.device}, ${other.environment.date}; times of both in those of their probes. ${notes.join(' ')}`
  at('comparison').replaceChildren()
  element('h2', 'Compared', at('comparison'))
  element('p', about, at('comparison'))
  at('comparison').insertAdjacentHTML('beforeend', tableChart('two reports', head, rows))
}

/** What a browser says of itself. */
function placeOf(): Order['place'] {
  const { userAgent, hardwareConcurrency } = navigator
  const [, name = 'a browser', version = ''] =
    userAgent.match(/(Firefox|Edg|Chrome|HeadlessChrome|Safari)\/(\d+)/) ?? []
  const [, system = 'unknown'] = userAgent.match(/\(([^)]*)\)/) ?? []
  return { runtime: `${name} ${version}`.trim(), system, processor: `${hardwareConcurrency} logical processors` }
}

/** Run on submit; the page stays. */
function on(form: string, task: () => Task): void {
  at(form).addEventListener('submit', (event) => {
    event.preventDefault()
    try {
      start(task())
    } catch (error) {
      at('fault').textContent = (error as Error).message
    }
  })
}

for (const name of Object.keys(suites)) {
  const label = element('label', '', at('names'))
  const box = document.createElement('input')
  Object.assign(box, { type: 'checkbox', name: 'suite', value: name, checked: name === 'matmul' })
  label.append(box, ` ${name}`)
}
for (const name of Object.keys(ladders)) element('option', name, at('kernel'))
for (const name of Object.keys(DEVICES)) element('option', name, at('committed'))
at<HTMLTextAreaElement>('code').value = SAMPLE
at<HTMLInputElement>('options').value = SAMPLE_OPTIONS
at<HTMLTextAreaElement>('reference').value = SAMPLE_REFERENCE

on('suites', () => {
  const names = [...document.querySelectorAll<HTMLInputElement>('[name=suite]:checked')].map(({ value }) => value)
  const only = field('only') ? field('only').split(',') : undefined
  const scale = (field('scale') || null) as Scale | null // the options of the list
  return { kind: 'suites', names, scale, seconds: secondsOf(), peaks: at<HTMLInputElement>('peaks').checked, only }
})
on('ladder', () => ({ kind: 'ladder', name: field('kernel'), seconds: secondsOf() }))
on('own', () => {
  const spec = specOf(at<HTMLTextAreaElement>('code').value, field('options'))
  return { kind: 'own', spec, reference: at<HTMLTextAreaElement>('reference').value, seconds: 4 * secondsOf() }
})
at('compare').addEventListener('submit', (event) => event.preventDefault())
at('committed').addEventListener('change', () => {
  const other = DEVICES[field('committed')]
  if (other) against(other)
})
at('file').addEventListener('change', async () => {
  const [file] = at<HTMLInputElement>('file').files ?? []
  if (!file) return
  at('fault').textContent = ''
  try {
    against(readReport(await file.text(), file.name))
  } catch (error) {
    at('fault').textContent = (error as Error).message
  }
  // The same file may have changed when it is chosen again.
  at<HTMLInputElement>('file').value = ''
})
at('cancel').addEventListener('click', () => stop('Cancelled.'))

function secondsOf(): number {
  const seconds = Number(field('seconds'))
  if (!(seconds > 0)) throw new Error(`seconds is ${field('seconds')} (a number above 0)`)
  return seconds
}

const adapter = await navigator.gpu?.requestAdapter()
at('device').textContent = adapter
  ? [adapter.info.vendor, adapter.info.architecture, adapter.info.description].filter(Boolean).join(', ')
  : 'This browser has no WebGPU here: a report of another device can be looked at.'
for (const button of adapter ? [] : document.querySelectorAll<HTMLButtonElement>('form button')) button.disabled = true

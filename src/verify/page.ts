/**
 * @file The script of verify.html: `handgrad verify` in a browser. It begins at a button, or by itself where the
 * address says what to run: `?quick`, `?whole`, or what `--op`, `--setup`, `--case` and `--layout` say on the command
 * line, as in `?op=softmax&case=3`. The verdicts are shown as a table, and stand as JSON in the element `report`.
 */
import { device } from '../devices.ts'
import { clock } from '../text/progress.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { adapterOf } from './adapter.ts'
import { inBounds, json, markdown, type Place, type Report, repeatLine } from './report.ts'
import { openSession, unitsOf } from './session.ts'
import { cutShort, type Session, type Unit, type Verdict, type Wanted } from './verdict.ts'

/** Put in by the build. */
declare const VERSION: string

/** Seconds after which a unit has hung. */
const PATIENCE = 180

const at = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T

function element(tag: string, text: string, inside: HTMLElement): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  inside.append(made)
  return made
}

/** What the address asks for; null: nothing yet. */
function asked(query: URLSearchParams): Wanted | null {
  const [op, setup, layout, index] = ['op', 'setup', 'layout', 'case'].map((name) => query.get(name) ?? undefined)
  if (!['quick', 'whole', 'op', 'setup', 'layout', 'case'].some((name) => query.has(name))) return null
  // Without digits no number: Number('') is 0.
  return { quick: query.has('quick'), op, setup, layout, case: index === undefined ? undefined : Number(index || NaN) }
}

/** The verdict, or that there is none after so long. */
async function judged(session: Session, unit: Unit): Promise<Verdict> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<Verdict>((resolve) => {
    const hung = cutShort(unit, 'hung', `nothing was heard for ${PATIENCE} s`, PATIENCE)
    timer = setTimeout(() => resolve(hung), PATIENCE * 1000)
  })
  const verdict = await Promise.race([session.run(unit), late])
  clearTimeout(timer)
  return verdict
}

/** A line of the table for each op, with what all of its units came to. */
function showOps(verdicts: readonly Verdict[]): void {
  const rows = [...new Set(verdicts.map(({ op }) => op))].map((op) => {
    const own = verdicts.filter((verdict) => verdict.op === op)
    const failed = own.filter(({ outcome }) => outcome !== 'passed')
    const row = document.createElement('tr')
    element('th', op, row)
    element('td', String(own.reduce((sum, { checks }) => sum + checks, 0)), row)
    element('td', inBounds(Math.max(...own.map(({ worst }) => worst))), row)
    const bad = failed.length > 0
    element('td', bad ? `failed: ${failed.map(({ setup }) => setup).join(', ')}` : 'passed', row).classList.toggle(
      'failed',
      bad,
    )
    return row
  })
  at('ops').replaceChildren(...rows)
}

function showFailure({ op, setup, outcome, faults, repeat }: Verdict, command: string): void {
  const list = at('failures')
  if (!list.firstChild) element('h2', 'What failed', list)
  element('p', `${op}, ${setup}: ${outcome}. ${faults[0]?.where}: ${faults[0]?.what.split('\n')[0]}`, list)
  if (repeat) element('pre', repeatLine(command, repeat), list)
}

/** Links to the report as files. */
function offer(report: Report): void {
  at('files').replaceChildren()
  for (const [name, text] of Object.entries({ 'verify.md': markdown(report), 'verify.json': json(report) })) {
    const link = element('a', name, at('files')) as HTMLAnchorElement
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    link.download = name
    at('files').append(' ')
  }
}

async function verify(wanted: Wanted): Promise<Report> {
  const started = new Date()
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const first = await device('webgpu')
  const versions = { handgrad: VERSION, browser: navigator.userAgent }
  const place: Place = { ...adapterOf(first as WebGPUDevice), versions }
  first.destroy()
  const units = await unitsOf(wanted, 'webgpu')
  const command = `verify.html${location.search || (wanted.quick ? '?quick' : '?whole')}`
  const verdicts: Verdict[] = []
  let session = openSession((options) => device('webgpu', options))
  at<HTMLProgressElement>('progress').hidden = false
  for (const unit of units) {
    const verdict = await judged(session, unit)
    verdicts.push(verdict)
    if (verdict.outcome === 'hung') session = openSession((options) => device('webgpu', options))
    if (verdict.outcome !== 'passed') showFailure(verdict, command)
    const left = (seconds() / verdicts.length) * (units.length - verdicts.length)
    at<HTMLProgressElement>('progress').value = verdicts.length / units.length
    at('state').textContent = `${place.device}: ${verdicts.length} of ${units.length}, ${clock(left)} left (${unit.op})`
    showOps(verdicts)
  }
  session.close()
  const passed = verdicts.filter(({ outcome }) => outcome === 'passed').length
  const failed = verdicts.length - passed
  at('state').textContent = `${passed} passed, ${failed} failed on ${place.device} in ${clock(seconds())}`
  return {
    started: started.toISOString(),
    command,
    place,
    quick: wanted.quick === true,
    seconds: seconds(),
    passed,
    failed,
    verdicts,
  }
}

async function start(wanted: Wanted): Promise<void> {
  for (const id of ['quick', 'whole']) at<HTMLButtonElement>(id).disabled = true
  try {
    const report = await verify(wanted)
    offer(report)
    at('report').textContent = json(report)
  } catch (error) {
    const { message } = error as Error
    at('state').textContent = message
    at('report').textContent = JSON.stringify({ error: message })
  }
}

at('quick').onclick = () => void start({ quick: true })
at('whole').onclick = () => void start({})
const wanted = asked(new URLSearchParams(location.search))
if (wanted) void start(wanted)

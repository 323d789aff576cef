/** @file The worker of the page: all that is measured runs here, so that the page stays as it is. */
import { device } from '../../index.ts'
import type { WebGPUDevice } from '../../webgpu/device.ts'
import type { Place } from '../environment.ts'
import { climbs, suiteName, suiteOf } from '../ladder.ts'
import { ladders } from '../ladders/index.ts'
import { ladderPage } from '../ladders/page.ts'
import { type Reference, referenceOf } from '../own/reference.ts'
import { type OwnOptions, runOwn } from '../own/run.ts'
import { measurePeaks } from '../peaks.ts'
import { toHtml } from '../report/page.ts'
import { runSuites } from '../run.ts'
import type { Answer, Order, Task } from './messages.ts'

/** Put in by the build. */
declare const VERSION: string
declare const COMMIT: string

const say = (answer: Answer): void => postMessage(answer)
const progress = (done: number, about: string): void => say({ kind: 'progress', done, about })
const open = (): Promise<WebGPUDevice> => device('webgpu')

addEventListener('message', async ({ data }: MessageEvent<Order>) => {
  try {
    say({ kind: 'report', ...(await measured(data)) })
  } catch (error) {
    say({ kind: 'fault', message: error instanceof Error ? error.message : String(error) })
  }
})

async function measured({ task, place: seen }: Order) {
  const place: Place = {
    ...seen,
    dawn: null,
    load: null,
    version: VERSION,
    commit: COMMIT || null,
    flags: flagsOf(task),
  }
  const own = await open()
  try {
    const scale = own.facts.software ? 'small' : 'large'
    const common = { place, open, progress, seconds: task.seconds }
    switch (task.kind) {
      case 'suites': {
        const { names, peaks, only } = task
        const report = await runSuites(own, { ...common, names, scale: task.scale ?? scale, peaks, only })
        return { report, html: toHtml(report) }
      }
      case 'ladder': {
        const ladder = ladders[task.name]
        const name = suiteName(ladder)
        const suites = { [name]: async () => suiteOf(ladder) }
        const report = await runSuites(own, { ...common, names: [name], suites, scale })
        return { report, html: ladderPage(ladder, climbs(ladder, scale, report), report) }
      }
      case 'own': {
        const reference = task.reference.trim() ? await referenceIn(task.reference) : undefined
        const { report } = await runOwn(own, task.spec, { ...common, reference, peaks: peaksOf })
        return { report, html: toHtml(report) }
      }
    }
  } finally {
    own.destroy()
  }
}

const peaksOf: NonNullable<OwnOptions['peaks']> = (own, clock, progress) => measurePeaks(own, clock, { progress })

/** As the command line would say it. */
function flagsOf(task: Task): string[] {
  const seconds = ['--seconds', String(task.seconds)]
  if (task.kind === 'suites') return [...task.names, ...(task.scale ? ['--scale', task.scale] : []), ...seconds]
  return task.kind === 'ladder' ? ['ladder', task.name, ...seconds] : [task.spec.file, ...seconds]
}

/** A module that was typed in. */
async function referenceIn(text: string): Promise<Reference> {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  try {
    return referenceOf(await import(address), 'what is right')
  } finally {
    URL.revokeObjectURL(address)
  }
}

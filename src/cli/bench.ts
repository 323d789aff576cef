/**
 * @file `handgrad bench`: kernels and training steps on this machine, timed by the device's own clock, checked against
 * float64 before. What is measured and how is in src/bench.
 */
import { join } from 'node:path'
import type { Report } from '../bench/figure.ts'
import { bars } from '../bench/report/bars.ts'
import { reportFiles } from '../bench/report/files.ts'
import { toJson } from '../bench/report/json.ts'
import { peaksTable } from '../bench/report/peaks.ts'
import { marks, table } from '../bench/report/table.ts'
import type { Driver } from '../bench/rounds.ts'
import { runSuites } from '../bench/run.ts'
import { shared, shareName } from '../bench/share.ts'
import { suites } from '../bench/suites/index.ts'
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import { device as openDevice } from '../node.ts'
import { Progress } from '../text/progress.ts'
import { terminalOf } from '../text/terminal.ts'
import { freshly, scaleOf, secondsOf, writeReport, writeText } from './benching.ts'
import { compareFiles, isComparison } from './comparefiles.ts'
import { inFolder } from './folder.ts'
import { benchLadder, isLadder } from './ladder.ts'
import { placeOf } from './machine.ts'
import { oneOf, parseOptions } from './options.ts'
import { benchOwn, isOwn } from './own.ts'

export const benchOptions = {
  device: { value: 'webgpu|cpu', help: 'what is measured', standard: 'webgpu' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  scale: { value: 'small|large', help: 'how much work a case is', standard: 'large on a GPU' },
  seconds: { value: 'S', help: 'time for each case', standard: '4' },
  only: { value: 'TEXT', help: 'cases whose name holds one of these, with commas between them' },
  'no-peaks': { help: 'do not measure first what the device can do at most' },
  out: { value: 'DIR', help: 'folder for the report', standard: 'runs/<time>' },
  share: { help: "write the device's own report too, to be kept in bench/devices" },
  help: { help: 'show this' },
} as const

/** Named like a suite: only what is measured before all suites. */
const PEAKS = 'peaks'

/** What may be asked for by name. */
export const suiteNames: readonly string[] = [PEAKS, ...Object.keys(suites)]

/** Run the command. @param driver  takes the samples of a round */
export async function bench(args: readonly string[], driver?: Driver): Promise<void> {
  if (isComparison(args)) return compareFiles(args.slice(1))
  if (isOwn(args)) return benchOwn(args, placeOf(withoutFolder(args)), driver)
  if (isLadder(args)) return benchLadder(args.slice(1), placeOf(withoutFolder(args)), driver)
  const from = args.findIndex((arg) => arg.startsWith('--'))
  const named = from < 0 ? args : args.slice(0, from)
  const given = parseOptions('bench', benchOptions, from < 0 ? [] : args.slice(from))
  const all = { [PEAKS]: null, ...suites }
  const asked = named.length > 0 ? named.map((name) => oneOf('bench', 'suite', name, all)) : Object.keys(suites)
  const names = asked.filter((name) => name !== PEAKS)
  const seconds = secondsOf(given.seconds)
  const kind = given.device ?? 'webgpu'
  if (kind !== 'webgpu' && kind !== 'cpu') fail('bench', `--device is '${kind}'`, 'webgpu or cpu')
  const open: () => Promise<Device> = kind === 'cpu' ? () => openDevice('cpu') : freshly(given.adapter)
  const device = await open()
  try {
    const scale = scaleOf(given.scale, device)
    await inFolder('bench', given.out, new Date(), Object.keys(reportFiles), async (folder) => {
      const progress = new Progress()
      const report = await runSuites(device, {
        names,
        scale,
        seconds,
        place: placeOf(withoutFolder(args)),
        open: kind === 'cpu' ? null : open,
        only: given.only?.split(','),
        peaks: given['no-peaks'] === undefined,
        driver,
        progress: (done, about) => progress.update('bench', done, about),
      })
      progress.done('')
      show(report, names)
      await writeReport(folder, report)
      if (given.share) {
        const file = shareName(report)
        await writeText(folder, file, toJson(shared(report)))
        console.log(`of this device, to be shared: ${join(folder, file)}`)
      }
      console.log(`report: ${join(folder, 'bench.html')}; the same as JSON, CSV and Markdown beside it`)
      if (report.skipped.some(({ failed }) => failed)) process.exitCode = 1
    })
  } finally {
    if (kind === 'webgpu') device.destroy()
  }
}

/** What the terminal shows of a report. */
function show({ environment, peaks, figures, drift, skipped }: Report, names: readonly string[]): void {
  const terminal = terminalOf()
  if (peaks) console.log(`peaks of ${environment.device}\n${peaksTable(peaks, terminal)}\n`)
  for (const name of names) {
    const own = figures.filter(({ suite }) => suite === name)
    console.log(`${name} on ${environment.device}\n${table(own, terminal)}\n${marks(drift[name])}\n`)
    const chart = bars(own, terminal)
    if (chart) console.log(`${chart}\n`)
  }
  for (const { name, variant, why, failed } of skipped)
    if (failed) console.log(`not timed: ${name}${variant ? `, ${variant}` : ''}: ${why}`)
}

/** What is measured how; where its report went names folders, which no report does. */
export const withoutFolder = (args: readonly string[]): string[] =>
  args.filter((arg, i) => !/^--out(=|$)/.test(arg) && args[i - 1] !== '--out')

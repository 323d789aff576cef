/** @file `handgrad bench ladder NAME`: a kernel from its plainest variant to its best, measured rung by rung. */
import { join } from 'node:path'
import type { Place } from '../bench/environment.ts'
import { climbs, suiteName, suiteOf } from '../bench/ladder.ts'
import { ladders } from '../bench/ladders/index.ts'
import { ladderPage } from '../bench/ladders/page.ts'
import { shownLadder } from '../bench/ladders/show.ts'
import { toJson } from '../bench/report/json.ts'
import type { Driver } from '../bench/rounds.ts'
import { runSuites } from '../bench/run.ts'
import { fail } from '../core/errors.ts'
import { Progress } from '../text/progress.ts'
import { terminalOf } from '../text/terminal.ts'
import { freshly, scaleOf, secondsOf, writeText } from './benching.ts'
import { inFolder } from './folder.ts'
import { oneOf, parseOptions } from './options.ts'

export const ladderOptions = {
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  scale: { value: 'small|large', help: 'how much work a case is', standard: 'large on a GPU' },
  seconds: { value: 'S', help: 'time for each case', standard: '4' },
  'no-peaks': { help: 'do not measure first what the device can do at most' },
  out: { value: 'DIR', help: 'folder for the report', standard: 'runs/<time>' },
  help: { help: 'show this' },
} as const

/** Whether the arguments of `handgrad bench` are of a ladder. */
export const isLadder = ([word]: readonly string[]): boolean => word === 'ladder'

const [PAGE, JSON_FILE] = ['ladder.html', 'bench.json']

/** Run the command. @param args  behind `ladder` */
export async function benchLadder(args: readonly string[], place: Place, driver?: Driver): Promise<void> {
  const [named = '', ...rest] = args
  if (named === '' || named.startsWith('--'))
    fail('bench', 'which ladder?', `handgrad bench ladder ${Object.keys(ladders).join('|')}`)
  const name = oneOf('bench', 'ladder', named, ladders)
  const ladder = ladders[name]
  const given = parseOptions('bench', ladderOptions, rest)
  const seconds = secondsOf(given.seconds)
  const open = freshly(given.adapter)
  const device = await open()
  try {
    const scale = scaleOf(given.scale, device)
    await inFolder('bench', given.out, new Date(), [PAGE, JSON_FILE], async (folder) => {
      const progress = new Progress()
      const report = await runSuites(device, {
        names: [suiteName(ladder)],
        suites: { [suiteName(ladder)]: async () => suiteOf(ladder) },
        scale,
        seconds,
        place,
        open,
        peaks: given['no-peaks'] === undefined,
        driver,
        progress: (done, about) => progress.update('bench', done, about),
      }).finally(() => progress.done(''))
      const climbed = climbs(ladder, scale, report)
      console.log(`${shownLadder(ladder, climbed, terminalOf())}\n`)
      await writeText(folder, PAGE, ladderPage(ladder, climbed, report))
      await writeText(folder, JSON_FILE, toJson(report))
      console.log(`page: ${join(folder, PAGE)}; figures as JSON beside it`)
      const wrong = report.skipped.filter(({ failed }) => failed)
      for (const { name, variant, why } of wrong) console.log(`not timed: ${name}, ${variant}: ${why}`)
      if (wrong.length > 0) process.exitCode = 1
    })
  } finally {
    device.destroy()
  }
}

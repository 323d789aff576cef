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
import { writeBytes } from '../io/files.ts'
import { device as openDevice } from '../node.ts'
import { Progress } from '../text/progress.ts'
import { terminalOf } from '../text/terminal.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { inFolder } from './folder.ts'
import { oneOf, parseOptions, positive } from './options.ts'

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
  const seconds = given.seconds === undefined ? 4 : positive('bench', 'seconds', given.seconds)
  // What is compiled is compiled anew each time; read by Mesa when a device is made.
  process.env.MESA_SHADER_CACHE_DISABLE = '1'
  const open = () => openDevice('webgpu', { adapter: given.adapter })
  const device = (await open()) as WebGPUDevice
  try {
    const usual = device.facts.software ? 'small' : 'large'
    const scale = given.scale === undefined ? usual : oneOf('bench', 'scale', given.scale, { small: 0, large: 0 })
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
      const encoder = new TextEncoder()
      await writeBytes('bench', join(folder, PAGE), encoder.encode(ladderPage(ladder, climbed, report)))
      await writeBytes('bench', join(folder, JSON_FILE), encoder.encode(toJson(report)))
      console.log(`page: ${join(folder, PAGE)}; figures as JSON beside it`)
      const wrong = report.skipped.filter(({ failed }) => failed)
      for (const { name, variant, why } of wrong) console.log(`not timed: ${name}, ${variant}: ${why}`)
      if (wrong.length > 0) process.exitCode = 1
    })
  } finally {
    device.destroy()
  }
}

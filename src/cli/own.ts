/** @file `handgrad bench my.wgsl`: a kernel of the user's own, checked and timed. The work is done by src/bench/own. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Place } from '../bench/environment.ts'
import { type Reference, referenceOf } from '../bench/own/reference.ts'
import { type OwnOptions, runOwn } from '../bench/own/run.ts'
import { shownOwn } from '../bench/own/show.ts'
import { type OwnSpec, pathsOf } from '../bench/own/spec.ts'
import { measurePeaks } from '../bench/peaks.ts'
import { reportFiles } from '../bench/report/files.ts'
import type { Driver } from '../bench/rounds.ts'
import { fail, shown } from '../core/errors.ts'
import type { HostTensor } from '../io/elements.ts'
import { reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'
import { readNpy } from '../io/index.ts'
import { Progress } from '../text/progress.ts'
import { terminalOf } from '../text/terminal.ts'
import { freshly, secondsOf, writeReport } from './benching.ts'
import { inFolder } from './folder.ts'
import { parseOptions } from './options.ts'

export const ownOptions = {
  entry: { value: 'NAME', help: 'the entry point', standard: 'the only one' },
  bind: {
    value: 'X=FILL:SHAPE',
    many: true,
    help: 'a storage buffer by its name: rand, randn, zeros, ones, iota, randint:N, out, or X=FILE.npy; X=inout=FILL:SHAPE is changed',
  },
  param: { value: 'NAME=N', many: true, help: "a uniform's field, or a name for expressions; vectors have commas" },
  const: { value: 'NAME=N', many: true, help: 'an override' },
  groups: { value: 'N', help: 'workgroups, such as n/LANES: up to three with commas, quotients rounded up' },
  check: { value: 'FILE', help: 'a module whose default function gives what is right' },
  sweep: { value: 'NAME=N,…', help: 'an override or a param, and its values to compare' },
  flop: { value: 'N', help: 'operations of one run, such as 2*m*n*k' },
  bytes: { value: 'N', help: 'bytes that one run moves at least', standard: 'every buffer once, inout twice' },
  'no-faults': { help: 'do not run it first in the interpreter, at a small size' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  seconds: { value: 'S', help: 'time for all values together', standard: '4' },
  'no-peaks': { help: 'do not measure first what the device can do at most' },
  out: { value: 'DIR', help: 'folder for the report', standard: 'runs/<time>' },
  help: { help: 'show this' },
} as const

const peaks: OwnOptions['peaks'] = (device, clock, progress) => measurePeaks(device, clock, { progress })

/** Whether the arguments of `handgrad bench` are of a kernel of one's own. */
export const isOwn = ([file]: readonly string[]): boolean => file !== undefined && /\.wgsl$/i.test(file)

/** Run the command. */
export async function benchOwn([file, ...args]: readonly string[], place: Place, driver?: Driver): Promise<void> {
  const given = parseOptions('bench', ownOptions, args)
  const seconds = secondsOf(given.seconds)
  const code = await readFile(file, 'utf8').catch((error: Error) =>
    fail('bench', `cannot read ${nameOf(file)}, ${reasonOf(error)}`),
  )
  if (given.groups === undefined) fail('bench', 'how many workgroups?', 'give --groups, such as --groups n/64')
  const spec: OwnSpec = {
    code,
    file,
    entry: given.entry,
    bind: given.bind ?? [],
    param: given.param,
    constants: given.const,
    groups: given.groups,
    flop: given.flop,
    bytes: given.bytes,
    sweep: given.sweep,
  }
  const reference = given.check === undefined ? undefined : await load(given.check)
  const open = freshly(given.adapter)
  const device = await open()
  try {
    if (given['no-faults'] === undefined) {
      const { refuseFaults } = await import('./small.ts')
      console.log(refuseFaults(spec, await filesOf(spec), reference !== undefined, device.facts))
    }
    await inFolder('bench', given.out, new Date(), Object.keys(reportFiles), async (folder) => {
      const progress = new Progress()
      const result = await runOwn(device, spec, {
        seconds,
        place,
        peaks: given['no-peaks'] === undefined ? peaks : undefined,
        reference,
        read: readNpy,
        open,
        driver,
        progress: (done, about) => progress.update('bench', done, about),
      }).finally(() => progress.done(''))
      console.log(`${file} on ${device.name}\n\n${shownOwn(result, terminalOf())}\n`)
      await writeReport(folder, result.report)
      console.log(
        `report: ${join(folder, 'bench.html')}, with the roofline; the same as JSON, CSV and Markdown beside it`,
      )
      if (result.verdicts.some(({ result }) => result === 'wrong')) process.exitCode = 1
    })
  } finally {
    device.destroy()
  }
}

/** The arrays of files that a kernel is given. */
async function filesOf(spec: OwnSpec): Promise<Map<string, HostTensor>> {
  const files = new Map<string, HostTensor>()
  for (const path of pathsOf(spec)) files.set(path, await readNpy(path))
  return files
}

/** The module of --check: the user's own program. */
async function load(file: string): Promise<Reference> {
  const module: unknown = await import(pathToFileURL(resolve(file)).href).catch((error: Error) =>
    fail('bench', `--check ${nameOf(file)} does not load: ${shown(error.message, 300)}`),
  )
  return referenceOf(module, file)
}

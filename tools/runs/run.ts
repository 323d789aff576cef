/**
 * @file What the programs that train on real data share: their options, their device, and docs/made/runs.md, in which
 * each replaces its own rows. Data come from `--data` or HANDGRAD_DATA: a folder with mnist, names, tinyshakespeare
 * and iris in it.
 */
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prepareAdapter } from '../../scripts/adapter.mjs'
import { openDevice } from '../../src/cli/devices.ts'
import type { Device } from '../../src/index.ts'

/** A program's options, as text. */
export interface Given {
  readonly data: string
  /** The page that is written. */
  readonly out: string
  readonly device: Device
  /** Of --model, --epochs and so on, with the program's defaults. */
  readonly own: Readonly<Record<string, string>>
}

/** What a run came to. */
export interface Outcome {
  /** What was trained, such as 'MNIST, CNN'. */
  readonly what: string
  readonly length: string
  readonly result: string
  readonly wanted: string
  /** Whether it is what was wanted. */
  readonly reached: boolean
}

const columns = ['run', 'device', 'adapter', 'length', 'result', 'wanted', '', 'seconds', 'command']
const page = fileURLToPath(new URL('../../docs/made/runs.md', import.meta.url))

/** The page with a row added, in the place of an earlier one of the same run on the same device and adapter. */
export function withRow(text: string, row: readonly string[]): string {
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| run |') && !line.startsWith('| --- |'))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter((cells) => cells.slice(0, 3).some((cell, i) => cell !== row[i]))
  const table = [...rows, row].map((cells) => cells.join(' | ')).sort()
  return `# Trained on real data

Each row is what one program of \`tools/runs\` found, which wrote it; not to be edited. \`DIR\` holds the data: mnist, names,
tinyshakespeare, iris. Losses are compared with PyTorch's from the same weights and batches (\`tools/runs/twin.py\`).

${[columns.join(' | '), columns.map(() => '---').join(' | '), ...table].map((line) => `| ${line} |`).join('\n')}
`
}

/** Run a program with options such as `--device webgpu --data DIR`, and write its row. */
export async function program(
  name: string,
  args: readonly string[],
  defaults: Readonly<Record<string, string>>,
  main: (given: Given) => Promise<Outcome>,
): Promise<Outcome> {
  const standard = { device: 'cpu', data: process.env['HANDGRAD_DATA'] ?? '', out: page, ...defaults }
  const options = Object.fromEntries(
    Object.entries(standard).map(([key, value]) => [key, { type: 'string' as const, default: value }]),
  )
  // Each option has a default, which is text.
  const values = parseArgs({ args: [...args], options }).values as Record<string, string>
  const { device: kind, data, out, ...own } = values
  if (!existsSync(join(data, '.')) || data === '') throw new Error(`${name}: there is no folder '${data}' (--data DIR)`)
  if (kind === 'webgpu') await prepareAdapter()
  const device = await openDevice(name, kind, undefined, console.log)
  const adapter = device.kind === 'webgpu' ? device.name : '–'
  const start = performance.now()
  const outcome = await main({ data, out, device, own })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  const said = Object.entries({ ...own, device: kind }).filter(
    ([key, value]) => key === 'device' || key === 'model' || value !== defaults[key],
  )
  const flags = said.map(([key, value]) => ` --${key} ${value}`).join('')
  const { what, length, result, wanted, reached } = outcome
  const command = `\`npx tsx tools/runs/${name}.ts${flags} --data DIR\``
  const row = [what, kind, adapter, length, result, wanted, reached ? 'reached' : 'missed', seconds, command]
  writeFileSync(out, withRow(existsSync(out) ? readFileSync(out, 'utf8') : '', row))
  console.log(`${what} on ${adapter === '–' ? kind : adapter}: ${result}, wanted ${wanted}, ${seconds} s`)
  // The CPU's is shared by all who ask for it.
  if (device.kind === 'webgpu') device.destroy()
  return outcome
}

/** Whether a file is the program that was started. */
export const started = (url: string): boolean =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)

/** What follows a program's `main`: a run that missed what was wanted ends with 1. */
export async function start(url: string, main: (args: readonly string[]) => Promise<Outcome>): Promise<void> {
  if (!started(url)) return
  const { reached } = await main(process.argv.slice(2))
  if (!reached) process.exitCode = 1
}

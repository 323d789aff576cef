/** @file One engine, one workload, in a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Found } from './one.ts'
import type { Column } from './page.ts'
import type { WorkloadName } from './workloads.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
/** From the sources, or from the built files of a portable folder. */
const fromSources = import.meta.url.endsWith('.ts')
const start = fromSources ? ['--import', import.meta.resolve('tsx'), `${here}one.ts`] : [`${here}one.js`]

/** How a process is started. */
export interface Run {
  readonly seconds: number
  /** Seconds after which a process has hung, or compiles for longer than anyone waits. */
  readonly patience: number
  readonly adapter: string
  readonly python: string
}

/** What is said of a process that was ended. */
export const hung = (patience: number): string => `nothing after ${patience} s`

/** One process. @returns what it found, or why it found nothing */
export function run(
  { engine, kind }: Omit<Column, 'cells'>,
  name: WorkloadName,
  { seconds, patience, adapter, python }: Run,
): Promise<Found | string> {
  const [program, args] =
    engine === 'PyTorch'
      ? [python, [`${here}torch_peer.py`, kind, name, String(seconds)]]
      : [process.execPath, [...start, engine, kind, adapter, name, String(seconds)]]
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), patience * 1000)
    let [text, complaints] = ['', '']
    child.stdout.on('data', (part) => (text += part))
    child.stderr.on('data', (part) => (complaints += part))
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve(error.message)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const line = text.trim().split('\n').at(-1) ?? ''
      if (code === 0 && line.startsWith('{')) return resolve(JSON.parse(line) as Found)
      if (signal === 'SIGKILL') return resolve(hung(patience))
      resolve(reasonIn(complaints) ?? `it ended with ${signal ?? `code ${code}`}`)
    })
  })
}

/** The line of an error in what Node or Python wrote. */
function reasonIn(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /^(\w*Error|\w*Exception)\b/.test(line) && line.length < 400)
  return lines
    .at(-1)
    ?.replace(/^\w*Error: /, '')
    .trim()
}

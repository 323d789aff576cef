/**
 * @file `npm run gradcheck`: measures the gradients of every op on every device and writes docs/made/gradients.md. Each
 * device has a process of its own (measure.ts), two at a time. `npm run gradcheck exp softmax` measures these ops on
 * the devices that are here, shows them, and writes their rows anew.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { root } from '../../scripts/run.mjs'
import { Tensor } from '../../src/index.ts'
import { clock, Progress } from '../../src/text/progress.ts'
import { opNames } from '../../test/table/run.ts'
import { type OpName, table } from '../../test/table/table.ts'
import { publicApi } from '../optable/api.ts'
import { type Cells, type Column, digits, type Failed, failureLines, type Message, page, withRows } from './page.ts'

const only = process.argv.slice(2)
const unknown = only.filter((name) => !opNames.includes(name as OpName))
if (unknown.length > 0)
  throw new Error(`gradcheck: there is no op ${unknown.join(', ')} (the ops are those of test/table)`)
const names = only.length > 0 ? (only as OpName[]) : opNames

/** Start a measuring process; resolves when it ended. @throws Error if it failed */
function measure(where: string, told: (message: Message) => void): Promise<void> {
  const file = fileURLToPath(new URL('measure.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', file, where, ...only], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    // JSON would make null of Infinity
    serialization: 'advanced',
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)))
  child.on('message', (message) => told(message as Message))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`gradcheck: measuring on ${where} ended with code ${code}\n${errors}`))
    })
  })
}

interface Job extends Column {
  device: string
  about: string
  readonly where: string
  readonly cells: Map<OpName, readonly Cells[]>
  readonly failures: (Failed & { op: OpName })[]
}

const begun = performance.now()
const seconds = (): number => (performance.now() - begun) / 1000
const adapters: string[] = []
await measure('list', (message) => {
  if ('adapters' in message) adapters.push(...message.adapters)
})
// The slowest first: software adapters, SwiftShader before all.
const slow = (name: string): number => (/swiftshader/i.test(name) ? 0 : 1)
const job = (where: string): Job => ({ where, device: where, about: '', cells: new Map(), failures: [] })
const cpu = [job('float64'), job('float32')]
const gpus = adapters.map(job)
if (gpus.length === 0) console.log('no WebGPU adapter here: only the CPU is measured')

const progress = new Progress()
const total = (cpu.length + gpus.length) * names.length
function show(): void {
  const all = [...cpu, ...gpus]
  const done = all.reduce((sum, { cells }) => sum + cells.size, 0)
  const details = all.filter(({ cells }) => cells.size > 0).map(({ device, cells }) => `${device} ${cells.size}`)
  const left = (seconds() / Math.max(done, 1)) * (total - done)
  progress.update('gradcheck', done / total, `${details.join(', ')} of ${names.length}; ${clock(left)} left`)
}

const queue = [...gpus.sort((a, b) => slow(a.where) - slow(b.where)), ...cpu]
async function work(): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { where, cells, failures } = next
    const current = next
    await measure(where, (message) => {
      if ('device' in message) Object.assign(current, message)
      else if ('op' in message) {
        cells.set(message.op, message.cells)
        failures.push(...message.failures.map((failed) => ({ op: message.op, ...failed })))
        show()
      }
    })
    const missing = names.filter((op) => !cells.has(op))
    if (missing.length > 0) throw new Error(`gradcheck: nothing was heard of ${missing.join(', ')} on ${where}`)
  }
}
await Promise.all(Array.from({ length: Math.max(2, Math.min(4, availableParallelism() - 1)) }, work))

const columns = [...cpu, ...gpus.sort((a, b) => slow(b.where) - slow(a.where))]
progress.done(`${names.length} ops on ${columns.map(({ device }) => device).join(', ')} in ${clock(seconds())}`)
for (const column of columns) for (const text of failureLines(column)) console.log(`FAILED ${text}`)

if (only.length > 0) {
  for (const name of names)
    for (const { device, cells } of columns)
      for (const [i, group] of (cells.get(name) ?? []).entries())
        console.log(
          `${name.padEnd(20)} ${`${device}${device === 'CPU float64' ? [' ∂', ' ∂²'][i] : ''}`.padEnd(16)} ${group.map((x) => (x === null ? 'n/a' : digits(x)).padStart(8)).join('')}`,
        )
}
const model = cpus()[0]?.model.trim()
const measured = {
  columns,
  rows: table,
  api: publicApi((name) => name in Tensor.prototype),
  machine: `Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores${model ? ` (${model})` : ''}`,
  date: new Date().toISOString().slice(0, 10),
}
const file = new URL('../../docs/made/gradients.md', import.meta.url)
writeFileSync(file, only.length > 0 ? withRows(readFileSync(file, 'utf8'), measured, names) : page(measured))
console.log(`written: ${only.length > 0 ? `${only.join(', ')} in ` : ''}docs/made/gradients.md`)
const failed = columns.reduce((sum, { failures }) => sum + new Set(failures.map(({ op }) => op)).size, 0)
console.log(`${columns.length * names.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

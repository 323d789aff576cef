/**
 * @file `npm run check:kernels`: every kernel, in every variant, through the interpreter, as test/interpreter/passes.ts
 * says; `npm run check:kernels -- matmul --facts gpu32` only what launches matmul, on one adapter. Processes, as many
 * as there are cores, take one job after the other.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../../scripts/run.mjs'
import { FACTS } from '../../src/interpreter/index.ts'
import { clock, Progress } from '../../src/text/progress.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { allVariants } from '../../test/interpreter/passes.ts'
import { jobsOf } from './jobs.ts'
import type { Told } from './part.ts'

const { values, positionals } = parseArgs({ options: { facts: { type: 'string' } }, allowPositionals: true })
const { facts } = values
const refuse = (given: string, known: object, what: string) => {
  if (!Object.hasOwn(known, given))
    throw new Error(`check:kernels: there is no ${what} ${given} (there are ${Object.keys(known).join(', ')})`)
}
if (facts) refuse(facts, FACTS, 'adapter')
for (const kernel of positionals) refuse(kernel, plans, 'kernel')

const jobs = jobsOf(positionals, facts)
const progress = new Progress()
const begin = performance.now()
let [next, done, passed] = [0, 0, 0]
const failed: string[] = []
const ran = new Set<string>()

/** A process that takes jobs until none is left. */
function work(): Promise<void> {
  const file = fileURLToPath(new URL('part.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', file, facts ?? '-', ...positionals], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const give = () => (next < jobs.length ? child.send(next++) : child.disconnect())
  child.on('message', (message) => {
    const told = message as Told // part.ts sends nothing else
    passed += told.passed
    failed.push(...told.failed)
    for (const variant of told.ran) ran.add(variant)
    progress.update('kernels', ++done / jobs.length, `${failed.length} faults  ${done} of ${jobs.length} rows`)
    give()
  })
  give()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    // not 'close', which never comes where the channel was closed from here
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`check:kernels: a process ended with ${code}`)),
    )
  })
}

await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work))
progress.done(`${jobs.length} rows, ${ran.size} variants in ${clock((performance.now() - begin) / 1000)}`)
if (positionals.length === 0 && !facts) {
  for (const variant of allVariants) if (!ran.has(variant)) failed.push(`${variant} was never run`)
}
for (const line of failed) console.log(line)
console.log(`${passed} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

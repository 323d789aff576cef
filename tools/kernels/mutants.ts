/**
 * @file `npx tsx tools/kernels/mutants.ts`: does the interpreter name faults that adapters wave through? Drops guards and
 * barriers of the kernels and shifts indices (weaken.ts), one at a time, and runs the rows that reach the place
 * (trials.ts); the result is docs/made/kernelmutants.md. Ends with `N passed, N failed`: a mutant passes if the
 * interpreter names it or a row gives another value; one that adapters wave through only if it is named.
 *
 * `--count N` (120) mutants that compile, `--seed N` (1), `--only PART` of a file's name (nothing is written then).
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../scripts/run.mjs'
import { clock, Progress } from '../../src/text/progress.ts'
import { linesOf } from '../mutants/mutant.ts'
import { each } from '../mutants/process.ts'
import { isFailure, page } from './mutantspage.ts'
import { files, makeJudge, textOf, type Trial, Trials } from './trials.ts'
import { inTurns, weakenedOf } from './weaken.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
const [count, seed] = [values.count, values.seed].map(Number)
if (!(count >= 1 && Number.isInteger(seed))) throw new Error('mutants: give --count and --seed whole numbers')

const begun = Date.now()
const progress = new Progress()
const candidates = files
  .filter((file) => file.includes(values.only))
  .flatMap((file) => weakenedOf(file, textOf(file)))
const queue = inTurns(candidates, textOf, seed)
const judges = [makeJudge(), makeJudge()]
process.on('exit', () => {
  for (const judge of judges) judge.stop()
})

const tell = ({ mutant, line, outcome, by, wavedThrough, noticed, kind }: Trial): string => {
  const change = `${mutant.original} → ${mutant.mutated}`.replace(/\s+/g, ' ')
  const adapter = wavedThrough === undefined ? 'not run' : wavedThrough ? 'waves it through' : noticed
  return `${outcome}: ${kind} ${mutant.file}:${line} ${change}\n    ${by}\n    adapter: ${adapter}`
}

const tried: Trial[] = []
const trials = new Trials()
await trials.learn(judges, (done, all) => progress.update('without a mutant', done / all, `${done} of ${all} rows`))
progress.done(`${candidates.length} possible mutants, ${trials.adapter}; left out: ${trials.broken.join('; ') || 'nothing'}`)

const counts = ({ outcome }: Trial): boolean => outcome !== 'does not compile' && outcome !== 'not run'
await each(judges, judges, async (_, judge) => {
  for (let next = queue.shift(); next && tried.filter(counts).length < count; next = queue.shift()) {
    const trial = await trials.of(next, judge)
    if (tried.filter(counts).length >= count) break
    tried.push(trial)
    progress.done(tell(trial))
    const done = tried.filter(counts).length
    progress.update('mutants', done / count, `${done} of ${count}  ${clock((Date.now() - begun) / 1000)}`)
  }
})
for (const judge of judges) judge.stop()

const failures = tried.filter(isFailure)
for (const { mutant } of failures) {
  const { before, after } = linesOf(textOf(mutant.file), mutant)
  console.log(JSON.stringify({ file: mutant.file, original: before, mutated: after, cause: '' }))
}
if (!values.only) {
  const command = `npx tsx tools/kernels/mutants.ts --count ${count} --seed ${seed}`
  const facts = { command, seconds: Math.round((Date.now() - begun) / 1000), adapter: trials.adapter }
  writeFileSync(join(root, 'docs/made/kernelmutants.md'), page(tried, facts))
  console.log('written to docs/made/kernelmutants.md')
}
console.log(`${tried.filter(counts).length - failures.length} passed, ${failures.length} failed`)
process.exitCode = failures.length > 0 ? 1 : 0

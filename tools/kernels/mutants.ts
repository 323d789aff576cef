/**
 * @file `npx tsx tools/kernels/mutants.ts`: does the interpreter name faults that adapters wave through? Drops guards
 * and barriers of the kernels and shifts indices (weaken.ts), one at a time, and runs the rows that reach the place
 * (trials.ts); the result is docs/made/kernelmutants.md. Ends with `N passed, N failed`: a mutant passes if the
 * interpreter names it or a row gives another value; one that the adapter waves through only if it is named.
 *
 * `--count N` (120) mutants that compile and run, `--seed N` (1), `--only PART` of a file's name (nothing is written
 * then). `--resume` takes over what the last run, which may have been stopped, did not miss; `--page` only writes the
 * page again, with the explanations that there are now.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { root } from '../../scripts/run.mjs'
import { clock, Progress } from '../../src/text/progress.ts'
import { causeOf } from '../mutants/explained.ts'
import { linesOf } from '../mutants/mutant.ts'
import { files, textOf } from '../mutants/planted.ts'
import { each } from '../mutants/process.ts'
import { isFailure, page, type RunFacts } from './mutantspage.ts'
import { makeJudge, type Trial, Trials } from './trials.ts'
import { inTurns, weakenedOf } from './weaken.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    resume: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
})
const [count, seed] = [values.count, values.seed].map(Number)
if (!(count >= 1 && Number.isInteger(seed))) throw new Error('mutants: give --count and --seed whole numbers')

const cache = join(root, 'node_modules', '.cache', 'handgrad')
const keptFile = join(cache, 'kernelmutants.json')

interface Kept {
  readonly tried: readonly Trial[]
  readonly facts: RunFacts
}

const readKept = (): Kept => JSON.parse(readFileSync(keptFile, 'utf8')) as Kept // written by keep

function keep(kept: Kept): void {
  mkdirSync(cache, { recursive: true })
  writeFileSync(keptFile, JSON.stringify(kept))
}

const counts = ({ outcome }: Trial): boolean => outcome !== 'does not compile' && outcome !== 'not run'

function tell({ mutant, line, outcome, by, wavedThrough, noticed, kind }: Trial): string {
  const change = `${mutant.original} → ${mutant.mutated}`.replace(/\s+/g, ' ')
  const adapter = wavedThrough === undefined ? 'not run' : wavedThrough ? 'waves it through' : noticed
  return `${outcome}: ${kind} ${mutant.file}:${line} ${change}\n    ${by}\n    adapter: ${adapter}`
}

/** Draws mutants and tries them. */
async function run(): Promise<Kept> {
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
  const trials = new Trials()
  await trials.learn(judges, (done, all) => progress.update('without a mutant', done / all, `${done} of ${all} rows`))
  progress.done(`${candidates.length} possible mutants, on ${trials.adapter}`)
  for (const line of trials.broken) progress.done(`left out: ${line}`)

  const last = values.resume ? readKept() : undefined
  const known = last?.tried.filter(({ outcome }) => outcome !== 'missed') ?? []
  const tried: Trial[] = []
  const kept = (tried: readonly Trial[]): Kept => {
    const seconds = Math.round((Date.now() - begun) / 1000) + (last?.facts.seconds ?? 0)
    const command = `npx tsx tools/kernels/mutants.ts --count ${count} --seed ${seed}`
    const date = new Date().toISOString().slice(0, 10)
    return { tried, facts: { command, date, seconds, adapter: trials.adapter } }
  }
  await each(judges, judges, async (_, judge) => {
    for (let next = queue.shift(); next && tried.filter(counts).length < count; next = queue.shift()) {
      const same = known.find((one) => isDeepStrictEqual(one.mutant, next?.mutant))
      const trial = same ?? (await trials.of(next, judge))
      if (tried.filter(counts).length >= count) break
      tried.push(trial)
      if (!values.only) keep(kept([...tried, ...known.filter((one) => !tried.includes(one))]))
      progress.done(tell(trial))
      const done = tried.filter(counts).length
      progress.update('mutants', done / count, `${done} of ${count}  ${clock((Date.now() - begun) / 1000)}`)
    }
  })
  for (const judge of judges) judge.stop()
  if (!values.only) keep(kept(tried))
  return kept(tried)
}

/** How explanations begin of what no input tells from the original; others say what it would take. */
const EQUIVALENT = 'equivalent: '

const { tried, facts } = values.page ? readKept() : await run()
const judged = tried.map((trial): Trial => {
  const cause = trial.outcome === 'missed' ? causeOf(textOf(trial.mutant.file), trial.mutant) : undefined
  const equivalent = cause?.startsWith(EQUIVALENT)
  return cause ? { ...trial, outcome: equivalent ? 'equivalent' : 'missed', by: cause.replace(EQUIVALENT, '') } : trial
})
const failures = judged.filter(isFailure)
for (const { mutant } of failures) {
  const { before, after } = linesOf(textOf(mutant.file), mutant)
  console.log(JSON.stringify({ file: mutant.file, original: before, mutated: after, cause: '' }))
}
if (!values.only) {
  writeFileSync(join(root, 'docs/made/kernelmutants.md'), page(judged, facts))
  console.log('written to docs/made/kernelmutants.md')
}
console.log(
  `${judged.filter(({ outcome }) => outcome === 'named' || outcome === 'other value').length} passed, ${failures.length} failed`,
)
process.exitCode = failures.length > 0 ? 1 : 0

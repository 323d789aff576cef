/**
 * @file `npm run mutants`: are the tests able to notice mistakes? Makes small faults in gradient rules (src/ops) and
 * kernels (shaders), runs for each the rows of the op table that reach it, and writes docs/made/mutants.md. Ends with
 * `N passed, N failed`, where a survivor that explained.json does not explain is a failure.
 *
 * `--only PART` of a file's name, `--limit N` mutants, `--rules N`, `--shaders N` to try (150 each), `--seed N` (1),
 * `--seconds N` until a mutant counts as survived (60), `--jobs N` processes (2). With --only or --limit nothing is
 * written.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { root } from '../../scripts/run.mjs'
import type { ShaderModule } from '../../src/core/contract.ts'
import { wgsl as generated } from '../../src/webgpu/wgsl.generated.ts'
import { causeOf } from './explained.ts'
import type { Job, Reply, Request } from './judge.ts'
import { lineOf, linesOf, type Mutant, quotas, ranked } from './mutant.ts'
import { each, Process } from './process.ts'
import { reachOf, waysTo } from './reach.ts'
import { count, page, type Verdict } from './report.ts'
import { parse, type Rule, mutantsOf as ruleMutants, rulesOf, withSwitches } from './rules.ts'
import { mutantsOf as shaderMutants } from './shaders.ts'

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    limit: { type: 'string' },
    rules: { type: 'string' },
    shaders: { type: 'string' },
    seed: { type: 'string' },
    seconds: { type: 'string' },
    jobs: { type: 'string' },
  },
})
const number = (key: keyof typeof given, otherwise: number): number => {
  const value = given[key] === undefined ? otherwise : Number(given[key])
  if (!(value >= 0)) throw new Error(`--${key} is ${given[key]} (give a number)`)
  return value
}
const seed = number('seed', 1)
const patience = number('seconds', 60) * 1000
const lanes = number('jobs', 2)
const begun = Date.now()
const elapsed = (): string => `${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s`
const say = (text: string): void => console.log(`${elapsed()}  ${text}`)

// ---- the snapshot: texts, and what could be wrong in them

const wanted = (file: string): boolean => !given.only || file.includes(given.only)
const texts = new Map<string, string>()
const candidates: Mutant[] = []
const rules: Rule[] = []
const ruleOf = new Map<Mutant, number>()

for (const name of readdirSync(join(root, 'src/ops'), { recursive: true, encoding: 'utf8' }).sort()) {
  if (!name.endsWith('.ts')) continue
  const file = `src/ops/${name.replaceAll('\\', '/')}`
  const text = readFileSync(join(root, file), 'utf8')
  texts.set(file, text)
  for (const rule of rulesOf(parse(file, text))) {
    for (const mutant of wanted(file) ? ruleMutants(file, rule) : []) {
      candidates.push(mutant)
      ruleOf.set(mutant, rules.length)
    }
    rules.push(rule)
  }
}
const modules: Readonly<Record<string, readonly ShaderModule[]>> = generated
for (const { file, text } of Object.values(modules).flatMap((list) => list.flatMap((m) => [m.source, ...m.libs]))) {
  if (texts.has(file)) continue
  texts.set(file, text)
  if (wanted(file)) candidates.push(...shaderMutants(file, text))
}
const textOf = (file: string): string => texts.get(file) as string

/** The files' mutants in the order of their trial, and how many are tried. */
const queues = (['rule', 'shader'] as const).flatMap((group) => {
  const files = new Map<string, Mutant[]>()
  for (const m of candidates.filter((c) => c.group === group)) files.set(m.file, [...(files.get(m.file) ?? []), m])
  const sizes = new Map([...files].map(([file, list]) => [file, list.length]))
  const total = number(group === 'rule' ? 'rules' : 'shaders', 150)
  const share = quotas(sizes, total)
  return [...files].map(([file, list]) => ({ list: ranked(list, textOf(file), seed), wanted: share.get(file) ?? 0 }))
})
const limit = number('limit', Number.POSITIVE_INFINITY)
/** Round by round over the files, so that a limit cuts evenly. */
const plan: { mutant: Mutant; queue: (typeof queues)[number] }[] = []
for (let i = 0; queues.some((q) => i < q.wanted); i++)
  for (const queue of queues) if (i < queue.wanted && plan.length < limit) plan.push({ mutant: queue.list[i], queue })
const next = new Map(queues.map((queue) => [queue, plan.filter((one) => one.queue === queue).length]))
say(`${candidates.length} possible mutants in ${queues.length} files; ${plan.length} are tried`)

// ---- the judges

const cache = join(root, 'node_modules', '.cache', 'handgrad')
const folder = join(cache, `mutants-${process.pid}`)
mkdirSync(cache, { recursive: true })
for (const name of readdirSync(cache)) {
  // What a run that was killed left behind.
  const [, pid] = /^mutants-(\d+)$/.exec(name) ?? []
  if (pid && !alive(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true })
}
mkdirSync(join(folder, 'mutants'), { recursive: true })
cpSync(join(root, 'test/reference'), join(folder, 'reference'), { recursive: true })

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** All rule mutants have a number, whether in the plan or in its place if one is invalid. */
const numbers = new Map(candidates.filter((m) => m.group === 'rule').map((m, id) => [m, id]))

async function bundle(): Promise<string> {
  const outfile = join(folder, 'mutants', 'judge.mjs')
  const tried = new Set(plan.map(({ mutant }) => mutant))
  await build({
    absWorkingDir: root,
    entryPoints: ['tools/mutants/judge.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [
      {
        name: 'mutants',
        setup({ onLoad }) {
          onLoad({ filter: /[\\/]src[\\/]ops[\\/].*\.ts$/ }, ({ path }) => {
            const file = relative(root, path).replaceAll('\\', '/')
            const text = texts.get(file)
            if (text === undefined) return { contents: readFileSync(path, 'utf8'), loader: 'ts' }
            const own = new Map([...numbers].flatMap(([m, id]) => (m.file === file && tried.has(m) ? [[id, m]] : [])))
            const here = new Map(rules.flatMap((r, id) => (r.body.getSourceFile().fileName === file ? [[id, r]] : [])))
            return { contents: withSwitches(text, own, here), loader: 'ts' }
          })
        },
      },
    ],
  })
  return outfile
}

type Judge = Process<Request, Reply>
type Result = Extract<Reply, { fault: string }>
const keyOf = ({ kind, name, configuration }: Job): string => `${kind} ${configuration ?? ''} ${name}`

// ---- the run

const baseline = new Map<string, Result>()
const broken: string[] = []

async function learn(jobs: readonly Job[], judges: readonly Judge[]): Promise<void> {
  await each(jobs, judges, async (job, judge) => {
    let answer = await judge.ask({ ask: 'run', job }, 120_000)
    if (typeof answer === 'string') answer = await judge.ask({ ask: 'run', job }, 120_000)
    if (typeof answer === 'object' && 'fault' in answer) {
      baseline.set(keyOf(job), answer)
      if (!answer.fault) return
    }
    broken.push(keyOf(job))
    say(
      `left out, fails without a mutant: ${keyOf(job)}: ${typeof answer === 'string' ? answer : 'fault' in answer ? answer.fault.split('\n')[0] : ''}`,
    )
  })
}

const passing = (job: Job): boolean => baseline.get(keyOf(job))?.fault === ''
const cost = (job: Job): number => baseline.get(keyOf(job))?.milliseconds ?? 0

/** The jobs that run the mutated place, those first that are about it and quick. */
function jobsFor(mutant: Mutant, jobs: readonly Job[]): Job[] {
  const kinds = ['differences', 'reference', 'values', 'gpu', 'other']
  if (mutant.group === 'rule') {
    const rule = ruleOf.get(mutant) as number
    const op = mutant.where.split('.')[0]
    return jobs
      .filter((job) => kinds.indexOf(job.kind) < 3 && passing(job) && baseline.get(keyOf(job))?.hits.includes(rule))
      .sort(
        (a, b) =>
          Number(b.name === op) - Number(a.name === op) ||
          kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
          cost(a) - cost(b),
      )
  }
  const ways = waysTo(modules, mutant.file, mutant.start)
  const seen = (job: Job): string[] => ways(baseline.get(keyOf(job))?.ran ?? [])
  const own = jobs
    .flatMap((job) => (passing(job) ? [{ job, ways: seen(job) }] : []))
    .filter(({ ways }) => ways.length > 0)
  // Others are each about one thing; then the quick ones.
  own.sort((a, b) => Number(b.job.kind === 'other') - Number(a.job.kind === 'other') || cost(a.job) - cost(b.job))
  // Each way that the place is run once before any for the second time.
  const known = new Set<string>()
  const first = own.filter(({ ways }) => {
    const fresh = ways.some((way) => !known.has(way))
    for (const way of ways) known.add(way)
    return fresh
  })
  return [...new Set([...first, ...own])].map(({ job }) => job)
}

const lines = (mutant: Mutant): number => lineOf(textOf(mutant.file), mutant.start)

async function trial(mutant: Mutant, judge: Judge, jobs: readonly Job[]): Promise<Verdict> {
  const line = lines(mutant)
  const verdict = (outcome: Verdict['outcome'], by: string): Verdict => ({ mutant, outcome, line, by })
  const id = numbers.get(mutant)
  const { file, start, end } = mutant
  const text = textOf(file)
  const change = id ?? { file, text: text.slice(0, start) + mutant.mutated + text.slice(end) }
  const own = jobsFor(mutant, jobs)
  if (judge.served++ > 60) judge.stop()
  const answer = await judge.ask({ ask: 'set', mutant: change }, 20_000)
  if (typeof answer === 'string') return verdict('killed', `the process is ${answer}`)
  if ('error' in answer && answer.error) return verdict('invalid', answer.error)
  if (own.length === 0) return verdict('survived', 'nothing runs it')
  const deadline = Date.now() + patience
  let tried = 0
  for (const job of own) {
    if (Date.now() > deadline) return verdict('survived', `${tried} of ${own.length} jobs in time`)
    tried++
    const result = await judge.ask({ ask: 'run', job }, 10_000 + 6 * cost(job))
    if (typeof result === 'string') return verdict('killed', `${keyOf(job)}: ${result}`)
    if (!('fault' in result) || !result.fault) continue
    // A pipeline that its constants make invalid.
    if (/\.wgsl(:\d+)?: .*(, in "|: error)/.test(result.fault.split('\n')[0]) && /KernelError/.test(result.fault))
      return verdict('invalid', result.fault)
    return verdict('killed', `${keyOf(job)}: ${result.fault.split('\n')[0]}`)
  }
  return verdict('survived', `${own.length} jobs`)
}

/** A process that ended says something only if it does so again; a rule's killer must pass again without the mutant. */
async function trusted(mutant: Mutant, judge: Judge, jobs: readonly Job[]): Promise<Verdict> {
  const verdict = await trial(mutant, judge, jobs)
  if (verdict.outcome !== 'killed') return verdict
  if (/(is|:) gone$/.test(verdict.by)) return await trial(mutant, judge, jobs)
  if (mutant.group !== 'rule') return verdict
  const job = jobs.find((one) => verdict.by.startsWith(`${keyOf(one)}:`))
  await judge.ask({ ask: 'set', mutant: null }, 20_000)
  const again = job && (await judge.ask({ ask: 'run', job }, 10_000 + 6 * cost(job)))
  if (!again || (typeof again === 'object' && 'fault' in again && !again.fault)) return verdict
  judge.stop()
  return await trial(mutant, judge, jobs)
}

async function main(): Promise<void> {
  const program = await bundle()
  const judges = Array.from({ length: lanes }, (): Judge => new Process(program))
  process.on('exit', () => {
    for (const judge of judges) judge.stop()
  })
  const first = await judges[0].ask({ ask: 'jobs' }, 60_000)
  if (typeof first === 'string' || !('jobs' in first)) throw new Error(`the judge does not answer: ${first}`)
  const { jobs, adapter } = first
  say(`judged on ${adapter} by ${jobs.length} jobs; first without a mutant`)
  await learn(
    jobs.filter(({ kind }) => kind === 'differences' || kind === 'reference' || kind === 'values'),
    judges,
  )
  const kernels = new Set(
    plan.flatMap(({ mutant }) =>
      mutant.group === 'shader' ? reachOf(modules, mutant.file, mutant.start).map(({ kernel }) => kernel) : [],
    ),
  )
  if (kernels.size > 0) {
    await learn(
      jobs.filter(
        ({ kind, name }) =>
          kind === 'other' ||
          (kind === 'gpu' && baseline.get(keyOf({ kind: 'values', name }))?.launched.some((k) => kernels.has(k))),
      ),
      judges,
    )
  }
  say(`${baseline.size} jobs run, ${broken.length} of them fail and are left out`)
  const good = new Map<string, boolean>()
  for (const file of new Set(plan.flatMap(({ mutant }) => (mutant.group === 'shader' ? [mutant.file] : [])))) {
    const answer = await judges[0].ask({ ask: 'set', mutant: { file, text: textOf(file) } }, 60_000)
    good.set(file, typeof answer === 'object' && 'error' in answer && answer.error === '')
    if (!good.get(file)) say(`left out, does not compile without a mutant: ${file}`)
  }

  const verdicts: Verdict[] = []
  const sound = plan.filter(({ mutant }) => good.get(mutant.file) !== false)
  await each(sound, judges, async ({ mutant: one, queue }, judge) => {
    for (let mutant: Mutant | undefined = one; mutant; ) {
      const start = Date.now()
      const found = await trusted(mutant, judge, jobs)
      const verdict: Verdict =
        found.outcome === 'survived' ? { ...found, cause: causeOf(textOf(mutant.file), mutant) } : found
      verdicts.push(verdict)
      const done = verdicts.filter(({ outcome }) => outcome !== 'invalid').length
      const tidy = (s: string) => s.replace(/\s+/g, ' ')
      const change = `${tidy(mutant.original)} → ${tidy(mutant.mutated)}`
      const note = verdict.cause ?? verdict.by
      say(
        `[${done}/${sound.length}] ${verdict.outcome.padEnd(8)} ${mutant.file}:${verdict.line} ${mutant.where}: ${change} (${note}; ${((Date.now() - start) / 1000).toFixed(1)} s)`.slice(
          0,
          300,
        ),
      )
      // The place of an invalid one is taken by the next of its file (rules that are not in the bundle have no switch).
      const at: number = next.get(queue) ?? 0
      const substitute: Mutant | undefined =
        verdict.outcome === 'invalid' && mutant.group === 'shader' ? queue.list[at] : undefined
      next.set(queue, at + (substitute ? 1 : 0))
      mutant = substitute
    }
  })
  for (const judge of judges) judge.stop()
  report(verdicts, adapter, jobs.length)
}

function report(verdicts: Verdict[], adapter: string, jobs: number): void {
  const order = new Map(candidates.map((m, i) => [m, i]))
  verdicts.sort((a, b) => (order.get(a.mutant) ?? 0) - (order.get(b.mutant) ?? 0))
  const survivors = verdicts.filter(({ outcome }) => outcome === 'survived')
  for (const { mutant, line, cause } of survivors) {
    if (cause) continue
    const { before, after } = linesOf(textOf(mutant.file), mutant)
    console.log(
      `\nsurvivor ${mutant.file}:${line}\n${JSON.stringify({ file: mutant.file, original: before, mutated: after, cause: '' })}`,
    )
  }
  const { killed, survived, explained: known, invalid, rate } = count(verdicts)
  const seconds = (Date.now() - begun) / 1000
  console.log(
    `\n${killed} killed, ${survived} survived (${known} explained), ${invalid} invalid: ${rate} killed, ${seconds.toFixed(0)} s`,
  )
  if (!given.only && !given.limit) {
    const facts = {
      Date: new Date().toISOString().slice(0, 10),
      Command: `\`npm run mutants${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}\` (seed ${seed}), ${seconds.toFixed(0)} s with ${lanes} processes`,
      Adapter: adapter,
      Jobs: `${jobs}, of which ${broken.length} failed without a mutant and were left out`,
      Total: `${killed} of ${killed + survived} killed, ${rate}; of ${survived} survivors ${known} are explained`,
    }
    writeFileSync(join(root, 'docs/made/mutants.md'), page(verdicts, facts))
    console.log('written to docs/made/mutants.md')
  }
  console.log(`${killed + known} passed, ${survived - known} failed`)
  process.exitCode = survived > known ? 1 : 0
}

try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

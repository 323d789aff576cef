/** @file One weakened kernel: what the interpreter says of it, and whether the adapter waves it through. */
import { fileURLToPath } from 'node:url'
import type { ShaderModule } from '../../src/core/contract.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { lineOf } from '../mutants/mutant.ts'
import { textOf } from '../mutants/planted.ts'
import { each, Process } from '../mutants/process.ts'
import { type Ran, waysTo } from '../mutants/reach.ts'
import type { Job, Reply, Request, Told } from './judge.ts'
import type { Weakened } from './weaken.ts'

const modules: Readonly<Record<string, readonly ShaderModule[]>> = wgsl

export type Outcome = 'named' | 'other value' | 'equivalent' | 'missed' | 'not run' | 'does not compile'

export interface Trial extends Weakened {
  readonly line: number
  readonly outcome: Outcome
  /** The fault, a failed check, the reason. */
  readonly by: string
  /** Whether rows that ran it on the adapter all were right; undefined: none ran it. */
  readonly wavedThrough?: boolean
  /** What the adapter's rows said first. */
  readonly noticed?: string
}

type Result = Extract<Reply, { faults: unknown }>
export type Judge = Process<Request, Reply>
export const makeJudge = (): Judge =>
  new Process(fileURLToPath(new URL('judge.ts', import.meta.url)), ['--import', 'tsx'])

/** Milliseconds for a job; for all of a mutant on the interpreter, once more in wider ones, and on the adapter. */
const [PATIENCE, ENOUGH, WIDE, ADAPTER] = [180_000, 20_000, 90_000, 12_000]

const told = ({ kind, text }: Told): string => `${kind}: ${text}`

const keyOf = ({ pass, what }: Job): string => `${pass} ${what}`

async function ask(judge: Judge, request: Request): Promise<Result | string> {
  const reply = await judge.ask(request, PATIENCE)
  return typeof reply === 'object' && !('faults' in reply) ? 'no result' : reply
}

/** What each job runs without a mutant, and how long it takes; those that fail are left out. */
export class Trials {
  private readonly known = new Map<string, { readonly ran: readonly Ran[]; readonly milliseconds: number }>()
  /** Whether a job is right on the adapter without a mutant. */
  private readonly sound = new Map<string, boolean>()
  private jobs: readonly Job[] = []
  adapter = ''
  readonly broken: string[] = []

  async learn(judges: readonly Judge[], step: (done: number, all: number) => void): Promise<void> {
    const first = await judges[0].ask({ ask: 'jobs' }, PATIENCE)
    if (typeof first === 'string' || !('jobs' in first)) throw new Error(`the judge does not answer: ${first}`)
    this.jobs = first.jobs
    this.adapter = first.adapter
    await each(this.jobs, judges, async (job, judge) => {
      const result = await ask(judge, { ask: 'run', job, on: 'interpreter', wide: false })
      if (typeof result === 'string' || result.faults.length + result.failed.length > 0)
        this.broken.push(
          `${keyOf(job)}: ${typeof result === 'string' ? result : [...result.failed, result.faults[0]?.text][0]}`,
        )
      else this.known.set(keyOf(job), result)
      step(this.known.size + this.broken.length, this.jobs.length)
    })
  }

  async of(weakened: Weakened, judge: Judge): Promise<Trial> {
    const { mutant } = weakened
    const text = textOf(mutant.file)
    const change = { file: mutant.file, text: text.slice(0, mutant.start) + mutant.mutated + text.slice(mutant.end) }
    const base = { ...weakened, line: lineOf(text, mutant.start) }
    const ways = waysTo(modules, mutant.file, mutant.start)
    const jobs = this.inOrder(ways)
    if (jobs.length === 0) return { ...base, outcome: 'not run', by: 'no row runs it' }
    const set = () => judge.ask({ ask: 'set', change }, PATIENCE)
    await set()
    const { job: by, ...said } = await this.interpreted(jobs, judge, set)
    if (said.outcome === 'does not compile') return { ...base, ...said }
    // First the row that told of it here.
    const gpu = await this.onAdapter([...new Set([...(by ? [by] : []), ...jobs])], judge, set, ways)
    await judge.ask({ ask: 'set', change: null }, PATIENCE)
    return { ...base, ...said, ...gpu }
  }

  /** Jobs that run a place: each way first once by the quickest, then the rest. */
  private inOrder(ways: (ran: readonly Ran[]) => string[]): Job[] {
    const own = this.jobs.flatMap((job) => {
      const result = this.known.get(keyOf(job))
      const found = result ? ways(result.ran) : []
      return result && found.length > 0 ? [{ job, found, cost: result.milliseconds }] : []
    })
    own.sort((a, b) => a.cost - b.cost)
    const seen = new Set<string>()
    const first = own.filter(({ found }) => {
      const fresh = found.some((way) => !seen.has(way))
      for (const way of found) seen.add(way)
      return fresh
    })
    return [...new Set([...first, ...own])].map(({ job }) => job)
  }

  private async interpreted(jobs: readonly Job[], judge: Judge, set: () => Promise<unknown>) {
    let value: { readonly by: string; readonly job: Job } | undefined
    let whole: { readonly by: string; readonly job: Job } | undefined
    for (const wide of [false, true]) {
      const end = Date.now() + (wide ? WIDE : ENOUGH)
      for (const job of jobs) {
        if (Date.now() > end) break
        const result = await ask(judge, { ask: 'run', job, on: 'interpreter', wide })
        if (typeof result === 'string') {
          // Nothing that a mutant may do makes the interpreter late: the machine was busy.
          await set()
          continue
        }
        // Faults of a dispatch as a whole name its entry point; another may name the line.
        const fault = result.faults.find(({ kind }) => kind !== 'order')
        if (fault) return { outcome: 'named', by: told(fault), job } as const
        const [[order], [failed]] = [result.faults, result.failed]
        if (order) whole ??= { by: told(order), job }
        if (failed && /\.wgsl:\d+: /.test(failed)) return { outcome: 'does not compile', by: failed, job } as const
        if (failed) value ??= { by: `${job.what}: ${failed}`, job }
      }
      if (whole) return { outcome: 'named', ...whole } as const
      if (value) return { outcome: 'other value', ...value } as const
    }
    return { outcome: 'missed', by: `${jobs.length} jobs`, job: undefined } as const
  }

  private async onAdapter(
    jobs: readonly Job[],
    judge: Judge,
    set: () => Promise<unknown>,
    ways: (ran: readonly Ran[]) => string[],
  ): Promise<Pick<Trial, 'wavedThrough' | 'noticed'>> {
    const end = Date.now() + ADAPTER
    let reached = false
    for (const job of jobs) {
      if (Date.now() > end) break
      const request = { ask: 'run', job, on: 'webgpu', wide: false } as const
      const result = await ask(judge, request)
      if (typeof result === 'object') reached ||= ways(result.ran).length > 0
      const noticed = typeof result === 'string' ? `the process is ${result}` : result.failed[0]
      if (!noticed) continue
      if (!this.sound.has(keyOf(job))) {
        await judge.ask({ ask: 'set', change: null }, PATIENCE)
        const plain = await ask(judge, request)
        this.sound.set(keyOf(job), typeof plain === 'object' && plain.failed.length === 0)
        await set()
      }
      if (this.sound.get(keyOf(job))) return { wavedThrough: false, noticed: `${job.what}: ${noticed}` }
    }
    return reached ? { wavedThrough: true } : {}
  }
}

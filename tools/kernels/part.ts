/** @file One of the processes of main.ts: runs the jobs whose number it is asked for, one after the other. */
import { check, type Outcome } from '../../test/interpreter/passes.ts'
import { CASES, jobsOf } from './jobs.ts'

/** What is told of a job: sets do not travel. */
export interface Told extends Omit<Outcome, 'ran'> {
  readonly ran: readonly string[]
}

const [facts, ...kernels] = process.argv.slice(2)
const jobs = jobsOf(kernels, facts === '-' ? undefined : facts)

process.on('message', async (number: number) => {
  const { pass, what } = jobs[number]
  const failure = (error: unknown): Outcome => ({
    passed: 0,
    failed: [`${pass.facts} ${what}: ${error instanceof Error ? error.message : error}`],
    ran: new Set(),
  })
  const { passed, failed, ran } = await check(what, pass, CASES).catch(failure)
  process.send?.({ passed, failed, ran: [...ran] } satisfies Told)
})

/**
 * @file Keeps a verifying process at work: one that ends or says nothing for too long costs the unit that it was at,
 * and another goes on behind it; where none can, the rest is lost.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { HandgradError } from '../core/errors.ts'
import type { Place } from '../verify/report.ts'
import { cutShort, type Outcome, type Unit, type Verdict } from '../verify/verdict.ts'
import type { Message, Task } from './verifier.ts'

/** Processes that may be lost; then the rest is given up. */
const MOST_LOST = 20
/** Of what a process said, how much is shown when it ends. */
const LAST_WORDS = 2000

export interface Listener {
  started(place: Place, units: readonly Unit[]): void
  judged(verdict: Verdict): void
}

/**
 * Run all units of a task.
 * @param program   verifier.ts
 * @param patience  seconds without a verdict after which a unit counts as hung
 * @throws HandgradError if the first process refuses the task, or ends before it knows what to do
 */
export async function supervise(program: string, task: Omit<Task, 'from'>, patience: number, told: Listener) {
  let units: readonly Unit[] | undefined
  let from = 0
  let lost = 0
  const giveUp = (rest: readonly Unit[], outcome: Outcome, what: string): void => {
    for (const unit of rest) told.judged(cutShort(unit, outcome, what, 0))
  }
  while (units === undefined || from < units.length) {
    const begun = performance.now()
    const known: readonly Unit[] | undefined = units
    const end = await one(program, { ...task, from }, patience, (message) => {
      if ('place' in message) {
        units = message.units
        if (known === undefined) told.started(message.place, message.units)
      } else if ('verdict' in message) {
        from++
        told.judged(message.verdict)
      }
    })
    if (end instanceof Error) {
      if (units === undefined) throw end
      // What was found is not lost with the adapter.
      return giveUp(units.slice(from), 'lost', `not run: ${end.message}`)
    }
    if (units === undefined) throw new HandgradError('verify', `the verifying process ${end.what}`)
    if (from === units.length) return
    const seconds = (performance.now() - begun) / 1000
    told.judged(cutShort(units[from++], end.outcome, end.what, seconds))
    if (++lost === MOST_LOST) return giveUp(units.slice(from), 'ended', `not run: ${MOST_LOST} processes were lost`)
  }
}

interface End {
  readonly outcome: 'hung' | 'ended'
  readonly what: string
}

/** One process, to its end; an error: it did not start, or refused. */
function one(program: string, task: Task, patience: number, told: (message: Message) => void): Promise<End | Error> {
  const child: ChildProcess = fork(program, {
    // What a driver prints is kept for the case that it ends.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // JSON would make null of Infinity.
    serialization: 'advanced',
  })
  return new Promise((resolve) => {
    let words = ''
    let end: End | undefined
    let timer: NodeJS.Timeout | undefined
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        end = { outcome: 'hung', what: `nothing was heard for ${patience} s` }
        child.kill('SIGKILL')
      }, patience * 1000)
    }
    wait()
    child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)))
    child.on('error', resolve)
    child.on('message', (message: Message) => {
      wait()
      if ('refused' in message) resolve(new HandgradError(message.refused.op, message.refused.text))
      else told(message)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve(
        end ?? { outcome: 'ended', what: `ended with ${signal ?? `code ${code}`}${words && `: ${words.trim()}`}` },
      )
    })
    child.send(task)
  })
}

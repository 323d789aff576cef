/**
 * @file Threads of a workgroup take turns: each runs to the next barrier, subgroup operation or its end, and goes on
 * when all have come. Entry points without any are plain functions, which are called.
 */
import type { Me } from './me.ts'
import { answer, type Request } from './subgroups.ts'

/** What a thread yields: a barrier's site (negative: of storage), or a subgroup operation. */
export type Wait = number | Request

export interface Threads {
  readonly count: number
  /** An entry point in which threads wait: a generator each. */
  readonly waiting: boolean
  readonly reversed: boolean
  readonly me: Me
  /** Before a thread runs. */
  enter(thread: number): void
  /** After it ran. */
  pause(thread: number): void
  /** Begins the thread that was entered. */
  start(): Generator<Wait, void, unknown> | undefined
  /** All threads have come to a barrier: its site, as they yield it. */
  passed(wait: number): void
  /** Threads are at different barriers, or some have ended. */
  apart(threads: readonly (number | undefined)[]): void
  /** A lane asks one that is not there. */
  absent(thread: number, site: number, lane: number): void
}

/** Runs one workgroup to its end. @returns false if its threads do not come together */
export function runGroup(threads: Threads): boolean {
  const { count, reversed } = threads
  const order = Array.from({ length: count }, (_, i) => (reversed ? count - 1 - i : i))
  if (!threads.waiting) {
    for (const thread of order) {
      threads.enter(thread)
      threads.start()
    }
    return true
  }
  const running: (Generator<Wait, void, unknown> | undefined)[] = new Array(count)
  for (const thread of order) {
    threads.enter(thread)
    running[thread] = threads.start()
  }
  const waits: (Wait | undefined)[] = new Array(count)
  let next: readonly number[] = order
  let answers: ReadonlyMap<number, unknown> | undefined
  for (;;) {
    let areAsking = false
    for (const thread of next) {
      threads.enter(thread)
      const step = (running[thread] as Generator<Wait, void, unknown>).next(answers?.get(thread))
      threads.pause(thread)
      const wait = step.done ? undefined : step.value
      waits[thread] = wait
      areAsking ||= typeof wait === 'object'
    }
    // Those who wait for another operation than the first in the text ask again.
    answers = areAsking || answers ? answer(waits, threads.me, threads.absent) : undefined
    if (answers && answers.size > 0) {
      const all = answers
      next = order.filter((thread) => all.has(thread))
      continue
    }
    answers = undefined
    const first = waits[0]
    for (let thread = 1; thread < count; thread++) {
      if (waits[thread] === first) continue
      threads.apart(waits as (number | undefined)[]) // nobody asks, so these are barriers
      return false
    }
    if (first === undefined) return true
    threads.passed(first as number)
    next = order
  }
}

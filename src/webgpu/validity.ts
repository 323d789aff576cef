/**
 * @file What the contents of a block depend on while WebGPU has not said yet whether a pipeline is valid. Errors come
 * asynchronously and launches go on, so a block carries the verdicts that it waits for. Whether a whole command buffer
 * was valid is found out in recorder.ts.
 */

/**
 * One question put to WebGPU. `answered` never rejects; once it is resolved, `error` says what was wrong, if anything.
 */
export interface Verdict {
  settled: boolean
  error: Error | undefined
  answered: Promise<void>
}

/** Verdicts that all must be good. Values are shared, never changed. */
export type Verdicts = readonly Verdict[]

/** Ask: the promise resolves to an error, or to undefined if all is well. */
export function ask(question: Promise<Error | undefined>): Verdict {
  const verdict: Verdict = { settled: false, error: undefined, answered: Promise.resolve() }
  const decide = (error: Error | undefined) => {
    verdict.error = error
    verdict.settled = true
  }
  // What cannot be answered any more (lost device) is not an error of the pipeline.
  verdict.answered = question.then(decide, () => decide(undefined))
  return verdict
}

/** Both: `a` or `b` itself where one contains the other, so that chains of launches share one array. */
export function join(a: Verdicts | undefined, b: Verdicts | undefined): Verdicts | undefined {
  if (!a || a === b) return b ?? a
  if (!b) return a
  const missing = b.filter((verdict) => !a.includes(verdict))
  if (missing.length === 0) return a
  return a.length + missing.length === b.length ? b : [...a, ...missing]
}

/** The first error among answered verdicts. */
export function errorOf(verdicts: Verdicts): Error | undefined {
  for (const verdict of verdicts) if (verdict.error) return verdict.error
  return undefined
}

/** The verdicts still open, undefined if there are none. */
export function openOf(verdicts: Verdicts): Verdicts | undefined {
  if (!verdicts.some((verdict) => verdict.settled)) return verdicts
  const open = verdicts.filter((verdict) => !verdict.settled)
  return open.length === 0 ? undefined : open
}

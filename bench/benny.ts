/**
 * @file benny takes the turns of a round. What a turn measures is by our clocks, and so are the statistics: of benny's
 * own figures, which are of the wall's clock only, none is used.
 */
import b from 'benny'
import type { Driver } from '../src/bench/rounds.ts'

export const byBenny: Driver = async (title, turns) => {
  let failure: { readonly error: unknown } | undefined
  // benny calls each case once or twice to learn whether it waits, all cases at the same time, before it takes samples
  // of its own. Two samples at once would be of each other: here one begins when the one before has ended.
  let last = Promise.resolve()
  const entries = turns.map(({ name, sample }) => {
    const next = async (): Promise<void> => {
      if (!failure) await sample().catch((error: unknown) => (failure = { error }))
    }
    return b.add(name, () => (last = last.then(next)), { minSamples: 1, maxTime: 0 })
  })
  await quietly(() => b.suite(title, ...entries))
  await last
  if (failure) throw failure.error
}

/** benny announces each suite in a line, and cannot be told not to: it would break the progress bar. */
async function quietly(run: () => Promise<unknown>): Promise<void> {
  const { log } = console
  console.log = () => {}
  try {
    await run()
  } finally {
    console.log = log
  }
}

/**
 * @file benny takes the turns of a round. What a turn measures is by our clocks, and so are the statistics: of benny's
 * own figures, which are of the wall's clock only, none is used.
 */
import b from 'benny'
import type { Driver } from '../src/bench/rounds.ts'

export const byBenny: Driver = async (title, turns) => {
  let failure: { readonly error: unknown } | undefined
  const entries = turns.map(({ name, sample }) =>
    // benny calls a case once to learn whether it waits, without waiting for it to fail, and then for a sample of its
    // own: two samples of ours a round.
    b.add(
      name,
      async () => {
        if (!failure) await sample().catch((error: unknown) => (failure = { error }))
      },
      { minSamples: 1, maxTime: 0 },
    ),
  )
  await quietly(() => b.suite(title, ...entries))
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

/**
 * @file Runs a recorded step again by its launches alone, as a recorder would: what advances must be cells, not code
 * around them.
 */
import type { Device, Launch } from '../../src/core/device.ts'
import { Live } from '../../src/core/kernel.ts'
import { tap } from '../../src/core/tap.ts'

/**
 * Run `step` twice, and return a function that runs its launches again: each live cell advances once, in the order in
 * which cells were met. The second time is recorded: the first makes what lasts, such as an optimizer's state, which is
 * not to be made again. Blocks that the step frees stay, because the launches still name them.
 */
export function record(device: Device, step: () => void): () => void {
  step()
  const launches: Launch[] = []
  const untap = tap(device, {
    run: (next, launch) => {
      launches.push(launch)
      next(launch)
    },
    free: () => undefined,
  })
  step()
  untap()
  const cells = new Set(
    launches.flatMap(({ params }) => Object.values(params).filter((value) => value instanceof Live)),
  )
  return () => {
    for (const cell of cells) cell.advance()
    for (const launch of launches) device.run(launch)
  }
}

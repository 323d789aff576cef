/**
 * @file The method: rounds in which all cases take turns, so that a slow minute meets them all, until each median is
 * known well enough or the time is up. Between rounds a fixed probe watches whether the machine itself has changed.
 */
import { medianInterval, quantile, sortedCopy } from './stats.ts'

/** One case's part of a round. */
export interface Turn {
  readonly name: string
  /** Take a sample. @returns seconds, of the clock that decides when there are enough */
  sample(): Promise<number>
}

/** Runs the turns of one round, one after the other. */
export type Driver = (title: string, turns: readonly Turn[]) => Promise<void>

/** The plain one; benny may stand in its place (bench/benny.ts). */
export const inOrder: Driver = async (_, turns) => {
  for (const turn of turns) await turn.sample()
}

export interface RoundsOptions {
  /** Time that all of it may take. */
  readonly seconds: number
  /** Rounds that there are at least and at most. */
  readonly least?: number
  readonly most?: number
  /** A case is done when the 95 % interval of its median is narrower than this share of it. */
  readonly within?: number
  /** Measured before each round. */
  readonly probe?: Turn
  readonly driver?: Driver
  /** Told after each round: the share of it that is done. */
  readonly progress?: (done: number, round: number) => void
  readonly signal?: AbortSignal
}

/** How the rounds of one case ended: its median is settled, or the time was up. */
export type Ended = 'settled' | 'time'

export interface RoundsResult {
  /** In the order of the turns. */
  readonly ended: readonly Ended[]
  readonly rounds: number
  /** How far the probe moved: its slowest third over its fastest, less 1; 0 without a probe. */
  readonly drift: number
  /** Seconds of the probe, one for each round. */
  readonly probes: readonly number[]
}

/** From this drift on a run is marked: the machine did not stay as it was. */
export const DRIFTED = 0.1

const SETTLED = 0.02

export async function rounds(turns: readonly Turn[], options: RoundsOptions): Promise<RoundsResult> {
  const { seconds, least = 5, most = 100, within = SETTLED, probe, driver = inOrder, progress, signal } = options
  const samples = turns.map((): number[] => [])
  const settled = turns.map(() => false)
  const probes: number[] = []
  const begun = performance.now()
  const used = () => (performance.now() - begun) / 1e3
  let round = 0
  while (round < most && settled.includes(false) && (round < least || used() < seconds)) {
    signal?.throwIfAborted()
    if (probe) probes.push(await probe.sample())
    const open = turns.flatMap((turn, i) => (settled[i] ? [] : [{ turn, i }]))
    // Each round begins with another case, so that none always follows the same one.
    const first = round % open.length
    const order = [...open.slice(first), ...open.slice(0, first)]
    const title = `round ${round + 1}`
    await driver(
      title,
      order.map(({ turn, i }) => ({
        name: turn.name,
        sample: async () => {
          signal?.throwIfAborted()
          const taken = await turn.sample()
          samples[i].push(taken)
          return taken
        },
      })),
    )
    round++
    for (const { i } of open) settled[i] = round >= least && isSettled(samples[i], within)
    const share = settled.filter(Boolean).length / turns.length
    progress?.(Math.min(1, Math.max(share, used() / seconds)), round)
  }
  return { ended: settled.map((done) => (done ? 'settled' : 'time')), rounds: round, drift: driftOf(probes), probes }
}

function isSettled(values: readonly number[], within: number): boolean {
  if (values.length < 6) return false
  const sorted = sortedCopy(values)
  const [low, high] = medianInterval(sorted)
  return high - low < within * quantile(sorted, 0.5)
}

/** Medians of three in a row, so that one interruption alone does not count as drift. */
function driftOf(probes: readonly number[]): number {
  if (probes.length < 3) return 0
  const smooth = probes.slice(2).map((_, i) => quantile(sortedCopy(probes.slice(i, i + 3)), 0.5))
  return Math.max(...smooth) / Math.min(...smooth) - 1
}

/**
 * @file Proof of the clocks: a loop of n dependent multiply-adds takes a + b·n, by the device's clock and by the
 * wall's.
 */
import type { Clock, ClockName, Reading } from '../../src/bench/clock.ts'
import { bufferOf, Program } from '../../src/bench/program.ts'
import { rounds } from '../../src/bench/rounds.ts'
import { median } from '../../src/bench/stats.ts'
import { benchShaders } from '../../src/bench/wgsl.generated.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'

/** Multiply-adds of a chain in one round of shaders/bench/fma.wgsl. */
const UNROLLED = 16
const LANES = 64
/** Of the longest loop, which takes so many seconds. */
const SHARES = [0.02, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const
const LONGEST = 0.02
/** Points from here on have to fit. */
const FROM = 1e-3
const WITHIN = 0.03

export interface Line {
  readonly clock: ClockName
  /**
   * What the samples of a point were made one number by; `round`: the median of its share of each round, since a
   * machine that others use as well is now faster, now slower, and within a round about the same.
   */
  readonly of: 'median' | 'fastest' | 'round'
  /** Seconds, and seconds for each multiply-add of a chain. */
  readonly a: number
  readonly b: number
  readonly points: readonly { readonly n: number; readonly seconds: number; readonly off: number }[]
  /** The largest |off| of points of 1 ms and more. */
  readonly worst: number
  readonly holds: boolean
}

/** The line through the points that is off the least, as a share of each point: least squares, weighted by 1/y². */
export function straight(points: readonly (readonly [number, number])[]): { a: number; b: number } {
  let [s, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0]
  for (const [x, y] of points) {
    const w = 1 / y ** 2
    s += w
    sx += w * x
    sy += w * y
    sxx += w * x * x
    sxy += w * x * y
  }
  const b = (s * sxy - sx * sy) / (s * sxx - sx * sx)
  return { a: (sy - b * sx) / s, b }
}

export async function lines(device: WebGPUDevice, clock: Clock, seconds: number): Promise<Line[]> {
  const { gpu, facts } = device
  const file = 'bench/fma.wgsl'
  const program = await Program.of(gpu, { code: benchShaders[file], file, entry: 'fma_f32', constants: { LANES } })
  const threads = facts.software ? 4096 : 2 ** 18
  const y = bufferOf(gpu, new Float32Array(threads))
  const workOf = (times: number) =>
    program.work(
      [program.bind({ 0: y, 1: bufferOf(gpu, new Float32Array([times, 0.5, 0.25])) })],
      [threads / LANES, 1, 1],
    )
  // How many rounds the longest loop has, from the fastest of some tries.
  const trial = workOf(64)
  let taken = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10; i++) taken = Math.min(taken, (await clock.measure(trial, 1)).wall)
  const most = Math.ceil((64 * LONGEST) / taken)
  const counts = [...new Set(SHARES.map((share) => Math.max(1, Math.round(share * most))))]
  const readings = counts.map((): Reading[] => [])
  const turns = counts.map((times, i) => {
    const work = workOf(times)
    return {
      name: `${times}`,
      async sample() {
        const reading = await clock.measure(work, 1)
        readings[i].push(reading)
        return reading.wall
      },
    }
  })
  // No point is done before the others: every round has all of them.
  await rounds(turns, { seconds, within: 0, most: 400 })
  const clocks: readonly ClockName[] = clock.best === 'gpu' ? ['gpu', 'wall'] : ['wall']
  return clocks.flatMap((by) =>
    (['median', 'fastest', 'round'] as const).map((of) => {
      const all = readings.map((list) => list.map((reading) => reading[by] ?? Number.NaN))
      const seconds =
        of === 'fastest' ? all.map((list) => Math.min(...list)) : (of === 'round' ? ofRounds(all) : all).map(median)
      return lineOf(
        by,
        of,
        counts.map((times, i) => [UNROLLED * times, seconds[i]]),
      )
    }),
  )
}

/** Samples of points by rounds, each as if its round had been as fast as the median one. */
export function ofRounds(points: readonly (readonly number[])[]): number[][] {
  const count = Math.min(...points.map((list) => list.length))
  const totals = Array.from({ length: count }, (_, r) => points.reduce((sum, list) => sum + list[r], 0))
  const usual = median(totals)
  return points.map((list) => totals.map((total, r) => (list[r] * usual) / total))
}

export function lineOf(clock: ClockName, of: Line['of'], all: readonly (readonly [number, number])[]): Line {
  const { a, b } = straight(all.filter(([, seconds]) => seconds >= FROM))
  const points = all.map(([n, seconds]) => ({ n, seconds, off: (a + b * n) / seconds - 1 }))
  const worst = Math.max(...points.filter(({ seconds }) => seconds >= FROM).map(({ off }) => Math.abs(off)))
  return { clock, of, a, b, points, worst, holds: worst <= WITHIN }
}

/** @file Multiply-adds in registers, in float32 and where the device has it in float16. */
import { FMA_FLOP } from '../probe.ts'
import { ulpOf } from '../ulp.ts'
import { firstWrong, type Ground, type Limit } from './limit.ts'

export const FMA_F32 = 'multiply-adds f32'
export const FMA_F16 = 'multiply-adds f16'

const CHAINS = 12
const UNROLLED = 16
/** Few enough that counting by ones stays exact in float16. */
const ROUNDS = 64
/** Of 16 roundings, each of half an ulp or, where the product is rounded too, one. */
const ALLOWED = 16

/** What a thread of fma.wgsl writes, in float64. */
function chains(first: number, steps: number, a: number, b: number): number {
  let sum = 0
  for (let j = 0; j < CHAINS; j++) {
    let x = first + j
    for (let i = 0; i < steps; i++) x = x * a + b
    sum += x
  }
  return sum
}

async function fma(ground: Ground, half: boolean): Promise<Limit> {
  const { lanes, threads } = ground
  const program = await (half ? ground.program('fma_f16', 'fma_f16') : ground.program('fma', 'fma_f32'))
  const y = ground.buffer(4 * threads)
  const params = (rounds: number, a: number, b: number) => ground.buffer(new Float32Array([rounds, a, b]))
  const grid = [threads / lanes, 1, 1] as const
  const workOf = (p: GPUBuffer) => program.work([program.bind({ 0: y, 1: p })], grid)
  const first = (i: number) => (half ? i & 7 : i)
  const [counting, once] = [workOf(params(ROUNDS, 1, 1)), workOf(params(1, 0.75, 0.375))]
  return {
    name: half ? FMA_F16 : FMA_F32,
    unit: 'FLOP/s',
    amount: FMA_FLOP * ROUNDS * threads,
    work: workOf(params(ROUNDS, 0.5, 0.25)),
    async check() {
      // Adding 1 as often as the figure's run does is exact; a factor is tried on a round, in units of the last place.
      counting.run()
      const count = firstWrong(
        await ground.floats(y),
        (i) => {
          const whole = CHAINS * (first(i) + UNROLLED * ROUNDS) + (CHAINS * (CHAINS - 1)) / 2
          return Math.fround(whole)
        },
        (x, right) => Math.abs(x - right) <= (right < 2 ** 24 ? 0 : ALLOWED * ulpOf(right)),
      )
      if (count) return count
      once.run()
      const ulp = (x: number) => ulpOf(x) * (half ? 2 ** 13 : 1)
      return firstWrong(
        await ground.floats(y),
        (i) => chains(first(i), UNROLLED, 0.75, 0.375),
        (x, right) => Math.abs(x - right) <= ALLOWED * ulp(right),
      )
    },
  }
}

export const arithmetic = async (ground: Ground): Promise<Limit[]> => [
  await fma(ground, false),
  ...(ground.features.has('shader-f16') ? [await fma(ground, true)] : []),
]

/**
 * @file Proof that nothing leaks into a kernel's figure: a delay planted into compiling, into the first run or into
 * uploads is found in the row of that cost, and the kernel's figure stays within its interval.
 */
import type { Suite } from '../../src/bench/case.ts'
import { Clock } from '../../src/bench/clock.ts'
import { compiling } from '../../src/bench/cold.ts'
import { measureCosts } from '../../src/bench/costs.ts'
import type { Figure } from '../../src/bench/figure.ts'
import { measureSuite, type Setting } from '../../src/bench/measure.ts'
import { uniform } from '../../src/bench/numbers.ts'
import { probeOf } from '../../src/bench/probe.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'

/** Of what is planted, what its row has to grow by at least, and any other at most. */
const [MOST, LEAST] = [0.9, 0.5]
/** An interval wider than this says nothing. */
const KNOWN = 0.1
/** Smaller writes are uniforms, of which a launch has one on adapters without immediate data. */
const LEAST_BYTES = 4096
const SIZE = [512, 512]

/** A kernel that is short against every delay. */
const suite: Suite = {
  name: 'proof',
  about: 'a sum of two tensors',
  cases: () => [
    {
      name: 'add',
      flop: SIZE[0] * SIZE[1],
      bytes: 12 * SIZE[0] * SIZE[1],
      inputs: (device, seed) => [uniform(SIZE, 2 * seed, device), uniform(SIZE, 2 * seed + 1, device)],
      run: ([x, y]) => x.add(y),
    },
  ],
}

function wait(seconds: number): void {
  const end = performance.now() + 1e3 * seconds
  while (performance.now() < end);
}

/** Where a delay may be planted, and the row in which it has to be found. */
const PLANTS = {
  compile: {
    seconds: 0.3,
    row: 'pipeline, compiled on a fresh device',
    plant({ gpu }: WebGPUDevice) {
      const { createComputePipeline, createComputePipelineAsync } = gpu
      gpu.createComputePipeline = (descriptor) => {
        wait(PLANTS.compile.seconds)
        return createComputePipeline.call(gpu, descriptor)
      }
      gpu.createComputePipelineAsync = (descriptor) => {
        wait(PLANTS.compile.seconds)
        return createComputePipelineAsync.call(gpu, descriptor)
      }
    },
  },
  // A software adapter compiles in it, which takes 0.2 s.
  'first run': {
    seconds: 0.3,
    row: 'first run on a fresh device',
    plant({ gpu }: WebGPUDevice) {
      const { createCommandEncoder } = gpu
      let first = true
      gpu.createCommandEncoder = (descriptor) => {
        const encoder = createCommandEncoder.call(gpu, descriptor)
        const { beginComputePass } = encoder
        encoder.beginComputePass = (passes) => {
          if (first) wait(PLANTS['first run'].seconds)
          first = false
          return beginComputePass.call(encoder, passes)
        }
        return encoder
      }
    },
  },
  upload: {
    seconds: 0.1,
    row: 'upload, 16 MiB',
    plant({ gpu: { queue } }: WebGPUDevice) {
      const { writeBuffer } = queue
      queue.writeBuffer = (...args: Parameters<GPUQueue['writeBuffer']>) => {
        const [, , data, , size] = args
        if ((size ?? data.byteLength) >= LEAST_BYTES) wait(PLANTS.upload.seconds)
        writeBuffer.apply(queue, args)
      }
    },
  },
} as const
type Plant = keyof typeof PLANTS

export interface Delay {
  readonly planted: Plant
  readonly seconds: number
  /** Seconds by which each row of `PLANTS` grew: of its fastest tenth, which other programs change the least. */
  readonly rows: Readonly<Record<string, number>>
  /** Milliseconds of compiling in the kernel's figure. */
  readonly compile: { readonly before: number; readonly after: number }
  /**
   * The kernel's figures by the device's clock and the wall's: medians' 95 % intervals in seconds. Without the delay it
   * is measured before and after, and the interval reaches over both: machines change a little from minute to minute.
   * The host's clock is left out: on a software adapter the device's threads and the host's take turns.
   */
  readonly kernel: readonly {
    readonly inputs: string
    readonly clock: string
    readonly without: readonly [number, number]
    readonly planted: readonly [number, number]
    readonly within: boolean
    /** The intervals are narrow enough to say so. */
    readonly known: boolean
  }[]
  /** Only its own row grew, by the delay. */
  readonly found: boolean
  readonly kernelHolds: boolean
}

interface Measured {
  readonly kernel: readonly Figure[]
  readonly costs: readonly Figure[]
}

async function measured(make: () => Promise<WebGPUDevice>, plant: Plant | null, seconds: number): Promise<Measured> {
  const open = async (): Promise<WebGPUDevice> => {
    const device = await make()
    if (plant) PLANTS[plant].plant(device)
    return device
  }
  const device = await open()
  const clock = await Clock.of(device)
  try {
    const probe = await probeOf(device, clock)
    const base: Setting = { device, clock, scale: 'small', peaks: null, probe, seconds, compile: compiling(open), open }
    const { figures: kernel } = await measureSuite(suite, base)
    const only = ['fresh device', 'upload, 16 MiB']
    const { figures: costs } = await measureCosts({ ...base, seconds: seconds / 3, only })
    return { kernel, costs }
  } finally {
    clock.destroy()
    device.destroy()
  }
}

/** Each delay against a measurement without one right before it. */
export async function delays(
  make: () => Promise<WebGPUDevice>,
  seconds: number,
  say: (line: string) => void,
): Promise<Delay[]> {
  const found: Delay[] = []
  for (const planted of Object.keys(PLANTS) as Plant[]) {
    const before = await measured(make, null, seconds)
    const after = await measured(make, planted, seconds)
    const one = compared(planted, before, after, await measured(make, null, seconds))
    const grown = Object.entries(one.rows).map(([row, by]) => `${row} +${(1e3 * by).toFixed(0)} ms`)
    say(
      `delay of ${1e3 * one.seconds} ms in ${planted}: ${grown.join(', ')}; ${one.found ? 'found' : 'NOT FOUND'} in its row alone`,
    )
    for (const { inputs, clock, without, planted: is, within, known } of one.kernel)
      say(
        `  kernel, ${inputs}, ${clock}: ${micro(without)} without, ${micro(is)} with: ${within ? 'within' : 'OUTSIDE of'} its interval${known ? '' : ', WHICH IS TOO WIDE'}`,
      )
    found.push(one)
  }
  return found
}

const micro = ([low, high]: readonly [number, number]): string =>
  `${(1e6 * low).toFixed(1)} – ${(1e6 * high).toFixed(1)} µs`

const intervalOf = ({ seconds: { median, uncertain } }: Figure): readonly [number, number] => [
  median * (1 - uncertain),
  median * (1 + uncertain),
]

/** @param again  once more without the delay, after it */
export function compared(planted: Plant, before: Measured, after: Measured, again: Measured): Delay {
  const wall = ({ costs }: Measured, row: string): number =>
    costs.find(({ name, clock }) => name === row && clock === 'wall')?.seconds.p10 ?? Number.NaN
  const rows = Object.fromEntries(
    Object.values(PLANTS).map(({ row }) => [row, wall(after, row) - Math.max(wall(before, row), wall(again, row))]),
  )
  const kernel = before.kernel.flatMap((first, i) => {
    if (first.clock === 'host') return []
    const all = [first, after.kernel[i], again.kernel[i]]
    const [[l1, h1], is, [l2, h2]] = all.map(intervalOf)
    const without = [Math.min(l1, l2), Math.max(h1, h2)] as const
    const known = all.every(({ seconds }) => seconds.uncertain <= KNOWN)
    const within = is[0] <= without[1] && is[1] >= without[0]
    return [{ inputs: first.inputs, clock: first.clock, without, planted: is, within, known }]
  })
  return {
    planted,
    seconds: PLANTS[planted].seconds,
    rows,
    compile: { before: before.kernel[0].compile ?? Number.NaN, after: after.kernel[0].compile ?? Number.NaN },
    kernel,
    found: Object.entries(rows).every(([row, by]) =>
      row === PLANTS[planted].row ? by >= MOST * PLANTS[planted].seconds : by <= LEAST * PLANTS[planted].seconds,
    ),
    kernelHolds: kernel.every(({ within, known }) => within && known),
  }
}

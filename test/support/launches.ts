/**
 * @file Launches as ops make them, with their data, taken from the op table: what a kernel is tried on besides cases by
 * hand.
 */

import type { DType } from '../../src/core/device.ts'
import { type Constants, Live, type Params, type TypedArray } from '../../src/core/kernel.ts'
import { type Taps, tap } from '../../src/core/tap.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { eachKernel } from '../table/cover.ts'
import { runRow } from '../table/run.ts'

/** One launch: the values of what it reads, the size of what it writes. */
export interface Recorded {
  readonly kernel: string
  readonly note: string
  readonly blocks: ({ dtype: DType; data: TypedArray } | { out: number; dtype: DType } | undefined)[]
  readonly params: Params
  readonly constants: Constants
}

/** Elements of the largest block. */
const LARGEST = 100_000

/** What the rows of `eachKernel` launch, forwards and backwards, in the layouts of the table. */
export async function recordLaunches(wanted: (kernel: string) => boolean): Promise<Recorded[]> {
  const device = new CpuDevice()
  // One for each kernel, its constants and the sizes of its blocks.
  const found = new Map<string, Recorded>()
  const record: NonNullable<Taps['run']> = (next, launch) => {
    const { kernel, blocks, constants = {}, label } = launch
    const lengths = blocks.map((block) => block?.length ?? 0)
    const key = `${kernel.name} ${JSON.stringify(constants)} ${lengths}`
    if (wanted(kernel.name) && !found.has(key) && Math.max(...lengths) <= LARGEST) {
      const params = Object.fromEntries(
        Object.entries(launch.params).map(([name, value]) => [name, value instanceof Live ? value.value : value]),
      )
      found.set(key, {
        kernel: kernel.name,
        note: `as ${label} launches it`,
        blocks: blocks.map((block, i) => {
          if (!block) return undefined
          const { dtype, length } = block
          const { role } = kernel.bindings[i]
          if (role === 'out' || (role === 'inout' && launch.whole)) return { out: length, dtype }
          return { dtype, data: device.peek(block).slice() }
        }),
        params,
        constants,
      })
    }
    next(launch)
  }
  tap(device, { run: record })
  for (const op of eachKernel) await runRow(op, device)
  return [...found.values()]
}

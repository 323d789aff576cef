/** @file The samples of one kernel with one kind of inputs: chains of dispatches, long enough for the clock. */
import type { Clock, Reading, Work } from '../clock.ts'
import type { Inputs } from '../figure.ts'
import { ROUNDED, SAMPLE } from '../measure.ts'
import type { Program } from '../program.ts'
import type { Turn } from '../rounds.ts'
import type { PassTimer } from '../timer.ts'
import type { Buffers } from './program.ts'
import type { Plan } from './spec.ts'

/** Dispatches of one pass, at most: a driver gives up on a submit of seconds. */
const MOST_CHAIN = 256
const MOST_PASSES = 64

export interface TurnSetting {
  readonly clock: Clock
  readonly scale: 'small' | 'large'
}

/** A set of buffers, bound. */
export interface Bound {
  readonly set: Buffers
  readonly group: GPUBindGroup
}

export class OwnTurn implements Turn {
  readonly name: string
  readonly plan: Plan
  readonly inputs: Inputs
  /** Of one dispatch. */
  readonly readings: Reading[] = []
  /** Buffers that a run changes and the next one wants as they were. They are copied between passes. */
  readonly restores: readonly string[]
  private readonly clock: Clock
  private readonly least: number
  private readonly work: Work & { timer: PassTimer | null }
  private chain = 1
  private passes = 1

  /** @param original  what a changed buffer is restored from; null: nothing is restored */
  constructor(
    program: Program,
    plan: Plan,
    inputs: Inputs,
    sets: readonly Bound[],
    original: Buffers | null,
    { clock, scale }: TurnSetting,
  ) {
    this.plan = plan
    this.inputs = inputs
    this.clock = clock
    this.least = SAMPLE[scale]
    this.name = [plan.declared.entry.name, plan.variant, inputs].filter(Boolean).join(', ')
    this.restores = original
      ? plan.buffers.filter(({ bind }) => bind.role === 'inout').map(({ bind }) => bind.name)
      : []
    const all = inputs === 'hot' ? sets.slice(0, 1) : sets
    const { gpu, pipeline } = program
    let next = 0
    const work: Work & { timer: PassTimer | null } = {
      timer: null,
      run: () => {
        const encoder = gpu.createCommandEncoder()
        const timestampWrites = work.timer?.begins()
        const pass = encoder.beginComputePass(timestampWrites && { timestampWrites })
        pass.setPipeline(pipeline)
        let { set } = all[next]
        for (let i = 0; i < this.chain; i++) {
          set = all[next].set
          pass.setBindGroup(0, all[next].group)
          pass.dispatchWorkgroups(...plan.grid)
          next = (next + 1) % all.length
        }
        pass.end()
        // After the run, so that a set is cold again when its turn comes.
        for (const name of this.restores) {
          const [from, to] = [original?.get(name) as GPUBuffer, set.get(name) as GPUBuffer]
          encoder.copyBufferToBuffer(from, 0, to, 0, to.size)
        }
        gpu.queue.submit([encoder.finish()])
      },
    }
    this.work = work
  }

  /** Dispatches of one sample. */
  get runs(): number {
    return this.chain * this.passes
  }

  /** Find how many dispatches make a sample, which also warms up. */
  async calibrate(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      const { gpu, wall, passes } = await this.measure()
      const taken = (gpu || wall) * this.runs
      const least = Math.max(this.least, (passes * (this.clock.quantum ?? 0)) / ROUNDED)
      if (taken >= least / 2 || this.passes === MOST_PASSES) return
      const runs = Math.ceil((this.runs * least) / Math.max(taken, 1e-6))
      // What is restored between runs has a pass for each.
      this.chain = this.restores.length > 0 ? 1 : Math.min(MOST_CHAIN, runs)
      this.passes = Math.min(MOST_PASSES, Math.ceil(runs / this.chain))
    }
  }

  async sample(): Promise<number> {
    const reading = await this.measure()
    this.readings.push(reading)
    return reading.gpu ?? reading.wall
  }

  private async measure(): Promise<Reading> {
    const { gpu, wall, host, passes } = await this.clock.measure(this.work, this.passes)
    const { chain } = this
    return { gpu: gpu === undefined ? undefined : gpu / chain, wall: wall / chain, host: host / chain, passes }
  }
}

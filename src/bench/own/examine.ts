/** @file What is found of a kernel before it is timed: whether it is right, and how long it takes to be compiled. */
import type { WebGPUDevice } from '../../webgpu/device.ts'
import type { Open } from '../cold.ts'
import type { Program } from '../program.ts'
import { Made } from './made.ts'
import { type Contents, groupOf, inputsOf, programOf, runOnce } from './program.ts'
import { compare, exactOf, type Reference } from './reference.ts'
import type { OwnSpec, Plan } from './spec.ts'

/** What was found before timing, for one value of the sweep. */
export interface Verdict {
  readonly variant: string | undefined
  /** `unchecked`: there is no reference; guards were looked at all the same. */
  readonly result: 'right' | 'wrong' | 'unchecked'
  /** What is wrong, in lines. */
  readonly lines: readonly string[]
}

/** Run it once and look. */
export async function examine(
  program: Program,
  plan: Plan,
  contents: Contents,
  made: Made,
  reference: Reference | undefined,
): Promise<{ verdict: Verdict; ulp: number | undefined }> {
  const set = made.fresh(plan, contents)
  const group = groupOf(program, plan, set, made.uniforms(plan))
  const { faults, numbers } = await runOnce(program, plan, group, set, contents)
  for (const buffer of set.values()) buffer.destroy()
  const lines = [...faults]
  let ulp: number | undefined
  if (reference) {
    const exact = await exactOf(reference, plan, inputsOf(plan, contents))
    for (const planned of plan.buffers.filter(({ bind }) => bind.role !== 'in')) {
      const { name } = planned.bind
      const { worst, wrong } = compare(planned, numbers[name], exact[name], reference.tolerance)
      ulp = Math.max(ulp ?? 0, worst.ulp)
      lines.push(...wrong)
    }
  }
  const result = lines.length > 0 ? 'wrong' : reference ? 'right' : 'unchecked'
  return { verdict: { variant: plan.variant, result, lines }, ulp }
}

/** Milliseconds that the first run takes longer than a later one, on a fresh device. */
export async function compiling(open: Open, spec: OwnSpec, plan: Plan, contents: Contents): Promise<number> {
  const device = (await open()) as WebGPUDevice
  const made = new Made(device)
  try {
    const set = made.fresh(plan, contents)
    await device.sync()
    const start = performance.now()
    const program = await programOf(device.gpu, spec, plan)
    const work = program.work([groupOf(program, plan, set, made.uniforms(plan))], plan.grid)
    const times: number[] = []
    let from = start
    for (let i = 0; i < 3; i++) {
      work.run()
      await device.sync()
      times.push(performance.now() - from)
      from = performance.now()
    }
    return Math.max(0, times[0] - Math.min(...times.slice(1)))
  } finally {
    made.destroy()
    device.destroy()
  }
}

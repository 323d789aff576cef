/** @file Is it right? A case's result on a device against the same case in float64 on the CPU. */
import type { Device } from '../core/device.ts'
import { scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { cpu } from '../devices.ts'
import { getRandomState, manualSeed, setRandomState } from '../ops/base/generator.ts'
import type { Case } from './case.ts'
import { type Worst, worstOf } from './ulp.ts'

/** Errors allowed where a case says nothing. */
const ALLOWED = 64
const SEED = 1

/**
 * @param right  what exactOf(one) gave, where it is known already
 * @throws Error naming the worst element if the result is wrong
 */
export async function check(one: Case, device: Device, right?: readonly ArrayLike<number>[]): Promise<Worst> {
  const exact = right ?? (await exactOf(one))
  const small = one.check ?? one
  const found = await resultOf(small, small.inputs(device, SEED))
  let worst: Worst | undefined
  for (const [i, result] of found.entries()) {
    const off = worstOf(result, exact[i])
    if (!worst || off.ulp > worst.ulp) worst = off
  }
  if (!worst) throw new Error(`${one.name} gave no result`)
  const allowed = one.ulp ?? ALLOWED
  if (!(worst.ulp <= allowed)) {
    const { index, ulp, exact, found } = worst
    throw new Error(
      `element ${index} is ${found}, right is ${exact}: off by ${ulp.toPrecision(3)} ulp, ${allowed} allowed`,
    )
  }
  return worst
}

/** What is right: in float64 on the CPU; what is not a float stays as it is. */
export async function exactOf(one: Case): Promise<ArrayLike<number>[]> {
  const small = one.check ?? one
  const inputs = small.inputs(cpu, SEED)
  const wide = inputs.map((x) => {
    if (x.dtype !== 'float32') return x
    const y = x.detach().to('float64')
    y.requiresGrad = x.requiresGrad
    return y
  })
  return resultOf(small, wide)
}

async function resultOf(one: Case, inputs: readonly Tensor[]): Promise<ArrayLike<number>[]> {
  const before = getRandomState()
  // Random numbers are the same on every device, and in float64, from the same seed.
  manualSeed(SEED)
  const results = scope(() => [one.run(inputs)].flat().map((x) => x.detach().clone()))
  setRandomState(before)
  const numbers = await Promise.all(results.map((x) => x.data()))
  for (const x of [...results, ...inputs]) if (!x.disposed) x.dispose()
  return numbers
}

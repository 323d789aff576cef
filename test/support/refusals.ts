/** @file Tests of refusals: a call, and the exact text that it is refused with before any work. */
import { expect, it } from 'vitest'
import type { Launch } from '../../src/device.ts'
import * as handgrad from '../../src/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is called here is what the compiler would refuse
type Any = any

/** All exported functions, without their types. */
export const loose = handgrad as unknown as Record<string, (...args: Any[]) => Any>
export const functional = handgrad.nn.functional as unknown as typeof loose

/** A device that counts what it is asked to do. */
export const device = new handgrad.CpuDevice()
let work = 0
for (const name of ['alloc', 'write', 'run'] as const) {
  const inner = (device[name] as (...args: unknown[]) => unknown).bind(device)
  Object.assign(device, {
    [name]: (...args: [Launch]) => {
      work++
      return inner(...args)
    },
  })
}
const other = new handgrad.CpuDevice()

const on = { device }
export const zeros = (...shape: number[]): Any => handgrad.zeros(shape, on)
export const doubles = (...shape: number[]): Any => handgrad.zeros(shape, { ...on, dtype: 'float64' })
export const ints = (...shape: number[]): Any => handgrad.zeros(shape, { ...on, dtype: 'int32' })
export const bools = (...shape: number[]): Any => handgrad.zeros(shape, { ...on, dtype: 'bool' })
export const elsewhere = (...shape: number[]): Any => handgrad.zeros(shape, { device: other })

/** A call and the text it is refused with; `#n` stands for the number of a tensor. */
export type Refusal = readonly [call: () => unknown, text: string]

/** Each call throws its text, and asks nothing of the device before. */
export function refuse(cases: readonly Refusal[]): void {
  it.each(cases)('%s: %s', (call, text) => {
    work = 0
    let found: unknown
    try {
      call()
    } catch (error) {
      found = error
    }
    expect(found, 'nothing was refused').toBeInstanceOf(handgrad.HandgradError)
    expect((found as Error).message.replace(/#\d+/g, '#n')).toBe(text)
    expect(work, 'alloc, write and run calls of the device').toBe(0)
    expect(handgrad.gradEnabled()).toBe(true)
  })
}

/** @file Tests of refusals: a call, and the exact text that it is refused with before any work. */
import { afterAll, expect, it } from 'vitest'
import type { Launch } from '../../src/core/device.ts'
import * as handgrad from '../../src/entries.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is called here is what the compiler would refuse
export type Any = any

/** All exported functions, without their types. */
export const loose = handgrad as unknown as Record<string, (...args: Any[]) => Any>
export const functional = handgrad.nn.functional as unknown as typeof loose

/** A device that counts what it is asked to do; the default one in these tests. */
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
const before = handgrad.getDefaultDevice()
handgrad.setDefaultDevice(device)
afterAll(() => handgrad.setDefaultDevice(before))

/** Zeros of a shape, made once: calls may name them where they use them. */
function zerosOf(options: handgrad.TensorOptions): (...shape: number[]) => Any {
  const made = new Map<string, handgrad.Tensor>()
  return (...shape) => {
    const zeros = made.get(String(shape)) ?? handgrad.zeros(shape, options)
    made.set(String(shape), zeros)
    return zeros
  }
}
export const zeros = zerosOf({ device })
export const doubles = zerosOf({ device, dtype: 'float64' })
export const ints = zerosOf({ device, dtype: 'int32' })
export const bools = zerosOf({ device, dtype: 'bool' })
export const elsewhere = zerosOf({ device: new handgrad.CpuDevice() })

function heldBytes() {
  const { storages, bytes, live } = handgrad.memory(device)
  return { storages, bytes, live }
}

/** A call and the text it is refused with; `#n` stands for the number of a tensor. */
export type Refusal = readonly [call: () => unknown, text: string]

/** What x.to() says of what is neither. */
export const neither = (given: string): string =>
  `to: ${given} is neither a dtype nor a device ` +
  "(dtypes are float32, float64, int32, bool, float16, bfloat16; a device is what await device('cpu') gives)"

/** The text of a refusal, without the numbers of tensors, which depend on what ran before. */
export async function refusal(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    expect(error).toBeInstanceOf(handgrad.HandgradError)
    return (error as Error).message.replace(/#\d+/g, '#n')
  }
  return 'accepted'
}

/**
 * Found by running: wrong indices by the kernel that looks at them, missing params by the device, a rule's faults by
 * backward.
 */
const foundLate =
  /index -?\d+ at position|param \w+ of kernel \w+ is missing|its gradient rule gave|its rule gave none|the hook of tensor|which was not saved/

/** Each call throws its text, or rejects with it, and asks nothing of the device before, nor keeps anything. */
export function refuse(cases: readonly Refusal[]): void {
  it.each(cases.map(([call, text], n) => [`${n}: ${text}`, call, text] as const))('%s', async (_, call, text) => {
    expect(await refusal(call)).toBe(text)
    // Once more, now that its inputs are made.
    work = 0
    const held = heldBytes()
    await refusal(call)
    if (!foundLate.test(text)) {
      expect(work, 'alloc, write and run calls of the device').toBe(0)
      expect(heldBytes()).toEqual(held)
    }
    expect(handgrad.gradEnabled()).toBe(true)
  })
}

/** Each op takes its parameters by position and by name, and refuses what it does not have, too many, and twice. */
export function refuseParameters(ops: Readonly<Record<string, (...given: unknown[]) => unknown>>): void {
  it.each(Object.entries(ops))('%s refuses parameters that it does not have', async (name, call) => {
    const takes = await refusal(() => call({ bogus: 1 }))
    expect(takes).toMatch(new RegExp(`^${name}: there is no option bogus \\(it takes {`))
    const names = /{ (.*) }/.exec(takes)?.[1].split(', ') ?? []
    const many = new Array(names.length + 1).fill(undefined)
    expect(await refusal(() => call(...many))).toMatch(`${name}: ${many.length} parameters are given (it takes {`)
    expect(await refusal(() => call(undefined, { [names[0]]: 1 }))).toMatch(`${name}: ${names[0]} is given twice`)
    for (const first of [zeros(2), [1, 2, 3], 'a']) expect(await refusal(() => call(first))).toMatch(`${name}: `)
    expect(await refusal(() => call())).toBe('accepted')
  })
}

/**
 * Each op, called with trailing options, refuses by name what PyTorch takes by position, null, and names that it does
 * not know.
 */
export function refuseOptions(ops: Readonly<Record<string, (options: unknown) => unknown>>): void {
  it.each(Object.entries(ops))('%s refuses options that it does not have', async (name, call) => {
    for (const options of [1, true, 'a', null, [1], zeros(2), { bogus: 1 }]) {
      expect(await refusal(() => call(options))).toMatch(
        new RegExp(`^${name}: (the options are |there is no option bogus)`),
      )
    }
    expect(await refusal(() => call(undefined))).toBe('accepted')
  })
}

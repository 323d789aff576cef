/** @file The adapters that the interpreter stands for: what plans ask of one when they choose a variant. */
import { checkOptions, describe, fail, nearest } from '../core/errors.ts'
import type { Facts } from '../core/kernel.ts'

/** A GPU of the smallest limits that WebGPU has: what runs here runs everywhere. */
const gpu: Facts = {
  adapter: { vendor: 'handgrad', architecture: 'interpreter', device: '', description: '' },
  software: false,
  features: new Set(),
  subgroupSize: 0,
  maxThreads: 256,
  maxWorkgroupBytes: 16384,
  maxBindingBytes: 2 ** 27,
}

const features = new Set(['subgroups', 'shader-f16'])
const withSubgroups = (subgroupSize: number): Facts => ({ ...gpu, features, subgroupSize })

/**
 * Facts by name: a GPU without features, with `shader-f16` and subgroups of 4 to 64 lanes, and a CPU as lavapipe shows
 * it.
 */
export const FACTS = {
  gpu,
  gpu4: withSubgroups(4),
  gpu8: withSubgroups(8),
  gpu16: withSubgroups(16),
  gpu32: withSubgroups(32),
  gpu64: withSubgroups(64),
  software: { ...withSubgroups(8), software: true, maxThreads: 1024, maxWorkgroupBytes: 32768 },
} as const satisfies Readonly<Record<string, Facts>>

export type FactsName = keyof typeof FACTS

/** Facts as they are given: a name, or what is different from `gpu`. @throws HandgradError if they make no adapter */
export function factsFrom(given: FactsName | Partial<Facts>): Facts {
  const names = Object.keys(FACTS)
  if (typeof given === 'string') {
    if (Object.hasOwn(FACTS, given)) return FACTS[given]
    const near = nearest(given, names)
    const todo = `${near ? `did you mean '${near}'? ` : ''}one of ${names.join(', ')}, or an object`
    fail('interpreter', `there are no facts ${describe(given)}`, todo)
  }
  checkOptions('interpreter: facts', given, Object.keys(gpu))
  const facts = { ...gpu, ...given }
  if (!(facts.features instanceof Set))
    fail('interpreter', `facts.features is ${describe(facts.features)}`, "give a Set, such as new Set(['subgroups'])")
  checkCount('facts.maxThreads', facts.maxThreads)
  checkCount('facts.maxWorkgroupBytes', facts.maxWorkgroupBytes)
  checkCount('facts.maxBindingBytes', facts.maxBindingBytes)
  const sizes = facts.features.has('subgroups') ? [4, 8, 16, 32, 64, 128] : [0]
  if (!sizes.includes(facts.subgroupSize)) {
    const what = `facts.subgroupSize is ${describe(facts.subgroupSize)}`
    const [none] = sizes
    fail('interpreter', what, none === 0 ? "give 0, or features with 'subgroups'" : `one of ${sizes.join(', ')}`)
  }
  return facts
}

/** Refuse what counts nothing. */
export function checkCount(name: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    fail('interpreter', `${name} is ${describe(value)}`, 'give an integer from 1 up')
  return value as number
}

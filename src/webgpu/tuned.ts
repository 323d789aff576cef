/**
 * @file Measured preferences: which variant of a kernel is the fastest for a size class on an adapter. Measurements
 * fill the shipped table, which has the type of every other; until then plans decide by their own rules. Who asks it is
 * choose.ts.
 */
import type { AdapterIdentity } from '../core/kernel.ts'

/** One measured preference. */
export interface TunedVariant {
  readonly kernel: string
  /** As the kernel's plan names it: `Plan.class`, or '' where the plan has none. */
  readonly class: string
  /** The adapters it was measured for: those that equal it in every string given, in lower case. */
  readonly adapter: Partial<AdapterIdentity>
  /** Taken where it fits. */
  readonly variant: string
}

/** Preferences, the more important ones first. */
export type Tuned = readonly TunedVariant[]

/** What comes with the engine. */
export const tuned: Tuned = []

/** Whether a preference speaks of this adapter. */
export function matches({ adapter }: TunedVariant, identity: AdapterIdentity): boolean {
  const strings = Object.keys(adapter) as (keyof AdapterIdentity)[]
  return strings.every((string) => adapter[string] === identity[string])
}

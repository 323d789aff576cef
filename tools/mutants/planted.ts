/** @file The kernels of this process with another text in one file; which entry points run. */
import type { Variant } from '../../src/core/kernel.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import type { Ran } from './reach.ts'

/** A file and the text that it is to have. */
export interface Change {
  readonly file: string
  readonly text: string
}

const sources = new Map(
  Object.values(wgsl)
    .flat()
    .flatMap((module) => [module.source, ...module.libs])
    .map((source) => [source.file, source as { -readonly [K in keyof Change]: Change[K] }]),
)
const originals = new Map([...sources].map(([file, { text }]) => [file, text]))

/** Files of kernels, and what stands in them when nothing is planted. */
export const files: readonly string[] = [...originals.keys()]
export const textOf = (file: string): string => originals.get(file) as string // of files

/**
 * Give one file another text, and all others their own; null: all. What was made of the text before stays as it was.
 */
export function plant(change: Change | null): void {
  for (const [file, source] of sources) source.text = textOf(file)
  if (!change) return
  const source = sources.get(change.file)
  if (!source) throw new Error(`there is no ${change.file} among the kernels`)
  source.text = change.text
}

/** Entry points that are dispatched from now on; whoever asks empties it. */
export function watchEntries(): Map<string, Ran> {
  const ran = new Map<string, Ran>()
  for (const [kernel, plan] of Object.entries(plans)) {
    for (const variant of Object.values(plan.variants) as {
      -readonly [K in keyof Variant]: Variant[K]
    }[]) {
      const { dispatch } = variant
      variant.dispatch = (p, facts, c) => {
        const dispatches = dispatch(p, facts, c)
        for (const { entry, constants } of [dispatches].flat()) {
          const values = Object.values({ ...c, ...constants })
          ran.set(`${kernel} ${entry} ${values}`, { kernel, entry, values })
        }
        return dispatches
      }
    }
  }
  return ran
}

/** @file Whether what a program left in its buffers is what it may be. */
import type { Outcome } from './adapters.ts'
import type { Binding } from './buffers.ts'

const asFloat = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]

/** Floats that the specification does not allow. */
export function wrongFloats(bindings: readonly Binding[], outcome: Exclude<Outcome, Error>): string[] {
  const found: string[] = []
  for (const { binding, checks } of bindings) {
    const words = outcome.get(binding)
    if (!words) continue
    const view = new DataView(words)
    for (const { byte, path, is } of checks) {
      if (typeof is === 'string') continue
      const x = asFloat(view.getUint32(byte, true))
      if (!(Math.abs(x - is.x) <= is.error)) found.push(`${path}, byte ${byte}: ${x}, not ${is.x} ± ${is.error}`)
    }
  }
  return found
}

/** Where two outcomes differ that should not. */
export function differences(
  bindings: readonly Binding[],
  a: Exclude<Outcome, Error>,
  b: Exclude<Outcome, Error>,
): string[] {
  const found: string[] = []
  for (const { binding, checks } of bindings) {
    const [x, y] = [a, b].map((outcome) => outcome.get(binding))
    if (!x || !y) continue
    const views = [x, y].map((words) => new DataView(words))
    for (const { byte, path, is } of checks) {
      if (typeof is === 'object') continue
      const [left, right] = views.map((view) => view.getUint32(byte, true))
      const same = left === right || (is === 'number' && asFloat(left) === asFloat(right))
      if (!same) found.push(`binding ${binding}, ${path}: ${left}, ${right}`)
    }
  }
  return found
}

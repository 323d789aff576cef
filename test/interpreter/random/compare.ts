/** @file Whether what programs left in their buffers is what it may be. */
import type { Outcome } from './adapters.ts'
import type { Check } from './buffers.ts'
import type { Batch } from './programs.ts'

type Words = Exclude<Outcome, Error>

/** What is wrong with a program, told by its place in the batch. */
export interface Wrong {
  readonly place: number
  readonly what: string
}

/** Floats that the specification does not allow. */
export const wrongFloats = (batch: Batch, outcome: Words): Wrong[] =>
  each(batch, [outcome], ({ is }, [word]) => {
    if (typeof is === 'string') return undefined
    const x = asFloat(word)
    return Math.abs(x - is.x) <= is.error ? undefined : `${x}, not ${is.x} ± ${is.error}`
  })

/** Floats that are not what each operation rounded to the nearest gives: the interpreter's, while it fuses nothing. */
export const wrongRounding = (batch: Batch, outcome: Words): Wrong[] =>
  each(batch, [outcome], ({ is }, [word]) => {
    if (typeof is === 'string' || is.rounded === undefined) return undefined
    const x = asFloat(word)
    return x === is.rounded ? undefined : `${x}, not ${is.rounded}`
  })

/** Where two outcomes differ that should not. */
export const differences = (batch: Batch, a: Words, b: Words): Wrong[] =>
  each(batch, [a, b], ({ is }, [left, right]) => {
    if (typeof is === 'object' || left === right) return undefined
    return is === 'number' && asFloat(left) === asFloat(right) ? undefined : `${left}, ${right}`
  })

function each(
  { bindings }: Batch,
  outcomes: readonly Words[],
  judge: (check: Check, words: readonly number[]) => string | undefined,
): Wrong[] {
  const found: Wrong[] = []
  for (const { binding, kind, checks } of bindings) {
    if (kind !== 'written') continue
    const views = outcomes.map((outcome) => new DataView(outcome.get(binding) as ArrayBuffer))
    for (const check of checks) {
      const what = judge(
        check,
        views.map((view) => view.getUint32(check.byte, true)),
      )
      if (what) found.push({ place: check.place, what: `binding ${binding}, ${check.path}: ${what}` })
    }
  }
  return found
}

const word = new DataView(new ArrayBuffer(4))

function asFloat(bits: number): number {
  word.setUint32(0, bits)
  return word.getFloat32(0)
}

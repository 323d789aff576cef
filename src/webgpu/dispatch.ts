/**
 * @file What a dispatch of a plan means, on whatever device runs it: its grid of workgroups, the blocks that it names,
 * and which of them may not be the same.
 */
import type { Binding } from '../core/contract.ts'
import type { Launch } from '../core/device.ts'
import { fail, LimitError } from '../core/errors.ts'
import type { Dispatch, Kernel, Scratch } from '../core/kernel.ts'

/** Workgroups in one dimension that every adapter has. */
export const MAX_GROUPS = 65535

/** Workgroups. */
export interface Grid {
  x: number
  y: number
  z: number
}

/**
 * The workgroups of a dispatch: a count that is too large for one dimension is folded.
 * @param most  workgroups in one dimension, from which on a count is folded
 * @param to    is filled
 * @returns false if there are none
 * @throws LimitError if there are more than {@link MAX_GROUPS} in one dimension
 */
export function setGrid(groups: Dispatch['groups'], most: number, { name }: Kernel, label: string, to: Grid): boolean {
  let x: number
  let y = 1
  let z = 1
  if (typeof groups === 'number') {
    x = groups
    if (x > most) {
      y = Math.ceil(x / most)
      x = Math.ceil(x / y)
    }
  } else [x, y, z] = groups ?? []
  if (!(Number.isInteger(x) && Number.isInteger(y) && Number.isInteger(z) && Math.min(x, y, z) >= 0))
    fail(label, `the plan of ${name} gave ${groups} workgroups`, 'give a whole number, or three')
  if (x === 0 || y === 0 || z === 0) return false
  if (x > MAX_GROUPS || y > MAX_GROUPS || z > MAX_GROUPS)
    throw new LimitError(label, `${name} needs a grid of ${x} × ${y} × ${z} workgroups`, 'split it')
  to.x = x
  to.y = y
  to.z = z
  return true
}

/** Blocks that live for one launch, by the scratch that its dispatches name. */
export type Lent<B> = Map<Scratch, B>

/** What a dispatch names: a block of the launch by its position, or scratch, which is made when first named. */
export function blockOf<B>(
  launch: Launch,
  which: number | Scratch | null | undefined,
  lent: Lent<B> | null,
  make: (bytes: number, label: string) => B,
): B | undefined {
  if (which === null || which === undefined) return undefined
  if (typeof which === 'number') return launch.blocks[which] as B | undefined
  const known = lent?.get(which)
  if (known) return known
  const made = make(which.bytes, launch.label)
  lent?.set(which, made)
  return made
}

/** Bytes of the largest scratch that dispatches name. */
export function scratchOf(dispatches: readonly Dispatch[]): number {
  let most = 0
  for (const { blocks } of dispatches)
    for (const block of blocks ?? [])
      if (block !== null && typeof block === 'object' && block.bytes > most) most = block.bytes
  return most
}

/** Outputs share no buffer with any other binding. @returns two that do, by their positions */
export function aliasOf(bindings: readonly Binding[], buffers: readonly unknown[]): [number, number] | undefined {
  for (let i = 0; i < buffers.length; i++) {
    const j = buffers[i] === undefined ? i : buffers.indexOf(buffers[i])
    if (j !== i && !(bindings[i].role === 'in' && bindings[j].role === 'in')) return [j, i]
  }
  return undefined
}

/** What is known of a dispatch's entry point. @throws HandgradError if the plan gave no dispatch, or an unknown name */
export function entryOf<E>(kernel: Kernel, dispatch: Dispatch, entries: ReadonlyMap<string, E>, label: string): E {
  if (!dispatch) fail(label, `the plan of ${kernel.name} gave ${dispatch}`, 'dispatch returns { entry, groups }')
  return entries.get(dispatch.entry) ?? fail(label, `kernel ${kernel.name} has no entry point ${dispatch.entry}`)
}

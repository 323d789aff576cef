/**
 * @file The accesses of a small dispatch as steps: what all threads do at once between two barriers, if they went
 * together. Threads agree on the order of steps as far as each does them in its own.
 */
import type { Access, BindingInfo } from '../interpreter/program.ts'
import type { Step } from './data.ts'

/** Neighbours that a GPU runs together, and bytes that it takes from memory at a time. */
const [NEIGHBOURS, LINE] = [32, 128]

interface Draft {
  readonly first: Access
  readonly touches: [number, number][]
}

export function stepsOf(
  accesses: readonly Access[],
  workgroup: readonly [number, number, number],
  groups: readonly [number, number, number],
  bindings: readonly BindingInfo[],
): Step[] {
  const storage = new Set(bindings.filter(({ space }) => space === 'storage').map(({ name }) => name))
  const size = workgroup[0] * workgroup[1] * workgroup[2]
  const byThread = new Map<number, Access[]>()
  for (const access of accesses) {
    const [x, y, z] = access.group
    const thread = (x + groups[0] * (y + groups[1] * z)) * size + access.thread
    const own = byThread.get(thread) ?? []
    byThread.set(thread, own)
    own.push(access)
  }
  const order: Draft[] = []
  const known = new Map<string, Draft>()
  for (const [thread, own] of byThread) {
    const times = new Map<string, number>()
    let at = -1
    for (const access of own) {
      const { phase, does, buffer, file, line, bytes } = access
      const place = [phase, does, buffer, file, line, bytes].join(' ')
      const time = times.get(place) ?? 0
      times.set(place, time + 1)
      const key = `${place} ${time}`
      let draft = known.get(key)
      if (!draft) {
        draft = { first: access, touches: [] }
        known.set(key, draft)
        order.splice(at + 1, 0, draft)
      }
      draft.touches.push([thread, access.byte])
      at = Math.max(at, order.indexOf(draft))
    }
  }
  // A barrier is behind all that came before it.
  return order
    .sort((a, b) => a.first.phase - b.first.phase)
    .map(({ first: { phase, does, buffer, file, line, bytes }, touches }) => {
      const sorted = touches.sort(([a], [b]) => a - b)
      const lines = storage.has(buffer) ? linesOf(sorted, bytes) : []
      return { phase, does, buffer, file, line, bytes, touches: sorted, lines }
    })
}

/** Lines of memory that each 32 neighbours touch, in the order of the threads. */
function linesOf(touches: readonly (readonly [number, number])[], bytes: number): number[] {
  const found = new Map<number, Set<number>>()
  for (const [thread, byte] of touches) {
    const neighbours = Math.floor(thread / NEIGHBOURS)
    const lines = found.get(neighbours) ?? new Set()
    found.set(neighbours, lines)
    for (let line = Math.floor(byte / LINE); line * LINE < byte + bytes; line++) lines.add(line)
  }
  return [...found.values()].map(({ size }) => size)
}

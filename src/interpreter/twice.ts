/**
 * @file A dispatch is run in two orders, with other garbage in what was not written, and the results are compared: what
 * differs would differ from GPU to GPU, or from day to day. The results of the first order are kept.
 */
import { WORD_BYTES } from '../core/contract.ts'
import type { Finding } from './faults.ts'
import { copyOf, forgetPadding, scramble } from './memory.ts'
import type { Memory, Run } from './program.ts'
import type { Made } from './programs.ts'

/** What a binding is given. */
export interface Bound {
  readonly memory: Memory
  /** Float elements: all NaN are the same, and values are shown as such. */
  readonly floats: boolean
  /** The status buffer: which thread of several reports first is left open, but not whether one does. */
  readonly status: boolean
}

/** What the two runs have in common. */
export type Shared = Omit<Run, 'memory' | 'order' | 'checked' | 'found'>

/**
 * Run a dispatch.
 * @param bound   by binding number; one memory may be there twice
 * @param seed    of the garbage, and of which exchanges fail
 * @param found   is told of what is wrong
 */
export function runTwice(
  made: Made,
  bound: ReadonlyMap<number, Bound>,
  shared: Shared,
  seed: number,
  found: (finding: Finding) => void,
): void {
  const { program } = made
  const written = new Set(program.bindings.filter(({ writable }) => writable).map(({ binding }) => binding))
  const copies = new Map<Memory, Memory>()
  for (const [binding, { memory }] of bound) if (written.has(binding)) copies.set(memory, copyOf(memory))

  const first = new Map([...bound].map(([binding, { memory }]) => [binding, memory]))
  fill(first, 2 * seed)
  const order = { reversed: false, seed: 2 * seed }
  const ended = program.run({ ...shared, memory: first, order, checked: true, found })
  for (const memory of copies.keys()) forgetPadding(memory)
  // What a stopped thread left undone says nothing of the order.
  if (!ended) return

  const second = new Map([...bound].map(([binding, { memory }]) => [binding, copies.get(memory) ?? memory]))
  fill(second, 2 * seed + 1)
  const reverse = { reversed: true, seed: 2 * seed + 1 }
  const { file, line } = made
  const whole = { kind: 'order', file, line, group: [0, 0, 0], thread: 0 } as const
  if (!program.run({ ...shared, memory: second, order: reverse, checked: false, observers: [], found: () => {} }))
    return found({ ...whole, what: 'all threads end in order, and not in reverse' })
  for (const [binding, one] of bound) {
    const other = copies.get(one.memory)
    // A memory that is there twice is compared once.
    if (!other || !copies.delete(one.memory)) continue
    const difference = compare(made, binding, one, other)
    if (difference) found({ ...whole, ...difference })
  }
}

function fill(memory: ReadonlyMap<number, Memory>, seed: number): void {
  let i = 0
  for (const one of memory.values()) scramble(one, 64 * seed + i++)
}

/** What the orders disagree about, if anything. */
function compare(
  made: Made,
  binding: number,
  { memory, floats, status }: Bound,
  other: Memory,
): Pick<Finding, 'buffer' | 'index' | 'what'> | undefined {
  const [a, b] = [new Uint32Array(memory.buffer), new Uint32Array(other.buffer)]
  const { undefined: flags } = memory
  const differ = (i: number): boolean =>
    a[i] !== b[i] && flags[i] === 0 && !(floats && isNaNBits(a[i]) && isNaNBits(b[i]))
  let [word, count] = [-1, 0]
  if (status) {
    if ((a[0] === 0) !== (b[0] === 0)) [word, count] = [0, 1]
  } else {
    const words = memory.bytes / WORD_BYTES
    for (let i = words - 1; i >= 0; i--) if (differ(i)) [word, count] = [i, count + 1]
  }
  if (word < 0) return undefined
  const name = made.program.bindings.find((one) => one.binding === binding)?.name ?? `binding ${binding}`
  const [inOrder, reversed] = [a, b].map((words) => valueText(words[word], floats && memory.tensor))
  const more = count > 1 ? `; ${count} words differ` : ''
  return {
    buffer: name,
    index: Math.floor((word * WORD_BYTES) / made.strideOf(name)),
    what: status
      ? 'one order reports something wrong in the input, the other does not'
      : `it is ${inOrder} in order, ${reversed} in reverse${more}`,
  }
}

const isNaNBits = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000

/** The bits of a word as its tensor's elements; scratch may hold anything. */
const valueText = (bits: number, float: boolean): string =>
  float ? String(new Float32Array(Uint32Array.of(bits).buffer)[0]) : `0x${bits.toString(16).padStart(8, '0')}`

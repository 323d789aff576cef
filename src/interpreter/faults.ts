/** @file What the interpreter finds wrong with a kernel: kinds, places, words. */

/**
 * - `outside`: an access beyond a buffer, an array or a vector, or a write to what lies after a tensor's last element
 * - `race`: two threads of a workgroup on one cell, one of them writing, without a barrier between them
 * - `groups`: the same of two workgroups of one dispatch, which no barrier can order
 * - `barrier`: a barrier that some threads of a workgroup reach and others do not
 * - `undefined`: data that nothing wrote decides a branch, makes an address, or is written to a tensor
 * - `order`: the outputs depend on the order in which threads, workgroups or lanes run
 * - `lane`: a subgroup operation asks a lane that is not there
 * - `endless`: a thread that takes more steps than the limit
 * - `overlap`: a buffer that is written under one binding is bound under another, too
 */
export type FaultKind =
  | 'outside'
  | 'race'
  | 'groups'
  | 'barrier'
  | 'undefined'
  | 'order'
  | 'lane'
  | 'endless'
  | 'overlap'

/** Who was where: a thread of a workgroup at a line. */
export interface Party {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The workgroup's number in the grid. */
  readonly group: readonly [number, number, number]
  /** The thread's number in its workgroup, `local_invocation_index`. */
  readonly thread: number
  /** What it did to the cell. */
  readonly does?: 'read' | 'write'
}

export interface Finding extends Party {
  readonly kind: FaultKind
  /** The variable: a binding, an array in workgroup memory, … */
  readonly buffer?: string
  /** Element of the buffer, as the text of the kernel counts; what was asked for, even where it is not there. */
  readonly index?: number
  /** The other access of a race, the load that brought undefined data, a thread at another barrier. */
  readonly other?: Party
  /** What is wrong, without the place. */
  readonly what: string
}

/** A fault as `device.faults()` lists it: what the first of its kind at this line was, and how many there were. */
export interface Fault extends Finding {
  readonly kernel: string
  readonly entry: string
  /** The op that launched. */
  readonly label: string
  count: number
}

/** How a kind is told of. */
interface Telling {
  /** What it is, of an element or a variable; '' where that is not known. */
  readonly head: (cell: string) => string
  /** What to do. */
  readonly remedy: string
  /** It is of the dispatch as a whole, not of a thread. */
  readonly whole?: boolean
  /** All of it is said by who was where. */
  readonly parties?: boolean
}

const tellings: Readonly<Record<FaultKind, Telling>> = {
  outside: {
    head: (cell) => (cell ? `${cell} is outside` : 'access outside'),
    remedy: 'compare the index with the size first',
  },
  race: {
    head: (cell) => `race on ${cell}`,
    remedy: 'put a workgroupBarrier() between them, for a buffer a storageBarrier()',
    parties: true,
  },
  groups: {
    head: (cell) => `race of workgroups on ${cell}`,
    remedy: 'give each element to one workgroup, make it atomic, or make two dispatches',
    parties: true,
  },
  barrier: { head: () => 'barrier', remedy: 'move it to where all threads of the workgroup come' },
  undefined: { head: (cell) => `undefined data of ${cell}`, remedy: 'write it before' },
  order: {
    head: (cell) => `${cell || 'the end'} depends on the order of threads`,
    remedy: 'let one thread write an element, and combine in a fixed order',
    whole: true,
  },
  lane: { head: () => 'lane', remedy: 'ask for lanes below subgroup_size' },
  endless: { head: () => 'no end', remedy: 'look at how the loop ends, or give a higher limit' },
  overlap: {
    head: (cell) => `${cell} is bound twice`,
    remedy: 'launch on two tensors, or give the kernel one binding for both',
    whole: true,
  },
}

/**
 * A fault in a line: `softmax.wgsl:41: softmax_group: race on partial[3]: thread 7 of group 2,0,0 writes, thread 3 read
 * it at line 38 (put a workgroupBarrier() between them, for a buffer a storageBarrier())`.
 */
export function faultText(fault: Fault): string {
  const { kind, file, line, entry, buffer = '', index, other, what, count } = fault
  const { head, remedy, whole, parties } = tellings[kind]
  const told = [
    ...(whole ? [] : [partyText(fault)]),
    ...(parties ? [] : [what]),
    ...(other ? [otherText(other, fault)] : []),
    ...(count > 1 ? [`${count} times`] : []),
  ]
  const cell = index === undefined ? buffer : `${buffer}[${index}]`
  return `${file}:${line}: ${entry}: ${head(cell)}: ${told.join(', ')} (${remedy})`
}

const partyText = ({ thread, group, does }: Party): string =>
  `thread ${thread} of group ${group.join(',')}${does ? ` ${does}s` : ''}`

function otherText({ thread, group, does, file, line }: Party, first: Party): string {
  const who = `thread ${thread}${group.join() === first.group.join() ? '' : ` of group ${group.join(',')}`}`
  const did = does === undefined ? 'is' : does === 'read' ? 'read it' : 'wrote it'
  return `${who} ${did} at ${file === first.file ? 'line ' : `${file}:`}${line}`
}

/** The faults of a device: each kind, kernel, entry point, line and variable once. */
export class Faults {
  private readonly known = new Map<string, Fault>()

  note(fault: Omit<Fault, 'count'>): void {
    const { kind, kernel, entry, file, line, buffer } = fault
    const key = [kind, kernel, entry, file, line, buffer].join(' ')
    const found = this.known.get(key)
    if (found) found.count++
    else this.known.set(key, { ...fault, count: 1 })
  }

  /** As they are now, in the order in which they were found. */
  list(): Fault[] {
    return [...this.known.values()].map((fault) => ({ ...fault }))
  }

  clear(): void {
    this.known.clear()
  }
}

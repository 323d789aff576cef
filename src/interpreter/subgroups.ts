/**
 * @file Subgroup operations: what each lane gets of what the others give.
 * Source: WGSL, sections "Subgroup Built-in Functions", "Quad Operations".
 */

import { bool, f16, f32, i32, type Scalar, u32 } from '../wgsl/types.ts'
import { subgroupCombine } from './arithmetic.ts'
import type { Me } from './me.ts'

/** What a lane yields. */
export interface Request {
  readonly site: number
  readonly name: string
  /** The type of its components; '' where it gives none. */
  readonly of: string
  readonly values: readonly (number | boolean)[]
  /** Lane, delta or mask. */
  readonly lane: number
}

interface Asking {
  readonly thread: number
  readonly lane: number
  readonly request: Request
}

const SCALARS: Readonly<Record<string, Scalar>> = { bool, f16, f32, i32, u32 }

/**
 * Answers operations that lanes wait for, in each subgroup those that stand first in the text: the lanes there are the
 * active ones.
 * @param absent  told of a thread that asks a lane which is not active; it gets its own value
 * @returns what threads get; none if nobody waits for an operation
 */
export function answer(
  waits: readonly (number | Request | undefined)[],
  me: Me,
  absent: (thread: number, site: number, lane: number) => void,
): Map<number, unknown> {
  const subgroups = new Map<number, Asking[]>()
  waits.forEach((request, thread) => {
    if (typeof request !== 'object') return
    const key = me.subgroupOf(thread)
    const all = subgroups.get(key) ?? []
    all.push({ thread, lane: me.laneOf(thread), request })
    subgroups.set(key, all)
  })
  const answers = new Map<number, unknown>()
  for (const all of subgroups.values()) {
    const site = all.reduce((least, { request }) => Math.min(least, request.site), Infinity)
    // Threads come in the order of their lanes, in each subgroup.
    const active = all.filter(({ request }) => request.site === site)
    for (const one of active) answers.set(one.thread, answerOne(one, active, absent))
  }
  return answers
}

function answerOne(
  { thread, lane, request }: Asking,
  active: readonly Asking[],
  absent: (thread: number, site: number, lane: number) => void,
): readonly (number | boolean)[] {
  const { name, values, site } = request
  const from = source(name, lane, request.lane)
  if (from !== undefined) {
    const giving = active.find((one) => one.lane === from)
    if (giving) return giving.request.values
    absent(thread, site, from)
    return values
  }
  switch (name) {
    case 'subgroupElect':
      return [active[0].lane === lane]
    case 'subgroupAll':
      return [active.every((one) => one.request.values[0])]
    case 'subgroupAny':
      return [active.some((one) => one.request.values[0])]
    case 'subgroupBallot':
      return ballot(active)
    case 'subgroupBroadcastFirst':
      return active[0].request.values
  }
  return values.map((_, i) => reduction(name, lane, active, i, request.of))
}

/** The lane whose value an operation gives; undefined of one that takes all. */
function source(name: string, lane: number, by: number): number | undefined {
  switch (name) {
    case 'subgroupBroadcast':
    case 'subgroupShuffle':
      return by
    case 'subgroupShuffleXor':
      return (lane ^ by) >>> 0
    case 'subgroupShuffleUp':
      return lane - by
    case 'subgroupShuffleDown':
      return lane + by
    case 'quadBroadcast':
      return (lane & ~3) + by
    case 'quadSwapX':
      return lane ^ 1
    case 'quadSwapY':
      return lane ^ 2
    case 'quadSwapDiagonal':
      return lane ^ 3
    default:
      return undefined
  }
}

function ballot(active: readonly Asking[]): number[] {
  const words = [0, 0, 0, 0]
  for (const { lane, request } of active) if (request.values[0]) words[lane >> 5] |= 1 << (lane & 31)
  return words.map((word) => word >>> 0)
}

/** `subgroupAdd`, `subgroupInclusiveMul`, … in the order of lanes. */
function reduction(name: string, lane: number, active: readonly Asking[], i: number, of: string): number {
  const [, which, operation] = name.match(/^subgroup(Inclusive|Exclusive)?(\w+)$/) as RegExpMatchArray
  const combine = subgroupCombine(operation, SCALARS[of])
  const taken = active.filter((one) => !which || one.lane < lane || (which === 'Inclusive' && one.lane === lane))
  const numbers = taken.map((one) => Number(one.request.values[i]))
  return numbers.length > 0 ? numbers.reduce((a, b) => combine(a, b)) : operation === 'Mul' ? 1 : 0
}

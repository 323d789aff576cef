/** @file What else a device does in units of its own: workgroup memory, dispatches, atomics, subgroups. */
import { firstWrong, type Ground, type Limit } from './limit.ts'

/** Dispatches of one run. */
const CHAIN = { software: 200, gpu: 1000 } as const
const ROUNDS = { workgroup: 64, contended: 2, spread: 32, subgroups: 32 } as const

/** As 32 bits without a sign. */
const wrapped = (x: number): number => x >>> 0

export async function workgroupMemory(ground: Ground): Promise<Limit> {
  const { lanes, threads } = ground
  const program = await ground.program('workgroup', 'workgroup_read')
  const y = ground.buffer(4 * threads)
  const p = ground.buffer(new Uint32Array([ROUNDS.workgroup]))
  const work = program.work([program.bind({ 0: y, 1: p })], [threads / lanes, 1, 1])
  return {
    name: 'workgroup memory, read',
    unit: 'B/s',
    amount: 16 * 8 * ROUNDS.workgroup * threads,
    work,
    async check() {
      ground.clear(y)
      work.run()
      const right = Array.from({ length: lanes }, (_, lane) => {
        let sum = 0
        for (let j = 0; j < 8 * ROUNDS.workgroup; j++) sum += 16 * ((lane + j) % lanes) + 10
        return wrapped(sum)
      })
      return firstWrong(await ground.integers(y), (i) => right[i % lanes])
    },
  }
}

export async function dispatches(ground: Ground): Promise<Limit[]> {
  const count = CHAIN[ground.software ? 'software' : 'gpu']
  const [empty, next] = [await ground.program('dispatch', 'empty'), await ground.program('dispatch', 'next')]
  const y = ground.buffer(16)
  const chain = next.work([next.bind({ 0: y })], [1, 1, 1], count)
  const clocks = ['gpu', 'wall'] as const
  return [
    {
      name: 'empty dispatch',
      unit: 's',
      amount: count,
      clocks,
      work: empty.work([empty.bind({})], [1, 1, 1], count),
      // It has no result.
      check: async () => undefined,
    },
    {
      name: 'dependent dispatch',
      unit: 's',
      amount: count,
      clocks,
      work: chain,
      async check() {
        ground.clear(y)
        for (let i = 0; i < 3; i++) chain.run()
        return firstWrong((await ground.integers(y)).subarray(0, 1), () => 3 * count)
      },
    },
  ]
}

export async function atomics(ground: Ground): Promise<Limit[]> {
  const { lanes, threads } = ground
  const limit = async (entry: 'contended' | 'spread', name: string): Promise<Limit> => {
    const program = await ground.program('atomics', entry)
    const y = ground.buffer(4 * threads)
    const p = ground.buffer(new Uint32Array([ROUNDS[entry]]))
    const work = program.work([program.bind({ 0: y, 1: p })], [threads / lanes, 1, 1])
    const each = 8 * ROUNDS[entry]
    return {
      name,
      unit: '1/s',
      amount: each * threads,
      work,
      async check() {
        ground.clear(y)
        work.run()
        return firstWrong(await ground.integers(y), (i) => {
          if (entry === 'spread') return each * (1 + (i & 1))
          return i === 0 ? (each * threads * 3) / 2 : 0
        })
      },
    }
  }
  return [await limit('contended', 'atomicAdd, one address'), await limit('spread', 'atomicAdd, own addresses')]
}

/** What a step of each entry of subgroups.wgsl makes of the numbers that a subgroup has. */
const STEPS = {
  add: (x: readonly number[]) => {
    const sum = x.reduce((all, one) => wrapped(all + one), 0)
    return x.map(() => sum)
  },
  shuffle: (x: readonly number[]) => x.map((_, l) => x[l ^ 1]),
  broadcast: (x: readonly number[]) => x.map(() => x[1]),
} as const
const NAMES = { add: 'subgroupAdd', shuffle: 'subgroupShuffleXor', broadcast: 'subgroupBroadcast' } as const

export async function subgroups(ground: Ground): Promise<Limit[]> {
  if (!ground.features.has('subgroups')) return []
  const { lanes, threads } = ground
  const y = ground.buffer(8 * threads)
  const p = ground.buffer(new Uint32Array([ROUNDS.subgroups]))
  const limit = async (kind: keyof typeof STEPS): Promise<Limit> => {
    const program = await ground.program('subgroups', `subgroup_${kind}`)
    const work = program.work([program.bind({ 0: y, 1: p })], [threads / lanes, 1, 1])
    return {
      name: NAMES[kind],
      unit: '1/s',
      amount: 16 * ROUNDS.subgroups * threads,
      work,
      async check() {
        ground.clear(y)
        work.run()
        return wrongSubgroup(await ground.integers(y), lanes, kind)
      },
    }
  }
  return [await limit('add'), await limit('shuffle'), await limit('broadcast')]
}

/** @param found  sum and size by thread; within a workgroup its subgroups may have any of its threads */
function wrongSubgroup(found: Uint32Array, lanes: number, kind: keyof typeof STEPS): string | undefined {
  const [, size] = found
  if (size < 2 || size > lanes || lanes % size !== 0) return `a subgroup has ${size} threads of ${lanes}`
  let sums = Array.from({ length: size }, () => 0)
  for (let j = 1; j <= 4; j++) {
    let x = sums.map((_, l) => j * l)
    for (let i = 0; i < 4 * ROUNDS.subgroups; i++) x = STEPS[kind](x).map((one, l) => wrapped(one + l))
    sums = sums.map((sum, l) => wrapped(sum + x[l]))
  }
  const inOrder = (values: ArrayLike<number>) => Uint32Array.from(values).sort()
  const right = inOrder(Array.from({ length: lanes }, (_, lane) => sums[lane % size]))
  for (let from = 0; from < found.length / 2; from += lanes) {
    const group = inOrder(Array.from({ length: lanes }, (_, lane) => found[2 * (from + lane)]))
    const wrong = firstWrong(group, (i) => right[i])
    if (wrong) return `of a workgroup's sums, in order, ${wrong}`
  }
  return undefined
}

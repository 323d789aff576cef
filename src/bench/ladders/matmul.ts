/** @file The ladder of shaders/matmul*.wgsl. */
import { matmul } from '../../ops/base/kernels.generated.ts'
import type { Ladder, Rung, Sizes } from '../ladder.ts'
import { uniform } from '../numbers.ts'

/** Tiles of `rows` × `columns` outputs: a is loaded once for each tile of a row, b once for each of a column. */
const tiled = (rows: number, columns: number): Pick<Rung, 'traffic' | 'bytes'> => ({
  traffic: `a n/${columns} times, b m/${rows} times; y once for every 256 of k`,
  bytes: ({ m, n, k }: Sizes) => {
    const blocks = Math.ceil(k / 256)
    return {
      loaded: 4 * (m * k * Math.ceil(n / columns) + k * n * Math.ceil(m / rows) + m * n * (blocks - 1)),
      stored: 4 * m * n * blocks,
    }
  },
})

export const matmulLadder: Ladder = {
  name: 'matmul',
  about: 'y = a·b, m × k by k × n: the same multiply-adds on every rung, and ever fewer loads for them',
  kernel: matmul,
  rungs: [
    {
      variant: 'naive',
      entry: 'matmul_naive',
      title: 'one output a thread',
      reason:
        'The formula as it is written: a thread walks a row of a and a column of b. Each step of k takes two loads for one multiply-add, so that the kernel waits for memory and not for arithmetic.',
      ...tiled(1, 1),
    },
    {
      variant: 'few_group',
      entry: 'matmul_few_group',
      title: 'a workgroup a column, for at most four rows',
      reason:
        'For decoding, where a has one row or a few: 64 neighbours take neighbouring steps of k, so that b is read once and side by side where k lies so, as in x·Wᵀ. They add their sums up in workgroup memory. For GPUs, which a thread for each of so few outputs would leave idle.',
      ...tiled(4, 1),
    },
    {
      variant: 'subgroup_few',
      entry: 'matmul_subgroup_few',
      title: '8 lanes for four columns, for at most four rows',
      reason:
        'The same without workgroup memory, for adapters that are CPUs: 8 lanes of one subgroup share k, each number of a serves four columns, and subgroupAdd makes the sums.',
      ...tiled(4, 4),
    },
    {
      variant: 'few_vec4',
      entry: 'matmul_few_vec4',
      title: 'four columns a thread, for at most four rows',
      reason:
        'Where rows of b are contiguous a thread takes four columns of it as a vec4 at each step of k, for all rows at once. The 16 threads of a workgroup load a from one address.',
      ...tiled(4, 64),
    },
    {
      variant: 'tile',
      entry: 'matmul_tile',
      title: '8 × 4 outputs a thread, in registers',
      reason:
        'What is loaded is used more than once: a step of k takes 4 numbers of b and 8 of a, for 32 multiply-adds. The 16 threads of a workgroup lie side by side and make 64 columns of the same 8 rows, so that all of them load a from the same addresses, which counts once. There is no workgroup memory and no barrier.',
      ...tiled(8, 64),
    },
    {
      variant: 'tile_vec4',
      entry: 'matmul_tile_vec4',
      title: 'the same, b and y four numbers at a time',
      reason:
        'The same bytes by fewer instructions: where rows of b are contiguous and sizes multiples of four, b is loaded and y stored as vec4, one access and one address in place of four.',
      ...tiled(8, 64),
    },
    {
      variant: 'subgroup',
      entry: 'matmul_subgroup',
      title: '16 × 4 outputs a thread, a by way of the subgroup',
      reason:
        'Twice the rows halve the loads of b. Of a, each of 8 lanes loads two numbers for a step of k, and subgroupBroadcast hands these 16 to all lanes: 6 loads for 64 multiply-adds. It needs subgroups of at least 8 lanes.',
      ...tiled(16, 64),
    },
    {
      variant: 'subgroup_vec4',
      entry: 'matmul_subgroup_vec4',
      title: 'the same, b and y four numbers at a time',
      reason: 'As for the smaller tile: the same bytes, and 3 loads for 64 multiply-adds, as b comes as a vec4.',
      ...tiled(16, 64),
    },
    {
      variant: 'shared',
      entry: 'matmul_shared',
      title: '64 × 64 outputs a workgroup, slices in workgroup memory',
      reason:
        '256 threads load a slice of 16 of k of both operands together, neighbours from neighbouring addresses, and each makes 4 × 4 outputs from what all have loaded: storage is read least of all rungs. Made for GPUs, where workgroup memory is close to the arithmetic. On an adapter that is a CPU it is memory like any other, and the two barriers of each slice cost more than they save.',
      ...tiled(64, 64),
    },
  ],
  cases: (scale) =>
    (scale === 'large' ? [1024, 2048] : [256]).map((n) => ({
      sizes: { m: n, n, k: n },
      case: {
        name: `${n}×${n}×${n}`,
        kernel: matmul,
        flop: 2 * n ** 3,
        bytes: 12 * n * n,
        ulp: 64 + 2 * Math.sqrt(n),
        inputs: (device, seed) => [uniform([n, n], 2 * seed, device), uniform([n, n], 2 * seed + 1, device)],
        run: ([a, b]) => a.matmul(b),
        check: n > 256 ? matmulLadder.cases('small')[0].case : undefined,
      },
    })),
}

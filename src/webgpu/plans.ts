/**
 * @file The launch table: for each kernel of shaders/ the ways to run it, best first, chosen by adapter facts and shapes only,
 * so that the same inputs give bit-identical results. Kernels without a row have one entry point and a param `size`. What a
 * plan is, is in src/kernel.ts.
 */
import {
  type Constants,
  type Dispatch,
  type Facts,
  LANES,
  Live,
  type ParamValue,
  type Plan,
  type Scratch,
} from '../kernel.ts'
import type { KernelName } from '../shaders.generated.ts'

type View = readonly number[]

/** Workgroups for one thread per element. */
const perElement = (count: number): number => Math.ceil(count / LANES)

/** Workgroups for one thread per four elements. */
const perVec4 = (count: number): number => Math.ceil(count / (4 * LANES))

/** Whether four neighbours of an operand are one aligned vec4, or one value. */
function vec4Rows([offset, s0, s1, s2]: View, size: number, d2: number): boolean {
  if (s2 === 0) return true
  return s2 === 1 && offset % 4 === 0 && (d2 === size || (s0 % 4 === 0 && s1 % 4 === 0))
}

interface PointwiseParams {
  size: number
  d2: number
  a: View
  b: View
  c: View
}

/** Tensors among the operands of an elementwise op: the scalar, if there is one, takes the place of one. */
const tensorCount = ({ OP, SCALAR }: Constants): number => (OP < 64 ? 1 : OP < 128 ? 2 : 3) - (SCALAR ? 1 : 0)

const pointwise: Plan = {
  vec4: {
    fits: ({ size, d2, a, b, c }: PointwiseParams, _, constants) => {
      const count = tensorCount(constants)
      if (d2 !== size && d2 % 4 !== 0) return false
      return vec4Rows(a, size, d2) && (count < 2 || vec4Rows(b, size, d2)) && (count < 3 || vec4Rows(c, size, d2))
    },
    dispatch: ({ size, a, b, c }: PointwiseParams, _, constants) => {
      const count = tensorCount(constants)
      const spread = (a[3] === 0 ? 1 : 0) | (count > 1 && b[3] === 0 ? 2 : 0) | (count > 2 && c[3] === 0 ? 4 : 0)
      const switches = { TAIL: size % 4 === 0 ? 0 : 1, SPREAD: spread }
      return { entry: VEC4[count], groups: perVec4(size), constants: switches }
    },
  },
  strided: {
    dispatch: ({ size }: PointwiseParams, _, c) => ({ entry: STRIDED[tensorCount(c)], groups: perElement(size) }),
  },
}
const VEC4 = ['', 'pointwise_vec4_1', 'pointwise_vec4_2', 'pointwise_vec4_3']
const STRIDED = ['', 'pointwise_1', 'pointwise_2', 'pointwise_3']

interface CopyParams {
  size: number
  flat: number
  dst_offset: number
  src_offset: number
}

const copy: Plan = {
  flat: {
    fits: ({ flat, dst_offset, src_offset }: CopyParams) => flat === 1 && dst_offset % 4 === 0 && src_offset % 4 === 0,
    dispatch: ({ size }: CopyParams) => ({ entry: 'copy_flat', groups: perVec4(size) }),
  },
  strided: { dispatch: ({ size }: CopyParams) => ({ entry: 'copy_strided', groups: perElement(size) }) },
}

const fill: Plan = {
  vec4: { dispatch: ({ size }: { size: number }) => ({ entry: 'fill', groups: perVec4(size) }) },
}

const gather: Plan = {
  element: {
    dispatch: ({ count, cols }: { count: number; cols: number }) => ({
      entry: 'gather',
      groups: perElement(count * cols),
    }),
  },
}

interface ReduceParams {
  kept: View
  reduced: View
  ks: View
  rs: View
}

/**
 * Reduce in passes: each leaves `splits` results per kept element, in scratch, until one is left.
 * @param chunk  elements one thread or workgroup reduces, given the kept and the reduced count
 */
function reduction(entry: string, chunk: (kept: number, count: number) => number, groups: (results: number) => number) {
  return (p: ReduceParams): Dispatch[] => {
    const passes: Dispatch[] = []
    const [outputs] = p.kept
    let { kept, reduced, ks, rs } = p
    let from: number | Scratch = 1
    for (;;) {
      const count = reduced[0]
      const size = Math.max(1, chunk(outputs, count))
      const splits = Math.max(1, Math.ceil(count / size))
      const to: number | Scratch = splits === 1 ? 0 : { bytes: 4 * outputs * splits }
      passes.push({
        entry,
        groups: groups(outputs * splits),
        params: { kept: [outputs, kept[1], kept[2], splits], reduced: [count, reduced[1], reduced[2], size], ks, rs },
        blocks: [to, from],
      })
      if (splits === 1) return passes
      from = to
      kept = [outputs, 1, outputs, 1]
      reduced = [splits, 1, splits, splits]
      ks = [0, 0, 0, splits]
      rs = [0, 0, 0, 1]
    }
  }
}

/** Longest chunks for which a chain has at most 1,024 additions: four accumulators a thread, 256 threads a workgroup. */
const THREAD_CHUNK = 4080
const GROUP_CHUNK = 262144
/** Results that keep an adapter busy. */
const BUSY = 1024

const spread = (kept: number, count: number): number => Math.ceil(count / Math.max(1, Math.ceil(BUSY / kept)))

const reduce: Plan = {
  /** A workgroup per result suits GPUs, except for columns, whose neighbours lie side by side. */
  group: {
    better: ({ kept, reduced, ks, rs }: ReduceParams, { software }) =>
      !software && reduced[0] >= 64 && !(kept[0] >= LANES && ks[3] === 1 && rs[3] !== 1),
    dispatch: reduction(
      'reduce_group',
      (kept, count) => Math.min(GROUP_CHUNK, Math.max(4 * LANES, spread(kept, count))),
      (results) => results,
    ),
  },
  thread: {
    dispatch: reduction(
      'reduce_thread',
      (kept, count) => Math.min(THREAD_CHUNK, Math.max(64, spread(kept, count))),
      perElement,
    ),
  },
}

interface MatmulParams {
  batch: number
  m: number
  n: number
  k: number
  b_offset: number
  b: View
}

/** Whether rows of b are contiguous vec4s, and y's too. */
const vec4Columns = ({ n, b, b_offset }: MatmulParams): boolean =>
  b[3] === 1 && n % 4 === 0 && b[2] % 4 === 0 && b_offset % 4 === 0 && b[0] % 4 === 0 && b[1] % 4 === 0

/** Workgroups that make `rows` × `columns` outputs each. */
const tiles = ({ batch, m, n }: MatmulParams, rows: number, columns: number): number =>
  batch * Math.ceil(m / rows) * Math.ceil(n / columns)

const hasSubgroups = (_: MatmulParams, { subgroupSize }: Facts): boolean => subgroupSize >= 8

/** Strips of rows pay when at least half of their rows are there. */
const matmul: Plan = {
  shared: {
    better: ({ m, n }: MatmulParams, { software }) => !software && m >= 16 && n >= 16,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_shared', groups: tiles(p, 64, 64) }),
  },
  subgroup_vec4: {
    fits: (p: MatmulParams, facts) => hasSubgroups(p, facts) && vec4Columns(p),
    better: ({ m }: MatmulParams, { software }) => software && m >= 8,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup_vec4', groups: tiles(p, 16, 64) }),
  },
  subgroup: {
    fits: hasSubgroups,
    better: ({ m }: MatmulParams, { software }) => software && m >= 8,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup', groups: tiles(p, 16, 64) }),
  },
  tile_vec4: {
    fits: vec4Columns,
    better: ({ m }: MatmulParams, { software }) => software && m >= 4,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_tile_vec4', groups: tiles(p, 8, 64) }),
  },
  tile: {
    better: ({ m }: MatmulParams, { software }) => software && m >= 4,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_tile', groups: tiles(p, 8, 64) }),
  },
  naive: {
    dispatch: ({ batch, m, n }: MatmulParams) => ({ entry: 'matmul_naive', groups: perElement(batch * m * n) }),
  },
}

interface Rows {
  rows: number
  cols: number
  offset: number
}

/** A workgroup for each row, on GPUs with rows that keep one busy; else a thread. */
const groupPerRow = ({ cols }: Rows, { software }: Facts): boolean => !software && cols >= 64

const softmax: Plan = {
  group: { better: groupPerRow, dispatch: ({ rows }: Rows) => ({ entry: 'softmax_group', groups: rows }) },
  thread_vec4: {
    fits: ({ cols, offset }: Rows) => cols % 4 === 0 && offset % 4 === 0,
    dispatch: ({ rows }: Rows) => ({ entry: 'softmax_thread_vec4', groups: perElement(rows) }),
  },
  thread: { dispatch: ({ rows }: Rows) => ({ entry: 'softmax_thread', groups: perElement(rows) }) },
}

const cross_entropy: Plan = {
  group: { better: groupPerRow, dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_group', groups: rows }) },
  thread: { dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_thread', groups: perElement(rows) }) },
}

const cross_entropy_grad: Plan = {
  element: {
    dispatch: ({ rows, cols }: Rows) => ({ entry: 'cross_entropy_grad', groups: perElement(rows * cols) }),
  },
}

const extremum: Plan = {
  group: {
    better: ({ reduced }: ReduceParams, { software }) => !software && reduced[0] >= 64,
    dispatch: ({ kept }: ReduceParams) => ({ entry: 'extremum_group', groups: kept[0] }),
  },
  thread: { dispatch: ({ kept }: ReduceParams) => ({ entry: 'extremum_thread', groups: perElement(kept[0]) }) },
}

const random: Plan = {
  block: { dispatch: ({ size }: { size: number }) => ({ entry: 'random', groups: perVec4(size) }) },
}

interface ScatterParams {
  rows: number
  cols: number
  count: number
}

/** Clear the chains, link equal indices, sum along the chains. */
function scattering(link: string, groups: (count: number) => number) {
  return ({ rows, cols, count }: ScatterParams): Dispatch[] => {
    const links: Scratch = { bytes: 4 * (rows + count) }
    return [
      { entry: 'scatter_clear', groups: perElement(rows), blocks: [links, null, null] },
      { entry: link, groups: count === 0 ? 0 : groups(count), blocks: [links, null, 2] },
      { entry: 'scatter_sum', groups: perElement(rows * cols), blocks: [0, 1, links] },
    ]
  }
}

const scatter: Plan = {
  search: { better: (_, { software }) => !software, dispatch: scattering('scatter_link_search', perElement) },
  serial: { dispatch: scattering('scatter_link_serial', () => 1) },
}

interface StepParams {
  sizes: View
  momentum: ParamValue
}

/** Tensors of an optimizer step: up to the last that has elements. */
const stepTensors = ({ sizes }: StepParams): number => (sizes[2] > 0 ? 3 : sizes[1] > 0 ? 2 : 1)
const stepGroups = ({ sizes }: StepParams): number => perElement(sizes[0] + sizes[1] + sizes[2])

const sgd: Plan = {
  element: {
    dispatch: (p: StepParams) => {
      const momentum = p.momentum instanceof Live ? p.momentum.value : p.momentum
      return { entry: (momentum === 0 ? SGD : SGD_MOMENTUM)[stepTensors(p)], groups: stepGroups(p) }
    },
  },
}
const SGD = ['', 'sgd_1', 'sgd_2', 'sgd_3']
const SGD_MOMENTUM = ['', 'sgd_momentum_1', 'sgd_momentum_2', 'sgd_momentum_3']

const adam: Plan = {
  element: { dispatch: (p: StepParams) => ({ entry: ADAM[stepTensors(p)], groups: stepGroups(p) }) },
}
const ADAM = ['', 'adam_1', 'adam_2', 'adam_3']

/** Plans by kernel. */
export const plans: { readonly [K in KernelName]?: Plan } = {
  adam,
  copy,
  cross_entropy,
  cross_entropy_grad,
  extremum,
  fill,
  gather,
  matmul,
  pointwise,
  random,
  reduce,
  scatter,
  sgd,
  softmax,
}

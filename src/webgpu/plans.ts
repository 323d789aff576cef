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
  type Variant,
} from '../kernel.ts'
import type { KernelName } from '../shaders.generated.ts'

type View = readonly number[]

/** Workgroups for one thread per element. */
const perElement = (count: number): number => Math.ceil(count / LANES)

/** Workgroups for one thread per four elements. */
const perVec4 = (count: number): number => Math.ceil(count / (4 * LANES))

/**
 * Elements from which four per thread pay on a software adapter. Below, one per thread is as fast and compiles in half the
 * time: each access to memory that a shader contains costs such an adapter 10 ms of compilation.
 */
const MANY = 8192
const manyElements = (count: number, { software }: Facts): boolean => !software || count >= MANY

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
    better: ({ size }: PointwiseParams, facts) => manyElements(size, facts),
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
    better: ({ size }: CopyParams, facts) => manyElements(size, facts),
    dispatch: ({ size }: CopyParams) => ({ entry: 'copy_flat', groups: perVec4(size) }),
  },
  strided: { dispatch: ({ size }: CopyParams) => ({ entry: 'copy_strided', groups: perElement(size) }) },
}

const fill: Plan = {
  vec4: { dispatch: ({ size }: { size: number }) => ({ entry: 'fill', groups: perVec4(size) }) },
}

interface GatherParams {
  count: number
  cols: number
  x_offset: number
}

const gather: Plan = {
  vec4: {
    fits: ({ cols, x_offset }: GatherParams) => cols % 4 === 0 && x_offset % 4 === 0,
    better: ({ count, cols }: GatherParams, facts) => manyElements(count * cols, facts),
    dispatch: ({ count, cols }: GatherParams) => ({ entry: 'gather_vec4', groups: perVec4(count * cols) }),
  },
  element: {
    dispatch: ({ count, cols }: GatherParams) => ({ entry: 'gather', groups: perElement(count * cols) }),
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

/** Products from which a strip of rows pays for its compilation, on a software adapter; at least half of it must be there. */
const strips = (rows: number) => {
  return ({ batch, m, n, k }: MatmulParams, { software }: Facts): boolean =>
    software && m >= rows / 2 && batch * m * n * k >= 32768
}

const matmul: Plan = {
  shared: {
    better: ({ m, n }: MatmulParams, { software }) => !software && m >= 16 && n >= 16,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_shared', groups: tiles(p, 64, 64) }),
  },
  subgroup_vec4: {
    fits: (p: MatmulParams, facts) => hasSubgroups(p, facts) && vec4Columns(p),
    better: strips(16),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup_vec4', groups: tiles(p, 16, 64) }),
  },
  subgroup: {
    fits: hasSubgroups,
    better: strips(16),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup', groups: tiles(p, 16, 64) }),
  },
  tile_vec4: {
    fits: vec4Columns,
    better: strips(8),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_tile_vec4', groups: tiles(p, 8, 64) }),
  },
  tile: {
    better: strips(8),
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
    better: ({ rows, cols }: Rows, facts) => manyElements(rows * cols, facts),
    dispatch: ({ rows }: Rows) => ({ entry: 'softmax_thread_vec4', groups: perElement(rows) }),
  },
  thread: { dispatch: ({ rows }: Rows) => ({ entry: 'softmax_thread', groups: perElement(rows) }) },
}

interface Logits extends Rows {
  x_offset: number
}

const cross_entropy: Plan = {
  group: { better: groupPerRow, dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_group', groups: rows }) },
  thread: { dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_thread', groups: perElement(rows) }) },
}

const cross_entropy_grad: Plan = {
  vec4: {
    fits: ({ cols, x_offset }: Logits) => cols % 4 === 0 && x_offset % 4 === 0,
    better: ({ rows, cols }: Logits, facts) => manyElements(rows * cols, facts),
    dispatch: ({ rows, cols }: Logits) => ({ entry: 'cross_entropy_grad_vec4', groups: perVec4(rows * cols) }),
  },
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
  g_offset: number
}

/** Clear the chains, link equal indices, sum along the chains. */
function scattering(link: string, linkGroups: (count: number) => number, vec4: boolean) {
  return ({ rows, cols, count }: ScatterParams): Dispatch[] => {
    const links: Scratch = { bytes: 4 * (rows + count) }
    const elements = rows * cols
    const sum = vec4
      ? { entry: 'scatter_sum_vec4', groups: perVec4(elements) }
      : { entry: 'scatter_sum', groups: perElement(elements) }
    return [
      { entry: 'scatter_clear', groups: perElement(rows), blocks: [links, null, null] },
      { entry: link, groups: count === 0 ? 0 : linkGroups(count), blocks: [links, null, 2] },
      { ...sum, blocks: [0, 1, links] },
    ]
  }
}

const fourColumns = ({ cols, g_offset }: ScatterParams): boolean => cols % 4 === 0 && g_offset % 4 === 0
const onGpu = (_: ScatterParams, { software }: Facts): boolean => !software

const scatter: Plan = {
  search_vec4: {
    fits: fourColumns,
    better: onGpu,
    dispatch: scattering('scatter_link_search', perElement, true),
  },
  search: { better: onGpu, dispatch: scattering('scatter_link_search', perElement, false) },
  serial_vec4: {
    fits: fourColumns,
    better: ({ rows, cols }: ScatterParams, facts) => manyElements(rows * cols, facts),
    dispatch: scattering('scatter_link_serial', () => 1, true),
  },
  serial: { dispatch: scattering('scatter_link_serial', () => 1, false) },
}

interface StepParams {
  sizes: View
  starts: View
  momentum: ParamValue
}

/** Tensors of an optimizer step: up to the last that has elements. */
const stepTensors = ({ sizes }: StepParams): number => (sizes[2] > 0 ? 3 : sizes[1] > 0 ? 2 : 1)
const stepElements = ({ sizes }: StepParams): number => sizes[0] + sizes[1] + sizes[2]

/**
 * Four elements a thread, a dispatch per tensor. `state`: how many blocks come before the pairs of tensor and gradient.
 * GPUs coalesce single elements as well, and are better off with one dispatch.
 */
const stepByTensor = (entry: (p: StepParams) => string, state: number): Variant => ({
  fits: ({ starts }: StepParams) => starts.every((start) => start % 4 === 0),
  better: (p: StepParams, { software }) => software && stepElements(p) >= 8 * MANY,
  dispatch: (p: StepParams) =>
    [0, 1, 2].slice(0, stepTensors(p)).map((t) => {
      const pair = [state + 2 * t, state + 2 * t + 1]
      const blocks = [...Array(state).keys(), ...pair, null, null, null, null]
      const params = { sizes: [p.sizes[t], 0, 0, 0], starts: [p.starts[t], 0, 0, 0] }
      return { entry: entry(p), groups: perVec4(p.sizes[t]), blocks, params }
    }),
})

const plain = ({ momentum }: StepParams): boolean => (momentum instanceof Live ? momentum.value : momentum) === 0
const sgd: Plan = {
  vec4: stepByTensor((p) => (plain(p) ? 'sgd_vec4' : 'sgd_momentum_vec4'), 1),
  element: {
    dispatch: (p: StepParams) => ({
      entry: (plain(p) ? SGD : SGD_MOMENTUM)[stepTensors(p)],
      groups: perElement(stepElements(p)),
    }),
  },
}
const SGD = ['', 'sgd_1', 'sgd_2', 'sgd_3']
const SGD_MOMENTUM = ['', 'sgd_momentum_1', 'sgd_momentum_2', 'sgd_momentum_3']

const adam: Plan = {
  vec4: stepByTensor(() => 'adam_vec4', 2),
  element: {
    dispatch: (p: StepParams) => ({ entry: ADAM[stepTensors(p)], groups: perElement(stepElements(p)) }),
  },
}
const ADAM = ['', 'adam_1', 'adam_2', 'adam_3']

/** Plans by kernel. */
export const plans: { readonly [K in KernelName]: Plan } = {
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

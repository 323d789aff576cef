/**
 * @file What the kernels touch that run in parts where a block is beyond one binding: elementwise, movement, rows of
 * tables and of logits, reductions, products, optimizers. Kernels that are not here bind their blocks as a whole.
 */
import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, ParamValue } from '../../core/kernel.ts'
import type { Nest, Walk } from '../../core/nest.ts'
import type { CatParams } from './cat.ts'
import { numberOf, type Vec4 } from './common.ts'
import type { MatmulParams } from './matmul.ts'
import type { ReduceParams } from './reduce.ts'
import type { StepParams } from './steps.ts'

type Nests<P> = (p: P, c: Constants) => readonly Nest[]

const dense = (...steps: number[]): Walk => ({ at: 0, steps, dense: true })
/** Rows of `width` elements, of which a part has some, wherever they begin. */
const rowsFrom = (at: number, width: number): Walk => ({ at, steps: [width], width })
const denseRows = (width: number): Walk => ({ ...rowsFrom(0, width), dense: true })
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)
/** The outermost size, of the count of all and of the inner ones; of nothing it is 0, whatever they are. */
const outerOf = (count: number, inner: number): number => count && count / inner

/** Elements in a row, of which y has each once. */
export const flatNest: Nests<{ size: number }> = ({ size }) => [
  { sizes: [size], walks: [dense(1)], params: ({ sizes: [size] }) => ({ size }) },
]

interface Random {
  size: number
  offset_lo: ParamValue
  offset_hi: ParamValue
}
/** A block of the generator is four elements. */
export const randomNest: Nests<Random> = ({ size, offset_lo, offset_hi }) => [
  {
    sizes: [size],
    walks: [dense(1)],
    params: ({ sizes: [size], from: [begin] }) => {
      const at = numberOf(offset_lo) + 2 ** 32 * numberOf(offset_hi) + begin / 4
      return { size, offset_lo: at % 2 ** 32, offset_hi: Math.floor(at / 2 ** 32) }
    },
  },
]

interface Pointwise {
  size: number
  d1: number
  d2: number
  a: Vec4
  b: Vec4
  c: Vec4
}
const walkOf = ([at, ...steps]: Vec4): Walk => ({ at, steps })
const movedTo = (at: number, [, ...steps]: Vec4): Vec4 => [at, ...steps]

export const pointwiseNest: Nests<Pointwise> = ({ size, d1, d2, a, b, c }) => [
  {
    sizes: [outerOf(size, d1 * d2), d1, d2],
    walks: [dense(d1 * d2, d2, 1), walkOf(a), walkOf(b), walkOf(c)],
    params: ({ sizes, at }) => {
      const [, d1, d2] = sizes
      return { size: product(sizes), d1, d2, a: movedTo(at[1], a), b: movedTo(at[2], b), c: movedTo(at[3], c) }
    },
  },
]

interface Copy {
  dst_offset: ParamValue
  src_offset: ParamValue
  shape_lo: Vec4
  shape_hi: Vec4
  dst_lo: Vec4
  dst_hi: Vec4
  src_lo: Vec4
  src_hi: Vec4
}
export const copyNest: Nests<Copy> = (p) => [
  {
    sizes: [...p.shape_lo, ...p.shape_hi],
    walks: [
      { at: numberOf(p.dst_offset), steps: [...p.dst_lo, ...p.dst_hi] },
      { at: numberOf(p.src_offset), steps: [...p.src_lo, ...p.src_hi] },
    ],
    params: ({ sizes, at: [dst_offset, src_offset] }) => ({
      size: product(sizes),
      shape_lo: sizes.slice(0, 4),
      shape_hi: sizes.slice(4),
      dst_offset,
      src_offset,
    }),
  },
]

const INPUTS = [1, 2, 3, 4, 5, 6, 7]

/** One input after the other, each in the first one's place. */
export const catNest: Nests<CatParams> = ({ rows, width, row, begin, ...p }) => {
  const nests: Nest[] = []
  const ends = [...p.ends_lo, ...p.ends_hi]
  for (let k = 0, start = 0; start < width; start = ends[k], k++) {
    const at = [...p.at_lo, ...p.at_hi][k] + start
    const step = [...p.step_lo, ...p.step_hi][k]
    const input = { at, steps: [step, 1] }
    nests.push({
      sizes: [rows, ends[k] - start],
      // Entry points name all of their inputs.
      walks: [{ at: begin + start, steps: [row, 1] }, ...INPUTS.map(() => input)],
      blocks: [0, ...INPUTS.map(() => k + 1)],
      params: ({ sizes: [rows, width], at: [begin, at] }) => {
        const [none, all] = [
          [0, 0, 0, 0],
          [width, width, width, width],
        ]
        const [at_lo, step_lo] = [
          [at, 0, 0, 0],
          [step, 0, 0, 0],
        ]
        return { rows, width, begin, ends_lo: all, ends_hi: all, at_lo, at_hi: none, step_lo, step_hi: none }
      },
    })
  }
  return nests
}

const threeOf = ([count, d1, d2]: Vec4): number[] => [outerOf(count, d1 * d2), d1, d2]
const joinsOf = ({ INT }: Constants): (number | undefined)[] => {
  const { ADD, MUL, MAXIMUM, MINIMUM, ADD_I, MUL_I, MAXIMUM_I, MINIMUM_I } = shaders.pointwise.consts
  return INT === 1 ? [ADD_I, MUL_I, MAXIMUM_I, MINIMUM_I] : [ADD, MUL, MAXIMUM, MINIMUM]
}

/** Kept axes, then those reduced. @param results  bindings before x */
const reducing =
  (results: number, codeOf: (c: Constants) => number | undefined): Nests<ReduceParams> =>
  ({ kept, reduced, ks, rs }, c) => {
    const [d0, d1, d2] = threeOf(kept)
    const y = dense(d1 * d2, d2, 1, 0, 0, 0)
    return [
      {
        sizes: [d0, d1, d2, ...threeOf(reduced)],
        walks: [...new Array<Walk>(results).fill(y), { at: ks[0], steps: [...ks.slice(1), ...rs.slice(1)] }],
        params: ({ sizes, at }) => {
          const [keeps, reduces] = [sizes.slice(0, 3), sizes.slice(3)]
          const count = product(reduces)
          return {
            kept: [product(keeps), keeps[1], keeps[2], kept[3]],
            reduced: [count, reduces[1], reduces[2], count],
            ks: movedTo(at[results], ks),
          }
        },
        join: { axis: 3, code: codeOf(c) },
      },
    ]
  }
export const reduceNest = reducing(1, (c) => joinsOf(c)[c.OP])
/** Where an extreme is cannot be said of two parts by one op. */
export const extremumNest = reducing(2, () => undefined)

const { ADD, MUL, RELU } = shaders.pointwise.consts

export const matmulNest: Nests<MatmulParams> = (
  { batch, inner, m, n, k, a_offset, b_offset, bias_offset, a, b },
  c,
) => [
  {
    sizes: [outerOf(batch, inner), inner, m, n, k],
    walks: [
      dense(inner * m * n, m * n, n, 1, 0),
      { at: a_offset, steps: [a[0], a[1], a[2], 0, a[3]] },
      { at: b_offset, steps: [b[0], b[1], 0, b[3], b[2]] },
      { at: bias_offset, steps: [0, 0, 0, 1, 0] },
      c.RESIDUAL === 1 ? dense(inner * m * n, m * n, n, 1, 0) : dense(0, 0, 0, 0, 0),
    ],
    params: ({ sizes: [outer, inner, m, n, k], at: [, a_offset, b_offset, bias_offset] }) => {
      return { batch: outer * inner, inner, m, n, k, a_offset, b_offset, bias_offset }
    },
    join: {
      ...{ axis: 4, code: ADD, before: { BIAS: 0, RESIDUAL: 0 } },
      ...(c.RELU === 1 && { last: { code: RELU, without: { RELU: 0 } } }),
    },
  },
]

interface Gather {
  count: number
  cols: number
  first: number
  rows: number
  x_offset: number
  index_offset: number
}
/** Each range of rows of x writes the rows of y that take one of them. */
export const gatherNest: Nests<Gather> = ({ count, cols, first, rows, x_offset, index_offset }) => [
  {
    sizes: [count, rows],
    walks: [
      { ...dense(cols, 0), width: cols, kept: true },
      { at: x_offset, steps: [0, cols], width: cols },
      { at: index_offset, steps: [1, 0] },
    ],
    places: [1, 0],
    params: ({ sizes: [count, rows], from, at: [, x_offset, index_offset] }) => {
      return { count, rows, first: first + from[1], x_offset, index_offset }
    },
  },
]

interface Scatter {
  first: number
  rows: number
  cols: number
  count: number
  g_offset: number
  index_offset: number
  step: number
  span: number
}
export const scatterNest: Nests<Scatter> = ({ first, rows, cols, count, g_offset, index_offset, step, span }, c) => {
  return [
    {
      sizes: [rows, count],
      walks: [
        { ...dense(cols, 0), width: cols },
        { at: g_offset, steps: [0, cols], width: cols },
        { at: index_offset, steps: [0, 1] },
      ],
      places: [0, 1],
      params: ({ sizes: [rows, part], from, at: [, g_offset, index_offset] }) => ({
        rows,
        first: first + from[0],
        count: part,
        g_offset,
        index_offset,
        // Runs of a part may begin anywhere.
        ...(part === count ? { step, span } : { step: 1, span: part }),
      }),
      join: { axis: 1, code: [ADD, MUL][c.OP ?? 0] },
    },
  ]
}

/** Rows of y and x, `offset` naming where x's begin. */
export const softmaxNest: Nests<{ rows: number; cols: number; offset: number }> = ({ rows, cols, offset }) => [
  {
    sizes: [rows],
    walks: [denseRows(cols), rowsFrom(offset, cols)],
    params: ({ sizes: [rows], at: [, offset] }) => ({ rows, offset }),
  },
]

/** Tensor by tensor, each in the first one's place. @param states  bindings before the pairs of tensor and gradient */
export const stepNests =
  (states: number): Nests<StepParams> =>
  ({ sizes, starts }) =>
    tensorsOf(sizes, (size, t) => ({
      sizes: [size],
      walks: [...new Array<Walk>(states).fill({ at: starts[t], steps: [1] }), dense(1), dense(1)],
      blocks: [...new Array(states).keys(), states + 2 * t, states + 2 * t + 1],
      params: ({ sizes: [size], at: [start] }) => ({
        sizes: [size, 0, 0, 0],
        starts: [states === 0 ? 0 : start, 0, 0, 0],
      }),
    }))

function tensorsOf(sizes: readonly number[], nest: (size: number, t: number) => Nest): Nest[] {
  return sizes.flatMap((size, t) => (size === 0 ? [] : [nest(size, t)]))
}

interface Tensors {
  lo: Vec4
  hi: Vec4
}
const onlyFirst = (size: number) => ({ lo: [size, 0, 0, 0], hi: [0, 0, 0, 0] })

export const scaleNests: Nests<Tensors> = ({ lo, hi }) =>
  tensorsOf([...lo, ...hi], (size, t) => ({
    sizes: [size],
    walks: [undefined, dense(1)],
    blocks: [0, t + 1],
    params: ({ sizes: [size] }) => onlyFirst(size),
  }))

/** Sums go on in y from part to part. */
export const squaresNests: Nests<Tensors & { first: number; last: number }> = ({ lo, hi, first, last }) => {
  const all = [...lo, ...hi]
  const [begin, end] = [all.findIndex((size) => size > 0), all.findLastIndex((size) => size > 0)]
  return tensorsOf(all, (size, t) => ({
    sizes: [size],
    walks: [undefined, dense(1)],
    blocks: [0, t + 1],
    params: ({ sizes: [part], from: [from] }) => ({
      ...onlyFirst(part),
      first: t === begin && from === 0 ? first : 0,
      last: t === end && from + part === size ? last : 0,
    }),
  }))
}

interface Logits {
  rows: number
  cols: number
  x_offset: number
  target_offset: number
}
export const crossEntropyNest: Nests<Logits> = ({ rows, cols, x_offset, target_offset }) => [
  {
    sizes: [rows],
    walks: [dense(1), denseRows(2), rowsFrom(x_offset, cols), rowsFrom(target_offset, 1)],
    places: [1],
    params: ({ sizes: [rows], at: [, , x_offset, target_offset] }) => ({ rows, x_offset, target_offset }),
  },
]
export const crossEntropyGradNest: Nests<Logits & { g_offset: number; g_stride: number }> = (p) => [
  {
    sizes: [p.rows],
    walks: [
      denseRows(p.cols),
      rowsFrom(p.x_offset, p.cols),
      rowsFrom(p.target_offset, 1),
      denseRows(2),
      { at: p.g_offset, steps: [p.g_stride] },
    ],
    params: ({ sizes: [rows], at: [, x_offset, target_offset, , g_offset] }) => {
      return { rows, x_offset, target_offset, g_offset }
    },
  },
]

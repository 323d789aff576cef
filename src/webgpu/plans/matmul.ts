/** @file How to run shaders/matmul.wgsl and its rungs: which is taken, and a long k in parts. */

import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, Dispatch, Facts, Plan, Scratch, Variant } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'
import { matmulNest } from './nests.ts'

const { TILE, TILE_THREADS, BLOCK, PARTS, FEW } = shaders.matmul.consts
/** Columns of a strip: four per thread. Its rows (ROWS) differ between the files of the kernel. */
const COLUMNS = 4 * TILE_THREADS

export interface MatmulParams {
  batch: number
  inner: number
  m: number
  n: number
  k: number
  a_offset: number
  b_offset: number
  bias_offset: number
  /** Strides of a: two batch axes, rows, k; of b: two batch axes, k, columns. */
  a: Vec4
  b: Vec4
}

/** What adapter facts and params say of a variant. */
type Fits = (p: MatmulParams, facts: Facts) => boolean

const inVec4s = (...numbers: readonly number[]): boolean => numbers.every((n) => n % 4 === 0)

/** Whether rows of b are contiguous vec4s, and y's too. */
const vec4Columns = ({ n, b_offset, b: [outer, inner, down, right] }: MatmulParams): boolean =>
  right === 1 && inVec4s(n, b_offset, outer, inner, down)
const VEC4 = 'contiguous rows of b, and n, its strides and its offset multiples of 4'

const SUBGROUPS = 'subgroups of at least 8 lanes'
const hasSubgroups = (_: MatmulParams, { subgroupSize }: Facts): boolean => subgroupSize >= 8

const isVec4InSubgroups: Fits = (p, facts) => hasSubgroups(p, facts) && vec4Columns(p)

/** Whether b has 32 bits: variants that use its elements many times do not read others. */
const isWide = (_: MatmulParams, __: Facts, { HALF }: Constants): boolean => !HALF
const WIDE = 'a b of 32 bits'

const products = ({ batch, m, n, k }: MatmulParams): number => batch * m * n * k

/** Matrices of so few rows that a thread holds a column of them. */
const isFew = ({ m }: MatmulParams): boolean => m <= FEW
const FEW_ROWS = `at most ${FEW} rows`
const isFewInSubgroups: Fits = (p, facts) => hasSubgroups(p, facts) && isFew(p)
/** Products from which this pays for its compilation, on a software adapter. */
const FEW_PAYS = 8192

/** Whether k lies side by side in b, for a GPU; for a software adapter, where there are enough products. */
const inSteps: Fits = ({ b }, { software }) => !software && b[2] === 1
const stepsPay: Fits = (p, { software }) => software && p.b[2] === 1 && products(p) >= FEW_PAYS

/** Whether tiles of a workgroup are filled enough, for a GPU. */
const isLarge: Fits = ({ m, n }, { software }) => !software && m >= 16 && n >= 16

/**
 * Products from which a strip of rows pays for its compilation, on a software adapter; at least half of it must be
 * there.
 */
const strips = (rows: number) => {
  return (p: MatmulParams, { software }: Facts): boolean => software && p.m >= rows / 2 && products(p) >= 32768
}

/** Workgroups of an entry point. */
type Groups = (p: MatmulParams) => number

/** Workgroups that make `rows` × `columns` outputs each. */
const tiles = (rows: number, columns: number): Groups => {
  return ({ batch, m, n }) => batch * Math.ceil(m / rows) * Math.ceil(n / columns)
}
const columns: Groups = ({ batch, n }) => batch * n
const fours: Groups = ({ batch, n }) => batch * Math.ceil(n / 4)
const outputs: Groups = ({ batch, m, n }) => perElement(batch * m * n)

/** Products of a part of k: with more, the chain of their blocks would be long. */
const PART = BLOCK * PARTS
/** Bytes that the sums of all parts take at most: the chains of large products with a long k are longer. */
const MOST_BYTES = 2 ** 26
/** Workgroups that keep a GPU busy, and products of a part for which it takes more of them. */
const BUSY = 64
const SHORT_PART = 4 * BLOCK

/** Products of a part of k, which is k itself where there is one part. */
function partOf({ inner, m, n, k }: MatmulParams, groups: number, { software }: Facts): number {
  const busy = software || k <= SHORT_PART ? 1 : Math.min(k / SHORT_PART, BUSY / groups)
  const most = Math.floor(MOST_BYTES / (WORD_BYTES * inner * m * n))
  const parts = Math.min(Math.ceil(Math.max(k / PART, busy)), most)
  return parts <= 1 ? k : BLOCK * Math.ceil(k / parts / BLOCK)
}

/**
 * One dispatch, or for a long k three for each matrix of the outer batch axis: its whole parts, what is left of k, and
 * the sum of both. Parts take the place of the outer axis.
 */
const product = (entry: string, groupsOf: Groups) => (p: MatmulParams, facts: Facts) => {
  const { batch, inner, m, n, k, a, b } = p
  const part = partOf(p, groupsOf(p), facts)
  if (part === k) return { entry, groups: groupsOf(p) }
  const [parts, rest] = [Math.floor(k / part), k % part]
  const [done, last]: Scratch[] = [parts, 1].map((count) => ({ bytes: WORD_BYTES * count * inner * m * n }))
  const constants = { BIAS: 0, RESIDUAL: 0, RELU: 0 }
  return Array.from({ length: batch / inner }, (_, outer): Dispatch[] => {
    const steps = { a: [part * a[3], ...a.slice(1)], b: [part * b[2], ...b.slice(1)] }
    const from = (first: number) => ({
      a_offset: p.a_offset + outer * a[0] + first * a[3],
      b_offset: p.b_offset + outer * b[0] + first * b[2],
    })
    const run = (changed: Partial<MatmulParams>, y: Scratch): Dispatch => {
      const params = { ...p, ...changed }
      return { entry, groups: groupsOf(params), constants, params, blocks: [y, 1, 2, 3, 4] }
    }
    const whole = run({ batch: parts * inner, k: part, ...steps, ...from(0) }, done)
    const left = run({ batch: inner, k: rest, ...steps, ...from(parts * part) }, last)
    const size = inner * m
    const join = {
      entry: 'matmul_join',
      groups: perElement(size * n),
      params: { batch: parts, m: size, k: rest, a_offset: outer * size * n },
      blocks: [0, done, rest > 0 ? last : done, 3, 4],
    }
    return rest > 0 ? [whole, left, join] : [whole, join]
  }).flat()
}

const strip = tiles(16, COLUMNS)
const stripsOfF16 = strips(2 * (FEW + 1))

/**
 * A variant for a b of float16 on a device that has the type. It sums the same products in the same order as the one
 * for 32 bits, and comes before it: it reads half the bytes, and b needs no copy.
 */
const inF16 = (entry: string, groups: Groups, better: Fits, fits: Fits = () => true, requires = ''): Variant => ({
  requires: `${requires}a b of float16`,
  fits: (p, facts, { HALF }) =>
    HALF === shaders.copy.consts.FLOAT16 && facts.features.has('shader-f16') && fits(p as MatmulParams, facts),
  better,
  dispatch: product(`${entry}_f16`, groups),
})

export const matmul: Plan = {
  nests: matmulNest,
  class: ({ batch, m, n, k }: MatmulParams) => sizeClass(batch, m, n, k),
  variants: {
    few_group_f16: inF16('matmul_few_group', columns, inSteps, isFew, `${FEW_ROWS}, `),
    subgroup_few_f16: inF16('matmul_subgroup_few', fours, stepsPay, isFewInSubgroups, `${SUBGROUPS}, ${FEW_ROWS}, `),
    shared_f16: inF16('matmul_shared', tiles(TILE, TILE), isLarge),
    subgroup_vec4_f16: inF16('matmul_subgroup_vec4', strip, stripsOfF16, isVec4InSubgroups, `${SUBGROUPS}, ${VEC4}, `),
    subgroup_f16: inF16('matmul_subgroup', strip, stripsOfF16, hasSubgroups, `${SUBGROUPS}, `),
    few_group: { requires: FEW_ROWS, fits: isFew, better: inSteps, dispatch: product('matmul_few_group', columns) },
    few_vec4: {
      requires: `${FEW_ROWS}, ${VEC4}`,
      fits: (p: MatmulParams) => isFew(p) && vec4Columns(p),
      better: (p: MatmulParams, { software }) => software && products(p) >= FEW_PAYS,
      dispatch: product('matmul_few_vec4', ({ batch, n }) => Math.ceil((batch * n) / COLUMNS)),
    },
    subgroup_few: {
      requires: `${SUBGROUPS}, ${FEW_ROWS}`,
      fits: isFewInSubgroups,
      better: stepsPay,
      dispatch: product('matmul_subgroup_few', fours),
    },
    shared: { requires: WIDE, fits: isWide, better: isLarge, dispatch: product('matmul_shared', tiles(TILE, TILE)) },
    subgroup_vec4: {
      requires: `${SUBGROUPS}, ${VEC4}, ${WIDE}`,
      fits: (p: MatmulParams, facts, c) => isVec4InSubgroups(p, facts) && isWide(p, facts, c),
      better: strips(16),
      dispatch: product('matmul_subgroup_vec4', strip),
    },
    subgroup: {
      requires: `${SUBGROUPS}, ${WIDE}`,
      fits: (p: MatmulParams, facts, c) => hasSubgroups(p, facts) && isWide(p, facts, c),
      better: strips(16),
      dispatch: product('matmul_subgroup', strip),
    },
    tile_vec4: {
      requires: `${VEC4}, ${WIDE}`,
      fits: (p: MatmulParams, facts, c) => vec4Columns(p) && isWide(p, facts, c),
      better: strips(8),
      dispatch: product('matmul_tile_vec4', tiles(8, COLUMNS)),
    },
    tile: { requires: WIDE, fits: isWide, better: strips(8), dispatch: product('matmul_tile', tiles(8, COLUMNS)) },
    naive: { dispatch: product('matmul_naive', outputs) },
  },
}

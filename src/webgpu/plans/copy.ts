/** @file How to run shaders/copy.wgsl and copy_transpose.wgsl. */
import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, Plan, Variant } from '../../core/kernel.ts'
import { rowMajor } from '../../core/shape.ts'
import { manyElements, manyOnSoftware, perElement, perVec4, runOf, sizeClass, type Vec4 } from './common.ts'
import { copyNest } from './nests.ts'

interface CopyParams {
  size: number
  flat: number
  dst_offset: number
  src_offset: number
  /** Up to eight axes, the last four in `hi`; leading ones before. */
  shape_lo: Vec4
  shape_hi: Vec4
  dst_lo: Vec4
  dst_hi: Vec4
  src_hi: Vec4
}

const { TILE_SIDE, BLOCK_SIDE } = shaders.copy.consts

const isShort = ({ shape_lo }: CopyParams): boolean => shape_lo.every((n) => n === 1)

/** Whether all vec4s begin at multiples of four, along the axis that lies side by side. */
const isAligned = (offset: number, strides: Vec4, shape: Vec4, along: number): boolean =>
  offset % 4 === 0 &&
  shape[along] % 4 === 0 &&
  strides.every((stride, i) => i === along || shape[i] === 1 || stride % 4 === 0)

const inRows = ({ shape_hi, dst_offset, dst_hi, src_offset, src_hi }: CopyParams): boolean =>
  dst_hi[3] === 1 &&
  src_hi[3] === 1 &&
  isAligned(dst_offset, dst_hi, shape_hi, 3) &&
  isAligned(src_offset, src_hi, shape_hi, 3)

/** The axis along which the source lies side by side, where it is not the destination's last one; −1: there is none. */
const turnedAxis = ({ shape_hi, dst_hi, src_hi }: CopyParams): number =>
  dst_hi[3] === 1 && src_hi[3] !== 1 && shape_hi[3] > 1
    ? src_hi.findIndex((stride, i) => stride === 1 && shape_hi[i] > 1)
    : -1

const isTurned = (p: CopyParams): boolean => isShort(p) && turnedAxis(p) >= 0

/** Squares that cover a copy. */
function squares(p: CopyParams, side: number): number {
  const axis = turnedAxis(p)
  return p.shape_hi.reduce((all, n, i) => all * (i === axis || i === 3 ? Math.ceil(n / side) : n), 1)
}

/** Formats of what is read and written (shaders/lib/half.wgsl); 0, or none, is of words. */
const isHalf = ({ FROM = 0, TO = 0 }: Constants): boolean => FROM !== 0 || TO !== 0
const toHalf = ({ TO = 0 }: Constants): boolean => TO !== 0

/** Whether y's elements lie in order from an even number on, so that a thread has a word of its own. */
function inWords({ flat, dst_offset, shape_lo, shape_hi, dst_lo, dst_hi }: CopyParams): boolean {
  if (dst_offset % 2 !== 0) return false
  const [shape, steps] = [
    [...shape_lo, ...shape_hi],
    [...dst_lo, ...dst_hi],
  ]
  return flat === 1 || rowMajor(shape).every((step, i) => shape[i] === 1 || steps[i] === step)
}

/** Variants for elements of 32 bits alone. */
const wide = (variants: Readonly<Record<string, Variant>>): Record<string, Variant> =>
  Object.fromEntries(
    Object.entries(variants).map(([name, { requires, fits, ...variant }]) => [
      name,
      {
        ...variant,
        requires: `elements of 32 bits, ${requires}`,
        fits: (p, facts, c) => !isHalf(c) && fits?.(p, facts, c) === true,
      },
    ]),
  )

export const copy: Plan = {
  nests: copyNest,
  class: ({ size }: CopyParams) => sizeClass(size),
  variants: {
    ...wide({
      flat: {
        requires: 'flat operands whose offsets are multiples of 4',
        fits: ({ flat, dst_offset, src_offset }: CopyParams) =>
          flat === 1 && dst_offset % 4 === 0 && src_offset % 4 === 0,
        better: ({ size }: CopyParams, facts) => manyElements(size, facts),
        dispatch: ({ size }: CopyParams, facts) => {
          const run = runOf(facts)
          return { entry: 'copy_flat', groups: perVec4(size / run), constants: { RUN: run } }
        },
      },
      rows: {
        requires: 'up to four axes, rows of aligned vec4s in both operands',
        fits: (p: CopyParams) => isShort(p) && inRows(p),
        better: ({ size }: CopyParams, facts) => manyElements(size, facts),
        dispatch: ({ size, shape_hi }: CopyParams, facts) => {
          const run = shape_hi[3] % (4 * runOf(facts)) === 0 ? runOf(facts) : 1
          return { entry: 'copy_rows', groups: perVec4(size / run), constants: { RUN: run } }
        },
      },
      block: {
        requires: 'up to four axes, rows that become columns, aligned vec4s in both operands',
        fits: (p: CopyParams) => {
          if (!isTurned(p)) return false
          const { shape_hi, dst_offset, dst_hi, src_offset, src_hi } = p
          return isAligned(dst_offset, dst_hi, shape_hi, 3) && isAligned(src_offset, src_hi, shape_hi, turnedAxis(p))
        },
        better: ({ size }: CopyParams, facts) => manyOnSoftware(size, facts),
        dispatch: (p: CopyParams) => ({
          entry: 'copy_block',
          groups: perElement(squares(p, BLOCK_SIDE)),
          constants: { AXIS: turnedAxis(p) },
        }),
      },
      tile: {
        requires: 'up to four axes, rows that become columns',
        fits: isTurned,
        better: (_, { software }) => !software,
        dispatch: (p: CopyParams) => ({
          entry: 'copy_tile',
          groups: squares(p, TILE_SIDE),
          constants: { AXIS: turnedAxis(p) },
        }),
      },
      short: {
        requires: 'up to four axes',
        fits: isShort,
        dispatch: ({ size }: CopyParams) => ({ entry: 'copy_short', groups: perElement(size) }),
      },
    }),
    widen: {
      requires: 'flat operands, of 16 bits and 32, the first from an even element on',
      fits: ({ flat, src_offset }: CopyParams, _, c) => isHalf(c) && !toHalf(c) && flat === 1 && src_offset % 2 === 0,
      dispatch: ({ size }: CopyParams) => ({ entry: 'copy_widen_flat', groups: perElement(size / 2) }),
    },
    strided: {
      dispatch: (p: CopyParams, _, c) => {
        if (toHalf(c) && inWords(p)) return { entry: 'copy_words', groups: perElement(p.size / 2) }
        const entry = toHalf(c) ? 'copy_halves' : isHalf(c) ? 'copy_widen' : 'copy_strided'
        return { entry, groups: perElement(p.size) }
      },
    },
  },
}

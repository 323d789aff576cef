/**
 * @file Masks of dropout: drawn as a position in the random stream, and applied by a kernel that computes them again,
 * in both directions. A gradient launches with the cells of its mask, so that they go on together.
 */

import { describe, fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { type Draw, defaultGenerator } from '../base/generator.ts'
import { widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'

/** Which elements are kept, as the kernels take it: those whose 24 random bits reach the threshold p·2²⁴. */
export interface DropMask extends Draw {
  readonly threshold: number
}

/** Draw a mask whose rows have `cols` elements: each row has the same blocks, told apart by its number. */
export function drawMask(cols: number, p: number): DropMask {
  return { ...defaultGenerator.draw(Math.ceil(cols / 4)), threshold: Math.round(p * 2 ** 24) }
}

export function checkProbability(op: string, name: string, p: unknown): void {
  if (typeof p !== 'number') fail(op, `${name} is ${describe(p)}`, 'give a probability from 0 to 1')
  if (!(p >= 0 && p <= 1)) fail(op, `${name} is ${p}`, 'give a probability from 0 to 1')
}

export interface DropoutAttrs {
  readonly mask: DropMask
  /** Elements of a row of the mask. */
  readonly cols: number
  /** y = scale·x + shift where kept, else drop. */
  readonly scale: number
  readonly shift: number
  readonly drop: number
}

export const dropoutOp: Op<DropoutAttrs> = defineOp({
  name: 'dropout',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x], _: DropoutAttrs) => ({ shape: x.shape }),
  halves: widen,
  launch: ([x], [y], { mask, ...rest }) => {
    const params = { rows: x.numel / rest.cols, x_offset: x.layout.offset, ...mask, ...rest }
    launch('dropout', kernels.dropout, [y, x], params)
  },
  // dx = scale·g where kept: the same mask on g.
  vjp: { x: ({ g, attrs }) => dropoutOp([g], { ...attrs, shift: 0, drop: 0 }) },
})

/** @file Random numbers in the graph: dropout and alpha dropout. The mask is computed again from (seed, offset), not stored. */
import { describe, fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import type { PhiloxStart } from '../../core/philox.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkOptions } from '../base/arguments.ts'
import { deviceRandom } from '../base/generator.ts'
import * as kernels from '../base/kernels.ts'

/** Which elements are kept, as the kernels take it: those whose 24 random bits reach the threshold p·2²⁴. */
export interface DropMask extends PhiloxStart {
  readonly threshold: number
}

/** Draw a mask whose rows have `cols` elements: each row has the same blocks, told apart by its number. */
export function drawMask(cols: number, p: number): DropMask {
  return { ...deviceRandom(Math.ceil(cols / 4)), threshold: Math.round(p * 2 ** 24) }
}

export function checkProbability(op: string, name: string, p: unknown): void {
  if (typeof p !== 'number') fail(op, `${name} is ${describe(p)}`, 'give a probability from 0 to 1')
  if (!(p >= 0 && p <= 1)) fail(op, `${name} is ${p}`, 'give a probability from 0 to 1')
}

interface DropoutAttrs {
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
  launch: ([x], [y], { mask, ...rest }) => {
    const params = { rows: x.numel / rest.cols, x_offset: x.layout.offset, ...mask, ...rest }
    launch('dropout', kernels.dropout, [y, x], params)
  },
  // dx = scale·g where kept: the same mask on g.
  vjp: { x: ({ g, attrs }) => dropoutOp([g], { ...attrs, shift: 0, drop: 0 }) },
})

/** Options of {@link dropout} and {@link alphaDropout}. */
export interface DropoutOptions {
  /** Probability with which an element is dropped. Default 0.5. */
  p?: number
  /** False: x itself is returned. Default true. */
  training?: boolean
}

function dropped(
  op: string,
  x: Tensor,
  options: DropoutOptions,
  values: (p: number) => Pick<DropoutAttrs, 'scale' | 'shift' | 'drop'>,
): Tensor {
  checkDType(op, 'x', x, floats)
  checkOptions(op, options, ['p', 'training'])
  const { p = 0.5, training = true } = options
  checkProbability(op, 'p', p)
  if (p === 0 || !training || x.numel === 0) return x
  const line = p === 1 ? { scale: 0, shift: 0, drop: 0 } : values(p)
  return dropoutOp([x], { mask: drawMask(x.numel, p), cols: x.numel, ...line })
}

/**
 * y = x / (1 − p) where an element is kept, else 0; each is dropped with probability p, so that the mean stays (Srivastava et
 * al. 2014). One seed drops the same elements on every device. Without training, or with p = 0, x itself; p = 1 gives zeros.
 * Dtypes: floats.
 * @returns x's shape
 * @throws HandgradError if p is no number in [0, 1], or an option is unknown
 */
export const dropout = (x: Tensor, options: DropoutOptions = {}): Tensor =>
  dropped('dropout', x, options, (p) => ({ scale: 1 / (1 - p), shift: 0, drop: 0 }))

/** −λα of SELU, its limit at −∞. */
const SATURATION = -1.7580993408473766

/**
 * Dropout that keeps mean 0 and variance 1, for nets of SELU (Klambauer et al. 2017): dropped elements become s = −λα = −1.7581,
 * then y = a·x + b with a = ((1 − p)(1 + p·s²))^(−1/2) and b = −a·p·s. Else as {@link dropout}. Dtypes: floats.
 * @returns x's shape
 * @throws HandgradError if p is no number in [0, 1], or an option is unknown
 */
export const alphaDropout = (x: Tensor, options: DropoutOptions = {}): Tensor =>
  dropped('alphaDropout', x, options, (p) => {
    const a = ((1 - p) * (1 + p * SATURATION ** 2)) ** -0.5
    const b = -a * p * SATURATION
    return { scale: a, shift: b, drop: a * SATURATION + b }
  })

/**
 * @file What kernels find wrong in their input, in words: one text, whether a CPU twin throws it at once or a GPU tells
 * of it at the next read (webgpu/status.ts). Kinds and their numbers are in the WGSL, from shaders/lib/status.wgsl on.
 * Twins that report indices only say so by errors.ts' `indexError`, for what a page loads first.
 */
import { bounds, sample, squares, weights } from './contracts.generated.ts'
import { HandgradError, indexError } from './errors.ts'

/** One thing found wrong. */
export interface Report {
  /** 0: an index. Others by name in the contract of the kernel that reports them. */
  readonly kind: number
  readonly position: number
  readonly value: number
  readonly limit: number
  /** Of an index: −limit where negative ones count from the end, else 0. */
  readonly low?: number
}

const { WEIGHT, TOTAL, FEW } = weights.consts
const { OFFSET, REPEAT, REPEATS, TAKEN, LENGTH } = bounds.consts
const { NONFINITE } = squares.consts
const { LOGIT, NOTHING } = sample.consts

/** The kinds whose value is a float; of the others it is an integer. */
export const floatKinds: readonly number[] = [WEIGHT, TOTAL, FEW, NONFINITE, LOGIT]

/** What is wrong with where a bag begins, among `count` indices. */
export const badOffset = (position: number, value: number, count: number): [what: string, todo: string] => [
  `offset ${position} is ${value} of ${count} indices`,
  'they ascend from 0; with includeLastOffset the last is the end',
]

/** What is wrong with how many of `count` keys a row of a batch has. */
export const badLength = (position: number, value: number, count: number): [what: string, todo: string] => [
  `keyLengths[${position}] is ${value} of ${count} keys`,
  `give integers from 0 to ${count}`,
]

/** The error that tells of it: an IndexError for an index. */
export function reportError(op: string, { kind, position, value, limit, low = 0 }: Report): HandgradError {
  switch (kind) {
    case WEIGHT: {
      const place = `weight ${position % limit} of row ${Math.floor(position / limit)}`
      return new HandgradError(op, `${place} is ${value}`, 'weights are finite numbers from 0 up')
    }
    case TOTAL:
      return value === 0
        ? new HandgradError(op, `the weights of row ${position} are all 0`, 'at least one must be above 0')
        : new HandgradError(op, `the weights of row ${position} add up to ${value}`, 'divide them by the greatest')
    case FEW:
      return new HandgradError(
        op,
        `row ${position} has ${value} weights above 0, and ${limit} are drawn`,
        'draw fewer, or with replacement',
      )
    case OFFSET:
      return new HandgradError(op, ...badOffset(position, value, limit))
    case REPEAT:
      return new HandgradError(op, `repeat ${position} is ${value}`, 'give integers from 0 up')
    case REPEATS:
      return new HandgradError(op, `outputSize is ${limit}, the repeats make ${value}`)
    case TAKEN:
      return new HandgradError(op, `the mask is true ${value} times, source has ${limit} elements`, 'one for each')
    case LENGTH:
      return new HandgradError(op, ...badLength(position, value, limit))
    case LOGIT: {
      const place = `logit ${position % limit} of row ${Math.floor(position / limit)}`
      return new HandgradError(
        op,
        `${place} is ${value}`,
        'logits are numbers below Infinity; -Infinity is never drawn',
      )
    }
    case NOTHING:
      return new HandgradError(op, `the logits of row ${position} are all -Infinity`, 'leave one that can be drawn')
    case NONFINITE:
      return new HandgradError(
        op,
        `the norm of the gradients is ${value}`,
        'find what grew, or leave out errorIfNonfinite',
      )
    default:
      return indexError(op, position, value, limit, low)
  }
}

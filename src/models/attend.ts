/** @file Attention of a block over the text it works on, as every family has it. */
import type { Tensor } from '../core/tensor.ts'
import { scaledDotProductAttention } from '../ops/index.ts'
import type { ForwardOptions } from './language.ts'

/** What every block is told of the texts that it works on. */
export interface Text {
  /** Tokens of each row; null: all. */
  readonly lengths: NonNullable<ForwardOptions['lengths']> | null
}

/**
 * Each token attends to itself and to those before it in its row.
 * @param q        [batch, heads, tokens, channels]
 * @param k        [batch, heads or fewer, tokens, channels]
 * @param v        as k
 * @param options  what scores are multiplied by, and the probability of dropout of attention's weights
 * @returns        as q
 */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  text: Text,
  options: { scale: number; dropoutP: number },
): Tensor {
  return scaledDotProductAttention(q, k, v, { isCausal: true, keyLengths: text.lengths, ...options })
}

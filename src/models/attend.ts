/** @file Attention of a block over the text it works on, as every family has it. */
import { checkpoint } from '../autograd/index.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Module } from '../nn/module.ts'
import { type AttentionOptions, contiguous, scaledDotProductAttention } from '../ops/index.ts'
import type { ForwardOptions, LanguageModel } from './language.ts'

/** What every block is told of the texts that it works on. */
export interface Text {
  /** Tokens of each row; null: all. */
  readonly lengths: NonNullable<ForwardOptions['lengths']> | null
  /** What was read before these tokens; null: nothing, and they stand at the positions from 0 on. */
  readonly past: Past | null
  /** Blocks keep what they are given, and compute again in backward what is inside. */
  readonly checkpoints: boolean
}

/** What a block makes of x. */
export const through = (block: Module & { forward(x: Tensor, text: Text): Tensor }, x: Tensor, text: Text): Tensor =>
  text.checkpoints ? checkpoint((again) => block.forward(again, text), x) : block.forward(x, text)

/** Keys and values of tokens that a model has read: `KVCache` of `handgrad/generate`. */
export interface Cache {
  /** Whether gradients go through what it gives; default: they do not, and a model takes it under `noGrad` only. */
  readonly recorded?: boolean
  /**
   * Begin to read more of each row. @param tokens in a row @param lengths how many of them count
   * @throws HandgradError if they do not fit
   */
  begin(model: LanguageModel, batch: number, tokens: number, lengths: ForwardOptions['lengths']): Past
}

/** One reading of tokens behind those that a cache has. */
export interface Past {
  /** Of each token in its row, int32 [batch, tokens]. */
  readonly positions: Tensor
  /**
   * Add what the next block, the first at first, has made of the tokens.
   * @returns all keys and values of that block, and which of them each query sees
   */
  extend(k: Tensor, v: Tensor): { readonly k: Tensor; readonly v: Tensor; readonly sees: AttentionOptions }
  /** All blocks have read the tokens: they count from now on. */
  end(): void
  /** Free what was made on the way. */
  dispose(): void
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
  { lengths, past }: Text,
  options: { scale: number; dropoutP: number },
): Tensor {
  const how = { enableGqa: true, ...options }
  if (!past) return scaledDotProductAttention(q, k, v, { isCausal: true, keyLengths: lengths, ...how })
  const all = past.extend(k, v)
  // Attention keeps q for gradients, a view of all three: where k and v went into others, a copy keeps less.
  const asks = all.k.requiresGrad && all.k !== k ? contiguous(q) : q
  return scaledDotProductAttention(asks, all.k, all.v, { ...all.sees, ...how })
}

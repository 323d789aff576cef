/**
 * @file GPT-2's configuration.
 * @see https://huggingface.co/docs/transformers/model_doc/gpt2
 */
import {
  type Activation,
  activation,
  amount,
  configOf,
  count,
  countOrNull,
  endsOf,
  type Fault,
  flag,
  foreign,
  ids,
  type Json,
  type Keys,
  ownKeys,
  share,
  type Whole,
} from './config.ts'

/** GPT-2's configuration. Defaults are those of the smallest published model. */
export interface GPT2Config {
  /** Logits of a position; default 50257. */
  vocab_size?: number
  /** The longest text, in tokens; default 1024. */
  n_positions?: number
  /** Channels of a token, a multiple of n_head; default 768. */
  n_embd?: number
  /** Blocks; default 12. */
  n_layer?: number
  /** Heads of attention; default 12. */
  n_head?: number
  /** Channels in the middle of a block's perceptron; default (null) 4·n_embd. */
  n_inner?: number | null
  /** Default gelu_new. */
  activation_function?: Activation
  /** Probability of dropout after the perceptron and attention; default 0.1. */
  resid_pdrop?: number
  /** Probability of dropout of what goes into the first block; default 0.1. */
  embd_pdrop?: number
  /** Probability of dropout of attention's weights; default 0.1. */
  attn_pdrop?: number
  /** ε of the normalisations; default 1e-5. */
  layer_norm_epsilon?: number
  /** Standard deviation of first values; default 0.02. */
  initializer_range?: number
  /** Scores are divided by √(channels of a head); default true. */
  scale_attn_weights?: boolean
  /** Scores of block i, from 0 on, are divided by i + 1; default false. */
  scale_attn_by_inverse_layer_idx?: boolean
  /** Logits are products with the rows of `transformer.wte`; default true. False: `lm_head` has rows of its own. */
  tie_word_embeddings?: boolean
  /** The token that a text begins with; default (null) none. */
  bos_token_id?: number | null
  /** The token, or those, that end a text; default (null) none. */
  eos_token_id?: number | readonly number[] | null
}

const keys: Keys<GPT2Config> = {
  vocab_size: [50257, count],
  n_positions: [1024, count],
  n_embd: [768, count],
  n_layer: [12, count],
  n_head: [12, count],
  n_inner: [null, countOrNull],
  activation_function: ['gelu_new', activation],
  resid_pdrop: [0.1, share],
  embd_pdrop: [0.1, share],
  attn_pdrop: [0.1, share],
  layer_norm_epsilon: [1e-5, amount],
  initializer_range: [0.02, amount],
  scale_attn_weights: [true, flag],
  scale_attn_by_inverse_layer_idx: [false, flag],
  tie_word_embeddings: [true, flag],
  bos_token_id: [null, ids],
  eos_token_id: [null, ids],
}

/** A whole configuration. @throws HandgradError if a value is none, or values do not fit each other */
export const gpt2Config = (op: string, given?: GPT2Config, faults?: readonly Fault[]): Whole<GPT2Config> =>
  configOf(
    op,
    given,
    keys,
    ({ n_embd, n_head }) =>
      n_embd % n_head === 0
        ? []
        : [[`n_embd ${n_embd} is not a multiple of n_head ${n_head}`, 'each head has as many channels']],
    faults,
  )

/** `<|endoftext|>`, which begins and ends the texts of the published models. */
const END = 50256

/**
 * The configuration of a config.json.
 * @throws HandgradError as {@link gpt2Config}, or if it asks for what is not done
 */
export function readGPT2(op: string, json: Json): Whole<GPT2Config> {
  const own = ownKeys(json, keys)
  const ends = endsOf(json, own['vocab_size'] ?? keys.vocab_size[0], { bos: END, eos: END })
  return gpt2Config(op, { ...own, ...ends } as GPT2Config, foreign(json)) // values are checked there
}

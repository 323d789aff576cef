/**
 * @file The configuration of Llama and of models that are built as it is.
 * @see https://huggingface.co/docs/transformers/model_doc/llama
 */
import { describe } from '../core/errors.ts'
import {
  type Activation,
  above,
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
  oneOf,
  ownKeys,
  places,
  share,
  type Whole,
} from './config.ts'
import { type RopeScaling, ropeOf, scaling } from './rotary.ts'

/** The family's kinds of files: Llama, Qwen 2, which has biases of q, k and v, and Mistral without its window. */
export type LlamaType = 'llama' | 'qwen2' | 'mistral'

/** The configuration of a Llama. Defaults are those of transformers, some of which depend on `model_type`. */
export interface LlamaConfig {
  /** Default llama. */
  model_type?: LlamaType
  /** Logits of a position; default 32000, of qwen2 151936. */
  vocab_size?: number
  /** Channels of a token; default 4096. */
  hidden_size?: number
  /** Channels in the middle of a block's perceptron; default 11008, of qwen2 22016, of mistral 14336. */
  intermediate_size?: number
  /** Blocks; default 32. */
  num_hidden_layers?: number
  /** Heads of queries; default 32. */
  num_attention_heads?: number
  /**
   * Heads of keys and values, a divisor of num_attention_heads; default (null) as many, of qwen2 32, of mistral 8.
   */
  num_key_value_heads?: number | null
  /** Channels of a head, an even number; default (null) hidden_size / num_attention_heads. */
  head_dim?: number | null
  /** Default silu. */
  hidden_act?: Activation
  /** The longest text, in tokens; default 2048, of qwen2 32768, of mistral 131072. */
  max_position_embeddings?: number
  /** Standard deviation of first values; default 0.02. */
  initializer_range?: number
  /** ε of the normalisations; default 1e-6. */
  rms_norm_eps?: number
  /** Pair c of a head's channels is turned by rope_theta^(−2c/head_dim) radians a token; default 10000. */
  rope_theta?: number
  /** How these are changed for texts longer than those of the first training; default (null) not. */
  rope_scaling?: RopeScaling | null
  /** Biases of the four maps of attention; default false. Of llama alone. */
  attention_bias?: boolean
  /** Biases of the three maps of the perceptron; default false. Of llama alone. */
  mlp_bias?: boolean
  /** Probability of dropout of attention's weights; default 0. */
  attention_dropout?: number
  /** Logits are products with the rows of `model.embed_tokens`; default false: `lm_head` has rows of its own. */
  tie_word_embeddings?: boolean
  /** The token that a text begins with; default (null) none. */
  bos_token_id?: number | null
  /** The token, or those, that end a text; default (null) none. */
  eos_token_id?: number | readonly number[] | null
}

/** A whole configuration, in which heads are numbers. */
export type WholeLlama = Whole<LlamaConfig> & { readonly num_key_value_heads: number; readonly head_dim: number }

/** What differs in a kind's defaults, and the ids that its texts begin and end with where a file says nothing. */
const TYPES = {
  llama: { vocab: 32000, inner: 11008, heads: null, positions: 2048, bos: 1, eos: 2 },
  qwen2: { vocab: 151936, inner: 22016, heads: 32, positions: 32768, bos: null, eos: null },
  mistral: { vocab: 32000, inner: 14336, heads: 8, positions: 131072, bos: 1, eos: 2 },
} as const

const typeOf = (given: unknown): LlamaType =>
  typeof given === 'string' && Object.hasOwn(TYPES, given) ? (given as LlamaType) : 'llama'

function keysOf(type: LlamaType): Keys<LlamaConfig> {
  const { vocab, inner, heads, positions } = TYPES[type]
  return {
    model_type: ['llama', oneOf(Object.keys(TYPES))],
    vocab_size: [vocab, count],
    hidden_size: [4096, count],
    intermediate_size: [inner, count],
    num_hidden_layers: [32, count],
    num_attention_heads: [32, count],
    num_key_value_heads: [heads, countOrNull],
    head_dim: [null, countOrNull],
    hidden_act: ['silu', activation],
    max_position_embeddings: [positions, places],
    initializer_range: [0.02, amount],
    rms_norm_eps: [1e-6, amount],
    rope_theta: [10000, above],
    rope_scaling: [null, scaling],
    attention_bias: [false, flag],
    mlp_bias: [false, flag],
    attention_dropout: [0, share],
    tie_word_embeddings: [false, flag],
    bos_token_id: [null, ids],
    eos_token_id: [null, ids],
  }
}

/** What does not fit of values that fit alone. */
function pairs(config: Whole<LlamaConfig>): Fault[] {
  const { model_type, hidden_size, num_attention_heads: heads, num_key_value_heads, head_dim } = config
  const faults: Fault[] = []
  const shared = num_key_value_heads ?? heads
  if (heads % shared !== 0)
    faults.push([
      `num_attention_heads ${heads} is not a multiple of num_key_value_heads ${shared}`,
      'heads of keys are shared by as many of queries each',
    ])
  if (head_dim === null && hidden_size % heads !== 0)
    faults.push([`hidden_size ${hidden_size} is not a multiple of num_attention_heads ${heads}`, 'or give head_dim'])
  else if ((head_dim ?? hidden_size / heads) % 2 !== 0)
    faults.push([`a head has ${head_dim ?? hidden_size / heads} channels`, 'pairs are turned: make it an even number'])
  for (const name of ['attention_bias', 'mlp_bias'] as const)
    if (model_type !== 'llama' && config[name])
      faults.push([`${name} is true`, `files of ${model_type} have no such biases: give false`])
  return faults
}

/** A whole configuration. @throws HandgradError that names all values that are none, or do not fit each other */
export function llamaConfig(op: string, given?: LlamaConfig, faults?: readonly Fault[]): WholeLlama {
  const config = configOf(op, given, keysOf(typeOf(given?.model_type)), pairs, faults)
  const { hidden_size, num_attention_heads, num_key_value_heads, head_dim } = config
  return Object.freeze({
    ...config,
    num_key_value_heads: num_key_value_heads ?? num_attention_heads,
    head_dim: head_dim ?? hidden_size / num_attention_heads,
  })
}

/** Keys that change what such a model computes, and their values that change nothing. */
const changing = { pretraining_tp: [1], partial_rotary_factor: [1] }

/**
 * What a block's tokens do not see. Mistral has a window where its file says nothing; one that is as long as the
 * longest text changes nothing.
 */
function unseen(json: Json, type: LlamaType, longest: number): Fault[] {
  const kinds: readonly unknown[] = Array.isArray(json['layer_types']) ? json['layer_types'] : []
  const other = kinds.find((kind) => kind !== 'full_attention' && kind !== 'sliding_attention')
  if (other !== undefined) return [[`layer_types has ${describe(other)}`, 'such models are not read']]
  const { sliding_window: window = 4096 } = json
  if (!(type === 'mistral' || json['use_sliding_window'] === true || kinds.includes('sliding_attention'))) return []
  if (window === null || (typeof window === 'number' && window >= longest)) return []
  const text = describe(window)
  const todo = `set max_position_embeddings to ${text}, not ${longest}, and no text is longer`
  return [[`a sliding_window of ${text} is used`, todo]]
}

/**
 * The configuration of a config.json.
 * @throws HandgradError as {@link llamaConfig}, or if it asks for what is not done
 */
export function readLlama(op: string, json: Json): WholeLlama {
  const type = typeOf(json['model_type'])
  const keys = keysOf(type)
  // Of kinds that are checked below.
  const { attention_bias, mlp_bias, ...own } = { ...ownKeys(json, keys), ...ropeOf(json) } as LlamaConfig
  const { vocab_size = keys.vocab_size[0], max_position_embeddings: longest = keys.max_position_embeddings[0] } = own
  const { partial_rotary_factor } = { ...json, ...(json['rope_parameters'] as Json | undefined) }
  const faults = [...foreign({ ...json, partial_rotary_factor }, changing), ...unseen(json, type, longest)]
  // Of the others' files these keys mean nothing.
  const biases = type === 'llama' ? { attention_bias, mlp_bias } : {}
  return llamaConfig(op, { ...own, ...biases, ...endsOf(json, vocab_size, TYPES[type]) } as LlamaConfig, faults)
}

/** What a config.json is to say. */
export function writtenLlama({
  attention_bias,
  mlp_bias,
  ...config
}: WholeLlama): Json & { readonly model_type: string } {
  if (config.model_type === 'llama') return { ...config, attention_bias, mlp_bias }
  // What is not said there is a window.
  return config.model_type === 'mistral' ? { ...config, sliding_window: null } : config
}

/**
 * @file What a model is made of, as config.json says it, under the names that files have. A key that is not there has
 * its family's default; what would change results and is not done is refused by name.
 * @see https://huggingface.co/docs/transformers/model_doc/gpt2
 */
import { describe, fail, shown } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { gelu, relu, silu, tanh } from '../ops/index.ts'

/** The name of a function between two layers: `gelu_new` is the form by tanh, `gelu` the exact one. */
export type Activation = 'gelu_new' | 'gelu_pytorch_tanh' | 'gelu' | 'relu' | 'silu' | 'swish' | 'tanh'

/** The functions themselves. */
export const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  gelu_new: (x: Tensor) => gelu(x, { approximate: 'tanh' }),
  gelu_pytorch_tanh: (x: Tensor) => gelu(x, { approximate: 'tanh' }),
  gelu: (x: Tensor) => gelu(x),
  relu,
  silu,
  swish: silu,
  tanh,
}

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

const gpt2Defaults: Required<GPT2Config> = {
  vocab_size: 50257,
  n_positions: 1024,
  n_embd: 768,
  n_layer: 12,
  n_head: 12,
  n_inner: null,
  activation_function: 'gelu_new',
  resid_pdrop: 0.1,
  embd_pdrop: 0.1,
  attn_pdrop: 0.1,
  layer_norm_epsilon: 1e-5,
  initializer_range: 0.02,
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  tie_word_embeddings: true,
  bos_token_id: null,
  eos_token_id: null,
}

const idsIn = (given: unknown): readonly unknown[] => (given === null ? [] : Array.isArray(given) ? given : [given])
const isId = (id: unknown, count: number): boolean =>
  Number.isInteger(id) && (id as number) >= 0 && (id as number) < count

/** A whole configuration. @throws HandgradError if a value is none, or values do not fit each other */
export function gpt2Config(op: string, given: GPT2Config | undefined): Readonly<Required<GPT2Config>> {
  const config: Required<GPT2Config> = optionsOf(op, given, gpt2Defaults)
  const refuse = (name: keyof GPT2Config, todo: string) => fail(op, `${name} is ${describe(config[name])}`, todo)
  for (const name of ['vocab_size', 'n_positions', 'n_embd', 'n_layer', 'n_head'] as const)
    if (!(Number.isSafeInteger(config[name]) && config[name] >= 1)) refuse(name, 'give an integer from 1')
  const inner = config.n_inner
  if (inner !== null && !(Number.isSafeInteger(inner) && inner >= 1))
    refuse('n_inner', 'give an integer from 1, or null')
  if (config.n_embd % config.n_head !== 0)
    fail(op, `n_embd ${config.n_embd} is not a multiple of n_head ${config.n_head}`, 'each head has as many channels')
  if (!Object.hasOwn(activations, config.activation_function))
    refuse('activation_function', `there are ${Object.keys(activations).join(', ')}`)
  for (const name of ['resid_pdrop', 'embd_pdrop', 'attn_pdrop'] as const)
    if (!(config[name] >= 0 && config[name] <= 1)) refuse(name, 'give a number from 0 to 1')
  for (const name of ['layer_norm_epsilon', 'initializer_range'] as const)
    if (!(config[name] >= 0 && config[name] < Infinity)) refuse(name, 'give a number from 0 up')
  for (const name of ['scale_attn_weights', 'scale_attn_by_inverse_layer_idx', 'tie_word_embeddings'] as const)
    if (typeof config[name] !== 'boolean') refuse(name, 'give true or false')
  for (const name of ['bos_token_id', 'eos_token_id'] as const)
    if (!idsIn(config[name]).every((id) => isId(id, config.vocab_size)))
      refuse(name, `give an id below ${config.vocab_size}, or null`)
  return Object.freeze(config)
}

/** `<|endoftext|>`, which begins and ends the texts of the published models. */
const END = 50256

/** Keys that change what a model computes, and their values that change nothing. */
const harmless: Readonly<Record<string, readonly unknown[]>> = {
  add_cross_attention: [false],
  is_encoder_decoder: [false],
  pruned_heads: [],
  quantization_config: [],
}

/**
 * The configuration of a config.json.
 * @throws HandgradError if it is of another family, has code of its own, or asks for what is not done
 */
export function readConfig(op: string, name: string, json: unknown): Readonly<Required<GPT2Config>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    fail(op, `${name} is ${describe(json)}`, 'it should be an object')
  const given = json as Readonly<Record<string, unknown>>
  const { model_type } = given
  if (model_type !== 'gpt2') {
    const type = model_type === undefined ? 'no model_type' : `model_type ${describe(model_type)}`
    fail(op, `${name} has ${type}`, "models that can be read have 'gpt2'")
  }
  const isEmpty = (value: unknown) => typeof value === 'object' && (value === null || Object.keys(value).length === 0)
  if (given['auto_map'] !== undefined && !isEmpty(given['auto_map']))
    fail(op, `${name} has auto_map: the model has code of its own, which is never run`, 'there is no way around it')
  for (const [key, values] of Object.entries(harmless)) {
    const value = given[key]
    if (value !== undefined && !isEmpty(value) && !values.includes(value))
      fail(op, `${name} has ${key} ${shown(JSON.stringify(value))}`, 'such models are not read')
  }
  const own = Object.keys(gpt2Defaults).filter((key) => given[key] !== undefined)
  const config = Object.fromEntries(own.map((key) => [key, given[key]])) as GPT2Config // checked below
  // transformers writes the ids of the published models for every model, also where its vocabulary is smaller.
  const { vocab_size = gpt2Defaults.vocab_size, bos_token_id = END, eos_token_id = END } = config
  const inside = (ids: GPT2Config['eos_token_id']) => (idsIn(ids).every((id) => isId(id, vocab_size)) ? ids : null)
  const first = inside(bos_token_id)
  const ends = { bos_token_id: typeof first === 'number' ? first : null, eos_token_id: inside(eos_token_id) }
  return gpt2Config(`${op}: ${name}`, { ...config, ...ends })
}

/** @file adapter_config.json of prompts and prefixes, under PEFT's names. */
import { fail, shown } from '../core/errors.ts'
import { listed } from '../io/given.ts'
import { isEmpty, type Json } from '../models/config.ts'
import type { LanguageModel } from '../models/index.ts'
import { refuseOthers } from './adapterfiles.ts'
import type { Learned } from './prompted.ts'

/** What PEFT calls the two kinds. */
export type PromptKind = 'PROMPT_TUNING' | 'PREFIX_TUNING'

/** Channels of a token, and heads, as PEFT counts them: of the keys for a prefix, of the queries for a prompt. */
function sizesOf(kind: PromptKind, base: LanguageModel): { heads: number; dim: number; layers: number } {
  const { layers, heads, channels } = base.cacheSizes
  const { num_attention_heads, n_head, hidden_size, n_embd } = base.config as Readonly<Record<string, number>>
  return kind === 'PREFIX_TUNING'
    ? { heads, dim: heads * channels, layers }
    : { heads: num_attention_heads ?? n_head, dim: hidden_size ?? n_embd, layers }
}

/** Numbers in a row of the table that stands before each text. */
export function rowOf(kind: PromptKind, base: LanguageModel): number {
  const { dim, layers } = sizesOf(kind, base)
  return kind === 'PREFIX_TUNING' ? 2 * layers * dim : dim
}

/** What PEFT writes of either kind, where nothing else was asked for. */
const usual: Readonly<Record<PromptKind, Json>> = {
  PROMPT_TUNING: {
    // How a table began says nothing of what it became, and PEFT looks for a tokenizer where it was a text.
    prompt_tuning_init: 'RANDOM',
    prompt_tuning_init_text: null,
    tokenizer_kwargs: null,
    tokenizer_name_or_path: null,
  },
  PREFIX_TUNING: { encoder_hidden_size: null, prefix_projection: false },
}

/** What adapter_config.json is to say. */
export function writtenPrompts(
  kind: PromptKind,
  base: LanguageModel,
  tokens: number,
  { hidden }: Learned,
  more: Json,
): Json {
  const { heads, dim, layers } = sizesOf(kind, base)
  return {
    auto_mapping: null,
    base_model_name_or_path: null,
    revision: null,
    task_type: 'CAUSAL_LM',
    ...usual[kind],
    ...more,
    inference_mode: true,
    num_attention_heads: heads,
    num_layers: layers,
    num_transformer_submodules: 1,
    num_virtual_tokens: tokens,
    peft_type: kind,
    token_dim: dim,
    ...(hidden !== null && { prefix_projection: true, encoder_hidden_size: hidden }),
  }
}

/** Keys that change what is computed, and their values that change nothing. Empty ones never do. */
const changing: Readonly<Record<string, readonly unknown[]>> = {
  num_transformer_submodules: [1],
  modules_to_save: [],
  task_type: ['CAUSAL_LM'],
}

/**
 * Hold an adapter_config.json against a base.
 * @returns the number of its tokens
 * @throws HandgradError if it asks for what is not done, or is of another base, naming the keys
 */
export function readPrompts(op: string, kind: PromptKind, base: LanguageModel, json: Json): number {
  refuseOthers(op, json, changing)
  const { heads, dim, layers } = sizesOf(kind, base)
  const want = { num_attention_heads: heads, num_layers: layers, token_dim: dim }
  const others = Object.entries(want).flatMap(([key, size]) =>
    isEmpty(json[key]) || json[key] === size ? [] : [`${key} is ${shown(JSON.stringify(json[key]))}, not ${size}`],
  )
  if (others.length > 0) fail(op, listed(others), 'is the adapter of this base?')
  const tokens = json['num_virtual_tokens']
  const { positions } = base.cacheSizes
  if (!(Number.isInteger(tokens) && (tokens as number) >= 1 && (tokens as number) < positions))
    fail(
      op,
      `num_virtual_tokens is ${shown(JSON.stringify(tokens) ?? 'missing')}`,
      `it is an integer from 1 to ${positions - 1}`,
    )
  return tokens as number
}

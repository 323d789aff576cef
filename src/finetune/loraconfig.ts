/** @file What an adapter is made of: options, and adapter_config.json, which has the same under PEFT's names. */
import { describe, fail, shown } from '../core/errors.ts'
import { isEmpty, type Json } from '../models/config.ts'
import { optionsOf } from '../ops/base/options.ts'
import { refuseOthers } from './adapterfiles.ts'
import type { Targets } from './targets.ts'

/** What {@link lora} makes. */
export interface LoRAOptions {
  /** Rank: rows of A, columns of B; default 8. */
  r?: number
  /** What the adapter gives is multiplied by alpha / r; default 16. */
  alpha?: number
  /** Probability with which a number that goes into an adapter is dropped in training, from 0 to below 1; default 0. */
  dropout?: number
  /**
   * Which layers: ends of their paths, `['c_attn']`; a regular expression of whole paths, as one string; or (default)
   * 'all-linear': all but heads (`lm_head`, `score`) and tied ones.
   */
  targets?: string | readonly string[]
  /** Numbers of the blocks whose layers get adapters; default (null) all. */
  layers?: number | readonly number[] | null
  /** Ends of paths of modules that train as a whole; default: `score`, where the model has one, or none. */
  modulesToSave?: readonly string[] | null
  /** Multiply by alpha / √r in place of alpha / r; default false. @see Kalajdzievski 2023 */
  rslora?: boolean
}

/** Options, checked, and what only files say. */
export interface LoRAConfig extends Targets {
  readonly r: number
  readonly alpha: number
  readonly dropout: number
  readonly modulesToSave: readonly string[] | null
  readonly rslora: boolean
}

const isCount = (n: unknown, low: number): n is number => Number.isSafeInteger(n) && (n as number) >= low
const isNames = (list: unknown): list is string[] =>
  Array.isArray(list) && list.every((name) => typeof name === 'string' && name !== '')

/** A value as it came, where it is of its kind. */
function checked(op: string, given: Readonly<Record<keyof LoRAConfig, unknown>>, called = plainNames): LoRAConfig {
  const wrong = (name: keyof LoRAConfig, todo: string): never => {
    const value = given[name]
    const text = typeof value === 'object' && value !== null ? shown(JSON.stringify(value)) : describe(value)
    return fail(op, `${called[name]} is ${text}`, todo)
  }
  const { r, alpha, dropout, targets, layers, modulesToSave, rslora, layersPattern, exclude } = given
  if (!isCount(r, 1)) wrong('r', 'give an integer from 1')
  if (!(typeof alpha === 'number' && Number.isFinite(alpha) && alpha > 0)) wrong('alpha', 'give a number above 0')
  if (!(typeof dropout === 'number' && dropout >= 0 && dropout < 1)) wrong('dropout', 'give a number from 0 to below 1')
  const areTargets = (value: unknown) => (typeof value === 'string' ? value !== '' : isNames(value) && value.length > 0)
  if (!areTargets(targets)) wrong('targets', "give names of layers as a list, a regular expression, or 'all-linear'")
  if (!(exclude === null || areTargets(exclude))) wrong('exclude', 'give names of layers as a list')
  if (!(layers === null || (Array.isArray(layers) && layers.length > 0 && layers.every((n) => isCount(n, 0)))))
    wrong('layers', 'give numbers of blocks from 0, or null for all')
  if (!(modulesToSave === null || isNames(modulesToSave))) wrong('modulesToSave', 'give names of modules as a list')
  if (!(layersPattern === null || isNames(layersPattern))) wrong('layersPattern', 'give names as a list')
  if (typeof rslora !== 'boolean') wrong('rslora', 'give true or false')
  return Object.freeze({ ...given }) as LoRAConfig // each was looked at
}

const listOf = (value: unknown): unknown => (typeof value === 'number' ? [value] : value)

/** Options with their defaults. @throws HandgradError if a value is none */
export function configOf(op: string, options: LoRAOptions | undefined): LoRAConfig {
  const { layers, ...given } = optionsOf(op, options, {
    r: 8,
    alpha: 16,
    dropout: 0,
    targets: 'all-linear',
    layers: null,
    modulesToSave: null,
    rslora: false,
  })
  return checked(op, { ...given, layers: listOf(layers), layersPattern: null, exclude: null })
}

// ---- PEFT's names

/** The key of each value in adapter_config.json. */
const keys = {
  r: 'r',
  alpha: 'lora_alpha',
  dropout: 'lora_dropout',
  targets: 'target_modules',
  layers: 'layers_to_transform',
  layersPattern: 'layers_pattern',
  exclude: 'exclude_modules',
  modulesToSave: 'modules_to_save',
  rslora: 'use_rslora',
} as const
const plainNames: Readonly<Record<keyof LoRAConfig, string>> = {
  ...(Object.fromEntries(Object.keys(keys).map((name) => [name, name])) as Record<keyof LoRAConfig, string>),
}

/** Keys that change what an adapter computes, and their values that change nothing. Empty ones never do. */
const changing: Readonly<Record<string, readonly unknown[]>> = {
  bias: ['none'],
  // Others say that the base was changed, too.
  init_lora_weights: [true, false, 'gaussian', 'orthogonal', 'eva'],
  rank_pattern: [],
  alpha_pattern: [],
  layer_replication: [],
  lora_bias: [false],
  use_dora: [false],
  use_qalora: [false],
  target_parameters: [],
  trainable_token_indices: [],
  alora_invocation_tokens: [],
  arrow_config: [],
}

/** What PEFT writes of every adapter, where nothing else was asked for. */
const usual: Json = {
  alora_invocation_tokens: null,
  alpha_pattern: {},
  arrow_config: null,
  auto_mapping: null,
  base_model_name_or_path: null,
  bias: 'none',
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  inference_mode: true,
  init_lora_weights: true,
  layer_replication: null,
  loftq_config: {},
  lora_bias: false,
  megatron_config: null,
  megatron_core: 'megatron.core',
  peft_type: 'LORA',
  qalora_group_size: 16,
  rank_pattern: {},
  revision: null,
  target_parameters: null,
  trainable_token_indices: null,
  use_dora: false,
  use_qalora: false,
}

/**
 * The configuration of an adapter_config.json.
 * @param targets  in place of those that it lacks: PEFT has defaults for each family then
 * @throws HandgradError if it asks for what is not done, or a value is none
 */
export function readLoRA(op: string, json: Json, targets: readonly string[]): LoRAConfig {
  refuseOthers(op, json, { ...changing, [keys.rslora]: [json[keys.rslora]] })
  const or = (key: string, initial: unknown): unknown => (isEmpty(json[key]) ? initial : json[key])
  const given = {
    r: or(keys.r, 8),
    alpha: or(keys.alpha, 8),
    dropout: or(keys.dropout, 0),
    targets: or(keys.targets, targets),
    layers: listOf(or(keys.layers, null)),
    layersPattern: or(keys.layersPattern, null),
    exclude: or(keys.exclude, null),
    modulesToSave: or(keys.modulesToSave, null),
    rslora: or(keys.rslora, false),
  }
  const pattern = given.layersPattern
  return checked(op, { ...given, layersPattern: typeof pattern === 'string' ? [pattern] : pattern }, keys)
}

/**
 * What adapter_config.json is to say.
 * @param more  what else is known, and what a file said that is kept
 */
export function writtenLoRA(config: LoRAConfig, more: Json): Json {
  const own = Object.entries(keys).map(([name, key]) => [key, config[name as keyof LoRAConfig]])
  return { ...usual, ...more, ...Object.fromEntries(own) }
}

/** @file What a family of models is to its files, and which family a config.json is of. */
import { describe, fail } from '../core/errors.ts'
import type { Json } from './config.ts'
import type { LanguageModel } from './language.ts'
import type { ModelOptions, Shapes } from './making.ts'

/** What every configuration has. */
export type ModelConfig = LanguageModel['config'] & {
  readonly vocab_size: number
  readonly tie_word_embeddings: boolean
}

/** A family in files. Their names of heads are `lm_head.weight`. */
export interface Family<Config extends ModelConfig = ModelConfig> {
  /** Each `model_type` that is of it, and what transformers calls its class with a head. */
  readonly types: Readonly<Record<string, string>>
  /** The name of the table of tokens, which a head may be tied to. */
  readonly table: string
  owns(model: LanguageModel): boolean
  /** The configuration of a config.json. @throws HandgradError that names all that is wrong with it, or not done */
  read(op: string, json: Json): Config
  /** How many blocks there are, and the key that says so. */
  layers(config: Config): readonly [key: string, count: number]
  shapes(config: Config): Shapes
  /** The name in the state dict of what files call so; null where it is none of the weights. */
  ownName(name: string): string | null
  make(config: Config, options: ModelOptions): LanguageModel
  /** What config.json is to say. */
  json(config: Config): Json & { readonly model_type: string }
}

/** What transformers calls the class of a type with scores of labels in place of a head. */
export const classifierName = (head: string): string =>
  head.replace(/(LMHeadModel|ForCausalLM)$/, 'ForSequenceClassification')

/**
 * The family and the configuration of a config.json.
 * @throws HandgradError if it is of no family, has code of its own, or asks for what is not done
 */
export function readConfig(op: string, name: string, json: unknown, families: readonly Family[]) {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    fail(op, `${name} is ${describe(json)}`, 'it should be an object')
  const { model_type } = json as Json
  const family = families.find(({ types }) => typeof model_type === 'string' && Object.hasOwn(types, model_type))
  if (!family) {
    const type = model_type === undefined ? 'no model_type' : `model_type ${describe(model_type)}`
    const known = families.flatMap(({ types }) => Object.keys(types).map((one) => `'${one}'`))
    fail(op, `${name} has ${type}`, `models that can be read have ${known.join(', ')}`)
  }
  return { family, config: family.read(`${op}: ${name}`, json as Json), json: json as Json }
}

/**
 * @file `handgrad/models`: language models under the names of their files, read and written as Hugging Face has them.
 */
// Accessors such as x.requiresGrad, for whoever imports this entry alone.
import '../methods.ts'

export type { Cache, Past } from './attend.ts'
export {
  Classifier,
  type ClassifierOptions,
  type ClassifyOptions,
  classifier,
  type Prediction,
  type PredictOptions,
} from './classifier.ts'
export type { Activation } from './config.ts'
export { Conv1D } from './conv1d.ts'
export {
  type Perplexity,
  type PerplexityOptions,
  perplexity,
  type Score,
  type ScoreOptions,
  score,
} from './evaluate.ts'
export { type ClassifierLoadOptions, load, type ModelLoadOptions, type ModelSaveOptions, save } from './files.ts'
export type { TextOrIds } from './given.ts'
export { GPT2 } from './gpt2.ts'
export type { GPT2Config } from './gpt2config.ts'
export { type Before, type CacheSizes, type ForwardOptions, LanguageModel } from './language.ts'
export { Llama } from './llama.ts'
export type { LlamaConfig, LlamaType } from './llamaconfig.ts'
export type { ModelOptions } from './making.ts'
export type { RopeScaling } from './rotary.ts'

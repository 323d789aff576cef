/**
 * @file `handgrad/models`: language models under the names of their files, read and written as Hugging Face has them.
 */
export type { Activation, GPT2Config } from './config.ts'
export { Conv1D } from './conv1d.ts'
export { load, type ModelLoadOptions, type ModelSaveOptions, save } from './files.ts'
export { GPT2, type GPT2Options } from './gpt2.ts'
export { type ForwardOptions, LanguageModel } from './language.ts'

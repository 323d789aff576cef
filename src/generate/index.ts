/** @file `handgrad/generate`: text from language models, and the cache of what they have read. */
export { KVCache, type KVCacheOptions } from './cache.ts'
export { type Generated, type GeneratedToken, generate, type Reason } from './generate.ts'
export type { GenerateOptions, Ids, Prompt } from './options.ts'

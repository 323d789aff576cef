/** @file `handgrad/generate`: text from language models, and the cache of what they have read. */
export { KVCache, type KVCacheOptions } from './cache.ts'

/**
 * @file `handgrad/text`: text to ids and back. Vocabularies of characters and words, byte-level byte-pair encoding that
 * can be trained, and the files of tokenizers.
 */
export type { AddedToken } from './added.ts'
export { BPE, type BPEParts, type BPETraining } from './bpe.ts'
export {
  loadTokenizer,
  saveTokenizer,
  type TokenizerFiles,
  type TokenizerLoadOptions,
  type TokenizerSaveOptions,
  tokenizerFiles,
} from './load.ts'
export type { PatternName } from './patterns.ts'
export type { TokenizersPackage, TokenizersPeer } from './peer.ts'
export {
  type BatchOptions,
  type DecodeOptions,
  type EncodeOptions,
  type TokenBatch,
  type TokenDecoder,
  Tokenizer,
} from './tokenizer.ts'
export type { TrainingTexts } from './train.ts'
export { CharTokenizer, type VocabularyOptions, type WordOptions, WordTokenizer } from './vocabulary.ts'

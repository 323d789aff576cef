/** @file What `handgrad` exports of data sets and their files. */
export type { Batch, Rows, Stackable } from './collate.ts'
export { type CsvClasses, type CsvOptions, type CsvRow, CsvTable, loadCsv, parseCsv, readCsv } from './csv.ts'
export {
  ConcatDataset,
  type Dataset,
  DigitDataset,
  type Field,
  type Fields,
  type HostArray,
  type IterableDataset,
  meanStd,
  normalise,
  randomOf,
  type Sample,
  type SampleContext,
  Subset,
  TensorDataset,
  type TensorField,
} from './dataset.ts'
export { type Digits, syntheticDigits } from './digits.ts'
export {
  type Checksum,
  type DownloadOptions,
  type DownloadProgress,
  download,
  downloadMnist,
  type FileOptions,
  mnistChecksums,
  mnistMirror,
} from './download.ts'
export type { ImageFolder } from './folder.ts'
export { type IdxArray, mnistFiles, parseIdx, readIdx } from './idx.ts'
export { decodeImage, type FolderOptions, type Image, type ImageOptions, imageFolder } from './images.ts'
export { type BatchContext, DataLoader, type LoaderOptions, type LoaderState } from './loader.ts'
export { loadIdx, loadMnist } from './mnist.ts'
export { type Mixed, type MixOptions, mix, Reservoir, type ReservoirState } from './replay.ts'
export {
  type BatchSampler,
  LengthBatchSampler,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  StratifiedSampler,
  WeightedRandomSampler,
} from './samplers.ts'
export type { Source } from './source.ts'
export { type FoldOptions, kFold, type Labels, randomSplit, type SplitOptions, trainTestSplit } from './split.ts'
export {
  type Characters,
  characters,
  type LineOptions,
  loadText,
  readJsonLines,
  readLines,
  WindowDataset,
} from './text.ts'

/** @file What `handgrad` exports of data sets and their files. */
export * from './augment/index.ts'
export type { Batch, Rows, Stackable } from './collate.ts'
export { type CsvClasses, type CsvOptions, CsvTable, loadCsv, parseCsv } from './csv.ts'
export {
  type Dataset,
  DigitDataset,
  type Field,
  type Fields,
  type HostArray,
  meanStd,
  normalise,
  randomSplit,
  type Sample,
  Subset,
  TensorDataset,
  trainTestSplit,
} from './dataset.ts'
export { type Digits, syntheticDigits } from './digits.ts'
export {
  type Checksum,
  type DownloadOptions,
  type DownloadProgress,
  downloadMnist,
  mnistChecksums,
  mnistMirror,
} from './download.ts'
export { type IdxArray, loadMnist, mnistFiles, parseIdx, readIdx } from './idx.ts'
export { DataLoader, type LoaderOptions, type LoaderState } from './loader.ts'
export * from './transforms/index.ts'

/** @file IDX files and MNIST from a folder. What reads them is idxfiles.ts, loaded when it is asked for. */
import { checkPath } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { Digits } from './digits.ts'
import { checkUnpacked, type IdxArray, UNPACKED } from './idx.ts'

/**
 * The array in an IDX file, gzipped or not; Node only.
 * @param options.limit  bytes that packed data may become, with the header; default 2^30
 * @throws FormatError as {@link readIdx}; HandgradError if the file cannot be read
 */
export async function loadIdx(path: string, options?: { limit?: number }): Promise<IdxArray> {
  const op = 'loadIdx'
  const { limit } = optionsOf(op, options, { limit: UNPACKED })
  checkUnpacked(op, limit)
  checkPath(op, path)
  return (await import('./idxfiles.ts')).readFile(op, path, limit)
}

/**
 * The two parts of a data set in MNIST's four files (`train-images-idx3-ubyte` and so on, with `.gz` or without), from
 * a folder; Node only. Packed files may become 2^30 bytes each.
 * @throws FormatError if a file is missing, damaged, holds no images, or does not fit the others; HandgradError if a
 *   file cannot be read, or `dir` is not a path
 */
export async function loadMnist(dir: string): Promise<{ train: Digits; test: Digits }> {
  checkPath('loadMnist', dir)
  return (await import('./idxfiles.ts')).readMnist(dir)
}

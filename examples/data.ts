/** @file Data of the programs: real where `--data` or HANDGRAD_DATA names a folder, else what handgrad draws itself. */
import { data } from 'handgrad'

/** The option of programs that can do with either: `{ data: dataOption, … }`. */
export const dataOption = [
  process.env['HANDGRAD_DATA'] ?? '',
  'folder with mnist/ and the like; without it made data',
] as const

/** MNIST's files from FOLDER/mnist, or `count` digits drawn by handgrad and a fifth as many to be tested on. */
export async function digits(folder: string, count: number): Promise<{ train: data.Digits; test: data.Digits }> {
  if (folder) return data.loadMnist(`${folder}/mnist`)
  return {
    train: data.syntheticDigits({ count, seed: 1 }),
    test: data.syntheticDigits({ count: Math.ceil(count / 5), seed: 2 }),
  }
}

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

/** FOLDER/names, or words such as `tokat`: consonants and vowels by turns, the last letter the first again. */
export async function words(folder: string): Promise<string[]> {
  if (folder) return (await data.loadText(`${folder}/names/names.txt`)).trim().split('\n')
  const random = data.randomOf({ seed: 1, epoch: 0, index: 0 })
  return Array.from({ length: 1000 }, () => {
    const begin = ['kmnpst', 'aio', 'kmnpst', 'aio'].map((letters) => letters[random.int(letters.length)])
    return [...begin, begin[0]].join('')
  })
}

const kinds = ['a the', 'old red shy', 'cat dog hen', 'sees eats hides', 'a the', 'cat dog hen']
const grammar = kinds.map((list) => list.split(' '))

/** Shakespeare of FOLDER/tinyshakespeare, or sentences of a grammar: `the shy hen sees a dog.` Floor 0: unknown. */
export async function text(folder: string): Promise<{ text: string; floor: number }> {
  if (folder) return { text: await data.loadText(`${folder}/tinyshakespeare/input.txt`), floor: 0 }
  const random = data.randomOf({ seed: 2, epoch: 0, index: 0 })
  const sentence = () => `${grammar.map((list) => list[random.int(list.length)]).join(' ')}.`
  const lines = Array.from({ length: 1000 }, sentence)
  // Nothing can tell which word comes: ln n nats for one of n, shared by all letters.
  const unknown = grammar.reduce((sum, { length }) => sum + Math.log(length), 0)
  return { text: lines.join('\n'), floor: (unknown * lines.length) / lines.join('\n').length }
}

/** @file Data of the programs: real where `--data` or HANDGRAD_DATA names a folder, else what handgrad draws itself. */
import { data } from 'handgrad'
import { DropDuplicates, LabelEncoder } from 'handgrad/transforms'

/** The option of programs that can do with either: `{ data: dataOption, … }`. */
export const dataOption = [
  process.env['HANDGRAD_DATA'] ?? '',
  'folder of real data: mnist/, names/, tinyshakespeare/, iris/; without it made data',
] as const

/**
 * A table of flowers: FOLDER/iris/iris.csv, or one with three species that touch, in units that differ by a factor of
 * thousands, a column of words, and what is wrong in real tables.
 */
export async function flowers(folder: string): Promise<data.CsvTable> {
  if (folder) return data.loadCsv(`${folder}/iris/iris.csv`)
  const kinds = { aster: [510, 3.4, 1.5, 0.02], bellis: [590, 2.8, 4.3, 0.13], carex: [660, 3, 5.6, 0.2] }
  const soils = ['clay', 'loam', 'sand']
  const rows = Object.entries(kinds).flatMap(([species, centre], kind) =>
    Array.from({ length: 50 }, (_, i) => {
      const random = data.randomOf({ seed: 1, epoch: kind, index: i })
      const sizes = centre.map((x) => (x * (1 + 0.15 * random.normal())).toPrecision(3))
      if (i % 12 === 5) sizes[i % 4] = '' // not measured
      const soil = soils[random.uniform() < 0.6 ? kind : random.int(3)]
      return [...sizes, soil, species].join()
    }),
  )
  // Typed in twice, and without what is to be learned.
  const faults = [rows[3], rows[70], rows[70], rows[120], rows[7].replace('aster', '')]
  return data.parseCsv(['stem_mm,leaf_cm,petal_cm,seed_g,soil,species', ...rows, ...faults].join('\n'))
}

/** The table cleaned: each row once and none without its species. NaN is what was not measured. */
export async function cleaned(folder: string) {
  const raw = await flowers(folder)
  const once = [...new DropDuplicates().rows(raw.rows)]
  const kept = once.filter((row) => raw.strings('species')[row] !== '')
  const columns = raw.columns.filter((column) => column !== 'species')
  const wordy = columns.filter((column) => raw.strings(column).some((text) => Number.isNaN(Number(text))))
  const numeric = columns.filter((column) => !wordy.includes(column))
  const { data: values } = raw.numbers(numeric, { missing: Number.NaN })
  const numbers = kept.map((row) => [...values.subarray(row * numeric.length, (row + 1) * numeric.length)])
  const words = kept.map((row) => wordy.map((column) => raw.strings(column)[row]))
  const encoder = new LabelEncoder() // species by their names in alphabetical order: 0, 1, 2
  const targets = [...encoder.fitTransform(kept.map((row) => raw.strings('species')[row]))]
  const faults = {
    rows: raw.length,
    repeated: raw.length - once.length,
    'without species': once.length - kept.length,
    'missing numbers': numbers.flat().filter(Number.isNaN).length,
  }
  return { numeric, numbers, words, targets, names: encoder.classes.map(String), faults }
}

/**
 * MNIST's files from FOLDER/mnist, or `count` digits drawn by handgrad and a fifth as many to be tested on.
 * @param most  to be trained on: all of MNIST in one tensor is more than some adapters bind
 */
export async function digits(folder: string, count: number, most = 60_000) {
  if (folder) {
    const { train, test } = await data.loadMnist(`${folder}/mnist`)
    const size = Math.min(most, train.count)
    const images = train.images.subarray(0, size * train.rows * train.cols)
    return { train: { ...train, count: size, images, labels: train.labels.subarray(0, size) }, test }
  }
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

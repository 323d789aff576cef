/** @file Data of the programs: real where `--data` or HANDGRAD_DATA names a folder, else what handgrad draws itself. */
import { data } from 'handgrad'
import { DropDuplicates, LabelEncoder } from 'handgrad/transforms'

/** The option of programs that can do with either: `{ data: dataOption, … }`. */
export const dataOption = [
  process.env['HANDGRAD_DATA'] ?? '',
  'folder with mnist/ and the like; without it made data',
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

/** MNIST's files from FOLDER/mnist, or `count` digits drawn by handgrad and a fifth as many to be tested on. */
export async function digits(folder: string, count: number): Promise<{ train: data.Digits; test: data.Digits }> {
  if (folder) return data.loadMnist(`${folder}/mnist`)
  return {
    train: data.syntheticDigits({ count, seed: 1 }),
    test: data.syntheticDigits({ count: Math.ceil(count / 5), seed: 2 }),
  }
}

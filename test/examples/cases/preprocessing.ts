/** @file T11: a table cleaned, scaled, encoded and split; a classifier of it by confusion matrix and five folds. */
import { main } from '../../../examples/preprocessing.ts'
import { example } from '../example.ts'

/** Means and deviations of columns. */
const moments = (rows: readonly number[][], columns: number) =>
  Array.from({ length: columns }, (_, c) => {
    const mean = rows.reduce((sum, row) => sum + row[c], 0) / rows.length
    return { mean, deviation: Math.sqrt(rows.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / rows.length) }
  })

export const one = example({
  file: 'preprocessing.ts',
  reaches: 'a table with faults becomes a classifier that is right for nine of ten new rows, and only if it is scaled',
  main,
  small: { steps: 10 },
  goals: ({ all, parts, runs, truth, confusion, mean }) => {
    const [plain, minMax, zScore] = runs
    const { numeric, names, targets, faults } = all
    const columns = numeric.length
    const learned = parts.train.indices
    const shares = Object.values(parts).map(({ indices }) =>
      names.map((_, k) => [...indices].filter((row) => targets[row] === k).length),
    )
    const everywhere = [...learned, ...parts.validation.indices, ...parts.test.indices]
    const z = moments(zScore.features(learned), columns)
    const unseen = moments(zScore.features(parts.test.indices), columns)
    const ranged = minMax.features(learned).map((row) => row.slice(0, columns))
    const right = confusion.reduce((sum, row, k) => sum + row[k], 0)
    return {
      'all faults are found': Object.values(faults).join() === '155,4,1,12',
      'parts of 60, 20 and 20 %, each species in its share': shares.join(' ') === '30,30,30 10,10,10 10,10,10',
      'no row is in two parts': new Set(everywhere).size === 150 && everywhere.length === 150,
      'nothing is missing any more': zScore.features(everywhere).flat().every(Number.isFinite),
      'z-score: mean 0 and deviation 1 where it was learned': z.every(
        ({ mean, deviation }) => Math.abs(mean) < 1e-9 && Math.abs(deviation - 1) < 1e-9,
      ),
      'and not of rows that it has not seen': unseen.every(({ mean }) => Math.abs(mean) > 1e-3),
      'min-max: from 0 to 1': Math.min(...ranged.flat()) === 0 && Math.abs(Math.max(...ranged.flat()) - 1) < 1e-12,
      'words are one 1 among zeros': zScore.features(everywhere).every((row) => {
        const soil = row.slice(columns)
        return soil.length === 3 && soil.filter((v) => v === 1).length === 1 && soil.filter((v) => v === 0).length === 2
      }),
      'test: ≥ 90 % right': zScore.accuracy >= 0.9,
      'five folds: ≥ 95 % right': mean >= 0.95,
      'the confusion matrix says the same': right / truth.length === zScore.accuracy,
      'unscaled, the loss stays at ln 3':
        Math.abs((plain.losses.at(-1) ?? 0) - Math.log(3)) < 0.05 && plain.accuracy < 0.7,
      'z-score is ahead of min-max': (zScore.losses.at(-1) ?? 1) < (minMax.losses.at(-1) ?? 0),
    }
  },
  says: ({ runs, mean }) =>
    `test accuracy ${(100 * runs[2].accuracy).toFixed(1)} %, five folds ${(100 * mean).toFixed(1)} %, unscaled ${(100 * runs[0].accuracy).toFixed(1)} %`,
})

/**
 * @file Parts of a data set that do not overlap, at random by a seed: for training, validation and test, and the folds
 * of a cross-validation. Stratified parts have each class in its share; groups stay together.
 */
import { describe, fail, shown } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkDataset, checkNumbers, type Dataset, Subset } from './dataset.ts'

/** Permutations for splits; tensors, loaders and digits with the same seed use other streams. */
const SPLIT_STREAM = 0x73706c69

/** What samples are told apart by: a class, a group; numbers or texts. */
export type Labels = ArrayLike<number | string>

/**
 * Classes 0, 1, … of labels, in the order in which they come first, and their names.
 * @throws HandgradError if labels are not as many numbers or texts as there are samples
 */
export function classesOf(op: string, what: string, labels: Labels, length: number) {
  if (typeof labels === 'string' || !(Array.isArray(labels) || ArrayBuffer.isView(labels)))
    fail(op, `${what} is ${describe(labels)}`, 'give a list, one for each sample')
  if (labels.length !== length) fail(op, `${what} has ${labels.length} entries for ${length} samples`)
  const codes = new Map<number | string, number>()
  const of = Int32Array.from({ length }, (_, i) => {
    const label = labels[i]
    if (typeof label !== 'string' && !Number.isFinite(label))
      fail(op, `${what} has ${describe(label)} at row ${i}`, 'give numbers or texts')
    const code = codes.get(label) ?? codes.size
    codes.set(label, code)
    return code
  })
  const names = [...codes.keys()].map((name) => shown(String(name)))
  const counts = new Int32Array(names.length)
  for (const code of of) counts[code]++
  return { of, names, counts }
}

/**
 * Split into parts that do not overlap, at random.
 * @param lengths samples of each part, adding up to the data set's; or fractions adding up to 1: each part gets the
 *   floor of its share, and what is left goes one each to the first parts
 * @param options.seed  default 0
 * @throws HandgradError if lengths are neither numbers of samples that add up to the data set nor fractions that add up
 *   to 1
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  lengths: readonly number[],
  options?: { seed?: number },
): Subset<T>[] {
  const op = 'randomSplit'
  const { seed } = optionsOf(op, options, { seed: 0 })
  checkDataset(op, dataset)
  checkNumbers(op, 'lengths', lengths)
  const n = dataset.length
  const sum = lengths.reduce((a, b) => a + b, 0)
  const shown = `[${lengths.join(', ')}]`
  if (lengths.length === 0 || lengths.some((length) => !(length >= 0))) {
    fail(op, `lengths are ${shown}`, 'give numbers of samples, or fractions that add up to 1')
  }
  let counts = [...lengths]
  if (lengths.some((length) => !Number.isInteger(length)) || (sum === 1 && n !== 1)) {
    if (Math.abs(sum - 1) > 1e-6) fail(op, `fractions ${shown} add up to ${sum}`, 'they must add up to 1')
    counts = lengths.map((fraction) => Math.floor(n * fraction + 1e-9))
    const rest = n - counts.reduce((a, b) => a + b, 0)
    for (let i = 0; i < rest; i++) counts[i % counts.length]++
  } else if (sum !== n) {
    fail(
      op,
      `lengths ${shown} add up to ${sum}, and the data set has ${n} samples`,
      'or give fractions that add up to 1',
    )
  }
  const order = new Philox(seed, 0, SPLIT_STREAM).permutation(n)
  let start = 0
  return counts.map((count) => new Subset(dataset, order.subarray(start, (start += count))))
}

/** Sizes of the parts of {@link trainTestSplit}. */
export interface SplitOptions {
  /** Samples, or a fraction below 1, of the test part; default 0.25; rounded up, as scikit-learn does. */
  testSize?: number
  /** As many, or such a fraction of all samples, are a part `validation`; default: there is none. */
  validationSize?: number
  /** Default 0. */
  seed?: number
  /** A class for each sample: every part has each class in its share, to within one sample. */
  stratify?: Labels
}

/**
 * A training part and a test part, and where `validationSize` is given one between them, at random.
 * @throws HandgradError if a part would be empty, a size is neither a fraction nor an integer, or with `stratify` a
 *   class has fewer samples than there are parts, or a part fewer than there are classes
 */
export function trainTestSplit<T>(
  dataset: Dataset<T>,
  options: SplitOptions & { validationSize: number },
): { train: Subset<T>; validation: Subset<T>; test: Subset<T> }
export function trainTestSplit<T>(
  dataset: Dataset<T>,
  options?: SplitOptions,
): { train: Subset<T>; validation?: Subset<T>; test: Subset<T> }
export function trainTestSplit<T>(
  dataset: Dataset<T>,
  options?: SplitOptions,
): { train: Subset<T>; validation?: Subset<T>; test: Subset<T> } {
  const op = 'trainTestSplit'
  const { testSize, validationSize, seed, stratify } = optionsOf(op, options, {
    testSize: 0.25,
    validationSize: undefined,
    seed: 0,
    stratify: undefined,
  })
  checkDataset(op, dataset)
  const n = dataset.length
  const countOf = (name: string, size: number): number => {
    if (typeof size !== 'number') fail(op, `${name} is ${describe(size)}`, 'use a fraction, or 1 to n - 1 samples')
    const count = size > 0 && size < 1 ? Math.ceil(n * size - 1e-9) : size
    if (!Number.isInteger(count) || count < 1 || count >= n)
      fail(op, `${name} ${size} of ${n} samples leaves an empty part`, 'use a fraction, or 1 to n - 1 samples')
    return count
  }
  const test = countOf('testSize', testSize)
  const middle = validationSize === undefined ? 0 : countOf('validationSize', validationSize)
  if (test + middle >= n)
    fail(op, `testSize ${testSize} and validationSize ${validationSize} leave nothing of ${n} samples to train on`)
  const counts = validationSize === undefined ? [n - test, test] : [n - test - middle, middle, test]
  const parts =
    stratify === undefined ? randomSplit(dataset, counts, { seed }) : stratified(dataset, counts, stratify, seed)
  const [train, last] = [parts[0], parts[parts.length - 1]]
  return validationSize === undefined ? { train, test: last } : { train, validation: parts[1], test: last }
}

/** As randomSplit, with each class in its share. */
function stratified<T>(dataset: Dataset<T>, sizes: readonly number[], labels: Labels, seed: number): Subset<T>[] {
  const op = 'trainTestSplit'
  const n = dataset.length
  const { of, names, counts: left } = classesOf(op, 'stratify', labels, n)
  const few = left.findIndex((count) => count < sizes.length)
  if (few >= 0)
    fail(
      op,
      `class ${names[few]} has ${left[few]} samples for ${sizes.length} parts`,
      'leave stratify out, or add some',
    )
  const small = Math.min(...sizes)
  if (small < names.length) fail(op, `a part of ${small} samples is too small for ${names.length} classes`)
  let total = n
  const quota = sizes.map((size) => {
    const share = shares(left, size, total)
    for (const c of left.keys()) left[c] -= share[c]
    total -= size
    return share
  })
  const order = new Philox(seed, 0, SPLIT_STREAM).permutation(n)
  const partOf = new Int8Array(n)
  for (const i of order) {
    const part = quota.findIndex((share) => share[of[i]] > 0)
    quota[part][of[i]]--
    partOf[i] = part
  }
  return sizes.map(
    (_, part) =>
      new Subset(
        dataset,
        order.filter((i) => partOf[i] === part),
      ),
  )
}

/** How many of each class go to a part of `count`: ⌊share⌋, and one more where the rest of the share is largest. */
function shares(counts: ArrayLike<number>, count: number, total: number): number[] {
  const exact = Array.from(counts, (n) => (n * count) / total)
  const whole = exact.map(Math.floor)
  const rest = count - whole.reduce((a, b) => a + b, 0)
  const largest = [...exact.keys()].sort((a, b) => exact[b] - whole[b] - (exact[a] - whole[a]) || a - b)
  for (const c of largest.slice(0, rest)) whole[c]++
  return whole
}

/** What {@link kFold} keeps together, and in which share. */
export interface FoldOptions {
  /** Folds, an integer from 2 to the number of samples; default 5. */
  folds?: number
  /** Default 0. */
  seed?: number
  /**
   * A class for each sample: every fold has each class in its share, to within one sample where there are no groups.
   */
  stratify?: Labels
  /** A group for each sample: no group is in two folds. */
  groups?: Labels
}

/**
 * Folds of a cross-validation: each sample is in the test part of one of them and in the training part of the others.
 * `part.indices` are the samples' indices.
 * @param options  `folds`, `seed`, `stratify`, `groups`; see {@link FoldOptions}
 * @throws HandgradError if there are fewer samples, groups, or samples of a class, than folds, or labels do not fit
 */
export function kFold<T>(dataset: Dataset<T>, options?: FoldOptions): { train: Subset<T>; test: Subset<T> }[] {
  const op = 'kFold'
  const { folds, seed, stratify, groups } = optionsOf(op, options, {
    folds: 5,
    seed: 0,
    stratify: undefined,
    groups: undefined,
  })
  checkDataset(op, dataset)
  const n = dataset.length
  if (!Number.isInteger(folds) || folds < 2 || folds > n)
    fail(op, `folds is ${describe(folds)} for ${n} samples`, `use an integer from 2 to the number of samples`)
  const one = { of: new Int32Array(n), names: [''], counts: Int32Array.of(n) }
  const classes = stratify === undefined ? one : classesOf(op, 'stratify', stratify, n)
  const few = classes.counts.findIndex((count) => count < folds)
  if (few >= 0)
    fail(op, `class ${classes.names[few]} has ${classes.counts[few]} samples for ${folds} folds`, 'use fewer')
  const together = groups === undefined ? undefined : classesOf(op, 'groups', groups, n)
  if (together && together.names.length < folds)
    fail(op, `there are ${together.names.length} groups for ${folds} folds`, 'use fewer')

  // Samples by group, in random order; without groups each is one of its own.
  const members = new Map<number, number[]>()
  for (const i of new Philox(seed, 0, SPLIT_STREAM).permutation(n)) {
    const group = together ? together.of[i] : i
    const list = members.get(group)
    if (list) list.push(i)
    else members.set(group, [i])
  }
  // The largest first; of the same size those of one class after each other.
  const order = [...members.values()].sort((a, b) => b.length - a.length || classes.of[a[0]] - classes.of[b[0]])
  const held = Array.from({ length: folds }, () => ({ counts: new Int32Array(classes.names.length), total: 0 }))
  const foldOf = new Int32Array(n)
  for (const group of order) {
    // Σ over classes of (count in the fold / count of the class)² grows least by this fold.
    const cost = held.map(({ counts }) =>
      group.reduce((sum, i) => sum + counts[classes.of[i]] / classes.counts[classes.of[i]], 0),
    )
    let best = 0
    for (let f = 1; f < folds; f++) {
      if (cost[f] < cost[best] || (cost[f] === cost[best] && held[f].total < held[best].total)) best = f
    }
    for (const i of group) {
      foldOf[i] = best
      held[best].counts[classes.of[i]]++
      held[best].total++
    }
  }
  const samples = [...foldOf.keys()]
  return held.map((_, fold) => ({
    train: new Subset(
      dataset,
      samples.filter((i) => foldOf[i] !== fold),
    ),
    test: new Subset(
      dataset,
      samples.filter((i) => foldOf[i] === fold),
    ),
  }))
}

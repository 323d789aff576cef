/**
 * @file Precision, recall and F_β of counts by class, and the words that measures take. Defined as scikit-learn defines
 * them: precision = right / predicted, recall = right / support, F_β = (1 + β²)·right / (β²·support + predicted).
 */
import { describe, fail } from '../core/errors.ts'

/** Measures of one class. A ratio with nothing to divide by is 0, or `zeroDivision`. */
export interface ClassReport {
  /** Right ones among those predicted as this class. */
  readonly precision: number
  /** Right ones among those that are of this class. */
  readonly recall: number
  /** 2·precision·recall / (precision + recall). */
  readonly f1: number
  /** How many are of this class. */
  readonly support: number
}

/**
 * How classes become one number: the positive one alone ('binary'), all decisions together ('micro'), the mean over
 * classes ('macro'), that by support ('weighted'), the mean over samples of several labels ('samples'); null: not.
 */
export type Average = 'binary' | 'micro' | 'macro' | 'weighted' | 'samples' | null

/** Sums for each of several classes, or of several samples. */
export interface Counts {
  readonly right: number[]
  readonly predicted: number[]
  readonly support: number[]
}

export const sum = (list: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < list.length; i++) total += list[i]
  return total
}

/** 0, 1, … n − 1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

export const ratio = (part: number, whole: number, otherwise = 0): number => (whole === 0 ? otherwise : part / whole)

/** Precision, recall, F_β (as `f1`) and support of each. */
export const measuresOf = ({ right, predicted, support }: Counts, zero = 0, beta = 1): ClassReport[] =>
  right.map((hits, i) => ({
    precision: ratio(hits, predicted[i], zero),
    recall: ratio(hits, support[i], zero),
    f1: ratio((1 + beta ** 2) * hits, beta ** 2 * support[i] + predicted[i], zero),
    support: support[i],
  }))

/** Refuse a word that is none of these. */
export function checkWord(op: string, name: string, word: unknown, known: readonly (string | null)[]): void {
  if (!known.includes(word as string | null))
    fail(op, `${name} is ${describe(word)}`, `one of ${known.map((one) => describe(one)).join(', ')}`)
}

/** Refuse a number of classes that is not one. */
export function checkClasses(op: string, classes: unknown): asserts classes is number {
  if (!(Number.isInteger(classes) && (classes as number) >= 1))
    fail(op, `classes is ${describe(classes)}`, 'give an integer from 1 up')
}

const averages = ['binary', 'micro', 'macro', 'weighted', 'samples', null] as const

export function checkZeroDivision(op: string, zero: unknown): asserts zero is 0 | 1 {
  if (zero !== 0 && zero !== 1) fail(op, `zeroDivision is ${describe(zero)}`, 'give 0 or 1')
}

export const checkAverage = (op: string, average: unknown): void => checkWord(op, 'average', average, averages)

/** Refuse 'binary' for more than two classes. */
export function checkBinary(op: string, classes: number): void {
  if (classes > 2) fail(op, `${classes} classes`, "say how they become one: average 'micro', 'macro' or 'weighted'")
}

/** Refuse what is not a number of guesses. */
export function checkTopK(op: string, k: unknown): void {
  if (!(Number.isInteger(k) && (k as number) >= 1)) fail(op, `topK is ${describe(k)}`, 'give an integer from 1 up')
}

/** Refuse ways to one number that there are not. */
export function checkWays(op: string, average: unknown, multiClass: unknown = null): void {
  checkWord(op, 'average', average, ['macro', 'micro', 'weighted', null])
  checkWord(op, 'multiClass', multiClass, ['ovr', 'ovo', null])
}

/**
 * @file Counts of predictions by true class, and the measures that follow from them. Defined as scikit-learn defines
 * them.
 */
import { fail } from '../core/errors.ts'

/** Measures of one class. A ratio with nothing to divide by is 0. */
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

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

/** `counts[t][p]`: how many of class t were predicted as p. */
export class Confusion {
  readonly classes: number
  readonly counts: readonly number[][]

  constructor(classes: number) {
    this.classes = classes
    this.counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  }

  /** Count predictions. @throws HandgradError if a class is outside 0 … classes − 1, or the lengths differ */
  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
    if (truth.length !== predicted.length)
      fail('Confusion', `${truth.length} labels and ${predicted.length} predictions`)
    for (let i = 0; i < truth.length; i++) {
      const row = this.counts[truth[i]]
      if (row?.[predicted[i]] === undefined)
        fail('Confusion', `class ${truth[i]} predicted as ${predicted[i]}, of ${this.classes} classes`)
      row[predicted[i]]++
    }
  }

  get total(): number {
    return this.counts.flat().reduce((a, b) => a + b, 0)
  }
  get right(): number {
    return this.counts.reduce((sum, row, i) => sum + row[i], 0)
  }
  /** Right predictions among all. */
  get accuracy(): number {
    return ratio(this.right, this.total)
  }

  /** The measures of each class. */
  report(): ClassReport[] {
    return this.counts.map((row, i) => {
      const support = row.reduce((a, b) => a + b, 0)
      const predicted = this.counts.reduce((sum, other) => sum + other[i], 0)
      const precision = ratio(row[i], predicted)
      const recall = ratio(row[i], support)
      return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support }
    })
  }
}

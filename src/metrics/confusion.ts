/** @file Counts of predictions by true class. The measures that follow from them are in measures.ts. */
import { fail } from '../core/errors.ts'
import { type ClassReport, type Counts, checkClasses, measuresOf, range, ratio, sum } from './measures.ts'
import type { ClassificationReport, ReportOptions } from './report.ts'

/** `counts[t][p]`: how many of class t were predicted as p. */
export class Confusion {
  readonly classes: number
  readonly counts: readonly number[][]

  /** @throws HandgradError if classes is not an integer from 1 up */
  constructor(classes: number) {
    checkClasses('Confusion', classes)
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
    return sum(this.counts.map(sum))
  }
  get right(): number {
    return sum(this.byClass.right)
  }
  /** Right predictions among all. */
  get accuracy(): number {
    return ratio(this.right, this.total)
  }

  /** The measures of each class. */
  report(): ClassReport[] {
    return measuresOf(this.byClass)
  }

  /** The measures of each class and their means; `String(…)` is scikit-learn's text. */
  async classificationReport(options?: ReportOptions): Promise<ClassificationReport> {
    return (await import('./host.ts')).reportOf('classificationReport', this.byClass, options)
  }

  private get byClass(): Counts {
    const { counts, classes } = this
    return {
      right: counts.map((row, i) => row[i]),
      predicted: range(classes).map((c) => sum(counts.map((row) => row[c]))),
      support: counts.map(sum),
    }
  }
}

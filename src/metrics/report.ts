/** @file The classification report: measures by class and their means, as data and as scikit-learn's text. */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { averageOf, type ClassOptions, samplesOf, tallyOf, type ZeroDivisionOptions } from './counts.ts'
import type { Values } from './given.ts'
import { type ClassReport, type Counts, checkZeroDivision, measuresOf, sum } from './measures.ts'

/** Options of how a report looks. */
export interface ReportOptions extends ZeroDivisionOptions {
  /** Places after the point. Default: 2. */
  digits?: number
  /** What the classes are called. Default, or null: their labels. */
  targetNames?: readonly string[] | null
  /** A row of the micro average in place of the accuracy, which is the same number. Default: false. */
  micro?: boolean
}

/** What a report stands on. */
interface Source extends Counts {
  readonly labels: readonly number[]
  /** Every label that occurs is a row: then the micro average is the accuracy. */
  readonly complete: boolean
  /** The mean over samples of several labels, null where each has one. */
  readonly samples: ClassReport | null
  /** Counts are sums of weights. */
  readonly weighted: boolean
}

const look = { digits: 2, targetNames: null, micro: false, zeroDivision: 0 } as const
const of = { classes: null, labels: null, sampleWeight: null } as const

/** Measures by class, and their means. `String(report)` is scikit-learn's text. */
export class ClassificationReport {
  /** One for each class, with its name. */
  readonly classes: readonly (ClassReport & { readonly name: string })[]
  /** Right ones among all; null where labels are left out, or samples have several. */
  readonly accuracy: number | null
  readonly micro: ClassReport
  readonly macro: ClassReport
  /** The mean by support. */
  readonly weighted: ClassReport
  /** The mean over samples that have several labels, else null. */
  readonly samples: ClassReport | null
  private readonly text: string

  /** Internal: what `classificationReport` and `Confusion` give; options are filled in. */
  constructor(op: string, source: Source, options: Required<ReportOptions>) {
    const { digits, targetNames, micro, zeroDivision: zero } = options
    const { labels, complete, samples } = source
    checkZeroDivision(op, zero)
    if (!(Number.isInteger(digits) && digits >= 0 && digits <= 60))
      fail(op, `digits is ${describe(digits)}`, 'give an integer from 0 to 60')
    const names = targetNames ?? labels.map(String)
    if (names.length !== labels.length) fail(op, `${names.length} targetNames for ${labels.length} classes`)
    this.classes = measuresOf(source, zero).map((row, i) => ({ name: names[i], ...row }))
    this.micro = averageOf(source, 'micro', zero)
    this.macro = averageOf(source, 'macro', zero)
    this.weighted = averageOf(source, 'weighted', zero)
    this.samples = samples
    const isAccuracy = complete && !samples
    this.accuracy = isAccuracy ? this.micro.precision : null

    const width = Math.max(12, digits, ...names.map((name) => [...name].length))
    const cells = (name: string, ...rest: string[]): string =>
      `${pad(name, width)} ${rest.map((cell) => ` ${pad(cell, 9)}`).join('')}\n`
    const count = (n: number): string => (source.weighted && Number.isInteger(n) ? `${n}.0` : String(n))
    const row = (name: string, { precision, recall, f1, support }: ClassReport): string =>
      cells(name, ...[precision, recall, f1].map((x) => fixed(x, digits)), count(support))
    const first =
      isAccuracy && !micro
        ? cells('accuracy', '', '', fixed(this.micro.f1, digits), count(sum(source.support)))
        : row('micro avg', this.micro)
    this.text = [
      cells('', 'precision', 'recall', 'f1-score', 'support'),
      ...this.classes.map((one) => row(one.name, one)),
      `${first}${row('macro avg', this.macro)}${row('weighted avg', this.weighted)}${samples ? row('samples avg', samples) : ''}`,
    ].reduce((all, part, i, { length }) => all + (i === 1 || i === length - 1 ? '\n' : '') + part, '')
  }

  /** The text, line by line as scikit-learn prints it. */
  toString(): string {
    return this.text
  }
}

const pad = (text: string, width: number): string => ' '.repeat(Math.max(0, width - [...text].length)) + text

/** A number with so many places, ties to even as Python has them: 0.125 is 0.12, where toFixed gives 0.13. */
function fixed(x: number, digits: number): string {
  const exact = x.toFixed(100)
  const end = exact.length - 100 + digits
  const down = exact.slice(0, digits === 0 ? end - 1 : end)
  return /^50*$/.test(exact.slice(end)) && Number(down.at(-1)) % 2 === 0 ? down : x.toFixed(digits)
}

/** Options of {@link classificationReport}. */
export interface ClassificationReportOptions extends ClassOptions, ReportOptions {}

export async function classificationReport(
  truth: Values,
  predicted: Values,
  options?: ClassificationReportOptions,
): Promise<ClassificationReport> {
  const op = 'classificationReport'
  const given = optionsOf(op, options, { ...look, ...of })
  checkZeroDivision(op, given.zeroDivision)
  const tally = await tallyOf(op, truth, predicted, given)
  const samples = tally.multilabel ? samplesOf(tally, given.zeroDivision) : null
  return new ClassificationReport(op, { ...tally, samples, weighted: given.sampleWeight !== null }, given)
}

/** The report of counts by class: labels are 0 … classes − 1. */
export function reportOf(op: string, counts: Counts, options?: ReportOptions): ClassificationReport {
  const labels = counts.right.map((_, i) => i)
  const source = { ...counts, labels, complete: true, samples: null, weighted: false }
  return new ClassificationReport(op, source, optionsOf(op, options, look))
}

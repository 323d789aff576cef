/** @file What a diagnosis finds: codes, which of them bring about which, and the order that follows. */
import { showAsText } from '../../core/show.ts'
import { type Language, remedyOf, sentenceOf } from './texts.ts'

/** What may be wrong. The order is that in which causes stand before what they bring about. */
export const codes = [
  'labelOffByOne',
  'labelOutOfRange',
  'inputsUnscaled',
  'leak',
  'batchesNotShuffled',
  'neverOptimized',
  'neverUsed',
  'zeroGradForgotten',
  'lossClipped',
  'softmaxTwice',
  'batchPairs',
  'batchCounted',
  'dropoutInEvaluation',
  'batchStatisticsInEvaluation',
  'explodingActivations',
  'deadReLU',
  'saturated',
  'vanishingActivations',
  'learningRateTooLarge',
  'learningRateTooSmall',
  'explodingGradients',
  'vanishingGradients',
  'zeroGradient',
  'updateTooLarge',
  'updateTooSmall',
  'notFinite',
] as const

/** What was found. */
export type FindingCode = (typeof codes)[number]

/** One thing that is wrong. */
export interface Finding {
  readonly code: FindingCode
  /** A layer, a parameter, an op, an input; '' where it is the whole. */
  readonly where: string
  /** What was measured; which numbers belong to which code is in docs/diagnose.md. */
  readonly numbers: Readonly<Record<string, number | string>>
  /** What follows from it. */
  readonly consequences: readonly Finding[]
}

/** A finding that has no place in the order yet. */
export type Found = Omit<Finding, 'consequences'>

const explosions = ['explodingActivations', 'explodingGradients', 'updateTooLarge', 'notFinite'] as const
const silences = ['vanishingGradients', 'zeroGradient', 'updateTooSmall', 'learningRateTooSmall'] as const
const layers = ['deadReLU', 'saturated', 'vanishingActivations', ...explosions, ...silences] as const

/** What brings about what. */
const effects: Readonly<Partial<Record<FindingCode, readonly FindingCode[]>>> = {
  inputsUnscaled: [...layers, 'learningRateTooLarge'],
  batchesNotShuffled: ['learningRateTooLarge', 'updateTooLarge', 'deadReLU', 'saturated', 'notFinite'],
  neverOptimized: ['learningRateTooSmall'],
  neverUsed: ['neverOptimized'],
  zeroGradForgotten: [...layers, 'learningRateTooLarge'],
  lossClipped: [...silences, 'neverUsed'],
  softmaxTwice: silences,
  batchPairs: [...silences, 'learningRateTooLarge'],
  batchCounted: [...layers, 'learningRateTooLarge'],
  explodingActivations: [...layers, 'learningRateTooLarge'],
  vanishingActivations: [...silences, 'deadReLU', 'explodingGradients'],
  deadReLU: [...silences, 'vanishingActivations'],
  saturated: [...silences, 'vanishingActivations'],
  learningRateTooLarge: layers,
  learningRateTooSmall: ['updateTooSmall'],
  explodingGradients: ['updateTooLarge', 'learningRateTooLarge', 'notFinite'],
  vanishingGradients: ['zeroGradient', 'updateTooSmall', 'learningRateTooSmall'],
  zeroGradient: ['updateTooSmall', 'learningRateTooSmall'],
  updateTooLarge: layers,
}

/** What is found of one layer or parameter after the other, and of what values pass on their way. */
const byLayer: readonly FindingCode[] = [...layers, 'inputsUnscaled']
const onTheWay: readonly FindingCode[] = ['deadReLU', 'saturated', 'vanishingActivations', 'explodingActivations']

/** What steps bring about, and not the weights as they were found. */
const bySteps: readonly FindingCode[] = [
  'learningRateTooLarge',
  'updateTooLarge',
  'zeroGradForgotten',
  'batchesNotShuffled',
]

/** What was there before the first step was not brought about by steps, nor by what came later. */
const inTime = (cause: Found, effect: Found): boolean =>
  bySteps.includes(cause.code)
    ? effect.numbers.since !== 0
    : cause.numbers.since === undefined || cause.numbers.since === 0 || effect.numbers.since === cause.numbers.since

/** Of two layers in the way of values, the one further on brings nothing about in the one before it. */
const inPlace = (cause: Found, effect: Found): boolean =>
  !(onTheWay.includes(cause.code) && onTheWay.includes(effect.code)) ||
  (cause.numbers.order as number) <= (effect.numbers.order as number)

function explains(cause: Found, effect: Found): boolean {
  if (cause === effect) return false
  if (cause.code === effect.code) return byLayer.includes(cause.code) && inTime(cause, effect)
  return (effects[cause.code] ?? []).includes(effect.code) && inTime(cause, effect) && inPlace(cause, effect)
}

const rank = ({ code }: Found): number => codes.indexOf(code)

/**
 * Causes first, each with all that follows from it, whether at once or by way of other things. Of one code in several
 * layers, the first layer has the others under it.
 */
export function ordered(found: readonly Found[]): Finding[] {
  const list = [...found].sort((a, b) => rank(a) - rank(b))
  const roots: { found: Found; under: Found[] }[] = []
  const placed = new Set<Found>()
  const under = (cause: Found): Found[] => {
    const reached = new Set<Found>()
    const queue = [cause]
    for (let at = queue.pop(); at; at = queue.pop())
      for (const one of list)
        if (one !== cause && !reached.has(one) && !placed.has(one) && explains(at, one)) {
          reached.add(one)
          queue.push(one)
        }
    return list.filter((one) => reached.has(one))
  }
  // What nothing else explains comes first; of circles, what stands first in the order of codes.
  const unexplained = list.filter(
    (one, i) => !list.some((other, j) => explains(other, one) && !(j > i && explains(one, other))),
  )
  for (const one of [...unexplained, ...list]) {
    if (placed.has(one)) continue
    placed.add(one)
    const below = under(one)
    for (const effect of below) placed.add(effect)
    roots.push({ found: one, under: below })
  }
  roots.sort((a, b) => rank(a.found) - rank(b.found))
  return roots.map(({ found: one, under: below }) => ({
    ...one,
    consequences: below.map((effect) => ({ ...effect, consequences: [] })),
  }))
}

/** What `inspect.diagnose` found: nothing, if all is well. */
export class Diagnosis {
  /** Causes, the most basic first, with what follows from each. */
  readonly findings: readonly Finding[]

  constructor(found: readonly Found[]) {
    this.findings = ordered(found)
  }

  /** What a finding says, and what to do about it. */
  explain(finding: Finding, language: Language = 'en'): { sentence: string; remedy: string } {
    return { sentence: sentenceOf(finding, language), remedy: remedyOf(finding, language) }
  }

  /** All of it as text: a cause and its remedy, and under it what follows. */
  text(language: Language = 'en'): string {
    if (this.findings.length === 0) return sentenceOf(null, language)
    return this.findings
      .flatMap((finding) => {
        const { sentence, remedy } = this.explain(finding, language)
        const below = finding.consequences.map(
          (one) => `  ${language === 'zh' ? '因此：' : 'so: '}${sentenceOf(one, language)}`,
        )
        return [sentence, `  → ${remedy}`, ...below]
      })
      .join('\n')
  }

  /** Its text in English. */
  toString(): string {
    return this.text()
  }
}
showAsText(Diagnosis)

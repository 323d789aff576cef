/** @file What logits go through before a token is drawn, checked: for the op, and for who calls it later. */
import { fail } from '../../core/errors.ts'
import { checkNumbers } from './arguments.ts'

/** How tokens are drawn, in the order of the steps. */
export interface Sampling {
  /** What logits of tokens that were there already are divided by, or multiplied by where they are below 0; 1: none. */
  readonly repetitionPenalty: number
  /** What logits are divided by, from 0 up; 0: the greatest logit is taken. */
  readonly temperature: number
  /** How many of the greatest logits stay; 0: all. */
  readonly topK: number
  /** The fewest tokens stay whose probabilities together reach it, above 0; 1: all. */
  readonly topP: number
  /** A token stays if its probability is at least so many times the greatest, from 0, for all, to 1. */
  readonly minP: number
}

/** Refuse what is out of range. */
export function checkSampling(op: string, numbers: Sampling, vocabulary: number): void {
  checkNumbers(op, { ...numbers })
  const { temperature, topK, topP, minP, repetitionPenalty } = numbers
  if (!(temperature >= 0 && temperature < Infinity))
    fail(op, `temperature is ${temperature}`, 'give a number from 0 up; 0 takes the greatest logit')
  if (!(Number.isInteger(topK) && topK >= 0 && topK <= vocabulary))
    fail(op, `topK is ${topK}, the vocabulary ${vocabulary}`, `give an integer from 1 to ${vocabulary}, or 0 for all`)
  if (!(topP > 0 && topP <= 1)) fail(op, `topP is ${topP}`, 'give a number above 0, up to 1 for all')
  if (!(minP >= 0 && minP <= 1)) fail(op, `minP is ${minP}`, 'give a number from 0, for all, to 1')
  if (!(repetitionPenalty >= 1e-6 && repetitionPenalty <= 1e6))
    fail(op, `repetitionPenalty is ${repetitionPenalty}`, 'give a number from 1e-6 to 1e6; 1 is none')
}

/** @file The ladders by name. */
import type { Ladder } from '../ladder.ts'
import { matmulLadder } from './matmul.ts'
import { softmaxLadder } from './softmax.ts'
import { sumsLadder } from './sums.ts'

export const ladders: Readonly<Record<string, Ladder>> = {
  matmul: matmulLadder,
  softmax: softmaxLadder,
  sums: sumsLadder,
}

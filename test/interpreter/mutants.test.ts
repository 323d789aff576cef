/**
 * @file Our kernels without a guard, without a barrier, beside the index: the interpreter names the fault, and the line.
 * This is a sample of what tools/kernels/mutants.ts draws.
 */
import { afterEach, expect, test } from 'vitest'
import { makeProgram } from '../../src/interpreter/code/index.ts'
import { InterpreterDevice } from '../../src/interpreter/device.ts'
import type { FaultKind } from '../../src/interpreter/index.ts'
import { Programs } from '../../src/interpreter/programs.ts'
import { ones, type Tensor, type TensorOptions, tensor, zeros } from '../../src/node.ts'
import { lineOf } from '../../tools/mutants/mutant.ts'
import { plant, textOf } from '../../tools/mutants/planted.ts'

interface Sample {
  /** In shaders/, without its ending. */
  readonly file: string
  /** What it is that is dropped or changed, with as much before it as makes it the only one. */
  readonly text: string
  readonly mutated?: string
  /** The variant of a kernel that runs it. */
  readonly force?: Readonly<Record<string, string>>
  readonly call: (on: TensorOptions) => Tensor
  readonly kind: FaultKind
  /** What stands in the line that is named. */
  readonly at: string
}

const square = (n: number, on: TensorOptions): Tensor => ones([n, n], on)
const loop = (step: string): string => `  for (var half = LANES / 2u; half > 0u; half /= 2u) {\n    workgroupBarrier();\n    ${step}`

const samples: Readonly<Record<string, Sample>> = {
  'a barrier in a tree': {
    file: 'softmax',
    text: loop('if (lane < half) { partial[lane] = nan_max'),
    mutated: loop('if (lane < half) { partial[lane] = nan_max').replace('workgroupBarrier();', ''),
    force: { softmax: 'group' },
    call: (on) => square(3, on).softmax(-1),
    kind: 'race',
    at: 'partial[lane] = nan_max',
  },
  'the barrier after a tree': {
    file: 'norm',
    text: 'workgroupBarrier();\n  return',
    mutated: '\n  return',
    force: { norm: 'group' },
    call: (on) => square(8, on).layerNorm([8]),
    kind: 'race',
    at: 'partial[lane] =',
  },
}

const files = 0

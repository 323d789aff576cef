/** @file How to run shaders/pointwise*.wgsl; shaders/lib/apply.wgsl has the ranges of op codes. */
import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, Plan } from '../../core/kernel.ts'
import { manyElements, manyOnSoftware, perElement, perVec4, runOf, sizeClass, type Vec4 } from './common.ts'
import { pointwiseNest } from './nests.ts'

const { CODES_PER_LIB, TWO_OPERANDS, THREE_OPERANDS } = shaders.pointwise.consts

/** Of an op code: the number of its lib, and how many operands it takes. */
export const libOf = (code: number): number => Math.floor(code / CODES_PER_LIB)
export function operandsOf(code: number): 1 | 2 | 3 {
  const number = code % CODES_PER_LIB
  return number < TWO_OPERANDS ? 1 : number < THREE_OPERANDS ? 2 : 3
}

/** Entry points begin with one of these, by the lib of the op code. */
export const families = ['pointwise', 'exp', 'angle']

/** Whether four neighbours of an operand are one aligned vec4, or one value. */
function vec4Rows([offset, s0, s1, s2]: Vec4, size: number, d2: number): boolean {
  if (s2 === 0) return true
  return s2 === 1 && offset % 4 === 0 && (d2 === size || (s0 % 4 === 0 && s1 % 4 === 0))
}

interface PointwiseParams {
  size: number
  /** Size of the innermost axis. */
  d2: number
  /** How each operand is walked: offset, and the strides of three axes. */
  a: Vec4
  b: Vec4
  c: Vec4
}

/** Tensors among the operands of an elementwise op: the scalar, if there is one, takes the place of one. */
const tensorCount = ({ OP, SCALAR }: Constants): number => operandsOf(OP) - (SCALAR ? 1 : 0)

/** The bit of an operand whose rows are one value each, in SPREAD of shaders/lib/elements.wgsl. */
const oneValue = (walk: Vec4, bit: 1 | 2 | 4): number => (walk[3] === 0 ? bit : 0)

export const pointwise: Plan = {
  nests: pointwiseNest,
  class: ({ size }: PointwiseParams) => sizeClass(size),
  variants: {
    vec4: {
      requires: 'operands whose rows are aligned vec4s, or one value',
      fits: ({ size, d2, a, b, c }: PointwiseParams, _, constants) => {
        const count = tensorCount(constants)
        if (d2 !== size && d2 % 4 !== 0) return false
        return vec4Rows(a, size, d2) && (count < 2 || vec4Rows(b, size, d2)) && (count < 3 || vec4Rows(c, size, d2))
      },
      better: ({ size }: PointwiseParams, facts) => manyElements(size, facts),
      dispatch: ({ size, a, b, c }: PointwiseParams, facts, constants) => {
        const count = tensorCount(constants)
        const spread = oneValue(a, 1) | (count > 1 ? oneValue(b, 2) : 0) | (count > 2 ? oneValue(c, 4) : 0)
        const run = runOf(facts)
        const switches = { TAIL: size % 4 === 0 ? 0 : 1, SPREAD: spread, RUN: run }
        return { entry: VEC4[libOf(constants.OP)][count], groups: perVec4(size / run), constants: switches }
      },
    },
    rows: {
      requires: 'rows of a multiple of four elements',
      fits: ({ d2 }: PointwiseParams) => d2 % 4 === 0,
      better: ({ size }: PointwiseParams, facts) => manyOnSoftware(size, facts),
      dispatch: ({ size }: PointwiseParams, _, c) => ({
        entry: ROWS[libOf(c.OP)][tensorCount(c)],
        groups: perVec4(size),
      }),
    },
    strided: {
      dispatch: ({ size }: PointwiseParams, _, c) => ({
        entry: STRIDED[libOf(c.OP)][tensorCount(c)],
        groups: perElement(size),
      }),
    },
  },
}

/** Entry points by the lib of the op code, and by how many tensors. */
const VEC4 = families.map((family) => [0, 1, 2, 3].map((count) => `${family}_vec4_${count}`))
const ROWS = families.map((family) => [0, 1, 2, 3].map((count) => `${family}_rows_${count}`))
const STRIDED = families.map((family) => [0, 1, 2, 3].map((count) => `${family}_${count}`))

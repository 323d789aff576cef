/** @file How to run shaders/pointwise*.wgsl. */
import type { Constants, Plan } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, type Vec4 } from './common.ts'

/** Whether four neighbours of an operand are one aligned vec4, or one value. */
function vec4Rows([offset, s0, s1, s2]: Vec4, size: number, d2: number): boolean {
  if (s2 === 0) return true
  return s2 === 1 && offset % 4 === 0 && (d2 === size || (s0 % 4 === 0 && s1 % 4 === 0))
}

interface PointwiseParams {
  size: number
  d2: number
  a: Vec4
  b: Vec4
  c: Vec4
}

/** Tensors among the operands of an elementwise op: the scalar, if there is one, takes the place of one. */
const tensorCount = ({ OP, SCALAR }: Constants): number =>
  ((OP & 255) < 64 ? 1 : (OP & 255) < 128 ? 2 : 3) - (SCALAR ? 1 : 0)

export const pointwise: Plan = {
  variants: {
    vec4: {
      requires: 'operands whose rows are aligned vec4s, or one value',
      fits: ({ size, d2, a, b, c }: PointwiseParams, _, constants) => {
        const count = tensorCount(constants)
        if (d2 !== size && d2 % 4 !== 0) return false
        return vec4Rows(a, size, d2) && (count < 2 || vec4Rows(b, size, d2)) && (count < 3 || vec4Rows(c, size, d2))
      },
      better: ({ size }: PointwiseParams, facts) => manyElements(size, facts),
      dispatch: ({ size, a, b, c }: PointwiseParams, _, constants) => {
        const count = tensorCount(constants)
        const spread = (a[3] === 0 ? 1 : 0) | (count > 1 && b[3] === 0 ? 2 : 0) | (count > 2 && c[3] === 0 ? 4 : 0)
        const switches = { TAIL: size % 4 === 0 ? 0 : 1, SPREAD: spread }
        return { entry: VEC4[constants.OP >> 8][count], groups: perVec4(size), constants: switches }
      },
    },
    strided: {
      dispatch: ({ size }: PointwiseParams, _, c) => ({
        entry: STRIDED[c.OP >> 8][tensorCount(c)],
        groups: perElement(size),
      }),
    },
  },
}
/** Entry points by the file of the op code, and by how many tensors. */
const files = ['pointwise', 'exp', 'angle']
const VEC4 = files.map((file) => [0, 1, 2, 3].map((count) => `${file}_vec4_${count}`))
const STRIDED = files.map((file) => [0, 1, 2, 3].map((count) => `${file}_${count}`))

/** @file relu: as a launch of its own, and where the launch before it has stored its values (base/ahead.ts). */
import { defineOp, floats, type Op } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { isRectified } from '../base/ahead.ts'
import type { Operand } from '../base/launches.ts'
import { elementwise, unary } from '../base/pointwise.ts'
import { zerosLike } from '../creation/like.ts'

const reluGrad: (slope: Operand, x: Operand) => Tensor = elementwise({
  name: 'reluGrad',
  inputs: ['slope', 'x'],
  dtypes: floats,
  codes: { f: 'RELU_GRAD' },
  saves: { slope: ['x'] },
  rules: { slope: (g, { x }) => reluGrad(g, x), x: (g) => zerosLike(g) },
})
const launched = unary('relu', 'RELU', 'y', reluGrad)

const stored: Op = defineOp({
  name: 'reluStored',
  as: 'relu',
  inputs: ['x'],
  dtypes: floats,
  shape: ([x]) => ({ shape: x.shape }),
  view: (view) => view,
  saves: { x: ['y'] },
  vjp: { x: ({ g, y }) => reluGrad(g, y) },
})

/** max(x, 0) of floats. */
export const reluOp = (x: Tensor): Tensor => (isRectified(x) ? stored([x], {}) : launched(x))

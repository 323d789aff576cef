/** @file What backward, grad, grad mode and scopes refuse, and by which text. */
import { describe } from 'vitest'
import {
  type Autograd,
  closed,
  d,
  doubled,
  gone,
  loss,
  other2,
  type Rows,
  total,
  used,
  v2,
  w,
  x,
  xo,
} from '../support/operands.ts'
import { refuse, loose as untyped } from '../support/refusals.ts'

const { backward, detach, enableGrad, grad, memory, noGrad, openScope, scope, zeros } = untyped

const refusals = {
  memory: [[() => memory('cpu'), "memory: 'cpu' is not a device (give await device('auto'))"]],
  detach: [
    [() => detach(gone), 'detach: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => detach(5), 'detach: x is 5, not a tensor (make it with tensor(…))'],
  ],
  backward: [
    [
      () => backward(total),
      'backward: tensor #n [] needs no gradient (no input that it was computed from has requiresGrad)',
    ],
    [
      () => backward(doubled),
      'backward: tensor #n [2, 2] is not a scalar (give a cotangent of its shape, or take sum() or mean() first)',
    ],
    [() => backward(gone), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => backward(5), 'backward: the output is 5, not a tensor'],
    [() => backward(doubled, v2), 'backward: the cotangent is [2], the output [2, 2] (they must have one shape)'],
    [() => backward(doubled, d), 'backward: the cotangent is float64, the output float32 (cast it)'],
    [() => backward(doubled, xo), 'backward: the cotangent is on cpu, the output on cpu (move it with to())'],
    [
      () => backward(doubled, 1),
      'backward: the cotangent is 1, not a tensor (options come after: backward(undefined, { … }))',
    ],
    [
      () => backward(loss, { retainGraph: true }),
      'backward: the cotangent is an object, not a tensor (options come after: backward(undefined, { … }))',
    ],
    [
      () => backward(used),
      'backward: the graph of sum was released by an earlier backward (pass { retainGraph: true } to the first backward, or compute the output again)',
    ],
  ],
  grad: [
    [() => grad(loss, x), 'grad: tensor #n [2, 2] needs no gradient (make it with { requiresGrad: true })'],
    [() => grad(loss, [x]), 'grad: tensor #n [2, 2] needs no gradient (make it with { requiresGrad: true })'],
    [
      () => grad(loss, [other2]),
      'grad: the outputs do not depend on tensor #n [2] (pass allowUnused: true to get null)',
    ],
    [
      () => grad(doubled, [w]),
      'grad: tensor #n [2, 2] is not a scalar (give a cotangent of its shape, or take sum() or mean() first)',
    ],
    [
      () => grad(x, [w]),
      'grad: tensor #n [2, 2] needs no gradient (no input that it was computed from has requiresGrad)',
    ],
    [() => grad([doubled], [w], { gradOutputs: [x, x] }), 'grad: gradOutputs has 2, outputs 1'],
    [() => grad(doubled, [w], { gradOutputs: 5 }), 'grad: 5 was given (give tensors or lists of them: grad(y, [x]))'],
    [() => grad(5, [w]), 'grad: 5 was given (give tensors or lists of them: grad(y, [x]))'],
    [() => grad(loss, 5), 'grad: 5 was given (give tensors or lists of them: grad(y, [x]))'],
    [
      () => grad(loss, [w], { grad_outputs: [x] }),
      'grad: there is no option grad_outputs (did you mean gradOutputs? it takes { retainGraph, createGraph, gradOutputs, allowUnused })',
    ],
    [() => grad([], [w]), 'grad: the outputs do not depend on tensor #n [2, 2] (pass allowUnused: true to get null)'],
    [() => grad(loss, [gone]), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [
      () => grad(used, [w]),
      'grad: the graph of sum was released by an earlier backward (pass { retainGraph: true } to the first backward, or compute the output again)',
    ],
  ],
  noGrad: [
    [() => noGrad(async () => 1), 'noGrad: the callback returned a promise (await outside of noGrad(() => …))'],
    [() => noGrad(5), 'noGrad: the callback is 5 (give a function)'],
    [
      () => noGrad(() => Promise.reject(new Error('unseen'))),
      'noGrad: the callback returned a promise (await outside of noGrad(() => …))',
    ],
  ],
  enableGrad: [
    [
      () => enableGrad(async () => 1),
      'enableGrad: the callback returned a promise (await outside of enableGrad(() => …))',
    ],
    [() => enableGrad(undefined), 'enableGrad: the callback is undefined (give a function)'],
  ],
  scope: [
    [
      () => scope(async () => 1),
      'scope: the callback returned a promise (use `using s = openScope()` and s.run(() => …) in async code)',
    ],
    [() => scope(x), 'scope: the callback is a Tensor (give a function)'],
  ],
  openScope: [
    [
      () => openScope().run(async () => 1),
      'openScope: the callback returned a promise (await outside of run(() => …))',
    ],
    [() => openScope().run(5), 'openScope: the callback is 5 (give a function)'],
    [() => closed().run(() => zeros([1])), 'openScope: the scope was closed (run() before the end of its block)'],
  ],
} satisfies Rows<Autograd>

describe('functions', () => {
  for (const [name, cases] of Object.entries(refusals)) describe(name, () => refuse(cases))
})

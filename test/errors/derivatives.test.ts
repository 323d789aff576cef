/** @file What vjp, jacobian, hessian and hvp refuse, and by which text. */
import { describe } from 'vitest'
import { device, doubles, ints, loose, refuse, zeros } from '../support/refusals.ts'

const { hessian, hvp, jacobian, ones, vjp } = loose

const [v2, v3, i3, d3] = [zeros(2), zeros(3), ints(3), doubles(3)]
/** Without work of its own: what f computes comes before its result is looked at. */
const same = (x: unknown): unknown => x
const scalar = ones([], { device })

describe('vjp', () =>
  refuse([
    [() => vjp(v3, same), 'vjp: f is a Tensor (give a function of tensors)'],
    [() => vjp(same, 5), 'vjp: the inputs are 5 (give a tensor, or a list)'],
    [() => vjp(same, [5]), 'vjp: input 0 is 5, not a tensor (make it with tensor(…))'],
    [() => vjp(same, i3), "vjp: input 0 is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => vjp(() => 5, v3), 'vjp: the result of f is 5, not a tensor (make it with tensor(…))'],
    [() => vjp(same, v3, v3, { bogus: 1 }), 'vjp: there is no option bogus (it takes { createGraph })'],
    [() => vjp(same, v3), 'vjp: the output is [3] (give v of its shape)'],
    [() => vjp(same, v3, v2), 'vjp: v is [2], not [3]'],
    [() => vjp(same, v3, d3), "vjp: v is float64, not float32 (cast with x.to('float32'))"],
    [
      () => vjp((a: unknown, b: unknown) => [a, b], [v3, v2], v3),
      'vjp: v is a Tensor (give a list of 2: vjp(f, inputs, v))',
    ],
  ]))

describe('jacobian', () =>
  refuse([
    [() => jacobian(5, v3), 'jacobian: f is 5 (give a function of tensors)'],
    [
      () => jacobian(same, v3, { create_graph: true }),
      'jacobian: there is no option create_graph (did you mean createGraph? it takes { createGraph })',
    ],
    [() => jacobian(same, v3, null), 'jacobian: the options are null (it takes { createGraph })'],
    [() => jacobian(same, i3), "jacobian: input 0 is int32, not float32 or float64 (cast with x.to('float32'))"],
    [
      () => jacobian(() => undefined, v3),
      'jacobian: the result of f is undefined, not a tensor (make it with tensor(…))',
    ],
  ]))

describe('hessian', () =>
  refuse([
    [() => hessian(same, v3, 1), 'hessian: the options are 1 (it takes { createGraph })'],
    [() => hessian(same, v3), 'hessian: f gives [3] (give a function with one number as result)'],
    [
      () => hessian((x: unknown) => [x, x], scalar),
      'hessian: f gives [], [] (give a function with one number as result)',
    ],
    [() => hessian(undefined, v3), 'hessian: f is undefined (give a function of tensors)'],
  ]))

describe('hvp', () =>
  refuse([
    [() => hvp(same, scalar), 'hvp: v is undefined (give a tensor: hvp(f, inputs, v))'],
    [() => hvp(same, v3, v2), 'hvp: v is [2], not [3]'],
    [() => hvp(same, v3, v3, true), 'hvp: the options are true (it takes { createGraph })'],
    [() => hvp((a: unknown) => a, [v3, v2], [v3]), 'hvp: v is an array (give a list of 2: hvp(f, inputs, v))'],
    [() => hvp(same, v3, v3), 'hvp: f gives [3] (give a function with one number as result)'],
  ]))

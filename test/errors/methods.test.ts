/** @file What methods and accessors of tensors refuse, and JS operators on them, and by which text. */
import { describe, expect, it } from 'vitest'
import type * as handgrad from '../../src/index.ts'
import { b, big, type Exported, gone, i, loose, m32, one, stretched, v3, w, x, xo, y } from '../support/operands.ts'
import { neither, type Refusal, refusal, refuse, loose as untyped } from '../support/refusals.ts'

const { matmul, reshape } = untyped

type MethodName = {
  [K in keyof handgrad.Tensor]: handgrad.Tensor[K] extends (...args: never[]) => unknown ? K : never
}[keyof handgrad.Tensor]

/** Methods that are not exported as functions too. */
const methods = {
  add_: [
    [
      () => w.add_(1),
      'add_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (write y = x.add(…), which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
    ],
    [
      () => x.add_(w),
      'add_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (write y = x.add(…), which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
    ],
    [() => x.add_(v3), 'add_: [3] does not expand to [2, 2] (only axes of size 1 stretch)'],
    [() => x.add_(big), 'add_: [5, 2, 2] does not expand to [2, 2] (only axes of size 1 stretch)'],
    [() => i.add_(v3), "add_: tensor #n [3] is int32, the value float32 (cast with .to('int32'))"],
    [() => x.add_(xo), 'add_: tensor #n [2, 2] is on cpu, the value on cpu (move one with to(device))'],
    [() => loose.x.add_('1'), "add_: the value is '1', not a tensor (make it with tensor(…))"],
    [
      () => i.add_(0.5),
      "add_: 0.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => b.add_(1), "add_: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [
      () => stretched.add_(1),
      'add_: tensor #n [3, 2] is expanded: several elements share memory (change a clone() of it)',
    ],
    [() => gone.add_(1), 'add_: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  sub_: [[() => i.sub_(v3), "sub_: tensor #n [3] is int32, the value float32 (cast with .to('int32'))"]],
  mul_: [[() => x.mul_(v3), 'mul_: [3] does not expand to [2, 2] (only axes of size 1 stretch)']],
  div_: [
    [() => i.div_(2), "div_: x is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => loose.x.div_(), 'div_: the value is undefined, not a tensor (make it with tensor(…))'],
  ],
  copy_: [
    [() => loose.x.copy_([5]), 'copy_: the value is an array, not a tensor (make it with tensor(…))'],
    [() => b.copy_(2), 'copy_: 2 is not a bool (give 0 or 1)'],
    [() => x.copy_(v3), 'copy_: [3] does not expand to [2, 2] (only axes of size 1 stretch)'],
    [() => x.copy_(xo), 'copy_: tensor #n [2, 2] is on cpu, the value on cpu (move one with to(device))'],
    [() => gone.copy_(x), 'copy_: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [
      () => w.copy_(x),
      'copy_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (use a new tensor, which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
    ],
  ],
  fill_: [
    [() => loose.x.fill_('a'), "fill_: the value is 'a', not a tensor (make it with tensor(…))"],
    [() => x.fill_(v3), 'fill_: value is [3] (give a number or a 0-d tensor; copy_ broadcasts)'],
    [
      () => i.fill_(1.5),
      "fill_: 1.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => b.fill_(2), 'fill_: 2 is not a bool (give 0 or 1)'],
    [
      () => w.fill_(1),
      'fill_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (use a new tensor, which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
    ],
  ],
  zero_: [
    [
      () => w.zero_(),
      'zero_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (use a new tensor, which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
    ],
    [() => gone.zero_(), 'zero_: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  indexPut_: [
    [() => x.indexPut_([i], v3), 'indexPut_: [3] does not expand to [3, 2] (only axes of size 1 stretch)'],
    [
      () => w.indexPut_([i], 1),
      'indexPut_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (write y = x.indexPut(…), which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
    ],
    [() => gone.indexPut_([i], 1), 'indexPut_: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  retainGrad: [
    [() => x.retainGrad(), 'retainGrad: tensor #n [2, 2] needs no gradient (make it with { requiresGrad: true })'],
    [() => gone.retainGrad(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  registerHook: [
    [
      () => x.registerHook(() => {}),
      'registerHook: tensor #n [2, 2] needs no gradient (make it with { requiresGrad: true })',
    ],
    [() => loose.w.registerHook(5), 'registerHook: the hook is 5 (give a function)'],
  ],
  requiresGrad_: [
    [
      () => y.requiresGrad_(false),
      'requiresGrad: tensor #n [2, 2] is the result of mul (only leaves can be set; use detach())',
    ],
    [() => i.requiresGrad_(), 'requiresGrad: tensor #n [3] is int32 (only float tensors have gradients)'],
  ],
  to: [
    [() => loose.x.to('float8'), neither("'float8'")],
    [() => loose.x.to('cpu'), neither("'cpu'")],
    [() => loose.x.to(5), neither('5')],
    [() => loose.x.to(), neither('undefined')],
    [() => gone.to('int32'), 'to: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  t: [
    [() => big.t(), 't: tensor #n [5, 2, 2] has 3 axes (it is for matrices; transpose(a, b) swaps two)'],
    [() => gone.t(), 'permute: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  size: [
    [() => x.size(2), 'size: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => one.size(0), 'size: tensor #n [] is 0-d (it has no axis)'],
  ],
  float: [[() => gone.float(), 'to: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  double: [[() => gone.double(), 'to: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  int: [[() => gone.int(), 'to: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  bool: [[() => gone.bool(), 'to: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  dim: 'also of disposed tensors',
  tolist: 'array()',
  item: 'see below',
  data: 'see below',
  array: 'see below',
  print: 'see below',
  zeroGrad: 'a tensor without a gradient has none to forget',
  dispose: 'may be called again',
  toString: 'also shows disposed tensors',
  setEdge: 'internal',
  become: 'internal',
  ticket: 'internal',
} satisfies Readonly<Record<Exclude<MethodName, Exported | symbol>, readonly [Refusal, ...Refusal[]] | string>>

/** Accessors and what JS makes of operators. */
const properties: Readonly<Record<string, readonly Refusal[]>> = {
  grad: [
    [() => x.grad, 'grad: tensor #n [2, 2] needs no gradient (make it with { requiresGrad: true })'],
    [() => w.grad, 'grad: tensor #n [2, 2] has no gradient yet (call backward() on a loss that depends on it)'],
    [
      () => y.grad,
      'grad: tensor #n [2, 2] has no gradient yet (it is not a leaf: call retainGrad() before backward())',
    ],
    [() => gone.grad, 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  requiresGrad: [
    [
      () => Object.assign(y, { requiresGrad: false }),
      'requiresGrad: tensor #n [2, 2] is the result of mul (only leaves can be set; use detach())',
    ],
    [
      () => Object.assign(b, { requiresGrad: true }),
      'requiresGrad: tensor #n [2] is bool (only float tensors have gradients)',
    ],
  ],
  storage: [[() => gone.storage, 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  device: [[() => gone.device, 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  operators: [
    [
      () => loose.x + 1,
      'tensor: a JS operator was used on tensor #n [2, 2] (write x.add(y), x.mul(y), x.lt(y) …, or await x.item())',
    ],
    [
      () => 2 * loose.x,
      'tensor: a JS operator was used on tensor #n [2, 2] (write x.add(y), x.mul(y), x.lt(y) …, or await x.item())',
    ],
    [
      () => loose.x < loose.y,
      'tensor: a JS operator was used on tensor #n [2, 2] (write x.add(y), x.mul(y), x.lt(y) …, or await x.item())',
    ],
    [
      () => -loose.x,
      'tensor: a JS operator was used on tensor #n [2, 2] (write x.add(y), x.mul(y), x.lt(y) …, or await x.item())',
    ],
    [
      // biome-ignore lint/suspicious/noDoubleEquals: the mistake that is tested
      () => loose.x == 1,
      'tensor: a JS operator was used on tensor #n [2, 2] (write x.add(y), x.mul(y), x.lt(y) …, or await x.item())',
    ],
  ],
}

describe('methods', () => {
  for (const [name, cases] of Object.entries(methods))
    if (typeof cases !== 'string') describe(name, () => refuse(cases))
  for (const [name, cases] of Object.entries(properties)) describe(name, () => refuse(cases))
  it('are the exported functions, with the same checks', async () => {
    expect(await refusal(() => x.matmul(m32))).toBe(await refusal(() => matmul(x, m32)))
    expect(await refusal(() => x.reshape([3]))).toBe(await refusal(() => reshape(x, [3])))
  })
})

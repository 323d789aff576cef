/**
 * @file Every public function refuses bad input before it launches anything, by a text that says what is wrong, with the values, and
 * what to do. The texts are part of the API: each is pinned here. nn, optim, data and io have their own tests; what a device finds
 * out later (indices, limits, loss) is in faults.webgpu.test.ts.
 */
import { describe, expect, it } from 'vitest'
import * as handgrad from '../../src/index.ts'
import { type Any, device, type Refusal, refusal, refuse, loose as untyped } from '../support/refusals.ts'
import type { OpName } from '../table/table.ts'

const { CpuDevice, HandgradError, IndexError } = handgrad

const other = new CpuDevice()
const only32 = Object.assign(new CpuDevice(), { dtypes: ['float32'] })
const {
  abs,
  add,
  amax,
  amin,
  arange,
  argmax,
  argmin,
  backward,
  bceWithLogits,
  cast,
  cat,
  ceil,
  clone,
  contiguous,
  cos,
  crossEntropy,
  customGrad,
  defineKernel,
  defineOp,
  detach,
  div,
  embedding,
  enableGrad,
  eq,
  erf,
  exp,
  expand,
  expm1,
  flatten,
  floor,
  full,
  ge,
  grad,
  gt,
  indexAdd,
  indexSelect,
  launch,
  le,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  logSoftmax,
  lt,
  manualSeed,
  matmul,
  max,
  maximum,
  mean,
  memory,
  min,
  minimum,
  mseLoss,
  mul,
  ne,
  neg,
  noGrad,
  ones,
  onesLike,
  openScope,
  permute,
  pow,
  rand,
  randn,
  reciprocal,
  relu,
  reshape,
  round,
  rsqrt,
  scope,
  setDefaultDevice,
  sigmoid,
  sign,
  sin,
  slice,
  softmax,
  softplus,
  sqrt,
  square,
  squeeze,
  stack,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  trunc,
  unsqueeze,
  where,
  zeros,
  zerosLike,
  allclose,
  device: openDevice,
  equal,
  gradcheck,
  gradgradcheck,
} = untyped

const int = (data: number[], shape = [data.length], on = device) =>
  handgrad.tensor(Int32Array.from(data), { shape, device: on })
const zeroes = (...shape: number[]) => handgrad.zeros(shape)

// Arguments are made here, so that a case launches nothing but what it tests.
const x = handgrad.tensor([
  [1, 2],
  [3, 4],
])
const d = x.to('float64')
const xo = handgrad.tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { device: other },
)
const [v2, v3, v4, m12, m23] = [zeroes(2), zeroes(3), zeroes(4), zeroes(1, 2), zeroes(2, 3)]
const [m32, m33, m42, batch2, batch3] = [zeroes(3, 2), zeroes(3, 3), zeroes(4, 2), zeroes(2, 2, 3), zeroes(3, 3, 2)]
const [one, zero, empty, empty20, rank8] = [
  zeroes(),
  zeroes(1),
  zeroes(0),
  zeroes(2, 0),
  zeroes(1, 1, 1, 1, 1, 1, 1, 1),
]
const [b, b3] = [handgrad.tensor([true, false]), handgrad.tensor([true, false, true])]
const [i, i0, i1, i2, i11, i21] = [
  int([1, 2, 3]),
  int([0], []),
  int([0]),
  int([1, 2]),
  int([0], [1, 1]),
  int([0, 1], [2, 1]),
]
const [away, away2] = [int([0], [1], other), int([0, 1], [2], other)]
const [classes, late, early, negative, five] = [int([0, 1]), int([0, 2]), int([-1, 0]), int([0, -1]), int([5])]
const w = handgrad.randn([2, 2], { requiresGrad: true })
const other2 = handgrad.randn([2], { requiresGrad: true })
const [total, doubled, loss, copy] = [x.sum(), w.mul(2), w.sum(), x.clone()]
const used = w.mul(1).sum()
handgrad.grad(used, [w])
const gone = zeroes(2)
gone.dispose()

function closed(): handgrad.OpenScope {
  const s = handgrad.openScope()
  s.dispose()
  return s
}

/** WGSL of a kernel that copies, with parts of it replaced. */
const kernel = (part: Readonly<Record<string, string>> = {}): string =>
  [
    part.header ?? '// kernel: plus',
    part.params ?? 'struct Params { size: u32 }',
    part.uniform ?? '@group(0) @binding(0) var<uniform> p: Params;',
    part.y ?? '@group(0) @binding(1) var<storage, read_write> y: array<f32>;',
    part.x ?? '@group(0) @binding(2) var<storage, read> x: array<f32>;',
    `${part.entry ?? '@compute @workgroup_size(64) fn main'}() { y[0] = x[0]; }`,
  ].join('\n')
const plus = handgrad.defineKernel({ wgsl: kernel(), cpu: () => {} })

/** Refusals by name, or why there are none. Ops may leave theirs to the op table, which tries every dtype on each. */
type Rows<Name extends string> = Readonly<Record<Name, readonly [Refusal, ...Refusal[]] | string>>

type Exported = {
  [K in keyof typeof handgrad]: (typeof handgrad)[K] extends (...args: never[]) => unknown ? K : never
}[keyof typeof handgrad]

/** For every exported function what it refuses, or why it refuses nothing. A function that is missing does not compile. */
const refusals = {
  add: [
    [() => add(x, xo), 'add: inputs are on cpu and cpu (move one with to(device))'],
    [() => add(x, d), "add: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => add(x, v3), 'add: [2, 2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)'],
    [() => add(x, '1'), "add: b is '1', not a tensor (make it with tensor(…))"],
    [() => add(x), 'add: b is undefined, not a tensor (make it with tensor(…))'],
    [() => add(1, 2), 'add: operands are 1, 2 (one must be a tensor)'],
    [() => add(i, 1.5), "add: 1.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))"],
    [
      () => add(i, 2 ** 31),
      "add: 2147483648 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => add(x, gone), 'add: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => add(b, b), "add: a is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  ],
  sub: [[() => sub(x, m23), 'sub: [2, 2] and [2, 3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)']],
  mul: [[() => mul(x, i), "mul: inputs are float32 and int32 (cast with x.to('float32'))"]],
  div: [
    [() => div(i, 2), "div: a is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => div(x, null), 'div: b is null, not a tensor (make it with tensor(…))'],
  ],
  pow: [
    [() => pow(i, 2), "pow: a is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => pow(2, [1]), 'pow: b is an array, not a tensor (make it with tensor(…))'],
  ],
  maximum: [[() => maximum(b, b), "maximum: a is bool, not float32 or float64 or int32 (cast with x.to('float32'))"]],
  minimum: [
    [
      () => minimum(x, m42),
      'minimum: [2, 2] and [4, 2] do not broadcast, axis -2 is 2 and 4 (reshape or unsqueeze one)',
    ],
  ],
  eq: [
    [() => eq(x, i), "eq: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => eq(b, 2), 'eq: 2 is no bool (give 0 or 1)'],
  ],
  ne: [[() => ne(x, xo), 'ne: inputs are on cpu and cpu (move one with to(device))']],
  lt: [
    [() => lt(i, 1.5), "lt: 1.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))"],
    [() => lt(b, b), "lt: a is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  ],
  le: [[() => le(x, gone), 'le: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  gt: [[() => gt(x, v3), 'gt: [2, 2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)']],
  ge: [[() => ge(5, 6), 'ge: operands are 5, 6 (one must be a tensor)']],
  logicalAnd: [[() => logicalAnd(b, [true]), 'logicalAnd: b is an array, not a tensor (make it with tensor(…))']],
  logicalOr: [[() => logicalOr(b, 2), 'logicalOr: 2 is no bool (give 0 or 1)']],
  logicalXor: [
    [
      () => logicalXor(b, b3),
      'logicalXor: [2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)',
    ],
  ],
  logicalNot: [[() => logicalNot(true), 'logicalNot: x is true, not a tensor (make it with tensor(…))']],
  where: [
    [() => where(x, x, x), "where: cond is float32, not bool (cast with x.to('bool'))"],
    [() => where(b, x, i), "where: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => where(b, v3, 0), 'where: [2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)'],
    [
      () => where(b3, 1.5, i),
      "where: 1.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [
      () => where(b, 0.5, i2),
      "where: 0.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => where(b, x), 'where: b is undefined, not a tensor (make it with tensor(…))'],
  ],
  neg: [
    [() => neg(b), "neg: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => neg(5), 'neg: operands are 5 (one must be a tensor)'],
    [() => neg([1, 2]), 'neg: x is an array, not a tensor (make it with tensor(…))'],
  ],
  abs: [[() => abs(b), "abs: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"]],
  sign: [[() => sign(gone), 'sign: tensor #n [2] was disposed (return it from scope(), or keep(x) it)']],
  cast: [
    [() => cast(x, 'float16'), "to: 'float16' is no dtype (one of float32, float64, int32, bool)"],
    [() => cast(x, undefined), "to: 'undefined' is no dtype (one of float32, float64, int32, bool)"],
    [() => cast(5, 'int32'), 'to: x is 5, not a tensor (make it with tensor(…))'],
  ],
  embedding: [
    [() => embedding(x, x), "embedding: index is float32, not int32 (cast with x.to('int32'))"],
    [() => embedding(x, [0]), 'embedding: index is an array, not a tensor (make it with tensor(…))'],
    [() => embedding(v3, i), 'embedding: weight is [3] (give [rows, cols])'],
    [() => embedding(x, i), 'embedding: index 2 at position 1 is outside [0, 2)'],
    [() => embedding(x, negative), 'embedding: index -1 at position 1 is outside [0, 2)'],
  ],
  indexSelect: [
    [() => indexSelect(x, 0, [2]), 'indexSelect: index 2 at position 0 is outside [0, 2)'],
    [() => indexSelect(x, 0, [0, -1]), 'indexSelect: index -1 at position 1 is outside [0, 2)'],
    [() => indexSelect(x, 0, Int32Array.of(0, 1, 9)), 'indexSelect: index 9 at position 2 is outside [0, 2)'],
    [() => indexSelect(x, 1, [0.5]), 'indexSelect: index 0.5 at position 0 is outside [0, 2)'],
    [() => indexSelect(x, 0, i), 'indexSelect: index 2 at position 1 is outside [0, 2)'],
    [() => indexSelect(x, 0, zero), "indexSelect: index is float32, not int32 (cast with x.to('int32'))"],
    [() => indexSelect(x, 0, 0), 'indexSelect: the index is 0 (give an int32 tensor or integers)'],
    [() => indexSelect(x, 0, i11), 'indexSelect: the index is [1, 1] (give one axis; embedding() takes any shape)'],
    [() => indexSelect(x, 2, [0]), 'indexSelect: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => indexSelect(one, 0, [0]), 'indexSelect: tensor #n [] is 0-d (it has no axis)'],
    [() => indexSelect(x, 0, away), 'indexSelect: inputs are on cpu and cpu (move one with to(device))'],
  ],
  indexAdd: [
    [() => indexAdd(x, 0, [2], m12), 'indexAdd: index 2 at position 0 is outside [0, 2)'],
    [() => indexAdd(x, 0, five, m12), 'indexAdd: index 5 at position 0 is outside [0, 2)'],
    [() => indexAdd(x, 0, [0], x), 'indexAdd: source is [2, 2], not [1, 2] (one slice of x for each index)'],
    [() => indexAdd(i, 0, [0], i), "indexAdd: x is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => indexAdd(x, 0, [0], 5), 'indexAdd: source is 5, not a tensor (make it with tensor(…))'],
    [() => indexAdd(one, 0, [0], zero), 'indexAdd: tensor #n [] is 0-d (it has no axis)'],
    [() => indexAdd(x, 0, i21, x), 'indexAdd: the index is [2, 1] (give one axis; embedding() takes any shape)'],
    [() => indexAdd(x, 0, [0], d), "indexAdd: inputs are float32 and float64 (cast with x.to('float32'))"],
  ],
  mseLoss: [
    [() => mseLoss(x, v2), 'mseLoss: input [2, 2] and target [2] differ (a loss does not broadcast; reshape one)'],
    [() => mseLoss(x, x, { reduction: 'avg' }), "mseLoss: reduction is 'avg' ('mean', 'sum' or 'none')"],
    [() => mseLoss(x, d), "mseLoss: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => mseLoss(i, i), "mseLoss: input is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => mseLoss(x), 'mseLoss: target is undefined, not a tensor (make it with tensor(…))'],
  ],
  bceWithLogits: [
    [
      () => bceWithLogits(x, v2),
      'bceWithLogits: input [2, 2] and target [2] differ (a loss does not broadcast; reshape one)',
    ],
    [() => bceWithLogits(x, x, { reduction: 'avg' }), "bceWithLogits: reduction is 'avg' ('mean', 'sum' or 'none')"],
    [
      () => bceWithLogits(x, x, { posWeight: v3 }),
      'bceWithLogits: [3] does not expand to [2, 2] (only axes of size 1 stretch)',
    ],
    [() => bceWithLogits(x, xo), 'bceWithLogits: inputs are on cpu and cpu (move one with to(device))'],
  ],
  crossEntropy: [
    [
      () => crossEntropy(x, v2),
      "crossEntropy: target is float32, not int32 (class indices are integers: tensor(Int32Array.from(labels)), or labels.to('int32'))",
    ],
    [() => crossEntropy(x, [0, 1]), 'crossEntropy: target is an array, not a tensor (make it with tensor(…))'],
    [() => crossEntropy(x, i1), 'crossEntropy: logits [2, 2] want targets [2], not [1] (one class index for each row)'],
    [() => crossEntropy(x, late), 'crossEntropy: index 2 at position 1 is outside [0, 2)'],
    [() => crossEntropy(x, early), 'crossEntropy: index -1 at position 0 is outside [0, 2)'],
    [
      () => crossEntropy(x, classes, { labelSmoothing: 2 }),
      'crossEntropy: labelSmoothing is 2 (give a number from 0 to 1)',
    ],
    [
      () => crossEntropy(x, classes, { reduction: 'avg' }),
      "crossEntropy: reduction is 'avg' ('mean', 'sum' or 'none')",
    ],
    [
      () => crossEntropy(x, classes, { ignoreIndex: 0.5 }),
      "crossEntropy: 0.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => crossEntropy(one, i0), 'crossEntropy: the logits are 0-d (give [classes] or [rows, classes])'],
    [() => crossEntropy(empty20, classes), 'crossEntropy: logits [2, 0] have no classes'],
    [() => crossEntropy(x, away2), 'crossEntropy: inputs are on cpu and cpu (move one with to(device))'],
    [() => crossEntropy(i, i), "crossEntropy: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  ],
  matmul: [
    [() => matmul(x, m32), 'matmul: inner sizes differ, [2, 2] × [3, 2] has 2 and 3 (transpose an input?)'],
    [() => matmul(v4, v3), 'matmul: inner sizes differ, [4] × [3] has 4 and 3 (transpose an input?)'],
    [
      () => matmul(batch2, batch3),
      'matmul: [2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)',
    ],
    [() => matmul(x, one), 'matmul: [2, 2] × [] has a 0-d input (use mul for a scalar)'],
    [() => matmul(x, 2), 'matmul: b is 2, not a tensor (make it with tensor(…))'],
    [() => matmul(i, i), "matmul: a is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => matmul(x, xo), 'matmul: inputs are on cpu and cpu (move one with to(device))'],
    [() => matmul(x, d), "matmul: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => matmul(gone, x), 'matmul: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => matmul(undefined, x), 'matmul: a is undefined, not a tensor (make it with tensor(…))'],
  ],
  cat: [
    [() => cat([]), 'cat: an empty list was given (give at least one tensor)'],
    [() => cat(x, x), 'cat: a Tensor was given (give a list: cat([x, y]))'],
    [() => cat([x, m33]), 'cat: [2, 2] and [3, 3] do not join along dim 0 (all other axes must be equal)'],
    [() => cat([x, v2]), 'cat: [2, 2] and [2] do not join along dim 0 (all other axes must be equal)'],
    [() => cat([one]), 'cat: [] and [] do not join along dim 0 (all other axes must be equal)'],
    [() => cat([x, 5]), 'cat: input 1 is 5, not a tensor (make it with tensor(…))'],
    [() => cat([x, d]), "cat: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => cat([x, xo]), 'cat: inputs are on cpu and cpu (move one with to(device))'],
    [() => cat([x], 2), 'cat: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => cat([x, gone]), 'cat: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  stack: [
    [() => stack([]), 'stack: an empty list was given (give at least one tensor)'],
    [() => stack(x, x), 'stack: a Tensor was given (give a list: stack([x, y]))'],
    [() => stack([x, v2]), 'stack: [2, 2] and [2] differ (all must have one shape)'],
    [() => stack([x, d]), "stack: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => stack([x], 3), 'stack: dim 3 is out of range for a tensor of 3 dims (give -3 to 2)'],
    [() => stack([gone]), 'stack: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  clone: [
    [() => clone(gone), 'clone: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => clone(5), 'clone: x is 5, not a tensor (make it with tensor(…))'],
  ],
  contiguous: [
    [() => contiguous(gone), 'contiguous: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => contiguous(undefined), 'contiguous: x is undefined, not a tensor (make it with tensor(…))'],
  ],
  expand: [
    [() => expand(x, [3, 2]), 'expand: [2, 2] does not expand to [3, 2] (only axes of size 1 stretch)'],
    [() => expand(x, [2]), 'expand: [2, 2] does not expand to [2] (only axes of size 1 stretch)'],
    [() => expand(x, [-1, 2, 2]), 'expand: [-1, 2, 2] is not a shape (sizes are integers from 0 up)'],
    [() => expand(x, 'a'), "expand: shape is 'a' (give an array, such as [2, 3])"],
    [() => expand(gone, [1, 2]), 'expand: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  flatten: [
    [() => flatten(x, 1, 0), 'flatten: start 1 is behind end 0'],
    [() => flatten(x, 2), 'flatten: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => flatten([1]), 'flatten: x is an array, not a tensor (make it with tensor(…))'],
  ],
  permute: [
    [() => permute(x, [0, 0]), 'permute: dims [0, 0] do not name each axis of [2, 2] once'],
    [() => permute(x, [0]), 'permute: dims [0] do not name each axis of [2, 2] once'],
    [() => permute(x, 0, 0), 'permute: dims [0, 0] do not name each axis of [2, 2] once'],
    [() => permute(x, [0, 2]), 'permute: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  ],
  reshape: [
    [() => reshape(x, [3]), 'reshape: [2, 2] of 4 elements does not reshape to [3]'],
    [() => reshape(x, [-1, -1]), 'reshape: [2, 2] of 4 elements does not reshape to [-1, -1]'],
    [() => reshape(x, [-1, 3]), 'reshape: [2, 2] of 4 elements does not reshape to [-1, 3]'],
    [() => reshape(x, [-2, -2]), 'reshape: [2, 2] of 4 elements does not reshape to [-2, -2]'],
    [() => reshape(empty, [0, -1]), 'reshape: [0] of 0 elements does not reshape to [0, -1]'],
    [() => reshape(x, [1, 1, 1, 1, 1, 1, 1, 2, 2]), 'reshape: [1, 1, 1, 1, 1, 1, 1, 2, 2] has 9 dims, the most is 8'],
    [() => reshape(x, 4, 2), 'reshape: [2, 2] of 4 elements does not reshape to [4, 2]'],
    [() => reshape(x, [1.5, 2]), 'reshape: [2, 2] of 4 elements does not reshape to [1.5, 2]'],
    [() => reshape(gone, [2]), 'reshape: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  slice: [
    [() => slice(x, null, null, null), 'slice: 3 slices for [2, 2] (at most one an axis)'],
    [
      () => slice(x, 0, 1),
      'slice: the slice of axis 0 is 0 (give integers [start, stop, step], or null for all of it)',
    ],
    [
      () => slice(x, [0.5]),
      'slice: the slice of axis 0 is [0.5] (give integers [start, stop, step], or null for all of it)',
    ],
    [() => slice(x, [0, 1, 0]), 'slice: step 0 on axis 0 (a step is a non-zero integer)'],
    [
      () => slice(x, [0, 1, 1, 1]),
      'slice: the slice of axis 0 is [0, 1, 1, 1] (give integers [start, stop, step], or null for all of it)',
    ],
    [() => slice(gone), 'slice: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  squeeze: [
    [() => squeeze(x, 5), 'squeeze: dim 5 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => squeeze(gone), 'squeeze: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  transpose: [
    [() => transpose(x, 0, 2), 'transpose: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => transpose(v3), 'transpose: dim -2 is out of range for a tensor of 1 dims (give -1 to 0)'],
    [() => transpose(gone), 'transpose: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  unsqueeze: [
    [() => unsqueeze(x, 4), 'unsqueeze: dim 4 is out of range for a tensor of 3 dims (give -3 to 2)'],
    [() => unsqueeze(rank8, 0), 'unsqueeze: [1, 1, 1, 1, 1, 1, 1, 1, 1] has 9 dims, the most is 8'],
    [() => unsqueeze(gone, 0), 'unsqueeze: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  sum: [
    [() => sum(x, 2), 'sum: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => sum(x, [0, -2]), 'sum: dims [0, 0] name one twice'],
    [
      () => sum(x, { keepdim: true }),
      'sum: dims is an object (give an axis, a list of them, or null for all; options come after)',
    ],
    [() => sum(x, 'all'), "sum: dims is 'all' (give an axis, a list of them, or null for all; options come after)"],
    [() => sum(gone), 'sum: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  mean: [
    [() => mean(i), "mean: x is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => mean(x, -3), 'mean: dim -3 is out of range for a tensor of 2 dims (give -2 to 1)'],
  ],
  amax: [
    [() => amax(b), "amax: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => amax(empty), 'amax: [0] has no elements along the reduced dims'],
    [() => amax(x, [1, 1]), 'amax: dims [1, 1] name one twice'],
  ],
  amin: [
    [() => amin(empty20, 1), 'amin: [2, 0] has no elements along the reduced dims'],
    [() => amin(x, 0.5), 'amin: dim 0.5 is out of range for a tensor of 2 dims (give -2 to 1)'],
  ],
  max: [
    [() => max(b), "max: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => max(x, 2), 'max: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => max(x, [0]), 'max: dim is an array (give an integer; options come after dim)'],
    [() => max(empty20, 1), 'max: [2, 0] has no elements along the reduced dims'],
    [() => max(empty), 'max: [0] has no elements along the reduced dims'],
  ],
  min: [
    [() => min(b, 0), "min: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => min(x, true), 'min: dim true is out of range for a tensor of 2 dims (give -2 to 1)'],
  ],
  argmax: [
    [() => argmax(empty), 'argmax: [0] has no elements along the reduced dims'],
    [() => argmax(x, 2), 'argmax: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => argmax(b), "argmax: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => argmax(gone), 'argmax: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  argmin: [
    [() => argmin(empty20, -1), 'argmin: [2, 0] has no elements along the reduced dims'],
    [() => argmin(undefined), 'argmin: x is undefined, not a tensor (make it with tensor(…))'],
  ],
  softmax: [
    [() => softmax(x, 2), 'softmax: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => softmax(i), "softmax: x is int32, not float32 or float64 (cast with x.to('float32'))"],

    [() => softmax(5), 'softmax: x is 5, not a tensor (make it with tensor(…))'],
  ],
  logSoftmax: [
    [() => logSoftmax(x, -3), 'logSoftmax: dim -3 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => logSoftmax(b), "logSoftmax: x is bool, not float32 or float64 (cast with x.to('float32'))"],
  ],
  tensor: [
    [() => tensor([[1, 2], [3]]), 'tensor: rows are [2] and [1] (all rows of one axis have one shape)'],
    [() => tensor([[1, 2], 3]), 'tensor: rows are [2] and [] (all rows of one axis have one shape)'],
    [() => tensor([1, true]), 'tensor: numbers and booleans are mixed (use one kind)'],
    [() => tensor(['a']), "tensor: an element is 'a' (elements are numbers or booleans)"],
    [() => tensor([1, null]), 'tensor: an element is null (elements are numbers or booleans)'],
    [() => tensor(new BigInt64Array(2)), 'tensor: an element is a bigint (elements are numbers or booleans)'],
    [
      () => tensor(new DataView(new ArrayBuffer(8))),
      'tensor: an element is a DataView (elements are numbers or booleans)',
    ],
    [() => tensor([1, 2, 3], { shape: [2, 2] }), 'tensor: 3 elements do not fill [2, 2]'],
    [() => tensor([1], { shape: [1.5] }), 'tensor: [1.5] is not a shape (sizes are integers from 0 up)'],
    [() => tensor([1], { shape: 1 }), 'tensor: shape is 1 (give an array of sizes, such as [2, 3])'],
    [() => tensor([[[[[[[[[1]]]]]]]]]), 'tensor: [1, 1, 1, 1, 1, 1, 1, 1, 1] has 9 dims, the most is 8'],
    [() => tensor([1], { dtype: 'float16' }), "tensor: 'float16' is no dtype (one of float32, float64, int32, bool)"],
    [() => tensor([1], { dtype: 'toString' }), "tensor: 'toString' is no dtype (one of float32, float64, int32, bool)"],
    [() => tensor([0.5], { dtype: 'int32' }), "tensor: 0.5 is no int32 (leave out dtype: 'int32')"],
    [() => tensor([2 ** 31], { dtype: 'int32' }), "tensor: 2147483648 is no int32 (leave out dtype: 'int32')"],
    [() => tensor([1], { device: 'webgpu' }), "tensor: 'webgpu' is no device (give await device('auto'))"],
    [
      () => tensor([true], { requiresGrad: true }),
      'tensor: requiresGrad with dtype bool (only float tensors have gradients)',
    ],
    [
      () => tensor(Int32Array.of(1), { requiresGrad: true }),
      'tensor: requiresGrad with dtype int32 (only float tensors have gradients)',
    ],
    [() => tensor(x), 'tensor: an element is a Tensor (elements are numbers or booleans)'],
  ],
  full: [
    [() => full([2], undefined), 'full: value is undefined (give a number)'],
    [
      () => full([2], 1.5, { dtype: 'int32' }),
      "full: 1.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => full([2], 2, { dtype: 'bool' }), 'full: 2 is no bool (give 0 or 1)'],
    [() => full(2, 3), 'full: shape is 2 (give an array of sizes, such as [2, 3])'],
    [() => full([-1], 0), 'full: [-1] is not a shape (sizes are integers from 0 up)'],
    [() => full([2], x), 'full: value is a Tensor (give a number)'],
    [() => full([2], 1, { dtype: 'int8' }), "full: 'int8' is no dtype (one of float32, float64, int32, bool)"],
  ],
  zeros: [
    [() => zeros(2, 3), 'zeros: shape is 2 (give an array of sizes, such as [2, 3])'],
    [() => zeros([1.5]), 'zeros: [1.5] is not a shape (sizes are integers from 0 up)'],
    [() => zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]), 'zeros: [1, 1, 1, 1, 1, 1, 1, 1, 1] has 9 dims, the most is 8'],
    [() => zeros([2], { dtype: 'float64', device: only32 }), 'zeros: cpu has no float64 (it has float32)'],
    [() => zeros([2], { device: 'cpu' }), "zeros: 'cpu' is no device (give await device('auto'))"],
  ],
  ones: [
    [() => ones(), 'ones: shape is undefined (give an array of sizes, such as [2, 3])'],
    [() => ones([NaN]), 'ones: [NaN] is not a shape (sizes are integers from 0 up)'],
  ],
  arange: [
    [() => arange(0, 5, 0), 'arange: 0 to 5 by 0 never ends (give a step other than 0)'],
    [() => arange(5, 0), 'arange: 5 to 0 by 1 never ends (turn the sign of the step)'],
    [() => arange(-3), 'arange: 0 to -3 by 1 never ends (turn the sign of the step)'],
    [() => arange(NaN), 'arange: 0 to NaN by 1 is no range (give finite numbers)'],
    [() => arange(0, Infinity), 'arange: 0 to Infinity by 1 is no range (give finite numbers)'],
    [() => arange(0, 3, 1, { dtype: 'bool' }), 'arange: dtype is bool (compare the result with a number)'],
    [
      () => arange(2 ** 31, 2 ** 31 + 3),
      "arange: 2147483648 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [
      () => arange(1e12),
      "arange: 999999999999 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => arange(x), 'arange: 0 to Tensor([2, 2], float32, cpu) by 1 is no range (give finite numbers)'],
  ],
  rand: [
    [() => rand([2], { dtype: 'int32' }), 'rand: dtype is int32 (random numbers are floats)'],
    [() => rand([-1]), 'rand: [-1] is not a shape (sizes are integers from 0 up)'],
    [() => rand(2), 'rand: shape is 2 (give an array of sizes, such as [2, 3])'],
  ],
  randn: [
    [() => randn([2], { dtype: 'bool' }), 'randn: dtype is bool (random numbers are floats)'],
    [() => randn([0.5]), 'randn: [0.5] is not a shape (sizes are integers from 0 up)'],
  ],
  zerosLike: [
    [() => zerosLike(gone), 'zerosLike: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => zerosLike([1]), 'zerosLike: x is an array, not a tensor (make it with tensor(…))'],
  ],
  onesLike: [[() => onesLike(undefined), 'onesLike: x is undefined, not a tensor (make it with tensor(…))']],
  manualSeed: [
    [() => manualSeed(-1), 'manualSeed: seed is -1 (give an integer from 0 to 2^53 - 1)'],
    [() => manualSeed(0.5), 'manualSeed: seed is 0.5 (give an integer from 0 to 2^53 - 1)'],
    [() => manualSeed('7'), 'manualSeed: seed is 7 (give an integer from 0 to 2^53 - 1)'],
    [() => manualSeed(2 ** 53), 'manualSeed: seed is 9007199254740992 (give an integer from 0 to 2^53 - 1)'],
  ],
  setDefaultDevice: [
    [() => setDefaultDevice('webgpu'), "setDefaultDevice: 'webgpu' is no device (give await device('auto'))"],
    [
      () => setDefaultDevice(Promise.resolve(other)),
      "setDefaultDevice: a Promise is no device (give await device('auto'))",
    ],
  ],
  memory: [[() => memory('cpu'), "memory: 'cpu' is no device (give await device('auto'))"]],
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
      'grad: there is no option grad_outputs (it takes { retainGraph, createGraph, gradOutputs, allowUnused })',
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
  customGrad: [
    [() => customGrad(5, 6), 'customGrad: f is 5, vjp 6 (give two functions)'],
    [
      () =>
        customGrad(
          (a: Any) => a,
          (g: Any) => [g],
        )(5),
      'customGrad: input 0 is 5, not a tensor (make it with tensor(…))',
    ],
    [
      () =>
        customGrad(
          () => 5,
          (g: Any) => [g],
        )(x),
      'customGrad: the result of f is 5, not a tensor (make it with tensor(…))',
    ],
    [
      () =>
        customGrad(
          (a: Any) => a.mul(2),
          (g: Any) => g,
        )(w)
          .sum()
          .backward(),
      'customGrad: its gradient rule gave a Tensor, not a list of 1 (null stands for none)',
    ],
    [
      () =>
        customGrad(
          (a: Any) => a.mul(2),
          () => [v3],
          'twice',
        )(w)
          .sum()
          .backward(),
      'twice: its gradient rule gave [3] for an input of [2, 2] (a rule returns the shape of its input)',
    ],
    [
      () =>
        customGrad(
          (a: Any) => a.mul(2),
          (g: Any) => [g],
        )(gone),
      'customGrad: tensor #n [2] was disposed (return it from scope(), or keep(x) it)',
    ],
  ],
  defineKernel: [
    [() => defineKernel({ wgsl: 5, cpu: () => {} }), 'defineKernel: wgsl is 5 (give the text of the shader)'],
    [() => defineKernel({ wgsl: kernel(), cpu: null }), 'defineKernel: cpu is null (give the CPU twin, a function)'],
    [
      () => defineKernel({ wgsl: kernel(), cpu: () => {}, plan: { element: { dispatch: () => [] } } }),
      'defineKernel: the plan of plus has no variants (give { variants: { name: { dispatch } } })',
    ],
    [
      () => defineKernel({ wgsl: kernel({ header: '// nothing' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no header line `// kernel: name` (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ params: 'struct Q { size: u32 }' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no `struct Params` (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ params: 'struct Params { size: u32, at: vec3<f32> }' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: params field at is vec3<f32>, not a 32-bit scalar or vec4 of them (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ uniform: '@group(0) @binding(0) var<uniform> q: Params;' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no `@group(0) @binding(0) var<uniform> p: Params;` (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ y: '', x: '' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no storage binding (shaders/README.md has the rules)',
    ],
    [
      () =>
        defineKernel({ wgsl: kernel({ x: '@group(0) @binding(3) var<storage, read> x: array<f32>;' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: storage bindings are not numbered 1, 2, 3 … (shaders/README.md has the rules)',
    ],
    [
      () =>
        defineKernel({
          wgsl: kernel({
            x: '@group(0) @binding(2) var<storage, read_write> status: array<u32>;\n@group(0) @binding(3) var<storage, read> x: array<f32>;',
          }),
          cpu: () => {},
        }),
      'defineKernel: inline.wgsl: storage bindings are not numbered 1, 2, 3 … (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ entry: 'fn main' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no @compute entry point (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ header: '// kernel: plus\n// uses: nothing' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: uses nothing, which shaders/lib lacks (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ params: 'struct Params { count: u32 }' }), cpu: () => {} }),
      'defineKernel: plus has 1 entry points, params count (give a plan, or one entry point and a param `size`)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ entry: '@compute @workgroup_size(8, 8) fn main' }), cpu: () => {} }),
      'defineKernel: plus has workgroups of several dims (give a plan)',
    ],
  ],
  defineOp: [
    [
      () => defineOp({ name: 'double', inputs: ['x'], dtypes: ['float32'], shape: ([a]: Any) => a }),
      "defineOp: double has no gradient rule for x (give one, or vjp: 'none')",
    ],
    [
      () =>
        defineOp({
          name: 'plus',
          inputs: ['a', 'b?'],
          dtypes: ['float32'],
          shape: ([a]: Any) => a,
          vjp: { a: () => x },
        }),
      "defineOp: plus has no gradient rule for b (give one, or vjp: 'none')",
    ],
    [
      () =>
        defineOp({ name: 'double', inputs: ['x'], dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })(
          [x, x],
          {},
        ),
      'double: 2 inputs were given (it takes x)',
    ],
    [
      () =>
        defineOp({ name: 'plus', inputs: ['a', 'b'], dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })(
          [x],
          {},
        ),
      'plus: b is missing',
    ],
    [
      () =>
        defineOp({ name: 'plus', inputs: ['a', 'b?'], dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })(
          [],
          {},
        ),
      'plus: a is missing',
    ],
    [
      () =>
        defineOp({ name: 'join', inputs: 'list', dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })([], {}),
      'join: 0 inputs were given (it takes a list)',
    ],
    [
      () =>
        defineOp({
          name: 'wrong',
          inputs: ['x'],
          dtypes: ['float32'],
          shape: ([a]: Any) => a,
          view: (v: Any) => v,
          vjp: { x: () => v3 },
        })([w], {})
          .sum()
          .backward(),
      'wrong: its gradient rule gave [3] for an input of [2, 2] (a rule returns the shape of its input)',
    ],
  ],
  launch: [
    [
      () => launch('mine', plus, [x, gone], { size: 4 }),
      'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)',
    ],
    [() => launch('mine', plus, [copy, x], {}), 'mine: param size of kernel plus is missing'],
  ],
  exp: [[() => exp(i), "exp: x is int32, not float32 or float64 (cast with x.to('float32'))"]],
  log1p: [[() => log1p(i), "log1p: x is int32, not float32 or float64 (cast with x.to('float32'))"]],
  sqrt: [[() => sqrt(i), "sqrt: x is int32, not float32 or float64 (cast with x.to('float32'))"]],
  square: [[() => square(b), "square: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  sin: [[() => sin(i), "sin: x is int32, not float32 or float64 (cast with x.to('float32'))"]],
  tanh: [[() => tanh(i), "tanh: x is int32, not float32 or float64 (cast with x.to('float32'))"]],
  softplus: [[() => softplus(i), "softplus: x is int32, not float32 or float64 (cast with x.to('float32'))"]],
  relu: [[() => relu(b), "relu: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  floor: [[() => floor(b), "floor: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"]],
  round: [
    [() => round(b), "round: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => round(i, { decimals: 1 }), "round: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  ],
  expm1: [[() => expm1(b), "expm1: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  log: [[() => log(b), "log: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  rsqrt: [[() => rsqrt(b), "rsqrt: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  reciprocal: [[() => reciprocal(b), "reciprocal: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  cos: [[() => cos(b), "cos: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  sigmoid: [[() => sigmoid(b), "sigmoid: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  erf: [[() => erf(b), "erf: x is bool, not float32 or float64 (cast with x.to('float32'))"]],
  ceil: [[() => ceil(b), "ceil: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"]],
  trunc: [[() => trunc(b), "trunc: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"]],
  device: 'see below',
  equal: 'see below',
  allclose: 'see below',
  gradcheck: 'see below',
  gradgradcheck: 'see below',
  maskedSelect: 'see errors/reduce.test.ts',
  nonzero: 'see errors/reduce.test.ts',
  unique: 'see errors/reduce.test.ts',
  bincount: 'see errors/reduce.test.ts',
  empty: 'see errors/reduce.test.ts',
  eye: 'see errors/reduce.test.ts',
  linspace: 'see errors/reduce.test.ts',
  emptyLike: 'see errors/reduce.test.ts',
  fullLike: 'see errors/reduce.test.ts',
  bernoulli: 'see errors/reduce.test.ts',
  multinomial: 'see errors/reduce.test.ts',
  normal: 'see errors/reduce.test.ts',
  randint: 'see errors/reduce.test.ts',
  randLike: 'see errors/reduce.test.ts',
  randnLike: 'see errors/reduce.test.ts',
  randperm: 'see errors/reduce.test.ts',
  vjp: 'see errors/derivatives.test.ts',
  jacobian: 'see errors/derivatives.test.ts',
  hessian: 'see errors/derivatives.test.ts',
  hvp: 'see errors/derivatives.test.ts',
  gumbelSoftmax: 'see errors/loss.test.ts',
  keep: 'takes any value: it looks for tensors inside',
  getDefaultDevice: 'takes nothing',
  gradEnabled: 'takes nothing',
} satisfies Rows<Exclude<Exported, OpName>> & Partial<Rows<OpName>>

/** The error a call throws. */
function thrown(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  throw new Error(`nothing was refused by ${call}`)
}

describe('functions', () => {
  for (const [name, cases] of Object.entries(refusals))
    if (typeof cases !== 'string') describe(name, () => refuse(cases))
})

const y = w.mul(2)
const stretched = zeroes(1, 2).expand([3, 2])
const [big, seven] = [zeroes(5, 2, 2), zeroes(7)]
/** Tensors without their types. */
const loose = { x, w, i, b, y, gone, stretched } as Record<'x' | 'w' | 'i' | 'b' | 'y' | 'gone' | 'stretched', Any>

type MethodName = {
  [K in keyof handgrad.Tensor]: handgrad.Tensor[K] extends (...args: never[]) => unknown ? K : never
}[keyof handgrad.Tensor]

/** Methods that are not exported as functions too. */
const methods = {
  add_: [
    [
      () => w.add_(1),
      'add_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (wrap it in noGrad(() => …), or use the op without _)',
    ],
    [
      () => x.add_(w),
      'add_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (wrap it in noGrad(() => …), or use the op without _)',
    ],
    [() => x.add_(v3), 'add_: [3] does not expand to [2, 2] (only axes of size 1 stretch)'],
    [() => x.add_(big), 'add_: [5, 2, 2] does not expand to [2, 2] (only axes of size 1 stretch)'],
    [() => i.add_(v3), "add_: tensor #n [3] is int32, the value float32 (cast with .to('int32'))"],
    [() => x.add_(xo), 'add_: tensor #n [2, 2] is on cpu, the value on cpu (move one with to(device))'],
    [() => loose.x.add_('1'), "add_: the value is '1', not a tensor (make it with tensor(…))"],
    [() => i.add_(0.5), "add_: 0.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))"],
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
    [() => b.copy_(2), 'copy_: 2 is no bool (give 0 or 1)'],
    [() => x.copy_(v3), 'copy_: [3] does not expand to [2, 2] (only axes of size 1 stretch)'],
    [() => x.copy_(xo), 'copy_: tensor #n [2, 2] is on cpu, the value on cpu (move one with to(device))'],
    [() => gone.copy_(x), 'copy_: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [
      () => w.copy_(x),
      'copy_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (wrap it in noGrad(() => …), or use the op without _)',
    ],
  ],
  fill_: [
    [() => loose.x.fill_('a'), "fill_: the value is 'a', not a tensor (make it with tensor(…))"],
    [() => x.fill_(v3), 'fill_: value is [3] (give a number or a 0-d tensor; copy_ broadcasts)'],
    [
      () => i.fill_(1.5),
      "fill_: 1.5 is no int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => b.fill_(2), 'fill_: 2 is no bool (give 0 or 1)'],
    [
      () => w.fill_(1),
      'fill_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (wrap it in noGrad(() => …), or use the op without _)',
    ],
  ],
  zero_: [
    [
      () => w.zero_(),
      'zero_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (wrap it in noGrad(() => …), or use the op without _)',
    ],
    [() => gone.zero_(), 'zero_: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  ],
  indexPut_: [
    [() => x.indexPut_([i], v3), 'indexPut_: [3] does not expand to [3, 2] (only axes of size 1 stretch)'],
    [
      () => w.indexPut_([i], 1),
      'indexPut_: tensor #n [2, 2] needs a gradient, and changes in place are not recorded (wrap it in noGrad(() => …), or use the op without _)',
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
    [() => loose.x.to('float16'), "to: 'float16' is no dtype (one of float32, float64, int32, bool)"],
    [() => loose.x.to(5), 'to: 5 is neither a dtype nor a device'],
    [() => loose.x.to(), 'to: undefined is neither a dtype nor a device'],
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

/** Promises that reject with a text. */
const rejections: readonly Refusal[] = [
  [() => x.item(), 'item: tensor #n [2, 2] has 4 elements (item() is for one; data() gives all)'],
  [() => gone.data(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => gone.array(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => gone.print(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => d.to(only32), "to: cpu has no float64 (cast first: x.to('float32'))"],
  [() => gone.to(other), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => equal(x, gone), 'equal: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => equal(x), 'equal: y is undefined, not a tensor (make it with tensor(…))'],
  [() => allclose(x, v3), 'allclose: [2, 2] and [3] differ'],
  [() => allclose(x, 5), 'allclose: y is 5, not a tensor (make it with tensor(…))'],
  [() => openDevice('gpu'), "device: 'gpu' is no device ('cpu', 'webgpu' or 'auto')"],
  [() => openDevice(), "device: 'undefined' is no device ('cpu', 'webgpu' or 'auto')"],
  [
    () => gradcheck(sum, [x]),
    "gradcheck: the inputs are float32 (differences need float64: tensor(data, { dtype: 'float64' }))",
  ],
  [
    () => gradcheck(sum, []),
    "gradcheck: the inputs are none (differences need float64: tensor(data, { dtype: 'float64' }))",
  ],
  [() => gradcheck(sum, d), 'gradcheck: the inputs are a Tensor (give a list of tensors)'],
  [() => gradcheck(sum, [gone]), 'gradcheck: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [
    () => gradgradcheck(sum, [x]),
    "gradgradcheck: the inputs are float32 (differences need float64: tensor(data, { dtype: 'float64' }))",
  ],
  [() => gradgradcheck(5, [d]), 'gradgradcheck: f is 5 (give a function of tensors)'],
]

describe('promises', () => {
  refuse(rejections)
})

describe('errors', () => {
  it('bear the op that refused and a stable code', () => {
    expect(thrown(() => matmul(x, m32))).toMatchObject({ op: 'matmul', code: 'argument', name: 'HandgradError' })
    expect(thrown(() => indexSelect(x, 0, [2]))).toMatchObject({ op: 'indexSelect', code: 'index', name: 'IndexError' })
    expect(thrown(() => embedding(x, late))).toBeInstanceOf(IndexError)
  })

  it('out of memory: bytes asked for, bytes held, and scope as the remedy', () => {
    const small = new CpuDevice({ memoryLimit: 1000 })
    const held = handgrad.zeros([100], { device: small })
    const error = thrown(() => handgrad.zeros([200], { device: small }))
    expect(error).toMatchObject({ code: 'out-of-memory', op: 'zeros', name: 'OutOfMemoryError' })
    expect(error.message).toBe(
      'zeros: 800 bytes more do not fit: 400 bytes in 1 storages are live on cpu, its limit is 1000 bytes and 1000000 storages (wrap each step in scope(() => …) so that its tensors are freed, or raise device.memoryLimit)',
    )
    expect(thrown(() => handgrad.arange(1e9, undefined, 1, { device: small }))).toMatchObject({ code: 'out-of-memory' })
    expect(handgrad.memory(small)).toMatchObject({ storages: 1, bytes: 400, live: 1 })
    held.dispose()
    expect(handgrad.zeros([200], { device: small }).numel).toBe(200)
  })

  it('a destroyed device says so at every call', async () => {
    const lost = new CpuDevice()
    const held = handgrad.zeros([2], { device: lost })
    lost.destroy()
    const text = 'the cpu device was destroyed (request a new device and restore your last checkpoint)'
    expect(thrown(() => held.add(1))).toMatchObject({
      message: `add: ${text}`,
      code: 'device-lost',
      name: 'DeviceLostError',
    })
    await expect(held.data()).rejects.toThrow(`read: ${text}`)
    await expect(lost.sync()).rejects.toThrow(handgrad.DeviceLostError)
    held.dispose()
  })
})

describe('a mistake changes nothing else', () => {
  it('an async callback: state is restored, and its rejection does not end the process', async () => {
    for (const call of [handgrad.noGrad, handgrad.enableGrad, handgrad.scope]) {
      let inside: boolean | undefined
      expect(() =>
        call(async () => {
          inside = handgrad.gradEnabled()
          await Promise.resolve()
          throw new Error('unseen')
        }),
      ).toThrow('the callback returned a promise')
      expect(inside).toBe(call !== handgrad.noGrad)
      expect(handgrad.gradEnabled()).toBe(true)
    }
    handgrad.noGrad(() => expect(() => handgrad.enableGrad(async () => {})).toThrow(HandgradError))
    // Tensors of the refused scope are freed; those made now belong to no scope.
    let made: handgrad.Tensor | undefined
    expect(() =>
      handgrad.scope(async () => {
        made = handgrad.zeros([1])
      }),
    ).toThrow(HandgradError)
    expect(made?.disposed).toBe(true)
    await new Promise((done) => setTimeout(done, 0))
  })

  it('an exception in a callback passes through, and state is restored', () => {
    const own = new Error('mine')
    for (const call of [handgrad.noGrad, handgrad.enableGrad, handgrad.scope, handgrad.openScope().run]) {
      expect(() =>
        call(() => {
          throw own
        }),
      ).toThrow(own)
      expect(handgrad.gradEnabled()).toBe(true)
      const free = handgrad.zeros([1])
      expect(free.owner).toBe(null)
    }
  })

  it('a value that backward saved and that was changed since is named, with the op that needs it and the op that did it', async () => {
    const factor = handgrad.tensor([1, 2, 3])
    const leaf = handgrad.ones([3], { requiresGrad: true })
    const product = leaf.mul(factor).sum()
    factor.add_(1)
    expect(await refusal(() => product.backward())).toBe(
      'backward: mul needs its b, tensor #n [3], which add_ changed in place since (use the op without _, or change a clone())',
    )
    expect(leaf.hasGrad).toBe(false)
    // An output that the rule reads, changed through a view of it.
    const activated = leaf.sigmoid()
    handgrad.noGrad(() => activated.detach().slice([0, 1]).zero_())
    expect(await refusal(() => activated.sum().backward())).toBe(
      'backward: sigmoid needs its y, tensor #n [3], which zero_ changed in place since (use the op without _, or change a clone())',
    )
    // What no rule reads may change.
    const addend = handgrad.ones([3])
    const added = leaf.add(addend).sum()
    addend.zero_()
    added.backward()
    expect(leaf.hasGrad).toBe(true)
  })

  it('after a refusal the same tensors work', async () => {
    expect(() => seven.matmul(x)).toThrow(HandgradError)
    expect(await seven.add(1).sum().item()).toBe(7)
    expect(() => doubled.backward()).toThrow(HandgradError)
    doubled.sum().backward()
    expect(await w.grad.data()).toEqual(Float32Array.of(2, 2, 2, 2))
    w.zeroGrad()
    expect(w.hasGrad).toBe(false)
  })
})

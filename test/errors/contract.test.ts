/** @file What contractions and normalisations refuse, and by which text. */
import { describe } from 'vitest'
import { doubles, elsewhere, ints, loose, refuse, refuseOptions, zeros } from '../support/refusals.ts'

const {
  addmm,
  batchNorm,
  bilinear,
  bmm,
  cdist,
  dot,
  einsum,
  groupNorm,
  instanceNorm,
  kron,
  layerNorm,
  linear,
  mm,
  mv,
  normalize,
  outer,
  rmsNorm,
  tensordot,
} = loose

const [s, v2, v3, m23, m34, m43] = [zeros(), zeros(2), zeros(3), zeros(2, 3), zeros(3, 4), zeros(4, 3)]
const [b234, b243, b345, r5] = [zeros(2, 3, 4), zeros(2, 4, 3), zeros(3, 4, 5), zeros(2, 2, 2, 2, 2)]
const [v4, one3, b233, b333] = [zeros(4), zeros(1, 3), zeros(2, 3, 3), zeros(3, 3, 3)]
const [i3, d3, away3] = [ints(3), doubles(3), elsewhere(3)]

describe('bmm', () =>
  refuse([
    [
      () => bmm(m23, b234),
      'bmm: inputs are [2, 3] and [2, 3, 4] (give [batch, m, k] and [batch, k, n]; matmul takes any)',
    ],
    [() => bmm(b234, b345), 'bmm: batches differ, [2, 3, 4] × [3, 4, 5] (matmul broadcasts them)'],
    [() => bmm(b234, b234), 'bmm: inner sizes differ, [2, 3, 4] × [2, 3, 4] has 4 and 3 (transpose an input?)'],
    [() => bmm(b234, 5), 'bmm: b is 5, not a tensor (make it with tensor(…))'],
  ]))

describe('mm, mv', () =>
  refuse([
    [() => mm(m23, b234), 'mm: inputs are [2, 3] and [2, 3, 4] (give [m, k] and [k, n]; matmul takes any)'],
    [() => mm(m23, m23), 'mm: inner sizes differ, [2, 3] × [2, 3] has 3 and 2 (transpose an input?)'],
    [() => mv(m23, m34), 'mv: inputs are [2, 3] and [3, 4] (give [m, k] and [k]; matmul takes any)'],
    [() => mv(m23, v2), 'mv: inner sizes differ, [2, 3] × [2] has 3 and 2'],
    [() => mv(m23, i3), "mv: inputs are float32 and int32 (cast with x.to('float32'))"],
  ]))

describe('options', () => refuseOptions({ addmm: (o) => addmm(v4, m23, m34, o) }))

describe('addmm', () =>
  refuse([
    [() => addmm(v2, m23, m43), 'addmm: inner sizes differ, [2, 3] × [4, 3] has 3 and 4 (transpose an input?)'],
    [() => addmm(v3, m23, m34), 'addmm: [3] does not expand to [2, 4] (only axes of size 1 stretch)'],
    [() => addmm(v3, v2, m34), 'addmm: inputs are [2] and [3, 4] (give [m, k] and [k, n])'],
    [() => addmm(s, m23, m34, { alpha: '1' }), "addmm: value is '1' (give a number)"],
    [() => addmm(i3, m34, m43), "addmm: inputs are float32 and int32 (cast with x.to('float32'))"],
  ]))

describe('dot, outer, kron', () =>
  refuse([
    [() => dot(v2, v3), 'dot: sizes differ, 2 and 3'],
    [() => dot(m23, v3), 'dot: inputs are [2, 3] and [3] (give two vectors)'],
    [() => dot(v3, i3), "dot: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => outer(v2, s), 'outer: inputs are [2] and [] (give two vectors)'],
    [() => outer(v3, away3), 'outer: inputs are on cpu and cpu (move one with to(device))'],
    [() => kron(r5, r5), 'kron: [2, 1, 2, 1, 2, 1, 2, 1, 2, 1] has 10 dims, the most is 8'],
    [() => kron(v3, d3), "kron: inputs are float32 and float64 (cast with x.to('float32'))"],
  ]))

describe('linear, bilinear', () =>
  refuse([
    [() => linear(m23, m34), 'linear: input [2, 3] has 3 features, weight [3, 4] takes 4 (its last axis must be 4)'],
    [() => linear(m23, b234), 'linear: weight is [2, 3, 4] (give [out, in])'],
    [() => linear(m23, d3), "linear: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => linear(m23, m43, v3), 'linear: bias is [3] (give [4])'],
    [() => linear(m23, m43, null, { residual: m23 }), 'linear: residual is [2, 3] (give [2, 4])'],
    [
      () => linear(m23, m43, null, { activation: 'gelu' as never }),
      "linear: activation is 'gelu' (give 'relu' or null)",
    ],
    [() => bilinear(m23, m23, m23), 'bilinear: weight is [2, 3] (give [out, in1, in2])'],
    [
      () => bilinear(m23, m34, b234),
      'bilinear: inputs [2, 3] and [3, 4] do not fit weight [2, 3, 4] (give [..., 3], [..., 4])',
    ],
    [() => bilinear(v3, v4, b234, v3), 'bilinear: bias is [3] (give [2])'],
  ]))

describe('einsum', () =>
  refuse([
    [() => einsum(m23, m34), "einsum: the equation is a Tensor (give a text, such as 'ij,jk->ik')"],
    [() => einsum('ij->i->j', m23), "einsum: 'ij->i->j' has two arrows"],
    [() => einsum('ij,jk->ik', m23), "einsum: 'ij,jk->ik' has 2 terms, 1 tensors were given"],
    [
      () => einsum('i1->i', m23),
      "einsum: '1' in 'i1' is not a label (labels are letters; ... stands for further axes)",
    ],
    [
      () => einsum('i..j->i', m23),
      "einsum: '.' in 'i..j' is not a label (labels are letters; ... stands for further axes)",
    ],
    [() => einsum('...i...->i', m23), "einsum: '...i...' has ... twice"],
    [
      () => einsum('i->i', m23),
      "einsum: 'i' has 1 labels, input 0 is [2, 3] (a label for each axis, or ... for those without one)",
    ],
    [
      () => einsum('ijk...->i', m23),
      "einsum: 'ijk...' has 3 labels, input 0 is [2, 3] (a label for each axis, or ... for those without one)",
    ],
    [() => einsum('ij,jk->ik', m23, m43), 'einsum: label j is 3 and 4 (one label is one size)'],
    [() => einsum('ii->i', m23), 'einsum: label i is 2 and 3 (one label is one size)'],
    [() => einsum('ij->ik', m23), 'einsum: output label k is in no input'],
    [() => einsum('ij->ii', m23), 'einsum: output label i is there twice'],
    [() => einsum('i,i->i', v3, d3), "einsum: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => einsum('i->', i3), "einsum: input 0 is int32, not float32 or float64 (cast with x.to('float32'))"],
    [() => einsum('i,i', [v3]), "einsum: 'i,i' has 2 terms, 1 tensors were given"],
    [() => einsum('i,i', v3, [1, 2, 3]), 'einsum: input 1 is an array, not a tensor (make it with tensor(…))'],
    [
      () => einsum('abcde,fghij->abcdefghij', r5, r5),
      'einsum: [2, 2, 2, 2, 2, 1, 1, 1, 1, 1] has 10 dims, the most is 8',
    ],
  ]))

describe('tensordot', () =>
  refuse([
    [() => tensordot(v2, m23, 2), 'tensordot: dims is 2, the inputs [2] and [2, 3] (both need that many axes)'],
    [() => tensordot(m23, m34, 1.5), 'tensordot: dims is 1.5, the inputs [2, 3] and [3, 4] (both need that many axes)'],
    [
      () => tensordot(m23, m34, [[1], [0, 1]]),
      'tensordot: dims is [[1],[0,1]] (give a number, or as many axes of a as of b: [[1], [0]])',
    ],
    [
      () => tensordot(m23, m34, [1, 0]),
      'tensordot: dims is [1,0] (give a number, or as many axes of a as of b: [[1], [0]])',
    ],
    [() => tensordot(m23, m34, [[2], [0]]), 'tensordot: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [
      () =>
        tensordot(m23, m34, [
          [1, -1],
          [0, 1],
        ]),
      'tensordot: dims [1, 1] name one twice',
    ],
    [() => tensordot(m23, m43, 1), 'tensordot: label a1 is 3 and 4 (one label is one size)'],
  ]))

describe('cdist, normalize', () =>
  refuse([
    [() => cdist(m23, m34), 'cdist: inputs are [2, 3] and [3, 4] (give [..., P, M] and [..., R, M])'],
    [() => cdist(v3, v3), 'cdist: inputs are [3] and [3] (give [..., P, M] and [..., R, M])'],
    [() => cdist(m23, m43, { p: -1 }), 'cdist: p is -1 (give a number from 0 up, or Infinity)'],
    [() => cdist(b233, b333), 'cdist: [2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)'],
    [() => normalize(m23, { p: Number.NaN }), 'normalize: p is NaN (give a number from 0 up, or Infinity)'],
    [() => normalize(v3), 'normalize: dim 1 is out of range for a tensor of 1 dims (give -1 to 0)'],
    [() => normalize(i3), "normalize: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  ]))

describe('layerNorm, rmsNorm', () =>
  refuse([
    [() => layerNorm(m23, 2), 'layerNorm: normalizedShape is [2], the input [2, 3] (give the last axes of the input)'],
    [() => layerNorm(m23, []), 'layerNorm: normalizedShape is [], the input [2, 3] (give the last axes of the input)'],
    [
      () => layerNorm(m23),
      'layerNorm: normalizedShape is undefined, the input [2, 3] (give the last axes of the input)',
    ],
    [() => layerNorm(m23, 3, v2), 'layerNorm: weight is [2] (give [3])'],
    [() => layerNorm(m23, [2, 3], null, v3), 'layerNorm: bias is [3] (give [2, 3])'],
    [() => layerNorm(m23, 3, d3), "layerNorm: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => layerNorm(m23, 3, null, null, { eps: -1 }), 'layerNorm: eps is -1 (give a number from 0 up)'],
    [
      () => rmsNorm(i3, 3),
      "rmsNorm: x is int32, not float32 or float64 or float16 or bfloat16 (cast with x.to('float32'))",
    ],
    [() => rmsNorm(m23, 3, away3), 'rmsNorm: inputs are on cpu and cpu (move one with to(device))'],
    [
      () => rmsNorm(m23, [3, 2]),
      'rmsNorm: normalizedShape is [3, 2], the input [2, 3] (give the last axes of the input)',
    ],
  ]))

describe('groupNorm, batchNorm, instanceNorm', () =>
  refuse([
    [() => groupNorm(m23, 2), 'groupNorm: 2 groups do not divide 3 channels'],
    [() => groupNorm(m23, 0), 'groupNorm: 0 groups do not divide 3 channels'],
    [() => groupNorm(v3, 1), 'groupNorm: the input is [3] (give [batch, channels, …])'],
    [() => groupNorm(m23, 1, v2), 'groupNorm: weight is [2] (give [3])'],
    [() => batchNorm(m23, v2, v3), 'batchNorm: runningMean is [2] (give [3])'],
    [
      () => batchNorm(m23, null, null),
      'batchNorm: there are no running statistics (give runningMean and runningVar, or normalise by the batch)',
    ],
    [
      () => batchNorm(one3, null, null, { training: true }),
      'batchNorm: [1, 3] has one value per channel (training needs more, or training: false)',
    ],
    [() => batchNorm(m23, v3, v3, { momentum: 2 }), 'batchNorm: momentum is 2 (give a number from 0 to 1)'],
    [() => batchNorm(m23, v3, d3), "batchNorm: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => instanceNorm(m23), 'instanceNorm: [2, 3] has one value per channel (give axes after the channels)'],
    [
      () => instanceNorm(b243, { useInputStats: false }),
      'instanceNorm: there are no running statistics (give runningMean and runningVar, or normalise by the batch)',
    ],
    [() => instanceNorm(b243, { bias: v3 }), 'instanceNorm: bias is [3] (give [4])'],
  ]))

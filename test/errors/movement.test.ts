/** @file What movement and indexing refuse, before any work, and by which text. */
import { describe, expect, it } from 'vitest'
import * as h from '../../src/index.ts'
import {
  bools,
  ints as integers,
  loose as ops,
  type Refusal,
  refusal,
  refuse,
  refuseOptions,
  zeros,
} from '../support/refusals.ts'

const [x, v, s, thin] = [zeros(3, 4), zeros(5), zeros(), zeros(3, 1)]
const [ints, index, tall, square] = [integers(3, 4), integers(3, 2), integers(4, 1), integers(2, 2)]
const i = h.tensor(Int32Array.of(0, 2))
const far = h.tensor(Int32Array.of(0, 7, -1, 1), { shape: [2, 2] })
const low = h.tensor(Int32Array.of(-3, -4))
const mask = bools(3)
const there = h.zeros([3, 2], { dtype: 'int32', device: new h.CpuDevice() })
const leaf = h.ones([4], { requiresGrad: true })

const cases: readonly Refusal[] = [
  [() => ops.view(x.transpose(), [12]), 'view: [4, 3] lies in memory so that only a copy can be [12] (use reshape)'],
  [() => ops.view(x, [5]), 'view: [3, 4] of 12 elements does not reshape to [5]'],
  [() => x.unflatten(1, [3, -1]), 'unflatten: axis 1 of [3, 4] is 4, not [3, -1]'],
  [() => thin.unflatten(1, [-1, -1]), 'unflatten: axis 1 of [3, 1] is 1, not [-1, -1]'],
  [() => x.unflatten(1, 2), 'unflatten: sizes is 2 (give an array, such as [2, 3])'],
  [() => s.unflatten(0, [1]), 'unflatten: tensor #n [] is 0-d (it has no axis)'],
  [() => x.movedim([0, 1], 0), 'movedim: dims [0, 1] to [0] (name as many places as dims, each once)'],
  [() => x.movedim([0, 0], [0, 1]), 'movedim: dims [0, 0] to [0, 1] (name as many places as dims, each once)'],
  [() => x.movedim(2, 0), 'movedim: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.broadcastTo([3, 5]), 'broadcastTo: [3, 4] does not expand to [3, 5] (only axes of size 1 stretch)'],
  [() => x.flip([0, -2]), 'flip: dims [0, 0] name one twice'],
  [() => x.flip(5), 'flip: dim 5 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.flip(0, 0), 'flip: dims [0, 0] name one twice'],
  [() => x.flip(), 'flip: dims is undefined (name the axes to reverse, such as [0, 1])'],
  [() => x.flip(null), 'flip: dims is null (name the axes to reverse, such as [0, 1])'],
  [() => x.transpose(0, 1, 2), 'transpose: 3 dims are given (give two; permute reorders all)'],
  [() => x.squeeze(0, 1), 'squeeze: 2 dims are given (give them as a list)'],
  [() => x.permute('10'), "permute: dims is '10' (give the axes in their new order, such as [1, 0])"],
  [() => x.permute(1), 'permute: dims [1] do not name each axis of [3, 4] once'],
  [() => x.reshape(5, -1), 'reshape: [3, 4] of 12 elements does not reshape to [5, -1]'],
  [() => x.reshape(undefined), 'reshape: shape is undefined (give an array, such as [2, 3])'],
  [() => x.expand(3), 'expand: [3, 4] does not expand to [3] (only axes of size 1 stretch)'],
  [() => x.narrow(0, 2, 2), 'narrow: start 2, length 2 is outside axis 0 of [3, 4]'],
  [() => x.narrow(1, -5, 1), 'narrow: start -5, length 1 is outside axis 1 of [3, 4]'],
  [() => x.select(1, 4), 'select: index 4 is outside [-4, 4) on axis 1 of [3, 4]'],
  [() => s.select(0, 0), 'select: tensor #n [] is 0-d (it has no axis)'],
  [() => x.split([1, 1], 1), 'split: sizes [1, 1] make 2, axis 1 of [3, 4] is 4'],
  [() => x.split(0), 'split: the size is 0 (give an integer from 1 up)'],
  [() => x.split(1.5), 'split: a size is 1.5 (give integers from 0 up)'],
  [() => x.chunk(0), 'chunk: chunks is 0 (give integers from 1 up)'],
  [() => x.chunk([1]), 'chunk: chunks is an array (give an integer)'],
  [() => s.unbind(), 'unbind: tensor #n [] is 0-d (it has no axis)'],
  [() => x.unbind(2), 'unbind: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.roll([1, 2]), 'roll: shifts [1, 2] without dims (give a dim for each)'],
  [() => x.roll([1, 2], 0), 'roll: 2 shifts, 1 dims (give a dim for each shift)'],
  [() => x.roll(0.5, 0), 'roll: a shift is 0.5 (give integers)'],
  [() => x.repeat([2]), 'repeat: 1 sizes for [3, 4] (give one per axis, or use tile)'],
  [() => x.repeat([2, -1]), 'repeat: a size is -1 (give integers from 0 up)'],
  [() => x.repeat(2), 'repeat: 1 sizes for [3, 4] (give one per axis, or use tile)'],
  [() => x.repeat(x), 'repeat: sizes is a Tensor (give an array, such as [2, 3])'],
  [() => x.tile('2'), "tile: a rep is '2' (give an array, such as [2, 3])"],
  [() => x.tile([2, -1]), 'tile: a rep is -1 (give integers from 0 up)'],
  [() => x.repeatInterleave(i), 'repeatInterleave: repeats is a Tensor (give an integer)'],
  [() => ops.repeatInterleave(x, '2'), "repeatInterleave: repeats is '2' (give an integer, or one for each slice)"],
  [() => x.repeatInterleave(-1, 0), 'repeatInterleave: repeats is -1 (give integers from 0 up)'],
  [() => ops.meshgrid([v, x]), 'meshgrid: input 1 is [3, 4] (give vectors)'],
  [() => ops.meshgrid(v, x, { indexing: 'ij' }), 'meshgrid: input 1 is [3, 4] (give vectors)'],
  [() => ops.meshgrid('v'), "meshgrid: xs is 'v' (give tensors, or a list of them)"],
  [
    () => ops.cat([zeros(0), x, zeros(2)]),
    'cat: [3, 4] and [2] do not join along dim 0 (all other axes must be equal)',
  ],
  [() => ops.meshgrid([v], { indexing: 'yx' }), "meshgrid: indexing is 'yx' (give 'ij' or 'xy')"],
  [() => ops.pad(x, [1]), 'pad: 1 margins for [3, 4] (give a pair per axis, the last axis first)'],
  [() => ops.pad(v, [1, 1, 1, 1]), 'pad: 4 margins for [5] (give a pair per axis, the last axis first)'],
  [() => ops.pad(v, [-3, -3]), 'pad: [-3, -3] crops more than [5] has'],
  [
    () => ops.pad(v, [1, 1], { mode: 'same' }),
    "pad: mode is 'same' (one of 'constant', 'reflect', 'replicate', 'circular')",
  ],
  [() => ops.pad(v, [5, 0], { mode: 'reflect' }), 'pad: a reflect margin of 5 on axis 0 of [5] (give 0 to 4)'],
  [() => ops.pad(v, [0, 6], { mode: 'circular' }), 'pad: a circular margin of 6 on axis 0 of [5] (give 0 to 5)'],
  [
    () => ops.pad(v, [-1, 0], { mode: 'replicate' }),
    'pad: a replicate margin of -1 on axis 0 of [5] (give margins from 0 up)',
  ],
  [
    () => ops.pad(ints, [1, 1], { value: 0.5 }),
    "pad: 0.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
  ],
  [() => v.diagonal(), 'diagonal: dim 1 is out of range for a tensor of 1 dims (give -1 to 0)'],
  [() => x.diagonal({ dim1: 1, dim2: -1 }), 'diagonal: dim1 and dim2 are both 1 (name two axes)'],
  [() => s.diag(), 'diag: tensor #n [] is neither vector nor matrix (diagonal takes any shape)'],
  [() => v.diag(0.5), 'diag: k is 0.5 (give integers)'],
  [() => v.trace(), 'trace: tensor #n [5] is not a matrix (sum diagonal(x) over its last axis)'],
  [() => v.tril(), 'tril: tensor #n [5] is not a matrix (give at least two axes)'],
  [() => x.triu('1'), "triu: k is '1' (give an integer)"],
  [() => h.unfold(v, 0, 6, 1), 'unfold: windows of 6 on axis 0 of [5] (they must fit)'],
  [() => h.unfold(v, 0, 2, 0), 'unfold: step is 0 (give integers from 1 up)'],
  [
    () => x.gather(0, i),
    'gather: the index is [2], x [3, 4], dim 0 (they need as many dims, and off the axis the index is at most as large)',
  ],
  [
    () => x.gather(1, tall),
    'gather: the index is [4, 1], x [3, 4], dim 1 (they need as many dims, and off the axis the index is at most as large)',
  ],
  [() => x.gather(1, x), "gather: index is float32, not int32 (cast with x.to('int32'))"],
  [() => x.gather(1, there), 'gather: inputs are on cpu and cpu (move one with to(device))'],
  [() => x.gather(1, far), 'gather: index 7 at position 1 is outside [-4, 4)'],
  [() => x.takeAlongDim(i, 1), 'takeAlongDim: the index is [2], x [3, 4] (they need as many dims)'],
  [
    () => x.takeAlongDim(square, 1),
    'takeAlongDim: [3, 1] and [2, 1] do not broadcast, axis -2 is 3 and 2 (reshape or unsqueeze one)',
  ],
  [() => v.take(far), 'take: index 7 at position 1 is outside [-5, 5)'],
  [() => v.take([0]), 'take: index is an array, not a tensor (make it with tensor(…))'],
  [
    () => x.scatter(1, index, thin),
    'scatter: src is [3, 1], the index [3, 2] (they need as many dims, and src at least the sizes of the index)',
  ],
  [() => x.scatter(1, index, ints), "scatter: inputs are float32 and int32 (cast with x.to('float32'))"],
  [() => x.scatter(1, far, 1), 'scatter: index 7 at position 1 is outside [-4, 4)'],
  [() => x.scatter(1, index, x, { reduce: 'add' }), 'scatter: it takes no options (scatterAdd adds to what is there)'],
  [() => v.indexAdd(0, i, zeros(2), { alpha: '2' }), "indexAdd: value is '2' (give a number)"],
  [
    () => v.indexSelect(0, integers(2, 2)),
    'indexSelect: the index is [2, 2] (give one axis; embedding() takes any shape)',
  ],
  [() => ints.scatterAdd(1, index, ints), "scatterAdd: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => x.scatterAdd(2, index, x), 'scatterAdd: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => ops.oneHot(i), 'oneHot: numClasses is undefined (give the number of classes, an integer from 1 up)'],
  [() => ops.oneHot(i, 2), 'oneHot: index 2 at position 1 is outside [0, 2)'],
  [() => ops.embedding(x, i, { paddingIdx: 3 }), 'embedding: paddingIdx 3 is outside [-3, 3)'],
  [() => x.at(0, 0, 0), 'at: 3 indices for [3, 4] (at most one per axis)'],
  [() => x.at(3), 'at: index 3 is outside [-3, 3) on axis 0 of [3, 4]'],
  [() => x.at('...', -5), 'at: index -5 is outside [-4, 4) on axis 1 of [3, 4]'],
  [() => x.at(0.5), 'at: index 0.5 is outside [-3, 3) on axis 0 of [3, 4]'],
  [() => x.at('...', '...'), "at: '...' stands twice (give it once)"],
  [() => x.at([0, 1, 0]), 'at: step 0 on axis 0 (a step is a non-zero integer)'],
  [
    () => x.at([0, 1, 1, 1]),
    'at: the slice of axis 0 is [0, 1, 1, 1] (give integers [start, stop, step], or null for all of it)',
  ],
  [
    () => x.at(mask),
    'at: an index is a bool mask, tensor #n [3] (write await x.maskedSelect(mask), or where(mask, x, 0))',
  ],
  [() => x.at(true), "at: an index is true (integers, [start, stop, step], null, int32 tensors, '...' and 'new')"],
  [() => x.at(x), "at: an index is float32, not int32 (cast with x.to('int32'))"],
  [() => x.at(Int32Array.of(0, 3)), 'at: index 3 at position 1 is outside [-3, 3)'],
  [() => x.at(low), 'at: index -4 at position 1 is outside [-3, 3)'],
  [
    () => x.at(i, Int32Array.of(0, 1, 2)),
    'at: [2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)',
  ],
  [() => x.indexPut(i, 1), 'indexPut: indices is a Tensor (give an index per axis: [rows, columns])'],
  [() => x.indexPut([null], 1), 'indexPut: no axis has an index (x.copy_(values) changes all of x)'],
  [
    () => x.indexPut([[0, 1]], 1),
    'indexPut: an index is an array (int32 tensors, an Int32Array, null; views of x take slices: x.at(…))',
  ],
  [() => x.indexPut([i], v), 'indexPut: [5] does not expand to [2, 4] (only axes of size 1 stretch)'],
  [() => x.indexPut([i], ints), "indexPut: inputs are float32 and int32 (cast with x.to('float32'))"],
  [
    () => ints.indexPut([i], 1, { accumulate: true }),
    "indexPut: x is int32, accumulate adds floats (cast with x.to('float32'))",
  ],
  [
    () => x.indexPut_([mask], 1),
    'indexPut_: an index is a bool mask, tensor #n [3] (write await x.maskedSelect(mask), or where(mask, x, 0))',
  ],
  [
    () => leaf.indexPut_([i], 1),
    'indexPut_: tensor #n [4] needs a gradient, and changes in place are not recorded (write y = x.indexPut(…), which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
  ],
  [
    () => v.indexPut_([i], leaf.slice([0, 2])),
    'indexPut_: tensor #n [2] needs a gradient, and changes in place are not recorded (write y = x.indexPut(…), which keeps the gradient; or wrap it in noGrad(() => …), which drops it)',
  ],
  [
    () => h.unfold(v, 0, 3, 1).fill_(1),
    'fill_: tensor #n [3, 3] overlaps itself: several elements share memory (change a clone() of it)',
  ],
]

describe('refusals', () => {
  refuse(cases)
  refuseOptions({
    meshgrid: (o) => ops.meshgrid([v, v], o),
    indexAdd: (o) => v.indexAdd(0, i, zeros(2), o),
  })

  it('what is outside an axis is an IndexError', () => {
    for (const call of [
      () => x.at(3),
      () => x.select(0, 3),
      () => x.gather(1, far),
      () => v.take(far),
      () => ops.oneHot(i, 2),
    ])
      expect(call).toThrow(h.IndexError)
  })

  it.each([
    'gather',
    'take',
    'scatter',
    'at',
    'flip',
    'split',
    'pad',
    'tril',
    'unfold',
    'diag',
    'roll',
    'tile',
    'view',
  ])('%s says what it was given in place of a tensor', async (name) =>
    expect(await refusal(() => ops[name](null, 0, 0))).toBe(
      `${name}: x is null, not a tensor (make it with tensor(…))`,
    ),
  )
})

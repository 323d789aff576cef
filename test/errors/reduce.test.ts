/**
 * @file What reductions, scans, sorting, random and creation functions and ops of dynamic shape refuse, before any
 * work, and by which text.
 */
import { describe } from 'vitest'
import { cpu } from '../../src/devices.ts'
import * as h from '../../src/index.ts'
import {
  type Any,
  bools,
  doubles,
  ints,
  loose,
  type Refusal,
  refuse,
  refuseOptions,
  zeros,
} from '../support/refusals.ts'

const [x, v, s, none] = [zeros(3, 4), zeros(5), zeros(), zeros(2, 0)]
const [i, b, d, mask] = [ints(3, 4), bools(3, 4), doubles(3, 4), bools(5)]
const [counts, list]: Any[] = [h.tensor(Int32Array.of(0, 2, 1)), h.tensor(Int32Array.of(0, -2, 1))]
const there = h.zeros([3, 4], { device: new h.CpuDevice(), dtype: 'bool' })

const cases: readonly Refusal[] = [
  [() => x.prod(2), 'prod: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.prod([0, 0]), 'prod: dims [0, 0] name one twice'],
  [() => loose.prod('x'), "prod: x is 'x', not a tensor (make it with tensor(…))"],
  [() => x.var(0, { correction: '1' }), "var: correction is '1' (give a number, such as 0 or 1)"],
  [() => i.var(), "var: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => x.var(3), 'var: dim 3 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => i.std(), "std: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => x.std(0, { correction: NaN }), 'std: correction is NaN (give a number, such as 0 or 1)'],
  [() => x.std([0, -2]), 'std: dims [0, 0] name one twice'],
  [() => i.norm(), "norm: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => x.norm('fro'), "norm: p is 'fro' (give a number, such as 1, 2 or Infinity)"],
  [() => x.norm(2, 2), 'norm: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.norm({ dim: 5 }), 'norm: dim 5 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => none.norm(Infinity, 1), 'norm: [2, 0] has no elements along the reduced dims'],
  [() => b.logsumexp(), "logsumexp: x is bool, not float32 or float64 (cast with x.to('float32'))"],
  [() => x.logsumexp(2), 'logsumexp: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => loose.logsumexp(3), 'logsumexp: x is 3, not a tensor (make it with tensor(…))'],
  [() => x.all(2), 'all: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => loose.all([true]), 'all: x is an array, not a tensor (make it with tensor(…))'],
  [() => x.any(-3), 'any: dim -3 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => loose.any(null), 'any: x is null, not a tensor (make it with tensor(…))'],
  [() => x.countNonzero([1, 1]), 'countNonzero: dims [1, 1] name one twice'],
  [() => loose.countNonzero(), 'countNonzero: x is undefined, not a tensor (make it with tensor(…))'],
  [() => b.median(), "median: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  [() => x.median(2), 'median: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => ints(0).median(), 'median: [0] has no elements along the reduced dims'],
  [() => none.median(1), 'median: [2, 0] has no elements along the reduced dims'],
  [() => h.histc(i), "histc: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => h.histc(x, { bins: 0 }), 'histc: bins is 0 (give an integer from 1 up)'],
  [() => h.histc(x, { bins: 2.5 }), 'histc: bins is 2.5 (give an integer from 1 up)'],
  [() => h.histc(x, { min: 2, max: 1 }), 'histc: the range is 2 to 1 (give finite numbers, min below max)'],
  [() => h.histc(x, { max: Infinity }), 'histc: the range is 0 to Infinity (give finite numbers, min below max)'],
  [() => x.cumsum(2), 'cumsum: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => loose.cumsum(1, 0), 'cumsum: x is 1, not a tensor (make it with tensor(…))'],
  [() => x.cumsum(), 'cumsum: dim undefined is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.cumprod(-3), 'cumprod: dim -3 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => x.cumprod('0'), "cumprod: dim '0' is out of range for a tensor of 2 dims (give -2 to 1)"],
  [() => i.logcumsumexp(0), "logcumsumexp: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => b.logcumsumexp(0), "logcumsumexp: x is bool, not float32 or float64 (cast with x.to('float32'))"],
  [() => x.logcumsumexp(2), 'logcumsumexp: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => b.sort(), "sort: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  [() => x.sort(x), 'sort: dim is a Tensor (give an integer)'],
  [() => x.sort(2), 'sort: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => loose.sort([3, 1]), 'sort: x is an array, not a tensor (make it with tensor(…))'],
  [() => b.argsort(), "argsort: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  [() => x.argsort(-3), 'argsort: dim -3 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => b.topk(1), "topk: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  [() => x.topk(5), 'topk: k is 5, the axis of [3, 4] has 4 (give 0 to 4)'],
  [() => x.topk(-1), 'topk: k is -1, the axis of [3, 4] has 4 (give 0 to 4)'],
  [() => x.topk(1.5), 'topk: k is 1.5, the axis of [3, 4] has 4 (give 0 to 4)'],
  [() => x.topk(1, 2), 'topk: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
  [() => s.topk(2), 'topk: k is 2, the axis of [] has 1 (give 0 to 1)'],
  [
    () => loose.searchsorted(b, b),
    "searchsorted: sortedSequence is bool, not float32 or float64 or int32 (cast with x.to('float32'))",
  ],
  [() => loose.searchsorted(v, i), "searchsorted: inputs are float32 and int32 (cast with x.to('float32'))"],
  [
    () => loose.searchsorted(s, v),
    'searchsorted: [5] is searched for in [] (the sequence has one axis, or the leading axes of the values)',
  ],
  [
    () => loose.searchsorted(x, v),
    'searchsorted: [5] is searched for in [3, 4] (the sequence has one axis, or the leading axes of the values)',
  ],
  [
    () => loose.searchsorted(x, s),
    'searchsorted: [] is searched for in [3, 4] (the sequence has one axis, or the leading axes of the values)',
  ],
  [() => loose.searchsorted(x, 1), 'searchsorted: values is 1, not a tensor (make it with tensor(…))'],
  [() => loose.empty([-1]), 'empty: [-1] is not a shape (sizes are integers from 0 up)'],
  [() => loose.empty([2, null]), 'empty: [2, null] is not a shape (sizes are integers from 0 up)'],
  [() => loose.empty(3), 'empty: shape is 3 (give an array of sizes, such as [2, 3])'],
  [() => loose.eye(-1), 'eye: [-1, -1] is not a shape (sizes are integers from 0 up)'],
  [() => loose.eye(2, 1.5), 'eye: [2, 1.5] is not a shape (sizes are integers from 0 up)'],
  [() => loose.linspace(0, Infinity, 3), 'linspace: 0 to Infinity is not a range (give finite numbers)'],
  [() => loose.linspace(0, 1, { dtype: 'float32' }), 'linspace: steps is an object (give an integer from 0 up)'],
  [() => loose.linspace(0, 1, -1), 'linspace: steps is -1 (give an integer from 0 up)'],
  [() => loose.linspace(0, 1, 2, { dtype: 'int32' }), 'linspace: dtype is int32 (evenly spaced numbers are floats)'],
  [
    () => loose.fullLike(i, 0.5),
    "fullLike: 0.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
  ],
  [() => loose.fullLike(3, 1), 'fullLike: x is 3, not a tensor (make it with tensor(…))'],
  [() => loose.emptyLike(3), 'emptyLike: x is 3, not a tensor (make it with tensor(…))'],
  [() => loose.randLike([3]), 'randLike: x is an array, not a tensor (make it with tensor(…))'],
  [() => loose.randLike(i), 'randLike: dtype is int32 (random numbers are floats)'],
  [() => loose.randnLike(3), 'randnLike: x is 3, not a tensor (make it with tensor(…))'],
  [() => loose.randnLike(b), 'randnLike: dtype is bool (random numbers are floats)'],
  [() => loose.randint(0, [3]), 'randint: the range is 0 to 0 (give int32, low below high)'],
  [() => loose.randint(5, 5, [3]), 'randint: the range is 5 to 5 (give int32, low below high)'],
  [() => loose.randint(0, 1.5, [3]), 'randint: the range is 0 to 1.5 (give int32, low below high)'],
  [() => loose.randint(0, 2 ** 40, [3]), 'randint: the range is 0 to 1099511627776 (give int32, low below high)'],
  [() => loose.randint(0, 5, 3), 'randint: shape is 3 (give an array of sizes, such as [2, 3])'],
  [() => loose.randint(2, [3], { dtype: 'bool' }), 'randint: dtype is bool (use bernoulli)'],
  [() => loose.randperm(-1), 'randperm: n is -1 (give an integer from 0 up)'],
  [() => loose.randperm(2.5), 'randperm: n is 2.5 (give an integer from 0 up)'],
  [
    () => loose.randperm(3, { dtype: 'int8' }),
    "randperm: 'int8' is not a dtype (one of float32, float64, int32, bool, float16, bfloat16)",
  ],
  [() => loose.bernoulli(1.5, [3]), 'bernoulli: p is 1.5 (give a probability, from 0 to 1)'],
  [() => loose.bernoulli(NaN, [3]), 'bernoulli: p is NaN (give a probability, from 0 to 1)'],
  [() => loose.bernoulli(i), "bernoulli: p is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => loose.bernoulli('0.5'), "bernoulli: p is '0.5', not a tensor (make it with tensor(…))"],
  [() => loose.bernoulli(x, [3]), 'bernoulli: shape is an array (p is a tensor: y has its shape and dtype)'],
  [
    () => loose.bernoulli(0.5, [3], { requiresGrad: true }),
    'bernoulli: there is no option requiresGrad (it takes { device, dtype })',
  ],
  [
    () => loose.normal(x, 1, undefined, { dtype: 'float32' }),
    'normal: there is no option dtype (it takes { requiresGrad })',
  ],
  [() => loose.bernoulli(0.5, 3), 'bernoulli: shape is 3 (give an array of sizes, such as [2, 3])'],
  [() => loose.normal(0, 1), 'normal: shape is undefined (give one where mean and std are numbers, and only there)'],
  [
    () => loose.normal(x, 1, [3]),
    'normal: shape is an array (give one where mean and std are numbers, and only there)',
  ],
  [() => loose.normal(0, -1, [3]), 'normal: std is -1 (give a number from 0 up)'],
  [() => loose.normal(x, d), "normal: inputs are float32 and float64 (cast with x.to('float32'))"],
  [() => loose.normal(i, 1), "normal: mean or std is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => loose.normal(x, v), 'normal: [3, 4] and [5] do not broadcast, axis -1 is 4 and 5 (reshape or unsqueeze one)'],
  [() => loose.multinomial(s, 1), 'multinomial: weights are [] (give [m] or [rows, m])'],
  [() => loose.multinomial(none, 1), 'multinomial: weights are [2, 0] (give [m] or [rows, m])'],
  [() => loose.multinomial(i, 1), "multinomial: weights is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => loose.multinomial(x, 0), 'multinomial: n is 0 (give an integer from 1 up)'],
  [() => loose.multinomial(x, 5), 'multinomial: n is 5, the weights are 4 (draw fewer, or with replacement)'],
]

const later: readonly Refusal[] = [
  [() => x.maskedSelect(x), "maskedSelect: mask is float32, not bool (cast with x.to('bool'))"],
  [() => x.maskedSelect(there), 'maskedSelect: inputs are on cpu and cpu (move one with to(device))'],
  [
    () => x.maskedSelect(mask),
    'maskedSelect: [3, 4] and [5] do not broadcast, axis -1 is 4 and 5 (reshape or unsqueeze one)',
  ],
  [() => loose.maskedSelect(3, b), 'maskedSelect: x is 3, not a tensor (make it with tensor(…))'],
  [() => loose.nonzero([1, 0]), 'nonzero: x is an array, not a tensor (make it with tensor(…))'],
  [() => loose.unique(3), 'unique: x is 3, not a tensor (make it with tensor(…))'],
  [() => x.bincount(), "bincount: x is float32, not int32 (cast with x.to('int32'))"],
  [() => i.bincount(), 'bincount: x is [3, 4] (give one axis)'],
  [() => list.bincount(), 'bincount: x has -2 at position 1 (only integers from 0 up are counted)'],
  [() => counts.bincount({ weights: v }), 'bincount: weights are [5], x is [3] (one weight for each element)'],
  [
    () => counts.bincount({ weights: b }),
    "bincount: weights is bool, not float32 or float64 or int32 (cast with x.to('float32'))",
  ],
  [() => counts.bincount({ minlength: -1 }), 'bincount: minlength is -1 (give an integer from 0 up)'],
]

const f64 = h.ones([2], { dtype: 'float64', device: cpu, requiresGrad: true })
const total = (a: h.Tensor) => a.square().sum()
const withOptions: Readonly<Record<string, (options: Any) => unknown>> = {
  searchsorted: (o) => loose.searchsorted(v, v, o),
  nonzero: (o) => x.nonzero(o),
  unique: (o) => h.unique(x, o),
  bernoulli: (o) => loose.bernoulli(0.5, [2], o),
  normal: (o) => loose.normal(0, 1, [2], o),
  randint: (o) => loose.randint(5, [2], o),
  randperm: (o) => loose.randperm(5, o),
  rand: (o) => loose.rand([2], o),
  randn: (o) => loose.randn([2], o),
  randLike: (o) => loose.randLike(x, o),
  randnLike: (o) => loose.randnLike(x, o),
  tensor: (o) => loose.tensor([1], o),
  zeros: (o) => loose.zeros([2], o),
  ones: (o) => loose.ones([2], o),
  empty: (o) => loose.empty([2], o),
  full: (o) => loose.full([2], 1, o),
  eye: (o) => loose.eye(2, 2, o),
  linspace: (o) => loose.linspace(0, 1, 2, o),
  arange: (o) => loose.arange(0, 2, 1, o),
  backward: (o) => f64.sum().backward(undefined, o),
  grad: (o) => loose.grad(f64.sum(), f64, o),
  gradcheck: (o) => loose.gradcheck(total, [f64], o),
  gradgradcheck: (o) => loose.gradgradcheck(total, [f64], o),
  jacobian: (o) => loose.jacobian(total, f64, o),
  hessian: (o) => loose.hessian(total, f64, o),
  vjp: (o) => loose.vjp(total, f64, undefined, o),
  hvp: (o) => loose.hvp(total, f64, f64, o),
}

describe('options', () => refuseOptions(withOptions))
describe('options in the place of what is left out', () =>
  refuse([
    [() => loose.arange(3, null), 'arange: the options are null (it takes { device, dtype, requiresGrad })'],
    [
      () => loose.arange(0, 3, { step: 1 }),
      'arange: there is no option step (it takes { device, dtype, requiresGrad })',
    ],
    [() => loose.arange(0, 3, 1, true), 'arange: the options are true (it takes { device, dtype, requiresGrad })'],
    [() => loose.eye(2, null), 'eye: the options are null (it takes { device, dtype, requiresGrad })'],
    [() => x.norm({ ord: 1 }), 'norm: there is no option ord (it takes { p, dim, keepdim })'],
  ]))
describe('refusals', () => refuse(cases))
describe('refusals of async functions', () => refuse(later))

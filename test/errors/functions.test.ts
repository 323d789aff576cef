/** @file What functions that are not methods refuse, and by which text: special functions, bits, order, matrices. */
import { describe } from 'vitest'
import { bools, doubles, loose as h, ints, refuse, refuseOptions, zeros } from '../support/refusals.ts'

const [s, v3, x, empty, cube] = [zeros(), zeros(3), zeros(2, 3), zeros(2, 0), zeros(2, 3, 4)]
const [i3, b3, d] = [ints(3), bools(3), doubles(2, 3)]
const FLOATS = "not float32 or float64 (cast with x.to('float32'))"
const NUMBERS = "not float32 or float64 or int32 (cast with x.to('float32'))"
const INT = "is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))"

describe('special functions', () =>
  refuse([
    [() => h.exp2(i3), `exp2: x is int32, ${FLOATS}`],
    [() => h.erfc(5), 'erfc: x is 5, not a tensor (make it with tensor(…))'],
    [() => h.erfinv(b3), `erfinv: x is bool, ${FLOATS}`],
    [() => h.lgamma(i3), `lgamma: x is int32, ${FLOATS}`],
    [() => h.digamma(), 'digamma: x is missing'],
    [() => h.polygamma(1, i3), `polygamma: x is int32, ${FLOATS}`],
    [() => h.polygamma(-1, x), 'polygamma: n is -1 (give an integer from 0 to 100)'],
    [() => h.polygamma(0.5, x), 'polygamma: n is 0.5 (give an integer from 0 to 100)'],
    [() => h.polygamma(101, x), 'polygamma: n is 101 (give an integer from 0 to 100)'],
    [() => h.polygamma(x, 1), 'polygamma: x is 1, not a tensor (make it with tensor(…))'],
  ]))

describe('pairs', () =>
  refuse([
    [() => h.fmax(1, 2), 'fmax: operands are 1, 2 (one must be a tensor)'],
    [() => h.fmax(x, d), "fmax: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => h.fmin(b3, b3), `fmin: a is bool, ${NUMBERS}`],
    [() => h.fmin(i3, 0.5), `fmin: 0.5 ${INT}`],
    [
      () => h.hypot(x, zeros(2)),
      'hypot: [2, 3] and [2] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)',
    ],
    [() => h.hypot(2, i3), `hypot: b is int32, ${FLOATS}`],
    [() => h.xlogy(x, '1'), "xlogy: b is '1', not a tensor (make it with tensor(…))"],
    [() => h.xlogy(undefined, x), 'xlogy: a is undefined, not a tensor (make it with tensor(…))'],
    [() => h.addcdiv(i3, i3, i3), `addcdiv: x is int32, ${FLOATS}`],
    [() => h.addcdiv(x, x, d), "addcdiv: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => h.addcdiv(x, x, x, { value: '1' }), "addcdiv: value is '1' (give a number)"],
    [
      () => h.addcdiv(x, zeros(2), 1),
      'addcdiv: [2, 3] and [2] and [] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)',
    ],
    [() => h.isclose(x, 1), 'isclose: b is 1, not a tensor (make it with tensor(…))'],
    [() => h.isclose(b3, b3), `isclose: a is bool, ${NUMBERS}`],
    [() => h.isclose(x, x, { rtol: null }), 'isclose: rtol is null (give a number)'],
    [() => h.bitwiseAnd(x, x), "bitwiseAnd: a is float32, not int32 or bool (cast with x.to('int32'))"],
    [() => h.bitwiseOr(i3, b3), "bitwiseOr: inputs are int32 and bool (cast with x.to('int32'))"],
    [() => h.bitwiseXor(i3, 0.5), `bitwiseXor: 0.5 ${INT}`],
    [() => h.bitwiseNot(x), "bitwiseNot: x is float32, not int32 or bool (cast with x.to('int32'))"],
    [() => h.bitwiseLeftShift(b3, 1), "bitwiseLeftShift: a is bool, not int32 (cast with x.to('int32'))"],
    [() => h.bitwiseRightShift(1, 2), 'bitwiseRightShift: operands are 1, 2 (one must be a tensor)'],
  ]))

describe('activations', () =>
  refuse([
    [() => h.softshrink(x, -1), 'softshrink: lambd is -1 (give a number from 0 up)'],
    [() => h.softshrink(x, NaN), 'softshrink: lambd is NaN (give a number from 0 up)'],
    [() => h.hardshrink(x, '1'), "hardshrink: lambd is '1' (give a number)"],
    [() => h.hardshrink(i3), `hardshrink: x is int32, ${FLOATS}`],
    [() => h.tanhshrink(i3), `tanhshrink: x is int32, ${FLOATS}`],
    [() => h.threshold(x), 'threshold: threshold is undefined (give a number)'],
    [() => h.threshold(x, 1), 'threshold: value is undefined (give a number)'],
    [() => h.threshold(x, { value: 1 }), 'threshold: threshold is undefined (give a number)'],
    [() => h.threshold(x, 1, 2, 3), 'threshold: 3 parameters are given (it takes { threshold, value })'],
  ]))

describe('order', () =>
  refuse([
    [() => h.quantile(i3, 0.5), `quantile: x is int32, ${FLOATS}`],
    [() => h.quantile(x, 1.5), 'quantile: q is 1.5 (give numbers from 0 to 1)'],
    [() => h.quantile(x, [0.5, NaN]), 'quantile: q is NaN (give numbers from 0 to 1)'],
    [() => h.quantile(x, '0.5'), "quantile: q is '0.5' (give numbers from 0 to 1)"],
    [() => h.quantile(x, d), "quantile: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => h.quantile(x, x), 'quantile: q is [2, 3] (give a number, or one axis of them)'],
    [() => h.quantile(x, 0.5, 2), 'quantile: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [
      () => h.quantile(x, 0.5, { interpolation: 'cubic' }),
      "quantile: interpolation is 'cubic' (one of 'linear', 'lower', 'higher', 'midpoint', 'nearest')",
    ],
    [() => h.quantile(empty, 0.5), 'quantile: [2, 0] has no elements along the reduced dims'],
    [() => h.nanquantile(empty, 0.5, 1), 'nanquantile: [2, 0] has no elements along the reduced dims'],
    [() => h.kthvalue(x, 0), 'kthvalue: k is 0, the axis of [2, 3] has 3 (give 1 to 3)'],
    [() => h.kthvalue(x, 3, 0), 'kthvalue: k is 3, the axis of [2, 3] has 2 (give 1 to 2)'],
    [() => h.kthvalue(b3, 1), `kthvalue: x is bool, ${NUMBERS}`],
    [() => h.mode(empty), 'mode: [2, 0] has no elements along the reduced dims'],
    [() => h.mode(x, 2), 'mode: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => h.cummax(x), 'cummax: no axis is given (name the one to run along: { dim: 0 })'],
    [() => h.cummin(b3, 0), `cummin: x is bool, ${NUMBERS}`],
    [() => h.diff(s), 'diff: tensor #n [] is 0-d (it has no axis)'],
    [() => h.diff(x, -1), 'diff: n is -1 (give an integer from 0 up)'],
    [() => h.diff(x, 1, 2), 'diff: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => h.diff(x, { prepend: v3 }), 'diff: prepend is [3], x [2, 3] (they may differ at axis 1 alone)'],
    [() => h.diff(x, { append: d }), "diff: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => h.varMean(i3), `varMean: x is int32, ${FLOATS}`],
    [() => h.stdMean(i3), `stdMean: x is int32, ${FLOATS}`],
    [() => h.aminmax(empty, { dim: 1 }), 'aminmax: [2, 0] has no elements along the reduced dims'],
    [() => h.aminmax(b3), `aminmax: x is bool, ${NUMBERS}`],
    [() => h.nansum(x, 2), 'nansum: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => h.nanmean(i3), `nanmean: x is int32, ${FLOATS}`],
  ]))

describe('dtype', () =>
  refuse([
    [() => h.sum(x, 0, { dtype: 'bool' }), "sum: dtype is 'bool' (one of float32, float64, int32)"],
    [() => h.sum(x, 5, { dtype: 'int32' }), 'sum: dim 5 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => h.mean(x, 0, { dtype: 'int32' }), "mean: dtype is 'int32' (one of float32, float64)"],
    [() => h.prod(x, 0, { dtype: 'float16' }), "prod: dtype is 'float16' (one of float32, float64, int32)"],
    [() => h.cumsum(x, 0, { dtype: 1 }), 'cumsum: dtype is 1 (one of float32, float64, int32)'],
    [() => h.cumprod(x, 0, { keepdim: true }), 'cumprod: there is no option keepdim (it takes { dim, dtype })'],
    [
      () => h.softmax(x, 0, { dtype: 'int32' }),
      "softmax: dtype is 'int32' (one of float32, float64, float16, bfloat16)",
    ],
    [
      () => h.logSoftmax(x, 2, { dtype: 'float64' }),
      'logSoftmax: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)',
    ],
  ]))

describe('matrices', () =>
  refuse([
    [
      () => h.cross(x, zeros(2)),
      'cross: [2, 3] and [2] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)',
    ],
    [() => h.cross(x, x, 0), 'cross: [2, 3] and [2, 3] at axis 0 (the axis has size 3)'],
    [() => h.cross(v3, zeros(1)), 'cross: [3] and [1] at axis 0 (the axis has size 3)'],
    [() => h.cross(b3, b3), `cross: a is bool, ${NUMBERS}`],
    [() => h.inner(x, zeros(2)), 'inner: [2, 3] and [2] (the last sizes must agree)'],
    [() => h.inner(x, d), "inner: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => h.dist(x, x, 'fro'), "dist: p is 'fro' (give a number, such as 1 or Infinity)"],
    [() => h.dist(x, zeros(2)), 'dist: [2, 3] and [2] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)'],
    [() => h.matrixNorm(v3), 'matrixNorm: x is [3] (give a matrix, or several)'],
    [() => h.matrixNorm(x, 2), "matrixNorm: ord is 2 (give 'fro', 1, -1, Infinity or -Infinity)"],
    [() => h.matrixNorm(x, 'nuc'), "matrixNorm: ord is 'nuc' (give 'fro', 1, -1, Infinity or -Infinity)"],
    [() => h.matrixNorm(cube, 1, 0), 'matrixNorm: dim is 0 (give two axes: rows, columns)'],
    [() => h.matrixNorm(cube, 1, [1, -2]), 'matrixNorm: dim is [1, -2] (give two axes)'],
    [() => h.matrixNorm(empty, 1), 'matrixNorm: [2, 0] has no elements along the reduced dims'],
    [() => h.matrixNorm(ints(2, 2)), `matrixNorm: x is int32, ${FLOATS}`],
    [() => h.cov(cube), 'cov: x is [2, 3, 4] (give [variables, observations], or one variable)'],
    [() => h.cov(x, { fweights: v3 }), "cov: fweights is float32, not int32 (cast with x.to('int32'))"],
    [() => h.cov(x, { aweights: zeros(2) }), 'cov: aweights are [2] (give [3])'],
    [() => h.cov(x, { correction: '1' }), "cov: correction is '1' (give a number)"],
    [() => h.corrcoef(i3), `corrcoef: x is int32, ${FLOATS}`],
    [() => h.trilIndices(-1, 2), 'trilIndices: row is -1 (give an integer from 0 up)'],
    [() => h.triuIndices(2, 1.5), 'triuIndices: col is 1.5 (give an integer from 0 up)'],
    [() => h.triuIndices(2, 2, '1'), "triuIndices: offset is '1' (give an integer)"],
  ]))

describe('options', () =>
  refuseOptions({
    addcdiv: (o) => h.addcdiv(x, x, x, o),
    aminmax: (o) => h.aminmax(x, o),
    cov: (o) => h.cov(x, o),
  }))

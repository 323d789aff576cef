/** @file What elementwise ops and activations refuse, and by which text. */
import { runInNewContext } from 'node:vm'
import { describe } from 'vitest'
import {
  bools,
  doubles,
  elsewhere,
  ints,
  loose,
  refuse,
  refuseOptions,
  refuseParameters,
  zeros,
} from '../support/refusals.ts'

const {
  acos,
  acosh,
  add,
  addcmul,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cdist,
  celu,
  clamp,
  cosh,
  cosineSimilarity,
  cross,
  diff,
  dist,
  div,
  elu,
  emptyLike,
  fmod,
  frac,
  fullLike,
  gelu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  isfinite,
  isinf,
  isnan,
  kthvalue,
  leakyRelu,
  lerp,
  log10,
  log2,
  logaddexp,
  logit,
  logSigmoid,
  logSoftmax,
  maskedFill,
  matrixNorm,
  mish,
  mode,
  nanquantile,
  nanToNum,
  normalize,
  onesLike,
  pairwiseDistance,
  prelu,
  quantile,
  relu6,
  remainder,
  round,
  selu,
  silu,
  sinh,
  softmax,
  softmin,
  softplus,
  softshrink,
  softsign,
  sub,
  tan,
  trilIndices,
  triuIndices,
  where,
  zerosLike,
} = loose

const [s, v2, x] = [zeros(), zeros(2), zeros(2, 3)]
const [i3, b3, d, away] = [ints(3), bools(3), doubles(2, 3), elsewhere(2, 3)]
const one = ints()

const FLOATS = "not float32 or float64 (cast with x.to('float32'))"
const INT = "is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))"

describe('one input', () =>
  refuse([
    [() => log2(i3), `log2: x is int32, ${FLOATS}`],
    [() => log2(5), 'log2: operands are 5 (one must be a tensor)'],
    [() => log10('x'), "log10: x is 'x', not a tensor (make it with tensor(…))"],
    [() => tan(b3), `tan: x is bool, ${FLOATS}`],
    [() => asin([1]), 'asin: x is an array, not a tensor (make it with tensor(…))'],
    [() => acos(i3), `acos: x is int32, ${FLOATS}`],
    [() => atan(null), 'atan: x is null, not a tensor (make it with tensor(…))'],
    [() => sinh(i3), `sinh: x is int32, ${FLOATS}`],
    [() => cosh(b3), `cosh: x is bool, ${FLOATS}`],
    [() => asinh(i3), `asinh: x is int32, ${FLOATS}`],
    [() => acosh(1), 'acosh: operands are 1 (one must be a tensor)'],
    [() => atanh(undefined), 'atanh: x is undefined, not a tensor (make it with tensor(…))'],
    [() => frac(i3), `frac: x is int32, ${FLOATS}`],
    [() => isnan(b3), `isnan: x is bool, ${FLOATS}`],
    [() => isinf(5), 'isinf: operands are 5 (one must be a tensor)'],
    [() => isfinite(b3), `isfinite: x is bool, ${FLOATS}`],
  ]))

describe('options', () =>
  refuse([
    [() => softplus(x, { beta: '1' }), "softplus: beta is '1' (give a number)"],
    [() => softplus(x, { beta: 0 }), 'softplus: beta is 0 (give another number)'],
    [() => softplus(x, { threshold: null }), 'softplus: threshold is null (give a number)'],
    [() => softplus(x, 'a'), "softplus: beta is 'a' (give a number)"],
    [() => softplus(i3, { beta: 2 }), `softplus: x is int32, ${FLOATS}`],
    [() => logit(x, 0.6), 'logit: eps is 0.6 (give a number from 0 to 0.5)'],
    [() => logit(x, '0.1'), "logit: eps is '0.1' (give a number from 0 to 0.5)"],
    [() => logit(i3), `logit: x is int32, ${FLOATS}`],
    [() => round(x, { decimals: 1.5 }), 'round: decimals is 1.5 (give an integer)'],
    [() => round(x, { digits: 1 }), 'round: there is no option digits (it takes { decimals })'],
    [() => round(x, 2), 'round: the options are 2 (it takes { decimals })'],
    [() => nanToNum(b3), "nanToNum: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => nanToNum(x, { nan: '0' }), "nanToNum: nan is '0' (give a number)"],
    [() => div(x, 2, { roundingMode: 'up' }), "div: roundingMode is 'up' ('floor' or 'trunc')"],
    [() => div(x, 2, 'floor'), "div: the options are 'floor' (it takes { roundingMode })"],
    [() => div(i3, 1.5, { roundingMode: 'floor' }), `div: 1.5 ${INT}`],
  ]))

describe('in place, with options', () =>
  refuse([
    [() => x.add_(x, { beta: 2 }), 'add_: there is no option beta (it takes { alpha })'],
    [() => i3.add_(i3, { alpha: 0.5 }), `add: 0.5 ${INT}`],
    [() => x.sub_(x, 2), 'sub_: the options are 2 (it takes { alpha })'],
    [() => x.div_(2, 'floor'), "div_: the options are 'floor' (it takes { roundingMode })"],
    [() => i3.div_(2), `div_: x is int32, ${FLOATS}`],
    [() => i3.mul_(zeros(3)), "mul_: tensor #n [3] is int32, the value float32 (cast with .to('int32'))"],
    [() => add(x, x, { alpha: '2' }), "add: alpha is '2' (give a number)"],
    [() => sub(i3, i3, { alpha: 0.5 }), `sub: 0.5 ${INT}`],
    [() => add(b3, b3, { alpha: 2 }), "add: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
  ]))

/** Options that no op has; PyTorch's positional and misspelt ones look so. */
describe('options of any op', () => {
  const ops: Readonly<Record<string, (options: unknown) => unknown>> = {
    add: (o) => add(x, x, o),
    sub: (o) => sub(x, x, o),
    div: (o) => div(x, x, o),
    add_: (o) => x.add_(x, o),
    sub_: (o) => x.sub_(x, o),
    div_: (o) => x.div_(x, o),
    round: (o) => round(x, o),
    addcmul: (o) => addcmul(x, x, x, o),
    zerosLike: (o) => zerosLike(x, o),
    onesLike: (o) => onesLike(x, o),
    emptyLike: (o) => emptyLike(x, o),
    fullLike: (o) => fullLike(x, 1, o),
  }
  refuseOptions(ops)
})

describe('parameters by position and by name', () =>
  refuseParameters({
    softplus: (...given) => softplus(x, ...given),
    gelu: (...given) => gelu(x, ...given),
    leakyRelu: (...given) => leakyRelu(x, ...given),
    elu: (...given) => elu(x, ...given),
    celu: (...given) => celu(x, ...given),
    hardtanh: (...given) => hardtanh(x, ...given),
    glu: (...given) => glu(zeros(2, 4), ...given),
    softshrink: (...given) => softshrink(x, ...given),
    hardshrink: (...given) => hardshrink(x, ...given),
    softmax: (...given) => softmax(x, ...given),
    logSoftmax: (...given) => logSoftmax(x, ...given),
    softmin: (...given) => softmin(x, ...given),
    cdist: (...given) => cdist(x, x, ...given),
    normalize: (...given) => normalize(x, ...given),
    pairwiseDistance: (...given) => pairwiseDistance(x, x, ...given),
    cosineSimilarity: (...given) => cosineSimilarity(x, x, ...given),
    diff: (...given) => diff(x, ...given),
    cross: (...given) => cross(x, x, ...given),
    dist: (...given) => dist(x, x, ...given),
    matrixNorm: (...given) => matrixNorm(x, ...given),
    quantile: (...given) => quantile(x, 0.5, ...given),
    nanquantile: (...given) => nanquantile(x, 0.5, ...given),
    kthvalue: (...given) => kthvalue(x, 1, ...given),
    mode: (...given) => mode(x, ...given),
    trilIndices: (...given) => trilIndices(2, 2, ...given),
    triuIndices: (...given) => triuIndices(2, 2, ...given),
  }))

describe('clamp', () =>
  refuse([
    [() => clamp(x), 'clamp: the options are undefined (it takes { min, max })'],
    [() => clamp(x, {}), 'clamp: neither min nor max is given (give one: { min: 0 })'],
    [() => clamp(x, null), 'clamp: neither min nor max is given (give one: { min: 0 })'],
    [() => clamp(x, 'a'), "clamp: the options are 'a' (it takes { min, max })"],
    [() => clamp(x, { min: 0 }, 1), 'clamp: min is an object, not a tensor (make it with tensor(…))'],
    [() => clamp(x, 0, '1'), "clamp: max is '1', not a tensor (make it with tensor(…))"],
    [() => clamp(x, { low: 0 }), 'clamp: there is no option low (it takes { min, max })'],
    [() => clamp(x, { min: i3 }), "clamp: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => clamp(b3, { min: 0 }), "clamp: x is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => clamp(i3, { min: 0.5 }), `clamp: 0.5 ${INT}`],
    [() => clamp(x, { max: '3' }), "clamp: max is '3', not a tensor (make it with tensor(…))"],
    [
      () => clamp(x, { min: v2 }),
      'clamp: [2, 3] and [2] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)',
    ],
    [() => clamp(5, { min: 0 }), 'clamp: x is 5, not a tensor (make it with tensor(…))'],
  ]))

describe('two inputs', () =>
  refuse([
    [() => remainder(x, i3), "remainder: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => remainder(i3, 1.5), `remainder: 1.5 ${INT}`],
    [() => remainder(7, 3), 'remainder: operands are 7, 3 (one must be a tensor)'],
    [() => fmod(x, v2), 'fmod: [2, 3] and [2] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)'],
    [() => fmod(b3, b3), "fmod: a is bool, not float32 or float64 or int32 (cast with x.to('float32'))"],
    [() => atan2(i3, i3), `atan2: a is int32, ${FLOATS}`],
    [() => atan2(x), 'atan2: b is undefined, not a tensor (make it with tensor(…))'],
    [() => logaddexp(x, d), "logaddexp: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => logaddexp(x, away), 'logaddexp: inputs are on cpu and cpu (move one with to(device))'],
  ]))

describe('three inputs', () =>
  refuse([
    [() => lerp(x, d, 0.5), "lerp: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => lerp(i3, i3, 0.5), `lerp: a is int32, ${FLOATS}`],
    [() => lerp(x, x), 'lerp: weight is undefined, not a tensor (make it with tensor(…))'],
    [() => lerp(1, 2, 3), 'lerp: operands are 1, 2, 3 (one must be a tensor)'],
    [
      () => addcmul(x, v2, x),
      'addcmul: [2, 3] and [2] and [2, 3] do not broadcast, axis -1 is 3 and 2 (reshape or unsqueeze one)',
    ],
    [() => addcmul(x, x, x, { value: '2' }), "addcmul: value is '2' (give a number)"],
    [() => addcmul(x, x), 'addcmul: b is undefined, not a tensor (make it with tensor(…))'],
    [() => addcmul(i3, i3, i3, { value: 0.5 }), `addcmul: 0.5 ${INT}`],
    [() => where(undefined, 1, 2), 'where: cond is undefined, not a tensor (make it with tensor(…))'],
    [() => where(x, 1, 2), "where: cond is float32, not bool (cast with x.to('bool'))"],
    [() => maskedFill(x, x, 0), "maskedFill: mask is float32, not bool (cast with x.to('bool'))"],
    [
      () => maskedFill(v2, b3, 0),
      'maskedFill: [2] and [3] do not broadcast, axis -1 is 2 and 3 (reshape or unsqueeze one)',
    ],
    [() => maskedFill(i3, b3, 0.5), `maskedFill: 0.5 ${INT}`],
    [() => maskedFill(x, b3, v2), 'maskedFill: value is [2] (give a number or a 0-d tensor; where() broadcasts)'],
    [() => maskedFill(x, b3), 'maskedFill: value is undefined (give a number)'],
    [() => maskedFill(x, b3, one), "maskedFill: inputs are float32 and int32 (cast with x.to('float32'))"],
    [() => maskedFill(5, b3, 0), 'maskedFill: x is 5, not a tensor (make it with tensor(…))'],
  ]))

describe('activations', () =>
  refuse([
    [() => silu(i3), `silu: x is int32, ${FLOATS}`],
    [() => mish(5), 'mish: operands are 5 (one must be a tensor)'],
    [() => gelu(x, { approximate: 'erf' }), "gelu: approximate is 'erf' ('none' or 'tanh')"],
    [() => elu(x, 2, { alpha: 3 }), 'elu: alpha is given twice'],
    [
      () => elu(x, Object.assign(Object.create(null), { beta: 3 })),
      'elu: there is no option beta (it takes { alpha })',
    ],
    [() => elu(x, runInNewContext('({ beta: 3 })')), 'elu: there is no option beta (it takes { alpha })'],
    [() => gelu(x, 'erf'), "gelu: approximate is 'erf' ('none' or 'tanh')"],
    [() => gelu(b3), `gelu: x is bool, ${FLOATS}`],
    [() => logSigmoid(i3), `logSigmoid: x is int32, ${FLOATS}`],
    [() => leakyRelu(x, '0.1'), "leakyRelu: negativeSlope is '0.1' (give a number)"],
    [() => leakyRelu(x, { negativeSlope: null }), 'leakyRelu: negativeSlope is null (give a number)'],
    [() => leakyRelu(x, { slope: 1 }), 'leakyRelu: there is no option slope (it takes { negativeSlope })'],
    [() => leakyRelu(i3), `leakyRelu: x is int32, ${FLOATS}`],
    [
      () => prelu(x, v2),
      'prelu: weight is [2] for an input of [2, 3] (give one slope, or one for each channel: axis 1 of the input)',
    ],
    [() => prelu(x, 0.1), 'prelu: weight is 0.1, not a tensor (make it with tensor(…))'],
    [() => prelu(x, d), "prelu: inputs are float32 and float64 (cast with x.to('float32'))"],
    [() => prelu(i3, i3), `prelu: x is int32, ${FLOATS}`],
    [
      () => prelu(v2, v2),
      'prelu: weight is [2] for an input of [2] (give one slope, or one for each channel: axis 1 of the input)',
    ],
    [() => elu(x, null), 'elu: alpha is null (give a number)'],
    [() => elu(i3), `elu: x is int32, ${FLOATS}`],
    [() => selu(i3), `selu: x is int32, ${FLOATS}`],
    [() => celu(x, 0), 'celu: alpha is 0 (give another number)'],
    [() => celu(x, true), 'celu: alpha is true (give a number)'],
    [() => relu6(i3), `relu6: x is int32, ${FLOATS}`],
    [() => hardtanh(x, 1, 1), 'hardtanh: minVal 1 is not below maxVal 1'],
    [() => hardtanh(x, '0'), "hardtanh: minVal is '0' (give a number)"],
    [() => hardtanh(i3), `hardtanh: x is int32, ${FLOATS}`],
    [() => hardsigmoid(b3), `hardsigmoid: x is bool, ${FLOATS}`],
    [() => hardswish(i3), `hardswish: x is int32, ${FLOATS}`],
    [() => softsign('x'), "softsign: x is 'x', not a tensor (make it with tensor(…))"],
    [() => glu(x), 'glu: axis 1 of [2, 3] has no halves (its size must be even)'],
    [() => glu(s), 'glu: tensor #n [] is 0-d (it has no halves)'],
    [() => glu(x, 2), 'glu: dim 2 is out of range for a tensor of 2 dims (give -2 to 1)'],
    [() => glu(i3), `glu: x is int32, ${FLOATS}`],
  ]))

/**
 * @file Random tensors: uniform and normal numbers, integers, permutations, coin flips, categories. All follow from
 * `manualSeed` and are the same on every device; integers and the races of multinomial are drawn on the host.
 */

import * as shaders from '../../core/contracts.generated.ts'
import { describe, fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { launch, tensorOf } from '../../core/launch.ts'
import { cutOf, floats } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { broadcastShapes, checkShape, type Shape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { defaultGenerator } from '../base/generator.ts'
import * as kernels from '../base/kernels.generated.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { contiguous, slice } from '../base/views.ts'
import { deviceAndDType, finished, optionsLike, type TensorOptions, written } from '../creation/making.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, gt, lt, minimum, mul, where } from '../elementwise/elementwise.ts'
import { scaleOf } from '../reduce/lengths.ts'
import { sum } from '../reduce/reduce.ts'
import { cumsum } from '../reduce/scan.ts'
import { searchsorted, topk } from '../reduce/sort.ts'

/**
 * Integers in [0, high) or [low, high), each as likely; int32.
 * @param low,high  int32
 * @throws HandgradError if low is not below high or one is not an int32, shape is not a list of at most 8 integers from
 *   0 up, or the dtype is bool
 */
export function randint(high: number, shape: Shape, options?: TensorOptions): Tensor
export function randint(low: number, high: number, shape: Shape, options?: TensorOptions): Tensor
export function randint(...given: unknown[]): Tensor {
  const op = 'randint'
  const [low, high, shape, options = {}] = (typeof given[1] === 'number' ? given : [0, ...given]) as [
    number,
    number,
    Shape,
    TensorOptions?,
  ]
  checkShape(op, shape)
  const { device, dtype } = deviceAndDType(op, options, 'int32')
  if (dtype === 'bool') fail(op, 'dtype is bool', 'use bernoulli')
  if (low !== (low | 0) || !Number.isInteger(high) || high <= low || high > 2 ** 31)
    fail(op, `the range is ${low} to ${high}`, 'give int32, low below high')
  const random = defaultGenerator.host
  return finished(
    written(op, shape, dtype, device, () => low + random.int(high - low)),
    options,
  )
}

/**
 * 0 … n − 1 in random order, each order as likely; int32.
 * @returns [n]
 * @throws HandgradError if n is not an integer from 0 to 2³¹ − 1
 */
export function randperm(n: number, options?: TensorOptions): Tensor {
  const { device, dtype } = deviceAndDType('randperm', options, 'int32')
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) fail('randperm', `n is ${n}`, 'give an integer from 0 up')
  return finished(tensorOf(defaultGenerator.host.permutation(n), [n], dtype, device, 'randperm'), options)
}

/**
 * y = 1 with probability p, else 0, as floats; no gradient. That a tensor's elements lie in [0, 1] is not checked, for
 * that would wait for the device.
 * @param p      a tensor of probabilities, whose shape, dtype and device y has; or one number, with a shape
 * @throws HandgradError if a number p is not in [0, 1], shape is not a list of at most 8 integers from 0 up or given
 *   with a tensor, or the dtype is not of floats or the device does not have it
 */
export function bernoulli(p: Tensor): Tensor
export function bernoulli(p: number, shape: Shape, options?: Pick<TensorOptions, 'device' | 'dtype'>): Tensor
export function bernoulli(
  p: Tensor | number,
  given?: Shape,
  options?: Pick<TensorOptions, 'device' | 'dtype'>,
): Tensor {
  const op = 'bernoulli'
  const shape = given ?? []
  if (typeof p === 'number') {
    if (!(p >= 0 && p <= 1)) fail(op, `p is ${p}`, 'give a probability, from 0 to 1')
  } else {
    checkDType(op, 'p', p, floats)
    if (given) fail(op, `shape is ${describe(given)}`, 'p is a tensor: y has its shape and dtype')
  }
  const where = optionsOf(op, options, { device: null, dtype: null })
  checkFloats(op, shape, where)
  const y = noGrad(() => {
    const u = p instanceof Tensor ? randLike(p) : rand(shape, where)
    return cast(lt(u, p), u.dtype)
  })
  y.cut = cutOf(op, p instanceof Tensor ? [p] : [])
  return y
}

/**
 * y ~ N(mean, std²); no gradient: write add(mean, mul(std, randn(…))) for one.
 * @param mean,std  tensors, which broadcast, or numbers
 * @param shape     only where both are numbers
 * @throws HandgradError if a number std is below 0, tensors do not broadcast or differ in dtype or device, shape is
 *   given with a tensor, missing without one or no list of sizes, the dtype is not of floats, or there are options
 *   other than requiresGrad beside a tensor
 */
export function normal(
  mean: Tensor | number,
  std: Tensor | number = 1,
  shape?: Shape,
  options?: TensorOptions,
): Tensor {
  const op = 'normal'
  const tensors = [mean, std].filter((x) => typeof x !== 'number')
  tensors.forEach((x) => checkDType(op, 'mean or std', x, floats))
  if (typeof std === 'number' && !(std >= 0)) fail(op, `std is ${std}`, 'give a number from 0 up')
  const [first, second] = tensors
  if (first ? shape !== undefined : shape === undefined)
    fail(op, `shape is ${describe(shape)}`, 'give one where mean and std are numbers, and only there')
  if (second) checkSameKind(op, first, 'std', second)
  if (shape) checkFloats(op, shape, options)
  else optionsOf(op, options as Pick<TensorOptions, 'requiresGrad'>, { requiresGrad: false })
  const y = noGrad(() => {
    const z = first
      ? randn(broadcastShapes(op, ...tensors.map((x) => x.shape)), { dtype: first.dtype, device: first.device })
      : randn(shape as Shape, options)
    return add(mul(z, std), mean)
  })
  y.cut = cutOf(op, tensors)
  return finished(y, options)
}

/**
 * n indices per row of weights, drawn with probability in proportion to them; int32.
 *
 * Without replacement by a race: index i arrives after an exponential time with rate w_i, and the n first are taken
 * (Efraimidis & Spirakis 2006), in that order. With replacement by searching for uniforms in the running sum: there the
 * devices agree but for float32 rounding of that sum. A weight of 0 is never drawn.
 * @param weights  [m] or [rows, m], ≥ 0 and finite
 * @param n        without replacement at most as many as there are weights above 0 in each row
 * @param options.replacement  default false
 * @returns        [n] or [rows, n]
 * @throws HandgradError if weights are not [m] or [rows, m] or are empty, n is not an integer from 1 up, or more than m
 *   without replacement; on the CPU at once, on a GPU at the next read, with weight and row, if a weight is negative,
 *   NaN or ∞, those of a row add up to 0 or beyond the range of the dtype (with replacement), or fewer than n are above
 *   0 (without)
 */
export function multinomial(weights: Tensor, n: number, replacement?: boolean): Tensor
/** The same by name: `multinomial(weights, 3, { replacement: true })`. */
export function multinomial(weights: Tensor, n: number, options?: { replacement?: boolean }): Tensor
export function multinomial(weights: Tensor, n: number, ...given: unknown[]): Tensor {
  const op = 'multinomial'
  checkDType(op, 'weights', weights, floats)
  const { replacement } = parametersOf(op, given, { replacement: false })
  const m = weights.shape[weights.ndim - 1]
  if (weights.ndim < 1 || weights.ndim > 2 || m === 0)
    fail(op, `weights are ${showShape(weights.shape)}`, 'give [m] or [rows, m]')
  if (!Number.isInteger(n) || n < 1) fail(op, `n is ${n}`, 'give an integer from 1 up')
  if (!replacement && n > m) fail(op, `n is ${n}, the weights are ${m}`, 'draw fewer, or with replacement')
  const drawn = () => {
    const { dtype, device, shape, numel } = weights
    const of = contiguous(weights)
    if (replacement) {
      const sums = cumsum(of, -1)
      const total = slice(sums, ...(weights.ndim > 1 ? [null] : []), [m - 1])
      checkWeights(of, total, n)
      // The sum rises at the place that is found, so its weight is above 0; the last such place, where the sum comes to
      // the total, stands in where u·total is rounded up to the total: of denormals.
      const found = searchsorted(sums, mul(rand([...shape.slice(0, -1), n], { dtype, device }), total), { right: true })
      return minimum(found, searchsorted(sums, total))
    }
    const above = gt(of, 0)
    checkWeights(of, sum(cast(above, 'int32'), -1), n)
    // 1/time, from the host: multiplied, not divided, it orders alike on every device. The time is never 0.
    const random = defaultGenerator.host
    const speed = Float64Array.from({ length: numel }, () => -1 / Math.log(Math.max(random.uniform(), 2 ** -53)))
    // In units of a power of 2 near the greatest, so that no product of those that count leaves the range.
    const scaled = div(of, scaleOf(of, [of.ndim - 1]))
    // Below all of those that run: a weight of 0, also where a small weight's speed is rounded to 0.
    return topk(where(above, mul(scaled, tensorOf(speed, shape, dtype, device, op)), -1), n, -1).indices
  }
  const y = scope(() => noGrad(drawn))
  y.cut = cutOf(op, [weights])
  return y
}

/**
 * Refuse weights that nothing can be drawn by: on the CPU at once, on a GPU at the next read.
 * @param ofRow  of each row of weights its sum; or, as int32, how many of them are above 0
 */
function checkWeights(weights: Tensor, ofRow: Tensor, n: number): void {
  const { numel: size, shape } = weights
  if (size === 0) return
  const cols = shape[shape.length - 1]
  const each = contiguous(ofRow)
  const offsets = { x_offset: weights.layout.offset, row_offset: each.layout.offset }
  const params = { size, rows: size / cols, cols, draws: n, ...offsets, launch_id: 0 }
  launch('multinomial', kernels.weights, [weights, each], params, { COUNTS: each.dtype === 'int32' ? 1 : 0 })
}

/** What rand and randn would refuse, under another name. */
function checkFloats(op: string, shape: Shape, options: TensorOptions | undefined): void {
  checkShape(op, shape)
  const { dtype } = deviceAndDType(op, options)
  if (!floats.includes(dtype)) fail(op, `dtype is ${dtype}`, 'random numbers are floats')
}

/** As {@link rand}, in x's shape, dtype and device. @throws HandgradError if the dtype is not of floats */
export const randLike = (x: Tensor, options?: TensorOptions): Tensor => drawnLike('randLike', rand, x, options)
/** As {@link randn}, in x's shape, dtype and device. @throws HandgradError if the dtype is not of floats */
export const randnLike = (x: Tensor, options?: TensorOptions): Tensor => drawnLike('randnLike', randn, x, options)

function drawnLike(op: string, draw: typeof rand, x: Tensor, options: TensorOptions | undefined): Tensor {
  const all = optionsLike(op, x, options)
  checkFloats(op, x.shape, all)
  return draw(x.shape, all)
}

const { UNIFORM, NORMAL } = shaders.random.consts

function randomTensor(op: string, shape: Shape, KIND: number, options: TensorOptions | undefined): Tensor {
  checkShape(op, shape)
  const { device, dtype } = deviceAndDType(op, options)
  if (!floats.includes(dtype)) fail(op, `dtype is ${dtype}`, 'random numbers are floats')
  const y = Tensor.alloc(device, dtype, [...shape], op)
  const size = y.numel
  if (size > 0) launch(op, kernels.random, [y], { size, ...defaultGenerator.draw(Math.ceil(size / 4)) }, { KIND })
  return finished(y, options)
}

/**
 * Uniform numbers in [0, 1), multiples of 2⁻²⁴ in float64 too; equal on every device for one seed: Philox4x32-10
 * (Salmon et al. 2011).
 * @throws HandgradError if shape is not a list of at most 8 integers from 0 up, or the dtype is not of floats
 */
export const rand = (shape: Shape, options?: TensorOptions): Tensor => randomTensor('rand', shape, UNIFORM, options)

/**
 * Standard normal numbers, from the numbers of {@link rand} (Box & Muller 1958); equal on every device to 1e-6 for one
 * seed. In float64 too they come from 24 bits each: at most 2⁴⁸ values, none beyond ±5.77.
 * @throws HandgradError if shape is not a list of at most 8 integers from 0 up, or the dtype is not of floats
 */
export const randn = (shape: Shape, options?: TensorOptions): Tensor => randomTensor('randn', shape, NORMAL, options)

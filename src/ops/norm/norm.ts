/**
 * @file Normalisation: every kind of it brings its elements into rows, and one kernel makes each row's mean 0 and
 * variance 1 (or its mean square 1), times a weight and plus a bias for each channel.
 */

import { fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { floats } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { type Shape, sameShape, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { stored } from '../base/halves.ts'
import { parametersOf } from '../base/options.ts'
import { permute, reshape } from '../base/views.ts'
import { add, mul, rsqrt, sub } from '../elementwise/elementwise.ts'
import { copy_ } from '../inplace/inplace.ts'
import { mean } from '../reduce/reduce.ts'
import { meanNorm, rmsOp, varianceOf } from './rownorm.ts'

type Maybe = Tensor | null | undefined

/** Weight or bias: of x's kind, of the shape of the channels. */
function checkChannels(op: string, x: Tensor, name: string, k: Maybe, shape: Shape): void {
  if (!k) return
  checkSameKind(op, x, name, k)
  if (!sameShape(k.shape, shape)) fail(op, `${name} is ${showShape(k.shape)}`, `give ${showShape(shape)}`)
}

function checkEps(op: string, eps: unknown): void {
  if (!(typeof eps === 'number' && eps >= 0)) fail(op, `eps is ${eps}`, 'give a number from 0 up')
}

/** x·w + b, w and b of the shape that they take next to x. */
function affine(x: Tensor, w: Maybe, b: Maybe, shape: Shape): Tensor {
  const y = w ? mul(x, reshape(w, shape)) : x
  return b ? add(y, reshape(b, shape)) : y
}

const flat = (k: Maybe): Tensor | undefined => (k ? reshape(k, [k.numel]) : undefined)

function trailing(
  name: string,
  op: typeof meanNorm,
  x: Tensor,
  given: number | Shape,
  w: Maybe,
  b: Maybe,
  options: readonly unknown[],
  otherwise: number,
): Tensor {
  const { eps: chosen } = parametersOf(name, options, { eps: null as number | null })
  const eps = chosen ?? otherwise
  checkDType(name, 'x', x, stored)
  const inner = typeof given === 'number' ? [given] : given
  if (!Array.isArray(inner) || inner.length === 0 || !sameShape(x.shape.slice(-inner.length), inner)) {
    const shown = Array.isArray(inner) ? showShape(inner) : String(inner)
    fail(name, `normalizedShape is ${shown}, the input ${showShape(x.shape)}`, 'give the last axes of the input')
  }
  checkEps(name, eps)
  checkChannels(name, x, 'weight', w, inner)
  checkChannels(name, x, 'bias', b, inner)
  if (x.numel === 0) return affine(x, w, b, inner)
  const cols = sizeOf(inner)
  return reshape(op([reshape(x, [x.numel / cols, cols]), flat(w), flat(b)], { groups: 1, span: 1, eps }), x.shape)
}

/**
 * y = (x − μ)/√(σ² + ε)·w + b, μ and σ² over the last axes (Ba et al. 2016). Also where σ² leaves the range of the
 * dtype; so do the other normalisations. Dtypes: floats.
 * @param normalizedShape  sizes of those axes
 * @param weight           [normalizedShape], or null for 1
 * @param bias             [normalizedShape], or null for 0
 * @param options.eps      default 1e-5
 * @throws HandgradError if normalizedShape is not that of the last axes of x, or eps is not a number from 0 up
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight?: Tensor | null,
  bias?: Tensor | null,
  eps?: number,
): Tensor
/** The same by name: `layerNorm(x, 3, weight, bias, { eps: 1e-3 })`. */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: { eps?: number },
): Tensor
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  ...given: unknown[]
): Tensor {
  return trailing('layerNorm', meanNorm, x, normalizedShape, weight, bias, given, 1e-5)
}

/**
 * y = x/√(mean x² + ε)·w over the last axes (Zhang and Sennrich 2019). Dtypes: floats.
 * @param normalizedShape  sizes of those axes
 * @param weight           [normalizedShape], or null for 1
 * @param options.eps      default, or null: the gap between 1 and the next float, 2⁻²³ or 2⁻⁵²
 * @throws HandgradError if normalizedShape is not that of the last axes of x, or eps is not a number from 0 up
 */
export function rmsNorm(x: Tensor, normalizedShape: number | Shape, weight?: Tensor | null, eps?: number | null): Tensor
/** The same by name: `rmsNorm(x, 3, weight, { eps: 1e-3 })`. */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight?: Tensor | null,
  options?: { eps?: number | null },
): Tensor
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  ...given: unknown[]
): Tensor {
  const gap = x?.dtype === 'float64' ? 2 ** -52 : 2 ** -23
  return trailing('rmsNorm', rmsOp, x, normalizedShape, weight, null, given, gap)
}

/** The shape of a channel's constant next to x [N, C, …]. */
const besides = (x: Tensor): number[] => x.shape.map((n, d) => (d === 1 ? n : 1))

function checkImage(op: string, x: Tensor): void {
  checkDType(op, 'x', x, floats)
  if (x.ndim < 2) fail(op, `the input is ${showShape(x.shape)}`, 'give [batch, channels, …]')
}

/**
 * {@link layerNorm} over groups of channels and all later axes, separately: y = (x − μ)/√(σ² + ε)·w + b (Wu
 * and He 2018). Dtypes: floats.
 * @param x           [N, C, …]
 * @param numGroups   a divisor of C
 * @param weight      [C], or null for 1
 * @param bias        [C], or null for 0
 * @param options.eps default 1e-5
 * @throws HandgradError if x has fewer than two axes, numGroups does not divide C, or eps is not a number from 0 up
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  weight?: Tensor | null,
  bias?: Tensor | null,
  eps?: number,
): Tensor
/** The same by name: `groupNorm(x, 2, weight, bias, { eps: 1e-3 })`. */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: { eps?: number },
): Tensor
export function groupNorm(
  x: Tensor,
  numGroups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  ...given: unknown[]
): Tensor {
  const op = 'groupNorm'
  const { eps } = parametersOf(op, given, { eps: 1e-5 })
  checkImage(op, x)
  const [batch, channels] = x.shape
  if (!(Number.isInteger(numGroups) && numGroups > 0 && channels % numGroups === 0))
    fail(op, `${numGroups} groups do not divide ${channels} channels`)
  checkEps(op, eps)
  checkChannels(op, x, 'weight', weight, [channels])
  checkChannels(op, x, 'bias', bias, [channels])
  if (x.numel === 0) return affine(x, weight, bias, besides(x))
  const rows = reshape(x, [batch * numGroups, x.numel / (batch * numGroups)])
  const span = x.numel / (batch * channels)
  return reshape(meanNorm([rows, flat(weight), flat(bias)], { groups: numGroups, span, eps }), x.shape)
}

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** [C]; default: 1. */
  weight?: Tensor | null
  /** [C]; default: 0. */
  bias?: Tensor | null
  /** Weight of the new statistics in the running ones. Default 0.1. */
  momentum?: number
  /** Default 1e-5. */
  eps?: number
}

/** Of {@link BatchNormOptions}, in PyTorch's order around one that differs. */
const affineDefaults = { weight: null as Maybe, bias: null as Maybe }
const stepDefaults = { momentum: 0.1, eps: 1e-5 }
type Given = typeof affineDefaults & typeof stepDefaults

/** Running statistics: constants that a step changes. */
function checkRunning(op: string, x: Tensor, runningMean: Maybe, runningVar: Maybe, options: Given): void {
  const { weight, bias, momentum, eps } = options
  checkImage(op, x)
  const channels = [x.shape[1]]
  checkChannels(op, x, 'weight', weight, channels)
  checkChannels(op, x, 'bias', bias, channels)
  checkChannels(op, x, 'runningMean', runningMean, channels)
  checkChannels(op, x, 'runningVar', runningVar, channels)
  if (!(momentum >= 0 && momentum <= 1)) fail(op, `momentum is ${momentum}`, 'give a number from 0 to 1')
  checkEps(op, eps)
}

/** running ← (1 − momentum)·running + momentum·value(). */
function follow(running: Maybe, momentum: number, value: () => Tensor): void {
  if (running) scope(() => noGrad(() => void copy_(running, add(mul(running, 1 - momentum), mul(value(), momentum)))))
}

/** (x − running mean)/√(running variance + ε)·w + b. */
function byRunning(op: string, x: Tensor, m: Maybe, v: Maybe, { weight, bias, eps }: Given): Tensor {
  if (!m || !v)
    fail(op, 'there are no running statistics', 'give runningMean and runningVar, or normalise by the batch')
  const shape = besides(x)
  return affine(mul(sub(x, reshape(m, shape)), reshape(rsqrt(add(v, eps)), shape)), weight, bias, shape)
}

/**
 * y = (x − μ)/√(σ² + ε)·w + b for each channel. In training μ and σ² are those of the batch, over all axes but 1, and
 * the running ones take a step towards them, in place, σ² with n − 1 below; else they are the running ones (Ioffe and
 * Szegedy 2015). Dtypes: floats.
 * @param x            [N, C, …]
 * @param runningMean  [C], or null for none; changed in training
 * @param runningVar   [C], or null for none; changed in training
 * @param weight,bias  [C]; default, or null: 1 and 0
 * @param training  default false
 * @throws HandgradError in training on one value per channel (its variance says nothing), else without running
 *   statistics; if x has fewer than two axes, momentum is not in [0, 1], or eps is not a number from 0 up
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight?: Tensor | null,
  bias?: Tensor | null,
  training?: boolean,
  momentum?: number,
  eps?: number,
): Tensor
/** The same by name: `batchNorm(x, mean, variance, { weight, training: true })`. */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options?: BatchNormOptions & { training?: boolean },
): Tensor
export function batchNorm(x: Tensor, runningMean: Maybe, runningVar: Maybe, ...options: unknown[]): Tensor {
  const op = 'batchNorm'
  const given = parametersOf(op, options, { ...affineDefaults, training: false, ...stepDefaults })
  const { weight, bias, training, momentum, eps } = given
  checkRunning(op, x, runningMean, runningVar, given)
  if (!training) return byRunning(op, x, runningMean, runningVar, given)
  if (x.numel === 0) return affine(x, weight, bias, besides(x))
  const [batch, channels, ...rest] = x.shape
  const n = batch * sizeOf(rest)
  if (n === 1) fail(op, `${showShape(x.shape)} has one value per channel`, 'training needs more, or training: false')
  const swap = [1, 0, ...rest.map((_, d) => d + 2)]
  const rows = reshape(permute(x, swap), [channels, n])
  const attrs = { groups: channels, span: n, eps }
  const [y, m, spread] = meanNorm.all([rows, flat(weight), flat(bias)], attrs)
  follow(runningMean, momentum, () => m)
  follow(runningVar, momentum, () => mul(varianceOf(spread), n / (n - 1)))
  return permute(reshape(y, [channels, batch, ...rest]), swap)
}

/**
 * {@link batchNorm} for each sample: μ and σ² over the axes after the channels (Ulyanov et al. 2016). Running
 * statistics take the mean over the samples. Dtypes: floats.
 * @param x  [N, C, …]
 * @param weight,bias  [C]; default, or null: 1 and 0
 * @param useInputStats  false: normalise by the running statistics. Default true
 * @param runningMean,runningVar  [C], or null for none; changed unless useInputStats is false
 * @throws HandgradError on one value per channel, or without `useInputStats` and running statistics; if x has fewer
 *   than two axes, momentum is not in [0, 1], or eps is not a number from 0 up
 */
export function instanceNorm(
  x: Tensor,
  runningMean?: Tensor | null,
  runningVar?: Tensor | null,
  weight?: Tensor | null,
  bias?: Tensor | null,
  useInputStats?: boolean,
  momentum?: number,
  eps?: number,
): Tensor
/** The same by name: `instanceNorm(x, { weight, bias })`. */
export function instanceNorm(
  x: Tensor,
  options?: BatchNormOptions & {
    runningMean?: Tensor | null
    runningVar?: Tensor | null
    useInputStats?: boolean
  },
): Tensor
export function instanceNorm(x: Tensor, ...options: unknown[]): Tensor {
  const op = 'instanceNorm'
  const given = parametersOf(op, options, {
    runningMean: null as Maybe,
    runningVar: null as Maybe,
    ...affineDefaults,
    useInputStats: true,
    ...stepDefaults,
  })
  const { runningMean, runningVar, useInputStats, weight, bias, momentum, eps } = given
  checkRunning(op, x, runningMean, runningVar, given)
  if (!useInputStats) return byRunning(op, x, runningMean, runningVar, given)
  if (x.numel === 0) return affine(x, weight, bias, besides(x))
  const [batch, channels, ...rest] = x.shape
  const n = sizeOf(rest)
  if (n === 1) fail(op, `${showShape(x.shape)} has one value per channel`, 'give axes after the channels')
  const rows = reshape(x, [batch * channels, n])
  const [y, m, spread] = meanNorm.all([rows, flat(weight), flat(bias)], { groups: channels, span: n, eps })
  const overSamples = (stat: Tensor) => mean(reshape(stat, [batch, channels]), 0)
  follow(runningMean, momentum, () => overSamples(m))
  follow(runningVar, momentum, () => mul(overSamples(varianceOf(spread)), n / (n - 1)))
  return reshape(y, x.shape)
}

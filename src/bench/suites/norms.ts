/** @file Normalisation: layerNorm, rmsNorm, batchNorm and groupNorm, forward and backward. */
import type { Device } from '../../core/device.ts'
import type { Tensor } from '../../core/tensor.ts'
import { batchNorm, groupNorm, layerNorm, rmsNorm } from '../../index.ts'
import { norm, norm_grad, norm_grad_affine } from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { backward, COLS, inputsOf, productOf, rowsAt, WORD } from './common.ts'

interface Kind {
  readonly name: string
  readonly shape: readonly number[]
  /** Elements of weight and of bias, 0 for none. */
  readonly affine: readonly [number, number]
  /** Its rows are those of the kernel. */
  readonly rows: boolean
  f(x: Tensor, weight: Tensor, bias: Tensor): Tensor
}

function kindsAt(scale: Scale): Kind[] {
  const rows = rowsAt(scale)
  const images = [rows / 64, 64, 32, 32]
  return [
    {
      name: 'layerNorm of 1024',
      shape: [rows, COLS],
      affine: [COLS, COLS],
      rows: true,
      f: (x, w, b) => layerNorm(x, COLS, w, b),
    },
    { name: 'rmsNorm of 1024', shape: [rows, COLS], affine: [COLS, 0], rows: true, f: (x, w) => rmsNorm(x, COLS, w) },
    {
      name: 'batchNorm of 64 channels',
      shape: images,
      affine: [64, 64],
      rows: false,
      f: (x, weight, bias) => batchNorm(x, null, null, { weight, bias, training: true }),
    },
    {
      name: 'groupNorm of 8 groups',
      shape: images,
      affine: [64, 64],
      rows: true,
      f: (x, weight, bias) => groupNorm(x, 8, weight, bias),
    },
  ]
}

function cases(scale: Scale): Case[] {
  return kindsAt(scale).flatMap(({ name, shape, affine: [weights, biases], rows, f }): Case[] => {
    const n = productOf(shape)
    const affine = [weights, ...(biases > 0 ? [biases] : [])].map((size) => [size])
    return [
      {
        name,
        ...(rows && { kernel: norm }),
        // Two sums (μ and σ²: three operations), a difference, a factor, weight and bias: seven an element, five
        // without μ and bias. x is read and y written.
        flop: (biases > 0 ? 7 : 5) * n,
        bytes: WORD * (2 * n + weights + biases),
        inputs: inputsOf(shape, ...affine),
        run: ([x, w, b]) => f(x, w, b),
      },
      {
        name: `${name}, backward`,
        ...(rows && { kernel: norm_grad }),
        // Of x: two sums over g·w and g·w·x̂ (five operations) and the line through them (four); of the weights two.
        flop: 11 * n,
        // x and g are read, the gradient of x is written; those of the weights are small.
        bytes: WORD * (3 * n + weights + biases),
        // A weight's gradient sums over all rows: rounding grows with the root of their number.
        ulp: 64 + Math.sqrt(n / weights),
        inputs: (device: Device, seed: number) => [
          ...[shape, ...affine].map((size, i) => leaf(size, 4 * seed + i, device)),
          uniform(shape, 4 * seed + 3, device),
        ],
        ...backward((x, w, b) => f(x, w, b)),
      },
      {
        name: `${name}, gradients of weight and bias`,
        ...(rows && { kernel: norm_grad_affine }),
        // x̂ (three operations), times g, and two sums.
        flop: 6 * n,
        bytes: WORD * (2 * n + weights + biases),
        ulp: 64 + Math.sqrt(n / weights),
        inputs: (device: Device, seed: number) => [
          uniform(shape, 4 * seed, device),
          ...affine.map((size, i) => leaf(size, 4 * seed + 1 + i, device)),
          uniform(shape, 4 * seed + 3, device),
        ],
        ...backward((x, w, b) => f(x, w, b)),
      },
    ]
  })
}

export const normsSuite: Suite = { name: 'norms', about: 'normalisation by rows, channels and groups', cases }

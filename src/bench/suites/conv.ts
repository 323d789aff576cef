/** @file Convolution of images: forward, and its gradients by images and by weights. */
import type { Tensor } from '../../core/tensor.ts'
import * as ops from '../../index.ts'
import { conv2d, conv2d_grad_weight } from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { backward, inputsOf, productOf, WORD } from './common.ts'

interface Layer {
  readonly batch: number
  readonly inputs: number
  readonly outputs: number
  readonly side: number
  readonly taps: number
  readonly groups?: number
}

function of(layer: Layer): Case[] {
  const { batch, inputs, outputs, side, taps, groups = 1 } = layer
  const x = [batch, inputs, side, side]
  const y = [batch, outputs, side, side]
  const w = [outputs, inputs / groups, taps, taps]
  // A product and a sum for each weight and place of y, padding and all; each gradient needs as many.
  const flop = 2 * productOf(w) * batch * side * side
  const bytes = WORD * (productOf(x) + productOf(y) + productOf(w))
  const f = (a: Tensor, b: Tensor): Tensor => ops.conv2d(a, b, null, { padding: (taps - 1) / 2, groups })
  const grouped = groups > 1 ? `, ${groups} groups` : ''
  const name = `${batch}×${inputs}→${outputs}×${side}×${side}, ${taps}×${taps}${grouped}`
  const gradient = (of: string, byImages: boolean, byWeights: boolean, rest: Partial<Case>): Case => ({
    name: `${name}, ${of}`,
    flop: byImages && byWeights ? 2 * flop : flop,
    bytes,
    // A weight's gradient sums over all places of all images.
    ulp: 64 + Math.sqrt(batch) * side,
    inputs: (device, seed) => [
      (byImages ? leaf : uniform)(x, 3 * seed, device),
      (byWeights ? leaf : uniform)(w, 3 * seed + 1, device),
      uniform(y, 3 * seed + 2, device),
    ],
    ...backward(f),
    ...rest,
  })
  const cases: Case[] = [
    { name, kernel: conv2d, flop, bytes, inputs: inputsOf(x, w), run: ([a, b]) => f(a, b) },
    gradient('gradient of images', true, false, { kernel: conv2d }),
    gradient('gradient of weights', false, true, { kernel: conv2d_grad_weight }),
    gradient('backward', true, true, { bytes: 2 * bytes }),
  ]
  if (flop < 2 ** 28) return cases
  const checks = of({ ...layer, batch: 1, side: Math.min(side, 14) })
  return cases.map((one, i) => ({ ...one, check: checks[i] }))
}

export const convSuite: Suite = {
  name: 'conv2d',
  about: 'convolution of images and both of its gradients',
  cases: (scale: Scale) =>
    scale === 'large'
      ? [
          ...of({ batch: 32, inputs: 64, outputs: 64, side: 56, taps: 3 }),
          ...of({ batch: 32, inputs: 256, outputs: 64, side: 56, taps: 1 }),
          ...of({ batch: 32, inputs: 64, outputs: 64, side: 56, taps: 3, groups: 64 }),
        ]
      : [
          ...of({ batch: 2, inputs: 16, outputs: 32, side: 28, taps: 3 }),
          ...of({ batch: 2, inputs: 64, outputs: 16, side: 28, taps: 1 }),
          ...of({ batch: 2, inputs: 8, outputs: 8, side: 14, taps: 3, groups: 8 }),
        ],
}

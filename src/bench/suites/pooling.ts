/** @file Pooling of images by maximum and mean, windows side by side and overlapping, forward and backward. */
import type { Tensor } from '../../core/tensor.ts'
import { avgPool2d, maxPool2d } from '../../index.ts'
import { pool, pool_grad } from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { at, backward, ofOne, productOf, WORD } from './common.ts'

const SIDE = 64

function cases(scale: Scale): Case[] {
  const x = [at(scale, 1, 8, 256), 16, SIDE, SIDE]
  const n = productOf(x)
  const of = (name: string, taps: number, stride: number, f: (x: Tensor) => Tensor): Case[] => {
    const side = Math.floor((SIDE - taps) / stride) + 1
    const y = [x[0], x[1], side, side]
    const windows = productOf(y)
    return [
      // One operation for each tap; x is read and y written.
      ofOne(name, x, f, { kernel: pool, flop: windows * taps ** 2, bytes: WORD * (n + windows) }),
      {
        name: `${name}, backward`,
        kernel: pool_grad,
        flop: windows * taps ** 2,
        // The cotangent is read and the gradient written; the maximum's place is looked for again in x.
        bytes: WORD * ((name.startsWith('max') ? 2 : 1) * n + windows),
        inputs: (device, seed) => [leaf(x, 2 * seed, device), uniform(y, 2 * seed + 1, device)],
        ...backward(f),
      },
    ]
  }
  return [
    ...of('max, 2×2', 2, 2, (x) => maxPool2d(x, 2)),
    ...of('max, 3×3 by 2', 3, 2, (x) => maxPool2d(x, 3, { stride: 2 })),
    ...of('mean, 2×2', 2, 2, (x) => avgPool2d(x, 2)),
    ...of('mean, 3×3 by 1', 3, 1, (x) => avgPool2d(x, 3, { stride: 1 })),
  ]
}

export const poolingSuite: Suite = { name: 'pooling', about: 'pooling of images, forward and backward', cases }

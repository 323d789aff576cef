/** @file Cross-entropy of logits by classes, few and many, forward and backward; squared errors. */
import type { Device } from '../../core/device.ts'
import type { Tensor } from '../../core/tensor.ts'
import { crossEntropy, mseLoss } from '../../index.ts'
import { cross_entropy, cross_entropy_grad } from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { indices, leaf, uniform } from '../numbers.ts'
import { at, backward, COLS, rowsAt, WORD } from './common.ts'

function cases(scale: Scale): Case[] {
  const n = rowsAt(scale) * COLS
  const loss = (x: Tensor, t: Tensor): Tensor => crossEntropy(x, t)
  const of = (cols: number, n: number): Case[] => {
    const pair = (device: Device, seed: number, make = uniform): Tensor[] => [
      make([n / cols, cols], 2 * seed, device),
      indices(cols, [n / cols], 2 * seed + 1, device),
    ]
    return [
      {
        name: `cross-entropy of ${cols} classes`,
        kernel: cross_entropy,
        // A maximum, a difference, an exponential and a sum for each logit, which is read.
        flop: 4 * n,
        bytes: WORD * (n + n / cols),
        inputs: (device, seed) => pair(device, seed),
        run: ([x, t]) => loss(x, t),
      },
      {
        name: `cross-entropy of ${cols} classes, backward`,
        kernel: cross_entropy_grad,
        // softmax(x) − 1 at the class, times g: a difference, an exponential, a factor; read and written once.
        flop: 3 * n,
        bytes: 2 * WORD * n,
        inputs: (device, seed) => [...pair(device, seed, leaf), uniform([], 2 * seed + 1, device)],
        ...backward(loss),
      },
    ]
  }
  return [
    // A workgroup for each row: a software adapter takes seconds for ten thousand of them.
    ...of(16, at(scale, n / 16, n / 16, n)),
    ...of(COLS, n),
    {
      name: 'mean squared error',
      // A difference, a square and a sum for each pair, which is read.
      flop: 3 * n,
      bytes: 2 * WORD * n,
      inputs: (device, seed) => [uniform([n], 2 * seed, device), uniform([n], 2 * seed + 1, device)],
      run: ([x, y]) => mseLoss(x, y),
    },
  ]
}

export const lossesSuite: Suite = { name: 'losses', about: 'cross-entropy and squared errors', cases }

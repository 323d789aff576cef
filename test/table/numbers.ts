/**
 * @file JS numbers next to float32 tensors: they are rounded to float32, as PyTorch does, so that the CPU finds the 0.1
 * of a tensor where WebGPU does. The answers are PyTorch's.
 */

import { grad } from '../../src/autograd/backward.ts'
import type { Device } from '../../src/core/device.ts'
import '../../src/methods.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import { hardtanh } from '../../src/ops/elementwise/activations.ts'

/** The op on a tensor of one number; its value, and its gradient where that is what the number decides. */
const cases: readonly (readonly [name: string, x: number, f: (x: Tensor) => Tensor, value: number, slope?: number])[] =
  [
    ['eq', 0.1, (x) => x.eq(0.1), 1],
    ['ne', 0.1, (x) => x.ne(0.1), 0],
    ['le', 0.1, (x) => x.le(0.1), 1],
    ['gt', 0.1, (x) => x.gt(0.1), 0],
    ['ge', 0.7, (x) => x.ge(0.7), 1],
    ['lt', 0.7, (x) => x.lt(0.7), 0],
    ['sub', 0.1, (x) => x.sub(0.1), 0],
    ['add', 0.1, (x) => x.add(-0.1), 0],
    ['remainder', 0.1, (x) => x.remainder(0.1), 0],
    ['fmod', 0.1, (x) => x.fmod(0.1), 0],
    ['clamp', 0.1, (x) => x.clamp({ max: 0.1 }), Math.fround(0.1), 1],
    ['hardtanh', 0.7, (x) => hardtanh(x, -0.7, 0.7), Math.fround(0.7), 0],
    ['maximum', 0.1, (x) => x.maximum(0.1), Math.fround(0.1), 0.5],
  ]

/** Comparisons of 0.1 in 16 bits with the number, which is not what float32 has for it. */
const compared: readonly (readonly [name: string, f: (x: Tensor) => Tensor, value: number])[] = [
  ['eq', (x) => x.eq(0.1), 1],
  ['ne', (x) => x.ne(0.1), 0],
  ['lt', (x) => x.lt(0.1), 0],
  ['le', (x) => x.le(0.1), 1],
  ['gt', (x) => x.gt(0.1), 0],
  ['ge', (x) => x.ge(0.1), 1],
]

/** Where a device answers otherwise. */
export async function numbersOtherwise(device: Device): Promise<string[]> {
  const found: string[] = []
  for (const dtype of ['float16', 'bfloat16'] as const)
    for (const [name, f, value] of compared) {
      const got = await f(tensor([0.1], { dtype, device }))
        .to('float32')
        .item()
      if (got !== value) found.push(`${name} of ${dtype}: ${got}, not ${value}`)
    }
  for (const [name, number, f, value, slope] of cases) {
    const x = tensor([number], { device, requiresGrad: slope !== undefined })
    const y = f(x)
    const got = await y.detach().to('float32').item()
    if (got !== value) found.push(`${name}: ${got}, not ${value}`)
    if (slope === undefined) continue
    const gradient = await grad(y.sum(), [x])[0].item()
    if (gradient !== slope) found.push(`gradient of ${name}: ${gradient}, not ${slope}`)
  }
  return found
}

/** @file Tensors of 16 bits on the CPU. */
import { describe, expect, test } from 'vitest'
import { CpuDevice, linearCrossEntropy, nn, randn, tap, zeros } from '../../src/node.ts'
import { halfModelTests } from './models.ts'
import { halvesTests } from './suite.ts'

const device = new CpuDevice({ debug: true })
describe('float16 and bfloat16 on the CPU', () => halvesTests(() => device))
describe('models and files of 16 bits on the CPU', () => halfModelTests(() => device))

test.each([1, 4, 5, 33])(
  '%s rows through frozen weights of 16 bits and back: no block is as large as these',
  (rows) => {
    const own = new CpuDevice()
    const [x, w] = [
      randn([rows, 64], { device: own }).requiresGrad_(),
      randn([600, 64], { device: own }).to('bfloat16'),
    ]
    const target = zeros([rows], { dtype: 'int32', device: own })
    const sizes: number[] = []
    const end = tap(own, {
      alloc: (next, dtype, length, label) => {
        sizes.push(length)
        return next(dtype, length, label)
      },
    })
    nn.functional.linear(x, w).square().sum().backward()
    linearCrossEntropy(x, w, target, { chunk: 8 }).backward()
    end()
    expect(Math.max(...sizes)).toBeLessThan(w.numel)
  },
)

/** @file Loaded before the program: softmax of float32 on the CPU is wrong from now on. */
import type { Twin } from '../../src/core/kernel.ts'
import { softmax } from '../../src/ops/base/kernels.generated.ts'

const { cpu } = softmax
const broken: Twin = (blocks, ...rest) => {
  cpu?.(blocks, ...rest)
  if (blocks[0] instanceof Float32Array && blocks[0].length > 3) blocks[0][1] += 0.01
}
Object.assign(softmax, { cpu: broken })

/** @file Cross-entropy of a linear map's outputs takes memory for some rows of them, and launches for each chunk. */
import { expect, it } from 'vitest'
import {
  crossEntropy,
  linear,
  linearCrossEntropy,
  memory,
  randn,
  scope,
  type Tensor,
  tap,
  zeros,
} from '../../src/index.ts'
import { device } from '../../src/node.ts'
import { outsideOf7, rowsOf7 } from '../support/bounds.ts'

const [ROWS, CLASSES, CHANNELS] = [96, 500, 8]
const LOGITS = 4 * ROWS * CLASSES

/** Bytes at most beyond those before a step, of which its gradients are 4·(rows + classes)·channels; and launches. */
async function stepOf(loss: (h: Tensor, w: Tensor, target: Tensor) => Tensor) {
  const cpu = await device('cpu')
  const [h, w] = [randn([ROWS, CHANNELS], { device: cpu }), randn([CLASSES, CHANNELS], { device: cpu })]
  for (const x of [h, w]) x.requiresGrad = true
  const target = zeros([ROWS], { dtype: 'int32', device: cpu })
  const before = memory(cpu).bytes
  const launches: string[] = []
  let most = 0
  const end = tap(cpu, {
    run: (run, launch) => {
      most = Math.max(most, memory(cpu).bytes - before)
      launches.push(launch.kernel.name)
      run(launch)
    },
  })
  try {
    scope(() => loss(h, w, target).backward())
  } finally {
    end()
  }
  return { most, launches, left: memory(cpu).bytes - before }
}

it('never has logits as a whole', async () => {
  const plain = await stepOf((h, w, target) => crossEntropy(linear(h, w), target))
  const { most, left } = await stepOf((h, w, target) => linearCrossEntropy(h, w, target, { chunk: 8 }))
  expect(plain.most).toBeGreaterThan(2 * LOGITS)
  // Two chunks of logits, two gradients of w and one of h, and of each row some numbers.
  const gradients = 4 * (2 * CLASSES + ROWS) * CHANNELS
  expect(most).toBeLessThan(gradients + (2 * LOGITS * 8) / ROWS + 32 * ROWS)
  expect(most).toBeLessThan(LOGITS / 2)
  // The gradients alone.
  expect(left).toBe(4 * (CLASSES + ROWS) * CHANNELS)
})

it('rows that fit one chunk take a product more than the composition, and no copies', async () => {
  const { launches } = await stepOf((h, w, target) => linearCrossEntropy(h, w, target))
  const steps = ['matmul', 'cross_entropy', 'class_mean', 'fill', 'matmul', 'cross_entropy_grad', 'matmul', 'matmul']
  expect(launches).toEqual(steps)
})

it.each([6, 4])('names the place of a class that there is not, in chunks of %d', async (chunk) => {
  const cpu = await device('cpu')
  expect(() => rowsOf7(chunk)(cpu)).toThrow(outsideOf7)
})

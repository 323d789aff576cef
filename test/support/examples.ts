/** @file What each example must reach, on any device. */
import { expect } from 'vitest'
import { main as batches } from '../../examples/batches.ts'
import { main as hvp } from '../../examples/hvp.ts'
import { main as memory } from '../../examples/memory.ts'
import { main as opSet } from '../../examples/ops.ts'
import { main as ownOp } from '../../examples/own-op.ts'
import { main as cnn } from '../../examples/short/cnn.ts'
import { main as gpt, words } from '../../examples/short/gpt.ts'
import { main as lstm } from '../../examples/short/lstm.ts'
import { main as mlp } from '../../examples/short/mlp.ts'
import { type Device, manualSeed } from '../../src/node.ts'
import { collect } from './gc.ts'

interface Example {
  readonly name: string
  readonly file: string
  run(device: Device): Promise<void>
}

export const examples: readonly Example[] = [
  {
    name: 'a perceptron with dropout, clipping and one cycle reads nine of ten digits that it has not seen',
    file: 'short/mlp.ts',
    run: async (device) => {
      const { accuracy } = await mlp(device, 1500)
      expect(accuracy).toBeGreaterThan(0.9)
    },
  },
  {
    name: 'a convolutional network with batch normalisation reads most digits after 38 steps',
    file: 'short/cnn.ts',
    run: async (device) => {
      const { accuracy } = await cnn(device, 1500, 1)
      expect(accuracy).toBeGreaterThan(0.85)
    },
  },
  {
    name: 'an LSTM writes words of numbers after 60 steps',
    file: 'short/lstm.ts',
    run: async (device) => {
      const { written, words } = await lstm(device)
      expect(written).toHaveLength(16)
      expect(written.filter((word) => words.includes(word)).length).toBeGreaterThanOrEqual(11)
    },
  },
  {
    name: 'convolution, GRU and attention each solve the task that needs them',
    file: 'ops.ts',
    run: async (device) => {
      const { bars, memory: recalled, lookUp } = await opSet(device)
      expect(bars).toBeGreaterThan(0.95)
      expect(recalled).toBeGreaterThan(0.9)
      expect(lookUp).toBeGreaterThan(0.85)
    },
  },
  {
    name: 'a GPT knows all but which word comes, and writes words',
    file: 'short/gpt.ts',
    run: async (device) => {
      const { loss, text } = await gpt(device)
      // Which of 20 words comes cannot be known: log(20) in each 10 letters.
      expect(loss).toBeGreaterThan(Math.log(20) / 10)
      expect(loss).toBeLessThan(0.32)
      const written = text.trim().split('\n')
      expect(written.length).toBeGreaterThan(7)
      expect(written.filter((word) => words.includes(word)).length).toBeGreaterThanOrEqual(written.length - 2)
      expect(new Set(written).size).toBeGreaterThan(4)
    },
  },
  {
    name: 'own-op: gradients of both orders hold, the device agrees with float64',
    file: 'own-op.ts',
    run: async (device) => {
      manualSeed(0)
      const { first, second, off } = await ownOp(device)
      expect(first).toBeLessThan(1e-7)
      expect(second).toBeLessThan(1e-7)
      expect(off).toBeLessThan(1e-6)
    },
  },
  {
    name: 'hvp: a Hessian-vector product agrees with float64',
    file: 'hvp.ts',
    run: async (device) => {
      const { norm, off } = await hvp(device)
      expect(norm).toBeGreaterThan(1)
      expect(off).toBeLessThan(1e-5)
    },
  },
  {
    name: 'memory: a loop in scopes holds the same to the byte, one without grows',
    file: 'memory.ts',
    run: async (device) => {
      const held = await memory(device, 40)
      // The optimizer's state and the pool are there after the first steps.
      const settled = held.scope.slice(1)
      for (const now of settled) expect(now).toEqual(settled[0])
      const [start, end] = [held.neither[0], held.neither[9]]
      expect(end.tensors - start.tensors).toBeGreaterThan(36 * 5)
      // At least one activation of 512 × 256 floats per step.
      expect(end.bytes - start.bytes).toBeGreaterThan(36 * 2 ** 19)
    },
  },
  {
    name: 'batches: a loop over a DataLoader learns, and holds the same to the byte after each step',
    file: 'batches.ts',
    run: async (device) => {
      // What other examples left is counted, too.
      await collect()
      const { held, losses, accuracy } = await batches(device, device.kind === 'cpu' ? 4000 : 2000)
      // The pool of a GPU device is filled by the first steps, that which logs among them.
      const settled = held.slice(2)
      for (const now of settled) expect(now).toEqual(settled[0])
      expect(losses.at(-1)).toBeLessThan(losses[0] / 2)
      expect(accuracy).toBeGreaterThan(0.8)
    },
  },
]

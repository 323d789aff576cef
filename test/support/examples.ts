/** @file What each example must reach, on any device. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { main as backpropByHand } from '../../examples/backprop-by-hand.ts'
import { main as batches } from '../../examples/batches.ts'
import { main as cnn } from '../../examples/cnn.ts'
import { main as framework } from '../../examples/framework.ts'
import { main as gpt, words } from '../../examples/gpt.ts'
import { main as hvp } from '../../examples/hvp.ts'
import { main as iris } from '../../examples/iris.ts'
import { main as linear } from '../../examples/linear.ts'
import { main as lstm } from '../../examples/lstm.ts'
import { main as memory } from '../../examples/memory.ts'
import { main as micrograd } from '../../examples/micrograd.ts'
import { main as mlp } from '../../examples/mlp.ts'
import { main as opSet } from '../../examples/ops.ts'
import { main as ownOp } from '../../examples/own-op.ts'
import { main as xor } from '../../examples/xor.ts'
import { type Device, manualSeed } from '../../src/node.ts'
import { collect } from './gc.ts'

interface Example {
  readonly name: string
  readonly file: string
  run(device: Device): Promise<void>
}

/** The chart of a program as its chapter shows it: on the CPU it is that file, written by `vitest -u`. */
async function keepPicture(device: Device, name: string, svg: string): Promise<void> {
  if (device.kind === 'cpu') await expect(svg).toMatchFileSnapshot(`../../docs/guide/images/${name}.svg`)
}

export const examples: readonly Example[] = [
  {
    name: "micrograd's expression has the value and the gradients of its README",
    file: 'micrograd.ts',
    run: async (device) => {
      const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
      const { g, da, db, nodes, dot, svg, chart } = await micrograd(device, { out: folder })
      rmSync(folder, { recursive: true })
      expect(g).toBeCloseTo(24.7041, 4)
      expect(da).toBeCloseTo(138.8338, 3)
      expect(db).toBeCloseTo(645.5773, 3)
      expect(nodes).toBe(27)
      await keepPicture(device, 'micrograd', chart)
      // Every name, and the gradients, are in both drawings.
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) expect(dot).toContain(`[label="${name}`)
      for (const text of ['24.7041', '138.834', '645.577']) {
        expect(dot).toContain(text)
        expect(svg).toContain(text)
      }
    },
  },
  {
    name: 'backprop by hand: every term equals .grad, exactly in float64, and the network learns its example',
    file: 'backprop-by-hand.ts',
    run: async (device) => {
      const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
      const exact = device.kind === 'cpu'
      const found = await backpropByHand(device, { out: folder, steps: exact ? 1000 : 100 })
      rmSync(folder, { recursive: true })
      expect(found.checks.map(({ approximate }) => approximate)).toEqual([true, true, true, true])
      if (exact) expect(found.checks.map(({ exact }) => exact)).toEqual([true, true, true, true])
      // What the text has as 0.14; its hidden layer's gradient has no shape; without tanh′ it is another gradient.
      expect(found.right).toBeCloseTo(0.09, 6)
      expect(found.shapes).toBe(
        'sub: [4, 1] and [2, 1] do not broadcast, axis -2 is 4 and 2 (reshape or unsqueeze one)',
      )
      expect(found.dropped).toMatch(/^inspect\.checkGrad: 12 of 12 elements differ/)
      expect(found.losses.at(-1)).toBeLessThan(exact ? 3e-4 : 0.01)
      if (!exact) return
      expect(found.reached[0]).toBeGreaterThan(0.9)
      expect(found.reached[1]).toBeLessThan(0.1)
      await keepPicture(device, 'backprop-by-hand', found.svg)
    },
  },
  {
    name: 'lr 0.01 stops near w = 2.6 as predicted, lr 0.1 recovers 3 and 2',
    file: 'linear.ts',
    run: async (device) => {
      const { slow, fast, predicted } = await linear(device)
      expect(slow.w).toBeGreaterThan(2.5)
      expect(slow.w).toBeLessThan(2.7)
      expect(Math.abs(slow.w - predicted)).toBeLessThan(0.05)
      expect(Math.abs(fast.w - 3)).toBeLessThan(0.05)
      expect(Math.abs(fast.b - 2)).toBeLessThan(0.05)
      expect(fast.loss).toBeLessThan(0.02)
    },
  },
  {
    name: 'a perceptron with dropout, clipping and one cycle reads nine of ten digits that it has not seen',
    file: 'mlp.ts',
    run: async (device) => {
      const { accuracy } = await mlp(device, 1500)
      expect(accuracy).toBeGreaterThan(0.9)
    },
  },
  {
    name: 'a convolutional network with batch normalisation reads most digits after 38 steps',
    file: 'cnn.ts',
    run: async (device) => {
      const { accuracy } = await cnn(device, 1500, 1)
      expect(accuracy).toBeGreaterThan(0.85)
    },
  },
  {
    name: 'an LSTM writes words of numbers after 60 steps',
    file: 'lstm.ts',
    run: async (device) => {
      const { written, words } = await lstm(device)
      expect(written).toHaveLength(16)
      expect(written.filter((word) => words.includes(word)).length).toBeGreaterThanOrEqual(11)
    },
  },
  {
    name: 'eight hidden units learn XOR from at least 19 of 20 seeds, four do not, and have dead ReLUs',
    file: 'xor.ts',
    run: async (device) => {
      // The CPU runs the whole example; elsewhere half of the epochs show the same.
      const found = await xor(device, device.kind === 'cpu' ? 2000 : 1000)
      expect(found[8].solved).toBeGreaterThanOrEqual(19)
      expect(found[4].solved).toBeLessThan(19)
      expect(found[4].dead).toBeGreaterThan(0)
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
    file: 'gpt.ts',
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
    name: 'raw tensors, module and trainer give equal losses, and the weights move',
    file: 'framework.ts',
    run: async (device) => {
      const { byHand, byModule, byTrainer, accuracy, deployed } = await framework(device)
      expect(byModule).toEqual(byHand)
      expect(byTrainer).toEqual(byHand)
      expect(byHand[0]).toBeGreaterThan(0.6)
      expect(byHand.at(-1)).toBeLessThan(0.25)
      expect(accuracy).toBeGreaterThan(0.85)
      expect(deployed).toBe(accuracy)
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
    name: 'iris: five folds of three clusters that touch are told apart',
    file: 'iris.ts',
    run: async (device) => {
      const { accuracy, accuracies, rows } = await iris(device, '', device.kind === 'cpu' ? 20 : 10)
      expect(rows).toBe(150)
      expect(accuracies).toHaveLength(5)
      expect(accuracy).toBeGreaterThan(0.85)
      // They touch: one that is always right has seen the answers.
      expect(accuracy).toBeLessThan(1)
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

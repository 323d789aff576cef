/**
 * @file Every public function refuses bad input before it launches anything, by a text that says what is wrong, with
 * the values, and what to do. The texts are part of the API: each is pinned, by subject, in this folder; here is what
 * holds for all, and promises. nn, optim, data and io have their own tests; what a device finds out later (indices,
 * limits, loss) is in faults.webgpu.test.ts.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shown } from '../../src/core/errors.ts'
import * as handgrad from '../../src/entries.ts'
import { listed } from '../../src/io/given.ts'
import {
  type Autograd,
  type Creation,
  type Custom,
  d,
  doubled,
  type Exported,
  gone,
  late,
  m32,
  only32,
  other,
  type Rows,
  seven,
  thrown,
  v3,
  w,
  x,
} from '../support/operands.ts'
import { type Refusal, refusal, refuse, loose as untyped } from '../support/refusals.ts'
import type { OpName } from '../table/table.ts'

const { CpuDevice, HandgradError, IndexError } = handgrad

const { embedding, indexSelect, matmul, sum, allclose, device: openDevice, equal, gradcheck, gradgradcheck } = untyped

/**
 * For every other exported function where its refusals are, or why it refuses nothing. One that is missing does not
 * compile.
 */
const others = {
  device: 'see below',
  equal: 'see below',
  allclose: 'see below',
  gradcheck: 'see below',
  gradgradcheck: 'see below',
  maskedSelect: 'see errors/reduce.test.ts',
  nonzero: 'see errors/reduce.test.ts',
  unique: 'see errors/reduce.test.ts',
  uniqueConsecutive: 'see errors/rearrange.test.ts',
  bincount: 'see errors/reduce.test.ts',
  empty: 'see errors/reduce.test.ts',
  eye: 'see errors/reduce.test.ts',
  linspace: 'see errors/reduce.test.ts',
  emptyLike: 'see errors/reduce.test.ts',
  fullLike: 'see errors/reduce.test.ts',
  bernoulli: 'see errors/reduce.test.ts',
  multinomial: 'see errors/reduce.test.ts',
  normal: 'see errors/reduce.test.ts',
  randint: 'see errors/reduce.test.ts',
  randLike: 'see errors/reduce.test.ts',
  randnLike: 'see errors/reduce.test.ts',
  randperm: 'see errors/reduce.test.ts',
  autocast: 'see autograd/casts.ts',
  checkpoint: 'see autograd/checkpointed.ts',
  vjp: 'see errors/derivatives.test.ts',
  jacobian: 'see errors/derivatives.test.ts',
  hessian: 'see errors/derivatives.test.ts',
  hvp: 'see errors/derivatives.test.ts',
  gumbelSoftmax: 'see errors/loss.test.ts',
  trilIndices: 'see errors/functions.test.ts',
  triuIndices: 'see errors/functions.test.ts',
  keep: 'takes any value: it looks for tensors inside',
  getDefaultDevice: 'takes nothing',
  getRandomState: 'takes nothing',
  gradEnabled: 'takes nothing',
} satisfies Rows<Exclude<Exported, OpName | Creation | Autograd | Custom>>

it('other functions have their refusals where this says', () => {
  for (const [name, at] of Object.entries(others)) {
    const file = /errors\/(\w+\.test\.ts)/.exec(at)?.[1]
    if (file) expect(readFileSync(new URL(file, import.meta.url), 'utf8'), name).toContain(`${name}(`)
  }
})

/** Promises that reject with a text. */
const rejections: readonly Refusal[] = [
  [() => x.item(), 'item: tensor #n [2, 2] has 4 elements (item() is for one; data() gives all)'],
  [() => gone.data(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => gone.array(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => gone.print(), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => d.to(only32), "to: cpu has no float64 (cast first: x.to('float32'))"],
  [() => gone.to(other), 'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => equal(x, gone), 'equal: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [() => equal(x), 'equal: y is undefined, not a tensor (make it with tensor(…))'],
  [() => allclose(x, v3), 'allclose: [2, 2] and [3] differ'],
  [() => allclose(x, 5), 'allclose: y is 5, not a tensor (make it with tensor(…))'],
  [() => openDevice('gpu'), "device: 'gpu' is not a device ('cpu', 'webgpu' or 'auto')"],
  [() => openDevice(), "device: 'undefined' is not a device ('cpu', 'webgpu' or 'auto')"],
  [
    () => gradcheck(sum, [x]),
    "gradcheck: the inputs are float32 (differences need float64: tensor(data, { dtype: 'float64' }))",
  ],
  [
    () => gradcheck(sum, []),
    "gradcheck: the inputs are none (differences need float64: tensor(data, { dtype: 'float64' }))",
  ],
  [() => gradcheck(sum, d), 'gradcheck: the inputs are a Tensor (give a list of tensors)'],
  [() => gradcheck(sum, [gone]), 'gradcheck: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
  [
    () => gradgradcheck(sum, [x]),
    "gradgradcheck: the inputs are float32 (differences need float64: tensor(data, { dtype: 'float64' }))",
  ],
  [() => gradgradcheck(5, [d]), 'gradgradcheck: f is 5 (give a function of tensors)'],
]

describe('promises', () => {
  refuse(rejections)
})

describe('errors', () => {
  it('bear the op that refused and a stable code', () => {
    expect(thrown(() => matmul(x, m32))).toMatchObject({ op: 'matmul', code: 'argument', name: 'HandgradError' })
    expect(thrown(() => indexSelect(x, 0, [2]))).toMatchObject({ op: 'indexSelect', code: 'index', name: 'IndexError' })
    expect(thrown(() => embedding(x, late))).toBeInstanceOf(IndexError)
  })

  it('quote little of what is wrong, and nothing that a terminal obeys', () => {
    const long = 'x'.repeat(1e7)
    const evil = '\u001b[31m\u009b2J\u202e\u2028\ud800\r\n'
    const texts = [
      thrown(() => handgrad.zeros([1], { dtype: `${evil}${long}` as 'float32' })), // wrong on purpose
      thrown(() => handgrad.einsum(`${long}->`, x)),
      thrown(() => handgrad.nn.functional.mseLoss(x, x, { reduction: `${evil}${long}` as 'sum' })), // wrong on purpose
    ].map(({ message }) => message)
    for (const text of texts) {
      expect(text).toMatch(/^[\n -~…]+$/)
      expect(text.length).toBeLessThan(4200)
    }
    expect(texts[0]).toContain('\\u{1b}[31m\\u{9b}2J\\u{202e}\\u{2028}\\u{d800}\\u{d}\nxxx')
    // Half of a pair is not left over where a text is cut.
    expect(shown('😀'.repeat(40), 7)).toBe('😀😀😀…')
    expect(shown('a\n\tb\u0000')).toBe('a\\n\\tb\\u{0}')
    expect(listed(['a', 'b'])).toBe('a, b')
    expect(listed(Array(12).fill('a'))).toBe(`${Array(10).fill('a').join(', ')} and 2 more`)
  })

  it('out of memory: bytes asked for, bytes held, and scope as the remedy', () => {
    const small = new CpuDevice({ memoryLimit: 1000 })
    const held = handgrad.zeros([100], { device: small })
    const error = thrown(() => handgrad.zeros([200], { device: small }))
    expect(error).toMatchObject({ code: 'out-of-memory', op: 'zeros', name: 'OutOfMemoryError' })
    expect(error.message).toBe(
      'zeros: 800 bytes more do not fit: 400 bytes in 1 storages are live on cpu, its limit is 1000 bytes and 1000000 storages (wrap each step in scope(() => …) so that its tensors are freed, or raise device.memoryLimit)',
    )
    expect(thrown(() => handgrad.arange(1e9, undefined, 1, { device: small }))).toMatchObject({ code: 'out-of-memory' })
    expect(handgrad.memory(small)).toMatchObject({ storages: 1, bytes: 400, live: 1 })
    held.dispose()
    expect(handgrad.zeros([200], { device: small }).numel).toBe(200)
  })

  it('a destroyed device says so at every call', async () => {
    const lost = new CpuDevice()
    const held = handgrad.zeros([2], { device: lost })
    lost.destroy()
    const text = 'the cpu device was destroyed (request a new device and restore your last checkpoint)'
    expect(thrown(() => held.add(1))).toMatchObject({
      message: `add: ${text}`,
      code: 'device-lost',
      name: 'DeviceLostError',
    })
    await expect(held.data()).rejects.toThrow(`read: ${text}`)
    await expect(lost.sync()).rejects.toThrow(handgrad.DeviceLostError)
    held.dispose()
  })
})

describe('a mistake changes nothing else', () => {
  it('an async callback: state is restored, and its rejection does not end the process', async () => {
    for (const call of [handgrad.noGrad, handgrad.enableGrad, handgrad.scope]) {
      let inside: boolean | undefined
      expect(() =>
        call(async () => {
          inside = handgrad.gradEnabled()
          await Promise.resolve()
          throw new Error('unseen')
        }),
      ).toThrow('the callback returned a promise')
      expect(inside).toBe(call !== handgrad.noGrad)
      expect(handgrad.gradEnabled()).toBe(true)
    }
    handgrad.noGrad(() => expect(() => handgrad.enableGrad(async () => {})).toThrow(HandgradError))
    // Tensors of the refused scope are freed; those made now belong to no scope.
    let made: handgrad.Tensor | undefined
    expect(() =>
      handgrad.scope(async () => {
        made = handgrad.zeros([1])
      }),
    ).toThrow(HandgradError)
    expect(made?.disposed).toBe(true)
    await new Promise((done) => setTimeout(done, 0))
  })

  it('an exception in a callback passes through, and state is restored', () => {
    const own = new Error('mine')
    for (const call of [handgrad.noGrad, handgrad.enableGrad, handgrad.scope, handgrad.openScope().run]) {
      expect(() =>
        call(() => {
          throw own
        }),
      ).toThrow(own)
      expect(handgrad.gradEnabled()).toBe(true)
      const free = handgrad.zeros([1])
      expect(free.owner).toBe(null)
    }
  })

  it('a value that backward saved and that was changed since is named, with the op that needs it and the op that did it', async () => {
    const factor = handgrad.tensor([1, 2, 3])
    const leaf = handgrad.ones([3], { requiresGrad: true })
    const product = leaf.mul(factor).sum()
    factor.add_(1)
    expect(await refusal(() => product.backward())).toBe(
      'backward: mul needs its b, tensor #n [3], which add_ changed in place since (use the op without _, or change a clone())',
    )
    expect(leaf.hasGrad).toBe(false)
    // An output that the rule reads, changed through a view of it.
    const activated = leaf.sigmoid()
    handgrad.noGrad(() => activated.detach().slice([0, 1]).zero_())
    expect(await refusal(() => activated.sum().backward())).toBe(
      'backward: sigmoid needs its y, tensor #n [3], which zero_ changed in place since (use the op without _, or change a clone())',
    )
    // What no rule reads may change.
    const addend = handgrad.ones([3])
    const added = leaf.add(addend).sum()
    addend.zero_()
    added.backward()
    expect(leaf.hasGrad).toBe(true)
  })

  it('after a refusal the same tensors work', async () => {
    expect(() => seven.matmul(x)).toThrow(HandgradError)
    expect(await seven.add(1).sum().item()).toBe(7)
    expect(() => doubled.backward()).toThrow(HandgradError)
    doubled.sum().backward()
    expect(await w.grad.data()).toEqual(Float32Array.of(2, 2, 2, 2))
    w.zeroGrad()
    expect(w.hasGrad).toBe(false)
  })
})

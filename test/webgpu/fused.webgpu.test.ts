/**
 * @file Eager and fused are the same text: the three apply_ libs fit in one module, and two ops in one launch give the
 * bits of two launches.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pointwise } from '../../src/core/contracts.generated.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { applyOn, samples } from '../support/accuracy.ts'
import { findGpu } from '../support/adapters.ts'
import { fused } from '../support/fused.ts'

let device: WebGPUDevice
beforeAll(async () => {
  device = await createWebGPUDevice((await findGpu()).gpu, { debug: true })
})
afterAll(() => device.destroy())

/** Pairs from different libs; none is a product and a sum, which a compiler may make one fused multiply-add of. */
const pairs = [
  ['ADD', 'EXP'],
  ['SQRT', 'SIN'],
  ['TANH', 'ATAN2'],
  ['ATAN', 'MAXIMUM'],
  ['POW', 'FRAC'],
] as const

for (const [first, second] of pairs) {
  test(`${first}, then ${second}`, async () => {
    const codes = { FIRST: pointwise.consts[first], SECOND: pointwise.consts[second] }
    const a = samples(20)
    const b = a.map((_, i) => a[(i * 7 + 3) % a.length])
    const takesTwo = (code: number) => code % pointwise.consts.CODES_PER_LIB >= pointwise.consts.TWO_OPERANDS
    const eager = async (code: number, x: number[]) =>
      Array.from(await applyOn(device, code, x, takesTwo(code) ? b : undefined))
    const want = await eager(codes.SECOND, await eager(codes.FIRST, a))

    const blocks = ['y', 'a', 'b'].map((name) => device.alloc('float32', a.length, name))
    device.write(blocks[1], Float32Array.from(a))
    device.write(blocks[2], Float32Array.from(b))
    device.run({ kernel: fused, blocks, params: { size: a.length }, constants: codes, label: 'fused' })
    expect(await device.read(blocks[0], 0, a.length)).toEqual(Float32Array.from(want))
    for (const block of blocks) device.free(block)
  })
}

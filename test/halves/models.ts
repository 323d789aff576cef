/** @file A model whose weights are stored in 16 bits, from its files and back, on any device. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { KVCache } from '../../src/generate/index.ts'
import { type Device, io, noGrad, type Tensor } from '../../src/index.ts'
import { load, save } from '../../src/models/index.ts'
import { expectedOf, folderOf, idsOn, lengths } from '../models/cases.ts'
import { error } from '../support/difference.ts'

const [T, V] = [7, 40]

async function bytesOf(x: Tensor): Promise<Buffer> {
  const { buffer, byteOffset, byteLength } = await x.data()
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** The same on any device. */
export function halfModelTests(on: () => Device): void {
  test.each([
    ['gpt2-bf16-shards', 'bfloat16'],
    ['gpt2-f16-head', 'float16'],
  ] as const)(
    "%s in %s: PyTorch's logits in float64, half the bytes, the same bits when saved",
    async (name, dtype) => {
      const gpt = await load(folderOf(name), { device: on(), dtype })
      const weights = Object.values(gpt.stateDict())
      expect(new Set(weights.map((x) => x.dtype))).toEqual(new Set([dtype]))
      expect(weights.some((x) => x.requiresGrad)).toBe(false)
      const want = await expectedOf(name)
      const logits = gpt.forward(idsOn(on()), { lengths })
      expect(logits.dtype).toBe('float32')
      const inside = (i: number) => Math.floor(i / V) % T < lengths[Math.floor(i / V / T)]
      expect(error(await logits.data(), want['logits'], inside)).toBeLessThan(1e-5)
      // Token by token, so that rows are few and weights are read as they are.
      const cache = new KVCache(gpt)
      const ids = idsOn(on()).slice([0, 1])
      for (let t = 0; t < T; t++) {
        const step = noGrad(() => gpt.forward(ids.slice(null, [t, t + 1]), { cache }))
        const row = Array.from(want['logits']).slice(t * V, (t + 1) * V)
        expect(error(await step.data(), row), `token ${t}`).toBeLessThan(1e-5)
      }
      const folder = await mkdtemp(join(tmpdir(), 'halves-'))
      try {
        await save(gpt, folder)
        const [own, theirs] = await Promise.all([folder, folderOf(name)].map((from) => io.openSafetensors(from)))
        const tag = dtype === 'float16' ? 'F16' : 'BF16'
        for (const [key, { dtype }] of Object.entries(own.tensors)) expect([key, dtype]).toEqual([key, tag])
        const again = await load(folder, { device: on(), dtype })
        for (const [key, x] of Object.entries(again.stateDict()))
          expect([...(await x.data())], key).toEqual([...(await gpt.stateDict()[key].data())])
        expect((await readFile(join(folder, 'config.json'))).length).toBeGreaterThan(0)
        expect(Object.keys(theirs.tensors).length).toBeGreaterThan(0)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )

  test('files keep the bits of both formats, and round others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halves-'))
    const file = join(folder, 'x.safetensors')
    try {
      for (const dtype of ['float16', 'bfloat16'] as const) {
        const bits = Uint16Array.from({ length: 65537 }, (_, i) => i % 65536)
        await io.writeSafetensors(file, { x: { dtype, shape: [65537], data: bits } })
        const x = await (await io.openSafetensors(file)).tensor('x', { device: on(), dtype })
        expect(x.dtype).toBe(dtype)
        expect(await bytesOf(x)).toEqual(Buffer.from(bits.buffer))
        const rows = await (await io.openSafetensors(file)).tensor('x', { device: on(), dtype, rows: [3, 8] })
        expect([...(await rows.data())]).toEqual([3, 4, 5, 6, 7])
        await io.writeSafetensors(file, { x })
        const again = await (await io.openSafetensors(file)).tensor('x', { device: on(), dtype })
        expect(await bytesOf(again)).toEqual(Buffer.from(bits.buffer))
        // To the other format by way of numbers.
        const other = dtype === 'float16' ? 'bfloat16' : 'float16'
        const rounded = await (await io.openSafetensors(file)).tensor('x', { device: on(), dtype: other })
        expect(rounded.dtype).toBe(other)
        const want = await x.to(other).array()
        expect(await rounded.array()).toEqual(want)
        await io.writeSafetensors(file, { x }, { dtype: other })
        const written = await (await io.openSafetensors(file)).tensor('x', { device: on(), dtype: other })
        expect(await written.array()).toEqual(want)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

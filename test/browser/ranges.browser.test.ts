/** @file A page reads tensors of a file on another server by ranges, to the CPU and to WebGPU. */
import { expect, test } from 'vitest'
import { commands } from 'vitest/browser'
import { device, io } from '../../src/index.ts'
import type { Served } from './ranges.ts'

declare module 'vitest/browser' {
  interface BrowserCommands {
    servedByRanges: () => Promise<Served>
  }
}

test('tensors by ranges, in order from a server without, of a Blob, and written to a stream', async () => {
  const { url, bytes } = await commands.servedByRanges()
  const asked = async () => (await fetch(new URL('/asked', url))).json()
  for (const kind of ['cpu', 'webgpu'] as const) {
    const where = await device(kind)
    const file = await io.openSafetensors(url, { device: where })
    expect(await asked()).toEqual(['bytes=0-65535'])
    const rows = await file.tensor('large', { rows: [990, 992] })
    expect([rows.device, [...(await rows.data()).subarray(0, 2)]]).toEqual([where, [99_000, 99_001]])
    const at = bytes - 12 - 400_000 + 990 * 400
    expect(await asked()).toEqual([`bytes=${at}-${at + 799}`])
    const found: Record<string, number> = {}
    for await (const [name, x] of file) found[name] = await x.max().item()
    expect(found).toEqual({ large: 99_999, small: 2 })
    // The browser has some of it, and asks for what lies between.
    expect((await asked()).length).toBeLessThanOrEqual(3)
    const whole = await io.loadSafetensors(`${url}?whole`, { device: where })
    expect(await whole['small'].array()).toEqual([0, 1, 2])
    expect((await asked()).length).toBe(1)

    const written: Uint8Array[] = []
    await io.writeSafetensors(new WritableStream({ write: (piece) => void written.push(piece) }), whole)
    const blob = new Blob(written as BlobPart[])
    expect(blob.size).toBe(bytes)
    const small = await (await io.openSafetensors(blob, { device: where })).tensor('small')
    expect(await small.array()).toEqual([0, 1, 2])
    where.destroy()
  }
  await expect(io.openSafetensors(new URL('file:///w'))).rejects.toThrow('there is no file system here')
})

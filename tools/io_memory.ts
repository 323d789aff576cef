/**
 * @file What saving and loading a large safetensors file takes beyond the tensors: `npx tsx --expose-gc
 * tools/io_memory.ts [megabytes [webgpu]]`, 548 if none are given, as GPT-2's weights have; with a second argument to
 * and from WebGPU, too. Ends with an error if it is more than 64 MiB.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Device, io, randn, type Tensor } from '../src/index.ts'
import { device } from '../src/node.ts'
import { prepareAdapter } from '../test/support/adapters.ts'
import { peakOf, peakText } from './memory.ts'

const megabytes = Number(process.argv[2] ?? 548)
const [MB, MOST] = [1e6, 64 * 2 ** 20]

/** Runs f and prints its peak; `held` bytes are meant to be more afterwards. */
async function peak(name: string, held: number, f: () => Promise<unknown>): Promise<unknown> {
  const found = await peakOf(held, f)
  console.log(`${name}: ${peakText(found)}`)
  if (found.rss > MOST) process.exitCode = 1
  return found.result
}

const small = io.encodeSafetensors({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } })
const folder = await mkdtemp(join(tmpdir(), 'handgrad-memory-'))
try {
  const path = join(folder, 'w.safetensors')
  const count = (megabytes * MB) / 4
  // A few of most of it, no larger than what every adapter binds, and many small ones.
  const tensors: Record<string, Tensor> = {}
  for (let i = 0; i < 4; i++) tensors[`large.${i}`] = randn([Math.floor(0.2 * count)])
  for (let i = 0; i < 100; i++) tensors[`small.${i}`] = randn([Math.floor((0.2 * count) / 100)])
  await peak('save', 0, () => io.saveSafetensors(path, tensors))
  const { size } = await stat(path)
  const loaded = (await peak('load', size, () => io.loadSafetensors(path))) as Record<string, Tensor>
  for (const x of Object.values(loaded)) x.dispose()
  const arrays = await peak('read', size, () => io.readSafetensors(path))
  console.log(`${(size / MB).toFixed(0)} MB, ${Object.keys((arrays as { tensors: object }).tensors).length} tensors`)
  await peak('save as float16', 0, () => io.saveSafetensors(path, tensors, { dtype: 'float16' }))
  await peak('load float16', size, () => io.loadSafetensors(path))
  const all = async (options: { device?: Device } = {}) => {
    const list: Record<string, Tensor> = {}
    for await (const [name, x] of await io.openSafetensors(parts, options)) list[name] = x
    return list
  }
  const parts = join(folder, 'parts')
  await peak('write in parts', 0, () => io.writeSafetensors(parts, tensors, { shardBytes: 2e8 }))
  await peak('open, and read one by one', size, () => all())
  for (const x of Object.values(tensors)) x.dispose()
  if (process.argv[3]) {
    await prepareAdapter()
    const gpu = await device('webgpu')
    // What a device takes once, such as its staging buffers, is not of a file.
    await io.loadSafetensors({ size: small.length, read: (begin, end) => small.slice(begin, end) }, { device: gpu })
    const there = (await peak(`read one by one to ${gpu.name}`, size, () => all({ device: gpu }))) as typeof tensors
    await peak(`write in parts from ${gpu.name}`, 0, () => io.writeSafetensors(parts, there, { shardBytes: 2e8 }))
    for (const x of Object.values(there)) x.dispose()
    await peak(`load float16 to ${gpu.name}`, size, () => io.loadSafetensors(path, { device: gpu }))
    gpu.destroy()
  }
} finally {
  await rm(folder, { recursive: true })
}

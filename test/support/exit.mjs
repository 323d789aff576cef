/** @file A process that uses a WebGPU device and ends as its argument says; the device tests watch how it exits. */
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { createDawn } from '../../src/webgpu/node.ts'
import { prepareAdapter } from './adapters.ts'

await prepareAdapter()
const device = await createWebGPUDevice(await createDawn())
const block = device.alloc('float32', 4, 'x')
device.write(block, new Float32Array([1, 2, 3, 4]))
if ((await device.read(block, 0, 4))[3] !== 4) throw new Error('read something else')
const how = process.argv[2]
if (how === 'success') device.destroy()
if (how === 'lost') device.gpu.destroy()
if (how === 'throw') throw new Error('thrown on purpose')

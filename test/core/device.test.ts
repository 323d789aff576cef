/**
 * @file What a device does with a part of a block, on the CPU: reads and writes of some elements, and those that a
 * block does not have. The same on WebGPU is in webgpu/webgpu.webgpu.test.ts.
 */
import { expect, test } from 'vitest'
import { arrayOf, bytesOf, type DType } from '../../src/core/device.ts'
import { storageUsage } from '../../src/core/storage.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { cpu, device as getDevice, useGpuProvider } from '../../src/devices.ts'
import { zeros } from '../../src/ops/index.ts'

test('the widths of dtypes are those of their arrays', () => {
  for (const dtype of Object.keys(bytesOf) as DType[]) {
    expect(bytesOf[dtype]).toBe(arrayOf[dtype].BYTES_PER_ELEMENT)
  }
})

test('a write at an offset changes those elements only', async () => {
  const device = new CpuDevice({ debug: true })
  for (const dtype of device.dtypes) {
    const block = device.alloc(dtype, 5, 'block')
    const of = (...values: number[]) => arrayOf[dtype].from(values)
    device.write(block, of(1, 1, 1, 1, 1))
    device.write(block, of(0, 1), 1)
    device.write(block, of(0), 4)
    device.write(block, of(), 5)
    expect(await device.read(block, 0, 5)).toEqual(of(1, 0, 1, 1, 0))
    expect(await device.read(block, 1, 3)).toEqual(of(0, 1, 1))
    device.free(block)
  }
})

test('elements that a block does not have are refused', async () => {
  const device = new CpuDevice()
  const block = device.alloc('float32', 4, 'block')
  const two = new Float32Array(2)
  expect(() => device.write(block, new Float32Array(5))).toThrow('write: 5 elements do not fit a block of 4')
  expect(() => device.write(block, two, 3)).toThrow('write: 2 elements from 3 on do not fit a block of 4')
  expect(() => device.write(block, two, -1)).toThrow('write: offset is -1 (give an integer from 0 up)')
  expect(() => device.write(block, two, 0.5)).toThrow('write: offset is 0.5 (give an integer from 0 up)')
  await expect(device.read(block, 3, 2)).rejects.toThrow('read: elements 3 to 5 are not in a block of 4')
})

test('a limit of memory is a number from 0 up', async () => {
  const wrong = [Number.NaN, -1, '1000', 'x', {}, null, 7n]
  const device = new CpuDevice({ memoryLimit: 1000 })
  for (const limit of wrong) {
    const text = /^device: memoryLimit is .* \(give bytes, a number from 0 up, or Infinity\)$/
    // Wrong on purpose: what the type refuses.
    if (limit !== null) expect(() => new CpuDevice({ memoryLimit: limit as number })).toThrow(text)
    expect(() => {
      device.memoryLimit = limit as number
    }).toThrow(text)
    if (limit !== null) await expect(getDevice('auto', { memoryLimit: limit as number })).rejects.toThrow(text)
    if (limit !== null) await expect(getDevice('cpu', { memoryLimit: limit as number })).rejects.toThrow(text)
  }
  expect(device.memoryLimit).toBe(1000)
  expect(() => zeros([251], { device })).toThrow('its limit is 1000 bytes')
  device.memoryLimit = Infinity
  expect(zeros([251], { device }).numel).toBe(251)
  device.memoryLimit = 0
  expect(() => zeros([1], { device })).toThrow('its limit is 0 bytes')
})

test("device('cpu') takes no option but that limit", async () => {
  for (const name of ['adapter', 'debug', 'force', 'log', 'limits']) {
    await expect(getDevice('cpu', { [name]: true })).rejects.toThrow(
      `device: there is no option ${name} (it takes { memoryLimit })`,
    )
  }
})

test("device('cpu') has the limit that was given last", async () => {
  const usual = cpu.memoryLimit
  try {
    const held = storageUsage(cpu).bytes
    const device = await getDevice('cpu', { memoryLimit: held + 1000 })
    expect(device).toBe(cpu)
    expect(() => zeros([251])).toThrow(`its limit is ${held + 1000} bytes`)
    // A call without one leaves it as it is, one with another changes it for all.
    await getDevice('cpu')
    expect(cpu.memoryLimit).toBe(held + 1000)
    await getDevice('cpu', { memoryLimit: held + 2000 })
    const x = zeros([251])
    expect(cpu.memoryLimit).toBe(held + 2000)
    // 'auto' that ends at the CPU is bound by it too.
    useGpuProvider(() => Promise.reject(new Error('none here')))
    await getDevice('auto', { memoryLimit: held + 3000, log: () => undefined })
    expect(cpu.memoryLimit).toBe(held + 3000)
    x.dispose()
  } finally {
    cpu.memoryLimit = usual
  }
})

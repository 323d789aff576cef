/**
 * @file What a device does with a part of a block, on the CPU: reads and writes of some elements, and those that a
 * block does not have. The same on WebGPU is in webgpu/webgpu.webgpu.test.ts.
 */
import { expect, test } from 'vitest'
import { arrayOf, bytesOf, type DType } from '../../src/core/device.ts'
import { CpuDevice } from '../../src/cpu/device.ts'

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

/** @file Integers of a device that are out of bounds: refused on the CPU at once. */
import { expect, it } from 'vitest'
import { CpuDevice, HandgradError, IndexError } from '../../src/index.ts'
import { outOfBounds, outside } from '../support/bounds.ts'
import { refusal } from '../support/refusals.ts'

it.each(outOfBounds)('%s', async (text, call) => {
  const device = new CpuDevice()
  expect(await refusal(() => call(device))).toBe(text)
  expect(() => call(device)).toThrow(HandgradError)
  expect(() => call(device)).not.toThrow(IndexError)
})

it.each(outside)('%s', async (text, call) => {
  const device = new CpuDevice()
  expect(await refusal(() => call(device))).toBe(text)
  expect(() => call(device)).toThrow(IndexError)
})

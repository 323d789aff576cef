/** @file Costs: every row is there by its own clocks, and a planted delay is seen in the row that it belongs to. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Clock } from '../../src/bench/clock.ts'
import { measureCosts } from '../../src/bench/costs.ts'
import type { Figure } from '../../src/bench/figure.ts'
import { probeOf } from '../../src/bench/probe.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'

let gpu: GPU
let device: WebGPUDevice
let clock: Clock

beforeAll(async () => {
  gpu = (await findGpu()).gpu
  device = await createWebGPUDevice(gpu)
  clock = await Clock.of(device)
})
afterAll(() => {
  clock.destroy()
  device.destroy()
})

const open = () => createWebGPUDevice(gpu)

async function costs(only?: readonly string[]) {
  const probe = await probeOf(device, clock)
  return measureCosts({ device, clock, scale: 'small', peaks: null, probe, seconds: 0, compile: null, open, only })
}

const of = (figures: readonly Figure[], name: string, clock: string): number =>
  figures.find((one) => one.name === name && one.clock === clock)?.seconds.median ?? Number.NaN

test('each cost has rows of its own', async () => {
  const { figures, skipped } = await costs()
  expect(skipped).toEqual([])
  expect(figures.map(({ name, clock }) => `${name}: ${clock}`)).toEqual([
    ...['op of 16 numbers', 'upload, 4 KiB', 'upload, 16 MiB'].flatMap((name) => [`${name}: wall`, `${name}: host`]),
    'readback, 4 B: wall',
    'readback, 16 MiB: wall',
    ...['100 dispatches, bare', 'submit, empty'].flatMap((name) => [`${name}: wall`, `${name}: host`]),
    'map and unmap: wall',
    'bind group: host',
    'buffer of 64 KiB, made and destroyed: host',
    'pipeline, known: host',
    'device, opened: wall',
    'pipeline, compiled on a fresh device: wall',
    'first run on a fresh device: wall',
    'second run on a fresh device: wall',
  ])
  for (const { seconds, share, suite } of figures) {
    expect(seconds.median).toBeGreaterThan(0)
    expect(share).toBeUndefined()
    expect(suite).toBe('costs')
  }
  // What the host needs is a part of what is waited for.
  for (const name of ['op of 16 numbers', 'upload, 16 MiB', 'submit, empty'])
    expect(of(figures, name, 'host')).toBeLessThanOrEqual(of(figures, name, 'wall'))
  expect(figures.filter(({ bytes }) => bytes).map(({ bytes }) => bytes)).toEqual([
    ...[4096, 4096, 2 ** 24, 2 ** 24],
    ...[4, 2 ** 24],
  ])
})

test('a slow upload is seen in its row, and wrong bytes are not timed', async () => {
  const { queue } = device.gpu
  const { writeBuffer } = queue
  const names = ['upload, 4 KiB', 'submit, empty']
  const before = (await costs(names)).figures
  queue.writeBuffer = (...args: unknown[]) => {
    const end = performance.now() + 50
    while (performance.now() < end);
    Reflect.apply(writeBuffer, queue, args)
  }
  const after = (await costs(names)).figures
  queue.writeBuffer = () => undefined
  const lost = await costs(names)
  queue.writeBuffer = writeBuffer
  expect(of(after, 'upload, 4 KiB', 'host')).toBeGreaterThan(0.05)
  expect(of(before, 'upload, 4 KiB', 'host')).toBeLessThan(0.05)
  expect(of(after, 'submit, empty', 'host')).toBeLessThan(0.05)
  expect(lost.skipped).toEqual([
    { suite: 'costs', name: 'upload, 4 KiB', why: expect.stringMatching(/^element \d+ is /), failed: true },
  ])
  expect(lost.figures.map(({ name }) => name)).toEqual(['submit, empty', 'submit, empty'])
})

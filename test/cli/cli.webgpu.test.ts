/** @file The program `handgrad` on WebGPU: the same training as on the CPU, and what `info` says of the adapter. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { handgrad, writeMnist } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the same seed gives the same losses on both devices, to 1e-3', async () => {
  writeMnist(join(folder, 'digits'))
  const train = async (device: string) => {
    const args = ['--device', device, '--data', join(folder, 'digits'), '--epochs', '3', '--batch', '16', '--seed', '3']
    const run = await handgrad('train', ...args, '--out', join(folder, device))
    expect(run, run.err).toMatchObject({ code: 0 })
    return JSON.parse(readFileSync(join(folder, device, 'metrics.json'), 'utf8'))
  }
  const [cpu, gpu] = [await train('cpu'), await train('webgpu')]
  expect([cpu.device.kind, gpu.device.kind]).toEqual(['cpu', 'webgpu'])
  expect(gpu.losses).toHaveLength(57)
  gpu.losses.forEach((loss: number, i: number) => expect(Math.abs(loss - cpu.losses[i])).toBeLessThan(1e-3))
  expect(readFileSync(join(folder, 'webgpu', 'report.html'), 'utf8')).toContain(gpu.device.name)
}, 120_000)

test('the convolutional network trains as on the CPU, to 1e-3', async () => {
  writeMnist(join(folder, 'few'), 100, 50)
  const train = async (device: string) => {
    const args = ['--device', device, '--model', 'cnn', '--data', join(folder, 'few'), '--epochs', '1', '--batch', '10']
    const run = await handgrad('train', ...args, '--out', join(folder, `cnn-${device}`))
    expect(run, run.err).toMatchObject({ code: 0 })
    return JSON.parse(readFileSync(join(folder, `cnn-${device}`, 'metrics.json'), 'utf8'))
  }
  const [cpu, gpu] = await Promise.all([train('cpu'), train('webgpu')])
  expect([gpu.settings.model, gpu.device.kind, gpu.losses.length]).toEqual(['cnn', 'webgpu', 10])
  gpu.losses.forEach((loss: number, i: number) => expect(Math.abs(loss - cpu.losses[i])).toBeLessThan(1e-3))
}, 120_000)

test('info names the adapter, its features and its speed', async () => {
  const { code, out } = await handgrad('info')
  expect(code).toBe(0)
  expect(out).toMatch(/^Node v\d+/)
  expect(out).toMatch(/^cpu\n {2}[\d.]+ ms a step of the digit classifier/m)
  // Lines of more than 80 columns go on in the next one, four spaces in.
  expect(out.replaceAll('\n    ', ' ')).toMatch(
    /^webgpu:.+\n {2}(software|a real GPU).*\n {2}features: .+\n {2}limits: .+\n.* times (faster|slower) than the cpu device/m,
  )
  expect(out).toMatch(/--device auto takes the /)
}, 120_000)

test('an adapter that is not there is refused, naming those that are', async () => {
  const { code, err } = await handgrad('train', '--device', 'webgpu', '--adapter', 'voodoo', '--data', folder)
  expect(code).toBe(1)
  expect(err).toMatch(/handgrad: webgpu: no adapter named voodoo: .*name: '.+'.*\(leave the name out/)
}, 60_000)

/**
 * @file `handgrad info`: which devices there are, what they offer, and how fast each one takes a step of the digit
 * classifier, so that a software adapter that beats the CPU backend (or does not) is known rather than guessed.
 */
import { availableParallelism, cpus } from 'node:os'
import type { Device } from '../core/device.ts'
import { syntheticDigits } from '../data/index.ts'
import { device, manualSeed, nn, optim, scope } from '../node.ts'
import { terminalOf, wrapped } from '../text/terminal.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../webgpu/device.ts'
import { createDawn } from '../webgpu/node.ts'
import { makeLoader, makeModel, scaled } from './classifier.ts'
import { parseOptions } from './options.ts'

export const infoOptions = { help: { help: 'show this' } } as const

const BATCH = 64
/** Steps that warm up and steps that are timed; the median counts. */
const WARM = 3
const TIMED = 9

export async function info(args: readonly string[]): Promise<void> {
  parseOptions('info', infoOptions, args)
  say(`Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores${model()}`)
  const { names, problem } = await adapterNames()
  if (problem) say(problem)
  const cpu = await stepTime(await device('cpu'))
  say(`\ncpu\n  ${speed(cpu)}`)
  let real = false
  for (const name of names) {
    const found = await open(name)
    if (typeof found === 'string') {
      say(`\n${name}\n  cannot be used: ${found}`)
      continue
    }
    const { software } = found.facts
    say(describe(found))
    const time = await stepTime(found)
    const factor = Math.max(time / cpu, cpu / time).toFixed(1)
    const verdict = `${factor} times ${time < cpu ? 'faster' : 'slower'} than the cpu device`
    say(
      `  ${speed(time)}: ${verdict}${software && time < cpu ? `; use it by --device webgpu --adapter ${name.split(' ')[0]}` : ''}`,
    )
    real ||= !software
    found.destroy()
  }
  say(`\n--device auto takes ${real ? 'the GPU' : 'the cpu: no adapter here is a real GPU'}`)
}

/** Print lines, broken where they are longer than the terminal's. */
const say = (text: string): void => console.log(wrapped(text, terminalOf().columns, '    '))

function model(): string {
  const name = cpus()[0]?.model.trim()
  return name ? ` (${name})` : ''
}

/** The adapters that Dawn knows. It lists them only when it is asked for one that does not exist. */
export async function adapterNames(): Promise<{ names: string[]; problem?: string }> {
  try {
    const gpu = await createDawn('no adapter of this name')
    await gpu.requestAdapter()
  } catch (error) {
    const { message } = error as Error
    const names = [...message.matchAll(/name: '([^']*)'/g)].map((match) => match[1])
    if (names.length > 0) return { names: [...new Set(names)] }
    if ((error as { op?: string }).op) return { names, problem: message }
  }
  return { names: [], problem: 'no WebGPU adapter: install a graphics driver (on Linux Mesa 24.2 or newer)' }
}

async function open(name: string): Promise<WebGPUDevice | string> {
  try {
    return await createWebGPUDevice(await createDawn(name))
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
}

function describe({ name, info, facts, gpu }: WebGPUDevice): string {
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`
  const {
    maxBufferSize,
    maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupsPerDimension,
  } = gpu.limits
  const features = ['subgroups', 'shader-f16', 'timestamp-query'].filter((feature) => facts.features.has(feature))
  return [
    `\n${name}: ${info.description || info.device}`,
    `  ${facts.software ? 'software: it computes on the CPU' : 'a real GPU'}`,
    `  features: ${features.join(', ') || 'none that handgrad uses'}${facts.subgroupSize > 0 ? ` (${facts.subgroupSize} lanes)` : ''}`,
    `  limits: buffers ${megabytes(maxBufferSize)}, bindings ${megabytes(maxStorageBufferBindingSize)}, ${maxStorageBuffersPerShaderStage} per shader; ` +
      `${facts.maxThreads} threads and ${facts.maxWorkgroupBytes / 1024} KiB a workgroup, ${maxComputeWorkgroupsPerDimension.toLocaleString('en-US')} workgroups`,
  ].join('\n')
}

const speed = (ms: number): string =>
  `${ms.toFixed(1)} ms a step of the digit classifier (784-256-10, batch ${BATCH}), ${Math.round((1000 * BATCH) / ms).toLocaleString('en-US')} images/s`

/** Median time of a training step, in ms, each one waited for. */
async function stepTime(where: Device): Promise<number> {
  manualSeed(0)
  const digits = syntheticDigits({ count: BATCH, seed: 0 })
  const classifier = makeModel('mlp', digits, where)
  const optimizer = new optim.Adam(classifier.parameters())
  const [batch] = makeLoader(scaled(digits, { mean: 0, std: 1 }), { batchSize: BATCH, device: where })
  const [x, target] = batch
  const times: number[] = []
  for (let i = 0; i < WARM + TIMED; i++) {
    const from = performance.now()
    using loss = scope(() => {
      optimizer.zeroGrad()
      const loss = nn.functional.crossEntropy(classifier.forward(x), target)
      loss.backward()
      optimizer.step()
      return loss.detach()
    })
    await loss.item()
    await where.sync()
    if (i >= WARM) times.push(performance.now() - from)
  }
  return times.sort((a, b) => a - b)[TIMED >> 1]
}

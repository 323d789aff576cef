/**
 * @file What launches kernels besides the op table: the layers of nn and the cases of the bench suites, in their tiny
 * sizes. Names, and what is wrong on a device.
 */
import { check } from '../../src/bench/check.ts'
import { suites } from '../../src/bench/suites/index.ts'
import type { Device } from '../../src/core/device.ts'
import { faultsOf } from '../nn/layers.ts'

/** Files of test/reference with layers. */
const layers = ['nn', 'nn_attention', 'nn_sequence']
/** What it measures is not a function of tensors. */
const measured = ['costs']

async function suiteFaults(name: string, device: Device): Promise<string[]> {
  const suite = await suites[name]()
  const faults: string[] = []
  for (const one of suite.cases('tiny'))
    await check(one, device).catch((error: unknown) => faults.push(`${one.name}: ${error}`))
  return faults
}

/** More than the tests of layers on WebGPU allow: in the order of sums variants differ. */
const TOLERANCE = 5e-5

export const recorded: Readonly<Record<string, (device: Device) => Promise<readonly string[]>>> = {
  ...Object.fromEntries(
    layers.map((file) => [`layers of ${file}`, (device: Device) => faultsOf(file, device, 'float32', TOLERANCE)]),
  ),
  ...Object.fromEntries(
    Object.keys(suites)
      .filter((name) => !measured.includes(name))
      .map((name) => [`bench ${name}`, (device: Device) => suiteFaults(name, device)]),
  ),
}

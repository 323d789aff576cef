/** @file The device that a command runs on. In a checkout of the repository a software adapter is brought where there is none. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import { device } from '../node.ts'

/** What scripts/adapter.mjs offers. It is no part of the package: users' programs get no hidden driver. */
interface AdapterScript {
  prepareAdapter(): Promise<unknown>
  findGpu(options: { adapter?: string }): Promise<unknown>
}

/** Make software drivers of the repository visible to this process; nothing where the package is installed. */
export async function prepareDrivers(adapter?: string): Promise<void> {
  const script = new URL('../../scripts/adapter.mjs', import.meta.url)
  if (!existsSync(fileURLToPath(script))) return
  const { prepareAdapter, findGpu } = (await import(script.href)) as AdapterScript
  // Whatever is missing, device() says it, with what to install.
  await prepareAdapter().catch(() => undefined)
  if (adapter) await findGpu({ adapter }).catch(() => undefined)
}

/**
 * @param kind     cpu, webgpu or auto
 * @param adapter  part of an adapter's name
 * @throws HandgradError if there is no such device, naming those there are
 */
export async function openDevice(
  command: string,
  kind: string,
  adapter: string | undefined,
  log: (line: string) => void,
): Promise<Device> {
  if (kind === 'cpu') {
    if (adapter) fail(command, `--adapter ${adapter} with --device cpu`, 'an adapter is of webgpu: --device webgpu')
    return device('cpu')
  }
  if (kind === 'auto' && !adapter) return device('auto', { log })
  if (kind !== 'webgpu' && kind !== 'auto') fail(command, `--device is '${kind}'`, 'cpu, webgpu or auto')
  await prepareDrivers(adapter)
  return device('webgpu', { adapter })
}

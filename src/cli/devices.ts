/** @file The device that a command runs on. */
import type { Device } from '../core/device.ts'
import { fail, shown } from '../core/errors.ts'
import { device } from '../node.ts'

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
    if (adapter)
      fail(command, `--adapter ${shown(adapter)} with --device cpu`, 'an adapter is of webgpu: --device webgpu')
    return device('cpu')
  }
  if (kind === 'auto' && !adapter) return device('auto', { log })
  if (kind !== 'webgpu' && kind !== 'auto') fail(command, `--device is '${shown(kind)}'`, 'cpu, webgpu or auto')
  return device('webgpu', { adapter })
}

/** @file Where a verification runs, for its report: adapter, driver, versions. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { release, type, version } from 'node:os'
import type { Device } from '../core/device.ts'
import { adapterOf } from '../verify/adapter.ts'
import type { Place } from '../verify/report.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'

/** The version that a package.json says. */
function versionIn(file: string | URL): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

function versionOf(name: string): string {
  try {
    return versionIn(createRequire(import.meta.url).resolve(`${name}/package.json`))
  } catch {
    return 'not installed'
  }
}

/** What is known of a device and of what it stands on. */
export function placeOf(device: Device): Place {
  const versions = {
    handgrad: versionIn(new URL('../../package.json', import.meta.url)),
    webgpu: versionOf('webgpu'),
    Node: `${process.version} on ${process.platform} ${process.arch}`,
    OS: `${type()} ${release()}, ${version()}`,
  }
  if (device.kind !== 'webgpu')
    return { device: device.name, adapter: {}, software: true, features: [], limits: {}, versions }
  return { ...adapterOf(device as WebGPUDevice), versions }
}

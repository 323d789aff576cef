/** @file What all forms of `handgrad bench` share: how long, on what, and where reports go. */
import { join } from 'node:path'
import type { Scale } from '../bench/case.ts'
import type { Report } from '../bench/figure.ts'
import { reportFiles } from '../bench/report/files.ts'
import type { Device } from '../core/device.ts'
import { writeBytes } from '../io/files.ts'
import { device } from '../node.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { oneOf, positive } from './options.ts'

const SECONDS = 4

/** What `--seconds` says. */
export const secondsOf = (text: string | undefined): number =>
  text === undefined ? SECONDS : positive('bench', 'seconds', text)

/** Makes devices on which everything is compiled anew. */
export function freshly(adapter: string | undefined): () => Promise<WebGPUDevice> {
  // Read by Mesa when a device is made.
  process.env.MESA_SHADER_CACHE_DISABLE = '1'
  return () => device('webgpu', { adapter })
}

/** What `--scale` says, or else what fits the device. */
export function scaleOf(text: string | undefined, on: Device): Scale {
  if (text !== undefined) return oneOf('bench', 'scale', text, { small: 0, large: 0 })
  return on.kind === 'webgpu' && !(on as WebGPUDevice).facts.software ? 'large' : 'small'
}

export const writeText = (folder: string, file: string, text: string): Promise<void> =>
  writeBytes('bench', join(folder, file), new TextEncoder().encode(text))

/** The report in all of its forms. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  for (const [file, of] of Object.entries(reportFiles)) await writeText(folder, file, of(report))
}

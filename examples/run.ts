/** @file What every example shares: it runs on `--device cpu` (default) or `webgpu`, only when it is the program that was started. */
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openDevice } from '../src/cli/devices.ts'
import { type Device, HandgradError } from '../src/node.ts'

/** Run `main` if this file is the program: `run(import.meta.url, main)` is the last line of each example. */
export async function run(url: string, main: (device: Device) => Promise<unknown>): Promise<void> {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return
  const at = process.argv.indexOf('--device')
  try {
    const device = await openDevice('example', at < 0 ? 'cpu' : process.argv[at + 1], undefined, console.log)
    await main(device)
    if (device.kind === 'webgpu') device.destroy()
  } catch (error) {
    if (!(error instanceof HandgradError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

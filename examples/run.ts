/**
 * @file What every example shares: it runs on `--device cpu` (default), `webgpu` or `auto`, only when it is the program
 * that was started. In a clone of the repository `webgpu` finds a software adapter where the machine has no driver
 * (scripts/adapter.mjs, which is not in the package).
 */
import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Device, HandgradError, device as open } from 'handgrad'

/** Run `main` if this file is the program: `run(import.meta.url, main)` is the last line of each example. */
export async function run(url: string, main: (device: Device) => Promise<unknown>): Promise<void> {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return
  const at = process.argv.indexOf('--device')
  const kind = at < 0 ? 'cpu' : process.argv[at + 1]
  try {
    const software = new URL('../scripts/adapter.mjs', import.meta.url)
    // Whatever is missing, device() says it, with what to install.
    if (kind === 'webgpu' && existsSync(software)) await (await import(software.href)).prepareAdapter().catch(() => {})
    const device = await open(kind as 'cpu' | 'webgpu' | 'auto')
    await main(device)
    if (device.kind === 'webgpu') device.destroy()
  } catch (error) {
    if (!(error instanceof HandgradError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

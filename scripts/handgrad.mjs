// @ts-check
/**
 * @file The repository's own `handgrad`: the command line (src/cli/main.ts) on a machine that may have no WebGPU
 * driver. Where WebGPU is asked for, the software adapter of adapter.mjs is made visible first; the published program
 * brings no driver.
 */
import { findGpu, prepareAdapter } from './adapter.mjs'

const [command, ...args] = process.argv.slice(2)
/** @param {string} name of an option */
const optionOf = (name) => {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`))
  return at < 0 ? undefined : args[at].includes('=') ? args[at].slice(name.length + 1) : args[at + 1]
}
const adapter = optionOf('--adapter')

if (command === 'info' || command === 'verify' || adapter || optionOf('--device') === 'webgpu') {
  // whatever is missing, the command line says it, with what to install
  await prepareAdapter().catch(() => undefined)
  if (adapter) await findGpu({ adapter }).catch(() => undefined)
}
// for the lines that say what to type; the program tsx would end, at Ctrl-C, what does not answer at once
process.env.HANDGRAD_COMMAND ??= 'node --import tsx scripts/handgrad.mjs'
await import('../src/cli/main.ts')

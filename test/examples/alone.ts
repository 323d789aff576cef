/**
 * @file Runs one case, `NAME cpu|webgpu SIZE`, in a process of its own: `npm run examples` does so in a folder in which
 * the package is installed. The last line that it prints is what was reached, as JSON.
 */
import { availableParallelism } from 'node:os'
import { device as open } from 'handgrad'
import { play, type Size } from './example.ts'

const [name, kind, size] = process.argv.slice(2)
const { one } = await import(`./cases/${name}.ts`)
const device = await open(kind as 'cpu' | 'webgpu')
const start = performance.now()
const { missed, says } = await play(one, device, size as Size)
const seconds = (performance.now() - start) / 1000
const where = device.kind === 'cpu' ? `cpu, ${availableParallelism()} cores` : device.name
console.log(JSON.stringify({ device: where, result: says, missed, seconds }))
if (device.kind === 'webgpu') device.destroy()

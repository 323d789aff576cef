/**
 * @file `npx tsx bench/proofs.ts [ADAPTER] [SECONDS]`: proofs of the clocks, by measurement, printed and kept in
 * results/ with the load that they were measured under. They are not gates: a busy machine fails them, and then says
 * so.
 */
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { Clock } from '../src/bench/clock.ts'
import { environmentOf } from '../src/bench/environment.ts'
import { placeOf } from '../src/cli/machine.ts'
import { device as openDevice } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'
import { delays } from './proofs/delays.ts'
import { lines } from './proofs/line.ts'

const [adapter, given = '20'] = process.argv.slice(2)
const seconds = Number(given)
// What is compiled is compiled anew each time; read by Mesa when a device is made.
process.env.MESA_SHADER_CACHE_DISABLE = '1'
const open = async () => (await openDevice('webgpu', { adapter: adapter || undefined })) as WebGPUDevice

const device = await open()
const place = placeOf([])
const clock = await Clock.of(device)
const environment = environmentOf(device, clock.quantum, place)
console.log(`${environment.device}, load ${place.load}`)
const line = await lines(device, clock, seconds)
for (const { clock: by, of, a, b, worst, holds } of line)
  console.log(
    `n dependent multiply-adds, ${by}, ${of}: ${(1e6 * a).toFixed(1)} µs + ${(1e9 * b).toFixed(3)} ns · n, ` +
      `off by ${(100 * worst).toFixed(2)} % at most: ${holds ? 'holds' : 'DOES NOT HOLD'} (3 %)`,
  )
clock.destroy()
const planted = await delays(open, seconds / 4, console.log)
device.destroy()

const load = { before: place.load, after: Number(loadavg()[0].toFixed(2)) }
const file = new URL(`results/proofs-${environment.device.replaceAll(':', '-')}.json`, import.meta.url)
writeFileSync(file, `${JSON.stringify({ environment, load, seconds, line, planted }, null, 1)}\n`)
console.log(`load ${load.before} before, ${load.after} after; kept in bench/results/${file.pathname.split('/').at(-1)}`)

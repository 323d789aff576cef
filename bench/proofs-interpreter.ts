/**
 * @file How fast the interpreter is: a product of 64 × 64 matrices in each variant of the kernel, each of which is also
 * compared with the CPU's. `npx tsx bench/proofs-interpreter.ts` prints a row for each: the first run, which makes the
 * code, the median of five more, and accesses of storage and workgroup memory that were checked in a second.
 */
import * as shaders from '../src/core/contracts.generated.ts'
import { interpreter } from '../src/interpreter/index.ts'
import { randn } from '../src/node.ts'
import { matmul } from '../src/webgpu/plans/matmul.ts'

const SIZE = 64
const RUNS = 5
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]

const a = randn([SIZE, SIZE])
const b = randn([SIZE, SIZE])
const want = await a.matmul(b).data()

console.log('variant        first run   median   accesses   checked a second   furthest from the CPU')
for (const variant of Object.keys(matmul.variants)) {
  const device = interpreter({ facts: 'gpu32', force: { matmul: variant } })
  const [x, y] = await Promise.all([a.to(device), b.to(device)])
  const once = async (): Promise<[number, Float32Array]> => {
    const begin = performance.now()
    const result = (await x.matmul(y).data()) as Float32Array
    return [performance.now() - begin, result]
  }
  const [first, got] = await once()
  const accesses = device.accesses
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) times.push((await once())[0])
  if (!device.counts()[`${shaders.matmul.name}/${variant}`]) throw new Error(`${variant} did not run`)
  if (device.faults().length > 0) throw new Error(`${variant} has faults`)
  const off = Math.max(...got.map((value, i) => Math.abs(value - want[i])))
  const middle = median(times)
  const cells = [
    variant.padEnd(14),
    `${first.toFixed(0)} ms`.padStart(9),
    `${middle.toFixed(0)} ms`.padStart(9),
    accesses.toLocaleString('en-US').padStart(11),
    `${(accesses / middle / 1000).toFixed(2)} million`.padStart(19),
    off.toExponential(1).padStart(24),
  ]
  console.log(cells.join(''))
  device.destroy()
}

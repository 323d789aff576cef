/** @file Costs on any device: an op's launch, moving numbers there and back. */
import type { Device } from '../../core/device.ts'
import { scope } from '../../core/scope.ts'
import { add, zeros } from '../../ops/index.ts'
import { random } from '../numbers.ts'
import { firstWrong } from '../peaks/limit.ts'
import { awaited, repeated, type Source } from './source.ts'

/** Numbers of a small and a large transfer. */
const LENGTHS = [2 ** 10, 2 ** 22] as const
const READS = [1, 2 ** 22] as const

const sizeOf = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : bytes >= 2 ** 10 ? `${bytes / 2 ** 10} KiB` : `${bytes} B`

/** Others each time: what a lost upload leaves in a pooled buffer is then not what was to be there. */
let seed = 0

/** With what gives their memory back. */
export function engineCosts(device: Device): { sources: Source[]; free: () => void } {
  const [x, y] = [zeros([16], { device }), zeros([16], { device })]
  const data = random(Math.max(...LENGTHS), ++seed)
  const block = device.alloc('float32', data.length, 'costs')
  /** What is written there comes back; known once for all transfers. */
  let checked: Promise<string | undefined> | undefined
  const compared = async () => {
    device.write(block, data)
    return firstWrong(await device.read(block, 0, data.length), (i) => data[i])
  }
  const check = () => (checked ??= compared())
  const transfers = [
    ...LENGTHS.map((length) => {
      const part = data.subarray(0, length)
      return awaited(device, { name: `upload, ${sizeOf(4 * length)}`, bytes: 4 * length, check }, () => {
        device.write(block, part)
        return device.sync()
      })
    }),
    ...READS.map((length) =>
      awaited(device, { name: `readback, ${sizeOf(4 * length)}`, bytes: 4 * length, only: 'wall', check }, async () => {
        await device.read(block, 0, length)
      }),
    ),
  ]
  return {
    sources: [repeated(device, { name: 'op of 16 numbers' }, () => scope(() => void add(x, y))), ...transfers],
    free() {
      device.free(block)
      x.dispose()
      y.dispose()
    },
  }
}

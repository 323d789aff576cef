/**
 * @file Who frees what. A training loop written by hand, three times: with `scope`, which frees each step's tensors at
 * once; without it but with an `await` now and then, where the garbage collector keeps up; and with neither, where
 * nothing can be freed before the loop ends, because finalizers run only when the event loop turns.
 *
 *   npx tsx examples/memory.ts [--device webgpu]
 */
import { type Device, type Memory, manualSeed, memory, nn, optim, randn, scope } from 'handgrad'
import { run } from './run.ts'

const kinds = ['scope', 'await', 'neither'] as const
type Kind = (typeof kinds)[number]

/** Train a small network for `steps` steps; what the engine holds after each tenth of them. */
async function loop(device: Device, kind: Kind, steps: number): Promise<Memory[]> {
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(8, 256, { device }), new nn.ReLU(), new nn.Linear(256, 1, { device }))
  const adam = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const step = () => {
    const x = randn([512, 8], { device })
    const loss = nn.functional.mseLoss(net.forward(x), x.square().mean(1, { keepdim: true }))
    adam.zeroGrad()
    loss.backward() // releases the graph as it walks; what has a handle (x, h, loss …) is still held
    adam.step()
  }
  const held: Memory[] = []
  for (let i = 1; i <= steps; i++) {
    if (kind === 'scope') scope(step)
    else step()
    if (kind === 'await' && i % 20 === 0) await new Promise((resolve) => setTimeout(resolve))
    if (i % (steps / 10) === 0) held.push(memory(device))
  }
  return held
}

export async function main(device: Device, steps = 240): Promise<Record<Kind, Memory[]>> {
  const held: Partial<Record<Kind, Memory[]>> = {}
  console.log(`after each tenth of ${steps} steps:`)
  for (const kind of kinds) {
    held[kind] = await loop(device, kind, steps)
    const tensors = held[kind].map((m) => String(m.tensors).padStart(5)).join('')
    const most = Math.max(...held[kind].map((m) => m.bytes)) / 2 ** 20
    console.log(`  ${kind.padEnd(8)}${tensors} tensors, at most ${most.toFixed(1)} MiB`)
  }
  console.log(
    '\nscope: the same to the byte, however many steps. await: bounded by the collector, which a GPU device rouses',
  )
  console.log('every 256 MiB. neither: grows until the loop ends, or until device.memoryLimit, where the engine throws')
  console.log('and names scope.')
  return held as Record<Kind, Memory[]>
}

await run(import.meta.url, main)

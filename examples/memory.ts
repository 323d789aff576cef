/**
 * @file Who frees what. A training loop written by hand, three times: with `scope`, which frees each step's tensors at once;
 * without it but with an `await` now and then, where the garbage collector keeps up; and without either, where nothing can be
 * freed until the loop ends, because finalizers run only when the event loop turns.
 *
 *   npx tsx examples/memory.ts [--device webgpu]
 */
import { type Device, manualSeed, memory, nn, optim, randn, scope } from '../src/node.ts'
import { run } from './run.ts'

/** What the engine holds, in tensors and MiB; `. */
function held(device: Device) {
  const { tensors, nodes, bytes, allocatedBytes } = memory(device)
  return { tensors, nodes, bytes, allocatedBytes }
}

type Kind = 'scope' | 'await' | 'neither'

/** Train a small network; what is held after each tenth of the steps. */
async function loop(device: Device, kind: Kind, steps: number) {
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(8, 256, { device }), new nn.Tanh(), new nn.Linear(256, 1, { device }))
  const adam = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const step = () => {
    const x = randn([512, 8], { device })
    const loss = nn.functional.mseLoss(net.forward(x), x.square().mean(1, { keepdim: true }))
    adam.zeroGrad()
    loss.backward() // releases the graph as it walks; x and loss are still held, by their handles
    adam.step()
  }
  const seen: ReturnType<typeof held>[] = []
  for (let i = 1; i <= steps; i++) {
    if (kind === 'scope')
      scope(step) // a tensor that step returned would live on
    else step()
    if (kind === 'await' && i % 20 === 0) await new Promise((resolve) => setTimeout(resolve))
    if (i % (steps / 10) === 0) seen.push(held(device))
  }
  return seen
}

export async function main(device: Device, steps = 240) {
  const result: Partial<Record<Kind, ReturnType<typeof held>[]>> = {}
  const kinds: Kind[] = ['scope', 'await', 'neither']
  for (const kind of kinds) {
    const seen = await loop(device, kind, steps)
    result[kind] = seen
    const tensors = seen.map((m) => m.tensors).join(' ')
    const most = Math.max(...seen.map((m) => m.bytes)) / 2 ** 20
    console.log(
      `${kind.padEnd(8)} tensors held after each tenth of ${steps} steps: ${tensors}; at most ${most.toFixed(0)} MiB`,
    )
  }
  console.log(
    '\nscope: the same to the byte, whatever the number of steps. await: bounded by the collector, which a GPU device\nrouses every 256 MiB. neither: grows',
  )
  console.log('until the loop ends, or until device.memoryLimit, where the engine throws and names scope.')
  return result as Record<Kind, ReturnType<typeof held>[]>
}

await run(import.meta.url, main)

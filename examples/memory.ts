/**
 * @file Who frees what. A training loop written by hand, three times: with `scope`, which frees each step's tensors at
 * once; without it but with an `await` now and then, where the garbage collector keeps up; and with neither, where
 * nothing can be freed before the loop ends, because finalizers run only when the event loop turns.
 *
 *   npx tsx examples/memory.ts [--device webgpu]
 */
import { type Device, type Memory, memory, nn, optim, randn, scope } from 'handgrad'
import { program } from './run.ts'

const kinds = ['scope', 'await', 'neither'] as const
type Kind = (typeof kinds)[number]
const mebibytes = ({ bytes }: Memory) => bytes / 2 ** 20

/** Train a small network for `steps` steps; what the engine holds after each tenth of them. */
async function loop(device: Device, kind: Kind, steps: number): Promise<Memory[]> {
  const net = new nn.Sequential(new nn.Linear(8, 128, { device }), new nn.ReLU(), new nn.Linear(128, 1, { device }))
  const adam = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const step = () => {
    const x = randn([256, 8], { device })
    const loss = nn.functional.mseLoss(net.forward(x), x.square().mean(1, { keepdim: true }))
    adam.zeroGrad()
    loss.backward() // releases the graph as it walks; what has a handle (x, h, loss …) is still held
    adam.step()
  }
  const held: Memory[] = []
  const tenth = Math.max(1, Math.floor(steps / 10))
  for (let i = 1; i <= steps; i++) {
    if (kind === 'scope') scope(step)
    else step()
    if (kind === 'await' && i % 20 === 0) await new Promise((resolve) => setTimeout(resolve))
    if (i % tenth === 0) held.push(memory(device))
  }
  return held
}

export const main = program(
  import.meta.url,
  'Who frees what: a loop with scope, with an await now and then, and with neither.',
  { steps: [100, 'of each loop'] },
  async ({ device, steps, show }) => {
    const held: { kind: Kind; sizes: Memory[] }[] = []
    console.log(`after each tenth of ${steps} steps:`)
    for (const kind of kinds) {
      const sizes = await loop(device, kind, steps)
      held.push({ kind, sizes })
      const tensors = sizes.map((m) => String(m.tensors).padStart(5)).join('')
      const most = Math.max(0, ...sizes.map(mebibytes))
      console.log(`  ${kind.padEnd(8)}${tensors} tensors, at most ${most.toFixed(1)} MiB`)
    }
    console.log('\nscope: the same to the byte, however many steps')
    console.log('await: bounded by the collector, which a GPU device rouses every 256 MiB')
    console.log(
      'neither: grows until the loop ends, or until device.memoryLimit, where the engine throws and names scope',
    )
    // Beside, under a name of its own: what the collector leaves is another in each run.
    const lines = held.map(({ kind, sizes }) => ({ name: kind, y: sizes.map(mebibytes) }))
    show({ title: 'Who frees what', xLabel: 'tenth of the steps', yLabel: 'MiB held', lines }, 'memory-held')
    return Object.fromEntries(held.map(({ kind, sizes }) => [kind, sizes])) as Record<Kind, Memory[]>
  },
)

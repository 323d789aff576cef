/**
 * @file What a step of training takes, before anything is allocated: GPT-2 by its configuration or that of a folder, in
 * every mode. Then a small one is trained, and what its steps hold at most is laid beside the plan.
 *
 *   npx tsx examples/gpt2/memory.ts [--device webgpu] [--batch 8] [--length 1024]
 *   npx tsx examples/gpt2/memory.ts --model gpt2 --limit 4     the same of a folder, and what fits 4 GB
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { autocast, type Device, HandgradError, nn, optim, scope, tap, zeros } from 'handgrad'
import { lora, memoryPlan, type PlanMode } from 'handgrad/finetune'
import { GPT2 } from 'handgrad/models'
import { program } from '../run.ts'

const { crossEntropy, linearCrossEntropy } = nn.functional
const lean = { loss: 'linearCrossEntropy' } as const
const targets = ['c_attn']

/** From what is composed as it is read to what takes least. */
const modes: Readonly<Record<string, PlanMode>> = {
  float32: {},
  'logits some rows at a time': lean,
  'and a checkpoint per block': { ...lean, checkpoint: true },
  'and products in bfloat16': { ...lean, checkpoint: true, autocast: 'bfloat16' },
  'LoRA on c_attn in its place': { ...lean, checkpoint: true, lora: { targets } },
  'and its base in bfloat16': { ...lean, checkpoint: true, lora: { targets }, dtype: 'bfloat16' },
}
const columns = ['weights', 'gradients', 'optimizer', 'activations', 'logits', 'all'] as const

/** Bytes that a device holds at most while f runs. */
function peakOf(device: Device, f: () => void): number {
  let most = 0
  const end = tap(device, {
    alloc: (next, ...args) => {
      const block = next(...args)
      most = Math.max(most, device.memory().liveBytes)
      return block
    },
  })
  f()
  end()
  return most
}

/** What the last step holds beyond what was held before: the first makes what the optimizer remembers. */
function measured(device: Device, config: object, batch: number, mode: PlanMode, steps: number): number {
  const { loss, checkpoint, autocast: cast, lora: how, dtype } = mode
  const before = device.memory().liveBytes
  const gpt = new GPT2(config, { device })
  if (dtype) gpt.to(dtype)
  if (how) lora(gpt, how)
  gpt.gradientCheckpointing = checkpoint ?? false
  const optimizer = new optim.AdamW(gpt.parameters().filter((x) => x.requiresGrad))
  const ids = zeros([batch, gpt.config.n_positions], { dtype: 'int32', device })
  const step = () =>
    scope(() => {
      optimizer.zeroGrad()
      const lossOf = () => {
        const h = gpt.hidden(ids).flatten(0, 1)
        if (loss === 'linearCrossEntropy') return linearCrossEntropy(h, gpt.transformer.wte.weight, ids.flatten())
        return crossEntropy(gpt.logits(h), ids.flatten())
      }
      const found = cast ? autocast(cast, lossOf) : lossOf()
      found.backward()
      optimizer.step()
    })
  for (let i = 1; i < steps; i++) step()
  const most = peakOf(device, step) - before
  for (const x of [ids, ...gpt.parameters()]) x.dispose()
  return most
}

export const main = program(
  import.meta.url,
  'What a step of training a GPT-2 takes, planned in every mode, and measured of a small one.',
  {
    batch: [8, 'texts of a step'],
    length: [1024, 'tokens of a text'],
    model: ['', 'a folder with a config.json, in place of the smallest GPT-2'],
    limit: [4, 'GB that a step may take', 'real'],
    width: [32, 'channels of the small one'],
    steps: [2, 'that it takes'],
  },
  async ({ device, batch, length, model, limit, width, steps }) => {
    const kind = device.kind === 'webgpu' ? 'webgpu' : 'cpu'
    const row = (name: string, cells: readonly string[]) =>
      console.log(name.padEnd(27) + cells.map((cell) => cell.padStart(12)).join(''))
    // 1. The model does not exist: its sizes do.
    const config = model ? JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')) : {}
    const sizes = { batch, length, device: kind } as const
    row('GB', columns)
    const planned = Object.entries(modes).map(([name, mode]) => {
      const plan = memoryPlan(config, { ...sizes, mode })
      const cells = columns.map((column) => (plan[column] / 1e9).toFixed(2))
      row(name, cells)
      return plan
    })

    // 2. What does not fit is refused, by the name of what would.
    try {
      memoryPlan(config, { ...sizes, limit: limit * 1e9 })
      console.log(`\nit fits ${limit} GB as it is`)
    } catch (error) {
      if (!(error instanceof HandgradError)) throw error
      console.log(`\n${error.message}`)
    }

    // 3. A small one is made, and does what was planned.
    const small = { vocab_size: 500, n_positions: 64, n_embd: width, n_layer: 2, n_head: 4 }
    console.log('')
    row('MB of a small one', ['planned', 'measured'])
    const ratios = Object.entries(modes).map(([name, mode]) => {
      const { all } = memoryPlan(small, { batch, mode, device: kind })
      const found = measured(device, small, batch, mode, steps)
      const cells = [all, found].map((bytes) => (bytes / 1e6).toFixed(2))
      row(name, cells)
      return all / found
    })
    return { planned, ratios }
  },
)

/**
 * @file What 16 bits cost: Shakespeare by a small GPT-2, character by character, in float32, under
 * `autocast('bfloat16')`, and under `autocast('float16')` with `GradScaler`, from the same weights on the same batches,
 * for three seeds; and what the blocks keep between forward and backward. Writes docs/made/mixed.md:
 * `npx tsx tools/runs/mixed.ts --device webgpu --data DIR`.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type AutocastDType,
  autocast,
  CpuDevice,
  type Device,
  data,
  manualSeed,
  memory,
  nn,
  noGrad,
  optim,
  scope,
  type Tensor,
  zeros,
} from '../../src/index.ts'
import { GPT2 } from '../../src/models/index.ts'
import { type Outcome, program, start } from './run.ts'

const page = fileURLToPath(new URL('../../docs/made/mixed.md', import.meta.url))
const modes = ['float32', 'bfloat16', 'float16'] as const
const [LAYERS, WIDTH, HEADS, BLOCK, BATCH, LR, WARMUP] = [2, 48, 4, 32, 8, 2e-3, 25]
/** Windows of the text that is never trained on. */
const HELD = 256
/** How far a loss may be from that of float32, relative to that; floats that a block may keep with checkpoints. */
const [WANTED, KEPT] = [0.01, 2]

const modelOn = (device: Device, letters: number, layers: number): GPT2 => {
  const drops = { resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 }
  const size = { vocab_size: letters, n_positions: BLOCK, n_embd: WIDTH, n_layer: layers, n_head: HEADS }
  return new GPT2({ ...size, ...drops }, { device })
}
const lossOf = (model: GPT2, dtype: AutocastDType, ids: Tensor, next: Tensor): Tensor =>
  scope(() => autocast(dtype, () => nn.functional.crossEntropy(model.forward(ids).flatten(0, 1), next.flatten())))

/** What a training came to. */
interface Run {
  /** Of the text that is never trained on, in nats a character. */
  readonly loss: number
  readonly seconds: number
  /** Steps that the scaler left out. */
  readonly skipped: number
}

async function trained(device: Device, text: string, steps: number, seed: number, dtype: AutocastDType): Promise<Run> {
  const { codes, alphabet } = data.characters(text)
  const end = Math.floor(0.9 * codes.length)
  const windows = new data.WindowDataset(codes.slice(0, end), BLOCK)
  const sampler = new data.RandomSampler(windows.length, { replacement: true, count: steps * BATCH })
  const loader = new data.DataLoader(windows, { batchSize: BATCH, sampler, seed, device })
  const unseen = new data.WindowDataset(codes.slice(end), BLOCK)
  const some = Array.from({ length: HELD }, (_, i) => Math.floor((i * unseen.length) / HELD))
  const held = new data.DataLoader(new data.Subset(unseen, some), { batchSize: 32, device })
  manualSeed(seed)
  const model = modelOn(device, alphabet.length, LAYERS)
  const optimizer = new optim.AdamW(model.parameters(), { lr: LR })
  const schedule = new optim.WarmupCosineLR(optimizer, {
    warmupSteps: WARMUP,
    totalSteps: Math.max(steps, WARMUP + 1),
    minLr: LR / 10,
  })
  // Without float16 it passes on what it is given.
  const scaler = new optim.GradScaler({ enabled: dtype === 'float16' })
  const begin = performance.now()
  let skipped = 0
  for (const [ids, next] of loader) {
    optimizer.zeroGrad()
    using loss = lossOf(model, dtype, ids, next)
    scope(() => scaler.scale(loss).backward())
    scaler.unscale_(optimizer)
    scope(() => optim.clipGradNorm(model.parameters(), 1))
    if (!(await scaler.step(optimizer))) skipped++
    scaler.update()
    schedule.step()
  }
  let [sum, count] = [0, 0]
  for (const [ids, next] of held) {
    using loss = noGrad(() => lossOf(model, dtype, ids, next))
    sum += await loss.item()
    count++
  }
  for (const x of model.parameters()) x.dispose()
  return { loss: sum / count, seconds: (performance.now() - begin) / 1000, skipped }
}

/** Floats of 32 bits that a block keeps for each channel of each token: what two more blocks keep, by their number. */
function keptFloats(dtype: AutocastDType, checkpoints: boolean): number {
  const device = new CpuDevice()
  const kept = (layers: number): number =>
    scope(() => {
      const model = modelOn(device, 65, layers)
      model.gradientCheckpointing = checkpoints
      const ids = zeros([4 * BATCH, BLOCK], { dtype: 'int32', device })
      const before = memory(device).bytes
      const loss = lossOf(model, dtype, ids, ids)
      const { bytes } = memory(device)
      loss.backward()
      return bytes - before
    })
  return (kept(4) - kept(2)) / (2 * 4 * BATCH * BLOCK * WIDTH * 4)
}

const percent = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(2)} %`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

export const main = (args: readonly string[]): Promise<Outcome> =>
  program('mixed', args, { steps: '500', seeds: '3', page }, async ({ data: folder, device, own }) => {
    const [steps, count] = [own.steps, own.seeds].map(Number)
    const text = await data.loadText(join(folder, 'tinyshakespeare/input.txt'))
    const seeds = Array.from({ length: count }, (_, i) => i + 1)
    const runs = new Map<AutocastDType, Run[]>(modes.map((dtype) => [dtype, []]))
    for (const seed of seeds)
      for (const [dtype, list] of runs) {
        list.push(await trained(device, text, steps, seed, dtype))
        const { loss, seconds, skipped } = list[list.length - 1]
        console.log(`seed ${seed}, ${dtype}: ${loss.toFixed(4)}, ${seconds.toFixed(0)} s, ${skipped} steps left out`)
      }
    const mean = (list: readonly Run[], of: (run: Run) => number): number =>
      list.reduce((sum, run) => sum + of(run), 0) / list.length
    const base = mean(runs.get('float32') ?? [], ({ loss }) => loss)
    const off = modes.map((dtype) => mean(runs.get(dtype) ?? [], ({ loss }) => loss) / base - 1)
    const kept = modes.map((dtype) => [false, true].map((on) => keptFloats(dtype, on)))
    const rows = [...runs].map(([dtype, list], i) => {
      const losses = list.map(({ loss }) => loss.toFixed(4))
      const skipped = list.map((run) => run.skipped).join(', ')
      const times = [mean(list, (run) => run.seconds).toFixed(0), dtype === 'float16' ? skipped : '–']
      return [dtype, ...losses, mean(list, ({ loss }) => loss).toFixed(4), i ? percent(off[i]) : '–', ...times]
    })
    const heads = ['products store', ...seeds.map((seed) => `seed ${seed}`), 'mean', 'off', 'seconds', 'left out']
    const adapter = device.kind === 'webgpu' ? device.name : 'cpu'
    writeFileSync(
      own.page,
      `# Mixed precision beside float32

Written by \`npx tsx tools/runs/mixed.ts --device ${device.kind} --data DIR\`; not to be edited. \`DIR\` holds tinyshakespeare.

A GPT-2 of ${LAYERS} layers, ${WIDTH} channels, ${HEADS} heads, without dropout, on Shakespeare by characters: ${steps} steps of ${BATCH} windows of
${BLOCK}, AdamW at ${LR} (warm-up of ${WARMUP} steps, then a cosine down to a tenth), the norm of gradients clipped at 1. In float32, under
\`autocast('bfloat16')\`, and under \`autocast('float16')\` with \`GradScaler\` as it is by default, from the same weights on the same batches.
On ${adapter}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), which other programs shared.

Loss of ${HELD} windows of the last tenth of the text, which is never trained on, in nats a character, taken in the precision of the training:

${table(heads, rows)}

Wanted: with each seed a loss within ${100 * WANTED} % of float32's. "Left out" are the steps that the scaler found not to be finite.

At twice the rate, 0.004, means were off by 0.02 % (bfloat16) and 0.08 % (float16), but single seeds by up to 1.2 %, to either side: there
roundings grow as other seeds' differences do.

Floats of 32 bits that a block keeps between forward and backward, for each channel of each token (${4 * BATCH} × ${BLOCK}), the copies of its weights
in 16 bits among them; with \`gradientCheckpointing\`, at most ${KEPT} are wanted:

${table(
  ['products store', 'kept', 'kept with checkpoints'],
  modes.map((dtype, i) => [dtype, ...kept[i].map((n) => n.toFixed(2))]),
)}
`,
    )
    const wide = runs.get('float32') ?? []
    const near = (list: readonly Run[]) => list.every(({ loss }, i) => Math.abs(loss / wide[i].loss - 1) <= WANTED)
    const good = [...runs.values()].every(near) && kept.every(([, again]) => again <= KEPT)
    return {
      what: `Shakespeare, GPT-2 of ${LAYERS} layers in 16 bits`,
      length: `${count} × ${steps} steps each`,
      result: `validation loss ${base.toFixed(4)}, in bfloat16 ${percent(off[1])}, in float16 ${percent(off[2])}`,
      wanted: `each seed within ${100 * WANTED} % of float32`,
      reached: good,
    }
  })

await start(import.meta.url, main)

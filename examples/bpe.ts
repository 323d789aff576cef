/**
 * @file A tokenizer trained on text that the program makes, English and Chinese: which pairs of bytes become tokens,
 * how much shorter a text is for it, and why a stream of tokens must hold back parts of characters.
 *
 *   npx tsx examples/bpe.ts [--steps 343] [--data FOLDER]
 */
import { data } from 'handgrad'
import { BPE, loadTokenizer, tokenizerFiles } from 'handgrad/text'
import { table } from './chart.ts'
import { review } from './chinese/texts.ts'
import { dataOption, text as english } from './data.ts'
import { program } from './run.ts'

const END = '<|endoftext|>'
const bytes = (text: string): number => new TextEncoder().encode(text).length

/** A token as a person reads it; parts of characters stay in the byte alphabet. */
function shown(bpe: BPE, id: number): string {
  const text = bpe.decode([id])
  return text.includes('\ufffd') ? `<${bpe.tokenOf(id)}>` : text.replaceAll(' ', '␣').replaceAll('\n', '⏎')
}

export const main = program(
  import.meta.url,
  'A byte-pair encoding trained on text that the program makes: its merges, what it saves, and how it is decoded.',
  { steps: [343, 'merges to learn'], data: dataOption },
  async ({ steps: merged, data: folder, show }) => {
    const size = 256 + merged + 1
    const random = data.randomOf({ seed: 3, epoch: 0, index: 0 })
    const chinese = Array.from({ length: 1000 }, () => review(random).text).join('\n')
    const corpus = [(await english(folder)).text, chinese]

    // 1. Bytes first, then the most frequent pair of neighbours, again and again.
    const bpe = BPE.train(corpus, { size, special: [END] })
    const merges = bpe.merges.map((pair, rank) => ({ pair, token: shown(bpe, 256 + rank) }))
    console.log(`${bpe.size} tokens: 256 bytes, ${merges.length} merges, ${bpe.special.size} special`)
    const rows = [0, 1, 2, 9, 29, 99, 199].filter((rank) => rank < merges.length)
    console.log(
      table(
        ['rank', 'pair', 'token'],
        rows.map((rank) => [rank, merges[rank].pair.join(' + '), merges[rank].token]),
      ),
    )

    // 2. A text is cut into pieces, and in each the pairs are merged by rank.
    const samples = ['the shy hen sees a dog.', '今天收到，快递非常快！', '质量 12 🐔']
    for (const sample of samples) {
      const ids = bpe.encode(sample)
      console.log(`${sample}\n  ${Array.from(ids, (id) => shown(bpe, id)).join(' | ')}`)
    }

    // 3. What more tokens bring: bytes for each. A model reads that much further with the same attention.
    const sizes = [256, 272, 288, 320, 384, 448, 512, size].filter((one) => one <= size).sort((a, b) => a - b)
    const rates = sizes.map((one) => {
      const small = BPE.train(corpus, { size: one })
      return corpus.map((text) => bytes(text) / small.encode(text).length)
    })
    const lines = ['English', 'Chinese'].map((name, i) => ({ name, x: sizes, y: rates.map((both) => both[i]) }))
    show({ title: 'Bytes in a token', xLabel: 'tokens in the vocabulary', yLabel: 'bytes', lines })

    // 4. One token after the other, as a model writes: what is not a whole character waits.
    const emoji = '好🐔!'
    const decoder = bpe.decoder()
    const steps = Array.from(bpe.encode(emoji), (id) => [shown(bpe, id), bpe.decode([id]), decoder.push(id)])
    console.log(
      table(
        ['token', 'decoded alone', 'from decoder()'],
        steps.map((row) => row.map((cell) => `'${cell}'`)),
      ),
    )

    // 5. Special tokens are read as such only where that is asked for: no stranger's text can hold one.
    const told = `hen${END}`
    const [plain, special] = [bpe.encode(told), bpe.encode(told, { allowedSpecial: 'all' })]
    console.log(`'${told}': ${plain.length} tokens of text, or with allowedSpecial ${special.length}`)

    // 6. Files: Hugging Face's tokenizer.json, or GPT-2's two.
    const files = await tokenizerFiles(bpe)
    const again = await loadTokenizer(files)
    const same = samples.every((sample) => again.encode(sample).join() === bpe.encode(sample).join())
    const length = bytes(files['tokenizer.json']).toLocaleString('en-US')
    console.log(`tokenizer.json has ${length} bytes; read again: ${same ? 'the same ids' : 'other ids'}`)
    return {
      bpe,
      rates,
      steps,
      emoji,
      plain,
      special,
      same,
      back: samples.every((one) => bpe.decode(bpe.encode(one)) === one),
    }
  },
)

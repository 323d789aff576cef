/**
 * @file A GPT from nothing, character by character: trained on Shakespeare (`--data`) or on sentences of a small
 * grammar, validated on text that it has not seen, then sampled by temperature, top-k and top-p.
 *
 *   npx tsx examples/gpt.ts [--device webgpu]
 *   npx tsx examples/gpt.ts --data FOLDER --steps 3000 --width 64 --layers 2 --block 32 --batch 16 --lr 0.004
 */
import { data, nn, noGrad, optim, scope, type Tensor, tensor, train } from 'handgrad'
import { table } from './chart.ts'
import { dataOption, text as textOf } from './data.ts'
import { program } from './run.ts'

/** Logits of what follows each letter: [batch, length] → [batch, length, letters]. */
export function gpt(letters: number, block: number, width: number, layers: number): nn.Sequential {
  // A layer: x + attention(norm x), then x + W₂ gelu(W₁ norm x). No dropout: each step sees new text.
  const options = { dimFeedforward: 4 * width, dropout: 0, batchFirst: true, normFirst: true } as const
  const layer = () => new nn.TransformerEncoderLayer(width, 4, { ...options, activation: 'gelu' })
  const blocks = new nn.TransformerEncoder(layer, layers, new nn.LayerNorm(width))
  // A letter attends to itself and those before it, never to what it shall tell.
  blocks.registerForwardPreHook((_, [x]) => [x, { isCausal: true }])
  const places = new nn.PositionalEncoding(width, { dropout: 0, maxLen: block, batchFirst: true })
  return new nn.Sequential(new nn.Embedding(letters, width), places, blocks, new nn.Linear(width, letters))
}

type Sampling = { temperature?: number; topK?: number; topP?: number }
/** Chances of all letters: softmax(z/T), then only the k likeliest, or as few as have p together. */
export function chances(z: readonly number[], { temperature = 1, topK = Infinity, topP = 1 }: Sampling): number[] {
  const top = Math.max(...z)
  const weights = z.map((v) => Math.exp((v - top) / temperature))
  const total = weights.reduce((a, b) => a + b)
  const order = weights.map((_, i) => i).sort((a, b) => weights[b] - weights[a])
  const p = z.map(() => 0)
  let sum = 0
  for (const i of order.slice(0, topK)) {
    if (sum < topP * total) sum += p[i] = weights[i]
  }
  return p.map((w) => w / sum)
}
/** H = −Σ p ln p, in nats: eᴴ letters of equal chance would be as hard to tell. */
const entropy = (p: readonly number[]): number => -p.reduce((sum, v) => sum + (v > 0 ? v * Math.log(v) : 0), 0)

const ways = { 'top-k 1': { topK: 1 }, 'T 0.5': { temperature: 0.5 }, 'T 1': {}, 'T 1.5': { temperature: 1.5 } }
const cut = { 'top-k 3': { topK: 3 }, 'top-p 0.9': { topP: 0.9 } }
const samplings: [name: string, way: Sampling][] = Object.entries({ ...ways, ...cut })

export const main = program(
  import.meta.url,
  'A character GPT: trained, validated, sampled by temperature, top-k and top-p.',
  {
    steps: [150, 'of training'],
    width: [32, 'numbers for a letter; four heads share them'],
    layers: [1, 'of attention'],
    block: [16, 'letters that it sees'],
    batch: [12, 'windows in a step'],
    lr: [0.02, 'the learning rate at the start'],
    data: dataOption,
  },
  async ({ device, seed, steps, width, layers, block, batch, lr, data: folder, progress, show }) => {
    const { text, floor } = await textOf(folder)
    const { codes, alphabet } = data.characters(text)
    const end = Math.floor(0.9 * codes.length) // what comes behind it is never trained on
    const windows = new data.WindowDataset(codes.slice(0, end), block)
    const sampler = new data.RandomSampler(windows.length, { replacement: true, count: steps * batch })
    const batches = new data.DataLoader(windows, { batchSize: batch, sampler, seed, device })
    const unseen = new data.WindowDataset(codes.slice(end), block)
    const some = Array.from({ length: 32 }, (_, i) => Math.floor((i * unseen.length) / 32))
    const [held] = new data.DataLoader(new data.Subset(unseen, some), { batchSize: 32, device })
    const model = await gpt(alphabet.length, block, width, layers).to(device)
    const lossOf = (z: Tensor, next: Tensor): Tensor => nn.functional.crossEntropy(z.flatten(0, 1), next.flatten())
    const optimizer = new optim.AdamW(model.parameters(), { lr })
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps, etaMin: lr / 10 })
    const [losses, x, y]: [number[], number[], number[]] = [[], [], []]
    const options = { train: batches, loss: lossOf, optimizer, schedule, epochs: 1, clip: { norm: 1 } } as const
    for await (const { step, loss } of train.trainSteps(model, options)) {
      losses.push(await loss.item())
      progress(step, steps, `loss ${losses[step - 1].toFixed(3)}`)
      if (step % Math.ceil(steps / 8) !== 0 && step !== steps) continue
      x.push(step)
      y.push((await train.evaluate(model, [held], { loss: lossOf })).loss ?? Number.NaN)
    }
    const [guess, last] = [Math.log(alphabet.length), y[y.length - 1]].map((v) => v.toFixed(2))
    console.log(
      `nats per letter: guessing ${guess}, validation ${last}${floor ? `, the floor ${floor.toFixed(2)}` : ''}`,
    )
    // How undecided is it, at the letters of the held text?
    const z = (await noGrad(() => model.forward(held[0]).flatten(0, 1)).array()) as number[][]
    const mean = (way: Sampling): number => z.reduce((sum, row) => sum + entropy(chances(row, way)) / z.length, 0)
    const degrees = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    const curve = (way: Sampling): number[] => degrees.map((temperature) => mean({ ...way, temperature }))
    const kinds = Object.entries({ all: {}, ...cut })
    const entropies = kinds.map(([name, way]) => ({ name, x: degrees, y: curve(way) }))
    // All ways at once, a row of the batch each.
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const rows = samplings.map(() => [alphabet.indexOf('\n')])
    for (let i = 0; i < 72; i++) {
      const seen = rows.map((row) => row.slice(-block))
      const input = tensor(seen, { dtype: 'int32', device })
      const logits = (await scope(() => noGrad(() => model.forward(input).select(1, -1))).array()) as number[][]
      rows.forEach((row, r) => {
        const p = chances(logits[r], samplings[r][1])
        let left = random.uniform() // the letter at which the sum of chances passes it
        row.push(p.findIndex((v) => (left -= v) < 0))
      })
    }
    const written = rows.map((row) => Array.from(row, (code) => alphabet[code]).join(''))
    const known = new Set(text.split(/\s+/))
    const shares = written.map((line) => {
      const words = line.split(/\s+/).slice(1, -1) // the last one may be cut
      return words.filter((word) => known.has(word)).length / words.length
    })
    const cells = samplings.map(([name, way], i) => [name, mean(way).toFixed(2), `${Math.round(100 * shares[i])} %`])
    console.log(table(['sampling', 'entropy', 'words'], cells))
    for (const [i, line] of written.entries()) console.log(`\n${samplings[i][0]}:${line}`)
    show({ title: 'How undecided it is', xLabel: 'temperature', yLabel: 'nats', lines: entropies }, 'gpt-entropy')
    const val = { name: 'validation', x, y }
    const lines = [{ name: 'training', x: losses.map((_, k) => k + 1), y: losses }, val]
    show({ title: 'A GPT learns letters', xLabel: 'step', yLabel: 'nats', lines })
    return { floor, losses, validation: y, entropies, shares, written }
  },
)

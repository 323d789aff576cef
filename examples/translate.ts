/**
 * @file Translation in small: `27 november 2026` → `2026-11-27`, by an encoder that reads, a decoder that writes, and
 * attention, by which each letter that is written looks at those that were read.
 *
 *   npx tsx examples/translate.ts [--device webgpu] [--steps 1000 --width 64]
 */
import { cat, data, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { program } from './run.ts'

const MONTHS = 'january february march april may june july august september october november december'.split(' ')
const [INPUT, OUTPUT, BATCH] = [17, 10, 16] // letters of a date in words (at most) and in numbers
const LETTERS = [...' -0123456789abcdefghijlmnoprstuvy'] // the space also stands for nothing
export const codes = (text: string): number[] => Array.from(text, (letter) => LETTERS.indexOf(letter))

/** Dates of 40 years, shuffled: each in words and in numbers. */
export function dates(): [words: string, numbers: string][] {
  const all = Array.from({ length: 40 * 365 }, (_, day) => new Date(Date.UTC(1990, 0, 1 + day)))
  const random = data.randomOf({ seed: 1, epoch: 0, index: 0 })
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.int(i + 1)
    ;[all[i], all[j]] = [all[j], all[i]]
  }
  return all.map((date) => {
    const words = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
    return [words.padEnd(INPUT), date.toISOString().slice(0, OUTPUT)]
  })
}

export class Translator extends nn.Module {
  readonly letters: nn.Embedding
  readonly encoder: nn.GRU
  readonly decoder: nn.GRU
  readonly query: nn.Linear
  readonly head: nn.Sequential
  constructor(width: number) {
    super()
    this.letters = new nn.Embedding(LETTERS.length, width)
    this.encoder = new nn.GRU(width, width / 2, { bidirectional: true, batchFirst: true })
    this.decoder = new nn.GRU(width, width, { batchFirst: true })
    this.query = new nn.Linear(width, width, { bias: false })
    this.head = new nn.Sequential(new nn.Linear(2 * width, width), new nn.Tanh(), new nn.Linear(width, LETTERS.length))
  }
  /** Logits of each letter of the output from those before it, and where each looked: [batch, output, input]. */
  forward(read: Tensor, written: Tensor): { logits: Tensor; looks: Tensor } {
    const [e] = this.encoder.forward(this.letters.forward(read)) // a vector for each letter read, of both directions
    const start = e.mean(1).unsqueeze(0)
    const [d] = this.decoder.forward(this.letters.forward(written), { state: start })
    // a_ij = softmax_j(d_iᵀ W e_j), the mean c_i = Σ_j a_ij e_j, and both to the head
    const looks = this.query.forward(d).matmul(e.transpose(1, 2)).softmax(-1)
    return { logits: this.head.forward(cat([d, looks.matmul(e)], 2)), looks }
  }
}

/** How much of what is looked at while writing the year, the month and the day lies in that word: from 0 to 1. */
function aligned(words: string, looks: readonly number[][]): number[] {
  const [day, month] = words.split(' ').map((word) => word.length)
  const read = [day + month + 2, day + 1, 0].map((first, i) => [first, [4, month, day][i]])
  const written = [0, 5, 8].map((first, i) => looks.slice(first, first + [4, 2, 2][i]))
  return written.map((rows, i) => {
    const inside = rows.map((row) => row.slice(read[i][0], read[i][0] + read[i][1]).reduce((a, b) => a + b, 0))
    return inside.reduce((a, b) => a + b, 0) / rows.length
  })
}

export const main = program(
  import.meta.url,
  'Dates in words become dates in numbers, by an encoder, a decoder and attention.',
  { steps: [280, 'of training'], width: [32, 'numbers for a letter'], lr: [0.02, 'the learning rate at the start'] },
  async ({ device, steps, width, lr, progress, show }) => {
    const all = dates()
    const unseen = all.splice(0, 100)
    const letters = (texts: readonly string[]): Tensor => tensor(texts.map(codes), { dtype: 'int32', device })
    const model = await new Translator(width).to(device)
    const optimizer = new optim.Adam(model.parameters(), { lr })
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps, etaMin: lr / 20 })
    const losses: number[] = []
    for (let step = 0; step < steps; step++) {
      const first = (step * BATCH) % (all.length - BATCH)
      const pairs = all.slice(first, first + BATCH)
      const loss = scope(() => {
        optimizer.zeroGrad()
        const read = letters(pairs.map(([words]) => words))
        // The decoder is given the right letters, one place later: from each beginning it is to tell what follows.
        const target = letters(pairs.map(([, numbers]) => ` ${numbers}`))
        const { logits } = model.forward(read, target.narrow(1, 0, OUTPUT))
        const loss = nn.functional.crossEntropy(logits.flatten(0, 1), target.narrow(1, 1, OUTPUT).flatten())
        loss.backward()
        optim.clipGradNorm(model.parameters(), 1)
        optimizer.step()
        schedule.step()
        return loss.detach()
      })
      losses.push(await loss.item())
      progress(step + 1, steps, `loss ${losses[step].toFixed(3)}`)
    }
    // Nobody gives it the right letters now: the likeliest one is written, and read again.
    const read = letters(unseen.map(([words]) => words))
    let written = letters(unseen.map(() => ' '))
    for (let i = 0; i < OUTPUT; i++)
      written = scope(() => {
        const { logits } = noGrad(() => model.forward(read, written))
        return cat([written, logits.narrow(1, i, 1).argmax(-1)], 1)
      })
    const rows = (await written.narrow(1, 1, OUTPUT).array()) as number[][]
    const texts = rows.map((row) => row.map((code) => LETTERS[code]).join(''))
    const accuracy = texts.filter((text, i) => text === unseen[i][1]).length / unseen.length
    const maps = (await noGrad(() => model.forward(read, written.narrow(1, 0, OUTPUT))).looks.array()) as number[][][]
    const shade = (v: number): string => ' .:+#@'[Math.min(5, Math.floor(6 * v))]
    console.log(`where each letter of ${texts[0]} looked:\n  ${unseen[0][0]}`)
    for (const [i, row] of maps[0].entries()) console.log(`${texts[0][i]} ${row.map(shade).join('')}`.trimEnd())
    const shares = unseen.map(([words], i) => aligned(words, maps[i]))
    const [year, month, day] = [0, 1, 2].map((k) => shares.reduce((sum, share) => sum + share[k], 0) / shares.length)
    const parts = [year, month, day].map((v) => v.toFixed(2))
    console.log(`in its own word looked: the year ${parts[0]}, the month ${parts[1]}, the day ${parts[2]}`)
    console.log(`${Math.round(100 * accuracy)} of 100 unseen dates are right`)
    const axes = { xLabel: 'step', yLabel: 'nats per letter', log: 'y' } as const
    show({ ...axes, title: 'Dates are learned', lines: [{ name: 'loss', y: losses }] })
    return { accuracy, losses, maps, year, month, day }
  },
)

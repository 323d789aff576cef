/**
 * @file The answer of a shop's service that fits a question, in Chinese: questions and answers become vectors, and the
 * nearest answer is taken. Each way of asking is tried by a network that has not seen it:
 * three of them, which learn from two thirds each.
 *
 *   npx tsx examples/chinese/answers.ts [--device webgpu]
 */
import { nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { program } from '../run.ts'
import { alphabetOf, charactersOf, Reader, rowsOf } from './reader.ts'
import { answers } from './texts.ts'

const LENGTH = 20 // characters of a text, filled up
const SHARPNESS = 10 // of the softmax: cosines lie between −1 and 1

/** Pairs of neighbouring characters that two texts share, as a part of all that either has: no learning. */
export function overlap(a: string, b: string): number {
  const pairs = (text: string) => new Set(charactersOf(text).map((one, i, all) => one + (all[i + 1] ?? '')))
  const [p, q] = [pairs(a), pairs(b)]
  const both = [...p].filter((pair) => q.has(pair)).length
  return both / (p.size + q.size - both)
}

/** The place of the right one, from 1, where all are ranked by score. */
const rankOf = (scores: readonly number[], right: number): number =>
  1 + scores.filter((score, i) => score > scores[right] || (score === scores[right] && i < right)).length

export const main = program(
  import.meta.url,
  'Chinese questions to a shop, and the answer that fits each.',
  { steps: [60, 'of Adam'], width: [24, 'numbers for each character'] },
  async ({ device, steps, width, progress, show }) => {
    const replies = answers.map(({ answer }) => answer)
    const asked = answers.flatMap(({ questions }, answer) =>
      questions.map((text, i) => ({ text, answer, part: i % 3 })),
    )
    const results: { text: string; answer: number; scores: number[] }[] = []
    const losses: number[][][] = []
    for (let part = 0; part < 3; part++) {
      const [known, unseen] = [false, true].map((is) => asked.filter((one) => (one.part === part) === is))
      const alphabet = alphabetOf([...replies, ...known.map(({ text }) => text)])
      const rows = (texts: readonly string[]) => rowsOf(texts, alphabet, LENGTH, device)
      const [choices, ...x] = [replies, ...[known, unseen].map((some) => some.map(({ text }) => text))].map(rows)
      const y = [known, unseen].map((some) =>
        tensor(
          Int32Array.from(some, ({ answer }) => answer),
          { device },
        ),
      )
      const net = new Reader(alphabet.size + 1, width, 2, { device })
      const adam = new optim.Adam(net.parameters(), { lr: 0.01 })
      const vectors = (texts: Tensor): Tensor => nn.functional.normalize(net.forward(texts), { dim: 1 }) // of length 1
      // sᵢⱼ = τ · cos(qᵢ, aⱼ): scores of a softmax over the answers
      const scoresOf = (texts: Tensor): Tensor => vectors(texts).matmul(vectors(choices).t()).mul(SHARPNESS)
      const lossOf = (i: number): Tensor => nn.functional.crossEntropy(scoresOf(x[i]), y[i])
      const seen: Tensor[][] = []
      for (let step = 1; step <= steps; step++) {
        adam.zeroGrad()
        const loss = scope(() => {
          const loss = lossOf(0)
          loss.backward()
          return loss.detach()
        })
        adam.step()
        seen.push([loss, scope(() => noGrad(() => lossOf(1)))])
        progress(part * steps + step, 3 * steps)
      }
      losses.push(await Promise.all(seen.map((pair) => Promise.all(pair.map((loss) => loss.item())))))
      const scores = (await noGrad(() => scoresOf(x[1])).array()) as number[][]
      results.push(...unseen.map((one, i) => ({ ...one, scores: scores[i] })))
    }

    const ranks = results.map(({ scores, answer }) => rankOf(scores, answer))
    const byOverlap = results.map(({ text, answer }) =>
      rankOf(
        replies.map((reply) => overlap(text, reply)),
        answer,
      ),
    )
    results.slice(0, 16).forEach(({ text, scores }, i) => {
      console.log(`${ranks[i] === 1 ? '✓' : '✗'} ${text}？ → ${replies[scores.indexOf(Math.max(...scores))]}`)
    })
    const measured = (list: readonly number[]) => ({
      first: list.filter((rank) => rank === 1).length / list.length, // the share of right answers in the first place
      mrr: list.reduce((sum, rank) => sum + 1 / rank, 0) / list.length, // the mean of 1/rank
    })
    const [learned, plain] = [measured(ranks), measured(byOverlap)]
    const said = ({ first, mrr }: typeof learned) =>
      `right ${(100 * first).toFixed(1)} %, mean of 1/rank ${mrr.toFixed(3)}`
    console.log(`\nlearned: ${said(learned)}\nshared pairs of characters: ${said(plain)}`)
    console.log(`always the same answer: right ${(100 / answers.length).toFixed(1)} %`)
    const lines = ['asked in training', 'asked otherwise'].map((name, i) => ({
      name,
      y: losses[0].map((_, step) => losses.reduce((sum, fold) => sum + fold[step][i], 0) / losses.length),
    }))
    const svg = show({ title: 'Choosing among eight answers', xLabel: 'step', yLabel: 'loss', lines })
    return { learned, plain, majority: 1 / answers.length, tested: results.length, svg }
  },
)

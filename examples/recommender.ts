/**
 * @file A recommender by embeddings. Users and items are vectors, and their product says what a user will take next; an
 * item's vector is its own and that of the words in its text, so that items that nobody has taken are ranked, too.
 *
 *   npx tsx examples/recommender.ts [--device webgpu]
 */
import { nn, noGrad, optim, scope, type Tensor, tensor, zeros } from 'handgrad'
import { table } from './chart.ts'
import { program } from './run.ts'
import { NEW, OLD, ranked, TAKEN, USERS, words, world } from './world.ts'

/** sᵤᵢ = pᵤ · (qᵢ + mean of the words of i) + bᵢ, where b learns what is popular. */
export class Recommender extends nn.Module {
  users: nn.Embedding
  items: nn.Embedding
  words: nn.EmbeddingBag
  bias: Tensor
  constructor(width: number, options: nn.LayerOptions) {
    super()
    this.users = new nn.Embedding(USERS, width, options)
    this.items = new nn.Embedding(OLD + NEW, width, options)
    this.words = new nn.EmbeddingBag(words.length, width, { mode: 'mean', ...options })
    this.bias = nn.parameter(zeros([OLD + NEW], { device: options.device }))
    for (const table of [this.users, this.items, this.words]) nn.init.normal_(table.weight, 0, 0.1)
  }
  /** Scores of all items for all users, by the parts of an item that count. */
  forward(texts: Tensor, by: 'own' | 'words' | 'both'): Tensor {
    const parts = { own: () => this.items.weight, words: () => this.words.forward(texts) }
    const items = by === 'both' ? parts.own().add(parts.words()) : parts[by]()
    return this.users.weight.matmul(items.t()).add(this.bias)
  }
}

export const main = program(
  import.meta.url,
  'Recommendations by embeddings and text, against what is popular.',
  { steps: [80, 'of AdamW'], width: [12, 'numbers for each user, item and word'] },
  async ({ device, seed, steps, width, progress, show }) => {
    const { items, users } = world(seed)
    const texts = tensor(
      items.map(({ text }) => text),
      { dtype: 'int32', device },
    )
    const counts = items.map((_, item) => users.filter(({ known }) => known.includes(item)).length)
    const taken = tensor(
      users.map(({ known }) => items.map((_, i) => Number(known.includes(i)) / (USERS * TAKEN))),
      { device },
    )
    const there = tensor(
      items.map((_, i) => (i < OLD ? 0 : -1e9)),
      { device },
    ) // later items cannot be taken yet

    const trained = async (ways: readonly ('own' | 'words' | 'both')[], by: 'own' | 'words' | 'both') => {
      const net = new Recommender(width, { device })
      const optimizer = new optim.AdamW(net.parameters(), { lr: 0.05, weightDecay: 1 })
      for (let step = 1; step <= steps; step++) {
        optimizer.zeroGrad()
        scope(() => {
          // −mean ln p(i | u) of what was taken, for each way of scoring
          const losses = ways.map((way) => net.forward(texts, way).add(there).logSoftmax(1).mul(taken).sum().neg())
          losses.reduce((sum, loss) => sum.add(loss)).backward()
        })
        optimizer.step()
        progress(step, steps)
      }
      return noGrad(() => net.forward(texts, by)).array() as Promise<number[][]>
    }
    const popular = users.map(() => counts)
    const own = await trained(['own'], 'own')
    const both = await trained(['both', 'words'], 'both')
    const text = await trained(['words'], 'words')

    const before = (scores: number[][], k: number) =>
      ranked(
        scores,
        users.map(({ held }) => held),
        (user, item) => item < OLD && !users[user].known.includes(item),
        k,
      )
    const after = (scores: number[][], k: number) =>
      ranked(
        scores,
        users.map(({ later }) => later),
        (_, item) => item >= OLD,
        k,
      )
    const ways = { 'what is popular': popular, 'own vectors': own, words: text, 'own vectors and words': both }
    const rows = Object.entries(ways).map(([way, scores]) => ({
      way,
      known: before(scores, 10),
      later: after(scores, 5),
    }))
    const digits = (v: number) => v.toFixed(3)
    console.log(
      table(
        ['', 'recall@10', 'NDCG@10', 'new: recall@5', 'new: NDCG@5'],
        rows.map(({ way, known, later }) => [way, ...[known.recall, known.ndcg, later.recall, later.ndcg].map(digits)]),
      ),
    )
    const x = Array.from({ length: 20 }, (_, i) => i + 1)
    const lines = Object.entries(ways).map(([name, scores]) => ({ name, x, y: x.map((k) => before(scores, k).recall) }))
    const svg = show({ title: 'What users took next, among the first k', xLabel: 'k', yLabel: 'recall@k', lines })
    return { rows, svg }
  },
)

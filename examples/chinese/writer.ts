/**
 * @file A GRU reads short Chinese sentences character by character, and writes new ones: what comes next is drawn from
 * its probabilities, sharpened by a temperature.
 *
 *   npx tsx examples/chinese/writer.ts [--device webgpu]
 */
import { data, multinomial, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { program } from '../run.ts'
import { charactersOf } from './reader.ts'
import { pick, type Random } from './texts.ts'

const list = (text: string): string[] => text.split(' ')
const scenes = [
  { when: '春天', what: list('小鸟在树上唱歌 花在田里开 燕子飞回来') },
  { when: '夏天', what: list('孩子在河里游泳 荷花在水里开 蝉在树上叫') },
  { when: '秋天', what: list('树叶落在地上 大雁往南飞 农民在田里收稻子') },
  { when: '冬天', what: list('雪落在山上 孩子在家里烤火 河水结成了冰') },
]
const times = list('早晨 中午 傍晚 夜里')
const openings = ['', '瞧，']
/** `瞧，春天的早晨，小鸟在树上唱歌。`: what happens belongs to its season. */
export const sentences = scenes.flatMap(({ when, what }) =>
  openings.flatMap((how) => times.flatMap((time) => what.map((it) => `${how}${when}的${time}，${it}。`))),
)
const END = '\n'
const LENGTH = 17

/** Scores of the next character, and the state to go on from. */
export class Writer extends nn.Module {
  table: nn.Embedding
  gru: nn.GRU
  head: nn.Linear
  constructor(characters: number, width: number, options: nn.LayerOptions) {
    super()
    this.table = new nn.Embedding(characters, width, options)
    this.gru = new nn.GRU(width, 2 * width, { batchFirst: true, ...options })
    this.head = new nn.Linear(2 * width, characters, options)
  }
  forward(x: Tensor, state?: Tensor): [scores: Tensor, state: Tensor] {
    const [read, next] = this.gru.forward(this.table.forward(x), { state })
    return [this.head.forward(read), next]
  }
}

export const main = program(
  import.meta.url,
  'A network writes Chinese sentences, character by character.',
  {
    steps: [140, 'of Adam'],
    width: [24, 'numbers for each character'],
    written: [40, 'sentences to write'],
    temperature: [0.7, 'how freely'],
  },
  async ({ device, seed, steps, width, written, temperature, progress, show }) => {
    const random: Random = data.randomOf({ seed, epoch: 0, index: 0 })
    // Every seventh sentence is never shown: those that it writes all the same it has put together by itself.
    const known = sentences.filter((_, i) => i % 7 !== 0)
    const characters = [END, ...new Set(sentences.flatMap(charactersOf))]
    const row = (text: string) =>
      charactersOf(text.padStart(text.length + 1, END).padEnd(LENGTH + 1, END)).map((one) => characters.indexOf(one))
    const net = new Writer(characters.length, width, { device })
    const adam = new optim.Adam(net.parameters(), { lr: 0.02 })
    const losses: Tensor[] = []
    for (let step = 1; step <= steps; step++) {
      const rows = tensor(
        Array.from({ length: 16 }, () => row(pick(random, known))),
        { dtype: 'int32', device },
      )
      adam.zeroGrad()
      losses.push(
        scope(() => {
          const [scores] = net.forward(rows.at(null, [null, -1]))
          const loss = nn.functional.crossEntropy(scores.flatten(0, 1), rows.at(null, [1, null]).flatten())
          loss.backward()
          return loss.detach()
        }),
      )
      adam.step()
      progress(step, steps)
    }

    /** `count` sentences side by side: each character is drawn, and is the input of the next step. */
    const write = async (count: number, heat: number): Promise<string[]> => {
      let [last, state] = [
        tensor(new Int32Array(count), { shape: [count, 1], device }),
        undefined as Tensor | undefined,
      ]
      const texts = new Array<string>(count).fill('')
      for (let i = 0; i < LENGTH; i++) {
        const [scores, next] = noGrad(() => net.forward(last, state))
        last = multinomial(scores.at(null, -1).div(heat).softmax(1), 1)
        state = next
        const drawn = await last.data()
        for (let k = 0; k < count; k++) texts[k] += characters[drawn[k]]
      }
      return texts.map((text) => text.split(END)[0])
    }
    const texts = await write(written, temperature)
    const right = texts.filter((text) => sentences.includes(text))
    const own = right.filter((text) => !known.includes(text))
    for (const text of new Set(texts.slice(0, 8))) console.log(text)
    console.log(
      `\n${right.length} of ${written} are right: season, time and what happens fit; ${own.length} of them it was never shown`,
    )
    const hot = (await write(written, 3)).filter((text) => sentences.includes(text)).length
    console.log(`at temperature 3 ${hot} are right`)
    const y = await Promise.all(losses.map((loss) => loss.item()))
    const svg = show({
      title: 'A GRU learns to write Chinese',
      xLabel: 'step',
      yLabel: 'nats for each character',
      lines: [{ name: 'loss', y }],
    })
    return { right: right.length / written, own: own.length, hot: hot / written, losses: y, svg }
  },
)

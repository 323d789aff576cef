/**
 * @file A network that writes: an LSTM learns the words of numbers letter by letter, then goes on by itself.
 *
 *   npx tsx examples/short/lstm.ts [--device webgpu]
 */
import { cat, multinomial, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { program } from '../run.ts'

const words = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'.split(' ')
const letters = [...new Set(`\n${words.join('')}`)]

class Writer extends nn.Module {
  table = new nn.Embedding(letters.length, 16)
  lstm = new nn.LSTM(16, 48, { batchFirst: true })
  head = new nn.Linear(48, letters.length)
  forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(this.table.forward(x))
    return this.head.forward(y) // [batch, steps, letters]
  }
}

export const main = program(
  import.meta.url,
  'An LSTM that writes the words of numbers, letter by letter.',
  { steps: [60, 'of training'], clip: [1, 'the largest norm of a gradient', 'real'] },
  async ({ device, steps, clip, progress }) => {
    const rows = words.map((word) => [...`\n${word}`.padEnd(11, '\n')].map((letter) => letters.indexOf(letter)))
    const text = tensor(rows, { dtype: 'int32', device })
    const model = await new Writer().to(device)
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.03 })
    for (let step = 0; step < steps; step++) {
      scope(() => {
        optimizer.zeroGrad()
        const logits = model.forward(text.narrow(1, 0, 10)).flatten(0, 1)
        nn.functional.crossEntropy(logits, text.narrow(1, 1, 10).flatten()).backward()
        optim.clipGradNorm(model.parameters(), clip)
        optimizer.step()
      })
      progress(step + 1, steps)
    }
    // Sixteen lines at once: each begins with a line's end, and takes one letter after another by its chance.
    let lines = text.narrow(1, 0, 1)
    for (let i = 0; i < 10; i++)
      lines = scope(() => {
        const chances = noGrad(() => model.forward(lines).select(1, -1).softmax(-1))
        return cat([lines, multinomial(chances, 1)], 1)
      })
    const codes = (await lines.array()) as number[][]
    const written = codes.map((line) => Array.from(line, (code) => letters[code]).join('')).map((word) => word.trim())
    console.log(`${written.filter((word) => words.includes(word)).length} of 16 are words: ${written.join(' ')}`)
    return { written, words }
  },
)

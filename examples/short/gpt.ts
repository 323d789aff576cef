/**
 * @file A GPT of two layers that learns the words of numbers letter by letter, then writes some by itself.
 *
 *   npx tsx examples/short/gpt.ts [--device webgpu]
 */
import { multinomial, nn, noGrad, optim, scope, tensor } from 'handgrad'
import { program } from '../run.ts'

const few = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'
export const words = `${few} seventeen eighteen nineteen`.split(' ')
const letters = ['\n', ...new Set(words.join(''))]
const codes = (text: string) => Int32Array.from(text, (letter) => letters.indexOf(letter))

export const main = program(
  import.meta.url,
  'A GPT of two layers that writes the words of numbers.',
  { steps: [50, 'of training'], width: [32, 'numbers for a letter; four heads share them'] },
  async ({ device, steps, width, progress }) => {
    const options = { dimFeedforward: 2 * width, dropout: 0, batchFirst: true, normFirst: true, device }
    const layer = () => new nn.TransformerEncoderLayer(width, 4, { ...options, activation: 'gelu' })
    const blocks = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(width, { device }))
    blocks.registerForwardPreHook((_, [x]) => [x, { isCausal: true }]) // no letter sees those that follow
    const places = new nn.PositionalEncoding(width, { dropout: 0, maxLen: 10, batchFirst: true, device })
    const embed = new nn.Embedding(letters.length, width, { device })
    const head = new nn.Linear(width, letters.length, { device })
    const net = new nn.Sequential(embed, places, blocks, head, new nn.Flatten(0, 1))
    const optimizer = new optim.Adam(net.parameters(), { lr: 1e-2 })
    const lines = words.map((word) => `\n${word.padEnd(10, '\n')}`) // the target of a letter is the one after it
    const cut = (from: number) => codes(lines.map((line) => line.slice(from, from + 10)).join(''))
    const [x, target] = [tensor(cut(0), { shape: [words.length, 10], device }), tensor(cut(1), { device })]
    const lossOf = () => nn.functional.crossEntropy(net.forward(x), target)
    for (let i = 0; i < steps; i++) {
      optimizer.zeroGrad()
      scope(() => lossOf().backward())
      optimizer.step()
      progress(i + 1, steps)
    }
    using last = scope(() => noGrad(lossOf))
    let text = '\n'
    while (text.length < 80 || !text.endsWith('\n')) {
      const word = codes(text.slice(text.lastIndexOf('\n')).slice(0, 10))
      using seen = tensor(word, { shape: [1, word.length], device })
      using next = scope(() => noGrad(() => multinomial(net.forward(seen).softmax(1), 1)))
      text += letters[(await next.data())[word.length - 1]]
    }
    const loss = await last.item()
    console.log(
      `loss ${loss.toFixed(3)}, of which choosing words is ${(Math.log(words.length) / 10).toFixed(3)}:${text}`,
    )
    return { loss, text }
  },
)

/**
 * @file Where the time of a GPT's training step goes: the table of its ops, a page, and a trace that ui.perfetto.dev
 * opens.
 *
 *   npx tsx examples/profile.ts [--device webgpu] [--width 128]
 */
import { nn, optim, randint, scope } from 'handgrad'
import { profile } from 'handgrad/bench'
import { program } from './run.ts'

/** Letters, and places of a text. */
const [LETTERS, BLOCK] = [64, 32]

export const main = program(
  import.meta.url,
  'Profiles a training step of a small GPT.',
  {
    steps: [3, 'that are watched'],
    width: [64, 'of the model'],
    layers: [2, 'of attention and perceptron'],
    batch: [8, 'texts of 32 letters'],
  },
  async ({ device, steps, width, layers, batch, save }) => {
    const options = { dimFeedforward: 4 * width, dropout: 0, batchFirst: true, normFirst: true, device }
    const layer = () => new nn.TransformerEncoderLayer(width, 4, { ...options, activation: 'gelu' })
    const blocks = new nn.TransformerEncoder(layer, layers, new nn.LayerNorm(width, { device }))
    blocks.registerForwardPreHook((_, [x]) => [x, { isCausal: true }]) // no letter sees those that follow
    const gpt = new nn.Sequential(
      new nn.Embedding(LETTERS, width, { device }),
      new nn.PositionalEncoding(width, { dropout: 0, maxLen: BLOCK, batchFirst: true, device }),
      blocks,
      new nn.Linear(width, LETTERS, { device }),
      new nn.Flatten(0, 1),
    )
    const adam = new optim.Adam(gpt.parameters(), { lr: 1e-3 })
    const x = randint(0, LETTERS, [batch, BLOCK], { device })
    const next = randint(0, LETTERS, [batch * BLOCK], { device })

    const found = await profile(
      () => {
        adam.zeroGrad()
        scope(() => nn.functional.crossEntropy(gpt.forward(x), next).backward())
        adam.step()
      },
      { steps },
    )
    console.log(`${found}\n`)
    console.log(`page: ${save('profile.html', found.toHTML({ title: "A GPT's training step" }))}`)
    const trace = found.toTrace()
    console.log(`trace: ${save('profile.trace.json', JSON.stringify(trace))}, for ui.perfetto.dev`)
    return { data: found.data, trace }
  },
)

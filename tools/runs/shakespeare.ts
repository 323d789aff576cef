/**
 * @file Shakespeare by a transformer of two layers, beside PyTorch: `npx tsx tools/runs/shakespeare.ts --device webgpu
 * --data DIR`.
 */
import { arange, type Device, nn, type Tensor } from '../../src/index.ts'
import { type Outcome, start } from './run.ts'
import { run } from './text.ts'

const [BLOCK, WIDTH] = [32, 64]

class Speaker extends nn.Module {
  embed: nn.Embedding
  places: nn.Embedding
  blocks: nn.TransformerEncoder
  head: nn.Linear
  constructor(characters: number, device: Device) {
    super()
    const options = { dimFeedforward: 4 * WIDTH, dropout: 0, batchFirst: true, normFirst: true, device }
    const layer = () => new nn.TransformerEncoderLayer(WIDTH, 4, { ...options, activation: 'gelu' })
    this.embed = new nn.Embedding(characters, WIDTH, { device })
    this.places = new nn.Embedding(BLOCK, WIDTH, { device })
    this.blocks = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(WIDTH, { device }))
    this.head = new nn.Linear(WIDTH, characters, { device })
  }
  forward(x: Tensor): Tensor {
    const places = this.places.forward(arange(x.shape[1], { dtype: 'int32', device: x.device }))
    return this.head.forward(this.blocks.forward(this.embed.forward(x).add(places), { isCausal: true }))
  }
}

export const main = (args: readonly string[]): Promise<Outcome> =>
  run(
    {
      name: 'shakespeare',
      what: 'Shakespeare, transformer of 2 layers',
      file: 'tinyshakespeare/input.txt',
      lr: 1e-3,
      steps: 500,
      batch: 16,
      block: BLOCK,
      make: (characters, device) => new Speaker(characters, device),
    },
    args,
  )

await start(import.meta.url, main)

/** @file Names by a character LSTM, beside PyTorch: `npx tsx tools/runs/names.ts --device webgpu --data DIR`. */
import { type Device, nn, type Tensor } from '../../src/index.ts'
import { type Outcome, start } from './run.ts'
import { run } from './text.ts'

class Writer extends nn.Module {
  embed: nn.Embedding
  lstm: nn.LSTM
  head: nn.Linear
  constructor(characters: number, device: Device) {
    super()
    this.embed = new nn.Embedding(characters, 32, { device })
    this.lstm = new nn.LSTM(32, 64, { batchFirst: true, device })
    this.head = new nn.Linear(64, characters, { device })
  }
  forward(x: Tensor): Tensor {
    return this.head.forward(this.lstm.forward(this.embed.forward(x))[0])
  }
}

export const main = (args: readonly string[]): Promise<Outcome> =>
  run(
    {
      name: 'names',
      what: 'names, LSTM of 64',
      file: 'names/names.txt',
      lr: 3e-3,
      steps: 1000,
      batch: 32,
      block: 32,
      make: (characters, device) => new Writer(characters, device),
    },
    args,
  )

await start(import.meta.url, main)

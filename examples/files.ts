/**
 * @file Weights that are larger than what should be in memory: written in parts with an index, listed without reading
 * them, then read one by one, a few rows alone, or rounded to 16 bits on their way into other files.
 *
 *   npx tsx examples/files.ts [--device webgpu]
 *
 * A folder of Hugging Face's is read the same way, and so is a URL in a page:
 *
 *   npx handgrad fetch gpt2 --to gpt2
 *   npx tsx examples/files.ts --model gpt2
 */
import { basename, join } from 'node:path'
import { io, nn, scope, type Tensor } from 'handgrad'
import { program } from './run.ts'

/** A language model without its mathematics: an embedding that is its head too, and blocks. */
class Model extends nn.Module {
  wte: nn.Embedding
  h: nn.ModuleList
  head: nn.Linear

  constructor(vocabulary: number, width: number, blocks: number, on: object) {
    super()
    this.wte = new nn.Embedding(vocabulary, width, on)
    this.h = new nn.ModuleList(Array.from({ length: blocks }, () => new nn.Linear(width, width, on)))
    this.head = new nn.Linear(width, vocabulary, { bias: false, ...on })
    this.head.weight = this.wte.weight // tied: two names, one tensor
  }
}

/** The largest absolute value, read to the host. */
async function largest(x: Tensor): Promise<number> {
  using y = scope(() => x.abs().max())
  return y.item()
}

export const main = program(
  import.meta.url,
  'Weights written in parts, listed, and read one by one.',
  {
    width: [64, 'numbers for a token'],
    steps: [4, 'blocks after the embedding'],
    model: ['', 'a folder of weights in place of one that is made'],
  },
  async ({ device, width, steps: blocks, model: given, out, progress }) => {
    const folder = given || join(out, 'weights')
    if (!given) {
      const model = new Model(1000, width, blocks, { device })
      await io.writeSafetensors(folder, model.stateDict(), { shardBytes: 100_000, metadata: { format: 'pt' } })
    }

    // Only headers are read here, however large the files are.
    const file = await io.openSafetensors(folder, { device })
    const names = Object.keys(file.tensors)
    const bytes = names.reduce((sum, name) => sum + file.tensors[name].bytes, 0)
    for (const [name, { dtype, shape, file: path }] of Object.entries(file.tensors).slice(0, 8))
      console.log(`${name.padEnd(14)} ${dtype.padEnd(4)} [${shape.join(', ')}]  ${basename(path)}`)
    if (names.length > 8) console.log(`… and ${names.length - 8} more`)
    for (const [name, kept] of Object.entries(file.tied)) console.log(`${name} is ${kept}`)
    console.log(`${names.length} tensors, ${(bytes / 1e6).toFixed(2)} MB`)

    // A few rows of a table: nothing else of it is read.
    const table = names.find((name) => name.endsWith('wte.weight')) ?? names[0]
    using rows = await file.tensor(table, { rows: [0, 2] })
    console.log(`rows 0 and 1 of ${table}: [${rows.shape.join(', ')}]`)

    // One by one, in the order of the files: each is let go before the next one comes.
    const sizes: Record<string, number> = {}
    for await (const [name, x] of file) {
      sizes[name] = await largest(x)
      x.dispose()
      progress(Object.keys(sizes).length, names.length)
    }

    // Rounded to 16 bits, in a file of half the size.
    const half = join(out, 'half.safetensors')
    await io.writeSafetensors(half, await io.loadSafetensors(folder, { device }), { dtype: 'BF16' })
    const rounded = await io.openSafetensors(half, { device })
    let worst = 0
    for await (const [name, x] of rounded) {
      worst = Math.max(worst, Math.abs((await largest(x)) - sizes[name]) / sizes[name])
      x.dispose()
    }
    const halves = Object.values(rounded.tensors).reduce((sum, one) => sum + one.bytes, 0)
    console.log(`in bfloat16: ${(halves / 1e6).toFixed(2)} MB, the largest of a tensor off by at most 2^-8`)
    return { names, tied: file.tied, rounded: rounded.tied, rows: rows.shape, sizes, bytes, halves, worst }
  },
)

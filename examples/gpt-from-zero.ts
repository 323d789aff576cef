/**
 * @file A GPT-2 from nothing, on the two recipes that nanoGPT has for Shakespeare by characters: the one for a CPU
 * reaches 1.88 nats a character there, the one for a GPU 1.47. Tokens are characters, or of a byte-pair encoding that
 * is trained here. It is validated on text that it has not seen, writes, keeps checkpoints and goes on from them.
 *
 *   npx tsx examples/gpt-from-zero.ts [--device webgpu]
 *   npx tsx examples/gpt-from-zero.ts --data FOLDER --recipe cpu --device webgpu
 *   npx tsx examples/gpt-from-zero.ts --data FOLDER --recipe cpu --device webgpu --resume 1
 *
 * @see https://github.com/karpathy/nanoGPT, config/train_shakespeare_char.py and the README
 */
import { join } from 'node:path'
import { data, HandgradError, io, multinomial, nn, noGrad, optim, scope, type Tensor, tensor, train } from 'handgrad'
import { GPT2, perplexity } from 'handgrad/models'
import { BPE, CharTokenizer } from 'handgrad/text'
import { dataOption, text as textOf } from './data.ts'
import { program } from './run.ts'

const cpu = { layers: 4, heads: 4, width: 128, block: 64, batch: 12, steps: 2000, lr: 1e-3, dropout: 0, warmup: 100 }
const small = { layers: 1, heads: 4, width: 32, block: 16, batch: 12, steps: 150, lr: 0.02, dropout: 0, warmup: 10 }
const gpu = { layers: 6, heads: 6, width: 384, block: 256, batch: 64, steps: 5000, lr: 1e-3, dropout: 0.2, warmup: 100 }
const recipes: Readonly<Record<string, typeof cpu>> = { small, cpu, gpu }

export const main = program(
  import.meta.url,
  'A GPT-2 from nothing on the recipes of nanoGPT: trained, validated, sampled, resumed.',
  {
    recipe: ['small', 'small, cpu or gpu'],
    steps: [0, 'of training; 0: as many as the recipe has'],
    vocabulary: [0, 'tokens of a byte-pair encoding; 0: characters'],
    characters: [150, 'that it writes, or tokens'],
    resume: [0, '1: go on from the last checkpoint in --out'],
    data: dataOption,
  },
  async ({ device, seed, recipe, vocabulary, characters, resume, data: folder, out, progress, show, ...given }) => {
    if (!Object.hasOwn(recipes, recipe))
      throw new HandgradError('gpt-from-zero', `--recipe is '${recipe}'`, 'give small, cpu or gpu')
    const { layers, heads, width, block, batch, lr, dropout, warmup } = recipes[recipe]
    const steps = given.steps || recipes[recipe].steps

    // 1. Text to ids. The last tenth is never trained on, nor are the merges of an encoding learned from it.
    const { text, floor } = await textOf(folder)
    const parts = [text.slice(0, Math.floor(0.9 * text.length)), text.slice(Math.floor(0.9 * text.length))]
    const tokenizer = vocabulary ? BPE.train(parts[0], { size: vocabulary }) : CharTokenizer.train(text)
    const [ids, unseen] = parts.map((part) => tokenizer.encode(part))
    const windows = new data.WindowDataset(ids, block)
    const sampler = new data.RandomSampler(windows.length, { replacement: true, count: steps * batch })
    const loader = new data.DataLoader(windows, { batchSize: batch, sampler, seed, device })
    const held = new data.WindowDataset(unseen, block)
    const some = Array.from({ length: 20 * batch }, (_, i) => Math.floor((i * held.length) / (20 * batch)))
    const validation = new data.DataLoader(new data.Subset(held, some), { batchSize: batch, device })

    // 2. The model, and AdamW: weights decay, biases and normalisations do not.
    const drops = { resid_pdrop: dropout, embd_pdrop: dropout, attn_pdrop: dropout }
    const size = { vocab_size: tokenizer.size, n_positions: block, n_embd: width, n_layer: layers, n_head: heads }
    const model = new GPT2({ ...size, ...drops }, { device })
    model.tokenizer = tokenizer
    const [plain, decayed] = [1, 2].map((axes) => model.parameters().filter((x) => x.ndim === axes))
    const groups = [{ params: decayed }, { params: plain, weightDecay: 0 }]
    const optimizer = new optim.AdamW(groups, { lr, betas: [0.9, 0.99], weightDecay: 0.1 })
    const totalSteps = Math.max(steps, warmup + 1)
    const schedule = new optim.WarmupCosineLR(optimizer, { warmupSteps: warmup, totalSteps, minLr: lr / 10 })
    const lossOf = (z: Tensor, next: Tensor): Tensor => nn.functional.crossEntropy(z.flatten(0, 1), next.flatten())
    const params = model.parameters().reduce((sum, x) => sum + x.numel, 0)
    console.log(`${model.title()}, ${params} parameters, ${ids.length} tokens to learn from`)

    // 3. Training. Every eighth (of real recipes every 250 steps) it is validated, and all of it is kept.
    const every = Math.min(250, Math.ceil(steps / 8))
    const kept = { model, optimizer, schedule, loader }
    const runs = join(out, `gpt-from-zero-${recipe}`)
    let curves = { step: [] as number[], training: [] as number[], at: [] as number[], validation: [] as number[] }
    let from = 0
    const last = resume ? await io.latestCheckpoint(runs) : undefined
    if (last) {
      const { step, extra } = await io.loadCheckpoint(last, kept)
      ;[from, curves] = [step, extra as typeof curves] // what is kept below
      console.log(`it goes on from step ${step}`)
    }
    const options = { train: loader, loss: lossOf, optimizer, schedule, epochs: 1, clip: { norm: 1 }, from } as const
    if (from < steps)
      for await (const { step, loss } of train.trainSteps(model, options)) {
        const ends = step % every === 0 || step === steps
        if (step % 10 !== 0 && !ends) continue
        curves.step.push(step)
        curves.training.push(await loss.item())
        progress(
          step,
          steps,
          `loss ${curves.training.at(-1)?.toFixed(3)}, validation ${curves.validation.at(-1)?.toFixed(3)}`,
        )
        if (!ends) continue
        curves.at.push(step)
        curves.validation.push((await train.evaluate(model, validation, { loss: lossOf })).loss)
        await io.saveCheckpoint(runs, kept, { step, extra: curves, keepLast: 1 })
      }

    // 4. What it has learned.
    model.eval()
    // All of the unseen text, each token once; in training it was 20 batches of it.
    const { nats, bitsPerByte } = await perplexity(model, unseen, { stride: block })
    const guess = Math.log(tokenizer.size).toFixed(2)
    console.log(
      `unseen text: ${nats.toFixed(3)} nats a token, guessing ${guess}; ${bitsPerByte?.toFixed(3)} bits a byte`,
    )
    // Token after token by its chance at temperature 0.8; the model sees the last `block` of them.
    const written = [...tokenizer.encode('\n').slice(0, 1)]
    for (let i = 0; i < characters; i++) {
      const seen = tensor([written.slice(-block)], { dtype: 'int32', device })
      const chances = () => model.forward(seen).select(1, -1).div(0.8).softmax(-1)
      const next = scope(() => noGrad(() => multinomial(chances(), 1).flatten()))
      written.push(await next.item())
      for (const x of [seen, next]) x.dispose()
    }
    console.log(tokenizer.decode(written))
    const lines = [
      { name: 'training', x: curves.step, y: curves.training },
      { name: 'validation', x: curves.at, y: curves.validation },
    ]
    show({ title: 'A GPT-2 from nothing', xLabel: 'step', yLabel: 'nats a token', lines })
    return { ...curves, nats, floor, written: tokenizer.decode(written), text }
  },
)

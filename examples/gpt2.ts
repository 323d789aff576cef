/**
 * @file GPT-2 in the files that Hugging Face has of it. A small one is trained on tokens of its own, written, read
 * again and asked to go on with a text, which it does bit for bit as before.
 *
 *   npx tsx examples/gpt2.ts [--device webgpu] [--steps 600]
 *
 * A published one, a Llama or Qwen 2 too, is read the same way; GPT-2 needs 0.5 GB, and as much again while it runs:
 *
 *   npx handgrad fetch gpt2 --to gpt2
 *   npx tsx examples/gpt2.ts --model gpt2 --prompt "The dog was found"
 */
import { join } from 'node:path'
import { data, nn, noGrad, optim, type Tensor, tensor, train } from 'handgrad'
import { generate } from 'handgrad/generate'
import { GPT2, type LanguageModel, load, save } from 'handgrad/models'
import { BPE } from 'handgrad/text'
import { text as textOf } from './data.ts'
import { program } from './run.ts'

/** The likeliest token, again and again, after the prompt. */
const goOn = async (model: LanguageModel, prompt: string, count: number): Promise<string> =>
  prompt + (await generate.all(model, prompt, { temperature: 0, maxTokens: count })).text

export const main = program(
  import.meta.url,
  'A GPT-2 trained, written in the files of Hugging Face, read again, and asked to go on with a text.',
  {
    steps: [120, 'of training'],
    width: [32, 'channels'],
    layers: [1, 'blocks'],
    tokens: [12, 'to add to the prompt'],
    prompt: ['', 'a text to go on with'],
    model: ['', 'a folder of a model in place of one that is made'],
  },
  async ({ device, seed, steps, width, layers, tokens, prompt, model: given, out, progress, show }) => {
    if (given) {
      const model = await load(given, { device })
      console.log(`${model.title()}\n${await goOn(model, prompt || 'The dog', tokens)}`)
      return null
    }
    // 1. Tokens of its own, and a model whose names and shapes are those of GPT-2's files.
    const { text } = await textOf('')
    const tokenizer = BPE.train(text, { size: 300, special: ['<|endoftext|>'] })
    const ids = tokenizer.encode(text)
    const block = 16
    const model = new GPT2(
      { vocab_size: 320, n_positions: 2 * block, n_embd: width, n_layer: layers, n_head: 4, resid_pdrop: 0 },
      { device },
    )
    model.tokenizer = tokenizer
    console.log(`${model.title()}, ${model.parameters().reduce((sum, x) => sum + x.numel, 0)} parameters`)

    // 2. What follows each token, by cross-entropy. Ids from 300 on stand for nothing: their chance goes to 0.
    const windows = new data.WindowDataset(ids, block)
    const sampler = new data.RandomSampler(windows.length, { replacement: true, count: 12 * steps })
    const batches = new data.DataLoader(windows, { batchSize: 12, sampler, seed, device })
    const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02 })
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps, etaMin: 0.002 })
    const loss = (z: Tensor, next: Tensor) => nn.functional.crossEntropy(z.flatten(0, 1), next.flatten())
    const losses: number[] = []
    const options = { train: batches, loss, optimizer, schedule, epochs: 1, clip: { norm: 1 } } as const
    for await (const { step, loss } of train.trainSteps(model, options)) {
      losses.push(await loss.item())
      progress(step, steps, `loss ${losses[step - 1].toFixed(3)}`)
    }
    model.eval()

    // 3. Files: config.json, model.safetensors and tokenizer.json, which Python's transformers reads too.
    const folder = join(out, 'gpt2')
    await save(model, folder)
    const again = await load(folder, { device })
    const asked = prompt || 'the shy hen'
    const [before, after] = [await goOn(model, asked, tokens), await goOn(again, asked, tokens)]
    const sample = tensor([Array.from(ids.slice(0, block))], { dtype: 'int32', device })
    const [a, b] = await Promise.all([model, again].map((one) => noGrad(() => one.forward(sample)).data()))
    const same = a.every((v, i) => v === b[i])
    console.log(`loss ${losses[0].toFixed(2)}, after ${steps} steps ${losses[losses.length - 1].toFixed(2)}`)
    console.log(`${after}\nread again: ${same ? 'the same logits, bit for bit' : 'other logits'}`)
    const chances = noGrad(() => again.forward(sample).softmax(-1))
    const wasted = await chances.slice(null, null, [tokenizer.size, 320]).sum(-1).mean().item()
    console.log(`tokens that stand for nothing have ${(100 * wasted).toFixed(2)} % of the chances`)
    const lines = [{ name: 'training', x: losses.map((_, i) => i + 1), y: losses }]
    show({ title: 'A small GPT-2 learns', xLabel: 'step', yLabel: 'nats per token', lines })
    return { losses, before, after, same, wasted, known: new Set(text.split(/[\s.]+/)) }
  },
)

/**
 * @file Sentences in two styles, and training on windows of their tokens: what lora.ts adapts a model from and to, and
 * how.
 */
import { type Device, type data, nn, optim, scope, type Tensor, tensor } from 'handgrad'
import { GPT2, type LanguageModel } from 'handgrad/models'
import { BPE } from 'handgrad/text'

/** Tokens that a window reads. */
export const BLOCK = 16

/**
 * Lines of text, one after the other in a line, a space before each. A byte-pair encoding has other tokens for a word
 * that begins a line than for one behind a space: a style that moves words there would have words that no base has
 * seen, whose vectors are frozen under adapters.
 */
export const inARow = (text: string): string => ` ${text.trimEnd().replaceAll('\n', ' ')}`

/** `the shy hen sees a dog.` as `sees a dog the shy hen.`: the same words, and who it is comes last. */
export const turned = (text: string): string =>
  text.replace(/[^.\s][^.\n]*/g, (sentence) => {
    const words = sentence.split(' ')
    return [...words.slice(3), ...words.slice(0, 3)].join(' ')
  })

/** Windows of a block and a token. */
export const windowsOf = (ids: ArrayLike<number>, block = BLOCK): number[][] =>
  Array.from({ length: Math.floor(ids.length / (block + 1)) }, (_, i) =>
    Array.from({ length: block + 1 }, (_, j) => ids[i * (block + 1) + j]),
  )

/** Mean nats of the token that follows each, in windows. */
export function lossOf(model: LanguageModel, windows: readonly number[][]): Tensor {
  const ids = tensor([...windows], { dtype: 'int32', device: model.parameters()[0].device })
  return nn.functional.crossEntropy(
    model.forward(ids.slice(null, [0, -1])).flatten(0, 1),
    ids.slice(null, [1, null]).flatten(),
  )
}

/** A small GPT-2, with a vocabulary of its own. */
export function modelOf(
  text: string,
  width: number,
  layers: number,
  device: Device,
  { positions = BLOCK, vocabulary = 300 } = {},
): GPT2 {
  const tokenizer = BPE.train(text, { size: vocabulary })
  const sizes = { vocab_size: vocabulary, n_positions: positions, n_embd: width, n_layer: layers, n_head: width / 48 }
  const made = new GPT2({ ...sizes, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 }, { device })
  made.tokenizer = tokenizer
  return made
}

/** How weights are trained. */
export interface Training {
  readonly steps: number
  readonly lr: number
  /** Draws the samples of each step, eight if nothing is said. */
  readonly random: ReturnType<typeof data.randomOf>
  readonly batch?: number
  readonly progress: (step: number, loss: number) => void | Promise<void>
}

/** Train some weights of a model on samples, some of them a step. @returns losses of the steps */
export async function trained<T>(
  model: nn.Module,
  weights: Tensor[],
  samples: readonly T[],
  lossOf: (some: readonly T[]) => Tensor,
  { steps, lr, random, batch = 8, progress }: Training,
): Promise<number[]> {
  const optimizer = new optim.AdamW(weights, { lr })
  const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps, etaMin: lr / 10 })
  model.train()
  const found: number[] = []
  for (let step = 1; step <= steps; step++) {
    const some = Array.from({ length: batch }, () => samples[random.int(samples.length)])
    using loss = scope(() => {
      optimizer.zeroGrad()
      const loss = lossOf(some)
      loss.backward()
      optimizer.step()
      return loss.detach()
    })
    schedule.step()
    found.push(await loss.item())
    await progress(step, found[step - 1])
  }
  model.eval()
  return found
}

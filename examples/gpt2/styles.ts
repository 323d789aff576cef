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

/** Windows of BLOCK + 1 tokens. */
export const windowsOf = (ids: ArrayLike<number>): number[][] =>
  Array.from({ length: Math.floor(ids.length / (BLOCK + 1)) }, (_, i) =>
    Array.from({ length: BLOCK + 1 }, (_, j) => ids[i * (BLOCK + 1) + j]),
  )

/** Mean nats of the token that follows each. */
export const lossOf = (model: LanguageModel, ids: Tensor): Tensor =>
  nn.functional.crossEntropy(
    model.forward(ids.slice(null, [0, -1])).flatten(0, 1),
    ids.slice(null, [1, null]).flatten(),
  )

/** A small GPT-2, with a vocabulary of its own. */
export function modelOf(text: string, width: number, layers: number, device: Device): GPT2 {
  const tokenizer = BPE.train(text, { size: 300 })
  const sizes = { vocab_size: 300, n_positions: BLOCK, n_embd: width, n_layer: layers, n_head: width / 48 }
  const made = new GPT2({ ...sizes, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 }, { device })
  made.tokenizer = tokenizer
  return made
}

/** How weights are trained. */
export interface Training {
  readonly steps: number
  readonly lr: number
  /** Draws the windows of each step. */
  readonly random: ReturnType<typeof data.randomOf>
  readonly progress: (step: number, loss: number) => void
}

/** Train some weights of a model on windows, eight a step. @returns losses of the steps */
export async function trained(
  model: LanguageModel,
  weights: Tensor[],
  windows: readonly number[][],
  { steps, lr, random, progress }: Training,
): Promise<number[]> {
  const [{ device }] = weights
  const some = (): Tensor =>
    tensor(
      Array.from({ length: 8 }, () => windows[random.int(windows.length)]),
      { dtype: 'int32', device },
    )
  const optimizer = new optim.AdamW(weights, { lr })
  const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps, etaMin: lr / 10 })
  model.train()
  const found: number[] = []
  for (let step = 1; step <= steps; step++) {
    using loss = scope(() => {
      optimizer.zeroGrad()
      const loss = lossOf(model, some())
      loss.backward()
      optimizer.step()
      return loss.detach()
    })
    schedule.step()
    found.push(await loss.item())
    progress(step, found[step - 1])
  }
  model.eval()
  return found
}

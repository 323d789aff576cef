/** @file A small model with Chinese and English characters, by which prompts are told apart, on any device. */

import { type FewShotOptions, fewShot } from '../../src/finetune/index.ts'
import { type Device, manualSeed } from '../../src/index.ts'
import { GPT2, score } from '../../src/models/index.ts'
import { CharTokenizer } from '../../src/tokens/index.ts'

export const chinese: FewShotOptions = {
  instruction: '判断评论。',
  examples: [
    { text: '快递很快', label: '褒' },
    { text: '做工粗糙', label: '贬' },
  ],
  template: '评论：{text}\n情感：{label}',
  separator: '\n',
}

export function readerOn(device: Device, n_positions = 96): GPT2 {
  manualSeed(3)
  const tokenizer = CharTokenizer.train('判断评论。快递很快做工粗糙情感：褒贬不一天\nText: abcdefghijklmnopqrstuvwxyzL')
  const config = { vocab_size: tokenizer.size, n_positions, n_embd: 16, n_layer: 1, n_head: 2, initializer_range: 0.3 }
  const gpt = new GPT2(config, { device })
  gpt.tokenizer = tokenizer
  return gpt.eval()
}

/** What is told of texts, and what scores and the formula give, as numbers one after the other. */
export async function toldTwice(device: Device) {
  const gpt = readerOn(device)
  const judge = fewShot(gpt, { ...chinese, empty: ['', '天'] })
  const texts = ['快递不快', '做工很一天']
  const told = await judge.classify(texts)
  const chances = async (text: string) => {
    const scores = await score(gpt, judge.prompt(text), ['褒', '贬'])
    const p = scores.map(({ logprob }) => Math.exp(logprob))
    return p.map((x) => x / (p[0] + p[1]))
  }
  const [a, b] = [await chances(''), await chances('天')]
  const without = a.map((x, k) => (x + b[k]) / 2)
  const want = await Promise.all(
    texts.map(async (text) => {
      const p = await chances(text)
      const q = p.map((x, k) => x / without[k])
      return [p, q.map((x) => x / (q[0] + q[1]))].flat()
    }),
  )
  const got = told.map(({ probabilities, uncalibrated }) =>
    [uncalibrated, probabilities].flatMap(Object.values<number>),
  )
  return { want: want.flat(), got: got.flat(), told, judge, gpt }
}

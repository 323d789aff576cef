/** @file A page loads a language model from behind a URL by ranges, and goes on with a text as Node does. */
import { expect, test } from 'vitest'
import { commands } from 'vitest/browser'
import { generate } from '../../src/generate/index.ts'
import { device } from '../../src/index.ts'
import { load, perplexity } from '../../src/models/index.ts'
import type { ServedModel } from './models.ts'

declare module 'vitest/browser' {
  interface BrowserCommands {
    servedModel: () => Promise<ServedModel>
  }
}

test('a model in parts, its tokenizer, and text that goes on, on the CPU and on WebGPU', async () => {
  const { url, prompt, greedy, drawn } = await commands.servedModel()
  for (const kind of ['cpu', 'webgpu'] as const) {
    const where = await device(kind)
    const gpt = await load(url, { device: where })
    const asked: string[] = await (await fetch(`${url}/asked`)).json()
    expect(asked.filter((range) => range.startsWith('bytes=')).length, kind).toBeGreaterThan(2)
    let text = ''
    const list = document.createElement('p')
    document.body.append(list)
    for await (const token of generate(gpt, prompt, { maxTokens: 12, temperature: 0 })) {
      text += token.text
      list.textContent = prompt + text
    }
    expect(list.textContent, kind).toBe(prompt + greedy)
    const again = await generate.all(gpt, prompt, { maxTokens: 12, seed: 7, topK: 20 })
    expect(again.text, kind).toBe(drawn)
    expect((await perplexity(gpt, prompt + greedy, { stride: 8 })).perplexity, kind).toBeGreaterThan(1)
    list.remove()
    where.destroy()
  }
})

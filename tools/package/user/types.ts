/** @file What a user's TypeScript sees: methods, overloads and devices, with nothing installed but the package. */
import { cat, type Device, device, type Tensor, tensor } from 'handgrad'
import { type Profile, profile } from 'handgrad/bench'
import { type DecayGroup, decayGroups } from 'handgrad/finetune'
import { type GeneratedToken, generate, KVCache } from 'handgrad/generate'
import { type Fault, interpreter } from 'handgrad/interpreter'
import { GPT2, type LanguageModel } from 'handgrad/models'
import { BPE, type Tokenizer } from 'handgrad/text'

const x: Tensor = tensor([
  [1, 2],
  [3, 4],
])
const y: Tensor = x.matmul(x).relu().add(1)
const all: Tensor = x.max()
const { values, indices } = x.max(0)
const joined: Tensor = cat([x, y], 0)
const cpu: Device = await device('cpu')
const loss: number = await values.sum().item()
const where: Profile = await profile(() => x.matmul(x), { device: cpu })
const tokenizer: Tokenizer = BPE.train('to be', { size: 256 })
const ids: Int32Array = tokenizer.encode('be')
const gpt: LanguageModel = new GPT2({ n_layer: 1, n_embd: 8, n_head: 2, vocab_size: 256 })
const groups: DecayGroup[] = decayGroups(gpt, 0.1)
const cache: KVCache = new KVCache(gpt, { batch: 2, length: 16 })
const stream: AsyncGenerator<GeneratedToken, void> = generate(gpt, 'to be', { topK: 40 })
const reasons: string[] = (await generate.all(gpt, ['to', 'be'])).map(({ reason }) => reason)
const faults: Fault[] = interpreter({ facts: 'gpu32' }).faults()
// @ts-expect-error a share is a number
const share: string = where.data.rows[0].share

// @ts-expect-error a tensor has no such method
x.frobnicate()
// @ts-expect-error a shape is not a tensor
x.matmul([2, 2])

export { all, cache, cpu, faults, gpt, groups, ids, indices, joined, loss, reasons, share, stream }

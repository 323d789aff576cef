/**
 * @file Trains an adapter of each small base and writes it into test/reference/lora, for `reference_lora.py merge`:
 *
 *   npx tsx tools/lora_files.ts
 *   python3 tools/reference_lora.py ours
 */
import { join } from 'node:path'
import { lora } from '../src/finetune/index.ts'
import { crossEntropy, device, manualSeed, optim, scope, tensor } from '../src/index.ts'
import { load } from '../src/models/index.ts'

const reference = new URL('../test/reference/', import.meta.url).pathname
const cpu = await device('cpu')
const bases = [
  ['ours', 'models/gpt2', ['c_attn', 'c_fc'], []],
  ['ours-llama', 'llama/llama', ['k_proj', 'gate_proj'], ['norm']],
] as const

for (const [folder, base, targets, modulesToSave] of bases) {
  manualSeed(3)
  const model = await load(join(reference, base), { device: cpu })
  const adapter = lora(model, { r: 2, alpha: 4, targets, modulesToSave })
  const optimizer = new optim.AdamW(adapter.parameters, { lr: 0.03 })
  const ids = tensor([[3, 17, 39, 0, 8, 8, 21]], { dtype: 'int32', device: cpu })
  for (let step = 0; step < 20; step++)
    scope(() => {
      optimizer.zeroGrad()
      const logits = model.forward(ids.slice(null, [0, -1]))
      crossEntropy(logits.flatten(0, 1), ids.slice(null, [1, null]).flatten()).backward()
      optimizer.step()
    })
  await adapter.save(join(reference, 'lora', folder))
}

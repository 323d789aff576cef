/** @file Weights of PyTorch in safetensors, loaded into the same model here; and ours, read again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Tensor, tensor } from '../../src/index.ts'
import { loadNet, Net, saveNet } from './torch.ts'

const apart = async (a: Tensor, b: Tensor): Promise<number> => (await a.sub(b).abs().max().item()) as number

test('a model that PyTorch wrote gives PyTorch’s output', async () => {
  const { net, input, output } = await loadNet(
    fileURLToPath(new URL('../reference/torch.safetensors', import.meta.url)),
  )
  expect(await net.norm.numBatchesTracked?.item()).toBe(2)
  expect(await output.std().item()).toBeGreaterThan(0.05)
  expect(await apart(net.forward(input), output)).toBeLessThan(1e-6)
  // The padding row, the running statistics and the second direction take part.
  for (const name of ['embedding.weight', 'norm.running_var', 'lstm.weight_hh_l1_reverse', 'gru.bias_hh_l0']) {
    const part = net.stateDict()[name]
    const before = part.detach().clone()
    part.detach().mul_(1.5)
    expect([name, (await apart(net.forward(input), output)) > 1e-4]).toEqual([name, true])
    part.detach().copy_(before)
  }
})

test('what is written is read again, to the bit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'handgrad-'))
  const path = join(folder, 'net.safetensors')
  const net = new Net()
  const input = tensor(Int32Array.of(1, 2, 0, 6, 5, 4, 3, 2, 1, 0), { shape: [2, 5] })
  net.forward(input)
  await saveNet(path, net, input)
  const again = await loadNet(path)
  expect(await again.net.forward(again.input).equal(again.output)).toBe(true)
  expect(Object.keys(again.net.stateDict())).toEqual(Object.keys(net.stateDict()))
  await rm(folder, { recursive: true })
})

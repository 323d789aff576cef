/**
 * @file Writes a small model with its input and output, for PyTorch to load: `npx tsx tools/torch_weights.ts
 * net.safetensors`, then `python3 tools/torch_weights.py net.safetensors`.
 */
import { manualSeed, tensor } from '../src/index.ts'
import { Net, saveNet } from '../test/nn/torch.ts'

const [path] = process.argv.slice(2)
if (!path) throw new Error('npx tsx tools/torch_weights.ts FILE.safetensors')
manualSeed(20261127)
const net = new Net()
const input = tensor(
  [
    [1, 2, 3, 0, 0],
    [6, 5, 4, 3, 2],
    [4, 4, 1, 2, 0],
  ],
  { dtype: 'int32' },
)
// Running statistics that are not the first ones.
net.forward(input)
await saveNet(path, net, input)
console.log(`${path}: ${Object.keys(net.stateDict()).length} tensors of the model, with an input and an output`)

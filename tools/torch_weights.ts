/**
 * @file Writes a small model with its input and output as a checkpoint, for PyTorch to load: `npx tsx
 * tools/torch_weights.ts net.safetensors`, then `python3 tools/torch_weights.py net.safetensors`. PyTorch changes the
 * weights and writes the checkpoint again, and `npx tsx tools/torch_weights.ts net.safetensors --load` loads that.
 */
import { io, manualSeed, optim, type Tensor, tensor } from '../src/index.ts'
import { Net } from '../test/nn/torch.ts'

const [path, load] = process.argv.slice(2)
if (!path) throw new Error('npx tsx tools/torch_weights.ts FILE.safetensors [--load]')
manualSeed(20261127)
const net = new Net()
const optimizer = new optim.Adam(net.parameters())
const input = tensor(
  [
    [1, 2, 3, 0, 0],
    [6, 5, 4, 3, 2],
    [4, 4, 1, 2, 0],
  ],
  { dtype: 'int32' },
)
if (load) {
  const { extra } = await io.loadCheckpoint(path, { model: net, optimizer })
  const [there, here] = await Promise.all(
    [(extra as { output: Tensor }).output, net.eval().forward(input)].map((x) => x.data()),
  )
  const difference = Math.max(...there.map((x, i) => Math.abs(x - here[i])))
  console.log(
    `the largest difference of outputs is ${difference.toPrecision(3)}, of ${Math.max(...there.map(Math.abs))}`,
  )
  if (!(difference < 1e-6)) process.exitCode = 1
} else {
  // Running statistics that are not the first ones, and an optimizer that has begun.
  net.forward(input).square().mean().backward()
  optimizer.step()
  const output = net.eval().forward(input)
  await io.saveCheckpoint(path, { model: net, optimizer }, { step: 1, extra: { input, output } })
  console.log(
    `${path}: ${Object.keys(net.stateDict()).length} tensors of the model, its optimizer, an input and an output`,
  )
}

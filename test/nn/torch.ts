/** @file A model that tools/torch_weights.py has too, and files that hold its weights with an input and an output. */
import { nn, type Tensor } from '../../src/index.ts'
import { loadSafetensors, saveSafetensors } from '../../src/io/index.ts'

/** Each layer whose state PyTorch and we might see otherwise: gates, directions, running statistics, a padding row. */
export class Net extends nn.Module {
  embedding = new nn.Embedding(7, 4, { paddingIdx: 0 })
  lstm = new nn.LSTM(4, 3, { numLayers: 2, bidirectional: true, batchFirst: true })
  conv = new nn.Conv2d(1, 2, 3, { padding: 1 })
  norm = new nn.BatchNorm2d(2)
  gru = new nn.GRU(60, 4)
  fc = new nn.Linear(4, 3)

  /** @param tokens [batch, 5] @returns [batch, 3] */
  forward(tokens: Tensor): Tensor {
    const [read] = this.lstm.forward(this.embedding.forward(tokens))
    const image = this.norm.forward(this.conv.forward(read.unsqueeze(1))).relu()
    const [last] = this.gru.forward(image.flatten(1))
    return this.fc.forward(last)
  }
}

/** Write the model as it is after `eval()`: its state under model.…, with input and output. */
export async function saveNet(path: string, net: Net, input: Tensor): Promise<void> {
  const state = Object.fromEntries(Object.entries(net.stateDict()).map(([name, x]) => [`model.${name}`, x]))
  await saveSafetensors(path, { ...state, input, output: net.eval().forward(input) })
}

/** A model of a file, after `eval()`, loaded strictly. */
export async function loadNet(path: string): Promise<{ net: Net; input: Tensor; output: Tensor }> {
  const { input, output, ...state } = await loadSafetensors(path)
  const net = new Net()
  net.loadStateDict(Object.fromEntries(Object.entries(state).map(([name, x]) => [name.slice('model.'.length), x])))
  return { net: net.eval(), input, output }
}

/**
 * @file Every layer of test/reference/nn_sequence.json on the CPU, in float64 and in float32, as PyTorch has it; and
 * what those cases do not show: where rows begin and what is shared, reads, dropout, states that are handed on.
 */
import { expect, it } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { cpu } from '../../src/devices.ts'
import { CpuDevice, memory, nn, ones, optim, randn, scope, type Tensor, tensor, zeros } from '../../src/index.ts'
import { faultsOf } from './layers.ts'

it('embeddings and recurrent layers are PyTorch’s: outputs, gradients, second order, shortened rows', async () => {
  expect(await faultsOf('nn_sequence', cpu, 'float64', 1e-10)).toEqual([])
  expect(await faultsOf('nn_sequence', cpu, 'float32', 1e-5)).toEqual([])
})

const int = (...values: number[]): Tensor => tensor(Int32Array.from(values))

it('the padding row begins as 0 and stays 0 in training', async () => {
  for (const layer of [new nn.Embedding(4, 3, { paddingIdx: -2 }), new nn.EmbeddingBag(4, 3, { paddingIdx: 2 })]) {
    expect(layer.paddingIdx).toBe(2)
    const before = (await layer.weight.array()) as number[][]
    expect([before[2], before[1].every((v) => v !== 0)]).toEqual([[0, 0, 0], true])
    const opt = new optim.SGD(layer.parameters(), { lr: 1 })
    const index = layer instanceof nn.Embedding ? int(2, 1, 2) : int(2, 1, 2).reshape([1, 3])
    layer.forward(index).sum().backward()
    opt.step()
    const after = (await layer.weight.array()) as number[][]
    expect([after[2], after[0]]).toEqual([[0, 0, 0], before[0]])
    expect(after[1]).not.toEqual(before[1])
  }
})

it('a table that is there is shared, and frozen unless it is to be trained', async () => {
  const rows = ones([3, 2])
  const table = nn.Embedding.fromPretrained(rows)
  const bag = nn.EmbeddingBag.fromPretrained(rows, { freeze: false, mode: 'sum', paddingIdx: 0 })
  rows.mul_(3)
  expect([table.numEmbeddings, table.embeddingDim, table.weight.requiresGrad]).toEqual([3, 2, false])
  expect([bag.mode, bag.paddingIdx, bag.weight.requiresGrad, rows.requiresGrad]).toEqual(['sum', 0, true, false])
  expect(await table.forward(int(1)).array()).toEqual([[3, 3]])
  expect(await bag.forward(int(0, 1, 2), [0]).array()).toEqual([[6, 6]])
  expect(table.parameters()).toHaveLength(1)
  const own = scope(() => nn.Embedding.fromPretrained(zeros([2, 2])))
  expect(await own.forward(int(0)).array()).toEqual([[0, 0]])
})

it('rows are shortened without a read, with flat memory, and those that nobody asks for stay', async () => {
  const device = new CpuDevice()
  let reads = 0
  const off = tap(device, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  const layer = new nn.Embedding(3, 2, {
    device,
    maxNorm: 1,
    weight: tensor(
      [
        [3, 4],
        [0.6, 0],
        [3, 4],
      ],
      { device },
    ),
  })
  const index = tensor(Int32Array.of(0, 1, 0), { device })
  const step = () => scope(() => layer.forward(index).sum().backward())
  step()
  const { bytes, live, nodes } = memory(device)
  for (let i = 0; i < 5; i++) step()
  expect(memory(device)).toMatchObject({ bytes, live, nodes })
  expect(reads).toBe(0)
  const rows = (await layer.weight.array()) as number[][]
  expect(rows.map((row) => Math.hypot(...row))).toEqual([expect.closeTo(1, 6), expect.closeTo(0.6, 6), 5])
  off()
})

it('dropout stands between layers, in training', async () => {
  const x = randn([4, 3, 2])
  const once = async (layer: nn.Module & { forward(x: Tensor): [Tensor, unknown] }) => layer.forward(x)[0].array()
  for (const Layer of [nn.RNN, nn.LSTM, nn.GRU]) {
    const deep = new Layer(2, 8, { numLayers: 2, dropout: 0.5 })
    expect(await once(deep)).not.toEqual(await once(deep))
    expect(await once(deep.eval())).toEqual(await once(deep))
    const flat = new Layer(2, 8, { dropout: 0.5 })
    expect(await once(flat)).toEqual(await once(flat))
  }
})

it('a state that is handed on goes on, and a cell is a step of its layer', async () => {
  const x = randn([5, 2, 3])
  const close = async (a: Tensor, b: Tensor) => expect((await a.sub(b).abs().max().item()) as number).toBeLessThan(1e-6)
  const lstm = new nn.LSTM(3, 4)
  const [whole, [hn, cn]] = lstm.forward(x)
  const [, state] = lstm.forward(x.narrow(0, 0, 2))
  const [rest, [h, c]] = lstm.forward(x.narrow(0, 2, 3), { state })
  await close(whole.narrow(0, 2, 3), rest)
  await close(hn, h)
  await close(cn, c)
  const cell = new nn.LSTMCell(3, 4)
  const named = Object.entries(lstm.stateDict()).map(([name, value]) => [name.replace('_l0', ''), value])
  cell.loadStateDict(Object.fromEntries(named))
  let step = cell.forward(x.select(0, 0))
  for (let t = 1; t < 5; t++) step = cell.forward(x.select(0, t), step)
  await close(step[1], cn.select(0, 0))
})

it('layers are printed and saved as PyTorch has them', () => {
  const where = { dtype: 'float64' } as const
  const layers = [
    new nn.Embedding(5, 3, { paddingIdx: 0, maxNorm: 2 }),
    new nn.EmbeddingBag(5, 3, { mode: 'sum' }),
    new nn.RNN(2, 3, { nonlinearity: 'relu' }),
    new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true, bias: false, ...where }),
    new nn.GRUCell(2, 3, where),
  ]
  expect(layers.map((layer) => layer.title())).toEqual([
    'Embedding(5, 3, paddingIdx 0, maxNorm 2)',
    'EmbeddingBag(5, 3, mode sum)',
    'RNN(2, 3, nonlinearity relu)',
    'LSTM(2, 3, numLayers 2, no bias, bidirectional)',
    'GRUCell(2, 3)',
  ])
  const saved = layers.map((layer) => Object.entries(layer.stateDict()).map(([name, x]) => `${name} ${x.dtype}`))
  expect(saved.slice(3)).toEqual([
    ['l0', 'l0_reverse', 'l1', 'l1_reverse'].flatMap((at) => [`weight_ih_${at} float64`, `weight_hh_${at} float64`]),
    ['weight_ih float64', 'weight_hh float64', 'bias_ih float64', 'bias_hh float64'],
  ])
  expect(layers.flatMap((layer) => layer.parameters()).every((x) => x.requiresGrad)).toBe(true)
})

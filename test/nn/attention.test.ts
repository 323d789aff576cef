/** @file Attention and transformers on the CPU: as PyTorch has them, and what masks and first values are. */
import { expect, it } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { cpu } from '../../src/devices.ts'
import { grad, manualSeed, nn, randn, scope, type Tensor, tensor } from '../../src/index.ts'
import { faultsOf, layerCases } from './layers.ts'

const float64 = { dtype: 'float64' } as const
const small = { dimFeedforward: 12, dropout: 0, batchFirst: true, ...float64 }

/** The largest difference of two tensors. */
const off = async (a: Tensor, b: Tensor): Promise<number> => {
  expect(a.shape).toEqual(b.shape)
  return scope(() => a.sub(b).abs().max().detach()).item()
}

it('layers are PyTorch’s: outputs, weights, gradients, second order', async () => {
  expect(await faultsOf('nn_attention', cpu, 'float64', 1e-10)).toEqual([])
  expect(await faultsOf('nn_attention', cpu, 'float32', 1e-5)).toEqual([])
})

it('positions are made as PyTorch’s tutorial makes them', async () => {
  const found = layerCases('nn_attention').filter(({ layer }) => layer === 'PositionalEncoding')
  expect(found.length).toBe(2)
  for (const { args, state } of found) {
    const [features, options] = args as [number, object]
    const { pe } = new nn.PositionalEncoding(features, { ...options, ...float64 })
    expect(await off(pe, tensor(state.pe.data as number[], { shape: state.pe.shape, ...float64 }))).toBeLessThan(1e-11)
  }
})

it('a causal encoder gives no output that a later input changes, in all of its layers', async () => {
  manualSeed(1)
  const net = new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(8, 2, small), 2)
  const x = randn([2, 5, 8], float64)
  const y = net.forward(x, { isCausal: true })
  expect(await off(y, net.forward(x, { mask: nn.causalMask(5) }))).toBeLessThan(1e-12)
  const changed = await net.forward(x.add(tensor([0, 0, 0, 7, 0], float64).reshape(5, 1)), { isCausal: true })
  expect(await off(changed.slice(null, [0, 3]), y.slice(null, [0, 3]))).toBe(0)
  expect(await off(changed.slice(null, [4, 5]), y.slice(null, [4, 5]))).toBeGreaterThan(1e-3)
  expect(await off(net.forward(x).slice(null, [0, 1]), y.slice(null, [0, 1]))).toBeGreaterThan(1e-3)
})

it('a decoder is causal by each of its switches as by a mask', async () => {
  manualSeed(2)
  const net = new nn.TransformerDecoder(() => new nn.TransformerDecoderLayer(8, 2, small), 2)
  const [x, memory, mask] = [randn([2, 4, 8], float64), randn([2, 4, 8], float64), nn.causalMask(4)]
  const [own, cross, none] = [{ tgtIsCausal: true }, { memoryIsCausal: true }, {}].map((o) => net.forward(x, memory, o))
  expect(await off(own, net.forward(x, memory, { tgtMask: mask }))).toBeLessThan(1e-12)
  expect(await off(cross, net.forward(x, memory, { memoryMask: mask }))).toBeLessThan(1e-12)
  for (const y of [own, cross]) expect(await off(y, none)).toBeGreaterThan(1e-3)
  const whole = new nn.Transformer(8, 2, { ...small, numEncoderLayers: 1, numDecoderLayers: 1 })
  const y = whole.forward(x, memory, { srcIsCausal: true, tgtIsCausal: true })
  expect(await off(y, whole.forward(x, memory, { srcMask: mask, tgtMask: mask }))).toBeLessThan(1e-12)
})

it('what fills up a sequence changes no other output, and has no gradient', async () => {
  manualSeed(3)
  const net = new nn.TransformerEncoderLayer(8, 2, small)
  const x = randn([1, 4, 8], float64).requiresGrad_()
  const srcKeyPaddingMask = tensor([[false, false, true, true]])
  const y = net.forward(x, { srcKeyPaddingMask }).slice(null, [0, 2])
  expect(await off(y, net.forward(x.slice(null, [0, 2])))).toBeLessThan(1e-12)
  const [g] = grad([y.sum().mul(3), y.square().sum()], [x])
  expect(await g.slice(null, [2, 4]).abs().max().item()).toBe(0)
  // All keys masked: PyTorch has NaN, here only the last bias, 0, is left.
  const attention = new nn.MultiheadAttention(8, 2, { batchFirst: true, ...float64 })
  const all = { keyPaddingMask: tensor([[true, true, true, true]]), needWeights: true }
  const [nothing, weights] = attention.forward(x, x, x, all)
  expect(await nothing.abs().max().item()).toBe(0)
  expect(await weights?.abs().max().item()).toBe(0)
})

it('weights are those of the output, also of causal attention, and of each head if wanted', async () => {
  manualSeed(4)
  const attention = new nn.MultiheadAttention(6, 1, float64)
  const x = randn([5, 6], float64)
  const [y, weights] = attention.forward(x, x, x, { isCausal: true, needWeights: true })
  const [rows, bias] = [attention.inProjWeight?.slice([12, 18]), attention.inProjBias?.slice([12, 18])]
  const v = nn.functional.linear(x, rows as Tensor, bias)
  expect(await off(attention.outProj.forward((weights as Tensor).matmul(v)), y)).toBeLessThan(1e-12)
  expect(attention.forward(x, x, x)[1]).toBe(null)
})

it('dropout is of the weights in training, and none after eval()', async () => {
  const attention = new nn.MultiheadAttention(8, 2, { dropout: 1, ...float64 })
  const x = randn([3, 2, 8], float64)
  expect(await attention.forward(x, x, x)[0].abs().max().item()).toBe(0)
  const [y] = attention.eval().forward(x, x, x)
  expect(await y.abs().max().item()).toBeGreaterThan(0.01)
  const layer = new nn.TransformerEncoderLayer(8, 2, { ...small, batchFirst: false, dropout: 1 })
  // Nothing is added: what is left are the two norms.
  expect(await off(layer.forward(x), layer.norm2.forward(layer.norm1.forward(x)))).toBe(0)
})

it('first values are PyTorch’s: Xavier’s uniform, biases 0, layers of a stack their own', async () => {
  manualSeed(5)
  const largest = (x: Tensor) => x.abs().max().item()
  const attention = new nn.MultiheadAttention(64, 4)
  const apart = new nn.MultiheadAttention(64, 4, { kdim: 32 })
  // √(6/(in + out)); that of the output is Linear's 1/√in.
  const bounds: [Tensor | null, number][] = [
    [attention.inProjWeight, Math.sqrt(6 / 256)],
    [attention.outProj.weight, 1 / 8],
    [apart.kProjWeight, Math.sqrt(6 / 96)],
    [apart.vProjWeight, Math.sqrt(6 / 128)],
    [new nn.Transformer(64, 4, { dimFeedforward: 32 }).encoder.layers[0].parameters()[4], Math.sqrt(6 / 96)],
  ]
  for (const [x, bound] of bounds) {
    const reached = await largest(x as Tensor)
    expect(reached).toBeLessThanOrEqual(bound)
    expect(reached).toBeGreaterThan(0.98 * bound)
  }
  expect(await largest(attention.inProjBias as Tensor)).toBe(0)
  expect(await largest(attention.outProj.bias as Tensor)).toBe(0)
  const stack = new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(8, 2, small), 2)
  const [first, second] = stack.layers.map((layer) => layer.parameters()[0])
  expect(await off(first, second)).toBeGreaterThan(0.1)
})

it('parts are found, replaced and named in errors by PyTorch’s names', () => {
  const net = new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(8, 2), 1)
  expect(net.namedModules().map(([name]) => name)).toContain('layers.0.self_attn.out_proj')
  const linear = new nn.Linear(8, 8)
  net.replace('layers.0.self_attn.out_proj', linear)
  expect(net.stateDict()['layers.0.self_attn.out_proj.weight']).toBe(linear.weight)
  expect(net.freeze('*.in_proj_weight')).toEqual(['layers.0.self_attn.in_proj_weight'])
  expect(() => net.forward(randn([2, 2, 7]))).toThrow(
    'layers.0.self_attn (MultiheadAttention 8, 2, dropout 0.1): query is [2, 2, 7] (give [length, batch, 8] or [length, 8])',
  )
})

it('a GPT of these layers takes as few launches as one by hand', () => {
  const device = new CpuDevice()
  let launches = 0
  tap(device, {
    run: (next, launch) => {
      launches++
      next(launch)
    },
  })
  const gelu = (x: Tensor): Tensor => nn.functional.gelu(x, { approximate: 'tanh' })
  const options = { dimFeedforward: 256, dropout: 0, activation: gelu, batchFirst: true, normFirst: true, device }
  const layer = () => new nn.TransformerEncoderLayer(64, 4, options)
  const net = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(64, { device }))
  const [tokens, head] = [new nn.Embedding(65, 64, { device }), new nn.Linear(64, 65, { device })]
  const positions = nn.parameter(randn([64, 64], { device }))
  const index = tensor(new Int32Array(4 * 64), { shape: [4, 64], device })
  launches = 0
  scope(() => {
    const y = head.forward(net.forward(tokens.forward(index).add(positions), { isCausal: true }))
    nn.functional.crossEntropy(y.reshape(256, 65), index.reshape(256)).backward()
  })
  // As many as that of bench/workloads.ts, whose optimizer takes ten more.
  expect(launches).toBe(81)
})

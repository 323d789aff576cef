/** @file A small GPT of modules, as its users write one: what drawings fold, and what long runs train. */
import { arange, type Device, nn, ones, randn, scope, type Tensor, tensor, zeros } from '../../src/index.ts'

const { embedding, gelu, layerNorm, scaledDotProductAttention } = nn.functional

export interface GPTSizes {
  readonly layers: number
  readonly heads: number
  readonly channels: number
  readonly tokens: number
  readonly vocabulary: number
}

class LayerNorm extends nn.Module {
  weight: Tensor
  bias: Tensor
  constructor(channels: number, device: Device) {
    super()
    this.weight = nn.parameter(ones([channels], { device }))
    this.bias = nn.parameter(zeros([channels], { device }))
  }
  forward(x: Tensor): Tensor {
    return layerNorm(x, x.shape.slice(-1), this.weight, this.bias)
  }
}

class Attention extends nn.Module {
  readonly heads: number
  qkv: nn.Linear
  out: nn.Linear
  constructor({ channels, heads }: GPTSizes, device: Device) {
    super()
    this.heads = heads
    this.qkv = new nn.Linear(channels, 3 * channels, { device })
    this.out = new nn.Linear(channels, channels, { device })
  }
  forward(x: Tensor): Tensor {
    const [batch, tokens, channels] = x.shape
    const parts = this.qkv.forward(x).split(channels, 2)
    const [q, k, v] = parts.map((part) => part.reshape([batch, tokens, this.heads, -1]).transpose(1, 2))
    const mixed = scaledDotProductAttention(q, k, v, { isCausal: true })
    return this.out.forward(mixed.transpose(1, 2).reshape([batch, tokens, channels]))
  }
}

class Block extends nn.Module {
  norm1: LayerNorm
  attention: Attention
  norm2: LayerNorm
  widen: nn.Linear
  narrow: nn.Linear
  constructor(sizes: GPTSizes, device: Device) {
    super()
    const { channels } = sizes
    this.norm1 = new LayerNorm(channels, device)
    this.attention = new Attention(sizes, device)
    this.norm2 = new LayerNorm(channels, device)
    this.widen = new nn.Linear(channels, 4 * channels, { device })
    this.narrow = new nn.Linear(4 * channels, channels, { device })
  }
  forward(x: Tensor): Tensor {
    const y = x.add(this.attention.forward(this.norm1.forward(x)))
    return y.add(this.narrow.forward(gelu(this.widen.forward(this.norm2.forward(y)))))
  }
}

/** Token and position embeddings, blocks, a last norm and a head. */
export class GPT extends nn.Module {
  tokens: Tensor
  positions: Tensor
  blocks: Block[]
  norm: LayerNorm
  head: nn.Linear
  constructor(sizes: GPTSizes, device: Device) {
    super()
    const { channels, tokens, vocabulary, layers } = sizes
    const table = (rows: number) => nn.parameter(scope(() => randn([rows, channels], { device }).mul(0.1)))
    this.tokens = table(vocabulary)
    this.positions = table(tokens)
    this.blocks = Array.from({ length: layers }, () => new Block(sizes, device))
    this.norm = new LayerNorm(channels, device)
    this.head = new nn.Linear(channels, vocabulary, { device })
  }
  /** @param index int32 [batch, tokens] @returns logits [batch, tokens, vocabulary] */
  forward(index: Tensor): Tensor {
    const places = arange(index.shape[1], { dtype: 'int32', device: index.device })
    const x = embedding(this.tokens, index).add(embedding(this.positions, places))
    return this.head.forward(this.norm.forward(this.blocks.reduce((h, block) => block.forward(h), x)))
  }
}

/** Tokens in a fixed order, and for each the one that follows: index [batch, tokens], target [batch · tokens]. */
export function lesson({ tokens, vocabulary }: GPTSizes, batch: number, device: Device): [Tensor, Tensor] {
  const text = (from: number) =>
    Int32Array.from({ length: batch * tokens }, (_, i) => ((i + from) * 7 + 3) % vocabulary)
  return [tensor(text(0), { shape: [batch, tokens], device }), tensor(text(1), { device })]
}

/** The mean cross-entropy of the next tokens. */
export function nextTokenLoss(model: GPT, index: Tensor, target: Tensor): Tensor {
  const logits = model.forward(index)
  return nn.functional.crossEntropy(logits.reshape([target.numel, -1]), target)
}

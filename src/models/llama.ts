/**
 * @file Llama, and models that are built as it is: names, shapes and layouts are those of their files. Blocks add to a
 * stream of channels what attention and a perceptron with a gate make of it, normalised before each.
 * @see Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models"
 */
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { isPlain } from '../nn/call.ts'
import { ModuleList } from '../nn/containers.ts'
import type { Embedding } from '../nn/embedding.ts'
import { isPlainLinear, type Linear } from '../nn/linear.ts'
import { Module } from '../nn/module.ts'
import { RMSNorm } from '../nn/norm.ts'
import { optionsOf } from '../ops/base/options.ts'
import { linear, mul, permute, reshape } from '../ops/index.ts'
import { attend, type Text, through } from './attend.ts'
import { addTo } from './branch.ts'
import { activations } from './config.ts'
import type { Family } from './family.ts'
import { type CacheSizes, type ForwardOptions, LanguageModel, plainForward } from './language.ts'
import { type LlamaConfig, llamaConfig, readLlama, type WholeLlama, writtenLlama } from './llamaconfig.ts'
import { inside, linearOf, type Making, type ModelOptions, makingOf, placed, tableOf } from './making.ts'
import { Rotary } from './rotary.ts'

/** A map of a block: its sizes, and whether it has a bias. */
type Sizes = readonly [from: number, to: number, bias: boolean]

function mapsOf(config: WholeLlama) {
  const { model_type, hidden_size: E, num_attention_heads, num_key_value_heads, head_dim, attention_bias } = config
  const { intermediate_size: inner, mlp_bias } = config
  const [queries, keys] = [num_attention_heads * head_dim, num_key_value_heads * head_dim]
  const bias = attention_bias || model_type === 'qwen2'
  return {
    self_attn: {
      q_proj: [E, queries, bias],
      k_proj: [E, keys, bias],
      v_proj: [E, keys, bias],
      o_proj: [queries, E, attention_bias],
    },
    mlp: { gate_proj: [E, inner, mlp_bias], up_proj: [E, inner, mlp_bias], down_proj: [inner, E, mlp_bias] },
  } satisfies Record<string, Record<string, Sizes>>
}

/** The names of the parameters and their shapes, in the order of the state dict. */
function* shapes(config: WholeLlama): Generator<[name: string, shape: Shape]> {
  const { vocab_size: V, hidden_size: E, num_hidden_layers, tie_word_embeddings } = config
  yield ['model.embed_tokens.weight', [V, E]]
  for (let i = 0; i < num_hidden_layers; i++) {
    for (const [part, maps] of Object.entries<Record<string, Sizes>>(mapsOf(config)))
      for (const [name, [from, to, bias]] of Object.entries(maps)) {
        yield [`model.layers.${i}.${part}.${name}.weight`, [to, from]]
        if (bias) yield [`model.layers.${i}.${part}.${name}.bias`, [to]]
      }
    yield [`model.layers.${i}.input_layernorm.weight`, [E]]
    yield [`model.layers.${i}.post_attention_layernorm.weight`, [E]]
  }
  yield ['model.norm.weight', [E]]
  if (!tie_word_embeddings) yield ['lm_head.weight', [V, E]]
}

function normOf({ hidden_size, rms_norm_eps }: WholeLlama, making: Making): RMSNorm {
  return placed(new RMSNorm(hidden_size, { ...making.where, eps: rms_norm_eps }), making)
}

const mapOf = ([from, to, bias]: Sizes, { initializer_range }: WholeLlama, making: Making): Linear =>
  linearOf(from, to, initializer_range, making, bias)

class Attention extends Module {
  q_proj: Linear
  k_proj: Linear
  v_proj: Linear
  o_proj: Linear
  private readonly config: WholeLlama
  private readonly rotary: Rotary

  constructor(config: WholeLlama, rotary: Rotary, making: Making) {
    super()
    const maps = mapsOf(config).self_attn
    this.config = config
    this.rotary = rotary
    this.q_proj = mapOf(maps.q_proj, config, inside(making, 'q_proj'))
    this.k_proj = mapOf(maps.k_proj, config, inside(making, 'k_proj'))
    this.v_proj = mapOf(maps.v_proj, config, inside(making, 'v_proj'))
    this.o_proj = mapOf(maps.o_proj, config, inside(making, 'o_proj'))
  }

  forward(x: Tensor, text: Text, residual?: Tensor): Tensor {
    const { head_dim: D, num_attention_heads, num_key_value_heads, attention_dropout } = this.config
    const [B, T] = x.shape
    const heads = (one: Tensor, n: number) => permute(reshape(one, [B, T, n, D]), [0, 2, 1, 3])
    const q = this.rotary.turned(heads(this.q_proj.forward(x), num_attention_heads), text)
    const k = this.rotary.turned(heads(this.k_proj.forward(x), num_key_value_heads), text)
    const v = heads(this.v_proj.forward(x), num_key_value_heads)
    const dropoutP = this.training ? attention_dropout : 0
    const y = permute(attend(q, k, v, text, { scale: 1 / Math.sqrt(D), dropoutP }), [0, 2, 1, 3])
    return this.o_proj.forward(reshape(y, [B, T, num_attention_heads * D]), residual)
  }
}
const ownAttention: unknown = Attention.prototype.forward

/** SwiGLU (Shazeer 2020): down(silu(gate(x))·up(x)). */
class MLP extends Module {
  gate_proj: Linear
  up_proj: Linear
  down_proj: Linear
  private readonly activation: (x: Tensor) => Tensor

  constructor(config: WholeLlama, making: Making) {
    super()
    const maps = mapsOf(config).mlp
    this.activation = activations[config.hidden_act]
    this.gate_proj = mapOf(maps.gate_proj, config, inside(making, 'gate_proj'))
    this.up_proj = mapOf(maps.up_proj, config, inside(making, 'up_proj'))
    this.down_proj = mapOf(maps.down_proj, config, inside(making, 'down_proj'))
  }

  forward(x: Tensor, residual?: Tensor): Tensor {
    const gated = mul(this.activation(this.gate_proj.forward(x)), this.up_proj.forward(x))
    return this.down_proj.forward(gated, residual)
  }
}
const ownMLP: unknown = MLP.prototype.forward

class Block extends Module {
  self_attn: Attention
  mlp: MLP
  input_layernorm: RMSNorm
  post_attention_layernorm: RMSNorm

  constructor(config: WholeLlama, rotary: Rotary, making: Making) {
    super()
    this.self_attn = new Attention(config, rotary, inside(making, 'self_attn'))
    this.mlp = new MLP(config, inside(making, 'mlp'))
    this.input_layernorm = normOf(config, inside(making, 'input_layernorm'))
    this.post_attention_layernorm = normOf(config, inside(making, 'post_attention_layernorm'))
  }

  forward(x: Tensor, text: Text): Tensor {
    const { self_attn, mlp } = this
    const attends = isPlain(self_attn, ownAttention) && isPlainLinear(self_attn.o_proj)
    const y = addTo(x, null, attends, (r) => self_attn.forward(this.input_layernorm.forward(x), text, r))
    const maps = isPlain(mlp, ownMLP) && isPlainLinear(mlp.down_proj)
    return addTo(y, null, maps, (r) => mlp.forward(this.post_attention_layernorm.forward(y), r))
  }
}

class Decoder extends Module {
  embed_tokens: Embedding
  layers: ModuleList<Block>
  norm: RMSNorm

  constructor(config: WholeLlama, making: Making) {
    super()
    const { vocab_size, hidden_size, num_hidden_layers, initializer_range } = config
    const rotary = new Rotary(config)
    this.embed_tokens = tableOf(vocab_size, hidden_size, initializer_range, inside(making, 'embed_tokens'))
    this.layers = new ModuleList(
      Array.from({ length: num_hidden_layers }, (_, i) => new Block(config, rotary, inside(making, `layers.${i}`))),
    )
    this.norm = normOf(config, inside(making, 'norm'))
  }

  /** @param x [batch, tokens, channels], what the tokens stand for */
  forward(x: Tensor, text: Text): Tensor {
    let y = x
    for (const block of this.layers) y = through(block, y, text)
    return this.norm.forward(y)
  }
}

/**
 * Llama, Qwen 2, or Mistral without its window: RMSNorm, rotary positions, heads of keys and values that several of
 * queries share, SwiGLU. Its state dict has the names of the files: `model.layers.0.self_attn.q_proj.weight`.
 *
 *     const sizes = { vocab_size: 65, hidden_size: 128, intermediate_size: 352, num_hidden_layers: 4 }
 *     const model = new models.Llama({ ...sizes, num_attention_heads: 4, num_key_value_heads: 2 })
 *     crossEntropy(model.forward(ids).flatten(0, 1), next.flatten())
 *
 * First values are N(0, initializer_range²); biases 0. Tables of angles, 2·max_position_embeddings·head_dim/2 numbers,
 * are made with the first call.
 */
export class Llama extends LanguageModel {
  readonly config: WholeLlama
  model: Decoder
  /** Null where logits are products with the rows of `model.embed_tokens`. */
  lm_head: Linear | null

  /** @throws HandgradError if a value of the configuration is none, or values or weights do not fit each other */
  constructor(config?: LlamaConfig, options?: ModelOptions) {
    super()
    this.config = llamaConfig('Llama', config)
    const { vocab_size, hidden_size, initializer_range, tie_word_embeddings } = this.config
    const making = makingOf('Llama', options, shapes(this.config))
    this.model = new Decoder(this.config, inside(making, 'model'))
    this.lm_head = tie_word_embeddings
      ? null
      : linearOf(hidden_size, vocab_size, initializer_range, inside(making, 'lm_head'))
  }

  get cacheSizes(): CacheSizes {
    const { num_hidden_layers, num_key_value_heads, head_dim, max_position_embeddings } = this.config
    return {
      layers: num_hidden_layers,
      heads: num_key_value_heads,
      channels: head_dim,
      positions: max_position_embeddings,
    }
  }

  hidden(ids: Tensor | null, options?: ForwardOptions): Tensor {
    return this.run(ids, optionsOf('Llama.hidden', options, plainForward), this.config.hidden_size, (x, text) =>
      this.model.forward(x, text),
    )
  }

  embed(ids: Tensor): Tensor {
    return this.model.embed_tokens.forward(ids)
  }

  logits(h: Tensor): Tensor {
    return this.lm_head ? this.lm_head.forward(h) : linear(h, this.model.embed_tokens.weight)
  }

  protected override sizes(): string {
    const { model_type, num_hidden_layers, hidden_size, num_attention_heads, num_key_value_heads } = this.config
    const heads = `${num_attention_heads} heads, ${num_key_value_heads} of keys`
    const kind = model_type === 'llama' ? '' : `${model_type}, `
    return `${kind}${num_hidden_layers} × ${hidden_size}, ${heads}, vocabulary ${this.config.vocab_size}`
  }
}

/** Llama and its kind in files. */
export const llama: Family<WholeLlama> = {
  types: { llama: 'LlamaForCausalLM', qwen2: 'Qwen2ForCausalLM', mistral: 'MistralForCausalLM' },
  owns: (model) => model instanceof Llama,
  read: readLlama,
  layers: ({ num_hidden_layers }) => ['num_hidden_layers', num_hidden_layers],
  shapes,
  table: 'model.embed_tokens.weight',
  // Frequencies were written once; files of the model without its head have no prefix.
  ownName: (name) => {
    if (/^(model\.)?layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/.test(name)) return null
    return name.startsWith('model.') || name === 'lm_head.weight' ? name : `model.${name}`
  },
  make: (config, options) => new Llama(config, options),
  json: writtenLlama,
}

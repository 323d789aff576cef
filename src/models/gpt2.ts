/**
 * @file GPT-2: names, shapes and layouts are those of its files. Blocks add to a stream of channels what attention and
 * a perceptron make of it, normalised before each.
 * @see Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"
 */
import { isHalf } from '../core/device.ts'
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { ModuleList } from '../nn/containers.ts'
import { Dropout } from '../nn/dropout.ts'
import type { Embedding } from '../nn/embedding.ts'
import type { Linear } from '../nn/linear.ts'
import { Module } from '../nn/module.ts'
import { LayerNorm } from '../nn/norm.ts'
import { optionsOf } from '../ops/base/options.ts'
import { add, cast, linear, permute, reshape, slice, split } from '../ops/index.ts'
import { attend, type Text, through } from './attend.ts'
import { activations, type Whole } from './config.ts'
import { Conv1D } from './conv1d.ts'
import type { Family } from './family.ts'
import { type GPT2Config, gpt2Config, readGPT2 } from './gpt2config.ts'
import { type CacheSizes, type ForwardOptions, LanguageModel, plainForward } from './language.ts'
import { inside, linearOf, type Making, type ModelOptions, makingOf, placed, tableOf } from './making.ts'

type Config = Whole<GPT2Config>

/** The names of GPT-2's parameters and their shapes, in the order of the state dict. */
function* shapes(config: Config): Generator<[name: string, shape: Shape]> {
  const { vocab_size: V, n_positions: P, n_embd: E, n_layer } = config
  const inner = config.n_inner ?? 4 * E
  const t = 'transformer'
  yield [`${t}.wte.weight`, [V, E]]
  yield [`${t}.wpe.weight`, [P, E]]
  for (let i = 0; i < n_layer; i++) {
    const maps = { 'attn.c_attn': [E, 3 * E], 'attn.c_proj': [E, E], 'mlp.c_fc': [E, inner], 'mlp.c_proj': [inner, E] }
    const weights = (name: keyof typeof maps): [string, Shape][] => [
      [`${t}.h.${i}.${name}.weight`, maps[name]],
      [`${t}.h.${i}.${name}.bias`, [maps[name][1]]],
    ]
    yield* norm(`${t}.h.${i}.ln_1`, E)
    yield* [...weights('attn.c_attn'), ...weights('attn.c_proj')]
    yield* norm(`${t}.h.${i}.ln_2`, E)
    yield* [...weights('mlp.c_fc'), ...weights('mlp.c_proj')]
  }
  yield* norm(`${t}.ln_f`, E)
  if (!config.tie_word_embeddings) yield ['lm_head.weight', [V, E]]
}

const norm = (name: string, size: number): [string, Shape][] => [
  [`${name}.weight`, [size]],
  [`${name}.bias`, [size]],
]

function normOf({ n_embd, layer_norm_epsilon }: Config, making: Making): LayerNorm {
  return placed(new LayerNorm(n_embd, { ...making.where, eps: layer_norm_epsilon }), making)
}

function mapOf(from: number, to: number, std: number, { where, known }: Making): Conv1D {
  return new Conv1D(from, to, { ...where, std, weight: known('weight'), bias: known('bias') })
}

/** What is added at the end of each of 2·n_layer branches, so that their sum begins with one branch's variance. */
const endStd = ({ initializer_range, n_layer }: Config): number => initializer_range / Math.sqrt(2 * n_layer)

class Attention extends Module {
  c_attn: Conv1D
  c_proj: Conv1D
  private readonly config: Config
  private readonly scale: number

  constructor(config: Config, i: number, making: Making) {
    super()
    const { n_embd, n_head, initializer_range, scale_attn_weights, scale_attn_by_inverse_layer_idx } = config
    this.config = config
    const root = scale_attn_weights ? Math.sqrt(n_embd / n_head) : 1
    this.scale = 1 / (root * (scale_attn_by_inverse_layer_idx ? i + 1 : 1))
    this.c_attn = mapOf(n_embd, 3 * n_embd, initializer_range, inside(making, 'c_attn'))
    this.c_proj = mapOf(n_embd, n_embd, endStd(config), inside(making, 'c_proj'))
  }

  forward(x: Tensor, text: Text): Tensor {
    const { n_embd, n_head, attn_pdrop } = this.config
    const [B, T] = x.shape
    const heads = (one: Tensor) => permute(reshape(one, [B, T, n_head, n_embd / n_head]), [0, 2, 1, 3])
    const [q, k, v] = split(this.c_attn.forward(x), n_embd, 2).map(heads)
    const dropoutP = this.training ? attn_pdrop : 0
    const y = permute(attend(q, k, v, text, { scale: this.scale, dropoutP }), [0, 2, 1, 3])
    return this.c_proj.forward(reshape(y, [B, T, n_embd]))
  }
}

class MLP extends Module {
  c_fc: Conv1D
  c_proj: Conv1D
  private readonly activation: (x: Tensor) => Tensor

  constructor(config: Config, making: Making) {
    super()
    const { n_embd, n_inner, initializer_range, activation_function } = config
    const inner = n_inner ?? 4 * n_embd
    this.activation = activations[activation_function]
    this.c_fc = mapOf(n_embd, inner, initializer_range, inside(making, 'c_fc'))
    this.c_proj = mapOf(inner, n_embd, endStd(config), inside(making, 'c_proj'))
  }

  forward(x: Tensor): Tensor {
    return this.c_proj.forward(this.activation(this.c_fc.forward(x)))
  }
}

class Block extends Module {
  ln_1: LayerNorm
  attn: Attention
  ln_2: LayerNorm
  mlp: MLP
  private readonly drop: Dropout

  constructor(config: Config, i: number, making: Making) {
    super()
    this.ln_1 = normOf(config, inside(making, 'ln_1'))
    this.attn = new Attention(config, i, inside(making, 'attn'))
    this.ln_2 = normOf(config, inside(making, 'ln_2'))
    this.mlp = new MLP(config, inside(making, 'mlp'))
    this.drop = new Dropout(config.resid_pdrop)
  }

  forward(x: Tensor, text: Text): Tensor {
    const attended = add(x, this.drop.forward(this.attn.forward(this.ln_1.forward(x), text)))
    return add(attended, this.drop.forward(this.mlp.forward(this.ln_2.forward(attended))))
  }
}

class Transformer extends Module {
  wte: Embedding
  wpe: Embedding
  drop: Dropout
  h: ModuleList<Block>
  ln_f: LayerNorm

  constructor(config: Config, making: Making) {
    super()
    const { vocab_size, n_positions, n_embd, initializer_range } = config
    this.wte = tableOf(vocab_size, n_embd, initializer_range, inside(making, 'wte'))
    this.wpe = tableOf(n_positions, n_embd, initializer_range, inside(making, 'wpe'))
    this.drop = new Dropout(config.embd_pdrop)
    const blocks = Array.from({ length: config.n_layer }, (_, i) => new Block(config, i, inside(making, `h.${i}`)))
    this.h = new ModuleList(blocks)
    this.ln_f = normOf(config, inside(making, 'ln_f'))
  }

  /** @param x [batch, tokens, channels], what the tokens stand for */
  forward(x: Tensor, text: Text): Tensor {
    const places = text.past ? this.wpe.forward(text.past.positions) : slice(this.wpe.weight, [0, x.shape[1]])
    // A stream of 16 bits, of autocast, stays so.
    let y = this.drop.forward(add(x, isHalf(x.dtype) ? cast(places, x.dtype) : places))
    for (const block of this.h) y = through(block, y, text)
    return this.ln_f.forward(y)
  }
}

/**
 * GPT-2. Its state dict has the names of the files: `transformer.h.0.attn.c_attn.weight` [in, out].
 *
 *     const gpt = new models.GPT2({ vocab_size: 65, n_positions: 64, n_embd: 128, n_layer: 4, n_head: 4 })
 *     crossEntropy(gpt.forward(ids).flatten(0, 1), next.flatten())
 *
 * First values are N(0, initializer_range²), at the end of branches times 1/√(2·n_layer); biases 0.
 */
export class GPT2 extends LanguageModel {
  readonly config: Config
  transformer: Transformer
  /** Null where logits are products with the rows of `transformer.wte`. */
  lm_head: Linear | null

  /** @throws HandgradError if a value of the configuration is none, or values or weights do not fit each other */
  constructor(config?: GPT2Config, options?: ModelOptions) {
    super()
    this.config = gpt2Config('GPT2', config)
    const { n_embd, vocab_size, initializer_range, tie_word_embeddings } = this.config
    const making = makingOf('GPT2', options, shapes(this.config))
    this.transformer = new Transformer(this.config, inside(making, 'transformer'))
    this.lm_head = tie_word_embeddings
      ? null
      : linearOf(n_embd, vocab_size, initializer_range, inside(making, 'lm_head'))
  }

  get cacheSizes(): CacheSizes {
    const { n_layer, n_head, n_embd, n_positions } = this.config
    return { layers: n_layer, heads: n_head, channels: n_embd / n_head, positions: n_positions }
  }

  hidden(ids: Tensor | null, options?: ForwardOptions): Tensor {
    return this.run(
      ids,
      optionsOf('GPT2.hidden', options, plainForward),
      this.config.n_embd,
      (ids) => this.transformer.wte.forward(ids),
      (x, text) => this.transformer.forward(x, text),
    )
  }

  logits(h: Tensor): Tensor {
    return this.lm_head ? this.lm_head.forward(h) : linear(h, this.transformer.wte.weight)
  }

  protected override sizes(): string {
    const { n_layer, n_embd, n_head, vocab_size } = this.config
    return `${n_layer} × ${n_embd}, ${n_head} heads, vocabulary ${vocab_size}`
  }
}

/** What files have beside weights: masks, under a name that a bias could have. */
const MASKS = /^(transformer\.)?h\.\d+\.attn\.(masked_)?bias$/

/** GPT-2 in files. */
export const gpt2: Family<Config> = {
  types: { gpt2: 'GPT2LMHeadModel' },
  owns: (model) => model instanceof GPT2,
  read: readGPT2,
  layers: ({ n_layer }) => ['n_layer', n_layer],
  shapes,
  table: 'transformer.wte.weight',
  // Files were written of the model with a head and of the one without, whose names begin later.
  ownName: (name) => {
    if (MASKS.test(name)) return null
    return name.startsWith('transformer.') || name === 'lm_head.weight' ? name : `transformer.${name}`
  },
  make: (config, options) => new GPT2(config, options),
  json: (config) => ({ model_type: 'gpt2', ...config }),
}

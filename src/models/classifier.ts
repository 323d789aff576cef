/**
 * @file A language model that tells texts apart: in place of a head over the vocabulary, scores of labels, from what
 * the last token of a text has gathered.
 */
import { isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import type { Linear } from '../nn/linear.ts'
import { Module } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { add, arange, gt, indexSelect, reshape, softmax, tensor, where } from '../ops/index.ts'
import type { Tokenizer } from '../tokens/index.ts'
import { checkCount, idsOf, inEvaluation, isList, rowsOf, type TextOrIds } from './given.ts'
import { labelsOf } from './labels.ts'
import { type ForwardOptions, LanguageModel } from './language.ts'
import { linearOf } from './making.ts'

/** What a classifier tells apart. */
export interface ClassifierOptions {
  /** Two or more: their names, or how many there are (`LABEL_0`, `LABEL_1` …). */
  labels: number | readonly string[]
  /** The scores' weight [labels, channels], in place of first values. */
  weight?: Tensor
}

/** What a text is, where it is not ids alone. */
export type ClassifyOptions = Pick<ForwardOptions, 'lengths' | 'inputs'>

/** How {@link Classifier.predict} runs. */
export interface PredictOptions {
  /** Texts at once; default 8. */
  batch?: number
}

/** What a text was told to be. */
export interface Prediction {
  /** The likeliest label. */
  readonly label: string
  /** Which of the labels it is, from 0. */
  readonly index: number
  /** Its probability. */
  readonly probability: number
  /** Those of all labels, by their names. */
  readonly probabilities: Readonly<Record<string, number>>
}

/** The head that {@link Classifier} has no use for, in the models' fields. */
const HEAD = 'lm_head'

/**
 * Labels by scores: z = h W, where h is what the blocks make of a text's last token, and W [labels, channels] is
 * `score.weight`; transformers' GPT2ForSequenceClassification and its kind, names and all. Which token is the last one
 * is said by `lengths`, and never guessed from ids.
 */
export class Classifier extends Module {
  /** Names of the labels, in the order of the scores. */
  readonly labels: readonly string[]
  /** Text to ids, where the model's files had one. */
  tokenizer: Tokenizer | null
  score: Linear
  /** The model that it was made of, without a head. */
  readonly base: LanguageModel

  /** As {@link classifier}. */
  constructor(base: LanguageModel, options: ClassifierOptions) {
    super()
    const op = 'classifier'
    if (!(base instanceof LanguageModel)) fail(op, `${describe(base)} is not a language model`, 'give models.load(…)')
    const { labels, weight } = optionsOf(op, options, { labels: undefined, weight: undefined })
    this.labels = labelsOf(op, labels)
    this.tokenizer = base.tokenizer
    this.base = base
    const [table] = base.parameters()
    const [channels, std] = [table.shape[1], base.config['initializer_range'] as number] // every family has both
    if (weight !== undefined && !(weight instanceof Tensor))
      fail(op, `weight is ${describe(weight)}`, `give a tensor ${showShape([this.labels.length, channels])}`)
    if (weight && !['float32', 'float64'].includes(weight.dtype))
      fail(op, `weight is of ${weight.dtype}`, "what trains has 32 bits: .to('float32')")
    if (weight && (weight.shape[0] !== this.labels.length || weight.shape[1] !== channels || weight.ndim !== 2))
      fail(op, `weight is ${showShape(weight.shape)}`, `give ${showShape([this.labels.length, channels])}`)
    const where = { device: table.device, dtype: isHalf(table.dtype) ? ('float32' as const) : table.dtype }
    this.score = linearOf(channels, this.labels.length, std, { where, known: () => weight })
    for (const [name, x] of base.namedParameters()) if (name.startsWith(`${HEAD}.`)) x.dispose()
  }

  /** Of what the model is made, under the names of its files. */
  get config(): LanguageModel['config'] {
    return this.base.config
  }

  /** The model's, as {@link LanguageModel.gradientCheckpointing}. */
  get gradientCheckpointing(): boolean {
    return this.base.gradientCheckpointing
  }
  set gradientCheckpointing(on: boolean) {
    this.base.gradientCheckpointing = on
  }

  protected override *fields(): Generator<[name: string, value: unknown]> {
    for (const [name, value] of Object.entries(this.base))
      if (value instanceof Module && name !== HEAD) yield [name, value]
    yield ['score', this.score]
  }

  protected override put(name: string, module: Module): void {
    Reflect.set(name === 'score' ? this : this.base, name, module)
  }

  /**
   * Scores of the labels, from which softmax makes probabilities.
   * @param ids      int32 [batch, tokens]; what is behind a text is anything
   * @param lengths  tokens of each text, int32 [batch]; without them each row is a text as long as it is
   * @returns        [batch, labels]
   * @throws HandgradError if ids or lengths do not fit. Numbers in a tensor are looked at by the device: at the next
   *   read on WebGPU
   */
  forward(ids: Tensor, lengths?: Tensor): Tensor
  /** The same, with lengths as numbers, or of what tokens stand for. */
  forward(ids: Tensor | null, options?: ClassifyOptions): Tensor
  forward(ids: Tensor | null, given?: Tensor | ClassifyOptions): Tensor {
    const options = given instanceof Tensor ? { lengths: given } : given
    const { lengths, inputs } = optionsOf('Classifier', options, { lengths: null, inputs: null })
    const [batch, tokens] = (inputs ?? ids)?.shape ?? []
    // What is wrong with ids themselves, the model says.
    if (lengths && tokens !== undefined) this.check(lengths, batch, tokens)
    const h = this.base.hidden(ids, { lengths, inputs })
    const rows = reshape(h, [batch * tokens, h.shape[2]])
    return this.score.forward(indexSelect(rows, 0, lastOf(lengths, batch, tokens, h)))
  }

  /** Refuse lengths of no row. */
  private check(lengths: NonNullable<ClassifyOptions['lengths']>, batch: number, tokens: number): void {
    if (!(lengths instanceof Tensor || Array.isArray(lengths)))
      this.refuse(`lengths is ${describe(lengths)}`, 'give a list of numbers, or an int32 tensor')
    const many = lengths instanceof Tensor ? lengths.shape : [lengths.length]
    if (many.length !== 1 || many[0] !== batch)
      this.refuse(`lengths is ${showShape(many)}, the batch ${batch}`, `give [${batch}], the tokens of each text`)
    if (lengths instanceof Tensor) return
    const odd = lengths.findIndex((n) => !(Number.isInteger(n) && n >= 1 && n <= tokens))
    if (odd >= 0) this.refuse(`lengths[${odd}] is ${describe(lengths[odd])}`, `give an integer from 1 to ${tokens}`)
  }

  /**
   * The label of a text, while nothing is dropped out; the model is in the same mode afterwards.
   *
   *     const { label, probability } = await model.predict('a lovely film')
   *
   * @throws HandgradError if the text has no tokens or more than the model's positions, an id is outside of the
   *   vocabulary, or there is no tokenizer: before any work
   */
  async predict(text: TextOrIds, options?: PredictOptions): Promise<Prediction>
  /** The same of many texts, of any lengths. */
  async predict(texts: readonly TextOrIds[], options?: PredictOptions): Promise<Prediction[]>
  async predict(given: TextOrIds | readonly TextOrIds[], options?: PredictOptions): Promise<Prediction | Prediction[]> {
    const op = 'predict'
    const { batch } = optionsOf(op, options, { batch: 8 })
    checkCount(op, 'batch', batch)
    const many = isList(given)
    const { positions } = this.base.cacheSizes
    const texts = (many ? given : [given]).map((one, i) => {
      const ids = idsOf(op, this, `text${many ? ` ${i}` : ''}`, one)
      if (ids.length < 1 || ids.length > positions)
        fail(op, `text${many ? ` ${i}` : ''} has ${ids.length} tokens`, `the model reads 1 to ${positions}`)
      return ids
    })
    const found: Prediction[] = []
    await inEvaluation(this, async () => {
      for (let k = 0; k < texts.length; k += batch) {
        const some = texts.slice(k, k + batch)
        const lengths = some.map(({ length }) => length)
        const p = scope(() =>
          noGrad(() =>
            softmax(this.forward(rowsOf(some, Math.max(...lengths), this.score.weight.device), { lengths }), 1),
          ),
        )
        try {
          const all = await p.data()
          const count = this.labels.length
          for (let b = 0; b < some.length; b++) found.push(this.told(all.subarray(b * count, (b + 1) * count)))
        } finally {
          p.dispose()
        }
      }
    })
    return many ? found : found[0]
  }

  private told(p: ArrayLike<number>): Prediction {
    const probabilities = Object.fromEntries(this.labels.map((label, i) => [label, p[i]]))
    const index = this.labels.reduce((best, _, i) => (p[i] > p[best] ? i : best), 0)
    return { label: this.labels[index], index, probability: p[index], probabilities }
  }

  protected override sizes(): string {
    const [shown, more] = [this.labels.slice(0, 4).join(', '), this.labels.length - 4]
    return `${this.base.title()}, ${shown}${more > 0 ? ` and ${more} more` : ''}`
  }
}

/** Which rows of [batch·tokens] are the last token of each text. */
function lastOf(lengths: ClassifyOptions['lengths'], batch: number, tokens: number, { device }: Tensor): Tensor {
  if (!(lengths instanceof Tensor)) {
    const last = Int32Array.from({ length: batch }, (_, b) => b * tokens + (lengths?.[b] ?? tokens) - 1)
    return tensor(last, { device })
  }
  const behind = add(arange(0, batch * tokens, tokens, { device, dtype: 'int32' }), lengths)
  // A text without tokens has no last one: a row that there is not, which the device reports.
  return where(gt(lengths, 0), add(behind, -1), batch * tokens)
}

/**
 * A classifier of a language model's blocks, which are its own from then on, as they are: their names stay
 * (`transformer.h.0…`), what is frozen stays frozen, and a head of the model's own (`lm_head`) is freed. The scores
 * begin at N(0, initializer_range²), always of float32 over blocks of 16 bits.
 *
 *     const gpt = await models.load('models/gpt2')
 *     const model = models.classifier(gpt, { labels: ['good', 'bad'] })
 *     model.freeze('transformer')                                    // only the scores are trained
 *     crossEntropy(model.forward(ids, lengths), classes)
 *     await model.predict('a lovely film')                           // { label: 'good', probability: 0.93, … }
 *
 * @throws HandgradError if there are fewer than two labels, two have one name, the model is not one, or the weight has
 *   another shape: before anything is allocated or freed
 */
export const classifier = (model: LanguageModel, options: ClassifierOptions): Classifier =>
  new Classifier(model, options)

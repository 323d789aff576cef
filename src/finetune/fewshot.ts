/**
 * @file Labels of texts from a prompt with a few examples: nothing is trained. Each label has the chance that the model
 * gives its words after the prompt, against the chance that it gives them after no text at all.
 */
import { describe, fail } from '../core/errors.ts'
import { idsOf } from '../models/given.ts'
import { LanguageModel, score } from '../models/index.ts'
import { labelsOf } from '../models/labels.ts'
import { optionsOf } from '../ops/base/options.ts'

/** A text and its label. */
export interface Shot {
  readonly text: string
  readonly label: string
}

/** What a prompt is made of. */
export interface FewShotOptions {
  /** Two or more, as they stand in the prompt; default: those of the examples, in their order. */
  labels?: readonly string[]
  /** Texts and their labels, in the order of the prompt; default: none. */
  examples?: readonly Shot[]
  /** What stands before everything; default: nothing. */
  instruction?: string
  /**
   * An example, with `{text}` and, at its end, `{label}`; default `'Text: {text}\nLabel: {label}'`. A space before the
   * label goes to the label, as tokens of words have it.
   */
  template?: string
  /** What stands between the instruction, examples and the text; default an empty line, `'\n\n'`. */
  separator?: string
  /** Texts that say nothing, by whose mean answer others are calibrated; default the empty one, `['']`. */
  empty?: readonly string[]
  /** Prompts with a label that are read at once; default 8. */
  batch?: number
}

/** What a text was told to be. */
export interface Told {
  /** The likeliest label, calibrated. */
  readonly label: string
  /** Calibrated: p(label | prompt) / p(label | prompt with a text that says nothing), so that all are 1 together. */
  readonly probabilities: Readonly<Record<string, number>>
  /** p(label | prompt), so that all are 1 together. */
  readonly uncalibrated: Readonly<Record<string, number>>
}

/** A prompt that tells texts apart: of {@link fewShot}. */
export interface FewShot {
  readonly labels: readonly string[]
  /** The prompt of a text, up to its label. */
  prompt(text: string): string
  /**
   * The label of a text. @throws HandgradError if its prompt and a label are longer than the model's positions, saying
   *   by how many tokens: before any work
   */
  classify(text: string): Promise<Told>
  /** The same of many texts. */
  classify(texts: readonly string[]): Promise<Told[]>
}

/** Numbers that are 1 together, from logarithms. */
function shares(logs: readonly number[]): number[] {
  const most = Math.max(...logs)
  const all = logs.map((x) => Math.exp(x - most))
  const sum = all.reduce((a, b) => a + b, 0)
  return all.map((x) => x / sum)
}

const TEXT = '{text}'
const LABEL = '{label}'

/** A template's parts: before the text, between text and label. */
function partsOf(op: string, template: unknown): [before: string, between: string] {
  const [before, rest = '', ...texts] = typeof template === 'string' ? template.split(TEXT) : ['']
  const [between, end, ...labels] = rest.split(LABEL)
  if (texts.length > 0 || labels.length > 0 || end !== '' || before.includes(LABEL))
    fail(op, `template is ${describe(template)}`, `give a text with ${TEXT} once, and ${LABEL} once, at its end`)
  return [before, between]
}

/** Refuse what is not a list of texts. */
function checkTexts(op: string, name: string, given: unknown): void {
  if (!Array.isArray(given)) fail(op, `${name} is ${describe(given)}`, 'give a list of texts')
  if (given.length === 0) fail(op, `there are no texts in ${name}`, 'give at least one')
  const odd = given.findIndex((one) => typeof one !== 'string')
  if (odd >= 0) fail(op, `${name}[${odd}] is ${describe(given[odd])}`, 'give a text')
}

/**
 * A prompt of an instruction and examples, by which a language model tells texts apart without any training: the score
 * of a label is ln p(label | prompt) by `models.score`. A model prefers some labels whatever the text is (that of the
 * last example, the one that it has read more often); so each chance is divided by the one that the label has after a
 * text that says nothing.
 *
 *     const judge = finetune.fewShot(gpt, {
 *       instruction: 'Tell whether a review praises or blames.',
 *       examples: [{ text: 'a lovely film', label: 'praise' }, { text: 'dull and long', label: 'blame' }],
 *       template: 'Review: {text}\nIt is {label}',
 *     })
 *     const { label, probabilities, uncalibrated } = await judge.classify('what a soup')
 *
 * The answer to texts that say nothing is taken with each call, by the weights as they are then: a call of many texts
 * costs less than one of each.
 * @throws HandgradError if the model has no tokenizer, there are fewer than two labels, two are one, an example has a
 *   label that is none of them, or the template has no place for text and label: before any work
 * @see Zhao et al. 2021, "Calibrate Before Use: Improving Few-Shot Performance of Language Models"
 */
export function fewShot(gpt: LanguageModel, options?: FewShotOptions): FewShot {
  const op = 'fewShot'
  if (!(gpt instanceof LanguageModel)) fail(op, `${describe(gpt)} is not a language model`, 'give models.load(…)')
  const { examples, instruction, template, separator, empty, batch, ...given } = optionsOf(op, options, {
    ...{ labels: undefined, examples: [], instruction: '', template: 'Text: {text}\nLabel: {label}' },
    ...{ separator: '\n\n', empty: [''], batch: 8 },
  })
  if (!gpt.tokenizer) fail(op, 'the model has no tokenizer', 'set model.tokenizer')
  const odd = Array.isArray(examples)
    ? examples.findIndex((one) => typeof one?.text !== 'string' || typeof one.label !== 'string')
    : 0
  if (odd >= 0)
    fail(
      op,
      `example ${odd} is ${describe(Array.isArray(examples) ? examples[odd] : examples)}`,
      'give { text, label }',
    )
  if (given.labels !== undefined && !Array.isArray(given.labels))
    fail(op, `labels is ${describe(given.labels)}`, "give their names: ['good', 'bad']")
  const labels = labelsOf(op, given.labels ?? [...new Set(examples.map(({ label }) => label))])
  const foreign = examples.findIndex(({ label }) => !labels.includes(label))
  if (foreign >= 0)
    fail(op, `example ${foreign} has the label ${describe(examples[foreign].label)}`, `there are ${labels.join(', ')}`)
  for (const [name, text] of Object.entries({ instruction, separator }))
    if (typeof text !== 'string') fail(op, `${name} is ${describe(text)}`, 'give a text')
  checkTexts(op, 'empty', empty)
  const [before, between] = partsOf(op, template)
  // `… is {label}`: the space is the first character of the label's first token.
  const stem = between.trimEnd()
  const gap = between.slice(stem.length)
  const [head, tail] = gap.includes('\n') ? [between, ''] : [stem, gap]
  const words = labels.map((label) => tail + label)
  const shown = examples.map(({ text, label }) => before + text + between + label)
  const known = [...(instruction ? [instruction] : []), ...shown]
  const promptOf = (text: string): string => [...known, before + text + head].join(separator)

  /** ln p of each label after each text. */
  const tell = async (what: string, texts: readonly string[]): Promise<number[][]> => {
    const prompts = texts.map(promptOf)
    const { positions } = gpt.cacheSizes
    const most = Math.max(...words.map((word) => idsOf(op, gpt, 'label', word).length))
    prompts.forEach((prompt, i) => {
      const over = idsOf(op, gpt, 'prompt', prompt).length + most - 1 - positions
      if (over > 0)
        fail(
          op,
          `the prompt of ${what} ${i} is ${over} tokens too long for the model's ${positions} positions`,
          examples.length > 0 ? 'give fewer examples, or shorter ones' : 'give a shorter text',
        )
    })
    const found = await score(
      gpt,
      prompts.flatMap((prompt) => words.map(() => prompt)),
      prompts.flatMap(() => words),
      { batch },
    )
    return prompts.map((_, i) => words.map((_, k) => found[i * words.length + k].logprob))
  }

  /** ln of the mean chance of each label after texts that say nothing. */
  const bias = async (): Promise<readonly number[]> => {
    const answers = (await tell('empty', empty)).map(shares)
    return words.map((_, k) => Math.log(answers.reduce((sum, p) => sum + p[k], 0) / answers.length))
  }

  async function classify(text: string): Promise<Told>
  async function classify(texts: readonly string[]): Promise<Told[]>
  async function classify(given: string | readonly string[]): Promise<Told | Told[]> {
    const texts = typeof given === 'string' ? [given] : given
    checkTexts(op, 'texts', texts)
    const all = await tell('text', texts)
    const without = await bias()
    const named = (p: readonly number[]) => Object.fromEntries(labels.map((label, k) => [label, p[k]]))
    const told = all.map((logs): Told => {
      const p = shares(logs.map((x, k) => x - without[k]))
      const label = labels[p.indexOf(Math.max(...p))]
      return { label, probabilities: named(p), uncalibrated: named(shares(logs)) }
    })
    return typeof given === 'string' ? told[0] : told
  }
  return { labels, prompt: promptOf, classify }
}

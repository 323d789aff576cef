/** @file A classifier: equal to PyTorch at every padding, in files bit for bit, and what is wrong with labels. */
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { CpuDevice, crossEntropy, device, io, memory, nn, tensor } from '../../src/index.ts'
import { Classifier, classifier, GPT2, load, save } from '../../src/models/index.ts'
import { BPE } from '../../src/tokens/index.ts'
import { llamaOn, modelOn, row } from '../generate/few.ts'
import { error } from '../support/difference.ts'
import { folderOf, idsOn, lengths, texts } from './cases.ts'
import { changed, configIn, fresh } from './changed.ts'
import { classifierErrors, classifierOn, heldBySteps, name, paddings, stepOf, targetsOn } from './classified.ts'

const cpu = await device('cpu')

describe('equal to PyTorch', () => {
  it.each(paddings)('%i tokens behind the longer text: logits, loss and gradients', async (padding) => {
    for (const [dtype, bound] of [
      ['float64', 1e-10],
      ['float32', 5e-6],
    ] as const)
      for (const [what, found] of Object.entries(await classifierErrors(padding, cpu, dtype)))
        expect(found, `${what}, ${dtype}`).toBeLessThan(bound)
  })
})

test('transformers#35909: the head reads the last real token, whatever is behind it or looks like filling', async () => {
  const model = await classifierOn(cpu)
  // The text ends with 0, which fills rows up too: a guess by ids would take the token before it.
  const text = [30, 2, 5, 0]
  const alone = await model.forward(idsOn(cpu, [text])).data()
  for (const behind of [[0, 0, 0], [7, 7, 7], [0], [30, 2, 5, 0, 0, 39]]) {
    const padded = model.forward(idsOn(cpu, [[...text, ...behind]]), { lengths: [4] })
    expect(error(await padded.data(), alone), String(behind)).toBeLessThan(1e-6)
  }
  // Without lengths a row is a text as long as it is.
  const whole = await model.forward(idsOn(cpu, [[...text, 0, 0]])).data()
  expect(error(whole, alone)).toBeGreaterThan(1e-2)
})

describe('parameters', () => {
  it('keep the names of the blocks, and a head of the model’s own is freed', async () => {
    const gpt = new GPT2({ ...modelOn(cpu).config, tie_word_embeddings: false })
    const head = gpt.lm_head?.weight
    const names = Object.keys(gpt.stateDict())
    const model = classifier(gpt, { labels: 2 })
    expect(Object.keys(model.stateDict())).toEqual([...names.filter((one) => one !== 'lm_head.weight'), 'score.weight'])
    expect(model.stateDict()['transformer.h.0.attn.c_attn.weight']).toBe(gpt.transformer.h.at(0).attn.c_attn.weight)
    expect(head?.disposed).toBe(true)
    expect(model.labels).toEqual(['LABEL_0', 'LABEL_1'])
    expect(model.title()).toBe('Classifier(GPT2(2 × 16, 2 heads, vocabulary 40), LABEL_0, LABEL_1)')
  })

  it('are replaced by their names, the blocks themselves too', () => {
    const model = classifier(modelOn(cpu), { labels: 2 })
    const [body, score] = [modelOn(cpu).transformer, new nn.Linear(16, 2)]
    model.replace('transformer', body)
    model.replace('score', score)
    expect([body, score].every((one) => model.modules().includes(one))).toBe(true)
    expect(model.forward(idsOn(cpu)).shape).toEqual([2, 2])
  })

  it('are float32 in the head over 16 bits, which stay frozen', async () => {
    const model = await classifierOn(cpu, 'bfloat16')
    expect(model.score.weight.dtype).toBe('float32')
    expect(model.namedParameters().flatMap(([key, x]) => (x.requiresGrad ? [key] : []))).toEqual(['score.weight'])
    const made = classifier(await load(folderOf('gpt2'), { dtype: 'float16', device: cpu }), { labels: 3 })
    expect(made.score.weight.dtype).toBe('float32')
    crossEntropy(made.forward(idsOn(cpu), { lengths }), targetsOn(cpu)).backward()
    expect(made.score.weight.grad?.shape).toEqual([3, 16])
  })
})

describe('files', () => {
  it('come back bit for bit, with labels and tokenizer', async () => {
    const gpt = new GPT2({ ...modelOn(cpu).config, vocab_size: 300, tie_word_embeddings: false })
    gpt.tokenizer = BPE.train('to be or not to be, that is the question', { size: 260 })
    const [model, folder] = [classifier(gpt, { labels: ['好', 'bad', 'fair'] }), await fresh()]
    await save(model, folder)
    const again = await load(folder, { device: cpu, classifier: true })
    expect(again).toBeInstanceOf(Classifier)
    expect(again.labels).toEqual(['好', 'bad', 'fair'])
    const [a, b] = [model, again].map((one) => one.stateDict())
    expect(Object.keys(b)).toEqual(Object.keys(a))
    for (const [key, x] of Object.entries(a)) expect(await b[key].data(), key).toEqual(await x.data())
    const text = 'that is, 天'
    expect(again.tokenizer?.encode(text)).toEqual(model.tokenizer?.encode(text))
    model.eval()
    expect(await again.predict(text)).toEqual(await model.predict(text))
    expect(await configIn(folder)).toMatchObject({
      architectures: ['GPT2ForSequenceClassification'],
      id2label: { 0: '好', 1: 'bad', 2: 'fair' },
      label2id: { 好: 0, bad: 1, fair: 2 },
    })
  })

  it('of a Llama likewise', async () => {
    const [model, folder] = [classifier(llamaOn(cpu), { labels: 2 }), await fresh()]
    await save(model, folder)
    expect((await configIn(folder)).architectures).toEqual(['LlamaForSequenceClassification'])
    const again = await load(folder, { device: cpu, classifier: true })
    const call = async (one: Classifier) => one.eval().forward(idsOn(cpu), { lengths }).data()
    expect(await call(again)).toEqual(await call(model))
  })

  it('say what rows are filled up with, without which transformers reads no batch of them', async () => {
    const ends = async (eos_token_id: number | number[] | null) => {
      const folder = await fresh()
      await save(classifier(new GPT2({ ...modelOn(cpu).config, eos_token_id }, { device: cpu }), { labels: 2 }), folder)
      return configIn(folder)
    }
    expect(await ends(3)).toMatchObject({ pad_token_id: 3, problem_type: 'single_label_classification' })
    expect(await ends([4, 3])).toMatchObject({ pad_token_id: 4 })
    expect(await ends(null)).toMatchObject({ pad_token_id: null })
  })

  it('say two labels where config.json says nothing, as transformers writes it', async () => {
    const folder = await fresh()
    await save(classifier(modelOn(cpu), { labels: 2 }), folder)
    const { id2label, label2id, ...rest } = await configIn(folder)
    await writeFile(join(folder, 'config.json'), JSON.stringify(rest))
    expect((await load(folder, { classifier: true })).labels).toEqual(Object.values(id2label))
    expect(label2id).toEqual({ LABEL_0: 0, LABEL_1: 1 })
  })

  it.each([
    [{ id2label: { 0: 'a' } }, 'id2label: there is 1 label'],
    [{ id2label: { 0: 'a', 2: 'b' } }, 'id2label has 2 names, and none for 1'],
    [{ id2label: { 0: 'a', 1: 'a', 2: 'b' } }, "id2label: labels 0 and 1 are both 'a'"],
    [{ id2label: ['a', 'b', 'c'] }, 'id2label is an array'],
    [{ num_labels: 4 }, 'num_labels is 4, and id2label has 3 names'],
    [{ num_labels: 1, id2label: undefined }, 'there is 1 label'],
    [{ num_labels: 2, id2label: undefined }, 'score.weight is [3, 16], not [2, 16]'],
  ])('%j is refused', async (config, text) => {
    const folder = await changed(name, config)
    await expect(load(folder, { classifier: true })).rejects.toThrow(text)
  })

  it('of the other kind are told by their weights, before anything is allocated', async () => {
    const own = new CpuDevice()
    await expect(load(folderOf(name), { device: own })).rejects.toThrow(
      "gpt2-classifier has score.weight: it is a classifier's (give { classifier: true })",
    )
    await expect(load(folderOf('gpt2'), { device: own, classifier: true })).rejects.toThrow(
      "gpt2 has no score.weight: it is not a classifier's (load it without, and give it to models.classifier)",
    )
    // @ts-expect-error: not a truth value
    await expect(load(folderOf(name), { classifier: 3 })).rejects.toThrow('classifier is 3 (give true or false)')
    expect(memory(own).storages).toBe(0)
    const folder = await fresh()
    await cp(folderOf(name), folder, { recursive: true })
    const { tensors } = await io.openSafetensors(folderOf(name))
    expect(Object.keys(tensors)).toContain('score.weight')
  })
})

describe('predictions', () => {
  it('of many texts are those of each alone, and leave the mode and no tensor behind', async () => {
    const own = new CpuDevice()
    const model = classifier(modelOn(own, { resid_pdrop: 0.5 }), { labels: ['a', 'b', 'c'] })
    model.train()
    const before = memory(own)
    const all = await model.predict([row(1, 9), row(2, 2), row(3, 5)], { batch: 2 })
    expect(memory(own)).toEqual(before)
    expect(model.modules().every(({ training }) => training)).toBe(true)
    for (const [i, ids] of [row(1, 9), row(2, 2), row(3, 5)].entries()) {
      const { label, index, probability, probabilities } = await model.predict(ids)
      expect([label, index]).toEqual([all[i].label, all[i].index])
      expect(probability).toBeCloseTo(all[i].probability, 5)
      expect(probabilities[label]).toBe(probability)
      expect(Object.values(probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
    }
  })

  it.each([
    [['a text'], undefined, 'predict: the model has no tokenizer (give ids, or set model.tokenizer)'],
    [[[1], []], undefined, 'predict: text 1 has 0 tokens (the model reads 1 to 24)'],
    [[row(1, 25)], undefined, 'predict: text 0 has 25 tokens (the model reads 1 to 24)'],
    [[[40]], undefined, 'predict: id 40 at position 0 of text 0 is outside of the vocabulary of 40'],
    [[[1]], { batch: 0 }, 'predict: batch is 0 (give an integer from 1 up)'],
  ])('%j is refused', async (list, options, text) => {
    const model = classifier(modelOn(cpu), { labels: 2 })
    await expect(model.predict(list, options)).rejects.toThrow(text)
  })
})

describe('refused', () => {
  it.each([
    [1, 'classifier: there is 1 label (give two or more, each with a name of its own)'],
    [['one'], 'classifier: there is 1 label (give two or more, each with a name of its own)'],
    [[], 'classifier: there are 0 labels (give two or more, each with a name of its own)'],
    [['a', 'b', 'a'], "classifier: labels 0 and 2 are both 'a' (give two or more, each with a name of its own)"],
    [['a', ''], "classifier: label 1 is '' (give two or more, each with a name of its own)"],
    [-1, "classifier: labels is -1 (give their number, or their names: ['good', 'bad'])"],
    ['ab', "classifier: labels is 'ab' (give their number, or their names: ['good', 'bad'])"],
  ])('labels: %j', (labels, text) => {
    const gpt = new GPT2({ ...modelOn(cpu).config, tie_word_embeddings: false })
    expect(() => classifier(gpt, { labels: labels as number })).toThrow(text)
    expect(gpt.lm_head?.weight.disposed).toBe(false)
  })

  it('what is not a model, and a weight of another shape', () => {
    // @ts-expect-error: a layer
    expect(() => classifier(new nn.Linear(2, 2), { labels: 2 })).toThrow(
      'is not a language model (give models.load(…))',
    )
    const weight = tensor([[1, 2]])
    expect(() => classifier(modelOn(cpu), { labels: 2, weight })).toThrow('weight is [1, 2] (give [2, 16])')
    const other = tensor([[0, 1]]).expand([2, 2])
    expect(() => classifier(modelOn(cpu), { labels: 2, weight: 'x' as never })).toThrow(
      "classifier: weight is 'x' (give a tensor [2, 16])",
    )
    expect(() => classifier(modelOn(cpu), { labels: 2, weight: other.to('bfloat16') })).toThrow(
      "classifier: weight is of bfloat16 (what trains has 32 bits: .to('float32'))",
    )
  })

  it('gradientCheckpointing is that of the blocks', () => {
    const gpt = modelOn(cpu)
    const model = classifier(gpt, { labels: 2 })
    model.gradientCheckpointing = true
    expect([gpt.gradientCheckpointing, model.gradientCheckpointing]).toEqual([true, true])
  })

  it('lengths that do not fit', async () => {
    const model = await classifierOn(cpu)
    const said = (given: readonly number[]) => () => model.forward(idsOn(cpu), { lengths: given })
    expect(said([7])).toThrow('lengths is [1], the batch 2 (give [2], the tokens of each text)')
    expect(said([7, 0])).toThrow('lengths[1] is 0 (give an integer from 1 to 7)')
    expect(said([8, 1])).toThrow('lengths[0] is 8 (give an integer from 1 to 7)')
    expect(said([7, 1.5])).toThrow('lengths[1] is 1.5 (give an integer from 1 to 7)')
    // @ts-expect-error: one number
    expect(() => model.forward(idsOn(cpu), { lengths: 7 })).toThrow('lengths is 7 (give a list of numbers')
    // Of a tensor the device sees them.
    expect(() => model.forward(idsOn(cpu), targetsOn(cpu, [7, 0]))).toThrow('index 14 at position 1 is outside')
    expect(() => model.forward(idsOn(cpu), targetsOn(cpu, [7, 8]))).toThrow('keyLengths[1] is 8 of 7 keys')
    expect(() => model.forward(idsOn(cpu), tensor([7, 4]))).toThrow('int32')
    // @ts-expect-error: no ids
    expect(() => model.forward(texts)).toThrow('ids is')
  })

  it('labels outside of the head', async () => {
    const model = await classifierOn(cpu)
    const logits = model.forward(idsOn(cpu), { lengths })
    expect(() => crossEntropy(logits, targetsOn(cpu, [3, 0]))).toThrow(/3 .*outside|outside.*3/)
  })
})

describe('frozen weights', () => {
  it('keep no activations, and nothing is computed for them', () => {
    const device = new CpuDevice()
    const [all, upper, head] = [null, /^transformer\.(wte|wpe|h\.[01]\.)/, 'transformer'].map((one) =>
      stepOf(device, one),
    )
    expect(head.graded).toEqual(['score.weight'])
    expect(upper.graded.every((key) => /^(transformer\.(h\.2|ln_f)\.|score\.)/.test(key))).toBe(true)
    expect(upper.graded).toHaveLength(15)
    // What is saved and what backward launches is that of one block of three, and of none.
    expect(upper.kept).toBeLessThan(0.4 * all.kept)
    expect(upper.launches).toBeLessThan(0.4 * all.launches)
    expect(head.kept).toBeLessThan(0.02 * all.kept)
    expect(head.launches).toBeLessThan(6)
  })

  it('among others that train give their inputs’ gradients, and keep less', () => {
    const device = new CpuDevice()
    const [all, maps] = [null, /\.mlp\./].map((one) => stepOf(device, one))
    expect(maps.graded).toContain('transformer.wte.weight')
    expect(maps.graded.some((key) => key.includes('.mlp.'))).toBe(false)
    expect(maps.kept).toBeLessThan(all.kept)
    expect(maps.launches).toBeLessThan(all.launches)
  })
})

test('150 steps hold what two hold', async () => {
  const [second, last] = await heldBySteps(new CpuDevice(), 150)
  expect(last).toEqual(second)
})

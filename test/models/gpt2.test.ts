/** @file GPT-2 from its files: equal to PyTorch, written back bit for bit, and what is wrong said before any work. */
import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as entry from 'handgrad/models'
import { describe, expect, it, test } from 'vitest'
import { CpuDevice, device, io, memory, nn, randn, type Tensor, tensor, zeros } from '../../src/index.ts'
import { Conv1D, GPT2, load, save } from '../../src/models/index.ts'
import { BPE, CharTokenizer, saveTokenizer } from '../../src/tokens/index.ts'
import { error } from '../support/difference.ts'
import {
  folderOf,
  forwardErrors,
  gradientError,
  idsOn,
  lengths,
  names,
  texts,
  trained,
  trainingError,
} from './cases.ts'
import { changed, fresh, temporary } from './changed.ts'

const cpu = await device('cpu')
const gpt2 = async (name: string) => (await load(folderOf(name), { device: cpu })) as GPT2
const small = { vocab_size: 40, n_positions: 12, n_embd: 16, n_layer: 2, n_head: 2 }

test('the entry handgrad/models is these functions', () => {
  expect(entry.load).toBe(load)
  expect(entry.GPT2).toBe(GPT2)
})

describe('equal to PyTorch', () => {
  it.each(names)('%s: hidden states, logits and loss', async (name) => {
    for (const [dtype, bound] of [
      ['float64', 1e-10],
      ['float32', 5e-6],
    ] as const)
      for (const [what, found] of Object.entries(await forwardErrors(name, cpu, dtype)))
        expect(found, `${what}, ${dtype}`).toBeLessThan(bound)
  })

  it.each(trained)('%s: gradients, and 50 steps', async (name) => {
    expect(await gradientError(name, cpu, 'float64')).toBeLessThan(1e-10)
    expect(await gradientError(name, cpu, 'float32')).toBeLessThan(5e-6)
    expect(await trainingError(name, cpu, 'float64')).toBeLessThan(1e-9)
  })
})

describe('files', () => {
  it('are loaded into what is evaluated, with gradients to be had', async () => {
    const model = await gpt2('gpt2')
    expect(model.training).toBe(false)
    expect(model.parameters().every((x) => x.requiresGrad)).toBe(true)
    expect(model.tokenizer).toBe(null)
    expect(model.config).toMatchObject({ ...small, tie_word_embeddings: true, activation_function: 'gelu_new' })
    expect(model.title()).toBe('GPT2(2 × 16, 2 heads, vocabulary 40)')
  })

  it('have the names and shapes of the state dict', async () => {
    for (const tie_word_embeddings of [true, false]) {
      const config = { ...small, tie_word_embeddings }
      const model = new GPT2(config)
      const { gpt2: family } = await import('../../src/models/gpt2.ts')
      const have = Object.entries(model.stateDict()).map(([name, x]) => [name, [...x.shape]])
      expect(have.sort()).toEqual([...family.shapes(model.config)].sort())
    }
  })

  it.each(names)('%s comes back bit for bit', async (name) => {
    const [model, folder] = [await gpt2(name), await fresh()]
    await save(model, folder, name === 'gpt2' ? { shardBytes: 8192 } : undefined)
    const again = (await load(folder, { device: cpu })) as GPT2
    expect(again.config).toEqual(model.config)
    const [a, b] = [model, again].map((one) => one.stateDict())
    expect(Object.keys(b)).toEqual(Object.keys(a))
    for (const [key, x] of Object.entries(a)) expect(await b[key].data(), key).toEqual(await x.data())
    expect((await readdir(folder)).some((file) => file.endsWith('.index.json'))).toBe(name === 'gpt2')
  })

  it('keep 16 bits where they are asked to', async () => {
    const folder = await fresh()
    await save(await gpt2('gpt2-bf16-shards'), folder, { dtype: 'BF16' })
    const [one, other] = await Promise.all(
      [folder, folderOf('gpt2-bf16-shards')].map(async (from) => (await io.openSafetensors(from)).tensors),
    )
    expect(Object.keys(one).sort()).toEqual(Object.keys(other).sort())
    expect(new Set(Object.values(one).map(({ dtype }) => dtype))).toEqual(new Set(['BF16']))
  })

  it('have ids of ends that the vocabulary may lack: transformers writes 50256 for every GPT-2', async () => {
    expect((await gpt2('gpt2')).config).toMatchObject({ bos_token_id: null, eos_token_id: null })
    const folder = await changed('gpt2', { bos_token_id: 50256, eos_token_id: [3, 4], auto_map: null })
    expect((await load(folder)).config).toMatchObject({ bos_token_id: null, eos_token_id: [3, 4] })
    expect(() => new GPT2({ ...small, eos_token_id: 50256 })).toThrow('eos_token_id is 50256 (give an id below 40')
  })

  it('bring their tokenizer, and keep it', async () => {
    const folder = await fresh()
    const model = new GPT2({ ...small, vocab_size: 300 })
    model.tokenizer = BPE.train('to be or not to be, that is the question', { size: 260 })
    await save(model, folder)
    const { tokenizer } = await load(folder, { device: cpu })
    expect(tokenizer?.decode(tokenizer.encode('to be, 天'))).toBe('to be, 天')
    // nanoGPT#121: a vocabulary that is filled up
    expect(tokenizer?.unused(300)).toHaveLength(40)
  })
})

describe('what others stumbled over', () => {
  it('transformers#3799: a tied head is the table, and has its gradient', async () => {
    const tied = await gpt2('gpt2-f16-head')
    expect(tied.lm_head).toBe(null)
    expect(tied.config.tie_word_embeddings).toBe(true)
    expect(Object.keys(tied.stateDict())).not.toContain('lm_head.weight')
    // One that has other numbers is the model's own, whatever the configuration says.
    const own = await gpt2('gpt2-head-of-its-own')
    expect(own.lm_head).toBeInstanceOf(nn.Linear)
    expect(own.config.tie_word_embeddings).toBe(false)
  })

  it('transformers#3974: masks among the weights are left out, biases of the same end are not', async () => {
    const { tensors } = await io.openSafetensors(folderOf('gpt2'))
    expect(Object.keys(tensors)).toContain('h.0.attn.bias')
    expect(Object.keys(tensors)).toContain('h.0.attn.masked_bias')
    const model = await gpt2('gpt2')
    expect(Object.keys(model.stateDict()).filter((name) => name.endsWith('.attn.bias'))).toEqual([])
    expect((await model.transformer.h.at(0).attn.c_attn.bias.data()).some((v) => v !== 0)).toBe(true)
  })
})

describe('calls', () => {
  it('of a padded row give what the row alone gives', async () => {
    const model = await gpt2('gpt2')
    const both = model.forward(idsOn(cpu), { lengths })
    const alone = model.forward(idsOn(cpu, [texts[1].slice(0, lengths[1])]))
    const part = both.slice([1, 2], [0, lengths[1]])
    expect(error(await part.contiguous().data(), await alone.data())).toBeLessThan(1e-6)
  })

  it('take what tokens stand for in place of ids', async () => {
    const model = await gpt2('gpt2')
    const inputs = model.transformer.wte.forward(idsOn(cpu))
    expect(await model.forward(null, { inputs }).data()).toEqual(await model.forward(idsOn(cpu)).data())
  })

  it('drop out in training, and not after eval()', async () => {
    const model = await gpt2('gpt2')
    const call = async () => Array.from(await model.forward(idsOn(cpu)).data())
    const still = await call()
    expect(await call()).toEqual(still)
    model.train()
    expect(await call()).not.toEqual(still)
  })

  it('of a new model begin small, and smaller at the end of a branch', async () => {
    const { mlp } = new GPT2({ ...small, n_embd: 64 }).transformer.h.at(1)
    const deviation = async ({ weight }: Conv1D) => weight.detach().std().item()
    expect((await deviation(mlp.c_fc)) / 0.02).toBeCloseTo(1, 1)
    expect((await deviation(mlp.c_proj)) / (0.02 / Math.sqrt(4))).toBeCloseTo(1, 1)
  })

  it('Conv1D is a Linear the other way round', async () => {
    const map = new Conv1D(3, 5)
    const x = randn([2, 4, 3])
    const want = x.matmul(map.weight).add(map.bias)
    expect(error(await map.forward(x).data(), await want.data())).toBeLessThan(1e-6)
  })
})

describe('refuses', () => {
  const said = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'nothing was thrown',
      (error: Error) => `${error.name}: ${error.message}`.replaceAll(temporary, 'DIR').replaceAll(/case-\w+/g, 'CASE'),
    )
  it.each([
    [
      { model_type: 'bert' },
      "config.json has model_type 'bert' (models that can be read have 'gpt2', 'llama', 'qwen2', 'mistral')",
    ],
    [
      { model_type: undefined },
      "config.json has no model_type (models that can be read have 'gpt2', 'llama', 'qwen2', 'mistral')",
    ],
    [
      { auto_map: { AutoModel: 'own.Model' } },
      'config.json: auto_map is there: the model has code of its own, which is never run (there is no way around it)',
    ],
    [{ add_cross_attention: true }, 'config.json: add_cross_attention is true (such models are not read)'],
    [{ quantization_config: { bits: 4 } }, 'config.json: quantization_config is {"bits":4} (such models are not read)'],
  ])('a config.json: %j', async (config, text) => {
    expect(await said(load(await changed('gpt2', config)))).toBe(`HandgradError: models.load: ${text}`)
  })

  it.each([
    [{ n_head: 3 }, 'n_embd 16 is not a multiple of n_head 3 (each head has as many channels)'],
    [{ n_layer: 0 }, 'n_layer is 0 (give an integer from 1)'],
    [{ n_inner: -1 }, 'n_inner is -1 (give an integer from 1, or null)'],
    [
      { activation_function: 'geglu' },
      "activation_function is 'geglu' (there are gelu_new, gelu_pytorch_tanh, gelu, relu, silu, swish, tanh)",
    ],
    [
      { n_embd: 2.5, resid_pdrop: null },
      'n_embd is 2.5 (give an integer from 1); resid_pdrop is null (give a number from 0 to 1)',
    ],
    [{ resid_pdrop: 2 }, 'resid_pdrop is 2 (give a number from 0 to 1)'],
    [{ layer_norm_epsilon: 'x' }, "layer_norm_epsilon is 'x' (give a number from 0 up)"],
    [{ tie_word_embeddings: 1 }, 'tie_word_embeddings is 1 (give true or false)'],
  ])('a value: %j', async (config, text) => {
    expect(await said(load(await changed('gpt2', config)))).toBe(`HandgradError: models.load: config.json: ${text}`)
    const given = { ...small, ...config } as entry.GPT2Config // values that the compiler would refuse
    expect(await said(Promise.resolve().then(() => new GPT2(given)))).toBe(`HandgradError: GPT2: ${text}`)
  })

  it('weights of another model, all that does not fit at once, before anything is allocated', async () => {
    const fresh = new CpuDevice()
    expect(await said(load(await changed('gpt2', { n_embd: 32, n_layer: 1 }), { device: fresh }))).toMatch(
      /^FormatError: models\.load: DIR\/CASE: h\.1\.ln_1\.weight, .* and 2 more unknown; wte\.weight is \[40, 16\], not \[40, 32\], .* and 6 more \(are weights and config\.json of one model\?\)$/,
    )
    expect(await said(load(await changed('gpt2', { n_layer: 3 }), { device: fresh }))).toMatch(
      /transformer\.h\.2\.ln_1\.weight, .* missing/,
    )
    expect(memory(fresh)).toMatchObject({ storages: 0, bytes: 0 })
  })

  it('what is hostile or of other kinds, before anything is allocated', async () => {
    const fresh = new CpuDevice()
    const to = { device: fresh }
    expect(await said(load(await changed('gpt2', { n_layer: 1e12 }), to))).toBe(
      'FormatError: models.load: DIR/CASE: n_layer is 1000000000000, and there are 32 tensors (are weights and config.json of one model?)',
    )
    const whole = await changed('gpt2', {})
    const { tensors } = await io.readSafetensors(folderOf('gpt2') + '/model.safetensors')
    const bias = { dtype: 'int32', shape: [64], data: new Int32Array(64) } as const
    await io.writeSafetensors(join(whole, 'model.safetensors'), { ...tensors, 'h.0.mlp.c_fc.bias': bias })
    expect(await said(load(whole, to))).toContain('DIR/CASE: h.0.mlp.c_fc.bias is I32 (are')
    const more = await changed('gpt2', {})
    await saveTokenizer(BPE.train('to be or not to be', { size: 260 }), more)
    expect(await said(load(more, to))).toBe(
      'FormatError: models.load: DIR/CASE: the tokenizer has 259 ids, the model 40',
    )
    expect((await load(more, { ...to, tokenizer: null })).tokenizer).toBe(null)
    const strange = { dtype: 'int32' as 'float32' } // what the compiler would refuse
    expect(await said(load(whole, strange))).toContain("models.load: dtype is 'int32'")
  })

  it('to save what could not be read again', async () => {
    const folder = await fresh()
    const changed = await gpt2('gpt2')
    changed.replace('transformer.h.0.mlp.c_fc', new nn.Linear(16, 64))
    expect(await said(save(changed, folder))).toBe(
      'HandgradError: models.save: the model is not what its configuration says: transformer.h.0.mlp.c_fc.weight is [64, 16], not [16, 64] (save its state dict alone)',
    )
    const model = new GPT2({ ...small, vocab_size: 300 })
    model.tokenizer = CharTokenizer.train('to be')
    expect(await said(save(model, folder))).toContain('its CharTokenizer has no files')
    expect(await readdir(folder)).toEqual([])
    model.tokenizer = BPE.train('to be or not to be', { size: 260 })
    await save(model, folder)
    model.tokenizer = null
    expect(await said(save(model, folder))).toContain('has tokenizer.json, and the model no tokenizer')
    expect(await said(save(model, 'x.safetensors'))).toContain('is the name of a file (give a folder)')
  })

  it('weights that are not those of the configuration', async () => {
    const weights = { ...(await gpt2('gpt2')).stateDict(), more: zeros([1]) }
    const made = (given: Record<string, Tensor>) =>
      said(Promise.resolve().then(() => new GPT2(small, { weights: given })))
    expect(await made(weights)).toBe(
      'HandgradError: GPT2: more unknown (give all parameters, by the names of the state dict)',
    )
    expect(await made({})).toContain('transformer.wte.weight, transformer.wpe.weight,')
    expect(() => new Conv1D(4, 8, { weight: zeros([8, 4]) })).toThrow('Conv1D: weight is [8, 4] (give [4, 8])')
  })

  it('folders without a model', async () => {
    expect(await said(load(join(temporary, 'none')))).toBe(
      'HandgradError: models.load: cannot read DIR/none, it does not exist (give the folder of a model)',
    )
    expect(await said(load(await fresh()))).toBe(
      'HandgradError: models.load: DIR/CASE has no config.json (is it the folder of a model?)',
    )
    const pickled = await fresh()
    await cp(join(folderOf('gpt2'), 'config.json'), join(pickled, 'config.json'))
    await writeFile(join(pickled, 'pytorch_model.bin'), 'x')
    expect(await said(load(pickled))).toContain('pytorch_model.bin, PyTorch')
  })

  it('ids that are none', async () => {
    const model = new GPT2(small)
    const text = (call: () => unknown) => said(Promise.resolve().then(call))
    const title = 'HandgradError: GPT2(2 × 16, 2 heads, vocabulary 40)'
    expect(await text(() => model.forward(null))).toBe(`${title}: ids is null (give an int32 tensor [batch, tokens])`)
    expect(await text(() => model.forward(tensor([1, 2])))).toBe(
      `${title}: ids is [2] of float32 (give int32 [batch, tokens])`,
    )
    expect(await text(() => model.forward(idsOn(cpu, [new Array(13).fill(0)])))).toBe(
      `${title}: a text of 13 tokens (the model has positions for 1 to 12)`,
    )
    expect(await text(() => model.forward(idsOn(cpu), { inputs: randn([1, 2, 16]) }))).toBe(
      `${title}: ids and inputs are given (give null for ids, or no inputs)`,
    )
    expect(await text(() => model.forward(null, { inputs: randn([2, 16]) }))).toBe(
      `${title}: inputs is [2, 16] (give [batch, tokens, 16])`,
    )
    expect(await text(() => model.forward(idsOn(cpu, [[40]])))).toContain('index 40 at position 0')
    // A layer in place of a model, which the compiler would refuse.
    const strange = new nn.Linear(1, 1) as unknown as GPT2
    expect(await text(() => save(strange, temporary))).toBe(
      'HandgradError: models.save: files of a Linear are not known (save its state dict by io.writeSafetensors)',
    )
  })
})

test.each(['gpt2-f16-head', 'gpt2-untied'])('what a model holds is its parameters: %s', async (name) => {
  const fresh = new CpuDevice()
  const model = await load(folderOf(name), { device: fresh })
  const count = model.parameters().reduce((sum, x) => sum + x.numel, 0)
  expect(memory(fresh).bytes).toBe(4 * count)
  for (const x of model.parameters()) x.dispose()
  expect(memory(fresh)).toMatchObject({ storages: 0, bytes: 0 })
})

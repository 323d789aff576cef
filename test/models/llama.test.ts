import { describe, expect, it } from 'vitest'
import { KVCache } from '../../src/generate/index.ts'
import { CpuDevice, device, io, memory, noGrad, scope, type Tensor } from '../../src/index.ts'
import { Llama, type LlamaConfig, load, type RopeScaling, save } from '../../src/models/index.ts'
import { llama as family } from '../../src/models/llama.ts'
import { frequencies } from '../../src/models/rotary.ts'
import { error } from '../support/difference.ts'
import {
  expectedOf,
  folderOf,
  forwardErrors,
  gradientError,
  halves,
  idsOn,
  lengths,
  llamas,
  texts,
  trainedLlamas,
  trainingError,
} from './cases.ts'
import { changed, configIn, fresh, temporary } from './changed.ts'

const cpu = await device('cpu')
const loaded = async (name: string) => (await load(folderOf(name), { device: cpu })) as Llama
const small = {
  ...{ vocab_size: 40, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4 },
  ...{ num_key_value_heads: 2, max_position_embeddings: 64 },
}
const LLAMA3: RopeScaling = {
  ...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
  original_max_position_embeddings: 8192,
}

describe('equal to PyTorch', () => {
  it.each(llamas)('%s: hidden states, logits and loss', async (name) => {
    for (const [dtype, bound] of [
      ['float64', 1e-10],
      ['float32', 5e-6],
    ] as const)
      for (const [what, found] of Object.entries(await forwardErrors(name, cpu, dtype)))
        expect(found, `${what}, ${dtype}`).toBeLessThan(bound)
  })

  it.each(halves)('%s: of weights that stay %s', async (name, dtype) => {
    for (const [what, found] of Object.entries(await forwardErrors(name, cpu, dtype)))
      expect(found, what).toBeLessThan(5e-6)
  })

  it.each(trainedLlamas)('%s: gradients', async (name) => {
    expect(await gradientError(name, cpu, 'float64')).toBeLessThan(1e-10)
    expect(await gradientError(name, cpu, 'float32')).toBeLessThan(5e-6)
  })

  // One with a head of its own, and one that is tied.
  it.each(['llama', 'qwen2'])('%s: 50 steps', async (name) => {
    expect(await trainingError(name, cpu, 'float64')).toBeLessThan(1e-9)
  })

  it.each(llamas)('%s: radians a token', async (name) => {
    const { radians } = await expectedOf(name)
    expect(error(frequencies((await loaded(name)).config), radians)).toBeLessThan(1e-14)
  })
})

describe('frequencies', () => {
  const sizes = { head_dim: 128, rope_theta: 500000, rope_scaling: null }

  it('fall from 1 to nearly 1/rope_theta', () => {
    const found = frequencies(sizes)
    expect(found).toHaveLength(64)
    expect(found[0]).toBe(1)
    expect(found[32]).toBeCloseTo(1 / Math.sqrt(500000), 12)
    expect(frequencies({ ...sizes, rope_scaling: { rope_type: 'linear', factor: 4 } })[32]).toBe(found[32] / 4)
  })

  it("of llama3 are the paper's, by lengths of waves: short ones stay, long ones are divided", () => {
    const [plain, found] = [frequencies(sizes), frequencies({ ...sizes, rope_scaling: LLAMA3 })]
    const kinds = { short: 0, between: 0, long: 0 }
    for (const [c, f] of plain.entries()) {
      const wave = (2 * Math.PI) / f
      if (wave < 8192 / 4) {
        kinds.short++
        expect(found[c]).toBe(f)
      } else if (wave > 8192 / 1) {
        kinds.long++
        expect(found[c]).toBe(f / 8)
      } else {
        kinds.between++
        const smooth = (8192 / wave - 1) / (4 - 1)
        expect(found[c] / ((1 - smooth) * (f / 8) + smooth * f)).toBeCloseTo(1, 14)
      }
    }
    // 2π·500000^(c/64) passes 2048 behind c = 28, and 8192 behind c = 34.
    expect(kinds).toEqual({ short: 29, between: 6, long: 29 })
  })
})

describe('files', () => {
  it.each(llamas)('%s comes back bit for bit', async (name) => {
    const [model, folder] = [await loaded(name), await fresh()]
    await save(model, folder)
    const again = (await load(folder, { device: cpu })) as Llama
    expect(again.config).toEqual(model.config)
    const [a, b] = [model, again].map((one) => one.stateDict())
    expect(Object.keys(b)).toEqual(Object.keys(a))
    for (const [key, x] of Object.entries(a)) expect(await b[key].data(), key).toEqual(await x.data())
  })

  it('keep their bytes where they are saved in their own 16 bits', async () => {
    const folder = await fresh()
    await save(await loaded('llama'), folder, { dtype: 'BF16' })
    const [one, other] = await Promise.all([folder, folderOf('llama')].map((from) => io.readSafetensors(from)))
    expect(Object.keys(one.tensors).sort()).toEqual(Object.keys(other.tensors).sort())
    for (const [key, { data }] of Object.entries(one.tensors)) expect(data).toEqual(other.tensors[key].data)
  })

  it('say what they are of, so that others read the same', async () => {
    const written = async (name: string) => {
      const folder = await fresh()
      await save(await loaded(name), folder)
      return configIn(folder)
    }
    expect(await written('llama')).toMatchObject({
      ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', head_dim: 4, num_key_value_heads: 2 },
      attention_bias: false,
    })
    const qwen2 = await written('qwen2')
    expect(qwen2).toMatchObject({ architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', rope_theta: 100 })
    expect(Object.keys(qwen2)).not.toContain('attention_bias')
    // Where nothing is said, there it has a window.
    const mistral = await written('mistral')
    expect(mistral).toMatchObject({ architectures: ['MistralForCausalLM'], sliding_window: null })
    expect(mistral.rope_scaling).toEqual({ rope_type: 'linear', factor: 2 })
  })

  it.each([
    small,
    { ...small, attention_bias: true, mlp_bias: true, head_dim: 6, tie_word_embeddings: true },
    { ...small, model_type: 'qwen2' as const },
    { ...small, model_type: 'mistral' as const, num_key_value_heads: 1 },
  ])('have the names and shapes of the state dict: %j', (config) => {
    const model = new Llama(config)
    const have = Object.entries(model.stateDict()).map(([name, x]) => [name, [...x.shape]])
    expect(have.sort()).toEqual([...family.shapes(model.config)].sort())
  })

  it('take the defaults of their kind where keys are absent', async () => {
    expect(new Llama(small).config).toMatchObject({
      ...{ model_type: 'llama', head_dim: 4, rope_theta: 10000, rope_scaling: null, tie_word_embeddings: false },
      ...{ rms_norm_eps: 1e-6, hidden_act: 'silu', bos_token_id: null },
    })
    const absent = { rms_norm_eps: undefined, max_position_embeddings: undefined, num_key_value_heads: 2 }
    const longest = async (name: string) =>
      ((await load(await changed(name, absent), { device: cpu })) as Llama).config.max_position_embeddings
    expect([await longest('llama'), await longest('qwen2'), await longest('mistral')]).toEqual([2048, 32768, 131072])
    const { config } = (await load(await changed('llama', {}), { device: cpu })) as Llama
    expect(config).toMatchObject({ bos_token_id: 1, eos_token_id: 2 })
    expect((await loaded('qwen2')).config).toMatchObject({ bos_token_id: null, eos_token_id: null })
    // θ alone scales nothing; of several ends those beyond the vocabulary are none.
    const more = { rope_scaling: undefined, rope_parameters: { rope_theta: 500 }, eos_token_id: [2, 99_999] }
    const other = (await load(await changed('llama', more), { device: cpu })) as Llama
    expect(other.config).toMatchObject({ rope_theta: 500, rope_scaling: null, eos_token_id: [2] })
  })

  it.each([
    [{ eos_token_id: '2' }, "eos_token_id is '2'"],
    [
      { max_position_embeddings: 2 ** 53 - 1 },
      'max_position_embeddings is 9007199254740991 (give an integer from 1 to 2^24)',
    ],
  ])('refuse %j', async (config, said) => {
    await expect(changed('llama', config).then((folder) => load(folder))).rejects.toThrow(said)
  })

  it('may have a window that no text is longer than', async () => {
    const config = { sliding_window: 64, max_position_embeddings: 64 }
    expect((await load(await changed('mistral', config), { device: cpu })).title()).toBe(
      'Llama(mistral, 2 × 16, 4 heads, 2 of keys, vocabulary 40)',
    )
  })

  it('of frequencies among the weights are not read, nor those of a tied head', async () => {
    const names = Object.keys((await io.openSafetensors(folderOf('llama3'))).tensors)
    expect(names).toContain('model.layers.0.self_attn.rotary_emb.inv_freq')
    expect(Object.keys((await loaded('llama3')).stateDict()).filter((name) => name.includes('rotary'))).toEqual([])
    expect((await loaded('qwen2')).lm_head).toBe(null)
  })
})

describe('calls', () => {
  it('of a padded row give what the row alone gives', async () => {
    const model = await loaded('llama')
    const both = model.forward(idsOn(cpu), { lengths })
    const alone = model.forward(idsOn(cpu, [texts[1].slice(0, lengths[1])]))
    const part = both.slice([1, 2], [0, lengths[1]])
    expect(error(await part.contiguous().data(), await alone.data())).toBeLessThan(1e-6)
  })

  it.each(llamas)('%s: with a cache, in parts of any size, is as without one', async (name) => {
    const model = await loaded(name)
    const ids = idsOn(cpu, [texts[0]])
    const whole = await noGrad(() => model.forward(ids)).data()
    for (const size of [1, 3]) {
      const cache = new KVCache(model, { length: 8 })
      const parts: number[] = []
      for (let at = 0; at < 7; at += size) {
        const part = ids.slice(null, [at, Math.min(at + size, 7)])
        parts.push(...(await noGrad(() => model.forward(part, { cache })).data()))
      }
      expect(error(parts, whole)).toBeLessThan(1e-5)
    }
  })

  it('depend on distances of tokens alone: heads see no position', async () => {
    const model = await loaded('qwen2')
    const cache = new KVCache(model, { length: 12 })
    // The row begins at position 5 where what stands before has no weight: it is forgotten by `rewind`, not by place.
    noGrad(() => model.forward(idsOn(cpu, [[1, 2, 3, 4, 5]]), { cache }))
    cache.rewind(0)
    const [a, b] = await Promise.all(
      [{ cache }, {}].map((options) => noGrad(() => model.forward(idsOn(cpu, [texts[0]]), options)).data()),
    )
    expect(error(a, b)).toBeLessThan(1e-6)
  })

  it('drop weights of attention in training, and not after eval()', async () => {
    const model = new Llama({ ...small, attention_dropout: 0.5 }, { device: cpu }).eval()
    const call = async () => Array.from(await model.forward(idsOn(cpu)).data())
    const still = await call()
    expect(await call()).toEqual(still)
    model.train()
    expect(await call()).not.toEqual(still)
  })

  it('go on in another dtype after to(): tables of angles follow', async () => {
    const model = await loaded('llama3')
    const before = await model.forward(idsOn(cpu)).data()
    await model.to('float64')
    const after = model.forward(idsOn(cpu))
    expect(after.dtype).toBe('float64')
    expect(error(before, await after.data())).toBeLessThan(5e-6)
  })

  it('leave nothing behind but the tables of the first', async () => {
    const own = new CpuDevice()
    const model = (await load(folderOf('llama'), { device: own })) as Llama
    const count = model.parameters().reduce((sum, x) => sum + x.numel, 0)
    expect(memory(own).bytes).toBe(4 * count)
    const call = async () => {
      const y: Tensor = scope(() => noGrad(() => model.forward(idsOn(own))))
      await y.data()
      y.dispose()
      return memory(own).bytes - 4 * count
    }
    // 64 positions of 2 pairs, cosines and sines.
    expect(await call()).toBe(64 * 2 * 2 * 4)
    expect(await call()).toBe(64 * 2 * 2 * 4)
  })
})

describe('refuses', () => {
  const said = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'nothing was thrown',
      (error: Error) => `${error.name}: ${error.message}`.replaceAll(temporary, 'DIR').replaceAll(/case-\w+/g, 'CASE'),
    )
  it.each([
    [{ pretraining_tp: 2 }, 'pretraining_tp is 2 (such models are not read)'],
    [{ partial_rotary_factor: 0.5 }, 'partial_rotary_factor is 0.5 (such models are not read)'],
    [
      { rope_parameters: { rope_theta: 100, rope_type: 'default', partial_rotary_factor: 0.5 } },
      'partial_rotary_factor is 0.5 (such models are not read)',
    ],
    [{ quantization_config: { bits: 4 } }, 'quantization_config is {"bits":4} (such models are not read)'],
    [
      { auto_map: { AutoModel: 'own.Model' } },
      'auto_map is there: the model has code of its own, which is never run (there is no way around it)',
    ],
    [{ layer_types: ['chunked_attention'] }, "layer_types has 'chunked_attention' (such models are not read)"],
  ])('a config.json: %j', async (config, text) => {
    expect(await said(load(await changed('llama', config)))).toBe(`HandgradError: models.load: config.json: ${text}`)
  })

  it('a window that texts are longer than', async () => {
    const told = (window: unknown, longest: number) =>
      `HandgradError: models.load: config.json: a sliding_window of ${window} is used (set max_position_embeddings to ${window}, not ${longest}, and no text is longer)`
    expect(await said(load(await changed('mistral', { sliding_window: 16 })))).toBe(told(16, 64))
    const absent = { sliding_window: undefined, max_position_embeddings: 8192 }
    expect(await said(load(await changed('mistral', absent)))).toBe(told(4096, 8192))
    expect(await said(load(await changed('qwen2', { use_sliding_window: true })))).toBe(told(4, 64))
    expect(await said(load(await changed('qwen2', { layer_types: ['sliding_attention'] })))).toBe(told(4, 64))
  })

  it.each([
    [
      { num_attention_heads: 3, num_key_value_heads: null },
      'hidden_size 16 is not a multiple of num_attention_heads 3 (or give head_dim)',
    ],
    [
      { num_key_value_heads: 3 },
      'num_attention_heads 4 is not a multiple of num_key_value_heads 3 (heads of keys are shared by as many of queries each)',
    ],
    [{ head_dim: 5 }, 'a head has 5 channels (pairs are turned: make it an even number)'],
    [{ rope_theta: 0 }, 'rope_theta is 0 (give a number above 0)'],
    [
      { rope_scaling: { rope_type: 'yarn', factor: 4 } },
      "rope_scaling has rope_type 'yarn' (there are linear and llama3)",
    ],
    [{ rope_scaling: { rope_type: 'linear' } }, 'factor of rope_scaling is undefined (give a number above 0)'],
    [{ rope_scaling: { rope_type: 'linear', factor: 0.5 } }, 'factor of rope_scaling is 0.5 (give a number from 1)'],
    [
      { rope_scaling: { ...LLAMA3, low_freq_factor: 4 } },
      'low_freq_factor 4 of rope_scaling is not below high_freq_factor 4 (exchange them?)',
    ],
    [{ rope_scaling: 'linear' }, "rope_scaling is 'linear' (give an object, or null)"],
    [
      { hidden_act: 'geglu' },
      "hidden_act is 'geglu' (there are gelu_new, gelu_pytorch_tanh, gelu, relu, silu, swish, tanh)",
    ],
  ])('a value: %j', async (config, text) => {
    const given = { ...small, ...config } as LlamaConfig // values that the compiler would refuse
    expect(await said(Promise.resolve().then(() => new Llama(given)))).toBe(`HandgradError: Llama: ${text}`)
    expect(await said(load(await changed('llama', { ...config, head_dim: undefined, ...config })))).toBe(
      `HandgradError: models.load: config.json: ${text}`,
    )
  })

  it('all that is wrong at once, before anything is allocated', async () => {
    const own = new CpuDevice()
    const config = {
      pretraining_tp: 2,
      rope_scaling: { rope_type: 'yarn' },
      vocab_size: -1,
      quantization_config: { a: 1 },
    }
    expect(await said(load(await changed('llama', config), { device: own }))).toBe(
      'HandgradError: models.load: config.json: quantization_config is {"a":1} (such models are not read); pretraining_tp is 2 (such models are not read); ' +
        "vocab_size is -1 (give an integer from 1); rope_scaling has rope_type 'yarn' (there are linear and llama3)",
    )
    const shapes = { head_dim: 6, num_key_value_heads: 3, tie_word_embeddings: true, intermediate_size: 25 }
    expect(await said(load(await changed('llama', shapes), { device: own }))).toContain('num_key_value_heads 3')
    expect(await said(load(await changed('llama', { ...shapes, num_key_value_heads: 2 }), { device: own }))).toMatch(
      /^FormatError: models\.load: DIR\/CASE: model\.layers\.0\.self_attn\.q_proj\.weight is \[16, 16\], not \[24,…, .*mlp\.gate_proj.* and \d+ more/,
    )
    expect(memory(own)).toMatchObject({ storages: 0, bytes: 0 })
  })

  it('biases that files of a kind do not have, and kinds that there are not', async () => {
    expect(() => new Llama({ ...small, model_type: 'mistral', mlp_bias: true })).toThrow(
      'Llama: mlp_bias is true (files of mistral have no such biases: give false)',
    )
    // A type that there is not, which the compiler would refuse.
    const strange = { ...small, model_type: 'gemma' } as unknown as LlamaConfig
    expect(() => new Llama(strange)).toThrow("Llama: model_type is 'gemma' (there are llama, qwen2, mistral)")
    expect(await said(load(await changed('llama', { model_type: 'qwen3' })))).toBe(
      "HandgradError: models.load: config.json has model_type 'qwen3' (models that can be read have 'gpt2', 'llama', 'qwen2', 'mistral')",
    )
  })
})

/** @file PEFT's files of LoRA: written with every field, read in each form that there is, and refused by name. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadLoRA, lora } from '../../src/finetune/index.ts'
import { CpuDevice, io, memory, nn, noGrad } from '../../src/index.ts'
import { classifier, load } from '../../src/models/index.ts'
import { folderOf } from '../models/cases.ts'
import { adapterOf, bitsOf, gptOn, idsOn, llamaOn, trainOn } from './loracases.ts'

const device = new CpuDevice()
const temporary = await mkdtemp(join(tmpdir(), 'handgrad-adapters-'))
afterAll(() => rm(temporary, { recursive: true }))
const fresh = (): Promise<string> => mkdtemp(join(temporary, 'case-'))
const jsonIn = async (folder: string) => JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))
const targets = ['c_attn']

/** The reference's adapter with another configuration; undefined takes a key away. */
async function changed(config: Record<string, unknown>, name = 'gpt2', whole = false): Promise<string> {
  const folder = await fresh()
  await cp(adapterOf(name), folder, { recursive: true })
  const json = whole ? config : { ...(await jsonIn(folder)), ...config }
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(json))
  return folder
}
const base = () => load(folderOf('gpt2'), { device })

describe('written', () => {
  it('as PEFT has it: names, shapes, every field; read again the same bits, and written the same', async () => {
    const model = gptOn(device)
    const adapter = lora(model, { r: 2, alpha: 4, targets, dropout: 0.1, modulesToSave: ['ln_f'] })
    trainOn(model, adapter, device, 3)
    const folder = await fresh()
    const trained = await bitsOf(model.eval(), device)
    await adapter.save(folder, { baseModel: 'gpt2' })
    expect((await readdir(folder)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
    const { tensors } = await io.openSafetensors(join(folder, 'adapter_model.safetensors'))
    expect(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, shape, dtype])).toEqual([
      ...[0, 1].flatMap((i) => [
        [`base_model.model.transformer.h.${i}.attn.c_attn.lora_A.weight`, [2, 16], 'F32'],
        [`base_model.model.transformer.h.${i}.attn.c_attn.lora_B.weight`, [48, 2], 'F32'],
      ]),
      ['base_model.model.transformer.ln_f.weight', [16], 'F32'],
      ['base_model.model.transformer.ln_f.bias', [16], 'F32'],
    ])
    const json = await jsonIn(folder)
    expect(json).toEqual({
      ...(await jsonIn(adapterOf('gpt2'))),
      ...{ alora_invocation_tokens: null, arrow_config: null, ensure_weight_tying: false },
      ...{ r: 2, lora_alpha: 4, lora_dropout: 0.1, target_modules: targets, fan_in_fan_out: true },
      ...{ modules_to_save: ['ln_f'], base_model_name_or_path: 'gpt2', task_type: 'CAUSAL_LM' },
    })
    expect(Object.keys(json)).toEqual(Object.keys(json).sort())
    const again = gptOn(device)
    const loaded = await loadLoRA(again, folder)
    expect(loaded.parameters.some(({ requiresGrad }) => requiresGrad)).toBe(false)
    expect(await bitsOf(again.eval(), device)).toEqual(trained)
    const second = await fresh()
    await loaded.save(second)
    for (const file of await readdir(folder))
      expect(await readFile(join(second, file)), file).toEqual(await readFile(join(folder, file)))
    loaded.drop()
    expect(await bitsOf(again, device)).toEqual(await bitsOf(gptOn(device).eval(), device))
  })

  it('merged as beside the base; ‘all-linear’ by the names that it means; not of turned weights for Llama', async () => {
    const model = llamaOn(device)
    const adapter = lora(model, { r: 2 })
    const [beside, merged] = [await fresh(), await fresh()]
    await adapter.save(beside)
    adapter.merge()
    await adapter.save(merged)
    expect(await readFile(join(merged, 'adapter_model.safetensors'))).toEqual(
      await readFile(join(beside, 'adapter_model.safetensors')),
    )
    const { target_modules, fan_in_fan_out } = await jsonIn(merged)
    expect(target_modules).toEqual(['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj'])
    expect(fan_in_fan_out).toBe(false)
  })

  it('layers of ‘all-linear’ by whole paths, of a list by numbers', async () => {
    const folder = await fresh()
    await lora(gptOn(device), { r: 2, layers: [1] }).save(folder)
    const { target_modules, layers_to_transform } = await jsonIn(folder)
    const h = 'transformer.h.1'
    expect(target_modules).toEqual([`${h}.attn.c_attn`, `${h}.attn.c_proj`, `${h}.mlp.c_fc`, `${h}.mlp.c_proj`])
    expect(layers_to_transform).toBe(null)
    expect((await loadLoRA(gptOn(device), folder)).parameters).toHaveLength(8)
    await lora(gptOn(device), { r: 2, targets, layers: [1] }).save(folder)
    expect((await jsonIn(folder)).layers_to_transform).toEqual([1])
    expect((await loadLoRA(gptOn(device), folder)).parameters).toHaveLength(2)
  })

  it('a regular expression with layers by ends, as PEFT takes no layers beside one', async () => {
    const [all, some] = [await fresh(), await fresh()]
    await lora(gptOn(device), { r: 2, targets: '.*c_attn', layers: [0, 1] }).save(all)
    expect(await jsonIn(all)).toMatchObject({ target_modules: ['c_attn'], layers_to_transform: null })
    await lora(gptOn(device), { r: 2, targets: '.*c_attn', layers: [1] }).save(some)
    expect(await jsonIn(some)).toMatchObject({
      target_modules: ['transformer.h.1.attn.c_attn'],
      layers_to_transform: null,
    })
    expect((await loadLoRA(gptOn(device), some)).parameters).toHaveLength(2)
    await lora(gptOn(device), { r: 2, targets: '.*c_attn' }).save(all)
    expect((await jsonIn(all)).target_modules).toBe('.*c_attn')
  })

  it('a module of the user’s own, and a head named score that trains with it', async () => {
    const net = () =>
      new nn.Sequential({ body: new nn.Linear(6, 5, { device }), score: new nn.Linear(5, 3, { bias: false, device }) })
    const one = net()
    const adapter = lora(one, { r: 2 })
    expect(Object.keys(adapter.stateDict())).toEqual(['body.lora_A.weight', 'body.lora_B.weight', 'score.weight'])
    noGrad(() => adapter.parameters.forEach((x) => x.add_(0.5)))
    const folder = await fresh()
    await adapter.save(folder)
    expect(await jsonIn(folder)).toMatchObject({ task_type: 'SEQ_CLS', modules_to_save: ['score'] })
    const other = net()
    const loaded = await loadLoRA(other, folder, { trainable: true })
    expect(await other.stateDict()['score.weight'].data()).toEqual(await one.stateDict()['score.weight'].data())
    expect(loaded.parameters.every(({ requiresGrad }) => requiresGrad)).toBe(true)
  })
})

describe('read', () => {
  const early = { peft_type: 'LORA', task_type: 'CAUSAL_LM', inference_mode: true, fan_in_fan_out: true }
  const sizes = { r: 4, lora_alpha: 8, lora_dropout: 0, bias: 'none', base_model_name_or_path: 'gpt2' }
  const forms: [string, Record<string, unknown>][] = [
    [
      'of PEFT 0.2',
      {
        ...early,
        ...sizes,
        enable_lora: null,
        merge_weights: false,
        modules_to_save: null,
        target_modules: ['c_attn', 'c_proj'],
      },
    ],
    [
      'by a regular expression',
      { ...early, ...sizes, target_modules: String.raw`transformer\.h\.\d+\.(attn|mlp)\.(c_attn|c_proj)` },
    ],
    ['with targets that this base lacks', { ...early, ...sizes, target_modules: ['c_attn', 'c_proj', 'q_proj'] }],
    ['by what is excluded', { ...early, ...sizes, target_modules: 'all-linear', exclude_modules: ['c_fc'] }],
    ['without targets, as of a family’s default', { ...early, ...sizes, target_modules: null }],
    [
      'by layers and their pattern',
      { ...early, ...sizes, target_modules: ['c_attn', 'c_proj'], layers_to_transform: [0, 1], layers_pattern: 'h' },
    ],
    [
      'with keys that change nothing',
      {
        ...early,
        ...sizes,
        target_modules: ['c_attn', 'c_proj'],
        peft_version: '0.19.1',
        use_bdlora: null,
        future: { a: 1 },
      },
    ],
  ]
  it.each(forms)('%s', async (_, config) => {
    const model = await base()
    await loadLoRA(model, adapterOf('gpt2'))
    const want = await bitsOf(model, device)
    const again = await base()
    const folder = await changed(config, 'gpt2', true)
    const adapter = await loadLoRA(again, folder)
    expect(await bitsOf(again, device)).toEqual(want)
    await adapter.save(folder)
    if (config['future']) expect(await jsonIn(folder)).toMatchObject({ future: { a: 1 }, peft_version: '0.19.1' })
  })

  it('beside a base of 16 bits: float32', async () => {
    const model = await load(folderOf('gpt2'), { device, dtype: 'bfloat16' })
    const adapter = await loadLoRA(model, adapterOf('gpt2'))
    expect(new Set(adapter.parameters.map(({ dtype }) => dtype))).toEqual(new Set(['float32']))
    model.forward(idsOn(device))
  })
})

describe('heads that other families have', () => {
  const classifierOf = () => classifier(gptOn(device), { labels: ['bad', 'good'] })

  it('PEFT’s `modules_to_save` of SEQ_CLS names two, of which a model has one', async () => {
    const folder = await fresh()
    const model = classifierOf()
    const adapter = lora(model, { r: 2, targets })
    noGrad(() => adapter.parameters.forEach((x) => x.add_(0.5)))
    await adapter.save(folder)
    const path = join(folder, 'adapter_config.json')
    await writeFile(path, JSON.stringify({ ...(await jsonIn(folder)), modules_to_save: ['classifier', 'score'] }))
    const again = classifierOf()
    const loaded = await loadLoRA(again, folder)
    expect(await again.forward(idsOn(device)).data()).toEqual(await model.forward(idsOn(device)).data())
    await loaded.save(folder)
    expect(await jsonIn(folder)).toMatchObject({ modules_to_save: ['classifier', 'score'] })
  })

  it('errors say PEFT’s name of what a file says', async () => {
    const folder = await changed({ modules_to_save: ['wte'] })
    await expect(loadLoRA(await base(), folder)).rejects.toThrow(
      'loadLoRA: transformer.wte, of modules_to_save, is tied to the logits',
    )
  })
})

it('of two calls at once one is refused, and holds nothing', async () => {
  const own = new CpuDevice()
  const model = await load(folderOf('gpt2'), { device: own })
  const before = memory(own).live
  const both = await Promise.allSettled([1, 2].map(() => loadLoRA(model, adapterOf('gpt2'))))
  const [loaded] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason.message] : []))
  expect(refused).toEqual(['loadLoRA: the model has an adapter (merge() it, if it is to stay, and drop() it first)'])
  expect(memory(own).live).toBe(before + loaded.parameters.length)
})

describe('refused before anything is allocated', () => {
  const kinds: [Record<string, unknown>, string][] = [
    [{ use_dora: true }, 'loadLoRA: use_dora is true (adapters of this kind are not read)'],
    [{ rank_pattern: { c_attn: 2 } }, 'loadLoRA: rank_pattern is {"c_attn":2} (adapters of this kind are not read)'],
    [{ alpha_pattern: { c_attn: 2 } }, 'loadLoRA: alpha_pattern is {"c_attn":2}'],
    [{ layer_replication: [[0, 1]] }, 'loadLoRA: layer_replication is [[0,1]]'],
    [{ lora_bias: true, bias: 'all' }, 'loadLoRA: bias is "all", lora_bias is true'],
    [{ init_lora_weights: 'pissa' }, 'loadLoRA: init_lora_weights is "pissa"'],
    [{ use_something: true }, 'loadLoRA: use_something is true'],
    [{ peft_type: 'LOHA' }, "loadLoRA: adapter_config.json has peft_type 'LOHA' (it should be 'LORA')"],
    [{ peft_type: undefined }, 'loadLoRA: adapter_config.json has peft_type undefined'],
    [{ r: 'many' }, "loadLoRA: r is 'many' (give an integer from 1)"],
    [{ lora_alpha: -1 }, 'loadLoRA: lora_alpha is -1 (give a number above 0)'],
    [{ r: 40 }, 'loadLoRA: r is 40, and transformer.h.0.attn.c_attn is [16, 48]'],
    [{ target_modules: ['c_attn'] }, 'unknown (is the adapter of this base?)'],
    [{ target_modules: ['c_attn', 'c_proj', 'c_fc'] }, 'base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight, '],
    [{ r: 2 }, 'transformer.h.0.attn.c_attn.lora_A is [4, 16], not [2, 16]'],
    [{ target_modules: ['q_proj'] }, 'loadLoRA: no layer is meant by q_proj (there are c_attn, c_proj, c_fc)'],
  ]
  it.each(kinds)('%j', async (config, message) => {
    const [model, folder] = [await base(), await changed(config)]
    const before = memory(device)
    await expect(loadLoRA(model, folder)).rejects.toThrow(message)
    expect(memory(device)).toEqual(before)
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true)
  })

  it('an adapter of another base, what is not a folder of one, damaged or hostile JSON', async () => {
    await expect(loadLoRA(await base(), adapterOf('llama'))).rejects.toThrow('loadLoRA: no layer is meant by')
    await expect(loadLoRA(gptOn(device, { n_embd: 8 }), adapterOf('gpt2'))).rejects.toThrow('is [4, 16], not [4, 8]')
    const model = await base()
    await expect(loadLoRA(model, folderOf('gpt2'))).rejects.toThrow(
      'has no adapter_config.json (is it the folder of an adapter?)',
    )
    await expect(loadLoRA(model, join(temporary, 'none'))).rejects.toThrow('it does not exist')
    const folder = await changed({})
    for (const [text, message] of [
      ['[1]', 'adapter_config.json is an array (it should be an object)'],
      ['{"r": 1, "r": 2}', 'it has the key "r" twice'],
      ['{"__proto__": 1}', 'it has the key "__proto__"'],
      [`{"a": ${'['.repeat(80)}${']'.repeat(80)}}`, 'it is nested more than 64 deep'],
      [`"${'a'.repeat(2 ** 20)}"`, 'bytes'],
    ]) {
      await writeFile(join(folder, 'adapter_config.json'), text)
      await expect(loadLoRA(model, folder)).rejects.toThrow(message)
    }
  })

  it('a name of a file in place of a folder, and a base that is not text', async () => {
    const adapter = lora(gptOn(device), { r: 2, targets })
    await expect(adapter.save('a.safetensors')).rejects.toThrow('LoRA.save: a.safetensors is the name of a file')
    await expect(adapter.save('a', { baseModel: 1 as never })).rejects.toThrow('LoRA.save: baseModel is 1')
  })
})

/** @file Checkpoints: what is saved comes back, whole or not at all, and says what does not fit. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { Philox } from '../../src/core/philox.ts'
import {
  data,
  FormatError,
  getRandomState,
  HandgradError,
  io,
  memory,
  nn,
  optim,
  randn,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-checkpoint-'))
})
afterAll(() => rm(folder, { recursive: true }))

function made() {
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2))
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 })
  const schedule = new optim.StepLR(optimizer, { stepSize: 2 })
  const loader = new data.DataLoader(new data.TensorDataset({ data: new Float32Array(30), shape: [3] }), {
    batchSize: 2,
    shuffle: true,
  })
  const step = () =>
    scope(() => {
      optimizer.zeroGrad()
      model
        .forward(randn([5, 3]))
        .square()
        .mean()
        .backward()
      optimizer.step()
      schedule.step()
    })
  return { parts: { model, optimizer, schedule, loader }, step }
}

it('gives back every part, the random state and what the program kept', async () => {
  const one = made()
  for (let i = 0; i < 3; i++) one.step()
  const path = join(folder, 'a.safetensors')
  const extra = { list: [1, -0, NaN, Infinity], long: Array.from({ length: 40 }, (_, i) => i / 3), $: 1, none: null }
  const bytes = { a: Uint16Array.of(1, 65535), b: Float32Array.of(0.1), t: tensor([1, 2]) }
  expect(
    await io.saveCheckpoint(path, one.parts, { epoch: 1, step: 3, metrics: { loss: NaN }, extra: { extra, bytes } }),
  ).toBe(path)
  const random = getRandomState()
  const other = made()
  other.step()
  const found = await io.loadCheckpoint(path, other.parts)
  const { bytes: back, extra: kept } = found.extra as { bytes: typeof bytes; extra: typeof extra }
  expect({ ...found, extra: kept }).toStrictEqual({
    epoch: 1,
    step: 3,
    metrics: { loss: NaN },
    extra,
    parts: ['model', 'optimizer', 'schedule', 'loader'],
    handgrad: packageJson.version,
  })
  expect([back.a, back.b, await back.t.array()]).toStrictEqual([bytes.a, bytes.b, [1, 2]])
  expect(getRandomState()).toEqual(random)
  for (const name of ['schedule', 'loader'] as const)
    expect(other.parts[name].stateDict()).toEqual(one.parts[name].stateDict())
  // What follows is the same.
  for (const { step, parts } of [one, other]) {
    await io.loadCheckpoint(path, parts)
    for (let i = 0; i < 3; i++) step()
  }
  expect(await other.parts.model.parameters()[0].array()).toEqual(await one.parts.model.parameters()[0].array())
  expect(await readdir(folder)).toEqual(['a.safetensors'])
})

const said = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => error.message,
  )

/** A checkpoint of one training after a step, in a file of its own. */
async function savedFile(name: string) {
  const one = made()
  one.step()
  const path = join(folder, name)
  await io.saveCheckpoint(path, one.parts, { step: 1 })
  return { ...one, path }
}

/** All bits of a training, and where it stands. */
const standing = async ({ model, optimizer, schedule, loader }: ReturnType<typeof made>['parts']) => {
  const adam = optimizer.stateDict()
  const numbers = Object.values(adam.state).flatMap((own) => Object.values(own))
  const tensors = [...model.parameters(), ...numbers.filter((x) => typeof x === 'object')] as Tensor[]
  const values = await Promise.all(tensors.map((x) => x.array()))
  return {
    values,
    groups: adam.param_groups,
    schedule: schedule.stateDict(),
    loader: loader.stateDict(),
    random: getRandomState(),
  }
}

describe('all or nothing', () => {
  it('names all that differs, and every part stays as it was', async () => {
    const { path } = await savedFile('whole.safetensors')
    const { parts, step } = made()
    step()
    step()
    const wide = new nn.Sequential(new nn.Linear(3, 5), new nn.ReLU(), new nn.Linear(5, 2))
    const sgd = new optim.SGD(parts.model.parameters(), { lr: 0.1 })
    const { model, optimizer, schedule, loader } = parts
    const before = await standing(parts)
    const text = await said(io.loadCheckpoint(path, { optimizer, schedule, model: wide, sgd, other: sgd }))
    expect(text).toBe(
      `loadCheckpoint: ${path}: it has no sgd, other, it has model, optimizer, schedule, loader; it has loader, which is not given; ` +
        "model: 0.weight is [4, 3], the module's [5, 3]; 0.bias is [4], the module's [5]; 2.weight is [2, 4], the module's [2, 5] " +
        '(give the parts as they were saved; { partial: true } loads some, { otherDevice: true } elsewhere)',
    )
    // The last one refuses: those before it have loaded, and get theirs back.
    const kinds = await said(io.loadCheckpoint(path, { model, schedule, loader, optimizer: sgd }))
    expect(kinds).toContain(': optimizer (of Adam, here SGD): there is no option betas')
    expect(await standing(parts)).toEqual(before)
    // As if nothing had been tried, the training goes on.
    const there = await io.loadCheckpoint(path, parts)
    expect([there.step, (await standing(parts)).values]).not.toEqual([1, before.values])
  })

  it('says that a dtype differs, which a module would round', async () => {
    const { path } = await savedFile('dtype.safetensors')
    const { parts } = made()
    await parts.model.to('float64')
    const { model } = parts
    expect(await said(io.loadCheckpoint(path, { model }, { partial: true }))).toContain(
      'model.0.weight is float32, here float64',
    )
  })

  it('loads some parts where that is asked for, and leaves the random numbers', async () => {
    const { path, parts } = await savedFile('some.safetensors')
    const { model } = made().parts
    const random = getRandomState()
    await io.loadCheckpoint(path, { model }, { partial: true })
    expect(getRandomState()).toEqual(random)
    expect(await model.parameters()[0].array()).toEqual(await parts.model.parameters()[0].array())
  })

  it('frees what it gave to the parts, and what it made for nothing', async () => {
    const { path, parts } = await savedFile('memory.safetensors')
    const { storages } = memory()
    await io.loadCheckpoint(path, parts)
    expect(memory().storages).toBe(storages)
    expect(await said(io.loadCheckpoint(path, { model: parts.model }))).toContain('which is not given')
    expect(memory().storages).toBe(storages)
    let held: Tensor | undefined
    const holder = {
      stateDict: () => ({ x: tensor([1]) }),
      loadStateDict: ({ x }: { x: Tensor }) => {
        held = x
      },
    }
    await io.saveCheckpoint(path, { holder })
    await io.loadCheckpoint(path, { holder })
    expect(await said(Promise.resolve().then(() => held?.data()))).toContain(
      'loadCheckpoint frees what it gives to loadStateDict: copy it, or keep(x)',
    )
  })

  it('restores states whose paths are written alike', async () => {
    const path = join(folder, 'alike.safetensors')
    const values: Record<string, unknown> = { 'a.b': Float32Array.of(1), a: { b: Float32Array.of(2) } }
    let now = values
    const alike = {
      stateDict: () => now,
      loadStateDict: (state: Record<string, unknown>) => {
        now = state
      },
    }
    const { model } = made().parts
    await io.saveCheckpoint(path, { alike, model })
    await io.loadCheckpoint(path, { alike, model })
    expect(now).toStrictEqual(values)
    // Restored from the copy that is made before loading.
    const other = new nn.Linear(1, 1)
    expect(await said(io.loadCheckpoint(path, { alike, model: other }))).toContain('model (of Sequential, here Linear)')
    expect(now).toStrictEqual(values)
  })

  it('waits for no part, and passes errors on that are not refusals', async () => {
    const { path, parts } = await savedFile('late.safetensors')
    const { model, optimizer, schedule } = parts
    const late = { stateDict: () => 1, loadStateDict: async () => {} }
    const broken = {
      stateDict: () => 1,
      loadStateDict: () => {
        throw new TypeError('a bug')
      },
    }
    await io.saveCheckpoint(path, { late })
    expect(await said(io.loadCheckpoint(path, { late }))).toContain('loadStateDict of late returned a promise')
    await io.saveCheckpoint(path, { model, optimizer, schedule, late: broken })
    const before = await standing(parts)
    await expect(io.loadCheckpoint(path, { model, optimizer, schedule, late: broken })).rejects.toThrow(TypeError)
    expect(await standing(parts)).toEqual(before)
  })
})

describe('what is saved', () => {
  it('is the moment of the call, or refused', async () => {
    const path = join(folder, 'moment.safetensors')
    const small = nn.parameter(tensor([1]))
    const part = { stateDict: () => ({ small }), loadStateDict: () => {} }
    const saving = io.saveCheckpoint(path, { part })
    small.detach().fill_(2)
    await saving
    expect([...(await io.readSafetensors(path)).tensors['part.small'].data]).toEqual([1])
    const large = tensor(new Float32Array(2 ** 22))
    const other = { stateDict: () => ({ large }), loadStateDict: () => {} }
    const late = io.saveCheckpoint(path, { other })
    large.fill_(2)
    expect(await said(late)).toBe(
      'saveCheckpoint: tensor "other.large" was changed by fill_ while it was saved (await the save first)',
    )
    // The old file is there, and nothing else.
    expect(Object.keys((await io.readSafetensors(path)).tensors)).toEqual(['part.small'])
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it.each([
    ['a date', { when: new Date(0) }, 'extra.when is a Date (a state is of tensors, typed arrays, and what JSON has)'],
    ['a function', { f: () => 1 }, 'extra.f is a function'],
    ['a big integer', [1n], 'extra.0 is a bigint'],
    ['a map', new Map(), 'extra is a Map'],
    ['too many values', Array.from({ length: 210_000 }, () => null), 'too many values'],
  ])('refuses %s', async (_, extra, text) => {
    expect(await said(io.saveCheckpoint(join(folder, 'no'), { m: made().parts.model }, { extra }))).toContain(text)
  })

  it('refuses what holds itself, and arguments that are none, before anything is written', async () => {
    const path = join(folder, 'none.safetensors')
    const { model } = made().parts
    const extra: Record<string, unknown> = {}
    extra.self = extra
    expect(await said(io.saveCheckpoint(path, { model }, { extra }))).toContain('is nested more than 64 deep (does it')
    const wrong: [() => Promise<unknown>, string][] = [
      // @ts-expect-error a part that is none
      [() => io.saveCheckpoint(path, { model: 1 }), 'part model is 1 (give { model, optimizer, … }'],
      // @ts-expect-error parts that are none
      [() => io.saveCheckpoint(path, [model]), 'the object of parts is an array'],
      [() => io.saveCheckpoint('', { model }), "the path is ''"],
      [() => io.saveCheckpoint(path, { model }, { step: -1 }), 'step is -1 (give an integer from 0 up)'],
      [() => io.saveCheckpoint(path, { model }, { epoch: 0.5 }), 'epoch is 0.5'],
      // @ts-expect-error an option that is misspelt
      [() => io.saveCheckpoint(path, { model }, { steps: 1 }), 'there is no option steps (did you mean step?'],
      // @ts-expect-error a metric that is none
      [() => io.saveCheckpoint(path, { model }, { metrics: { loss: 'low' } }), "metric loss is 'low'"],
      [() => io.saveCheckpoint(path, { model }, { keepLast: 0 }), 'keepLast is 0 (give an integer from 1 up)'],
      [() => io.saveCheckpoint(path, { model }, { best: { by: 'loss' } }), 'best is given without keepLast'],
      [
        () => io.saveCheckpoint(path, { model }, { keepLast: 1, metrics: { lost: 1 }, best: { by: 'loss' } }),
        'the metrics have no loss (they have lost)',
      ],
      // @ts-expect-error an option that is none
      [() => io.loadCheckpoint(path, { model }, { strict: false }), 'there is no option strict'],
    ]
    for (const [call, text] of wrong) expect(await said(call())).toContain(text)
    expect(await readdir(folder)).not.toContain('none.safetensors')
  })
})

it('keeps the last ones of a folder and the best one', async () => {
  const runs = join(folder, 'deep', 'runs')
  const { model } = made().parts
  const losses = [5, 1, NaN, 3, 2, 4]
  for (const [step, loss] of losses.entries()) {
    const path = await io.saveCheckpoint(
      runs,
      { model },
      { step, metrics: { loss }, keepLast: 2, best: { by: 'loss' } },
    )
    expect(path).toBe(join(runs, `checkpoint-0000000${step}.safetensors`))
  }
  await writeFile(join(runs, 'checkpoint-00000099.safetensors'), 'not ours')
  await writeFile(join(runs, 'notes.txt'), '')
  const names = [
    'checkpoint-00000001.safetensors',
    'checkpoint-00000004.safetensors',
    'checkpoint-00000005.safetensors',
  ]
  expect((await readdir(runs)).sort()).toEqual([...names, 'checkpoint-00000099.safetensors', 'notes.txt'])
  await rm(join(runs, 'checkpoint-00000099.safetensors'))
  expect(await io.latestCheckpoint(runs)).toBe(join(runs, names[2]))
  expect(await io.bestCheckpoint(runs, { by: 'loss' })).toBe(join(runs, names[0]))
  expect(await io.bestCheckpoint(runs, { by: 'loss', mode: 'max' })).toBe(join(runs, names[2]))
  expect(await io.bestCheckpoint(runs, { by: 'accuracy' })).toBe(undefined)
  expect(await io.readCheckpoint(join(runs, names[0]))).toMatchObject({
    step: 1,
    metrics: { loss: 1 },
    parts: ['model'],
  })
  expect(await said(io.latestCheckpoint(join(folder, 'nowhere')))).toContain('it does not exist')
})

describe('files that cannot be written or read', () => {
  /** Save while the file system refuses a call by a code. */
  async function refusing(call: 'open' | 'writeFile' | 'sync' | 'rename', code: string): Promise<string> {
    const path = join(folder, 'full.safetensors')
    await writeFile(path, 'old')
    const get = process.getBuiltinModule
    const refuse = () => Promise.reject(Object.assign(new Error(), { code }))
    const fs = get('node:fs/promises')
    const open: typeof fs.open = async (...args) => {
      const file = await fs.open(...args)
      if (call === 'writeFile' || call === 'sync') Object.assign(file, { [call]: refuse })
      return file
    }
    const changed = { ...fs, open, ...((call === 'open' || call === 'rename') && { [call]: refuse }) }
    try {
      Object.assign(process, {
        getBuiltinModule: (name: string) => (name === 'node:fs/promises' ? changed : get(name)),
      })
      return await said(io.saveCheckpoint(path, { model: made().parts.model }))
    } finally {
      process.getBuiltinModule = get
      expect(await readFile(path, 'utf8')).toBe('old')
      expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
    }
  }

  it.each([
    ['writeFile', 'ENOSPC', 'the disk is full'],
    ['sync', 'EDQUOT', 'the disk quota is used up'],
    ['open', 'EROFS', 'the file system is read-only'],
    ['open', 'EACCES', 'permission denied'],
    ['rename', 'EBUSY', 'it is in use'],
  ] as const)('%s: %s', async (call, code, reason) => {
    expect(await refusing(call, code)).toBe(
      `saveCheckpoint: cannot write ${join(folder, 'full.safetensors')}, ${reason} (check that its folder exists, has room and may be written)`,
    )
  })

  it('a folder in the place of a file, a file in the place of a folder, nothing', async () => {
    const { model } = made().parts
    const { path } = await savedFile('taken.safetensors')
    expect(await said(io.saveCheckpoint(folder, { model }))).toContain(`cannot write ${folder}, it is a folder`)
    expect(await said(io.saveCheckpoint(path, { model }, { keepLast: 1 }))).toContain('cannot make')
    expect(await said(io.loadCheckpoint(folder, { model }))).toBe(
      `loadCheckpoint: cannot read ${folder}, it is a folder`,
    )
    expect(await said(io.loadCheckpoint(join(folder, 'x'), { model }))).toContain('it does not exist')
  })

  it('cut off anywhere', async () => {
    const { path, parts } = await savedFile('cut.safetensors')
    const whole = await readFile(path)
    const before = await standing(parts)
    for (let size = whole.length - 1; size > 0; size -= 97) {
      await writeFile(path, whole.subarray(0, size))
      await expect(io.loadCheckpoint(path, parts)).rejects.toBeInstanceOf(FormatError)
    }
    expect(await standing(parts)).toEqual(before)
  })
})

it('answers 500 damaged files with an error of its own or with a state that is whole', async () => {
  const { path, parts } = await savedFile('damaged.safetensors')
  const whole = await readFile(path)
  const draw = new Philox(3, 0, 0)
  let refusals = 0
  for (let i = 0; i < 500; i++) {
    const bytes = Uint8Array.from(whole)
    // Most of them in the header, where more can be wrong.
    bytes[draw.int(i % 5 === 0 ? bytes.length : bytes.length - 600)] = draw.int(256)
    await writeFile(path, bytes)
    const before = parts.loader.stateDict()
    const error: unknown = await io.loadCheckpoint(path, parts).catch((error: unknown) => error)
    if (!(error instanceof Error)) continue
    refusals++
    expect(error).toBeInstanceOf(HandgradError)
    expect(parts.loader.stateDict()).toEqual(before)
  }
  expect(refusals).toBeGreaterThan(200)
})

it('a model whose weights are stored in 16 bits comes back as it was', async () => {
  for (const dtype of ['float16', 'bfloat16'] as const) {
    const [model, other] = [new nn.Linear(3, 2), new nn.Linear(3, 2)]
    await Promise.all([model, other].map((one) => one.to(dtype)))
    const path = join(folder, `${dtype}.safetensors`)
    await io.saveCheckpoint(path, { model })
    await io.loadCheckpoint(path, { model: other })
    expect(other.weight.dtype).toBe(dtype)
    expect(await other.weight.data()).toEqual(await model.weight.data())
  }
})

describe('hostile checkpoints', () => {
  const good = {
    epoch: 0,
    step: 0,
    metrics: {},
    extra: null,
    random: { seed: 1, blocks: 0, words: 0 },
    devices: ['cpu'],
    elsewhere: {},
    handgrad: '0.1.0',
    parts: { part: { class: 'Object', state: { w: { $: 'tensor', name: 'w' } } } },
  }
  const state = (state: unknown) => ({ ...good, parts: { part: { class: 'Object', state } } })
  const of = (json: unknown, version = '1') => ({ format: 'handgrad checkpoint', version, state: JSON.stringify(json) })
  const deep = (text: string) => ({ format: 'handgrad checkpoint', version: '1', state: text })
  const w = { $: 'tensor', name: 'w' }
  const hostile: [string, Record<string, string>, string][] = [
    ['weights alone', {}, 'it is not a checkpoint, it has w (loadSafetensors(path) reads tensors)'],
    ['no state', { format: 'handgrad checkpoint', version: '1' }, 'the state in its metadata is not JSON'],
    ['a newer version', of({ handgrad: '9.0.0' }, '2'), 'layout "2" by handgrad "9.0.0", this is 0.1.0 and reads 1'],
    ['a version that is none', of(good, 'x'), 'layout "x"'],
    ['no object', of([]), 'epoch is undefined'],
    ['a step that is none', of({ ...good, step: 1.5 }), 'step is 1.5'],
    ['a random state that is none', of({ ...good, random: { seed: 1 } }), 'its random state is none'],
    ['random numbers below 0', of({ ...good, random: { seed: -1, blocks: 0, words: 0 } }), 'seed is -1'],
    ['devices that are none', of({ ...good, devices: 'cpu' }), 'it does not say where it was saved'],
    ['a device that is none', of({ ...good, elsewhere: { w: 7 } }), 'which device its tensors were on'],
    ['no parts', of({ ...good, parts: [] }), 'it has no parts'],
    ['a part that is none', of({ ...good, parts: { part: 1 } }), 'part "part" is none'],
    ['metrics that are none', of({ ...good, metrics: { loss: 'x' } }), 'its metrics are none'],
    ['metrics of tensors', of({ ...good, metrics: { loss: w } }), 'a metric is not a number'],
    ['a tensor that is not there', of(state({ v: { $: 'tensor', name: 'v' } })), 'tensor "v" is not there, or twice'],
    ['a tensor twice', of(state({ v: w, w })), 'tensor "w" is not there, or twice in the state'],
    ['a tensor too many', of(state({})), 'w belong to no part'],
    ['an unknown mark', of(state({ w: { $: 'toString', name: 'w' } })), "the state has 'toString' as $"],
    ['a mark that is not a text', of(state({ w: { $: 1 } })), 'the state has 1 as $'],
    ['a name that is not a text', of(state({ w: { $: 'tensor', name: 1 } })), 'a name in the state is not a text'],
    ['a number that is none', of(state({ w, n: { $: 'number', value: '1e9' } })), 'a number in the state is none'],
    [
      'a prototype',
      deep(JSON.stringify(state({ w })).replace('{"w":', '{"__proto__":{"x":1},"w":')),
      'the key __proto__',
    ],
    [
      'a state without bottom',
      deep(JSON.stringify(good).replace('null', `${'['.repeat(1e5)}${']'.repeat(1e5)}`)),
      'is nested more than 64 deep',
    ],
    ['values without end', deep(`[${'{},'.repeat(1e6)}{}]`), 'too many values'],
  ]

  it.each(hostile)('%s', async (name, metadata, text) => {
    const path = join(folder, `hostile-${name.replaceAll(' ', '-')}.safetensors`)
    await io.saveSafetensors(path, { w: tensor([1]) }, { metadata })
    const part = { stateDict: () => ({}), loadStateDict: () => {} }
    const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    const start = performance.now()
    const error: unknown = await io.loadCheckpoint(path, { part }).catch((error: unknown) => error)
    expect(performance.now() - start).toBeLessThan(100)
    expect(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6)
    expect(error).toBeInstanceOf(HandgradError)
    expect((error as HandgradError).code).toBe('format')
    expect((error as Error).message).toContain(text)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

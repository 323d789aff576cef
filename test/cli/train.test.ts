/** @file `handgrad train`: its models, optimizers and schedules, runs that stop and go on, and what is refused. */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { commandLine, helpOf, parseOptions } from '../../src/cli/options.ts'
import { optimizers, schedules } from '../../src/cli/recipes.ts'
import { trainOptions } from '../../src/cli/settings.ts'
import { train } from '../../src/cli/train.ts'
import { io } from '../../src/index.ts'
import { asStarted, program, writeMnist } from '../support/cli.ts'
import { faultsOf } from '../support/traceformat.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-train-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const [digits, few] = [join(folder, 'digits'), join(folder, 'few')]
writeMnist(digits)
writeMnist(few, 100, 50)
const at = (run: string, ...file: string[]) => join(folder, run, ...file)

/** What was printed. */
let out = ''
beforeEach(() => {
  out = ''
  vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  return () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
})

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '')
/** Train in this process, into a folder of the run's name. @returns metrics.json */
async function trained(run: string, options = '', data = few) {
  await train(['--device', 'cpu', '--data', data, '--out', at(run), ...words(options)])
  return metricsOf(run)
}
const metricsOf = (run: string) => JSON.parse(readFileSync(at(run, 'metrics.json'), 'utf8'))
const weightsOf = (run: string) => readFileSync(at(run, 'weights.safetensors'))
/** Why it does not train. */
const refused = (options: string): Promise<string> =>
  train(['--device', 'cpu', ...words(options)]).then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  )

test.each([
  ['cnn', 'convolutional network', 9_122, '--epochs 1 --batch 10 --lr 0.02', 0.7],
  ['rnn', 'recurrent network', 24_714, '--epochs 2 --batch 10 --lr 0.01', 0.3],
])('%s learns in a few steps', async (model, title, parameters, options, least) => {
  const metrics = await trained(model, `--model ${model} ${options}`, digits)
  expect([metrics.parameters, metrics.settings.model]).toEqual([parameters, model])
  expect(metrics.test.accuracy).toBeGreaterThan(least)
  const page = readFileSync(at(model, 'report.html'), 'utf8')
  expect(page).toContain(`Digit classifier: ${title}`)
  expect(page.includes('First-layer weights')).toBe(model === 'cnn')
  // Bytes of an image spell anything.
  expect(/NaN|undefined/.test(page.replace(/base64,[^"]*/g, ''))).toBe(false)
})

// Each schedule is met by one of the first optimizers.
test.each(Object.keys(optimizers).map((name, i) => [name, Object.keys(schedules)[i % 6]]))(
  '%s takes three steps, the rate by %s',
  async (optimizer, schedule) => {
    // By the step three of an epoch, by the epoch three of one step; plateau holds 30 of 300 images out.
    const [how, data] =
      schedules[schedule as keyof typeof schedules].every === 'step'
        ? ['--epochs 1 --batch 34', few]
        : schedule === 'plateau'
          ? ['--epochs 1 --batch 90', digits]
          : ['--epochs 3 --batch 100', few]
    const options = `--optimizer ${optimizer} --schedule ${schedule} ${how}`
    const { settings, losses, rates, gradNorms } = await trained(`with-${optimizer}`, options, data)
    const { lr } = optimizers[optimizer as keyof typeof optimizers]
    expect(settings).toMatchObject({ optimizer, schedule, lr })
    expect([losses.length, gradNorms.length]).toEqual([3, 3])
    expect([...losses, ...gradNorms].every((x) => x > 0)).toBe(true)
    const course = {
      ...{ onecycle: [0.994, 0.463, 0], cosine: [1, 0.75, 0.25], step: [1, 0.1, 0.01], exponential: [1, 0.9, 0.81] },
      ...{ plateau: [1, 1, 1], none: [1, 1, 1] },
    }[schedule]
    expect(rates.map((rate: number) => Number((rate / lr).toFixed(3)))).toEqual(course)
  },
)

describe('a run goes on', () => {
  /** The program with the same options, interrupted once it has printed `press`. */
  const run = (args: string, press?: RegExp) =>
    new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn(process.execPath, [...program, 'train', ...words(args)], asStarted)
      let [text, pressed] = ['', false]
      const hear = (data: Buffer) => {
        text += data
        if (pressed || !press?.test(text)) return
        pressed = true
        child.kill('SIGINT')
      }
      for (const stream of [child.stdout, child.stderr]) stream.on('data', hear)
      child.on('close', (code) => resolve({ code, text }))
    })

  test('after Ctrl-C in mid-epoch, to the same weights as one that was left alone', async () => {
    const options = `--device cpu --data ${few} --model cnn --epochs 2 --batch 4`
    const [whole, cut] = await Promise.all([
      run(`${options} --out ${at('whole')}`),
      run(`${options} --out ${at('cut')}`, /epoch 1\/2 {2}\d\d%/),
    ])
    expect([whole.code, cut.code], cut.text).toEqual([0, 130])
    const line = `node --import tsx scripts/handgrad.mjs train --resume ${at('cut')} --device cpu`
    const said = /interrupted after step (\d+) of 50, saved in .*checkpoints; go on with\n {2}(.*)\n/.exec(cut.text)
    expect(said?.[2]).toBe(line)
    expect(Number(said?.[1]) % 25).toBeGreaterThan(0)
    expect(readdirSync(at('cut'))).toEqual(['checkpoints'])

    // What is printed is run.
    const rest = await run(line.split(' train ')[1])
    expect(rest.code, rest.text).toBe(0)
    expect(rest.text).toContain(`going on after step ${said?.[1]} of 50\n`)
    expect(weightsOf('cut')).toEqual(weightsOf('whole'))
    const [{ losses, seconds, ...all }, own] = [metricsOf('cut'), metricsOf('whole')]
    expect([losses, all.rates, all.gradNorms, all.settings]).toEqual([
      own.losses,
      own.rates,
      own.gradNorms,
      own.settings,
    ])
    expect(seconds).toBeGreaterThan(all.epochs[0].seconds)
  }, 60_000)

  test('for more epochs, where its schedule is not made for a number of them', async () => {
    await trained('more', '--schedule exponential --epochs 1 --batch 100')
    vi.stubEnv('HANDGRAD_DATA', digits) // its own data counts
    await train(words(`--device cpu --resume ${at('more')} --epochs 3`))
    expect(out).toContain('going on after step 1 of 3\n')
    const { settings, losses } = await trained('at-once', '--schedule exponential --epochs 3 --batch 100')
    expect([metricsOf('more').settings, metricsOf('more').losses]).toEqual([settings, losses])
    expect(weightsOf('more')).toEqual(weightsOf('at-once'))
  })

  test('ends when it gets no better, with the best weights, by images that are held out; and stays ended', async () => {
    const metrics = await trained('early', '--early-stop 2 --epochs 30 --lr 0.05 --schedule none --batch 90', digits)
    const losses: number[] = metrics.epochs.map(({ validationLoss }: { validationLoss: number }) => validationLoss)
    const best = losses.indexOf(Math.min(...losses)) + 1
    expect(losses.length).toBe(best + 2)
    expect(losses.length).toBeLessThan(30)
    expect(metrics.epochs[0]).not.toHaveProperty('testLoss')
    expect(metrics.settings.earlyStop).toBe(2)
    expect(out).toContain('MNIST: 270 images to train on, 30 to validate, 100 to test')
    expect(out).toContain(`ended after epoch ${losses.length}: the best was epoch ${best}, whose weights are kept\n`)
    const kept = weightsOf('early')
    await train(words(`--device cpu --resume ${at('early')}`))
    expect(metricsOf('early').losses).toEqual(metrics.losses)
    expect(weightsOf('early')).toEqual(kept)
  })
})

describe('is refused before anything is made:', () => {
  test.each([
    ['--model cnm', "--model is 'cnm' (did you mean cnn? it is one of mlp, cnn, rnn)"],
    ['--model constructor', "--model is 'constructor' (it is one of mlp, cnn, rnn)"],
    ['--optimizer adm', `--optimizer is 'adm' (did you mean adam? it is one of ${Object.keys(optimizers).join(', ')})`],
    ['--schedule linear', `--schedule is 'linear' (it is one of ${Object.keys(schedules).join(', ')})`],
    ['--early-stop 0', "--early-stop is '0' (give a whole number from 1 up)"],
    ['--early-stop=', '--early-stop needs a value, [N]'],
    ['--lr -1', "--lr is '-1' (give a number above 0)"],
  ])('%s', async (options, message) => {
    expect(await refused(`${options} --out ${at('none')}`)).toBe(`train: ${message}`)
    expect(existsSync(at('none'))).toBe(false)
  })

  test('what does not fit the run that is to go on', async () => {
    await trained('run', '--epochs 2 --seed 5')
    await trained('free', '--epochs 2 --schedule plateau', digits)
    await io.saveCheckpoint(at('other', 'checkpoints'), {}, { keepLast: 1, extra: { settings: { model: 'mlp' } } })
    cpSync(at('run'), at('bent'), { recursive: true })
    await io.saveCheckpoint(
      at('bent', 'checkpoints'),
      {},
      { keepLast: 1, step: 99, extra: { ...kept, settings: bent } },
    )
    for (const [i, extra] of foreign.entries())
      await io.saveCheckpoint(at(`foreign${i}`, 'checkpoints'), {}, { keepLast: 1, extra })
    const before = readFileSync(at('run', 'metrics.json'))
    const [whole, plateau] = [`--resume ${at('run')}`, `--resume ${at('free')}`]
    const none = (name: string) =>
      `--resume is '${at(name)}', with no checkpoint of a run in it (give the folder that a run left)`
    const leave = '(leave it out, or begin anew without --resume)'
    const cases: [options: string, message: string][] = [
      [`--resume ${at('nowhere')}`, none('nowhere')],
      [`--resume ${at('other')}`, none('other')],
      ...foreign.map((_, i): [string, string] => [`--resume ${at(`foreign${i}`)}`, none(`foreign${i}`)]),
      [`${whole} --out ${at('out')}`, "--out with --resume (leave --out out: results go into the run's own folder)"],
      [`${whole} --model cnn`, `--model is cnn, of the run in '${at('run')}' mlp ${leave}`],
      [`${whole} --lr 1`, `--lr is 1, of the run in '${at('run')}' 0.002 ${leave}`],
      [`${whole} --early-stop`, `--early-stop is 3, of the run in '${at('run')}' not given ${leave}`],
      [
        `${whole} --epochs 3`,
        `--epochs is 3, of the run in '${at('run')}' 2, and its schedule, onecycle, is made for them (leave it out, or begin anew)`,
      ],
      [`${plateau} --epochs 1`, `--epochs is 1, of the run in '${at('free')}' 2 (there can only be more)`],
      [
        `--resume ${at('bent')}`,
        `--optimizer is 'adm' (did you mean adam? it is one of ${Object.keys(optimizers).join(', ')})`,
      ],
      [
        `--out ${at('run')}`,
        `--out is '${at('run')}', which holds a run (go on with --resume ${at('run')}, or take it away)`,
      ],
    ]
    for (const [options, message] of cases) expect(await refused(options)).toBe(`train: ${message}`)
    expect(await refused(`${whole} --seed 5 --batch 64 --data ${digits}`)).toMatch(
      /^train: the data is MNIST, 300 \+ 100 images, std [\d.]+, the run had MNIST, 100 \+ 50 images, std [\d.]+ \(give its data with --data\)$/,
    )
    expect(readFileSync(at('run', 'metrics.json'))).toEqual(before)
    expect(existsSync(at('out'))).toBe(false)
  })
})
const bent = {
  ...{ model: 'mlp', optimizer: 'adm', schedule: 'none', epochs: 1, batch: 1, lr: 1, seed: 1 },
  earlyStop: null,
}
const kept = {
  ...{ settings: { ...bent, optimizer: 'adam' }, source: null, seconds: 1 },
  data: { name: 'synthetic digits', train: 1, test: 1, std: 1 },
}
/** Checkpoints whose own JSON lacks a part of what the command keeps, or has it as something else. */
const foreign: unknown[] = [
  ...Object.keys(kept).map((name) => ({ ...kept, [name]: undefined })),
  ...[
    { ...kept, source: 3 },
    { ...kept, seconds: '1' },
    { ...kept, data: { ...kept.data, train: '1' } },
  ],
]

test('a loss that is not finite ends it, and leaves no folder', async () => {
  const options = `--data ${few} --out ${at('broken')} --optimizer sgd --lr 1e30 --schedule none --batch 10`
  expect(await refused(options)).toMatch(
    /^fit: the loss is NaN at step \d, batch \d of epoch 1, learning rate 1e\+30; /,
  )
  expect(existsSync(at('broken'))).toBe(false)
})

test('--profile shows in the report where the time of steps goes, and changes nothing', {
  timeout: 60_000,
}, async () => {
  await trained('plain', '--epochs 1 --batch 25')
  await trained('profiled', '--epochs 1 --batch 25 --profile 2')
  expect(weightsOf('profiled')).toEqual(weightsOf('plain'))
  const [plain, page] = ['plain', 'profiled'].map((run) => readFileSync(at(run, 'report.html'), 'utf8'))
  expect(page).toContain('<h2>Profile</h2>')
  expect(page).toContain('<h3>Where the time goes</h3>')
  expect(page).toContain('[25, 784] [256, 784] [256] → [25, 256]')
  expect(plain).not.toMatch(/Profile|pf-/)
  expect(existsSync(at('plain', 'profile.trace.json'))).toBe(false)
  const trace = readFileSync(at('profiled', 'profile.trace.json'), 'utf8')
  expect(faultsOf(trace)).toEqual([])
  expect(trace.match(/"name":"step \d+"/g)).toEqual(['"name":"step 1"', '"name":"step 2"'])
  expect(await refused('--profile 0')).toBe("train: --profile is '0' (give a whole number from 1 up)")
})

test('an option may have a value of its own where none follows', () => {
  const parse = (text: string) => parseOptions('train', trainOptions, words(text))['early-stop']
  expect(['', '--early-stop', '--early-stop --model cnn', '--early-stop 5', '--early-stop=7'].map(parse)).toEqual([
    ...[undefined, '3', '3', '5', '7'],
  ])
})

test('help fits the columns', () => {
  const lines = helpOf(trainOptions, 80).split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines[0]).toBe('  --model mlp|cnn|rnn       perceptron, convolutions, or an LSTM over rows')
})

test('what to type is what was typed', () => {
  const typed = (env: Record<string, string | undefined>) => {
    for (const name of ['npm_lifecycle_event', 'HANDGRAD_COMMAND']) vi.stubEnv(name, env[name])
    return [commandLine('train', ['--resume', 'runs/my run']), commandLine('verify', [])]
  }
  expect(typed({})).toEqual(['npx handgrad train --resume "runs/my run"', 'npx handgrad verify'])
  expect(typed({ HANDGRAD_COMMAND: './handgrad' })[0]).toBe('./handgrad train --resume "runs/my run"')
  const npm = { npm_lifecycle_event: 'start', HANDGRAD_COMMAND: 'x' }
  expect(typed(npm)).toEqual(['npm start -- --resume "runs/my run"', 'x verify'])
})

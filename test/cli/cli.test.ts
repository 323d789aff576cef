/**
 * @file The program `handgrad`: options and their errors, what it draws, and a small training that writes every file.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { helpOf, parseOptions, positive, wholeNumber } from '../../src/cli/options.ts'
import { loadSafetensors } from '../../src/io/index.ts'
import { matrixText } from '../../src/report/matrix.ts'
import { plot, smoothed, thin } from '../../src/text/plot.ts'
import { bar, clock, Progress } from '../../src/text/progress.ts'
import { joined, plain, terminalOf, wrapped } from '../../src/text/terminal.ts'
import { Confusion } from '../../src/train/index.ts'
import { handgrad, writeMnist } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('options', () => {
  const known = {
    epochs: { value: 'N', help: 'passes', standard: '3' },
    out: { value: 'DIR', help: 'folder' },
    download: { help: 'fetch' },
  }
  const parse = (...args: string[]) => parseOptions('train', known, args)

  test('are read in every form', () => {
    expect(parse()).toEqual({})
    expect(parse('--epochs', '5', '--out=a=b', '--download')).toEqual({ epochs: '5', out: 'a=b', download: 'true' })
    expect(helpOf(known)).toBe('  --epochs N  passes (default 3)\n  --out DIR   folder\n  --download  fetch')
  })

  test('are refused by name', () => {
    expect(() => parse('--epoch', '5')).toThrow('train: unknown option --epoch (did you mean --epochs?)')
    expect(() => parse('--zzzzzz')).toThrow('train: unknown option --zzzzzz (handgrad train --help lists them)')
    expect(() => parse('--constructor')).toThrow('train: unknown option --constructor')
    expect(() => parse(`--\u001b[2J${'z'.repeat(1e6)}`)).toThrow(/^train: unknown option --\\u\{1b\}\[2Jz{10,60}… \(/)
    expect(() => parse('5')).toThrow(
      "train: '5' is not an option (options begin with --; handgrad train --help lists them)",
    )
    expect(() => parse('--epochs')).toThrow('train: --epochs needs a value, N')
    expect(() => parse('--epochs', '--download')).toThrow('train: --epochs needs a value, N')
    expect(() => parse('--epochs=')).toThrow('train: --epochs needs a value, N')
    expect(() => parse('--download=yes')).toThrow('train: --download takes no value')
    expect(() => parse('--epochs', '1', '--epochs', '2')).toThrow('train: --epochs is given twice')
  })

  test('numbers are checked', () => {
    expect(wholeNumber('train', 'epochs', '12', 1)).toBe(12)
    for (const text of ['0', '-1', '1.5', 'x', '', '1e3']) {
      expect(() => wholeNumber('train', 'epochs', text, 1)).toThrow(
        `train: --epochs is '${text}' (give a whole number from 1 up)`,
      )
    }
    expect(positive('train', 'lr', '1e-3')).toBe(0.001)
    expect(() => positive('train', 'lr', '0')).toThrow("train: --lr is '0' (give a number above 0)")
    expect(() => positive('train', 'lr', 'much')).toThrow("train: --lr is 'much' (give a number above 0)")
  })
})

describe('in the terminal', () => {
  const sink = (isTTY: boolean, columns = 80) => {
    const out = { text: '', isTTY, columns, write: (text: string) => void (out.text += text) }
    return out
  }

  test('times and bars', () => {
    expect([0, 7.4, 65, 3723, Infinity].map(clock)).toEqual(['0:00', '0:07', '1:05', '1:02:03', '–:––'])
    expect([0, 0.5, 0.51, 1, 2].map((v) => bar(v, 8))).toEqual([
      '░░░░░░░░',
      '████░░░░',
      '████▏░░░',
      '████████',
      '████████',
    ])
  })

  test('progress rewrites its line on a terminal', () => {
    const out = sink(true, 60)
    const without = (columns: number) => ({ live: true, terminal: { ...plain, columns } })
    const progress = new Progress({ out, ...without(60) })
    progress.update('epoch 1/2', 0.25, 'loss 0.5')
    const line = `epoch 1/2 ${bar(0.25)}  25%  loss 0.5`
    progress.update('epoch 1/2', 0.3, 'too soon to be drawn')
    progress.done('epoch 1/2  done')
    expect(out.text).toBe(`\r${line}\r${' '.repeat(line.length)}\repoch 1/2  done\n`)
    // The bar makes room for the figures; what still does not fit is cut off.
    const short = sink(true, 31)
    new Progress({ out: short, ...without(31) }).update('epoch 1/2', 1, 'loss 0.5')
    expect(short.text).toBe('\repoch 1/2 █████ 100%  loss 0.5')
    const narrow = sink(true, 20)
    new Progress({ out: narrow, ...without(20) }).update('epoch 1/2', 1, 'loss 0.5')
    expect(narrow.text.length).toBe(20)
    // Whole figures are left out, the last ones first.
    const figures = sink(true, 50)
    new Progress({ out: figures, ...without(50) }).update('epoch 1/2', 1, 'loss 0.5  acc 98.0%  1,234 img/s  eta 0:05')
    expect(figures.text).toBe('\repoch 1/2 █████████████ 100%  loss 0.5  acc 98.0%')
    // The bar alone is coloured, and what is wiped is as wide as what was seen.
    const colours = sink(true, 60)
    const bright = new Progress({ out: colours, live: true, terminal: terminalOf(colours, {}) })
    bright.update('epoch 1/2', 0.25, 'loss 0.5')
    bright.done('done')
    expect(colours.text).toBe(
      `\repoch 1/2 \x1b[34m${bar(0.25)}\x1b[39m  25%  loss 0.5\r${' '.repeat(line.length)}\rdone\n`,
    )
  })

  test('colours and columns are those of a terminal, unless the environment says otherwise', () => {
    const tty = { isTTY: true, columns: 120 }
    const colours = (out: object, env: Record<string, string>) => terminalOf(out, env).paint('red', 'x') !== 'x'
    expect([colours(tty, {}), colours({}, {}), colours(tty, { TERM: 'dumb' })]).toEqual([true, false, false])
    expect([colours(tty, { NO_COLOR: '1' }), colours(tty, { NO_COLOR: '' })]).toEqual([false, true])
    expect(['', '1', 'true', '0', 'false'].map((FORCE_COLOR) => colours({}, { FORCE_COLOR }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect(colours(tty, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true)
    const width = (out: object, env: Record<string, string>) => terminalOf(out, env).columns
    expect([width(tty, { COLUMNS: '60' }), width({}, { COLUMNS: '60' }), width({}, { COLUMNS: 'wide' })]).toEqual([
      120, 60, 80,
    ])
    expect(terminalOf(tty, {}).paint('bold', 'x')).toBe('\x1b[1mx\x1b[22m')
  })

  test('lines are broken between words, or between parts', () => {
    expect(wrapped('  one two three', 10, '    ')).toBe('  one two\n    three')
    expect(wrapped('tremendous', 3)).toBe('tremendous')
    expect(joined(['a', 'b b', 'c'], '  ', 6, ' ')).toBe('a  b b\n c')
    const text = { value: 'N', help: 'one two three four' }
    expect(helpOf({ a: text }, 16)).toBe('  --a N  one two\n         three\n         four')
  })

  test('progress writes a plain line every tenth elsewhere', () => {
    const out = sink(false)
    const progress = new Progress({ out })
    expect(progress.live).toBe(false)
    for (let i = 0; i <= 100; i++) progress.update('epoch 1/1', i / 100, `loss ${i}`)
    const lines = out.text.trimEnd().split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[0]).toBe('epoch 1/1  10%  loss 10')
    expect(lines.at(-1)).toBe('epoch 1/1 100%  loss 100')
    expect(out.text).not.toContain('\r')
  })

  test('curves', () => {
    expect(plot([4, 3, 2, 1], { title: 'falls', xLabel: 'step', x: [1, 4], width: 8, height: 2 }).split('\n')).toEqual([
      'falls',
      '3.25 ┤⠉⠓⠦⣄⡀⠀⠀⠀',
      '1.75 ┤⠀⠀⠀⠀⠉⠓⠦⣄',
      '     └────────',
      '      1 step 4',
    ])
    const narrow = plot([4, 3, 2, 1], {
      title: 'falls',
      xLabel: 'step',
      x: [1, 4],
      terminal: { ...plain, columns: 40 },
    })
    expect(Math.max(...narrow.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(40)
    expect(plot([NaN, -1], { title: 'nothing', xLabel: '', x: [0, 1], log: true })).toBe('nothing\n(no finite values)')
    expect(thin([1, 3, 5, 7], 2)).toEqual([2, 6])
    expect(thin([1, 2], 5)).toEqual([1, 2])
    const noisy = Array.from({ length: 500 }, (_, i) => i + (i % 2))
    smoothed(noisy).forEach((v, i) => {
      if (i < 495) expect(Math.abs(v - i - 0.5)).toBeLessThanOrEqual(0.5001)
    })
    expect(smoothed([3, 1, 2])).toEqual([3, 1, 2])
  })

  test('a confusion matrix', () => {
    const confusion = new Confusion(2)
    confusion.add([0, 0, 1], [0, 1, 1])
    expect(matrixText(confusion).split('\n')).toEqual([
      'true │    0    1   recall',
      '─────┼──────────',
      '   0 │    1    1    50.0%',
      '   1 │    ·    1   100.0%',
    ])
    // Ten classes of up to 1,000 images: full at 80 columns, closer at 60, where recall is left out.
    const many = new Confusion(10)
    many.add(
      Array.from({ length: 1000 }, () => 3),
      Array.from({ length: 1000 }, () => 3),
    )
    const widths = [120, 80, 60].map((columns) => {
      const lines = matrixText(many, { ...plain, columns }).split('\n')
      return [Math.max(...lines.map(({ length }) => length)), lines[0].endsWith('recall')]
    })
    expect(widths).toEqual([
      [75, true],
      [75, true],
      [56, false],
    ])
    const painted = matrixText(confusion, terminalOf({ isTTY: true }, {})).split('\n')[2]
    expect(painted).toBe('   0 │\x1b[32m    1\x1b[39m\x1b[31m    1\x1b[39m    50.0%')
  })
})

describe('the program', () => {
  test('says what it can do', async () => {
    const [help, none, train] = await Promise.all([handgrad('--help'), handgrad(), handgrad('train', '--help')])
    expect(help.code).toBe(0)
    expect(help.out).toBe(none.out)
    expect(help.out).toContain('handgrad train')
    expect(train.out).toContain('--epochs N')
    expect(train.out).toContain('(default runs/<time>)')
  })

  test('ends with code 1 and one line for what is wrong', async () => {
    const [command, option, data, device, adapter] = await Promise.all([
      handgrad('trian'),
      handgrad('train', '--epoch', '1'),
      handgrad('train', '--device', 'cpu', '--data', join(folder, 'nowhere')),
      handgrad('train', '--device', 'tpu'),
      handgrad('train', '--device', 'cpu', '--adapter', 'llvmpipe'),
    ])
    for (const { code } of [command, option, data, device, adapter]) expect(code).toBe(1)
    expect(command.err).toContain("handgrad: unknown command 'trian'")
    expect(option.err).toContain('handgrad: train: unknown option --epoch (did you mean --epochs?)\n')
    expect(data.err).toMatch(/^handgrad: loadMnist: .*train-images-idx3-ubyte is missing.*$/m)
    expect(device.err).toContain("handgrad: train: --device is 'tpu' (cpu, webgpu or auto)\n")
    expect(adapter.err).toContain(
      'handgrad: train: --adapter llvmpipe with --device cpu (an adapter is of webgpu: --device webgpu)\n',
    )
  }, 120_000)

  test('tries where its results go before it does anything else', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const taken = join(folder, 'taken')
    mkdirSync(join(taken, 'report.html'), { recursive: true })
    const gone = join(folder, 'gone')
    const to = (out: string, ...more: string[]) => handgrad('train', '--device', 'cpu', '--out', out, ...more)
    const [inFile, isFile, isTaken, noData] = await Promise.all([
      to(join(file, 'out')),
      to(file),
      to(taken),
      to(gone, '--data', join(folder, 'nowhere')),
    ])
    // Whoever trains says first on what.
    for (const { code, out } of [inFile, isFile, isTaken, noData]) expect([code, out]).toEqual([1, ''])
    const elsewhere = '(give another one with --out)'
    expect(inFile.err).toContain(
      `handgrad: train: cannot make the folder ${join(file, 'out')}, a part of the path is not a folder ${elsewhere}\n`,
    )
    expect(isFile.err).toContain(`train: cannot make the folder ${file}, a file of that name is there ${elsewhere}\n`)
    expect(isTaken.err).toContain(`train: cannot write ${join(taken, 'report.html')}, it is a folder (check that`)
    expect(readdirSync(taken)).toEqual(['report.html'])
    // A folder made for results that never came is taken away again.
    expect(noData.err).toContain('train-images-idx3-ubyte is missing')
    expect(existsSync(gone)).toBe(false)
  }, 120_000)

  test('trains, and leaves a report, metrics and weights; the same seed gives the same bits', async () => {
    const digits = join(folder, 'digits')
    writeMnist(digits)
    const train = (out: string, seed: string) =>
      handgrad(
        'train',
        '--device',
        'cpu',
        '--data',
        digits,
        '--epochs',
        '2',
        '--batch',
        '32',
        '--seed',
        seed,
        '--out',
        join(folder, out),
      )
    const first = await train('first', '7')
    const [again, other] = await Promise.all([train('again', '7'), train('other', '8')])
    for (const run of [first, again, other]) expect(run, run.err).toMatchObject({ code: 0 })
    expect(first.out).toContain('MNIST: 300 images to train on, 100 to test; 203,530 parameters on cpu')
    expect(first.out).toMatch(/epoch 2\/2 100% {2}loss \d\.\d+ {2}acc \d+\.\d% {2}[\d,]+ img\/s {2}eta 0:00/)
    expect(first.out).toMatch(/test accuracy on MNIST: \d+\.\d\d% \(\d+ of 100 wrong\)/)
    expect(first.out).not.toContain('\r')

    expect(readdirSync(join(folder, 'first')).sort()).toEqual([
      'checkpoints',
      'metrics.json',
      'report.html',
      'weights.safetensors',
    ])
    expect(readdirSync(join(folder, 'first', 'checkpoints'))).toEqual([
      'checkpoint-00000010.safetensors',
      'checkpoint-00000020.safetensors',
    ])
    const read = (run: string, file: string) => readFileSync(join(folder, run, file))
    const metrics = JSON.parse(read('first', 'metrics.json').toString())
    expect(metrics.losses).toHaveLength(2 * Math.ceil(300 / 32))
    expect(metrics.losses[0]).toBeCloseTo(Math.log(10), 0)
    expect(metrics.losses.at(-1)).toBeLessThan(1.5)
    expect(metrics.epochs).toHaveLength(2)
    expect(metrics.test.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(100)
    expect(metrics).toMatchObject({
      parameters: 203_530,
      data: { name: 'MNIST', synthetic: false },
      settings: {
        ...{ model: 'mlp', optimizer: 'adam', schedule: 'onecycle', earlyStop: null },
        ...{ seed: 7, epochs: 2, batch: 32, lr: 0.002 },
      },
    })
    expect([metrics.rates.length, metrics.gradNorms.length]).toEqual([20, 20])
    expect(metrics.epochs[1].testAccuracy).toBe(metrics.test.accuracy)

    expect(read('again', 'weights.safetensors')).toEqual(read('first', 'weights.safetensors'))
    expect(JSON.parse(read('again', 'metrics.json').toString()).losses).toEqual(metrics.losses)
    expect(read('other', 'weights.safetensors')).not.toEqual(read('first', 'weights.safetensors'))
    const weights = await loadSafetensors(join(folder, 'first', 'weights.safetensors'))
    expect(Object.entries(weights).map(([name, { shape }]) => `${name} ${shape}`)).toEqual([
      '0.weight 256,784',
      '0.bias 256',
      '2.weight 10,256',
      '2.bias 10',
    ])

    const page = read('first', 'report.html').toString()
    const loads = /(src|href)="(?!data:)|@import|<script/.test(page)
    // Bytes of an image spell anything.
    expect([loads, /NaN|undefined|synthetic/.test(page.replace(/base64,[^"]*/g, ''))]).toEqual([false, false])
    const parts = [
      'Digit classifier: perceptron',
      'Learning rate',
      'Gradient norm',
      'macro',
      'Samples',
      'Worst mistakes',
    ]
    for (const part of [...parts, 'First-layer weights', 'The graph', '0.weight', 'images'])
      expect(page).toContain(part)
    expect(page.match(/<img /g)?.length).toBeGreaterThan(20)
  }, 120_000)
})

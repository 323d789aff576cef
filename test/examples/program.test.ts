/** @file What the programs of examples/ share: the command line of run.ts, tried in processes, and the charts. */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { type Chart, chartSVG, chartText, short, table } from '../../examples/chart.ts'
import { digits, flowers, text, words } from '../../examples/data.ts'
import { picturesSVG, picturesText } from '../../examples/images.ts'
import { help, parsed } from '../../examples/run.ts'
import { HandgradError } from '../../src/index.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const out = mkdtempSync(join(tmpdir(), 'handgrad-'))
afterAll(() => rmSync(out, { recursive: true }))

const program = (...args: string[]) => programOf('backprop-by-hand.ts', args)
const programOf = (name: string, args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const file = join(root, 'examples', name)
    execFile(process.execPath, ['--import', 'tsx', file, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, out: stdout, err: stderr }),
    )
  })

test('a program runs by its options, helps, and says in a line what is wrong with them', async () => {
  const [ran, help, wrong] = await Promise.all([
    program('--steps', '3', '--seed=5', '--out', out),
    program('--help'),
    program('--stepz', '3'),
  ])
  expect([ran.code, ran.err]).toEqual([0, ''])
  expect(ran.out).toContain('after 3 steps')
  expect(readFileSync(join(out, 'backprop-by-hand.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/)
  expect([help.code, help.err]).toEqual([0, ''])
  for (const option of ['device', 'steps', 'lr', 'seed', 'out', 'help']) expect(help.out).toContain(`--${option}`)
  expect(help.out).toContain('of gradient descent; default 1000')
  expect([wrong.code, wrong.out]).toEqual([1, ''])
  expect(wrong.err).toMatch(/^Unknown option '--stepz'.*; try --help\n$/)
})

test('a reader that has enough, as head, ends a program quietly', async () => {
  const starts = [
    ['examples/backprop-by-hand.ts', '--steps', '3', '--out', out],
    ['examples/backprop-by-hand.ts', '--help'],
    ['scripts/handgrad.mjs', '--help'],
  ]
  const ended = starts.map(async (args) => {
    const child = spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: root })
    child.stdout.destroy()
    let err = ''
    child.stderr.on('data', (text) => {
      err += text
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    return [code, err]
  })
  expect(await Promise.all(ended)).toEqual(starts.map(() => [0, '']))
})

test('the help names the file, one in a folder too', async () => {
  expect((await program('--help')).out).toContain('  npx tsx examples/backprop-by-hand.ts [options]')
  expect((await programOf('deploy/serve.ts', ['--help'])).out).toContain('  npx tsx examples/deploy/serve.ts [options]')
})

test('a folder that cannot be written to, and a device that there is not, are said in a line', async () => {
  const file = join(out, 'taken')
  writeFileSync(file, 'a file')
  const [taken, below, device] = await Promise.all([
    program('--steps', '3', '--out', file),
    program('--steps', '3', '--out', join(file, 'below')),
    program('--device', 'x'),
  ])
  expect([taken, below, device].map(({ code, out }) => [code, out])).toEqual(new Array(3).fill([1, '']))
  expect(taken.err).toBe(`--out is '${file}', EEXIST (give a folder that can be written to); try --help\n`)
  expect(below.err).toMatch(/^--out is '.*below', E\w+ \(give a folder that can be written to\); try --help\n$/)
  expect(device.err).toMatch(/^device: .*'x'.*\n$/)
})

test('options are what the program says, or refused with their values', () => {
  const options = { steps: [10, ''], lr: [0.5, ''], data: ['iris', ''] } as const
  expect(parsed(options, [])).toEqual({ steps: 10, lr: 0.5, data: 'iris' })
  expect(parsed(options, ['--lr', '2', '--steps=0', '--data', 'x'])).toEqual({ steps: 0, lr: 2, data: 'x' })
  const wrong: Record<string, string> = {
    '--steps=many': "--steps is 'many' (give a number from 0 up)",
    '--steps=2.5': "--steps is '2.5' (give a whole number)",
    '--steps=': "--steps is '' (give a number from 0 up)",
    '--lr=-1': "--lr is '-1' (give a number from 0 up)",
    '--lr=NaN': "--lr is 'NaN' (give a number from 0 up)",
    more: "Unexpected argument 'more'",
  }
  for (const [arg, text] of Object.entries(wrong)) expect(() => parsed(options, [arg])).toThrow(text)
})

test('one that begins at a whole number takes fractions where it says that it is real', () => {
  const options = { temperature: [1, '', 'real'] } as const
  expect(parsed(options, ['--temperature=0.5'])).toEqual({ temperature: 0.5 })
  expect(() => parsed({ temperature: [1, ''] }, ['--temperature=0.5'])).toThrow("'0.5' (give a whole number)")
  expect(() => parsed(options, ['--temperature=-0.5'])).toThrow("'-0.5' (give a number from 0 up)")
})

const folder = join(root, 'examples')
const programs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && readFileSync(join(folder, file), 'utf8').includes('= program('))

test.each(programs)('%s: its help names every option; each refuses what it cannot take', async (file) => {
  const { options } = (await import(`../../examples/${file}`)).main
  const names = Object.keys(options)
  expect(names).toEqual(expect.arrayContaining(['device', 'steps', 'seed', 'out']))
  const text = help(file, 'About.', options)
  for (const name of names) expect(text).toMatch(new RegExp(`^  --${name} +\\S`, 'm'))
  expect(() => parsed(options, ['--unknown=1'])).toThrow("Unknown option '--unknown'")
  expect(() => parsed(options, ['more'])).toThrow("Unexpected argument 'more'")
  for (const name of names.filter((name) => typeof options[name][0] === 'number'))
    for (const wrong of ['many', '', '-1', 'NaN']) expect(() => parsed(options, [`--${name}=${wrong}`])).toThrow(name)
  expect(parsed(options, [])).toEqual(Object.fromEntries(names.map((name) => [name, options[name][0]])))
})

test.each([flowers, digits, words, text])('data that is missing is said in a line: %o', async (read) => {
  const away = join(out, 'nowhere')
  const error = await read(away, 10).catch((error) => error)
  // Of others a program shows the stack.
  expect(error).toBeInstanceOf(HandgradError)
  expect(error.message).toContain(away)
})

test('programs were found', () => expect(programs.length).toBeGreaterThan(40))

describe('charts', () => {
  test.each([[[]], [[Number.NaN, Infinity]]])('of %j say that there is nothing to draw', (y) => {
    const empty: Chart = { title: 'T', xLabel: 'step', yLabel: 'loss', lines: [{ name: 'a', y }], log: 'y' }
    expect(chartText(empty)).toBe('T (loss)\n  nothing to draw: there is no finite number')
    const svg = chartSVG(empty)
    expect(svg).toContain('>nothing to draw: there is no finite number</text>')
    expect(svg).not.toMatch(/NaN|Infinity/)
  })
  const chart: Chart = {
    title: 'Two <lines>',
    xLabel: 'step',
    yLabel: 'loss',
    lines: [
      { name: 'falls', y: [4, 3, 2, 1, 0] },
      { name: 'rises', y: [0, Number.NaN, 2, 3, 4] },
    ],
  }

  test('as text: a mark for each curve, ends of both axes, gaps where values are not finite', () => {
    const lines = chartText(chart).split('\n')
    expect(lines[0]).toBe('Two <lines> (loss)')
    expect(lines[1]).toMatch(/^4 │\*.*o$/)
    expect(lines[15]).toMatch(/^0 │o +.*\*$/)
    expect(lines.slice(-2)).toEqual([expect.stringMatching(/^ {3}0 +step +4$/), '* falls   o rises'])
    // The first point of the second curve stands alone.
    expect(lines.slice(9, 15).some((line) => line.slice(3, 20).includes('o'))).toBe(false)
  })

  test('as SVG: escaped, with both axes, light and dark, a gap, dots, and decades', () => {
    const svg = chartSVG(chart)
    expect(svg).toContain('Two &#60;lines&#62;')
    expect(svg).toContain('prefers-color-scheme:dark')
    const paths = [...svg.matchAll(/<path d="([^"]*)" stroke/g)].map(([, d]) => d.replace(/[^ML]/g, ''))
    expect(paths).toEqual(['MLLLL', 'MMLL'])
    const dots = chartSVG({ ...chart, log: 'y', lines: [{ name: 'a', y: [1, 10, 0, 1000], dots: true }] })
    expect(dots.match(/<circle/g)?.length).toBe(3)
    for (const decade of ['>1<', '>10<', '>100<', '>1,000<']) expect(dots).toContain(decade)
    expect(chartSVG({ ...chart, lines: [{ name: 'none', y: [Number.NaN] }] })).not.toMatch(/NaN|Infinity/)
  })

  test('numbers and tables', () => {
    expect([0, 1234.56, -0.00001234, 1e7, 0.05].map(short)).toEqual(['0', '1,235', '-1.23e-5', '1e7', '0.05'])
    expect(
      table(
        ['name', 'loss'],
        [
          ['a', 1.5],
          ['longer', 12],
        ],
      ),
    ).toBe('name    loss\na        1.5\nlonger    12')
  })
})

test('pictures have five shades between their own least and largest values, as text and as SVG', () => {
  const picture = [
    [0, 5, 10],
    [2.5, 7.5, 10],
  ]
  expect(picturesText([picture, [[7], [7]]])).toBe('  ▒▒██\n░░▓▓██')
  const svg = picturesSVG('Two & one', [[picture, picture], [picture]])
  expect(svg).toContain('role="img" aria-label="Two &#38; one"')
  expect(svg).toContain('viewBox="0 0 192 192"')
  expect(svg.match(/<g /g)?.length).toBe(3)
  const strokes = [...svg.matchAll(/<path d="([^"]*)"/g)].slice(0, 5).map(([, d]) => d)
  expect(strokes).toEqual(['M0 0.5h1', 'M0 1.5h1', 'M1 0.5h1', 'M1 1.5h1', 'M2 0.5h1M2 1.5h1'])
})

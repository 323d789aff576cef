/**
 * @file docs/kernels.md: its kernels are the files of examples/kernels, its commands print what stands below them, and
 * its changes mend the kernels.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { check } from '../../src/cli/check.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/kernels.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'handgrad-kernels-'))
const home = process.cwd()

let out = ''
beforeEach(() => {
  process.chdir(root)
  vi.spyOn(console, 'log').mockImplementation((text: string) => void (out += `${text}\n`))
})
afterEach(() => {
  process.chdir(home)
  process.exitCode = 0
  vi.restoreAllMocks()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Shown {
  readonly file: string
  readonly text: string
  readonly args: readonly string[]
  readonly broken: string
  readonly diff: string
  readonly mended: string
}

const fence = (language: string): string => `\`\`\`${language}\\n(.*?)^\`\`\`\\n`
const CASE = new RegExp(
  ['wgsl (\\S+)', 'sh', 'text', 'diff \\S+', 'text'].map((language) => fence(language)).join('(?:(?!^```).)*?'),
  'gms',
)
const cases = [...page.matchAll(CASE)].map(([, file, text, command, broken, diff, mended]): Shown => {
  const [, , name, , ...args] = command.trim().split(' ')
  expect([name, command.includes(file)]).toEqual(['check', true])
  return { file, text, args, broken, diff, mended }
})

/** What the command prints, and its exit code. */
async function said(file: string, args: readonly string[]): Promise<[text: string, code: number]> {
  out = ''
  process.exitCode = 0
  await check([file, ...args])
  return [out, Number(process.exitCode)]
}

/** A text with the changes of a diff, whose parts stand between lines of three dots. */
const changed = (text: string, diff: string): string =>
  diff.split('...\n').reduce((now, part) => {
    const side = (sign: string) =>
      part
        .match(new RegExp(`^[ ${sign}].*\\n`, 'gm'))
        ?.map((line) => line.slice(1))
        .join('') ?? ''
    expect(now.split(side('-')), part).toHaveLength(2)
    return now.replace(side('-'), () => side('+'))
  }, text)

test('it shows all kernels of the folder, as they are', () => {
  expect(cases.map(({ file }) => file).sort()).toEqual(
    readdirSync(join(root, 'examples/kernels')).map((file) => `examples/kernels/${file}`),
  )
  for (const { file, text } of cases) expect(readFileSync(join(root, file), 'utf8')).toBe(text)
})

test.each(cases)(
  '$file: faults and hints as shown, and none when it is mended',
  async ({ file, args, text, broken, diff, mended }) => {
    // One is only slow.
    expect(await said(file, args)).toEqual([broken, broken.includes('no faults') ? 0 : 1])
    const copy = join(folder, 'mended.wgsl')
    writeFileSync(copy, changed(text, diff))
    expect(await said(copy, args)).toEqual([mended, 0])
  },
)

test('of the histogram one workgroup alone has no faults', async () => {
  const { file, args } = cases[2]
  expect(page).toContain('With `--groups 1` nothing is found.')
  expect((await said(file, [...args.slice(0, -1), '1']))[1]).toBe(0)
})

/**
 * @file The chapters of docs/guide and docs/guide.zh: their code is the programs' own lines and their outputs what the
 * programs print, both languages have the same headings, code, formulas and pictures, and the Chinese keeps to its list
 * of terms. Blocks without a program's name are run by docs.test.ts.
 *
 * A fence names its file: ```ts examples/NAME.ts has lines of it that follow each other, ```text examples/NAME.ts lines
 * that it prints on the CPU with its own defaults.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const pagesOf = (folder: string): string[] =>
  readdirSync(new URL(`docs/${folder}/`, root)).filter((file) => file.endsWith('.md') && file !== 'terms.md')
const chapters = pagesOf('guide').filter((file) => file !== 'README.md')

interface Fence {
  readonly language: string
  readonly file: string
  readonly body: string
}
const fencesOf = (text: string): Fence[] =>
  [...text.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, language, file, body]) => ({ language, file, body }))

/** The page without its code. */
const proseOf = (text: string): string => text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, 'code')
const formulasOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/\$\$(.+?)\$\$|\$([^$\n]+)\$/gs)].map(([, block, inline]) => (block ?? inline).trim())
const headingsOf = (text: string): string[] => proseOf(text).match(/^#+ .*$/gm) ?? []
const level = (heading: string): number => heading.indexOf(' ')
const imagesOf = (text: string): string[] => [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file]) => file)
/** `../guide/images/x.svg` in Chinese is `images/x.svg` in English. */
const samePlace = (file: string): string => file.replace('../guide/', '')

/** Sections that every chapter has, in this order; others may stand between. */
const sections = ['What you will see', 'The mathematics', 'The code, step by step', 'Exercises', 'In PyTorch']

/** Rows of the list of terms. */
const terms = [...read('docs/guide.zh/terms.md').matchAll(/^\| ([^|]+) \| ([^|]+) \|([^|]*)\|$/gm)]
  .map(([, english, chinese, never]) => ({
    english: english.trim(),
    chinese: chinese.trim(),
    never: never
      .split('、')
      .map((word) => word.trim())
      .filter(Boolean),
  }))
  .slice(2)

/** All that a program prints on the CPU with its own defaults; kept and checked by test/examples. */
function outputOf(file: string): string {
  const [folder, name] = file.replace('.ts', '').split('/').slice(-2)
  // Of two programs of one name, in folders of their own, one is called by both.
  const [own, plain] = [`${folder}-${name}`, name].map((one) => `test/examples/printed/${one}.txt`)
  return read(existsSync(new URL(own, root)) ? own : plain)
}

it('there are chapters, each in both languages', () => {
  expect(chapters.length).toBeGreaterThan(0)
  expect(pagesOf('guide.zh').sort()).toEqual(pagesOf('guide').sort())
})

it('what the guide says to run first makes the modules of shaders, which git does not have and every program imports', () => {
  for (const folder of ['guide', 'guide.zh']) expect(read(`docs/${folder}/README.md`)).toContain('`npm install`')
  expect(JSON.parse(read('package.json')).scripts.prepare).toBe('node scripts/shaders.mjs')
})

it('the front pages lead to every chapter, and to nothing that is not there', () => {
  for (const folder of ['guide', 'guide.zh']) {
    const leads = [...read(`docs/${folder}/README.md`).matchAll(/\]\((\w[\w-]*\.md)\)/g)].map(([, page]) => page)
    expect([...new Set(leads)].sort(), folder).toEqual([...chapters].sort())
  }
})

describe.each(chapters)('%s', (name) => {
  const [english, chinese] = ['guide', 'guide.zh'].map((folder) => read(`docs/${folder}/${name}`))
  const fences = fencesOf(english)

  it('its code is the lines of its programs', () => {
    const foreign = fences
      .filter(({ language, file }) => language === 'ts' && file !== '')
      .filter(({ file, body }) => !existsSync(new URL(file, root)) || !`\n${read(file)}`.includes(`\n${body}`))
    expect(foreign.map(({ file, body }) => `${file}: ${body}`)).toEqual([])
    expect(fences.some(({ language, file }) => language === 'ts' && file.startsWith('examples/'))).toBe(true)
    expect(fences.map(({ language }) => language).filter((one) => !['ts', 'text', 'sh'].includes(one))).toEqual([])
  })

  it('its outputs are what its programs print', () => {
    const strange: string[] = []
    for (const { language, file, body } of fences) {
      if (language !== 'text') continue
      if (!`\n${outputOf(file)}`.includes(`\n${body}`)) strange.push(`${file}: ${body}`)
    }
    expect(strange).toEqual([])
  })

  it('has its sections, a picture, answers, and the length of a chapter', () => {
    const titles = headingsOf(english).map((heading) => heading.replace(/^#+ /, ''))
    expect(titles.filter((title) => sections.includes(title))).toEqual(sections)
    const images = imagesOf(english).filter((file) => file.startsWith('images/'))
    expect(images.length).toBeGreaterThan(0)
    for (const file of images) expect(existsSync(new URL(`docs/guide/${file}`, root)), file).toBe(true)
    const exercises = english.match(/^\*\*\d+\.\*\*/gm)?.length
    expect(exercises).toBeGreaterThan(0)
    expect(english.match(/^<details><summary>/gm)?.length).toBe(exercises)
    for (const text of [english, chinese]) {
      const lines = text.trimEnd().split('\n').length
      expect([lines >= 150, lines <= 400], `${lines} lines`).toEqual([true, true])
    }
  })

  it('its formulas are LaTeX: closed, braces in pairs, letters of ASCII', () => {
    const prose = proseOf(english)
    expect((prose.match(/\$/g) ?? []).length % 2).toBe(0)
    const faulty = formulasOf(english).filter((formula) => {
      let depth = 0
      for (const letter of formula.replace(/\\[{}]/g, '')) {
        if (letter === '{') depth++
        if (letter === '}' && --depth < 0) return true
      }
      return depth !== 0 || !/^[\x20-\x7e\n]+$/.test(formula)
    })
    expect(faulty).toEqual([])
  })

  it('is the same in Chinese: levels of headings, code, formulas, pictures', () => {
    expect(headingsOf(chinese).map(level)).toEqual(headingsOf(english).map(level))
    expect(fencesOf(chinese)).toEqual(fences)
    // A sentence may turn round; what it speaks of stays.
    expect(formulasOf(chinese).sort()).toEqual(formulasOf(english).sort())
    expect(imagesOf(chinese).map(samePlace)).toEqual(imagesOf(english))
  })

  it('in Chinese keeps to the list of terms', () => {
    const [plain, foreign] = [proseOf(english).toLowerCase(), proseOf(chinese)]
    const missing = terms.filter(({ english: term, chinese: word }) => {
      return new RegExp(`\\b${term}s?\\b`).test(plain) && !foreign.includes(word)
    })
    expect(missing.map(({ english: term, chinese: word }) => `${term}: ${word}`)).toEqual([])
    expect(terms.flatMap(({ never }) => never.filter((word) => foreign.includes(word)))).toEqual([])
    for (const section of sections) {
      const term = terms.find((row) => row.english === section.toLowerCase())
      expect(headingsOf(chinese), section).toContain(`## ${term?.chinese}`)
    }
  })
})

/** @file Links from page to page: every relative one leads to a file that is there, and to a heading that it has. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { filesOf } from '../support/code.ts'

const root = new URL('../../', import.meta.url)
const folders = ['docs', 'src', 'shaders', 'test', 'tools', 'scripts', 'bench', 'examples']
const pages = [
  ...['README.md', 'README.zh.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...folders.flatMap((folder) => filesOf(new URL(`${folder}/`, root), ['.md']).map((file) => `${folder}/${file}`)),
].filter((page) => !page.startsWith('docs/api/'))

/** The anchors that GitHub gives the headings of a page. */
function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase())
  return new Set(headings.map((title) => title.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')))
}

/** Where the links of a page lead: `[text](target)` and `[name]: target`, outside of code; a footnote has none. */
function targets(text: string): string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, 'code')
  const found = prose.matchAll(/\]\(([^)\s]+)\)|^\[(?!\^)[^\]]+\]: (\S+)/gm)
  return [...found].map(([, inline, reference]) => inline ?? reference)
}

it('links lead somewhere', () => {
  const broken = pages.flatMap((page) => {
    const from = new URL(page, root)
    return targets(readFileSync(from, 'utf8'))
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const to = new URL(target, from)
        const anchor = decodeURIComponent(to.hash.slice(1))
        to.hash = ''
        if (!existsSync(to)) return true
        return anchor !== '' && to.pathname.endsWith('.md') && !anchors(readFileSync(to, 'utf8')).has(anchor)
      })
      .map((target) => `${page}: ${target}`)
  })
  expect(broken).toEqual([])
})

it('links are found, and those to nothing would be', () => {
  expect(targets('see [a](b.md#c), `[x](y)`\n\n[d]: ../e.md\n[^1]: a note\n')).toEqual(['b.md#c', '../e.md'])
  expect(anchors('# Add an op: four edits\n## 算子')).toEqual(new Set(['add-an-op-four-edits', '算子']))
})

/**
 * @file The front end takes what of the corpus is right, and refuses what is wrong: at the line where it is, in words
 * that say what. Whether the verdicts are right is asked of Tint in tint.webgpu.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { compile, WgslError } from '../../src/wgsl/index.ts'
import { corpus, type Snippet, unknown } from './corpus/index.ts'
import { untyped } from './corpus/typed.ts'

const all = [...corpus, ...unknown]
const sections = [...new Set(all.map(({ name }) => name.split(':')[0]))]

/** What the front end says of a text. */
function errorOf({ name, text }: Snippet): WgslError | undefined {
  try {
    compile([{ file: name, text }])
    return undefined
  } catch (error) {
    if (error instanceof WgslError) return error
    throw error
  }
}

for (const title of sections) {
  describe(title, () => {
    for (const snippet of all.filter(({ name }) => name.startsWith(`${title}:`))) {
      const { name, text, fault } = snippet
      if (fault) {
        test(`refuses ${name.slice(title.length + 2)}`, () => {
          const error = errorOf(snippet)
          expect(error, 'it is taken').toBeDefined()
          expect(`${error!.what} (${error!.remedy})`).toMatch(fault.says)
          expect(error!.place, error!.what).toMatchObject({ file: name, line: fault.line })
        })
      } else {
        test(`takes ${name.slice(title.length + 2)}`, () => {
          expect(errorOf(snippet)?.message).toBeUndefined()
          expect(untyped(compile([{ file: name, text }]))).toEqual([])
        })
      }
    }
  })
}

test('the corpus is as large as it says, and no two snippets share a name or a text', () => {
  const refused = corpus.filter(({ fault }) => fault).length
  expect(corpus.length - refused).toBeGreaterThan(250)
  expect(refused).toBeGreaterThan(550)
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(new Set(all.map(({ text }) => text)).size).toBe(all.length)
})

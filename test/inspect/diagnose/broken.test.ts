/** @file Each fault is found first, with what follows from it below and nothing else, whatever the seed. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect } from '../../../src/index.ts'
import { broken } from './broken.ts'

/** Codes in their order; of one that is found in several places, in how many. */
function counted(list: readonly inspect.Finding[]): string {
  const codes = list.map(({ code }) => code)
  const texts = [...new Set(codes)].map((code) => {
    const times = codes.filter((one) => one === code).length
    return times === 1 ? code : `${code} × ${times}`
  })
  return texts.join(', ')
}

const faults = broken.map(([code, what, make, follows = '']) => ({ code, what, make, follows }))

test.each(faults)('$code: $what', async ({ code, make, follows }) => {
  const found: [cause: string, follows: string][][] = []
  const texts: string[] = []
  for (let seed = 1; seed <= 5; seed++) {
    const { model, options } = make(new CpuDevice(), seed)
    const diagnosis = await inspect.diagnose(model, options)
    found.push(diagnosis.findings.map((finding) => [finding.code, counted(finding.consequences)]))
    texts.push(diagnosis.text('en'), diagnosis.text('zh'))
  }
  expect(texts.filter((text) => /undefined|: $/.test(text))).toEqual([])
  const each = typeof follows === 'string' ? new Array<string>(5).fill(follows) : follows
  expect(found, texts.join('\n\n')).toEqual(each.map((below) => [[code, below]]))
})

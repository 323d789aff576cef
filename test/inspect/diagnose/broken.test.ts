/** @file Each fault is found first, with nothing but what follows from it below, whatever the seed. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect } from '../../../src/index.ts'
import { broken } from './broken.ts'

test.each(broken)('%s: %s', async (code, _, make) => {
  const found: string[][] = []
  const texts: string[] = []
  for (let seed = 1; seed <= 5; seed++) {
    const { model, options } = make(new CpuDevice(), seed)
    const diagnosis = await inspect.diagnose(model, options)
    found.push(diagnosis.findings.map((finding) => finding.code))
    texts.push(diagnosis.text('en'), diagnosis.text('zh'))
  }
  expect(texts.filter((text) => /undefined|: $/.test(text))).toEqual([])
  expect(found, texts.join('\n\n')).toEqual(new Array(5).fill([code]))
})

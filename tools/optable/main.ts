/**
 * @file `npm run optable`: writes docs/made/ops.md, the sentence about the ops in README.md and README.zh.md, and the
 * API report. Tests ask for it when they are stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { apiPages } from '../api/report.ts'
import { pages } from './tables.ts'

for (const [file, text] of [...pages(), ...apiPages()]) {
  const path = new URL(`../../${file}`, import.meta.url)
  const stale = !existsSync(path) || readFileSync(path, 'utf8') !== text
  if (stale) writeFileSync(path, text)
  console.log(`${file}: ${stale ? 'written' : 'as it was'}`)
}

/**
 * @file `npm run optable`: writes the tables of ops into README.md, README.zh.md and docs/made/ops.md, and the API
 * report. Tests ask for it when they are stale.
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

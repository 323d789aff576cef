/** @file `npm run portable` removes nothing that it did not write; that its folder runs is checked by check:package. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/portable.mjs', import.meta.url))

test.each([
  ['no README.txt', 'thesis.txt'],
  ['a README.txt of something else', 'README.txt'],
])("a folder with someone's files is refused, with %s", (_, file) => {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-portable-'))
  const out = join(folder, 'mine')
  mkdirSync(out)
  writeFileSync(join(out, file), 'years of work')
  const { status, stderr } = spawnSync(process.execPath, [script, '--out', out], { encoding: 'utf8', timeout: 20_000 })
  expect(stderr).toContain(`portable: ${out} holds something that is not of a portable folder (give another one with`)
  expect(status).toBe(1)
  expect(readdirSync(out)).toEqual([file])
  rmSync(folder, { recursive: true })
})

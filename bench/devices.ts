/**
 * @file `npm run devices`: the reports that `handgrad bench --share` wrote and that are kept in bench/devices/, as one
 * table by adapter, docs/made/devices.md.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { devicesPage } from '../src/bench/report/devices.ts'
import { readReport } from '../src/bench/report/json.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The page of a folder's reports. @throws Error if there are none */
export function pageOf(folder: string): string {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []
  if (files.length === 0)
    throw new Error('devices: bench/devices has no report (make one with npx handgrad bench --share, and put it there)')
  return devicesPage(files.sort().map((file) => readReport(readFileSync(join(folder, file), 'utf8'), file)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    writeFileSync(join(root, 'docs/made/devices.md'), pageOf(join(root, 'bench/devices')))
    console.log('written: docs/made/devices.md')
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

/**
 * @file `npx tsx tools/pictures.ts`: makes the pictures of the READMEs, docs/images: the graph that
 * examples/micrograd.ts draws, and the report of a training as a browser shows it. On the CPU, so that they come out
 * the same everywhere.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { main as micrograd } from '../examples/micrograd.ts'
import { browserOptions } from '../scripts/browser.mjs'
import { programOf, root } from '../scripts/run.mjs'
import { device } from '../src/node.ts'

const images = fileURLToPath(new URL('../docs/images/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
mkdirSync(images, { recursive: true })
try {
  await micrograd(await device('cpu'), folder)
  copyFileSync(join(folder, 'micrograd.svg'), join(images, 'micrograd.svg'))

  const command = [programOf('tsx'), join(root, 'scripts', 'handgrad.mjs'), 'train', '--device', 'cpu', '--out', folder]
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`the training ended with code ${status}`)
  const browser = await chromium.launch(browserOptions())
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } })
  await page.goto(pathToFileURL(join(folder, 'report.html')).href)
  await page.screenshot({ path: join(images, 'report.png') })
  await browser.close()
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`pictures are in ${images}`)

/**
 * @file `npx tsx tools/pictures.ts`: makes the pictures of the READMEs and pages, docs/images: the graph of a small
 * network, the one that examples/micrograd.ts draws, the roofline of a device in bench/devices, and the report of a
 * training as a browser shows it. On the CPU, so that they come out the same everywhere.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { main as micrograd } from '../examples/micrograd.ts'
import { browserOptions } from '../scripts/browser.mjs'
import { programOf, root } from '../scripts/run.mjs'
import { readReport } from '../src/bench/report/json.ts'
import { toHtml } from '../src/bench/report/page.ts'
import { type Device, device, inspect, manualSeed, nn, tensor } from '../src/node.ts'

const images = fileURLToPath(new URL('../docs/images/', import.meta.url))
/** Pixels that GitHub has for a picture. */
const PAGE = 880
/** The device whose roofline is shown. */
const MEASURED = 'mesa-software-llvmpipe-llvm-15-0-6-256-bits.json'
const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
mkdirSync(images, { recursive: true })

/** A network 3 – 4 – 2 on two samples: small enough that every number of its backward pass is seen. */
async function network(on: Device): Promise<string> {
  manualSeed(1)
  const model = new nn.Sequential(
    new nn.Linear(3, 4, { bias: false, device: on }),
    new nn.Tanh(),
    new nn.Linear(4, 2, { bias: false, device: on }),
  )
  const x = tensor(
    [
      [1, 0, -1],
      [0.5, 2, 1],
    ],
    { device: on },
  )
  const classes = tensor(Int32Array.of(0, 1), { device: on })
  const loss = nn.functional.crossEntropy(model.forward(x), classes)
  const names = { x, classes, loss, ...Object.fromEntries(model.namedParameters()) }
  return inspect.toSVG(await inspect.backward(loss, { names }), { foldViews: true, direction: 'down', width: PAGE })
}

try {
  const cpu = await device('cpu')
  writeFileSync(join(images, 'network.svg'), await network(cpu))
  await micrograd(cpu, { out: folder })
  copyFileSync(join(folder, 'micrograd-graph.svg'), join(images, 'micrograd.svg'))

  const shared = readReport(readFileSync(join(root, 'bench', 'devices', MEASURED), 'utf8'), MEASURED)
  writeFileSync(join(folder, 'bench.html'), toHtml(shared))

  const command = [programOf('tsx'), join(root, 'scripts', 'handgrad.mjs'), 'train', '--device', 'cpu', '--out', folder]
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`the training ended with code ${status}`)
  const browser = await chromium.launch(browserOptions())
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } })
  await page.goto(pathToFileURL(join(folder, 'report.html')).href)
  await page.screenshot({ path: join(images, 'report.png') })
  await page.setViewportSize({ width: PAGE, height: 900 })
  await page.goto(pathToFileURL(join(folder, 'bench.html')).href)
  await page
    .locator('figure')
    .first()
    .screenshot({ path: join(images, 'roofline.png') })
  await browser.close()
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`pictures are in ${images}`)

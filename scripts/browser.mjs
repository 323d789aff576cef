// @ts-check
/**
 * @file Finds a Chromium for the browser tests: the one that CHROME_PATH names, an installed one, else the headless
 * build in the npm package `@sparticuz/chromium` (Linux x64). Nothing is downloaded.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromiumFile } from './adapter.mjs'
import { cacheFolder, unpack } from './unpack.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** WebGPU on a software adapter needs the first one; the others keep the browser from talking to the network. */
const flags = [
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * What Playwright's `chromium.launch` needs.
 *
 * Errors: throws where there is no Chromium, with the remedy.
 *
 * @returns {{ executablePath: string, headless: true, args: string[], env?: Record<string, string> }}
 */
export function browserOptions() {
  // Chromium's own sandbox refuses to run as root, as tests in containers do
  const args = process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags
  const installed = installedBrowser()
  if (installed) return { executablePath: installed, headless: true, args }

  const archives = ['chromium.br', 'swiftshader.tar.br', 'al2023.tar.br'].map(chromiumFile)
  if (process.platform !== 'linux' || process.arch !== 'x64' || !archives.every((file) => file !== undefined)) {
    throw new Error('no Chromium on this machine (install Chrome or Chromium, or set CHROME_PATH to its program)')
  }
  const folder = unpack(archives, cacheFolder('chromium'))
  const libraries = [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  const env = /** @type {Record<string, string>} */ ({ ...process.env, LD_LIBRARY_PATH: libraries })
  return { executablePath: join(folder, 'chromium'), headless: true, args, env }
}

function installedBrowser() {
  if (process.env.CHROME_PATH) {
    if (existsSync(process.env.CHROME_PATH)) return process.env.CHROME_PATH
    throw new Error(`CHROME_PATH is ${process.env.CHROME_PATH}, which does not exist (set it to the browser's program)`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const inPath = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return [...inPath, ...places].find(existsSync)
}

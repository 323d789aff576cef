// @ts-check
/** @file What the checks of the package share: counting, programs without a shell, folders served to Chromium. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { chromium } from 'playwright-core'
import { browserOptions } from '../../scripts/browser.mjs'
import { root } from '../../scripts/run.mjs'

/** How many checks passed and failed so far. */
export const total = { passed: 0, failed: 0 }

/**
 * Runs one check; it fails by throwing.
 * @param {string} name
 * @param {() => Promise<void> | void} run
 */
export async function check(name, run) {
  const start = performance.now()
  try {
    await run()
    total.passed++
    console.log(`ok ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
  } catch (error) {
    total.failed++
    console.log(`FAILED ${name}\n  ${String(error instanceof Error ? error.message : error).replaceAll('\n', '\n  ')}`)
  }
}

/**
 * Throws unless what was got is what was wanted.
 * @param {string} got
 * @param {string} want
 */
export function expectText(got, want) {
  if (got.trim() !== want) throw new Error(`got ${got.trim()}\nwant ${want}`)
}

/**
 * Runs a node script and returns what it printed; throws that if it fails.
 * @param {string[]} args
 * @param {string} [cwd]
 * @param {Record<string, string>} [env] added to this process's own
 * @returns {Promise<string>}
 */
export function node(args, cwd = root, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`exit code ${code}: ${text.trim()}`))))
  })
}

/**
 * Runs npm. Its own script, which it names to the scripts that it runs, needs no shell.
 * @param {string[]} args
 * @param {string} cwd
 */
export function npm(args, cwd) {
  const script = process.env.npm_execpath
  if (!script) throw new Error('start this by npm (npm run check:package install)')
  return node([script, ...args], cwd)
}

/**
 * Opens a page of a folder in Chromium, served from localhost, and returns what `expression` gives there as soon as it
 * is true.
 * @template T
 * @param {string} at
 * @param {string} page
 * @param {string} expression
 * @returns {Promise<T>}
 */
export async function open(at, page, expression) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    try {
      const file = join(at, path === '/' ? 'index.html' : path)
      const body = readFileSync(file)
      const type = /** @type {Record<string, string>} */ (types)[extname(file)] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const browser = await chromium.launch(browserOptions())
  try {
    const tab = await browser.newPage()
    /** @type {string[]} */
    const problems = []
    tab.on('pageerror', (error) => problems.push(error.message))
    await tab.goto(`http://localhost:${port}/${page}`)
    try {
      await tab.waitForFunction(expression, undefined, { timeout: 120_000 })
    } catch (error) {
      throw new Error([...problems, String(error)].join('\n'))
    }
    return await tab.evaluate(expression)
  } finally {
    await browser.close()
    server.close()
  }
}

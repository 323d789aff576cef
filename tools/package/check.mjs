// @ts-check
/**
 * @file What users get (`npm run check:package install`, by main.mjs). Packs the tarball, asks publint and
 * are-the-types-wrong, installs it in an empty folder, type-checks a user's file with three TypeScripts, and trains XOR
 * in Node and, minified by esbuild and by Vite, in Chromium on the main thread and in a worker. Then the tarball
 * verifies itself (`handgrad verify --quick`) on each software adapter that is here, by its page in Chromium, and from
 * a portable folder. dist/ must be there (main.mjs builds it). user/ holds the user's files.
 */
import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as esbuild } from 'esbuild'
import { chromium } from 'playwright-core'
import { build as vite } from 'vite'
import { findGpu, swiftShaderEnv, unpackSwiftShader } from '../../scripts/adapter.mjs'
import { browserOptions } from '../../scripts/browser.mjs'
import { programOf, root } from '../../scripts/run.mjs'

let passed = 0
let failed = 0
// outside of the repository, so that nothing is found in its node_modules
const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
const userFiles = fileURLToPath(new URL('user/', import.meta.url))
const modules = join(root, 'node_modules')

/**
 * Runs one check; it fails by throwing.
 * @param {string} name
 * @param {() => Promise<void> | void} run
 */
async function check(name, run) {
  const start = performance.now()
  try {
    await run()
    passed++
    console.log(`ok ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
  } catch (error) {
    failed++
    console.log(`FAILED ${name}\n  ${String(error instanceof Error ? error.message : error).replaceAll('\n', '\n  ')}`)
  }
}

/**
 * Runs a node script and returns what it printed; throws that if it fails.
 * @param {string[]} args
 * @param {string} [cwd]
 * @param {Record<string, string>} [env] added to this process's own
 * @returns {Promise<string>}
 */
function node(args, cwd = root, env = {}) {
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
function npm(args, cwd) {
  const script = process.env.npm_execpath
  if (!script) throw new Error('start this by npm (npm run check:package install)')
  return node([script, ...args], cwd)
}

/**
 * Throws unless `text` is 'ok'.
 * @param {string} text
 */
function expectOk(text) {
  if (text.trim() !== 'ok') throw new Error(text)
}

/**
 * Throws if a bundle knows the Node package webgpu.
 * @param {string} at folder of the bundle
 */
function expectNoDawn(at) {
  for (const file of readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((name) => /\.m?js$/.test(name))) {
    const text = readFileSync(join(at, file), 'utf8')
    if (/(\bimport\s*\(|\bfrom|\brequire\s*\()\s*["'`]webgpu["'`]|npm i webgpu/.test(text)) {
      throw new Error(`${file} contains the Node entry, with the package webgpu`)
    }
  }
}

/**
 * Opens index.html of a folder in Chromium, served from localhost, and returns what an expression comes to there.
 * @param {string} at
 * @param {string} [address] of the page in the folder
 * @param {string} [result] the expression, waited for
 */
async function open(at, address = '', result = 'globalThis.results') {
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
    const page = await browser.newPage()
    /** @type {string[]} */
    const problems = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`http://localhost:${port}/${address}`)
    try {
      await page.waitForFunction(result, undefined, { timeout: 120_000 })
    } catch (error) {
      throw new Error([...problems, String(error)].join('\n'))
    }
    return await page.evaluate(result)
  } finally {
    await browser.close()
    server.close()
  }
}

/**
 * Opens a bundle and checks each of its results.
 * @param {string} name
 * @param {string} at
 */
async function checkPage(name, at) {
  await check(`${name}: no trace of the package webgpu`, () => expectNoDawn(at))
  /** @type {Record<string, string>} */
  let results = {}
  await check(`${name}: the page runs`, async () => {
    results = await open(at)
  })
  for (const [where, result] of Object.entries(results)) await check(`${name}: XOR on ${where}`, () => expectOk(result))
}

/**
 * The adapters to verify: the system's best, and SwiftShader where there is one to bring; with the environment in which
 * a process finds each.
 * @returns {Promise<[string, Record<string, string>][]>}
 */
async function adapters() {
  const { name } = await findGpu()
  /** @type {[string, Record<string, string>][]} */
  const found = /swiftshader/i.test(name) ? [] : [[name, {}]]
  if (process.platform === 'linux' && process.arch === 'x64') found.push(['SwiftShader', await swiftShaderEnv()])
  return found.length > 0 ? found : [[name, {}]]
}

/**
 * Runs the start script of a portable folder in an environment that has nothing; on Linux the driver is SwiftShader.
 * @param {string} at
 * @param {string | undefined} driver folder of SwiftShader
 */
async function portable(at, driver) {
  const windows = process.platform === 'win32'
  const args = ['verify', '--op', 'tanh', '--setup', 'plain']
  /** @type {Record<string, string>} */
  const env = windows ? { SystemRoot: process.env.SystemRoot ?? '' } : {}
  if (driver) env.VK_DRIVER_FILES = join(driver, 'vk_swiftshader_icd.json')
  const [command, start] = windows
    ? [process.env.ComSpec ?? 'cmd.exe', ['/c', 'handgrad.cmd']]
    : ['/bin/sh', ['handgrad']]
  await new Promise((resolve, reject) => {
    execFile(command, [...start, ...args], { cwd: at, env }, (error, out, problem) => {
      if (!error && /^1 passed, 0 failed/m.test(out)) resolve(undefined)
      else reject(new Error(`${out}${problem}`))
    })
  })
}

const page = '<!doctype html><meta charset="utf-8"><title>XOR</title><script type="module" src="./page.mjs"></script>\n'

try {
  let tarball = ''
  await check('npm pack', async () => {
    await npm(['pack', '--ignore-scripts', '--pack-destination', folder], root)
    const name = readdirSync(folder).find((file) => file.endsWith('.tgz'))
    if (!name) throw new Error('npm pack made no tarball')
    tarball = join(folder, name)
  })
  await check('publint', async () => {
    const text = await node([programOf('publint'), 'run', '--strict', root])
    if (/^(Errors|Warnings):/m.test(text)) throw new Error(text)
  })
  await check('are the types wrong', async () => {
    await node([
      programOf('@arethetypeswrong/cli', 'attw'),
      tarball,
      '--profile',
      'esm-only',
      '--no-emoji',
      '--no-color',
    ])
  })
  const user = join(folder, 'user')
  await check('install', async () => {
    mkdirSync(user)
    writeFileSync(join(user, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], user)
    const installed = readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.'))
    if (installed.join() !== 'handgrad')
      throw new Error(`installed ${installed.join(', ')}: there must be no dependency`)
    cpSync(userFiles, user, { recursive: true })
    writeFileSync(join(user, 'index.html'), page)
  })
  await check('XOR in Node, and what device webgpu says without the package', async () => {
    expectOk(await node(['node.mjs'], user))
  })

  for (const name of ['typescript-5.9', 'typescript', 'typescript-7']) {
    // TypeScript 5.9 has no WebGPU types of its own, so there the user installs @webgpu/types
    const old = name === 'typescript-5.9'
    const config = {
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
        module: 'NodeNext',
        strict: true,
        noEmit: true,
        types: old ? ['@webgpu/types'] : [],
      },
      files: ['types.ts'],
    }
    await check(`a user's types with ${name}`, async () => {
      if (old) {
        mkdirSync(join(user, 'node_modules', '@webgpu'), { recursive: true })
        symlinkSync(join(modules, '@webgpu', 'types'), join(user, 'node_modules', '@webgpu', 'types'), 'junction')
      }
      try {
        writeFileSync(join(user, 'tsconfig.json'), JSON.stringify(config))
        await node([join(modules, name, 'bin', 'tsc'), '-p', user], user)
      } finally {
        if (old) rmSync(join(user, 'node_modules', '@webgpu'), { recursive: true, force: true })
      }
    })
  }

  const bundled = join(folder, 'esbuild')
  await check('esbuild bundles for production', async () => {
    await esbuild({
      entryPoints: [join(user, 'page.mjs'), join(user, 'worker.mjs')],
      outdir: bundled,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'silent',
    })
    writeFileSync(join(bundled, 'index.html'), page)
  })
  await checkPage('esbuild', bundled)

  const built = join(folder, 'vite')
  await check('vite builds for production', async () => {
    await vite({
      root: user,
      configFile: false,
      logLevel: 'error',
      build: { outDir: built, target: 'es2022', emptyOutDir: true },
      worker: { format: 'es' },
    })
  })
  await checkPage('vite', built)

  const empty = join(folder, 'verify')
  await check('install for verify, with the package webgpu', async () => {
    mkdirSync(empty)
    writeFileSync(join(empty, 'package.json'), '{ "name": "verify", "private": true }\n')
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], empty)
    symlinkSync(join(modules, 'webgpu'), join(empty, 'node_modules', 'webgpu'), 'junction')
  })
  const program = join(empty, 'node_modules', 'handgrad', 'dist', 'cli', 'main.js')
  for (const [name, env] of await adapters())
    await check(
      `handgrad verify --quick on ${name}`,
      async () => void (await node([program, 'verify', '--quick'], empty, env)),
    )
  await check('verify.html in Chromium', async () => {
    const at = join(empty, 'node_modules', 'handgrad', 'dist', 'verify')
    const text = await open(at, 'verify.html?op=tanh', 'document.getElementById("report").textContent')
    const { passed, failed, error } = JSON.parse(text)
    if (!(passed > 5 && failed === 0)) throw new Error(error ?? text)
  })
  await check('npm run portable: runs without Node, packages or a Vulkan loader', async () => {
    const out = join(folder, 'portable')
    const driver = await unpackSwiftShader()
    const loader = driver ? ['--vulkan', join(driver, 'libvulkan.so.1')] : []
    await node([join(root, 'scripts', 'portable.mjs'), '--node', ...loader, '--out', out])
    await portable(out, driver)
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

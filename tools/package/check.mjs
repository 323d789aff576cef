// @ts-check
/**
 * @file What users get (`npm run check:package install`, by main.mjs). Packs the tarball, asks publint and
 * are-the-types-wrong, installs it in an empty folder, type-checks a user's file with three TypeScripts, and trains XOR
 * in Node and, minified by esbuild and by Vite, in Chromium on the main thread and in a worker. What lies there is
 * contents.mjs, what bundles leave out is shaken.mjs, the README's quick starts are quickstarts.mjs, `handgrad verify`
 * is verifies.mjs. dist/ must be there (main.mjs builds it). user/ holds the user's files.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import { programOf, root } from '../../scripts/run.mjs'
import { checkContents } from './contents.mjs'
import { check, expectText, node, npm, open, total } from './harness.mjs'
import { checkQuickStarts } from './quickstarts.mjs'
import { checkShaken } from './shaken.mjs'
import { checkVerify } from './verifies.mjs'

// outside of the repository, so that nothing is found in its node_modules
const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
const userFiles = fileURLToPath(new URL('user/', import.meta.url))
const modules = join(root, 'node_modules')

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
 * Opens a bundle and checks each of its results.
 * @param {string} name
 * @param {string} at
 */
async function checkPage(name, at) {
  await check(`${name}: no trace of the package webgpu`, () => expectNoDawn(at))
  /** @type {Record<string, string>} */
  let results = {}
  await check(`${name}: the page runs`, async () => {
    results = await open(at, 'index.html', 'globalThis.results')
  })
  for (const [where, result] of Object.entries(results))
    await check(`${name}: XOR on ${where}`, () => expectText(result, 'ok'))
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
  await check('XOR in Node, and what is said without the optional packages', async () => {
    expectText(await node(['node.mjs'], user), 'ok')
  })

  await checkContents(user)

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
  await checkShaken(user)
  await checkQuickStarts(user, tarball)
  await checkVerify(folder, tarball)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

// @ts-check
/**
 * @file The quick starts of the README, run as they stand there: the blocks that begin with the name of a file. Each
 * gives the gradient of x² at 1, 2, 3, and the Chinese README has the same ones.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build as vite } from 'vite'
import { programOf, root } from '../../scripts/run.mjs'
import { check, expectText, node, npm, open } from './harness.mjs'

const printed = '[ 2, 4, 6 ]'
const shown = '2,4,6'

/**
 * The files of a README's quick starts.
 * @param {string} page
 * @returns {Record<string, string>}
 */
function filesOf(page) {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = text.matchAll(/^```\w+\n((?:\/\/|<!--) (\w[\w-]*\.\w+)(?: -->)?\n[\s\S]*?)^```/gm)
  return Object.fromEntries([...blocks].map(([, code, name]) => [name, code]))
}

/**
 * @param {string} user a folder in which the package is installed
 * @param {string} tarball
 */
export async function checkQuickStarts(user, tarball) {
  const files = filesOf('README.md')
  await check('both READMEs have the same quick starts', () => {
    const other = filesOf('README.zh.md')
    if (Object.keys(files).length < 9) throw new Error(`the README has only ${Object.keys(files).join(', ')}`)
    const different = Object.keys({ ...files, ...other }).filter((name) => files[name] !== other[name])
    if (different.length > 0) throw new Error(`${different.join(', ')} differ`)
  })
  for (const [name, code] of Object.entries(files)) writeFileSync(join(user, name), code)

  await check('quick start: ES modules', async () => expectText(await node(['main.mjs'], user), printed))
  await check('quick start: CommonJS, in what npm init -y makes', async () => {
    const folder = join(dirname(user), 'commonjs')
    mkdirSync(folder)
    await npm(['init', '-y'], folder)
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], folder)
    copyFileSync(join(user, 'main.js'), join(folder, 'main.js'))
    expectText(await node(['main.js'], folder), printed)
  })
  await check('quick start: TypeScript, checked and run', async () => {
    await node([programOf('typescript', 'tsc'), '--noEmit', '-p', join(user, 'tsconfig.json')], user)
    expectText(await node([programOf('tsx'), 'main.ts'], user), printed)
    if (Number(process.versions.node.split('.')[0]) >= 24) expectText(await node(['main.ts'], user), printed)
  })
  await check('quick start: a page by Vite', () => byVite(user, 'vite-page', files['index.html']))
  await check('quick start: a page without a bundler', async () =>
    expectText(await open(user, 'plain.html', 'document.body.textContent.trim()'), shown),
  )
  await check('quick start: a worker', () =>
    byVite(user, 'vite-worker', files['index.html'].replace('/page.js', '/main-thread.js')),
  )
  await check('quick start: Deno', async () => {
    const deno = join(dirname(createRequire(import.meta.url).resolve('deno/package.json')), 'bin.cjs')
    const lines = await node([deno, 'run', '--allow-read', '--allow-env', 'deno.ts'], user, { NO_COLOR: '1' })
    expectText(lines.trim().split('\n').at(-1) ?? '', printed)
  })
}

/**
 * Builds index.html with Vite, opens it and compares what it shows.
 * @param {string} user
 * @param {string} name of a folder beside it
 * @param {string} html
 */
async function byVite(user, name, html) {
  const outDir = join(dirname(user), name)
  writeFileSync(join(user, 'index.html'), html)
  await vite({
    root: user,
    configFile: false,
    logLevel: 'error',
    build: { outDir, target: 'es2022', emptyOutDir: true },
    worker: { format: 'es' },
  })
  expectText(await open(outDir, 'index.html', 'document.body.textContent.trim()'), shown)
}

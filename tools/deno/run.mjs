// @ts-check
/**
 * @file Bundles main.ts and runs it under Deno. Its adapter is the system's, or SwiftShader where there is none or
 * where HANDGRAD_ADAPTER=swiftshader asks for it. The last line printed is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { swiftShaderEnv } from '../../scripts/adapter.mjs'
import { cacheFolder } from '../../scripts/unpack.mjs'

const outfile = join(cacheFolder('deno'), 'main.js')
await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: 'inline',
  logLevel: 'warning',
})

const deno = join(dirname(createRequire(import.meta.url).resolve('deno/package.json')), 'bin.cjs')
const wanted = /^swiftshader$/i.test(process.env.HANDGRAD_ADAPTER ?? '')
// only Vulkan on Linux: wgpu would also take an old OpenGL, whose limits are no one's
const backend = process.platform === 'linux' ? { DENO_WEBGPU_BACKEND: 'vulkan' } : {}
const own = wanted || !run(['eval', 'Deno.exit(await navigator.gpu?.requestAdapter() ? 0 : 1)'], {}, 'ignore')
process.exitCode = run(['run', '--allow-all', outfile], own ? await swiftShaderEnv() : {}, 'inherit') ? 0 : 1

/**
 * Runs deno; true when it ends with code 0.
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @param {'inherit' | 'ignore'} stdio
 */
function run(args, env, stdio) {
  const { status, error } = spawnSync(process.execPath, [deno, ...args], {
    stdio,
    env: { ...process.env, ...backend, ...env },
  })
  if (error) throw error
  return status === 0
}

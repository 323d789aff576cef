// @ts-check
/**
 * @file The tarball verifies itself: `handgrad verify --quick` on each software adapter that is here, by its page in
 * Chromium, and from a portable folder. `handgrad bench` measures from there, too.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findGpu, swiftShaderEnv, unpackSwiftShader } from '../../scripts/adapter.mjs'
import { root } from '../../scripts/run.mjs'
import { check, expectText, node, npm, open } from './harness.mjs'

/**
 * @param {string} folder an empty one
 * @param {string} tarball
 */
export async function checkVerify(folder, tarball) {
  const empty = join(folder, 'verify')
  await check('install for verify, with the package webgpu', async () => {
    mkdirSync(empty)
    writeFileSync(join(empty, 'package.json'), '{ "name": "verify", "private": true }\n')
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], empty)
    symlinkSync(join(root, 'node_modules', 'webgpu'), join(empty, 'node_modules', 'webgpu'), 'junction')
  })
  const dist = join(empty, 'node_modules', 'handgrad', 'dist')
  for (const [name, env] of await adapters())
    await check(
      `handgrad verify --quick on ${name}`,
      async () => void (await node([join(dist, 'cli', 'main.js'), 'verify', '--quick'], empty, env)),
    )
  await check('handgrad bench: a suite and a kernel of the user', async () => {
    const main = join(dist, 'cli', 'main.js')
    const suite = ['bench', 'softmax', '--only', 'rows of 64', '--no-peaks', '--seconds', '0.2', '--out', 'suite']
    await node([main, ...suite], empty)
    const { figures, skipped } = JSON.parse(readFileSync(join(empty, 'suite', 'bench.json'), 'utf8'))
    if (!(figures.length > 5) || skipped.some((/** @type {{ failed: boolean }} */ one) => one.failed))
      throw new Error(`${figures.length} figures; ${JSON.stringify(skipped)}`)
    // A sample of the package, by the line of its manual, with sizes of its own.
    const saxpy = join(empty, 'node_modules', 'handgrad', 'bench', 'kernels', 'saxpy')
    const binds = ['--bind', 'x=randn:4096', '--bind', 'y=inout=randn:4096', '--param', 'n=4096', '--param', 'a=2.5']
    const more = ['--groups', 'n/256', '--check', `${saxpy}.mjs`, '--no-peaks', '--seconds', '0.2', '--out', 'own']
    const said = await node([main, 'bench', `${saxpy}.wgsl`, ...binds, ...more], empty)
    if (!said.includes('right: every element')) throw new Error(said)
  })
  await check('verify.html in Chromium', async () => {
    const told = 'document.getElementById("report").textContent'
    /** @type {string} */
    const text = await open(join(dist, 'verify'), 'verify.html?op=tanh', told)
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
  // the lines that repeat a fault begin like this
  const [run] = readdirSync(join(at, 'runs'))
  const { command: told } = JSON.parse(readFileSync(join(at, 'runs', run, 'verify.json'), 'utf8'))
  expectText(told, `${windows ? 'handgrad' : './handgrad'} ${args.join(' ')}`)
}

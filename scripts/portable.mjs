// @ts-check
/**
 * @file `npm run portable`: one folder from which `handgrad verify`, `handgrad bench` and every other command run on a
 * machine where nothing can be installed: the built code, the binary of the package `webgpu` for one platform,
 * verify.html for the browsers there, and, if asked, Node's own binary, a Vulkan loader, and the engines that ours is
 * compared with. dist/ is built first.
 *
 * `--platform NAME` (this machine's; as in node_modules/webgpu/dist), `--node [FILE]` Node's binary (default: the one
 * that runs this), `--vulkan [FILE]` libvulkan.so.1 (default: this system's), `--bench` the other engines and what
 * `npm run bench:peers` does, `--out DIR` (runs/portable-PLATFORM).
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { addPeers, checkPeers } from './portablepeers.mjs'
import { root, runNode } from './run.mjs'

/** What goes by mail, or over a slow line; with the other engines, which are larger than all of ours. */
const [MOST_MIB, MOST_MIB_WITH_PEERS] = [60, 75]

/**
 * A command of the folder.
 * @param {string} file  what Node runs, from package/
 * @param {string} about
 */
const shell = (file, about) => `#!/bin/sh
# ${about}
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export HANDGRAD_COMMAND=./handgrad
if [ -d "$here/lib" ]; then export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
node=$here/node
[ -x "$node" ] || node=node
exec "$node" "$here/package/${file}" "$@"
`
/**
 * The same for Windows.
 * @param {string} file
 * @param {string} about
 */
const batch = (file, about) => `@echo off\r
rem ${about}\r
set node=%~dp0node.exe\r
if not exist "%node%" set node=node\r
set HANDGRAD_COMMAND=handgrad\r
"%node%" "%~dp0package\\${file.replaceAll('/', '\\')}" %*\r
exit /b %errorlevel%\r
`
/**
 * @param {string} platform
 * @param {boolean} peers
 */
function readme(platform, peers) {
  const start = platform.startsWith('win32') ? '' : './'
  const engines = `  ${start}handgrad-peers            the same workloads on other engines, beside ours: peers.md; --help says more\n`
  return `handgrad for ${platform}: nothing is to be installed.

  ${start}handgrad verify --quick    every op on this machine's GPU, a minute or two
  ${start}handgrad verify            the same in every memory layout and with every variant
  ${start}handgrad bench             its kernels timed, and what it can do at most; --share leaves one file of the device
  ${start}handgrad info              which adapters there are
${peers ? engines : ''}
The report is in runs/<time>: verify.md and verify.json. package/dist/verify/verify.html does the same in a browser.
`
}

const README = 'README.txt'

/**
 * Whether a folder was written by an earlier run.
 * @param {string} folder
 */
function isPortable(folder) {
  const file = join(folder, README)
  return existsSync(file) && readFileSync(file, 'utf8').startsWith('handgrad for ')
}

/** The name of this machine in node_modules/webgpu/dist. */
const here = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`

/**
 * What follows an option: a value, true for none, undefined where it is not given.
 * @param {string[]} args
 */
function parse(args) {
  /** @type {Record<string, string | true>} */
  const given = {}
  for (let i = 0; i < args.length; i++) {
    const name = args[i].replace(/^--/, '')
    if (!['--platform', '--node', '--vulkan', '--bench', '--out'].includes(args[i]))
      throw new Error(`portable: ${args[i]} is not an option (--platform, --node, --vulkan, --bench, --out)`)
    const value = args[i + 1]?.startsWith('--') ? undefined : args[i + 1]
    if (value !== undefined) i++
    else if (name === 'platform' || name === 'out') throw new Error(`portable: --${name} needs a value`)
    given[name] = value ?? true
  }
  return given
}

/**
 * What a person starts: NAME, and NAME.cmd for Windows.
 * @param {string} name
 * @param {string} file  what Node runs, from package/
 * @param {string} about
 */
function command(name, file, about) {
  writeFileSync(join(out, name), shell(file, about))
  chmodSync(join(out, name), 0o755)
  writeFileSync(join(out, `${name}.cmd`), batch(file, about))
}

/** This system's Vulkan loader. */
function vulkanLoader() {
  const machine = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  const folders = ['/usr/lib/' + machine, '/lib/' + machine, '/usr/lib64', '/usr/lib', '/usr/local/lib']
  const found = folders.map((folder) => join(folder, 'libvulkan.so.1')).find((file) => existsSync(file))
  if (!found) throw new Error('portable: no libvulkan.so.1 on this system (give its path: --vulkan FILE)')
  return found
}

/**
 * Bytes of all files of a folder, as they are and packed one by one by gzip.
 * @param {string} folder
 */
function sizeOf(folder) {
  let [bytes, packed] = [0, 0]
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const content = readFileSync(join(entry.parentPath, entry.name))
    bytes += content.length
    packed += gzipSync(content).length
  }
  return { bytes, packed }
}

const given = parse(process.argv.slice(2))
const platform = typeof given.platform === 'string' ? given.platform : here
const out = typeof given.out === 'string' ? given.out : join(root, 'runs', `portable-${platform}`)
// what is there will be removed, so it must be ours
if (existsSync(out) && readdirSync(out).length > 0 && !isPortable(out))
  throw new Error(`portable: ${out} holds something that is not of a portable folder (give another one with --out)`)
const binaries = join(root, 'node_modules', 'webgpu', 'dist')
const platforms = existsSync(binaries) ? readdirSync(binaries) : []
if (!platforms.includes(platform))
  throw new Error(`portable: webgpu has no binary for ${platform} (${platforms.join(', ') || 'run npm ci'})`)
if (given.node === true && platform !== here)
  throw new Error(`portable: this Node is for ${here}, not ${platform} (give the other's binary: --node FILE)`)
if (given.vulkan && !platform.startsWith('linux'))
  throw new Error(`portable: ${platform} needs no Vulkan loader (leave --vulkan out)`)
if (given.vulkan === true && platform !== here)
  throw new Error(`portable: this system's loader is for ${here}, not ${platform} (give the other's: --vulkan FILE)`)
if (given.bench) checkPeers()

const { code } = await runNode([join(root, 'scripts', 'build.mjs')])
if (code !== 0) throw new Error('portable: the build failed')

rmSync(out, { recursive: true, force: true })
const own = join(out, 'package')
mkdirSync(own, { recursive: true })
// first, because it marks the folder as one that may be written anew
writeFileSync(join(out, README), readme(platform, given.bench !== undefined))
// what runs: no types, no maps
const runs = (/** @type {string} */ file) => !/\.d\.ts$|\.map$/.test(file)
cpSync(join(root, 'dist'), join(own, 'dist'), { recursive: true, filter: runs })
for (const file of ['package.json', 'LICENSE']) copyFileSync(join(root, file), join(own, file))
const dawn = join(own, 'node_modules', 'webgpu')
mkdirSync(join(dawn, 'dist'), { recursive: true })
for (const file of ['package.json', 'index.js', 'LICENSE.md'])
  copyFileSync(join(root, 'node_modules', 'webgpu', file), join(dawn, file))
cpSync(join(binaries, platform), join(dawn, 'dist', platform), { recursive: true })
command('handgrad', 'dist/cli/main.js', "handgrad's commands, from this folder: handgrad verify --quick")
if (given.bench) {
  await addPeers(join(own, 'bench', 'peers'))
  command('handgrad-peers', 'bench/peers/main.js', 'the same workloads on other engines: handgrad-peers --help')
}
if (given.node) {
  const file = join(out, platform.startsWith('win32') ? 'node.exe' : 'node')
  copyFileSync(given.node === true ? process.execPath : given.node, file)
  chmodSync(file, 0o755)
}
if (given.vulkan) {
  mkdirSync(join(out, 'lib'))
  copyFileSync(given.vulkan === true ? vulkanLoader() : given.vulkan, join(out, 'lib', 'libvulkan.so.1'))
}

const { bytes, packed } = sizeOf(out)
const mib = (/** @type {number} */ n) => `${(n / 2 ** 20).toFixed(1)} MiB`
console.log(`${out}: ${mib(bytes)}, packed ${mib(packed)}`)
const most = given.bench ? MOST_MIB_WITH_PEERS : MOST_MIB
if (packed > most * 2 ** 20) {
  console.error(`portable: more than ${most} MiB packed`)
  process.exitCode = 1
}

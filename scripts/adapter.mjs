// @ts-check
/**
 * @file Finds a WebGPU adapter for Node, and brings a software one (SwiftShader, out of the npm package
 * `@sparticuz/chromium`) on a Linux machine that has none. Shared by the tests, the benchmarks and the repository's
 * command line; not part of the published package: a user's program gets no hidden dlopen. Unpacking archives is in
 * unpack.mjs.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { cacheFolder, unpack } from './unpack.mjs'

/**
 * @typedef {object} FoundGpu
 * @property {GPU} gpu the object that `create` of the package `webgpu` returned
 * @property {GPUAdapter} adapter
 * @property {string} name vendor, architecture and driver, such as 'mesa software (llvmpipe: Mesa 25.0.7 ...)'
 * @property {boolean} software true where the adapter computes on the CPU (lavapipe, SwiftShader)
 */

const remedy =
  'install a Vulkan driver (Debian: apt install mesa-vulkan-drivers, version 24.2 or newer), or run on Linux x64 with ' +
  'the dev dependency @sparticuz/chromium installed (npm ci), whose SwiftShader is used then'

/**
 * Every object that `create` returned, kept for ever: when one is garbage-collected while a device made from it lives,
 * the process crashes (seen 6 times of 6).
 * @type {GPU[]}
 */
const kept = []

/** The folder with the unpacked SwiftShader, or undefined where the npm package has none for this system. */
export async function unpackSwiftShader() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const archive = chromiumFile('swiftshader.tar.br')
  return archive && unpack([archive], cacheFolder('swiftshader'))
}

/**
 * One file of the package @sparticuz/chromium, or undefined where that is not installed.
 * @param {string} name
 */
export function chromiumFile(name) {
  let main
  try {
    main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  } catch {
    return undefined
  }
  // the package's exports hide its folder, so it is found from its main file
  const file = join(dirname(main), '..', '..', 'bin', name)
  return existsSync(file) ? file : undefined
}

/** The environment in which a child process finds SwiftShader and a Vulkan loader, and no other driver. */
export async function swiftShaderEnv() {
  const folder = await unpackSwiftShader()
  if (!folder) throw new Error(`no SwiftShader for ${process.platform} ${process.arch}: ${remedy}`)
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  const driver = join(folder, 'vk_swiftshader_icd.json')
  return { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries }
}

/**
 * Loads a shared library and keeps it in memory; true when it is loaded. Node takes it for an add-on, so dlopen always
 * throws: "did not self-register" says that the library itself was loaded.
 * @param {string} path
 */
function load(path) {
  const noDelete = 0x1000 // RTLD_NODELETE: Node closes the library again on throwing, this keeps it
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | noDelete)
    return true
  } catch (error) {
    return error instanceof Error && error.message.includes('did not self-register')
  }
}

/**
 * What keeps two lines of Dawn off the terminal, as the engine does.
 * @returns {Promise<<T>(search: () => T) => T>}
 */
async function quiet() {
  try {
    return (await import('../src/webgpu/quiet.ts')).quietly
  } catch (error) {
    // TypeScript, which a bare Node 20 does not read: there the lines stay
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    return (search) => search()
  }
}

/**
 * A new WebGPU instance and its adapter. An instance sees only the drivers that were there when it was made.
 * @param {string[]} flags of Dawn, such as 'adapter=llvmpipe'
 */
async function request(flags) {
  const { create } = await import('webgpu')
  const gpu = create(flags)
  kept.push(gpu)
  const quietly = await quiet()
  return { gpu, adapter: await quietly(() => gpu.requestAdapter({ powerPreference: 'high-performance' })) }
}

/**
 * Makes SwiftShader visible to every WebGPU instance that this process makes from now on. `VK_ADD_DRIVER_FILES` adds a
 * driver to those of the system (VK_ICD_FILENAMES would hide them). The C library reads process.env only in the main
 * thread and in child processes, not in worker threads.
 */
async function addSwiftShader() {
  const folder = await unpackSwiftShader()
  if (!folder) return false
  process.env.VK_ADD_DRIVER_FILES = join(folder, 'vk_swiftshader_icd.json')
  if (load('libvulkan.so.1')) return true
  // where the processes that this one starts find the loader
  process.env.LD_LIBRARY_PATH = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  return load(join(folder, 'libvulkan.so.1'))
}

/**
 * @param {GPU} gpu
 * @param {GPUAdapter} adapter
 * @returns {FoundGpu}
 */
function found(gpu, adapter) {
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info
  return { gpu, adapter, name: `${vendor} ${architecture} (${description})`, software: isFallbackAdapter }
}

/**
 * Loaded drivers stay loaded, so one search is enough for the whole process.
 * @type {Promise<FoundGpu> | undefined}
 */
let best

/**
 * The adapter to use: the one named by `options.adapter` or by HANDGRAD_ADAPTER (part of its name, such as
 * 'swiftshader' or 'llvmpipe'), else the system's best, else SwiftShader.
 *
 * Errors: throws where there is no adapter, with the remedy; never returns none.
 *
 * @param {{ adapter?: string, flags?: string[] }} [options] flags: further Dawn flags for `create`
 * @returns {Promise<FoundGpu>}
 */
export async function findGpu(options = {}) {
  const wanted = options.adapter ?? process.env.HANDGRAD_ADAPTER
  const flags = options.flags ?? []
  if (wanted) return named(wanted, flags)
  if (flags.length === 0) {
    best ??= findBest()
    return best
  }
  await prepareAdapter()
  return search(flags)
}

async function findBest() {
  const first = await request([])
  if (first.adapter) return found(first.gpu, first.adapter)
  await addSwiftShader()
  return search([])
}

/** @param {string[]} flags */
async function search(flags) {
  const { gpu, adapter } = await request(flags)
  if (!adapter) throw new Error(`no WebGPU adapter on this machine (${remedy})`)
  return found(gpu, adapter)
}

/**
 * @param {string} wanted
 * @param {string[]} flags
 */
async function named(wanted, flags) {
  // Dawn compares with the driver's own spelling
  const name = /^swiftshader$/i.test(wanted) ? 'SwiftShader' : wanted
  if (name === 'SwiftShader') await addSwiftShader()
  const { gpu, adapter } = await request([...flags, `adapter=${name}`])
  if (!adapter) throw new Error(`no WebGPU adapter named ${wanted} on this machine (${remedy})`)
  return found(gpu, adapter)
}

/**
 * Prepares this process so that a later `create([])` of the package `webgpu`, wherever it is called, finds the adapter
 * that
 * `findGpu` found. With a wanted adapter (HANDGRAD_ADAPTER=swiftshader) all other drivers are hidden from Vulkan.
 * @returns {Promise<FoundGpu>}
 */
export async function prepareAdapter() {
  if (/^swiftshader$/i.test(process.env.HANDGRAD_ADAPTER ?? '')) {
    const env = await swiftShaderEnv()
    process.env.VK_ICD_FILENAMES = env.VK_ICD_FILENAMES
    process.env.VK_DRIVER_FILES = env.VK_DRIVER_FILES
    const folder = dirname(env.VK_DRIVER_FILES)
    if (!load('libvulkan.so.1')) load(join(folder, 'libvulkan.so.1'))
  }
  return findGpu()
}

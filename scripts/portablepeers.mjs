// @ts-check
/**
 * @file `npm run portable -- --bench`: what `npm run bench:peers` needs, in one folder: bench/peers as JavaScript, and
 * of the engines' packages the files that Node loads. What they leave out is said here, file by file or by its ending.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { root } from './run.mjs'

const peers = join(root, 'bench', 'peers')
const modules = join(peers, 'node_modules')
const entries = ['main', 'one', 'handgrad', 'tfjs', 'jax', 'onnx']

/** @type {import('esbuild').BuildOptions} */
const inNode = { platform: 'node', target: 'node20', logLevel: 'error' }

/** Declarations, maps, sources, pages and builds for browsers: 234 MiB are 60 without them. */
const unused = /\.(d\.[cm]?ts|[cm]?ts|map|md|flow)$|\.(es2017|fesm|umd)(\.min)?\.js$|_test\.js$/
/** The one package of which every build is as large as a whole engine: what Node loads of it. */
const onnx = [
  'package.json',
  'LICENSE',
  ...['ort.node.min.mjs', 'ort.webgpu.bundle.min.mjs'].map((file) => `dist/${file}`),
  ...['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'].flatMap((name) =>
    ['mjs', 'wasm'].map((ending) => `dist/${name}.${ending}`),
  ),
]

/** Asked before anything is built. */
export function checkPeers() {
  if (!existsSync(modules)) throw new Error('portable: the other engines are not installed (npm ci in bench/peers)')
}

/**
 * Put all into a folder, two folders below one with the package `webgpu` and our package.json.
 * @param {string} folder
 */
export async function addPeers(folder) {
  await build({
    ...{ entryPoints: entries.map((name) => join(peers, `${name}.ts`)), outdir: folder, bundle: true, splitting: true },
    ...{ ...inNode, format: 'esm', packages: 'external' },
  })
  for (const file of ['torch_peer.py', 'package.json']) copyFileSync(join(peers, file), join(folder, file))
  for (const name of packages()) copyPackage(join(modules, name), join(folder, 'node_modules', name))
  // An ES module that says nothing of it, with imports that only bundlers find; tfjs.ts takes it by require.
  const gradients = join('@tensorflow', 'tfjs-core', 'dist', 'register_all_gradients.js')
  const outfile = join(folder, 'node_modules', gradients)
  await build({
    entryPoints: [join(modules, gradients)],
    outfile,
    bundle: true,
    allowOverwrite: true,
    ...inNode,
    format: 'cjs',
  })
}

/** Names of what is installed, but for types. */
function packages() {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'))
  return names
    .flatMap((name) => (name[0] === '@' ? readdirSync(join(modules, name)).map((one) => join(name, one)) : [name]))
    .filter((name) => !name.startsWith(`@types${sep}`) && !name.startsWith(`@webgpu${sep}`))
}

/**
 * @param {string} from
 * @param {string} to
 */
function copyPackage(from, to) {
  mkdirSync(to, { recursive: true })
  if (basename(from) === 'onnxruntime-web') {
    mkdirSync(join(to, 'dist'))
    for (const file of onnx.filter((name) => existsSync(join(from, name))))
      copyFileSync(join(from, file), join(to, file))
    return
  }
  // A package whose main file lies in src/ keeps it.
  const { main = '' } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  const sources = /^(\.\/)?src\//.test(main) ? undefined : join(from, 'src')
  cpSync(from, to, {
    recursive: true,
    filter: (file) => file !== sources && !unused.test(relative(from, file)),
  })
}

// @ts-check
/**
 * @file What programs take over of handgrad, at most: the checks of size-limit. What functions import for themselves
 * when they are called (the WebGPU device, readers of files, what a training shows) is loaded apart from the rest;
 * which files these are is found by following the imports.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { root } from '../../scripts/run.mjs'

const dist = join(root, 'dist')
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js'))
  .map((name) => join(dist, name))

/** The files that a bundle from these entries begins with. @param {string[]} entries */
function loadedWith(...entries) {
  const reached = new Set(entries.map((name) => join(dist, name)))
  for (const file of reached)
    for (const [, target] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s(?:[^'"]*?from )?['"](\.[^'"]+)['"]/gm,
    ))
      reached.add(resolve(file, '..', target))
  return reached
}

/**
 * A check of a bundle, without the files that it does not take.
 * @param {string} name  @param {string} path  @param {string} limit
 * @param {(file: string) => boolean} takes  @param {string} [only]  the names imported; none: all
 */
const check = (name, path, limit, takes, only) => ({
  name,
  path: join(dist, path),
  ...(only && { import: only }),
  ignore: files.filter((file) => !takes(file)),
  limit,
  gzip: true,
})

const index = loadedWith('index.js')
const text = new Set(
  [...loadedWith(join('tokens', 'index.js'))].filter((file) => file.startsWith(join(dist, 'tokens') + sep)),
)
const withDevice = loadedWith('index.js', join('webgpu', 'device.js'))
const core = '{ tensor, device, grad, noGrad, scope }'

/**
 * What looks into a training: a developer's tool, as `handgrad verify` is, loaded when it is called. The trainer loads
 * the search for an op whose result is not finite.
 * @param {string} file
 */
const diagnoses = (file) =>
  file.startsWith(join(dist, 'inspect', 'diagnose') + sep) || file === join(dist, 'train', 'origin.js')

/** All files of one folder, those loaded later among them. @param {string} folder  @param {string} limit */
const family = (folder, limit) =>
  check(
    `${folder}: its own files`,
    join(folder, 'index.js'),
    limit,
    (file) => file.startsWith(join(dist, folder) + sep) && !diagnoses(file),
  )

/** What only those load who look at a step or at their own gradients. @param {string} file */
const isLesson = (file) => /^inspect.(record.|checkgrad\.)/.test(relative(dist, file))

export default [
  check('core: tensors, autograd, all ops, the CPU device', 'index.js', '43.5 kB', (file) => index.has(file), core),
  check('core with the WebGPU device and every kernel', 'index.js', '125 kB', (file) => withDevice.has(file), core),
  check('nn with optim', 'index.js', '119.75 kB', (file) => index.has(file), '{ nn, optim }'),
  check('everything without the WebGPU device', 'index.js', '184.75 kB', (file) => index.has(file)),
  // Tools of developers, as `handgrad verify` is, have limits of their own. What stands in for an import that leads out
  // of this bundle is 0.3 kB of it, and in no real one.
  check(
    'everything, and all that is loaded when asked for',
    'index.js',
    '308.25 kB',
    (file) => !isLesson(file) && !diagnoses(file),
  ),
  family('metrics', '12.75 kB'),
  family('data', '27.25 kB'),
  family('io', '24.5 kB'),
  family('train', '14 kB'),
  family('report', '10 kB'),
  // Files of tokenizers are read and written by files that are loaded then.
  check('text: its own files, as they are loaded', join('tokens', 'index.js'), '8 kB', (file) => text.has(file)),
  family('tokens', '11 kB'),
  family('models', '14.25 kB'),
  family('generate', '10 kB'),
  family('finetune', '15 kB'),
  // The profiler; suites and clocks are the command line's. Nothing else in this list imports it.
  family('bench', '11.5 kB'),
  // For tests; nothing else in this list imports it.
  check('interpreter: its own files, and the front end for WGSL', join('interpreter', 'index.js'), '60 kB', (file) =>
    /^(interpreter|wgsl)./.test(relative(dist, file)),
  ),
  check('transforms: their own files', join('data', 'transforms.js'), '10 kB', (file) =>
    /^data.(augment|transforms|checks)/.test(relative(dist, file)),
  ),
  check(
    'inspect.record and checkGrad: their own files, in none of the above',
    join('inspect', 'loaded.js'),
    '10.75 kB',
    isLesson,
  ),
  check(
    'diagnoses: why a model does not learn, in none of the above',
    join('inspect', 'loaded.js'),
    '20.25 kB',
    diagnoses,
  ),
  check('handgrad verify: the rows of the tests, in none of the above', join('verify', 'session.js'), '60 kB', (file) =>
    file.startsWith(join(dist, 'verify') + sep),
  ),
]

// @ts-check
/**
 * @file The families of public functions: what the tables of ops and the API reference say of each. A family is a
 * folder of src/ops, or another part of src; a function belongs to the one whose index.ts exports it. A folder that is
 * not named here makes a family of its own name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Family
 * @property {string} title
 * @property {string | ((signature: string) => string)} [returns] the shape of the result, where a docstring says
 *   nothing else
 * @property {string | ((signature: string) => string)} [throws] what every function of the family that takes tensors
 *   refuses; docstrings say what else theirs refuses
 * @property {boolean} [engine] functions around tensors rather than of them: in the API reference, not in the tables of
 *   ops
 */

/**
 * Whether an elementwise function has several operands, which broadcast, rather than one tensor and what belongs to it.
 */
const several = (/** @type {string} */ signature) =>
  /^\(\w+: (Tensor|Operand), (?!weight\b)\w+\??: (Tensor|Operand)\b/.test(signature)

/** @type {Readonly<Record<string, Family>>} */
const named = {
  creation: {
    title: 'Creation',
    throws: 'HandgradError if x is not a tensor, or is disposed',
  },
  random: {
    title: 'Random',
    throws: 'HandgradError if a tensor that is given is disposed or not of floats',
  },
  elementwise: {
    title: 'Elementwise',
    returns: (signature) => (several(signature) ? 'the shape that the inputs broadcast to' : "x's shape"),
    throws: (signature) =>
      several(signature)
        ? 'HandgradError if shapes do not broadcast, dtypes differ (those of truth values may) or are none of those above, devices ' +
          'differ, an operand is disposed, none is a tensor, or a number does not fit the dtype'
        : 'HandgradError if x is not a tensor, is disposed or has none of the dtypes above',
  },
  reduce: {
    title: 'Reduce, scan and sort',
    returns: (signature) => {
      if (/\b(ReduceOptions|VarianceOptions)\b/.test(signature))
        return "x's shape without the reduced axes; with `keepdim` these have size 1"
      return /^\(x: Tensor, dim\b/.test(signature) ? "x's shape" : ''
    },
    throws:
      'HandgradError if an input is not a tensor, is disposed or has none of the dtypes above, or a given dim is out of range or named twice',
  },
  order: {
    title: 'Order and differences',
    returns: (signature) => (/^\(x: Tensor, dim\b/.test(signature) ? "x's shape" : ''),
    throws:
      'HandgradError if an input is not a tensor, is disposed or has none of the dtypes above, or a given dim is out of range',
  },
  movement: {
    title: 'Movement',
    throws:
      'HandgradError if an input is not a tensor, is disposed or has none of the dtypes above, or a given dim is out of range',
  },
  indexing: {
    title: 'Indexing',
    throws:
      'HandgradError if an input is not a tensor or is disposed, an index tensor is not int32, a given dim is out of range, or ' +
      'devices differ',
  },
  dynamic: {
    title: 'Shape by data (async)',
    throws:
      'HandgradError, by the promise, if an input is not a tensor, is disposed or has another dtype than said above',
  },
  matrix: {
    title: 'Matrices and distances',
    throws:
      'HandgradError if an input is not a tensor, is disposed or has none of the dtypes above, or inputs differ in dtype or device',
  },
  image: {
    title: 'Images: convolution, pooling, windows',
    throws:
      'HandgradError if an input is not a tensor, is disposed or has none of the dtypes above, inputs differ in dtype or device, or ' +
      'x has other axes than said above or size 0 along one after the channels',
  },
  norm: {
    title: 'Normalisation',
    returns: "x's shape",
    throws:
      'HandgradError if an input is not a tensor, is disposed or has none of the dtypes above, or a weight, bias or running ' +
      'statistic differs from x in dtype or device or has another shape than said above',
  },
  loss: {
    title: 'Losses',
    returns: "0-d; with reduction 'none' a loss for each element, or for each row of classes or vectors",
    throws:
      'HandgradError if an input is not a tensor, is disposed or has another dtype than said above, devices differ, or there is no ' +
      'such reduction',
  },
  sequence: {
    title: 'Sequences: attention and recurrent',
    throws:
      'HandgradError if an input is not a tensor, is disposed or not of floats (a mask may be bool), inputs differ in dtype or device, ' +
      'or a state, weight or bias has another shape than said above',
  },
  inplace: {
    title: 'In place',
    returns: 'x itself',
    throws:
      'HandgradError if x is disposed, expanded or overlaps itself, if x or a value needs a gradient outside of `noGrad`, or if a ' +
      'value is disposed, on another device, does not broadcast to where it is written, or is a number that the dtype cannot hold',
  },
  autograd: { title: 'Autograd' },
  devices: { title: 'Devices', engine: true },
  memory: { title: 'Memory', engine: true },
  core: { title: 'Scopes, ops and kernels of your own', engine: true },
}

/** A parameter that is a tensor or a list of them, in `(…)` or `(…): Result`. */
const tensors = /[:|] (readonly )?(Tensor|Operand)\b(?=.*\))/
const placed = /: TensorOptions\b/
const optional = /\boptions\??: /

/** What every function with `TensorOptions` refuses. */
const placing =
  'HandgradError if `device` is not a device, it does not have the dtype, or `requiresGrad` is asked of a dtype that is not floats'

/** What every function with options refuses. */
const unknown = 'HandgradError if an option is unknown'

/** Families in the order of the tables. */
export const familyOrder = Object.keys(named)

const src = fileURLToPath(new URL('../../src/', import.meta.url))

/** Folders with an index: the families of ops, and gradients. */
const folders = [...readdirSync(join(src, 'ops')).map((name) => join(src, 'ops', name)), join(src, 'autograd')].filter(
  (folder) => existsSync(join(folder, 'index.ts')),
)

/** What the families export from elsewhere, by name and file: `detach` of ops/base/views.ts is movement's. */
const borrowed = new Map(
  folders.flatMap((folder) => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
    const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
    return [...text.matchAll(/^export \{([^}]*)\} from '(\.\.\/[^']*)'/gm)].flatMap(([, names, path]) =>
      names
        .split(',')
        .map(
          (name) =>
            /** @type {const} */ ([`${name.trim()} ${join(folder, path)}`, folder.slice(dirname(folder).length + 1)]),
        ),
    )
  }),
)

/**
 * The key of a function's family: the folder whose index exports it, else the one that it is in.
 * @param {string} name
 * @param {string} file its source, from the root of the repository
 */
export function familyOf(name, file) {
  const path = relative('src', file).replaceAll('\\', '/')
  const [part, folder] = path.replace(/\.ts$/, '').split('/')
  return borrowed.get(`${name} ${join(src, path)}`) ?? (part === 'ops' ? folder : part)
}

/**
 * What a key stands for.
 * @param {string} key
 * @returns {Family}
 */
export function family(key) {
  const title = key[0].toUpperCase() + key.slice(1)
  return named[key] ?? { title }
}

/**
 * The shape of the result, where a docstring says nothing else.
 * @param {string} key
 * @param {string} signature
 */
export function returnsOf(key, signature) {
  const { returns } = family(key)
  return typeof returns === 'function' ? returns(signature) : returns
}

/**
 * What the functions of a family refuse besides what their docstrings say.
 * @param {string} key
 * @param {string} signature
 * @returns {string[]}
 */
export function throwsOf(key, signature) {
  const { throws, engine } = family(key)
  if (engine) return []
  return [
    throws && tensors.test(signature) ? (typeof throws === 'function' ? throws(signature) : throws) : '',
    placed.test(signature) ? placing : '',
    optional.test(signature) ? unknown : '',
  ].filter((text) => text !== '')
}

/**
 * Items by family, in the order of the tables.
 * @template {{ readonly family: string }} T
 * @param {readonly T[]} items
 * @returns {[string, T[]][]}
 */
export function grouped(items) {
  const others = items.map((item) => item.family).filter((key) => !(key in named))
  return [...familyOrder, ...new Set(others.sort())]
    .map((key) => /** @type {[string, T[]]} */ ([key, items.filter((item) => item.family === key)]))
    .filter(([, members]) => members.length > 0)
}

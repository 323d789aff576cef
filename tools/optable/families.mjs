// @ts-check
/**
 * @file The families of public functions. What a function belongs to follows from its source file, so that a new op needs no line
 * here; a file that is not named makes a family of its own name.
 */

/**
 * @typedef {object} Family
 * @property {string} title
 * @property {string} zh the title in README.zh.md
 * @property {readonly string[]} files of src/ and src/ops/, without folder and ending
 * @property {string} [returns] the shape of the result, where a docstring says nothing else
 * @property {string} [throws] what every function of the family that takes tensors refuses; docstrings say what theirs refuses beside
 * @property {RegExp} [names] functions that belong here whatever their file is
 * @property {boolean} [engine] functions around tensors rather than of them: in the API reference, not in the tables of ops
 */

/** @type {Readonly<Record<string, Family>>} */
const named = {
  creation: {
    title: 'Creation',
    zh: '创建',
    files: ['create'],
    names: /Like$/,
    throws: 'HandgradError if x is no tensor, or is disposed',
  },
  random: {
    title: 'Random',
    zh: '随机',
    files: ['random', 'generator', 'dropout', 'gumbel'],
    names: /^(rand|bernoulli$|multinomial$|normal$)/,
    throws: 'HandgradError if a tensor that is given is disposed or not of floats',
  },
  unary: {
    title: 'Unary',
    zh: '一元',
    files: [],
    // Its weight is no operand: [C] stands for axis 1 of x.
    names: /^prelu$/,
    returns: "x's shape",
    throws: 'HandgradError if x is no tensor, is disposed or has none of the dtypes above',
  },
  binary: {
    title: 'Binary and ternary',
    zh: '二元与三元',
    files: [],
    returns: 'the shape that the inputs broadcast to',
    throws:
      'HandgradError if shapes do not broadcast, dtypes differ (those of truth values may) or are none of those above, devices ' +
      'differ, an operand is disposed, none is a tensor, or a number does not fit the dtype',
  },
  reduce: {
    title: 'Reduce',
    zh: '归约',
    files: ['reduce', 'sum', 'statistics'],
    names: /^(median|histc)$/,
    returns: "x's shape without the reduced axes; with `keepdim` these have size 1",
    throws:
      'HandgradError if x is no tensor, is disposed or has none of the dtypes above, a given dim is out of range or named twice, or an ' +
      'option is unknown',
  },
  scan: {
    title: 'Scan and sort',
    zh: '扫描与排序',
    files: ['scan', 'sort'],
    returns: "x's shape",
    throws:
      'HandgradError if an input is no tensor, is disposed or has none of the dtypes above, or a given dim is out of range',
  },
  movement: {
    title: 'Movement',
    zh: '形状与移动',
    files: ['views', 'rearrange', 'slices', 'split', 'pad', 'diagonals', 'unfold', 'axes', 'fold', 'windows'],
    throws:
      'HandgradError if an input is no tensor, is disposed or has none of the dtypes above, or a given dim is out of range',
  },
  indexing: {
    title: 'Indexing',
    zh: '索引',
    files: ['indexing', 'gather', 'at'],
    throws:
      'HandgradError if an input is no tensor or is disposed, an index tensor is not int32, a given dim is out of range, or ' +
      'devices differ',
  },
  dynamic: {
    title: 'Shape by data (async)',
    zh: '形状取决于数据（异步）',
    files: ['dynamic'],
    throws: 'HandgradError, by the promise, if an input is no tensor, is disposed or has another dtype than said above',
  },
  contraction: {
    title: 'Contraction',
    zh: '缩并',
    files: ['matmul', 'products', 'einsum', 'distance'],
    throws:
      'HandgradError if an input is no tensor, is disposed or has none of the dtypes above, or inputs differ in dtype or device',
  },
  convolution: {
    title: 'Convolution and pooling',
    zh: '卷积与池化',
    files: ['conv', 'pool', 'resample'],
    throws:
      'HandgradError if an input is no tensor, is disposed or has none of the dtypes above, inputs differ in dtype or device, or ' +
      'x has other axes than said above or size 0 along one behind the channels',
  },
  normalisation: {
    title: 'Normalisation',
    zh: '归一化',
    files: ['norm'],
    names: /^normalize$/,
    returns: "x's shape",
    throws:
      'HandgradError if an input is no tensor, is disposed or has none of the dtypes above, or a weight, bias or running ' +
      'statistic differs from x in dtype or device or has another shape than said above',
  },
  loss: {
    title: 'Softmax and losses',
    zh: 'softmax 与损失',
    files: ['softmax', 'regression', 'classification', 'probability'],
    names: /Loss$/,
    returns: "0-d; with reduction 'none' a loss for each element, or for each row of classes or vectors",
    throws:
      'HandgradError if an input is no tensor, is disposed or has another dtype than said above, devices differ, or there is no ' +
      'such reduction',
  },
  attention: {
    title: 'Attention',
    zh: '注意力',
    files: ['attention'],
    throws:
      'HandgradError if an input is no tensor, is disposed or has none of the dtypes above, or inputs (but a bool mask) differ in ' +
      'dtype or device',
  },
  recurrent: {
    title: 'Recurrent',
    zh: '循环网络',
    files: ['recurrent', 'cells'],
    throws:
      'HandgradError if x is no tensor, is disposed or not of floats, or a state, weight or bias differs from it in dtype or ' +
      'device or has another shape than said above',
  },
  inplace: {
    title: 'In place',
    zh: '就地修改',
    files: ['inplace'],
    names: /[^d]_$/,
    returns: 'x itself',
    throws:
      'HandgradError if x is disposed, expanded or overlaps itself, if x or a value needs a gradient outside of `noGrad`, or if a ' +
      'value is disposed, on another device, does not broadcast to where it is written, or is a number that the dtype cannot hold',
  },
  autograd: {
    title: 'Autograd',
    zh: '自动求导',
    files: ['backward', 'graph', 'custom', 'gradcheck', 'derivatives'],
  },
  device: {
    title: 'Devices and memory',
    zh: '设备与内存',
    files: ['device', 'devices', 'memory', 'scope'],
    names: /DefaultDevice$/,
    engine: true,
  },
  extend: { title: 'Ops of your own', zh: '自定义算子', files: ['op', 'kernel'], engine: true },
}

/** Elementwise ops are many: those of one tensor, and those of several. */
const elementwise = ['elementwise', 'activations', 'cast']
const several = /^\(\w+: (Tensor|Operand), \w+\??: (Tensor|Operand)\b/

/** A parameter that is a tensor or a list of them, in `(…)` or `(…): Result`. */
const tensors = /[:|] (readonly )?(Tensor|Operand)\b(?=.*\))/
const placed = /: TensorOptions\b/
const optional = /\boptions\??: /

/** What every function with `TensorOptions` refuses. */
const placing =
  'HandgradError if `device` is no device, it does not have the dtype, `requiresGrad` is asked of a dtype that is not floats, or an ' +
  'option is unknown'

/** What every function with options refuses. */
const unknown = 'HandgradError if an option is unknown'

/** Families in the order of the tables. */
export const familyOrder = Object.keys(named)

/**
 * The key of a function's family.
 * @param {string} name
 * @param {string} file its source, without folder and ending
 * @param {string} signature
 */
export function familyOf(name, file, signature) {
  const families = Object.entries(named)
  const byName = families.find(([, { names }]) => names?.test(name))
  const byFile = families.find(([, { files }]) => files.includes(file))
  if (elementwise.includes(file) && !byName) return several.test(signature) ? 'binary' : 'unary'
  return (byName ?? byFile)?.[0] ?? file
}

/**
 * What a key stands for.
 * @param {string} key
 * @returns {Family}
 */
export function family(key) {
  const title = key[0].toUpperCase() + key.slice(1)
  return named[key] ?? { title, zh: title, files: [key] }
}

/**
 * What the functions of a family refuse beside what their docstrings say.
 * @param {string} key
 * @param {string} signature
 * @param {string} [said] what is said already
 * @returns {string[]}
 */
export function throwsOf(key, signature, said = '') {
  const { throws, engine } = family(key)
  if (engine) return []
  return [
    throws && tensors.test(signature) ? throws : '',
    placed.test(signature) ? placing : '',
    optional.test(signature) && !said.includes('option is unknown') ? unknown : '',
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

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
 * @property {RegExp} [names] functions that belong here whatever their file is
 * @property {boolean} [engine] functions around tensors rather than of them: in the API reference, not in the tables of ops
 */

/** @type {Readonly<Record<string, Family>>} */
const named = {
  creation: { title: 'Creation', zh: '创建', files: ['create'], names: /Like$/ },
  random: {
    title: 'Random',
    zh: '随机',
    files: ['random', 'generator', 'dropout', 'gumbel'],
    names: /^(rand|bernoulli$|multinomial$|normal$)/,
  },
  unary: { title: 'Unary', zh: '一元', files: [], returns: "x's shape" },
  binary: {
    title: 'Binary and ternary',
    zh: '二元与三元',
    files: [],
    returns: 'the shape that the inputs broadcast to',
  },
  reduce: { title: 'Reduce', zh: '归约', files: ['reduce', 'sum', 'statistics'], names: /^(median|histc)$/ },
  scan: { title: 'Scan and sort', zh: '扫描与排序', files: ['scan', 'sort'] },
  movement: {
    title: 'Movement',
    zh: '形状与移动',
    files: ['movement', 'rearrange', 'slices', 'cutting', 'padding', 'diagonals', 'sliding', 'axes', 'fold', 'windows'],
  },
  indexing: { title: 'Indexing', zh: '索引', files: ['indexing', 'gather', 'at'] },
  dynamic: { title: 'Shape by data (async)', zh: '形状取决于数据（异步）', files: ['dynamic'] },
  contraction: { title: 'Contraction', zh: '缩并', files: ['matmul', 'contract', 'einsum', 'distance'] },
  convolution: {
    title: 'Convolution and pooling',
    zh: '卷积与池化',
    files: ['conv', 'pool', 'interpolate', 'resample', 'sample'],
  },
  normalisation: { title: 'Normalisation', zh: '归一化', files: ['norm'], names: /^normalize$/ },
  loss: {
    title: 'Softmax and losses',
    zh: 'softmax 与损失',
    files: ['softmax', 'loss', 'classes', 'entropy'],
    names: /Loss$/,
  },
  attention: { title: 'Attention', zh: '注意力', files: ['attention'] },
  recurrent: { title: 'Recurrent', zh: '循环网络', files: ['recurrent', 'rnn', 'cell', 'cells', 'packed'] },
  inplace: { title: 'In place', zh: '就地修改', files: ['inplace'], names: /[^d]_$/ },
  autograd: {
    title: 'Autograd',
    zh: '自动求导',
    files: ['autograd', 'graph', 'custom', 'gradcheck', 'derivatives'],
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

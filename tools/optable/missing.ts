/**
 * @file What PyTorch has and handgrad has not, with the reason: the end of docs/made/ops.md. PyTorch's names are in
 * pytorch.json, which pytorch.py writes; ours come from the sources. Typed here are only names under which the same is
 * found, and the reasons why a kind of function is not here; what is neither is listed as what would fit.
 */
import { readFileSync } from 'node:fs'

const modules = ['torch', 'torch.Tensor', 'torch.nn.functional', 'torch.linalg', 'torch.special', 'torch.fft'] as const
type Listed = { readonly version: string } & { readonly [M in (typeof modules)[number]]: readonly string[] }

const listed: Listed = JSON.parse(readFileSync(new URL('pytorch.json', import.meta.url), 'utf8'))

/** `linalg.inv` for torch.linalg.inv; what is in torch, a method or in nn.functional has its name alone. */
const shown = (module: string, name: string): string =>
  /linalg|special|fft/.test(module) ? `${module.slice('torch.'.length)}.${name}` : name

/** PyTorch's names, each once: `erf` of torch is that of torch.special too. */
export const pytorchNames: readonly string[] = [
  ...new Map(
    modules.flatMap((module) => listed[module].map((name) => [name, shown(module, name)] as const)).reverse(),
  ).values(),
].reverse()

/** The name as ours are written: `log_softmax` is logSoftmax, and `special.erf` erf. */
export const ourName = (name: string): string =>
  name.replace(/^\w+\./, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Names under which the same is here: PyTorch's aliases, and what another function or option does. */
export const elsewhere: Readonly<Record<string, string>> = {
  absolute: 'abs',
  arccos: 'acos',
  arccosh: 'acosh',
  arcsin: 'asin',
  arcsinh: 'asinh',
  arctan: 'atan',
  arctan2: 'atan2',
  arctanh: 'atanh',
  argwhere: 'nonzero',
  as_tensor: 'tensor',
  asarray: 'tensor',
  chain_matmul: 'einsum',
  clip: 'clamp',
  concat: 'cat',
  concatenate: 'cat',
  cpu: 'to',
  cuda: 'to',
  diagflat: 'diag',
  divide: 'div',
  dsplit: 'tensorSplit',
  expand_as: 'expand',
  fix: 'trunc',
  float_power: 'pow',
  floor_divide: 'div',
  from_numpy: 'tensor',
  frombuffer: 'tensor',
  ger: 'outer',
  greater: 'gt',
  greater_equal: 'ge',
  hsplit: 'tensorSplit',
  less: 'lt',
  less_equal: 'le',
  'linalg.multi_dot': 'einsum',
  'linalg.vecdot': 'einsum',
  'linalg.vector_norm': 'norm',
  moveaxis: 'movedim',
  msort: 'sort',
  multiply: 'mul',
  ndimension: 'dim',
  negative: 'neg',
  nelement: 'numel',
  not_equal: 'ne',
  numpy: 'data',
  put: 'indexPut',
  range: 'arange',
  ravel: 'flatten',
  reshape_as: 'reshape',
  row_stack: 'vstack',
  'special.expit': 'sigmoid',
  'special.gammaln': 'lgamma',
  'special.psi': 'digamma',
  subtract: 'sub',
  swapaxes: 'transpose',
  swapdims: 'transpose',
  true_divide: 'div',
  type: 'to',
  type_as: 'to',
  view_as: 'view',
  vsplit: 'tensorSplit',
}

/** Why functions are not here, by their names; the first that fits is the reason. */
export const reasons: readonly (readonly [why: string, names: RegExp])[] = [
  ['three-dimensional layers', /3d(_with_indices)?$/],
  ['FFT and its windows', /^fft\.|^i?stft$|_window$/],
  ['complex numbers', /complex|conj|^(adjoint|angle|cdouble|cfloat|chalf|imag|isreal|polar|real|vdot|view_as_real)$/],
  [
    'sparse tensors',
    /sparse|coalesce|^(ccol_|col_|crow_|row_)?indices$|^(dense_dim|hspmm|smm|sspaddmm|to_dense|values)$/,
  ],
  ['quantized numbers', /quantize|^q_|^(int_repr|qscheme)$/],
  [
    'inverses, decompositions and what is made of them: no kernel would be short, and none is needed for training',
    /^linalg\.(cholesky|cond|det|eig|householder|inv|ldl|lstsq|lu|matrix_rank|pinv|qr|slogdet|solve|svd|tensorinv|tensorsolve)|^(cholesky|lu)|^(det|geqrf|inverse|lobpcg|logdet|matrix_exp|matrix_power|orgqr|ormqr|pinverse|qr|slogdet|svd|symeig|triangular_solve)$/,
  ],
  [
    'special functions of physics and statistics',
    /^special\.(airy|bessel|chebyshev|hermite|laguerre|legendre|modified|scaled|shifted|spherical|gammainc|multigammaln|i0e|i1|ndtri|zeta)|^(i0|igamma|igammac|mvlgamma)$/,
  ],
  ['named axes', /^(align_as|align_to|has_names|refine_names|rename)$/],
  [
    'dtypes other than float32, float64, int32 and bool, and questions about them',
    /^(bfloat16|byte|char|half|long|short|can_cast|element_size|is_floating_point|is_signed|promote_types|result_type)$/,
  ],
  [
    'memory, strides and placement by hand: views, scopes and devices take their place',
    /_copy$|^(as_strided|as_strided_scatter|data_ptr|empty_strided|get_device|ipu|is_inference|is_neg|is_pinned|is_set_to|is_shared|pin_memory|record_stream|resolve_neg|storage_offset|storage_type|to_mkldnn|xpu)$/,
  ],
  ['indices of pooling, which are an option here: `returnIndices`', /_with_indices$/],
  ['parts of other functions', /^(conv_tbc|multi_head_attention_forward|native_\w+|unsafe_\w+|sum_to_size)$/],
]

/** What is not here, by reason; '' stands for what would fit. */
export function missing(here: (name: string) => boolean): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const name of pytorchNames) {
    const target = elsewhere[name]
    if (here(ourName(name)) || (target !== undefined && here(target))) continue
    const [why] = reasons.find(([, names]) => names.test(name)) ?? ['']
    found.set(why, [...(found.get(why) ?? []), name])
  }
  return found
}

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ')

/** The section as lines. */
export function missingSection(here: (name: string) => boolean): string[] {
  const all = missing(here)
  const count = [...all.values()].flat().length
  const renamed = Object.entries(elsewhere).filter(([name, target]) => !here(ourName(name)) && here(target))
  return [
    '',
    '## Not here',
    '',
    `Of the ${pytorchNames.length} functions and methods of tensors that PyTorch ${listed.version} documents (changes in place apart), ${count} are not here.`,
    '',
    `- They would fit: ${list([...(all.get('') ?? [])].sort()) || 'none'}`,
    `- Under another name: ${renamed.map(([name, target]) => `\`${name}\` is \`${target}\``).join(', ')}`,
    '',
    '| decided against | functions |',
    '| --- | --- |',
    ...reasons.flatMap(([why]) => (all.has(why) ? [`| ${why} | ${list(all.get(why) ?? [])} |`] : [])),
  ]
}

/**
 * @file The built-in kernels: the contract of each file of shaders/ with its CPU twin. Their WGSL is loaded by webgpu/code.ts.
 * Imported as `* as kernels`: a bundle has those that its ops launch.
 */

import type { Contract } from '../../core/contract.ts'
import type { KernelConsts, KernelName, KernelParams } from '../../core/contracts.generated.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import type { TypedKernel } from '../../core/launch.ts'
import * as twins from '../../cpu/twins.ts'

/** A contract with the names of its params and op codes. */
export type BuiltIn<K extends KernelName> = TypedKernel<KernelParams[K]> & { readonly consts: KernelConsts[K] }

function kernel<K extends KernelName>(
  contract: Contract & { readonly consts: KernelConsts[K] },
  cpu: Twin,
): BuiltIn<K> {
  return { ...contract, cpu }
}

export const adam = /* @__PURE__ */ kernel<'adam'>(shaders.adam, twins.adam)
export const attention = /* @__PURE__ */ kernel<'attention'>(shaders.attention, twins.attention)
export const attention_grad_kv = /* @__PURE__ */ kernel<'attention_grad_kv'>(
  shaders.attention_grad_kv,
  twins.attention_grad_kv,
)
export const attention_grad_q = /* @__PURE__ */ kernel<'attention_grad_q'>(
  shaders.attention_grad_q,
  twins.attention_grad_q,
)
export const conv2d = /* @__PURE__ */ kernel<'conv2d'>(shaders.conv2d, twins.conv2d)
export const conv2d_grad_weight = /* @__PURE__ */ kernel<'conv2d_grad_weight'>(
  shaders.conv2d_grad_weight,
  twins.conv2d_grad_weight,
)
export const copy = /* @__PURE__ */ kernel<'copy'>(shaders.copy, twins.copy)
export const cross_entropy = /* @__PURE__ */ kernel<'cross_entropy'>(shaders.cross_entropy, twins.cross_entropy)
export const cross_entropy_grad = /* @__PURE__ */ kernel<'cross_entropy_grad'>(
  shaders.cross_entropy_grad,
  twins.cross_entropy_grad,
)
export const dropout = /* @__PURE__ */ kernel<'dropout'>(shaders.dropout, twins.dropout)
export const extremum = /* @__PURE__ */ kernel<'extremum'>(shaders.extremum, twins.extremum)
export const fill = /* @__PURE__ */ kernel<'fill'>(shaders.fill, twins.fill)
export const flat_index = /* @__PURE__ */ kernel<'flat_index'>(shaders.flat_index, twins.flat_index)
export const fold = /* @__PURE__ */ kernel<'fold'>(shaders.fold, twins.fold)
export const gather = /* @__PURE__ */ kernel<'gather'>(shaders.gather, twins.gather)
export const gru_cell = /* @__PURE__ */ kernel<'gru_cell'>(shaders.gru_cell, twins.gru_cell)
export const gru_cell_grad = /* @__PURE__ */ kernel<'gru_cell_grad'>(shaders.gru_cell_grad, twins.gru_cell_grad)
export const last_index = /* @__PURE__ */ kernel<'last_index'>(shaders.last_index, twins.last_index)
export const lstm_cell = /* @__PURE__ */ kernel<'lstm_cell'>(shaders.lstm_cell, twins.lstm_cell)
export const lstm_cell_grad = /* @__PURE__ */ kernel<'lstm_cell_grad'>(shaders.lstm_cell_grad, twins.lstm_cell_grad)
export const matmul = /* @__PURE__ */ kernel<'matmul'>(shaders.matmul, twins.matmul)
export const norm = /* @__PURE__ */ kernel<'norm'>(shaders.norm, twins.norm)
export const norm_grad = /* @__PURE__ */ kernel<'norm_grad'>(shaders.norm_grad, twins.norm_grad)
export const pointwise = /* @__PURE__ */ kernel<'pointwise'>(shaders.pointwise, twins.pointwise)
export const pool = /* @__PURE__ */ kernel<'pool'>(shaders.pool, twins.pool)
export const pool_grad = /* @__PURE__ */ kernel<'pool_grad'>(shaders.pool_grad, twins.pool_grad)
export const random = /* @__PURE__ */ kernel<'random'>(shaders.random, twins.random)
export const reduce = /* @__PURE__ */ kernel<'reduce'>(shaders.reduce, twins.reduce)
export const scan = /* @__PURE__ */ kernel<'scan'>(shaders.scan, twins.scan)
export const scatter = /* @__PURE__ */ kernel<'scatter'>(shaders.scatter, twins.scatter)
export const search = /* @__PURE__ */ kernel<'search'>(shaders.search, twins.search)
export const sgd = /* @__PURE__ */ kernel<'sgd'>(shaders.sgd, twins.sgd)
export const softmax = /* @__PURE__ */ kernel<'softmax'>(shaders.softmax, twins.softmax)
export const sort = /* @__PURE__ */ kernel<'sort'>(shaders.sort, twins.sort)

/** Does not compile while a kernel of shaders/ has no line above. */
type None<T extends never> = T
export type Missing = None<Exclude<KernelName, keyof typeof import('./kernels.ts')>>

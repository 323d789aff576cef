/**
 * @file The built-in kernels: the contract of each file of shaders/ with its CPU twin. Their WGSL is loaded by webgpu/code.ts.
 * Imported as `* as kernels`: a bundle has those that its ops launch.
 */
import * as twins from '../cpu/twins.ts'
import type { Contract, Twin } from '../kernel.ts'
import type { TypedKernel } from '../op.ts'
import type { KernelConsts, KernelName, KernelParams } from '../shaders.generated.ts'
import * as shaders from '../shaders.generated.ts'

/** A contract with the names of its params and op codes. */
export type BuiltIn<K extends KernelName> = TypedKernel<KernelParams[K]> & { readonly consts: KernelConsts[K] }

function kernel<K extends KernelName>(
  contract: Contract & { readonly consts: KernelConsts[K] },
  cpu: Twin,
): BuiltIn<K> {
  return { ...contract, cpu }
}

export const adam = /* @__PURE__ */ kernel<'adam'>(shaders.adam, twins.adam)
export const copy = /* @__PURE__ */ kernel<'copy'>(shaders.copy, twins.copy)
export const cross_entropy = /* @__PURE__ */ kernel<'cross_entropy'>(shaders.cross_entropy, twins.cross_entropy)
export const cross_entropy_grad = /* @__PURE__ */ kernel<'cross_entropy_grad'>(
  shaders.cross_entropy_grad,
  twins.cross_entropy_grad,
)
export const extremum = /* @__PURE__ */ kernel<'extremum'>(shaders.extremum, twins.extremum)
export const fill = /* @__PURE__ */ kernel<'fill'>(shaders.fill, twins.fill)
export const gather = /* @__PURE__ */ kernel<'gather'>(shaders.gather, twins.gather)
export const matmul = /* @__PURE__ */ kernel<'matmul'>(shaders.matmul, twins.matmul)
export const pointwise = /* @__PURE__ */ kernel<'pointwise'>(shaders.pointwise, twins.pointwise)
export const random = /* @__PURE__ */ kernel<'random'>(shaders.random, twins.random)
export const reduce = /* @__PURE__ */ kernel<'reduce'>(shaders.reduce, twins.reduce)
export const scatter = /* @__PURE__ */ kernel<'scatter'>(shaders.scatter, twins.scatter)
export const sgd = /* @__PURE__ */ kernel<'sgd'>(shaders.sgd, twins.sgd)
export const softmax = /* @__PURE__ */ kernel<'softmax'>(shaders.softmax, twins.softmax)

/** Does not compile while a kernel of shaders/ has no line above. */
type None<T extends never> = T
export type Missing = None<Exclude<KernelName, keyof typeof import('./kernels.ts')>>

/** @file What is put back besides what has a state of its own: tensors, and gradients. */
import { gradOf, hasGrad, setGrad } from '../../autograd/backward.ts'
import { copyTo } from '../../core/launch.ts'
import { scope } from '../../core/scope.ts'
import { Tensor } from '../../core/tensor.ts'
import type { Stateful } from '../../io/index.ts'
import { Module } from '../../nn/index.ts'
import { held } from './figures.ts'

/** Tensors as a part that has a state. What stayed is left alone, since a backward that is to come may need it. */
export function partOf(tensors: readonly Tensor[]): Stateful {
  const versions = tensors.map((x) => x.storage.version)
  return {
    stateDict: () => tensors,
    loadStateDict(kept: unknown) {
      for (const [i, x] of tensors.entries()) {
        const before = (kept as Tensor[])[i] // the copies of stateDict's
        if (x.storage.version !== versions[i]) copyTo('inspect', x, x.layout, before, before.layout)
      }
    },
  }
}

/** Tensors of a loss that is a module, and those that optimizers change, which the model does not have. */
export function besides(model: Module, loss: unknown, optimizers: readonly unknown[]): Tensor[] {
  const known = new Set<Tensor>([...model.parameters(), ...model.buffers()])
  const all = optimizers.flatMap((one) => {
    const { params } = one as { params?: unknown }
    return Array.isArray(params) ? params.filter((x) => x instanceof Tensor) : []
  })
  if (loss instanceof Module) all.push(...loss.parameters(), ...loss.buffers())
  return [...new Set(all)].filter((x) => !known.has(x))
}

/** The gradients of leaves as they stood. */
export class Gradients {
  private readonly kept: readonly (readonly [leaf: Tensor, grad: Tensor | null])[]

  constructor(leaves: readonly Tensor[]) {
    this.kept = leaves.flatMap((x) => (x.edge ? [[x, hasGrad(x) ? scope(() => held(gradOf(x))) : null] as const] : []))
  }
  /** Put them back. */
  restore(): void {
    for (const [x, grad] of this.kept) setGrad(x, grad)
  }
  dispose(): void {
    for (const [, grad] of this.kept) grad?.dispose()
  }
}

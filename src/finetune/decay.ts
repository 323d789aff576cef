/** @file Which parameters weight decay draws to zero. */
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { Module } from '../nn/module.ts'

/** A group as AdamW, and other optimizers with weight decay, take it. */
export interface DecayGroup {
  readonly params: Tensor[]
  readonly weightDecay: number
}

/**
 * The parameters that train, in two groups: matrices and tables decay, biases and the scales of normalisations (what
 * has less than two axes) do not.
 *
 *     const optimizer = new optim.AdamW(finetune.decayGroups(gpt, 0.1), { lr: 3e-5 })
 *
 * @param weightDecay  of the first group, from 0 up
 * @returns the groups that are not empty
 * @throws HandgradError if `model` is not a module, none of its parameters trains, or weightDecay is below 0
 * @see Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"
 */
export function decayGroups(model: Module, weightDecay: number): DecayGroup[] {
  const op = 'decayGroups'
  if (!(model instanceof Module)) fail(op, `${describe(model)} is not a module`, 'give a model')
  if (!(Number.isFinite(weightDecay) && weightDecay >= 0))
    fail(op, `weightDecay is ${describe(weightDecay)}`, 'give a number from 0 up')
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
  if (trained.length === 0) fail(op, 'no parameter of the model trains', 'unfreeze some')
  const groups = [
    { params: trained.filter(({ ndim }) => ndim >= 2), weightDecay },
    { params: trained.filter(({ ndim }) => ndim < 2), weightDecay: 0 },
  ]
  return groups.filter(({ params }) => params.length > 0)
}

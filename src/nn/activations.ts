/** @file Activations: modules of one function each, the formulas in ops/elementwise. */
import type { Tensor } from '../core/tensor.ts'
import { relu, sigmoid, tanh } from '../ops/index.ts'
import { Module } from './module.ts'

/** y = max(x, 0). */
export class ReLU extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return relu(x)
  }
}

/** y = tanh x. */
export class Tanh extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

/** y = 1/(1 + e⁻ˣ). */
export class Sigmoid extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

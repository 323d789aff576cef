/** @file A small model with a loop written by hand: what memory and fault tests train, on any device. */
import { type Device, manualSeed, noGrad, type optim, randn, scope, type Tensor, tensor } from '../../src/index.ts'
import { crossEntropy } from '../../src/ops/loss/classification.ts'

export interface SmallMLP {
  readonly params: readonly Tensor[]
  /** The loss, with its graph. */
  forward(): Tensor
  /** A step of gradient descent, written by hand. */
  step(lr?: number): Tensor
  dispose(): void
}

/** Features–hidden–classes with tanh, on random data that stays the same. Everything is drawn from `seed`. */
export function smallMLP(
  device: Device,
  options: { seed?: number; sizes?: readonly [number, number, number]; batch?: number } = {},
): SmallMLP {
  const { seed = 1, sizes: [features, hidden, classes] = [6, 8, 3], batch = 10 } = options
  manualSeed(seed)
  const leaf = (rows: number, cols: number) => scope(() => randn([rows, cols], { device }).mul(0.5)).requiresGrad_()
  const x = randn([batch, features], { device })
  const labels = tensor(
    Int32Array.from({ length: batch }, (_, i) => i % classes),
    { device },
  )
  const params = [leaf(features, hidden), leaf(1, hidden), leaf(hidden, classes), leaf(1, classes)]
  const [w1, b1, w2, b2] = params
  const forward = () => crossEntropy(x.matmul(w1).add(b1).tanh().matmul(w2).add(b2), labels)
  return {
    params,
    forward,
    step(lr = 0.1) {
      const loss = forward()
      loss.backward()
      noGrad(() => {
        for (const p of params) p.sub_(p.grad.mul(lr))
      })
      for (const p of params) p.zeroGrad()
      return loss
    },
    dispose() {
      for (const t of [x, labels, ...params]) t.dispose()
    },
  }
}

/** The same with a fused optimizer of the library. */
export function optimised(model: SmallMLP, optimizer: optim.Optimizer): () => Tensor {
  return () => {
    optimizer.zeroGrad()
    const loss = model.forward()
    loss.backward()
    optimizer.step()
    return loss
  }
}

/** @file One fault for each finding, put into a program that learns. */
import { type Device, gt, keep, nn, noGrad, optim, randn, scope, type Tensor } from '../../../src/index.ts'
import type { FindingCode } from '../../../src/inspect/index.ts'
import { healthy, type Program, perceptron, sgd } from './programs.ts'

const { crossEntropy, dropout, softmax } = nn.functional

const base = (device: Device, seed: number): Program => healthy['a perceptron of ReLUs, by SGD'](device, seed)

/** The program with other options. */
const withOptions =
  (change: (program: Program) => Partial<Program['options']>) =>
  (device: Device, seed: number): Program => {
    const program = base(device, seed)
    return { model: program.model, options: { ...program.options, ...change(program) } }
  }
/** The program with batches that are changed. */
const withBatches = (change: (x: Tensor, y: Tensor) => [Tensor, Tensor]) =>
  withOptions(({ options }) => ({
    loader: (options.loader as [Tensor, Tensor][]).map(([x, y]) => keep(scope(() => change(x, y)))),
  }))
/** Weights of the layers are changed in place. */
function scaled(model: nn.Module, factor: number): void {
  noGrad(() =>
    scope(() => {
      for (const w of model.parameters()) if (w.ndim > 1) w.mul_(factor)
    }),
  )
}
/** A deep net; `factor` spoils its weights. */
const deep =
  (activation: () => nn.Layer, factor: number, lr = 0.05) =>
  (device: Device, seed: number): Program => {
    const program = base(device, seed)
    const model = perceptron(device, [8, ...new Array<number>(9).fill(24), 4], activation)
    scaled(model, factor)
    return { model, options: { ...program.options, optimizer: sgd(lr)(model) } }
  }
const setBiases = (model: nn.Module, value: number): void =>
  void noGrad(() => scope(() => model.parameters().forEach((w) => w.ndim === 1 && w.shape[0] > 4 && w.fill_(value))))

/** Targets that are numbers, [n] beside predictions [n, 1]. */
const regression = (device: Device, seed: number) => {
  const program = base(device, seed)
  const model = perceptron(device, [8, 16, 1])
  const loader = (program.options.loader as [Tensor, Tensor][]).map(([x]) => {
    return [x, keep(scope(() => x.sum(1).tanh()))] as const
  })
  return { model, loader }
}

class Evaluated extends nn.Module {
  body: nn.Sequential
  constructor(device: Device) {
    super()
    this.body = perceptron(device, [8, 16, 4])
  }
  forward(x: Tensor): Tensor {
    return dropout(this.body.forward(x), { p: 0.3 })
  }
}

class Normalised extends nn.Module {
  body: nn.Sequential
  constructor(device: Device) {
    super()
    this.body = perceptron(device, [8, 16, 4])
  }
  forward(x: Tensor): Tensor {
    const y = this.body.forward(x)
    return y.sub(y.mean(0)).div(y.var(0).add(1e-5).sqrt())
  }
}

class Spare extends nn.Module {
  body: nn.Sequential
  spare: nn.Linear
  constructor(device: Device) {
    super()
    this.body = perceptron(device, [8, 16, 4])
    this.spare = new nn.Linear(8, 4, { device })
  }
  forward(x: Tensor): Tensor {
    return this.body.forward(x)
  }
}

class Gated extends nn.Module {
  body: nn.Sequential
  gate: nn.Linear
  constructor(device: Device) {
    super()
    this.body = perceptron(device, [8, 16, 4])
    this.gate = new nn.Linear(8, 4, { device })
  }
  forward(x: Tensor): Tensor {
    return this.body.forward(x).add(this.gate.forward(x).mul(0))
  }
}

/** A ReLU that lets a tenth of the gradient through. */
class Detached extends nn.Module {
  forward(x: Tensor): Tensor {
    const y = x.relu()
    return y.mul(0.1).add(y.detach().mul(0.9))
  }
}

/** A ReLU whose gradient is five times too large. */
class Amplified extends nn.Module {
  forward(x: Tensor): Tensor {
    const y = x.relu()
    return y.mul(5).sub(y.detach().mul(4))
  }
}

/** √ of what is below 0 now and then, in a module of its own. */
class Root extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.sqrt()
  }
}

const replaced = (
  device: Device,
  seed: number,
  model: nn.Sequential | Evaluated | Normalised | Spare | Gated,
): Program => ({
  model,
  options: { ...base(device, seed).options, optimizer: sgd(0.1)(model) },
})

/**
 * By what is to be found first: programs with that fault, and what stands under it: for all seeds, or for each from 1
 * on where chance decides what comes of a fault; nothing where it is left out.
 */
export const broken: readonly (readonly [
  code: FindingCode,
  what: string,
  make: (device: Device, seed: number) => Program,
  follows?: string | readonly string[],
])[] = [
  ['labelOffByOne', 'labels from 1', withBatches((x, y) => [x, y.add(1)])],
  ['labelOutOfRange', 'a label beyond the classes', withBatches((x, y) => [x, y.mul(3)])],
  [
    'inputsUnscaled',
    'pixels up to 255',
    withBatches((x, y) => [x.mul(60).add(128).clamp(0, 255), y]),
    [
      'explodingActivations, deadReLU × 2, vanishingActivations, zeroGradient',
      'deadReLU',
      'explodingActivations, deadReLU × 2, vanishingActivations, zeroGradient',
      'explodingActivations, deadReLU × 2, vanishingActivations, zeroGradient',
      'explodingActivations, deadReLU × 2, vanishingActivations, zeroGradient',
    ],
  ],
  [
    'leak',
    'validation rows of the training data',
    withOptions(({ options }) => {
      const [[x, y]] = options.loader as [Tensor, Tensor][]
      const fresh = keep(scope(() => randn([30, 8], { device: x.device })))
      return {
        validation: [
          [fresh, fresh],
          [x, y],
        ],
      }
    }),
  ],
  [
    'batchesNotShuffled',
    'batches by class',
    withOptions(({ options }) => ({
      loader: (options.loader as [Tensor, Tensor][]).map(([x, y], i) => [x, keep(scope(() => y.mul(0).add(i >> 1)))]),
    })),
  ],
  [
    'neverOptimized',
    'an optimizer of the first layer alone',
    withOptions(({ model }) => ({ optimizer: new optim.SGD(model.parameters().slice(0, 2), { lr: 0.1 }) })),
  ],
  [
    'neverOptimized',
    'the optimizer of another model',
    withOptions(() => ({ optimizer: sgd(0.1)(new nn.Linear(8, 4)) })),
  ],
  ['neverUsed', 'a layer that forward forgot', (device, seed) => replaced(device, seed, new Spare(device))],
  [
    'zeroGradient',
    'a layer whose output is multiplied by 0',
    (device, seed) => replaced(device, seed, new Gated(device)),
  ],
  [
    'zeroGradForgotten',
    'a loop without zeroGrad',
    withOptions(({ model, options }) => ({
      step: ([x, y]) =>
        scope(() => {
          const loss = crossEntropy(model.forward(x), y)
          loss.backward()
          options.optimizer.step()
          return loss
        }),
    })),
  ],
  [
    'lossClipped',
    'a loss that is clamped below what it is',
    withOptions(() => ({ loss: (y: Tensor, target: Tensor) => crossEntropy(y, target).clamp(0, 0.1) })),
    'zeroGradient',
  ],
  [
    'lossClipped',
    'a loss of classes',
    withOptions(() => ({ loss: (y: Tensor, target: Tensor) => y.argmax(1).ne(target).to('float32').mean() })),
    'neverUsed',
  ],
  [
    'softmaxTwice',
    'a softmax before cross-entropy',
    (device, seed) => replaced(device, seed, new nn.Sequential(perceptron(device, [8, 16, 4]), new nn.Softmax(1))),
  ],
  [
    'softmaxTwice',
    'a softmax before softmax',
    withOptions(() => ({
      loss: (y: Tensor, target: Tensor) => nn.functional.nllLoss(softmax(softmax(y, 1), 1).log(), target),
    })),
  ],
  [
    'batchPairs',
    'predictions [n, 1] and targets [n]',
    (device, seed) => {
      const { model, loader } = regression(device, seed)
      const loss = (y: Tensor, target: Tensor) => y.sub(target).square().mean()
      return { model, options: { loss, optimizer: sgd(0.1)(model), loader } }
    },
  ],
  [
    'batchCounted',
    'the sum of the losses of a batch, at the rate of a mean',
    withOptions(({ model }) => ({
      loss: (y: Tensor, target: Tensor) => crossEntropy(y, target, { reduction: 'sum' }),
      optimizer: sgd(0.5)(model),
    })),
    [
      'explodingActivations, learningRateTooLarge, updateTooLarge × 3',
      'explodingActivations, deadReLU, learningRateTooLarge, zeroGradient, updateTooLarge × 3',
      'explodingActivations, deadReLU, learningRateTooLarge, zeroGradient, updateTooLarge × 3',
      'explodingActivations, deadReLU, learningRateTooLarge, zeroGradient, updateTooLarge × 3',
      'explodingActivations, deadReLU, learningRateTooLarge, updateTooLarge × 3',
    ],
  ],
  [
    'batchCounted',
    'a mean that is divided again',
    withOptions(() => ({ loss: (y: Tensor, target: Tensor) => crossEntropy(y, target).div(target.shape[0]) })),
  ],
  [
    'dropoutInEvaluation',
    'dropout that does not ask for the mode',
    (device, seed) => replaced(device, seed, new Evaluated(device)),
  ],
  [
    'dropoutInEvaluation',
    'an evaluation without eval()',
    (device, seed) => {
      const program = healthy['a perceptron with dropout and batch normalisation, by Adam'](device, seed)
      return { ...program, options: { ...program.options, evaluate: (x) => program.model.forward(x) } }
    },
  ],
  [
    'batchStatisticsInEvaluation',
    'an evaluation without eval()',
    (device, seed) => {
      const model = new nn.Sequential(
        new nn.Linear(8, 16, { device }),
        new nn.BatchNorm1d(16, { device }),
        new nn.ReLU(),
        new nn.Linear(16, 4, { device }),
      )
      const program = replaced(device, seed, model)
      return { ...program, options: { ...program.options, evaluate: (x) => model.forward(x) } }
    },
  ],
  [
    'batchStatisticsInEvaluation',
    'a mean over the batch in forward',
    (device, seed) => replaced(device, seed, new Normalised(device)),
  ],
  [
    'explodingActivations',
    'weights five times too large in a deep net',
    deep(() => new nn.ReLU(), 5),
    'explodingGradients, notFinite',
  ],
  [
    'vanishingActivations',
    'weights twenty times too small in a deep net',
    deep(() => new nn.Tanh(), 0.05),
    'vanishingGradients',
  ],
  [
    'deadReLU',
    'biases far below 0',
    (device, seed) => {
      const program = base(device, seed)
      setBiases(program.model, -30)
      return program
    },
    'deadReLU, vanishingActivations, zeroGradient',
  ],
  [
    'saturated',
    'weights fifty times too large before tanh',
    (device, seed) => {
      const program = healthy['a perceptron of tanh, by SGD with momentum'](device, seed)
      noGrad(() => scope(() => void program.model.parameters()[0].mul_(50)))
      return program
    },
  ],
  [
    'learningRateTooLarge',
    'a rate of 100',
    withOptions(({ model }) => ({ optimizer: sgd(100)(model) })),
    [
      'explodingActivations, deadReLU, explodingGradients, updateTooLarge × 3',
      'explodingActivations, deadReLU, updateTooLarge × 3',
      'updateTooLarge × 3, notFinite',
      'explodingActivations, deadReLU, explodingGradients, updateTooLarge × 3',
      'explodingActivations, deadReLU, zeroGradient, updateTooLarge × 3',
    ],
  ],
  [
    'learningRateTooSmall',
    'a rate of 1e-6',
    withOptions(({ model }) => ({ optimizer: sgd(1e-6)(model) })),
    'updateTooSmall × 3',
  ],
  [
    'vanishingActivations',
    'sigmoids, one after the other',
    deep(() => new nn.Sigmoid(), 0.5),
    'vanishingGradients, updateTooSmall × 2',
  ],
  [
    'vanishingGradients',
    'values that pass by detach() for the most part',
    deep(() => new Detached(), 1),
    'updateTooSmall × 3',
  ],
  [
    'explodingGradients',
    'values whose gradient is multiplied',
    deep(() => new Amplified(), 1, 0.01),
    'learningRateTooLarge, updateTooLarge × 10, notFinite',
  ],
  [
    'updateTooLarge',
    'a layer with a rate of its own, far too large',
    withOptions(({ model }) => {
      const [w, b, ...rest] = model.parameters()
      return { optimizer: new optim.SGD([{ params: [w, b], lr: 1000 }, { params: rest }], { lr: 0.1 }) }
    }),
    [
      'explodingActivations',
      'explodingActivations',
      'explodingActivations, deadReLU',
      'explodingActivations, deadReLU',
      'explodingActivations, deadReLU, zeroGradient',
    ],
  ],
  [
    'updateTooSmall',
    'a layer with a rate of its own, far too small',
    withOptions(({ model }) => {
      const [w, b, ...rest] = model.parameters()
      return { optimizer: new optim.SGD([{ params: [w, b], lr: 1e-8 }, { params: rest }], { lr: 0.1 }) }
    }),
  ],
  [
    'notFinite',
    'a root of what is below 0',
    (device, seed) =>
      replaced(
        device,
        seed,
        new nn.Sequential(new nn.Linear(8, 16, { device }), new Root(), new nn.Linear(16, 4, { device })),
      ),
  ],
  [
    'notFinite',
    'a logarithm of 0 in the loss',
    withOptions(() => ({
      loss: (y: Tensor, target: Tensor) => crossEntropy(y, target).add(gt(y, 1e9).to('float32').mean().log().mul(0)),
    })),
  ],
]

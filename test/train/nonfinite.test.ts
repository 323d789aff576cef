/** @file A loss that is not finite ends a training, and the error says where it began. */
import { expect, test } from 'vitest'
import { CpuDevice, manualSeed, nn, optim, type Tensor, tensor, train } from '../../src/index.ts'
import { rows } from '../support/training.ts'

/** √x of the sum of each row: no number below 0, and no finite gradient at 0. */
class Root extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.sum(1).sqrt()
  }
}
class Square extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.mul(x)
  }
}

const net = () => {
  manualSeed(1)
  return new nn.Sequential(new nn.Linear(2, 3), new Square(), new nn.Dropout(0.1), new Root())
}

/** What `fit` says. `at` is the row, of 40 batches, that is replaced. */
async function refusal(row: number[], at: number, options: object = {}, model: nn.Sequential = net()): Promise<string> {
  const batches: (readonly [Tensor, Tensor])[] = rows(new Array(40).fill(1))
  batches[at] = [tensor([row]), tensor([3])]
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 })
  const all = { train: batches, loss: nn.functional.mseLoss, optimizer, epochs: 2, progress: false, ...options }
  return train.fit(model, all).then(
    () => 'nothing',
    (error: Error) => error.message,
  )
}

test('the step, its batch and rate are named, and the op whose result is not finite, with its module and line', async () => {
  expect(await refusal([1e30, 1], 24)).toMatch(
    new RegExp(
      '^fit: the loss is Infinity at step 25, batch 25 of epoch 1, learning rate 0.01; mul in 1 \\(Square\\), at \\S*' +
        'nonfinite\\.test\\.ts:14:14, gives Infinity at \\[0, 0\\] of a = -8.45853e\\+29, b = -8.45853e\\+29 ' +
        '\\(try a smaller learning rate, clip: \\{ norm: 1 \\}, or look at the data\\)$',
    ),
  )
  expect(await refusal([Number.NaN, 1], 7, { accumulate: 2 })).toContain(
    'the loss is NaN at step 4, batch 8 of epoch 1, learning rate 0.01; input 0 of the batch is NaN at [0, 0] from the beginning',
  )
  expect(await refusal([1e30, 1], 24, { findNaN: false })).toContain('; findNaN: true would say in which op it began')
})

test('a gradient that is not finite is found at its own step, which comes before the loss that shows it', async () => {
  const model = new nn.Sequential(new nn.Linear(2, 3, { bias: false }), new Square(), new Root())
  // The sum of squares is 0: √ has a loss, and no gradient.
  expect(await refusal([0, 0], 5, {}, model)).toMatch(
    new RegExp(
      'the loss is NaN at step 7, batch 7 of epoch 1, learning rate 0.01; the gradient of sqrt in 2 \\(Root\\), at \\S*' +
        'nonfinite\\.test\\.ts:9:21, gives -Infinity at \\[0\\] of a = -6, b = 0, at step 6 before',
    ),
  )
})

test('the loss function is named where all outputs are finite', async () => {
  const loss = (y: Tensor, target: Tensor) => y.sub(target).mean().log()
  const model = new nn.Linear(2, 3)
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const device = new CpuDevice()
  const batches = [[tensor([[1, 1]], { device }), tensor([[100, 100, 100]], { device })]]
  await expect(train.fit(model, { train: batches, loss, optimizer, device, progress: false })).rejects.toThrow(
    /the loss is NaN at step 1, batch 1 of epoch 1, learning rate 0.1; log at \S*:\d+:\d+, gives NaN of x = -100.5/,
  )
})

/** @file What `detectAnomaly` finds, case by case: each gives what differs from what is expected. */
import { readFileSync } from 'node:fs'
import {
  type Device,
  getRandomState,
  inspect,
  manualSeed,
  nn,
  noGrad,
  optim,
  scope,
  type Tensor,
  tensor,
} from '../../../src/index.ts'

/** Where the module below takes the root. */
const line = String(
  readFileSync(new URL(import.meta.url), 'utf8')
    .split('\n')
    .indexOf('    return x.sqrt()') + 1,
)

export interface AnomalyCase {
  readonly name: string
  run(device: Device): Promise<string[]>
}

class Root extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.sqrt()
  }
}

/** The error of the step in which one is thrown, with what differs from `wanted`. */
async function refused(
  device: Device,
  wanted: { message: RegExp; step: number } & Partial<inspect.Anomaly>,
  rows: readonly number[][],
  { forward, lr = 0.1 }: { forward: (model: nn.Sequential, x: Tensor) => Tensor; lr?: number },
): Promise<string[]> {
  manualSeed(3)
  const model = new nn.Sequential(new nn.Linear(2, 2, { bias: false, device }), new Root(), new nn.Dropout(0.1))
  noGrad(() =>
    scope(
      () =>
        void (model.layers[0] as nn.Linear).weight.copy_(
          tensor(
            [
              [1, 0],
              [0, 1],
            ],
            { device },
          ),
        ),
    ),
  )
  const optimizer = new optim.SGD(model.parameters(), { lr, momentum: 0.9 })
  const checked = inspect.detectAnomaly(model, { parts: [optimizer] })
  const batches = rows.map((row) => tensor([row, row], { device }))
  const states = () => Promise.all([...model.parameters()].map((w) => w.array()))
  for (const [i, x] of batches.entries()) {
    const [weights, random] = [await states(), getRandomState()]
    try {
      await checked(() =>
        scope(() => {
          optimizer.zeroGrad()
          const loss = forward(model, x)
          loss.backward()
          optimizer.step()
          return loss
        }),
      )
    } catch (error) {
      const { message, anomaly } = error as inspect.AnomalyError
      const { message: text, ...numbers } = wanted
      const differing = Object.entries(numbers).flatMap(([name, value]) => {
        const got = JSON.stringify(anomaly[name as keyof inspect.Anomaly])
        return got === JSON.stringify(value) ? [] : [`${name}: ${got}`]
      })
      if (!new RegExp(text.source.replace('LINE', line)).test(message)) differing.push(message)
      if (JSON.stringify(await states()) !== JSON.stringify(weights)) differing.push('the weights are not put back')
      if (JSON.stringify(getRandomState()) !== JSON.stringify(random)) differing.push('random numbers are not put back')
      if (anomaly.step !== i + 1) differing.push(`step ${anomaly.step}`)
      return differing
    }
  }
  return ['no error']
}

const sum = (model: nn.Sequential, x: Tensor): Tensor => model.forward(x).sum()

export const anomalies: readonly AnomalyCase[] = [
  {
    name: 'a root of what is below 0, in the third step',
    run: (device) =>
      refused(
        device,
        {
          message:
            /^detectAnomaly: sqrt in 1 \(Root\), at \S*anomalies\.ts:LINE:14, gives NaN at \[0, 1\] of x = -2, in step 3 \(keep/,
          step: 3,
          op: 'sqrt',
          gradient: false,
          where: '1 (Root)',
          index: [0, 1],
          inputs: [{ name: 'x', shape: [2, 2], value: -2, range: [-2, 4] }],
        },
        [
          [4, 9],
          [1, 4],
          [4, -2],
        ],
        { forward: sum, lr: 1e-30 },
      ),
  },
  {
    name: 'a gradient of a root at 0, whose value is finite',
    run: (device) =>
      refused(
        device,
        {
          message:
            /^detectAnomaly: the gradient of sqrt in 1 \(Root\), at \S*anomalies\.ts:LINE:14, gives Infinity at \[0, 0\] of /,
          step: 1,
          gradient: true,
          op: 'sqrt',
        },
        [[0, 9]],
        { forward: sum },
      ),
  },
  {
    name: 'a logarithm of 0 in the loss, whose ∞ becomes NaN later; a mask of −∞ is let be',
    run: (device) =>
      refused(
        device,
        {
          message: /^detectAnomaly: log at \S*anomalies\.ts:\d+:\d+, gives -Infinity of x = 0, in step 2/,
          step: 2,
          op: 'log',
          where: '',
        },
        [
          [4, 9],
          [0.25, 9],
        ],
        {
          lr: 1e-30,
          forward: (model, x) => {
            const masked = x.maskedFill(x.gt(5), Number.NEGATIVE_INFINITY).softmax(1).sum()
            const zero = x.select(1, 0).gt(1).to('float32').mean()
            return model.forward(x).sum().add(masked.mul(0)).add(zero.log().mul(0))
          },
        },
      ),
  },
  {
    name: 'what was not finite before the step',
    run: (device) =>
      refused(
        device,
        {
          message: /^detectAnomaly: a constant 2 × 2 is NaN at \[0, 0\] from the beginning, in step 1/,
          step: 1,
          op: '',
        },
        [[Number.NaN, 1]],
        { forward: sum },
      ),
  },
]

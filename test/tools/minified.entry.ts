/** @file What a page does whose bundle is minified: bundled by minified.test.ts, as it is and minified. */
import { CpuDevice, inspect, keep, manualSeed, nn, noGrad, optim, randn, type Tensor, tensor } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'

const device = new CpuDevice()

/** Measures of all classes; of one, what saved the state under a name of its own. */
export const measures = () =>
  Object.entries(metrics).flatMap(([name, one]) =>
    typeof one === 'function' && 'loadStateDict' in (one.prototype ?? {})
      ? [[name, new (one as new () => metrics.Accuracy)()] as const]
      : [],
  )

/** Schedules with their states. */
export function schedules() {
  const optimizer = new optim.SGD([nn.parameter(tensor([1], { device }))], { lr: 0.1 })
  return [
    new optim.StepLR(optimizer, { stepSize: 3 }),
    new optim.CosineAnnealingLR(optimizer, { tMax: 9 }),
    new optim.ReduceLROnPlateau(optimizer),
  ]
}

/** Layers of channels before ReLUs, a normalisation of raw pixels, and batch statistics in evaluation. */
export async function findings(): Promise<string[]> {
  manualSeed(3)
  const conv = new nn.Conv1d(2, 24, 3, { device })
  const model = new nn.Sequential(
    new nn.BatchNorm1d(2, { device }),
    conv,
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(144, 3, { device }),
  )
  const bias = conv.bias as Tensor
  // Twenty of 24 channels are 0 for every sample, at every place.
  const off = Array.from({ length: 24 }, (_, i) => (i < 20 ? -90 : 0))
  noGrad(() => void bias.copy_(tensor(off, { device })))
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 })
  const loader = Array.from({ length: 3 }, () => [
    keep(randn([9, 2, 8], { device }).mul(60).add(100)),
    keep(tensor(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2), { device })),
  ])
  const evaluate = (x: Tensor) => model.forward(x)
  const options = { loss: nn.functional.crossEntropy, optimizer, loader, steps: 3, evaluate }
  const { findings } = await inspect.diagnose(model, options)
  return findings.flatMap(({ code, numbers, consequences }) => [
    `${code} ${numbers.dead ?? ''}/${numbers.units ?? ''}`,
    ...consequences.map((one) => `  ${one.code}`),
  ])
}

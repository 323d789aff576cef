/** @file T20: numeric perturbation against backprop, its error over the step in float32 and float64. */
import { main } from '../../../examples/questions/perturb.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/perturb.ts',
  reaches: 'the error of a numeric gradient falls with h and h², then rises as 1/h; its best h is where theory has it',
  main,
  goals: ({ curves, best }, _, device) => {
    const of = (name: string) => curves.find((curve) => curve.name === name)?.y ?? []
    /** Decades that the error falls from one h to the next. */
    const falls = (y: number[], i: number) => Math.log10(y[i] / y[i + 1])
    const single = {
      'float32: central differences end near 4e-5, forward near 5e-4':
        Math.min(...of('central, float32')) < 4e-4 && Math.min(...of('forward, float32')) < 4e-3,
      'float32: at h = 1e-6 the gradient is off by a tenth at least':
        of('forward, float32')[5] > 0.1 && of('central, float32')[5] > 0.05,
      'the best h is within a factor of ten of theory': best.every(
        ({ h, theory }) => Math.abs(Math.log10(h / theory)) < 1.1,
      ),
      'central is better than forward': best.every(({ error }, i) => i % 2 === 0 || error < best[i - 1].error),
    }
    if (device.kind !== 'cpu') return single
    const [forward, central] = [of('forward, float64'), of('central, float64')]
    return {
      ...single,
      'forward: error ∝ h from 1e-1 to 1e-6': [0, 1, 2, 3, 4].every((i) => Math.abs(falls(forward, i) - 1) < 0.1),
      'central: error ∝ h² from 1e-1 to 1e-4': [0, 1, 2].every((i) => Math.abs(falls(central, i) - 2) < 0.1),
      'rounding: error ∝ 1/h from 1e-8 to 1e-13': Math.abs(Math.log10(forward[12] / forward[7]) - 5) < 0.7,
      'backprop is at least as exact as the best: 1e-9': Math.min(...central) < 1e-9,
    }
  },
  says: ({ best }) => best.map(({ name, h, error }) => `${name}: ${error.toExponential(0)} at ${h}`).join('; '),
})

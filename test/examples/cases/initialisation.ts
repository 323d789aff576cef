/** @file T6: the scale of signals and gradients in deep networks, against its formula. */
import { main } from '../../../examples/initialisation.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'initialisation.ts',
  reaches: 'the factor of each layer is that of the formula, for Xavier and He, ReLU and tanh, forward and backward',
  main,
  // The mean over layers strays by less than that of a single one: a few narrow networks will do for it.
  small: { steps: 1 },
  full: { width: 512, steps: 20 },
  goals: (results, size) => {
    const of = (name: string) => {
      const found = results.find((one) => one.name === name)
      if (!found) throw new Error(`no ${name}`)
      return found
    }
    const both = results.flatMap(({ signal, gradient }) => [signal, gradient])
    const last = (list: readonly number[]): number => list[list.length - 1]
    return {
      'the mean factor is within 4 % of the formula': both.every(
        ({ found, wanted }) => Math.abs(found / wanted - 1) < 0.04,
      ),
      'at full size that of every layer within 10 %': size !== 'full' || both.every(({ farthest }) => farthest < 0.1),
      // What the formulas come to by hand: ReLU √(σ²/2); tanh by its integral.
      'ReLU: ½, 2, √½, 1': ['ReLU, ½·He', 'ReLU, 2·He', 'ReLU, Xavier', 'ReLU, He'].every((name, i) => {
        const { signal, gradient } = of(name)
        const wanted = [0.5, 2, Math.SQRT1_2, 1][i]
        return [signal, gradient].every((r) => Math.abs(r.wanted - wanted) < 1e-9)
      }),
      'tanh with Xavier: E[tanh²Z] = 0.394 after the first layer':
        Math.abs(of('tanh, Xavier').signal.theory[1] ** 2 - 0.3943) < 1e-4,
      'half of He vanishes, signal and gradient':
        last(of('ReLU, ½·He').signal.scales) < 1e-13 && of('ReLU, ½·He').gradient.scales[0] < 1e-13,
      'twice He explodes': last(of('ReLU, 2·He').signal.scales) > 1e13 && of('ReLU, 2·He').gradient.scales[0] > 1e13,
      'Xavier vanishes under ReLU': last(of('ReLU, Xavier').signal.scales) < 1e-6,
      'He cures it': ['signal', 'gradient'].every((way) => {
        const r = of('ReLU, He')[way as 'signal' | 'gradient'].scales
        return r.every((v) => v > 0.1 && v < 10)
      }),
      'tanh keeps its signal with He': last(of('tanh, He').signal.scales) > 0.5,
      'and its gradient grows': of('tanh, He').gradient.scales[0] > 3,
    }
  },
  says: (results) => {
    const off = Math.max(...results.flatMap(({ signal, gradient }) => [signal.farthest, gradient.farthest]))
    return `no layer's factor is farther than ${(100 * off).toFixed(1)} % from the formula`
  },
  pictures: ['initialisation-gradient'],
})

/** @file T10: the gradient through time of chains, beside what theory says of it. */
import { main } from '../../../examples/recurrent.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'recurrent.ts',
  reaches: 'a normal linear chain falls by its spectral radius per step, tanh stays under the largest singular value',
  main,
  goals: ({ chains: [falling, growing, sheared, bent] }, _size, device) => {
    const near = device.kind === 'cpu' ? 1e-6 : 1e-4
    const late = (factors: number[]): number[] => factors.slice(-10)
    return {
      'W is normal, but for the third': [falling, growing, sheared, bent].every(
        ({ off }, i) => off > 0.1 === (i === 2) && (i === 2 || off < 1e-5),
      ),
      'σmax of a normal W is its spectral radius': [0.9, 1.1, 0, 1.1].every(
        (radius, i) => i === 2 || Math.abs([falling, growing, sheared, bent][i].sigma - radius) < near,
      ),
      'ρ = 0.9: late factors are 0.9': late(falling.factors).every((f) => Math.abs(f - 0.9) < near),
      'ρ = 1.1: late factors are 1.1': late(growing.factors).every((f) => Math.abs(f - 1.1) < near),
      'no factor of a normal linear chain is over ρ':
        Math.max(...falling.factors) < 0.9 + near && Math.max(...growing.factors) < 1.1 + near,
      'one that is not normal grows first, and falls by 0.9 late':
        Math.max(...sheared.factors) > 1.1 && late(sheared.factors).every((f) => Math.abs(f - 0.9) < 1e-3),
      'every factor of tanh is under σmax': Math.max(...bent.factors) < bent.sigma,
      'tanh vanishes where the linear chain grows':
        bent.norms[40] < 1e-3 * bent.norms[0] && growing.norms[40] > growing.norms[0],
    }
  },
  says: ({ chains: [falling, growing] }) =>
    `factor per step ${falling.factors[39].toFixed(4)} of ρ = 0.9, ${growing.factors[39].toFixed(4)} of ρ = 1.1`,
})

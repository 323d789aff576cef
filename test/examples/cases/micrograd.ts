/** @file T0: the expression of micrograd's README. */
import { main } from '../../../examples/micrograd.ts'
import { example } from '../example.ts'

const near = (value: number, wanted: number): boolean => Math.abs(value - wanted) < 5e-4

export const one = example({
  file: 'micrograd.ts',
  reaches: "micrograd's expression has the value and the gradients of its README",
  main,
  goals: ({ g, da, db, nodes, dot, svg }) => ({
    'g = 24.7041': near(g, 24.7041),
    '∂g/∂a = 138.8338': near(da, 138.8338),
    '∂g/∂b = 645.5773': near(db, 645.5773),
    '27 nodes': nodes === 27,
    'every name is in both drawings': [...'abcdefg'].every((name) => dot.includes(`[label="${name}`)),
    'value and gradients are in both drawings': ['24.7041', '138.834', '645.577'].every(
      (text) => dot.includes(text) && svg.includes(text),
    ),
  }),
  says: ({ g, da, db }) => `g ${g.toFixed(4)}, ∂g/∂a ${da.toFixed(4)}, ∂g/∂b ${db.toFixed(4)}`,
})

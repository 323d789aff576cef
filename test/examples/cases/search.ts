/** @file T20: hyper-parameter search, a grid against random points at the same price, ten of each. */
import { main } from '../../../examples/questions/search.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/search.ts',
  reaches: 'random points find a good learning rate more often than a grid of the same price, as theory has it',
  main,
  goals: ({ grid, random, chances, share, hits }) => ({
    'the good rates are a small part of what is searched': share > 0.02 && share < 0.15,
    'theory: random points have twice the chance of a grid': chances.random > 2 * chances.grid,
    'random searches hit them at least three times as often': hits[1] >= 3 * hits[0] && hits[1] >= 5,
    'their median is lower, in validation and on test data':
      random[5].validation < grid[5].validation && random[5].test < grid[5].test,
    'one search says little: luck spreads the winners by a fifth at least': [grid, random].every(
      (ones) => ones[9].validation > 1.2 * ones[0].validation,
    ),
  }),
  says: ({ hits }) => `${hits[0]} of 10 grids and ${hits[1]} of 10 random searches find a good rate`,
})

/** @file Rows of ops that join, cut, turn and repeat under names of their own. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { bools, ints, normal } from '../../inputs.ts'
import { type Case, movement, type OpName, type Row } from '../../row.ts'

type Join = (xs: readonly Tensor[]) => Tensor

const joins = (f: Join, along: number): Row => {
  const of = (...shapes: number[][]): Case => ({ x: shapes.map((shape) => normal(...shape)), f: (...x) => f(x) })
  /** Two shapes that differ in one axis. */
  const grown = (...shape: number[]) => [shape, shape.map((n, d) => (d === along ? n + 2 : n))]
  return movement([
    of([3, 5], [3, 5]),
    of([4], [4]),
    of([], []),
    of(...grown(2, 3, 4)),
    of(...grown(2, 1, 3, 1, 2)),
    of([1]),
    of([0, 3, 2], [0, 3, 2]),
    { x: [ints(0, 9, 2, 3), ints(0, 9, 2, 3), ints(0, 9, 2, 3)], f: (...x) => f(x) },
    { x: [bools(4), bools(4)], f: (...x) => f(x) },
    { ...of([70_001], [70_001]), forward: true, note: 'large' },
  ])
}

const turned = (f: (x: Tensor) => Tensor): Case[] => [
  { x: [normal(3, 5)], f },
  { x: [normal(2, 3, 2, 2, 3)], f },
  { x: [normal(1, 1)], f },
  { x: [normal(0, 3)], f },
  { x: [ints(0, 9, 3, 2)], f },
  { x: [bools(2, 2)], f },
  { x: [normal(260, 260)], f: (x) => ops.clone(f(x)), forward: true, note: 'large' },
]

export const arrangements = {
  hstack: joins(ops.hstack, 1),
  vstack: joins(ops.vstack, 0),
  dstack: joins(ops.dstack, 2),
  columnStack: joins(ops.columnStack, 1),
  broadcastTensors: movement([
    { x: [normal(3, 1), normal(4)] },
    { x: [normal(3, 1), normal(4)], f: (...x) => ops.broadcastTensors(x), note: 'a list' },
    { x: [normal(), normal(2), normal(2, 1, 2)] },
    { x: [normal(1), normal(0, 1)] },
    { x: [normal(2, 1, 3, 1, 2), normal(4, 1, 1, 2)] },
    { x: [ints(0, 9, 3), bools(3, 1)] },
    { x: [normal(7, 1), normal(20_001)], forward: true, note: 'large' },
  ]),
  tensorSplit: movement([
    { x: [normal(7)], f: (x) => ops.tensorSplit(x, 3) },
    { x: [normal(2, 6)], f: (x) => ops.tensorSplit(x, 4, 1) },
    { x: [normal(2)], f: (x) => ops.tensorSplit(x, 3), note: 'more pieces than elements' },
    { x: [normal(2, 7)], f: (x) => ops.tensorSplit(x, [1, 4], -1) },
    { x: [normal(7)], f: (x) => ops.tensorSplit(x, [-3, 99]), note: 'from the end, beyond it' },
    { x: [normal(7)], f: (x) => ops.tensorSplit(x, [5, 2]), note: 'backwards: pieces overlap' },
    { x: [normal(5)], f: (x) => ops.tensorSplit(x, []) },
    { x: [normal(1)], f: (x) => ops.tensorSplit(x, 1) },
    { x: [normal(0, 2)], f: (x) => ops.tensorSplit(x, 2) },
    { x: [normal(2, 3, 2, 5, 3)], f: (x) => ops.tensorSplit(x, [2], 3) },
    { x: [ints(0, 9, 5)], f: (x) => ops.tensorSplit(x, 2) },
    { x: [normal(70_001)], f: (x) => ops.tensorSplit(x, 3), forward: true, note: 'large' },
  ]),
  diagEmbed: movement([
    { x: [normal(3)] },
    { x: [normal(2, 3)], f: (x) => ops.diagEmbed(x, { offset: 1 }) },
    { x: [normal(2, 3)], f: (x) => ops.diagEmbed(x, { offset: -2, dim1: 0, dim2: 2 }) },
    { x: [normal(2, 3)], f: (x) => ops.diagEmbed(x, { offset: 1, dim1: 2, dim2: 0 }), note: 'axes swapped' },
    { x: [normal(1)], f: (x) => ops.diagEmbed(x, { offset: 1 }) },
    { x: [normal(0)], f: (x) => ops.diagEmbed(x, { offset: 2 }) },
    { x: [normal(2, 1, 2, 1, 3)], f: (x) => ops.diagEmbed(x, { dim1: 1, dim2: -2 }) },
    { x: [ints(0, 9, 4)] },
    { x: [bools(2, 2)] },
    { x: [normal(300)], forward: true, note: 'large' },
  ]),
  fliplr: movement([{ x: [normal(2, 3, 4)] }, ...turned((x) => ops.fliplr(x))]),
  flipud: movement([{ x: [normal(7)] }, ...turned((x) => ops.flipud(x))]),
  rot90: movement([
    { x: [normal(2, 3, 4)] },
    ...[-1, 0, 2, 3, 5].map((k): Case => ({ x: [normal(2, 3)], f: (x) => ops.rot90(x, k), note: `k ${k}` })),
    { x: [normal(2, 3, 4)], f: (x) => ops.rot90(x, 1, [-1, 0]) },
    { x: [normal(2, 3, 4)], f: (x) => ops.rot90(x, 3, [1, 2]) },
    ...turned((x) => ops.rot90(x)),
  ]),
} satisfies Partial<Record<OpName, Row>>

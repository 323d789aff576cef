/**
 * @file A puzzle by gradient descent: eight queens that do not attack each other. Where a queen stands is a choice, and
 * a choice has no derivative; a softmax over the eight places of a row has one. What the rules forbid becomes a penalty
 * that is 0 for a solution, and the descent does the rest, from many beginnings at once.
 *
 *   npx tsx examples/questions/puzzle.ts [--device webgpu]
 */
import { type Device, optim, randn, scope, stack, type Tensor, tensor } from 'handgrad'
import { program } from '../run.ts'

/** Which squares lie on a line that takes at most one queen: columns and both kinds of diagonals, [lines, n·n]. */
function attackLines(n: number, device: Device): Tensor {
  const squares = Array.from({ length: n * n }, (_, i) => [Math.floor(i / n), i % n])
  const rows: number[][] = []
  for (let d = 1 - n; d < 2 * n; d++) {
    if (d >= 0 && d < n) rows.push(squares.map(([, column]) => Number(column === d)))
    rows.push(squares.map(([row, column]) => Number(row - column === d)))
    rows.push(squares.map(([row, column]) => Number(row + column === d)))
  }
  return tensor(
    rows.filter((line) => line.includes(1)),
    { device },
  )
}

/** Pairs of queens that attack each other; queens[row] is the column. */
const attacks = (queens: readonly number[]): number =>
  queens.flatMap((a, i) => queens.filter((b, j) => j > i && (a === b || Math.abs(a - b) === j - i))).length

export const main = program(
  import.meta.url,
  'Eight queens by gradient descent on softmaxes.',
  { steps: [200, 'of Adam'], n: [8, 'queens'], boards: [128, 'beginnings, side by side'] },
  async ({ device, steps, n, boards, progress, show }) => {
    const onLine = attackLines(n, device).t() // [n·n, lines]
    const logits = randn([boards, n, n], { device }).requiresGrad_()
    const adam = new optim.Adam([logits], { lr: 0.1 })
    const curve: number[][] = []
    for (let step = 1; step <= steps; step++) {
      const attacked = scope(() => {
        adam.zeroGrad()
        const p = logits.softmax(2) // a queen in each row: p ≥ 0, Σ p = 1
        const queens = p.reshape(boards, n * n)
        // Σ over lines of (Σᵢ pᵢ)² − Σᵢ pᵢ² = 2 Σ_{i<j} pᵢpⱼ: twice the expected pairs that attack each other
        const pairs = queens.matmul(onLine).square().sum(1).sub(queens.square().matmul(onLine).sum(1)).div(2)
        // 1 − Σ p² of a row is 0 only where p is 0 or 1: it weighs more and more, until every queen has decided.
        const undecided = p.square().sum(2).neg().add(1).sum(1)
        const loss = pairs.add(undecided.mul(step / steps)).sum()
        loss.backward()
        adam.step()
        return stack([pairs.mean(), pairs.min()]).detach()
      })
      curve.push((await attacked.array()) as number[])
      progress(step, steps, `${curve[step - 1][0].toFixed(2)} attacks`)
    }
    const found = (await logits.argmax(2).array()) as number[][]
    const solutions = found.filter((queens) => attacks(queens) === 0)
    const different = new Set(solutions.map(String)).size
    console.log(`${solutions.length} of ${boards} boards are solutions, ${different} different ones`)
    for (const queen of solutions[0] ?? [])
      console.log(Array.from({ length: n }, (_, c) => (c === queen ? '♛' : '·')).join(' '))
    const title = `${n} queens: pairs that attack each other`
    const lines = ['mean of boards', 'best board'].map((name, i) => ({ name, y: curve.map((both) => both[i]) }))
    const svg = show({ title, xLabel: 'step', yLabel: 'expected pairs', lines })
    return { solutions, different, boards, curve, svg }
  },
)

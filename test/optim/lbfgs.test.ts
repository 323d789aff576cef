/** @file L-BFGS beside its values: state, what its closure may give, errors, memory. Values: reference.test.ts. */
import { expect, test } from 'vitest'
import { memory, ones, optim, tensor } from '../../src/index.ts'
import { lbfgs, lbfgsOn } from '../support/optimreference.ts'

const [first] = lbfgs
const on = { dtype: 'float64' } as const

test('goes on from a state that went through JSON, bit for bit', async () => {
  const [from, to] = [lbfgsOn({ ...first, options: { ...first.options, maxIter: 3 } }, on), lbfgsOn(first, on)]
  await from.own.step(from.closure)
  const state = JSON.parse(JSON.stringify(from.own.stateDict()))
  expect(Object.keys(state.state[0])).toEqual([
    ...['func_evals', 'n_iter', 'd', 't', 'old_dirs', 'old_stps', 'ro', 'H_diag', 'prev_flat_grad', 'prev_loss'],
  ])
  expect(state.param_groups).toEqual([
    {
      lr: 1,
      max_iter: 3,
      max_eval: 3,
      tolerance_grad: 1e-7,
      tolerance_change: 1e-9,
      history_size: 100,
      line_search_fn: 'strong_wolfe',
      params: [0, 1],
    },
  ])
  to.own.loadStateDict(state)
  for (const [i, p] of to.params.entries()) p.detach().copy_(from.params[i].detach())
  expect(to.own.groups[0]).toMatchObject({ maxIter: 3, lineSearchFn: 'strongWolfe' })
  expect(await to.own.step(to.closure)).toBe(await from.own.step(from.closure))
  expect(to.own.stateDict()).toEqual(from.own.stateDict())
})

test('reaches the minimum of Rosenbrock, and stays there', async () => {
  const { own, params, closure } = lbfgsOn(first, on)
  for (let i = 0; i < 5; i++) await own.step(closure)
  const [xy, z] = await Promise.all(params.map((p) => p.data()))
  for (const [x, want] of [...[...xy].map((x) => [x, 1]), ...[...z].map((x) => [x, 0])]) expect(x).toBeCloseTo(want, 4)
  expect(await own.step(closure)).toBeLessThan(1e-10)
})

test('memory is flat', async () => {
  const { own, closure } = lbfgsOn(first, on)
  await own.step(closure)
  const before = memory()
  for (let i = 0; i < 3; i++) await own.step(closure)
  expect(memory()).toEqual(before)
})

test('a parameter without a gradient stays, and an error leaves the parameters where the last iteration did', async () => {
  const [w, still] = [tensor([3, 4], { requiresGrad: true }), ones([2], { requiresGrad: true })]
  const own = new optim.LBFGS([w, still], { lineSearchFn: 'strongWolfe' })
  let calls = 0
  const closure = () => {
    if (++calls === 2) throw new Error('mine')
    own.zeroGrad()
    const loss = w.square().sum()
    loss.backward()
    return loss
  }
  await expect(own.step(closure)).rejects.toThrow('mine')
  expect(await w.array()).toEqual([3, 4])
  expect(await own.step(closure)).toBe(25)
  expect([await w.array(), await still.array()]).toEqual([
    [0, 0],
    [1, 1],
  ])
})

test('bad input', async () => {
  const w = ones([2], { requiresGrad: true })
  const made = (options: object) => () => new optim.LBFGS([w], options)
  for (const [options, said] of [
    [{ lineSearchFn: 'wolfe' }, "lineSearchFn is 'wolfe' (give null or 'strongWolfe')"],
    [{ maxIter: 1.5 }, 'maxIter is 1.5 (give a whole number from 0 up)'],
    [{ maxIter: 0 }, 'maxIter is 0 (give a whole number from 1 up)'],
    [{ historySize: 0 }, 'historySize is 0 (give a whole number from 1 up)'],
    [
      { max_iter: 3 },
      'there is no option max_iter (did you mean maxIter? it takes { lr, maxIter, maxEval, toleranceGrad, ' +
        'toleranceChange, historySize, lineSearchFn })',
    ],
  ] as const)
    expect(made(options)).toThrow(`LBFGS: ${said}`)
  // @ts-expect-error the type takes no groups
  expect(() => new optim.LBFGS([{ params: [w] }, { params: [ones([1], { requiresGrad: true })] }])).toThrow(
    'LBFGS: there are 2 groups (give one list of parameters)',
  )
  const own = new optim.LBFGS([w])
  const refused = async (closure: unknown, said: string) =>
    expect(own.step(closure as () => ReturnType<typeof ones>)).rejects.toThrow(`LBFGS: ${said}`)
  await refused(undefined, 'the closure is undefined (give () => {')
  await refused(() => undefined, 'the closure gave undefined (return the loss)')
  await refused(() => w.mul(NaN).sum(), 'the loss is NaN (try a smaller lr')
  await expect(
    // @ts-expect-error a promise of the loss
    own.step(async () => w.sum()),
  ).rejects.toThrow(/promise/)
  const running = own.step(() => w.sum())
  await refused(() => w.sum(), 'a step is under way (await it)')
  await running

  const state = own.stateDict()
  const load =
    (own_: object, options: object = {}) =>
    () => {
      const [group] = state.param_groups
      own.loadStateDict({ state: { 0: { ...state.state[0]!, ...own_ } }, param_groups: [{ ...group, ...options }] })
    }
  expect(load({ d: [1], t: '1', old_dirs: [[1, 2, 3]], ro: 5 }, { lr: -1 })).toThrow(
    'loadStateDict: lr is -1 (give a number from 0 up); 0.old_dirs[0] is of 3 numbers (give a list of 2); ' +
      '0.old_dirs has 1 vectors, old_stps 0; 0.ro is 5 (give a list of 1); 0.d is of 1 numbers (give a list of 2); ' +
      "0.t is '1', not a number",
  )
  expect(own.stateDict()).toEqual(state)
})

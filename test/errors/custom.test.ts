/** @file What definitions of a user's own ops and kernels, and their launches, refuse, and by which text. */
import { describe } from 'vitest'
import { type Custom, copy, gone, kernel, plus, type Rows, v3, w, x } from '../support/operands.ts'
import { type Any, refuse, loose as untyped } from '../support/refusals.ts'

const { customGrad, defineKernel, defineOp, getDefaultDevice, launch, onCall, tap } = untyped

/** a·b with rules that read more than is saved, as JavaScript lets them. */
const careless = defineOp({
  name: 'careless',
  inputs: ['a', 'b'],
  dtypes: ['float32'],
  shape: ([a]: Any) => ({ shape: a.shape }),
  launch: () => {},
  saves: { a: ['a'] },
  vjp: { a: ({ g, b }: Any) => g.mul(b), b: ({ g, y }: Any) => g.mul(y) },
})

const refusals = {
  customGrad: [
    [() => customGrad(5, 6), 'customGrad: f is 5, vjp 6 (give two functions)'],
    [
      () =>
        customGrad(
          (a: Any) => a,
          (g: Any) => [g],
        )(5),
      'customGrad: input 0 is 5, not a tensor (make it with tensor(…))',
    ],
    [
      () =>
        customGrad(
          () => 5,
          (g: Any) => [g],
        )(x),
      'customGrad: the result of f is 5, not a tensor (make it with tensor(…))',
    ],
    [
      () =>
        customGrad(
          (a: Any) => a.mul(2),
          (g: Any) => g,
        )(w)
          .sum()
          .backward(),
      'customGrad: its gradient rule gave a Tensor, not a list of 1 (null stands for none)',
    ],
    [
      () =>
        customGrad(
          (a: Any) => a.mul(2),
          () => [v3],
          'twice',
        )(w)
          .sum()
          .backward(),
      'twice: what its gradient rule gave for input 0 is [3], the input [2, 2] (they must have one shape)',
    ],
    [
      () =>
        customGrad(
          (a: Any) => a.mul(2),
          (g: Any) => [g],
        )(gone),
      'customGrad: tensor #n [2] was disposed (return it from scope(), or keep(x) it)',
    ],
  ],
  defineKernel: [
    [() => defineKernel({ wgsl: 5, cpu: () => {} }), 'defineKernel: wgsl is 5 (give the text of the shader)'],
    [() => defineKernel({ wgsl: kernel(), cpu: null }), 'defineKernel: cpu is null (give the CPU twin, a function)'],
    [
      () => defineKernel({ wgsl: kernel(), cpu: () => {}, plan: { element: { dispatch: () => [] } } }),
      'defineKernel: the plan of plus has no variants (give { variants: { name: { dispatch } } })',
    ],
    [
      () => defineKernel({ wgsl: kernel({ header: '// nothing' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no header line `// kernel: name` (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ params: 'struct Q { size: u32 }' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no `struct Params` (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ params: 'struct Params { size: u32, at: vec3<f32> }' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: params field at is vec3<f32>, not a 32-bit scalar or vec4 of them (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ uniform: '@group(0) @binding(0) var<uniform> q: Params;' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no `@group(0) @binding(0) var<uniform> p: Params;` (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ y: '', x: '' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no storage binding (shaders/README.md has the rules)',
    ],
    [
      () =>
        defineKernel({ wgsl: kernel({ x: '@group(0) @binding(3) var<storage, read> x: array<f32>;' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: storage bindings are not numbered 1, 2, 3 … (shaders/README.md has the rules)',
    ],
    [
      () =>
        defineKernel({
          wgsl: kernel({
            x: '@group(0) @binding(2) var<storage, read_write> status: array<u32>;\n@group(0) @binding(3) var<storage, read> x: array<f32>;',
          }),
          cpu: () => {},
        }),
      'defineKernel: inline.wgsl: storage bindings are not numbered 1, 2, 3 … (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ entry: 'fn main' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: no @compute entry point (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ header: '// kernel: plus\n// uses: nothing' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: uses nothing, which shaders/lib lacks (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ header: '// kernel: plus\n// consts: apply_exp' }), cpu: () => {} }),
      'defineKernel: inline.wgsl: consts of apply_exp, which it does not use (shaders/README.md has the rules)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ params: 'struct Params { count: u32 }' }), cpu: () => {} }),
      'defineKernel: plus has 1 entry points, params count (give a plan, or one entry point and a param `size`)',
    ],
    [
      () => defineKernel({ wgsl: kernel({ entry: '@compute @workgroup_size(8, 8) fn main' }), cpu: () => {} }),
      'defineKernel: plus has workgroups of several dims (give a plan)',
    ],
  ],
  tap: [
    [() => tap({}, {}), "tap: an object is not a device (give await device('auto'))"],
    [
      () => tap(getDefaultDevice(), { launch: () => {} }),
      'tap: a device has no launch to stand before (one of run, alloc, free, write, read)',
    ],
    [() => tap(getDefaultDevice(), { run: 1 }), 'tap: run is 1 (give a function)'],
  ],
  onCall: [[() => onCall('add'), "onCall: the listener is 'add' (give a function)"]],
  defineOp: [
    [
      () => careless([w, x], {}).sum().backward(),
      "backward: a rule of careless reads b, which was not saved (add 'b' to its saves)",
    ],
    [
      () => careless([x, w], {}).sum().backward(),
      "backward: a rule of careless reads y, which was not saved (add 'y' to its saves)",
    ],
    [
      () => defineOp({ name: 'double', inputs: ['x'], dtypes: ['float32'], shape: ([a]: Any) => a }),
      "defineOp: double has no gradient rule for x (give one, or vjp: 'none')",
    ],
    [
      () =>
        defineOp({
          name: 'join',
          inputs: 'list',
          dtypes: ['float32'],
          shape: ([a]: Any) => a,
          vjp: { all: () => ({}) },
        }),
      "defineOp: join has no gradient rule for list (give one, or vjp: 'none')",
    ],
    [
      () =>
        defineOp({
          name: 'plus',
          inputs: ['a', 'b?'],
          dtypes: ['float32'],
          shape: ([a]: Any) => a,
          vjp: { a: () => x },
        }),
      "defineOp: plus has no gradient rule for b (give one, or vjp: 'none')",
    ],
    [
      () =>
        defineOp({ name: 'double', inputs: ['x'], dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })(
          [x, x],
          {},
        ),
      'double: 2 inputs were given (it takes x)',
    ],
    [
      () =>
        defineOp({ name: 'plus', inputs: ['a', 'b'], dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })(
          [x],
          {},
        ),
      'plus: b is missing',
    ],
    [
      () =>
        defineOp({ name: 'plus', inputs: ['a', 'b?'], dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })(
          [],
          {},
        ),
      'plus: a is missing',
    ],
    [
      () =>
        defineOp({ name: 'join', inputs: 'list', dtypes: ['float32'], shape: ([a]: Any) => a, vjp: 'none' })([], {}),
      'join: 0 inputs were given (it takes a list)',
    ],
    [
      () =>
        defineOp({
          name: 'wrong',
          inputs: ['x'],
          dtypes: ['float32'],
          shape: ([a]: Any) => a,
          view: (v: Any) => v,
          vjp: { x: () => v3 },
        })([w], {})
          .sum()
          .backward(),
      'wrong: what its gradient rule gave for x is [3], the input [2, 2] (they must have one shape)',
    ],
  ],
  launch: [
    [
      () => launch('mine', plus, [x, gone], { size: 4 }),
      'tensor: tensor #n [2] was disposed (return it from scope(), or keep(x) it)',
    ],
    [() => launch('mine', plus, [copy, x], {}), 'mine: param size of kernel plus is missing'],
  ],
} satisfies Rows<Custom>

describe('functions', () => {
  for (const [name, cases] of Object.entries(refusals)) describe(name, () => refuse(cases))
})

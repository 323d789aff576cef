/**
 * @file A fused kernel as small as can be: y = SECOND(FIRST(a, b), b) by any two op codes, in one module that includes
 * the three apply_ libs whole. It shows that eager and fused kernels can share one text of the mathematics.
 */
import type { Kernel } from '../../src/core/kernel.ts'
import { parseShader } from '../../src/core/wgsl.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'

const text = `
// kernel: fused
// uses: index bits scale wide special elementary apply apply_arithmetic apply_exp apply_angle
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
@group(0) @binding(3) var<storage, read> b: array<u32>;
override FIRST: u32 = 0u;
override SECOND: u32 = 0u;

fn apply(op: u32, x: u32, y: u32, z: u32) -> u32 {
  switch op / CODES_PER_LIB {
    case 0u: { return apply_arithmetic(op, x, y, z); }
    case 1u: { return apply_exp(op, x, y, z); }
    default: { return apply_angle(op, x, y, z); }
  }
}

@compute @workgroup_size(LANES)
fn fused(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  var value = a[e];
  for (var step = 0u; step < 2u; step++) { value = apply(select(SECOND, FIRST, step == 0u), value, b[e], 0u); }
  y[e] = value;
}`

const libs = wgsl.pointwise.flatMap((module) => module.libs)
const byName = Object.fromEntries(libs.map((lib) => [lib.file.replace(/^.*\/|\.wgsl$/g, ''), lib]))
const { modules, ...contract } = parseShader([{ file: 'fused.wgsl', text }], byName)

/** The module, for compilers that are tried without a device of ours. */
export const fusedModule = modules[0]

export const fused: Kernel = {
  ...contract,
  cpu: () => {},
  code: {
    modules,
    plan: { variants: { element: { dispatch: ({ size }) => ({ entry: 'fused', groups: Math.ceil(size / 256) }) } } },
  },
}
